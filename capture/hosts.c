#include "capture/hosts.h"

/* More addresses than this behind a MAC, and no claim to any: they are those of others. */
enum { IPV4_OWN_MOST = 4, IPV6_OWN_MOST = 8 };

/* The addresses of a capture point. */
struct addresses {
	const struct capture_tally_entry *entries;
	size_t count;
};

static struct capture_host_family *family_of(struct capture_host *host, const struct capture_tally_entry *entry)
{
	return entry->key.family == FLOW_IPV4 ? &host->ipv4 : &host->ipv6;
}

static bool has_mac(const struct capture_tally_entry *entry, const uint8_t mac[static 6])
{
	return memcmp(entry->key.mac, mac, sizeof(entry->key.mac)) == 0;
}

/* Loopback devices have frames with MACs of zeros, which are no station's. */
static bool is_zero(const struct capture_tally_entry *entry)
{
	static const uint8_t zero[6];

	return has_mac(entry, zero);
}

/* How often it was at either end. */
static uint64_t touched(const struct capture_tally_entry *entry)
{
	return entry->counts[SURVEY_SENT] + entry->counts[SURVEY_RECEIVED];
}

/* How often the capture's word put it at this end. */
static uint64_t at_this_end(const struct capture_tally_entry *entry)
{
	return entry->counts[SURVEY_OUT] + entry->counts[SURVEY_IN];
}

static bool is_nearly_all(uint64_t part, uint64_t whole)
{
	return whole > 0 && part >= whole - whole / 10;
}

/* ---- the addresses of one interface ---- */

/* Used both ways goes before used much: what only sends may be made up, what only receives may not exist. */
static bool is_before(const struct capture_tally_entry *a, const struct capture_tally_entry *b)
{
	uint64_t a_sent = a->counts[SURVEY_SENT], a_received = a->counts[SURVEY_RECEIVED];
	uint64_t b_sent = b->counts[SURVEY_SENT], b_received = b->counts[SURVEY_RECEIVED];
	uint64_t a_both = a_sent < a_received ? a_sent : a_received;
	uint64_t b_both = b_sent < b_received ? b_sent : b_received;

	return a_both != b_both ? a_both > b_both : touched(a) > touched(b);
}

/* Puts an entry in its place in a list of `count` entries, which keeps the best `room`. Returns the new count. */
static size_t rank(const struct capture_tally_entry **list, size_t count, size_t room,
		   const struct capture_tally_entry *entry)
{
	size_t at = count;

	while (at > 0 && is_before(entry, list[at - 1])) {
		if (at < room)
			list[at] = list[at - 1];
		at--;
	}
	if (at < room)
		list[at] = entry;
	return count < room ? count + 1 : count;
}

static void add_own(struct capture_host_family *family, const struct capture_tally_entry *entry)
{
	if (family->own_count == CAPTURE_HOST_ADDRESSES_MOST)
		family->own_more++;
	family->own_count = rank(family->own, family->own_count, CAPTURE_HOST_ADDRESSES_MOST, entry);
}

static void add_other(struct capture_host_family *family, const struct capture_tally_entry *entry)
{
	size_t held = family->others < CAPTURE_HOST_OTHERS_MOST ? family->others : CAPTURE_HOST_OTHERS_MOST;

	rank(family->some_others, held, CAPTURE_HOST_OTHERS_MOST, entry);
	family->others++;
}

/* Nothing says that they are its own, and they are too many. */
static void disown(struct capture_host_family *family, size_t most)
{
	size_t count = family->own_count + family->own_more;

	if (family->claimed || count <= most)
		return;
	memcpy(family->some_others, family->own, sizeof(family->some_others));
	family->others += count;
	family->own_count = family->own_more = 0;
}

/* The addresses behind a MAC: those it claims; of a family where it claims none, those it sends from; where it sends
 * from none, those that it was sent to. */
static void find_addresses(struct capture_host *host, const struct addresses *addresses)
{
	bool sends[2] = { false, false };

	for (size_t i = 0; i < addresses->count; i++) {
		const struct capture_tally_entry *entry = &addresses->entries[i];

		if (!has_mac(entry, host->mac))
			continue;
		family_of(host, entry)->claimed |= entry->counts[SURVEY_CLAIMED] > 0;
		sends[entry->key.family == FLOW_IPV6] |= entry->counts[SURVEY_SENT] > 0;
	}
	for (size_t i = 0; i < addresses->count; i++) {
		const struct capture_tally_entry *entry = &addresses->entries[i];
		struct capture_host_family *family = family_of(host, entry);
		bool sent = entry->counts[SURVEY_SENT] > 0;

		if (!has_mac(entry, host->mac))
			continue;
		if (family->claimed ? entry->counts[SURVEY_CLAIMED] > 0
				    : sent || !sends[entry->key.family == FLOW_IPV6])
			add_own(family, entry);
		else
			add_other(family, entry);
	}
	disown(&host->ipv4, IPV4_OWN_MOST);
	disown(&host->ipv6, IPV6_OWN_MOST);
}

static void add_mac(struct capture_hosts *hosts, const struct capture_tally_entry *mac,
		    const struct addresses *addresses)
{
	struct capture_host *host = &hosts->items[hosts->count++];

	host->has_mac = true;
	memcpy(host->mac, mac->key.mac, sizeof(host->mac));
	host->frames = touched(mac);
	find_addresses(host, addresses);
}

/* ---- with MACs ---- */

static size_t others_behind(const struct capture_host *host)
{
	return host->ipv4.others + host->ipv6.others;
}

/* 10/8, 172.16/12, 192.168/16, 100.64/10. */
static bool is_private(const struct flow_address *ipv4)
{
	const uint8_t *octets = ipv4->octets;

	return octets[0] == 10 || (octets[0] == 172 && octets[1] >> 4 == 1) || (octets[0] == 192 && octets[1] == 168) ||
	       (octets[0] == 100 && octets[1] >> 6 == 1);
}

/* Are its IPv4 addresses all private? One that then talks to a public address does so through a router. */
static bool is_all_private(const struct capture_host *host)
{
	for (size_t i = 0; i < host->ipv4.own_count; i++)
		if (!is_private(&host->ipv4.own[i]->key.address))
			return false;
	return host->ipv4.own_count > 0;
}

/* Two MACs are at the ends of nearly all frames: which is meant? Its item comes first. */
static enum capture_hosts_by choose(struct capture_hosts *hosts, const struct capture_tally_entry *const macs[static 2])
{
	uint64_t near[2], others[2], behind[2];
	enum capture_hosts_by by = HOSTS_MAC_BY_ADDRESSES;
	bool second, hidden[2];

	for (size_t i = 0; i < 2; i++) {
		near[i] = at_this_end(macs[i]);
		others[i] = others_behind(&hosts->items[i]);
		behind[i] = macs[i]->counts[SURVEY_BEHIND];
		hidden[i] = is_all_private(&hosts->items[i]);
	}
	if (near[0] > 9 * near[1] || near[1] > 9 * near[0]) {
		by = HOSTS_MAC_BY_WORD;
		second = near[1] > near[0];
	} else if (others[0] != others[1]) {
		second = others[1] < others[0];
	} else if (hidden[0] != hidden[1] && hosts->items[0].ipv4.own_count > 0 && hosts->items[1].ipv4.own_count > 0) {
		second = hidden[1];
	} else if (behind[0] != behind[1] && behind[0] + behind[1] > 1) {
		second = behind[1] < behind[0];
	} else {
		return HOSTS_EITHER_MAC;
	}
	if (second) {
		struct capture_host first = hosts->items[0];

		hosts->items[0] = hosts->items[1];
		hosts->items[1] = first;
	}
	return by;
}

/* Those that addresses stand behind; where the capture tells both directions, only at this end. */
static void find_several(struct capture_hosts *hosts, const struct capture_survey_point *point,
			 const struct capture_tally_entry *macs, size_t count, const struct addresses *addresses)
{
	bool word = point->words[FLOW_INGRESS] > 0 && point->words[FLOW_EGRESS] > 0;

	for (size_t i = 0; i < count; i++) {
		const struct capture_tally_entry *mac = &macs[i];

		if (is_zero(mac) || mac->counts[SURVEY_BEHIND] == 0 || (word && 2 * at_this_end(mac) <= touched(mac)))
			continue;
		if (hosts->count < CAPTURE_HOSTS_MOST)
			add_mac(hosts, mac, addresses);
		else
			hosts->more++;
	}
	if (hosts->count > 0)
		hosts->by = HOSTS_SEVERAL_MACS;
}

static void find_by_macs(struct capture_hosts *hosts, const struct capture_survey *survey,
			 const struct capture_survey_point *point, const struct addresses *addresses)
{
	const struct capture_tally_entry *everywhere[2];
	size_t count, found = 0;
	const struct capture_tally_entry *macs = capture_survey_entries(survey, SURVEY_MACS, point->point->number,
									&count);

	for (size_t i = 0; i < count && found < 2; i++)
		if (!is_zero(&macs[i]) && is_nearly_all(touched(&macs[i]), point->unicast))
			everywhere[found++] = &macs[i];
	for (size_t i = 0; i < found; i++)
		add_mac(hosts, everywhere[i], addresses);
	if (found == 2)
		hosts->by = choose(hosts, everywhere);
	else if (found == 1)
		hosts->by = HOSTS_ONE_MAC;
	else
		find_several(hosts, point, macs, count, addresses);
	if (hosts->by == HOSTS_MAC_BY_WORD)
		hosts->count = 1;
}

/* ---- without MACs ---- */

/* The addresses at this end of nearly all their packets: a router has those of others at either end. */
static void find_by_word(struct capture_hosts *hosts, const struct addresses *addresses)
{
	struct capture_host *host = &hosts->items[0];

	for (size_t i = 0; i < addresses->count; i++) {
		const struct capture_tally_entry *entry = &addresses->entries[i];
		bool claimed = entry->counts[SURVEY_CLAIMED] > 0;

		if (!is_zero(entry) || (!claimed && !is_nearly_all(at_this_end(entry), touched(entry))))
			continue;
		family_of(host, entry)->claimed |= claimed;
		add_own(family_of(host, entry), entry);
		host->frames += touched(entry);
		hosts->by = HOSTS_ADDRESS_BY_WORD;
		hosts->count = 1;
	}
}

/* The one or two addresses of a family that nearly all of its packets are from or to. */
static void find_everywhere(struct capture_hosts *hosts, const struct capture_survey_point *point,
			    const struct addresses *addresses, enum flow_family family)
{
	uint64_t packets = family == FLOW_IPV4 ? point->ipv4 : point->ipv6;
	size_t found = 0;

	for (size_t i = 0; i < addresses->count && found < 2; i++) {
		const struct capture_tally_entry *entry = &addresses->entries[i];

		if (!is_zero(entry) || entry->key.family != family || !is_nearly_all(touched(entry), packets))
			continue;
		add_own(family_of(&hosts->items[found], entry), entry);
		hosts->items[found++].frames += touched(entry);
	}
	if (found > hosts->count)
		hosts->count = found;
}

void capture_hosts_find(struct capture_hosts *hosts, const struct capture_survey *survey,
			const struct capture_survey_point *point)
{
	struct addresses addresses;

	*hosts = (struct capture_hosts){ .by = HOSTS_UNKNOWN };
	addresses.entries = capture_survey_entries(survey, SURVEY_ADDRESSES, point->point->number, &addresses.count);
	find_by_macs(hosts, survey, point, &addresses);
	if (hosts->count == 0)
		find_by_word(hosts, &addresses);
	if (hosts->count > 0)
		return;
	find_everywhere(hosts, point, &addresses, FLOW_IPV4);
	find_everywhere(hosts, point, &addresses, FLOW_IPV6);
	if (hosts->count > 0)
		hosts->by = hosts->count == 1 ? HOSTS_ONE_ADDRESS : HOSTS_EITHER_ADDRESS;
}
