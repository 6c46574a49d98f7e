#include "flow/candidates.h"

#include <stdlib.h>

#include "flow/lookup.h"

/* How an interface sees a packet, or-ed. */
enum {
	SENT = 1,
	RECEIVED = 2,
	HEARD = 4, /* a group frame: received, unless it was sent */
	TAKEN = 8, /* whatever the packet: by an interface that has neither MAC nor address */
};

/* What an interface is found under. */
enum by {
	BY_VNI_ALONE = 1,   /* it takes everything */
	BY_GROUP,           /* every interface, by frames to a group */
	BY_MAC,             /* by frames with MACs */
	BY_ADDRESS,         /* it has no MAC: by all frames */
	BY_ADDRESS_FOR_MAC, /* it has: by frames without MACs */
	BY_END
};

/* What frames without and with MACs ask for, but for the group: bits 1 << enum by. */
static const unsigned asked[2] = {
	1U << BY_VNI_ALONE | 1U << BY_ADDRESS | 1U << BY_ADDRESS_FOR_MAC,
	1U << BY_VNI_ALONE | 1U << BY_ADDRESS | 1U << BY_MAC,
};

struct flow_candidates {
	size_t users;
	uint32_t *numbers;
	size_t count;
	const struct flow_interface *only; /* the interface, where there is but one: it is looked at, not for */
	struct flow_lookup *lookup;        /* the others, by their numbers plus 1 */
	unsigned kinds[2];                 /* of interfaces without and with a VNI: bits 1 << enum by */
	/* Of packets without and with a VNI, in frames without and with MACs: the one kind of key that they ask for; 0:
	 * several kinds, or not for both ends. */
	enum by only_by[2][2];
};

static bool takes_everything(const struct flow_interface *interface)
{
	return !interface->has_mac && interface->address_count == 0;
}

/* ---- keys ---- */

/* A MAC as a number, in whatever byte order. */
static uint64_t mac_word(const uint8_t mac[static 6])
{
	uint32_t front;
	uint16_t back;

	memcpy(&front, mac, sizeof(front));
	memcpy(&back, mac + sizeof(front), sizeof(back));
	return (uint64_t)back << 32 | front;
}

/* The space of a key: of a VNI or of none, then of the kind of key and the family of addresses. */
static const uint64_t no_vni = 0;

static uint64_t vni_space(uint32_t vni)
{
	return (uint64_t)vni << 32 | 1U << 16;
}

static struct flow_lookup_key bare_key(uint64_t space, enum by by)
{
	return (struct flow_lookup_key){ .space = space | by };
}

static struct flow_lookup_key mac_key(uint64_t space, const uint8_t mac[static 6])
{
	return (struct flow_lookup_key){ { mac_word(mac), 0 }, space | BY_MAC };
}

static struct flow_lookup_key address_key(uint64_t space, enum by by, uint8_t family,
					  const struct flow_address *address)
{
	return flow_lookup_address_key(address, space | (unsigned)family << 8 | by);
}

/* ---- making ---- */

static unsigned kinds_of(const struct flow_interface *interface)
{
	unsigned kinds = 1U << BY_GROUP;

	if (takes_everything(interface))
		kinds |= 1U << BY_VNI_ALONE;
	if (interface->has_mac)
		kinds |= 1U << BY_MAC;
	if (interface->address_count > 0)
		kinds |= 1U << (interface->has_mac ? BY_ADDRESS_FOR_MAC : BY_ADDRESS);
	return kinds;
}

static int add_addresses(struct flow_lookup *lookup, const struct flow_interface *interface, enum by by, uint64_t space,
			 uint32_t number, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < interface->address_count; i++) {
		const struct flow_host *host = &interface->addresses[i];
		struct flow_lookup_key key = address_key(space, by, host->family, &host->address);

		ret = flow_lookup_add(lookup, &key, number, err);
	}
	return ret;
}

/* Adds an interface under its keys of one kind. */
static int add_interface(struct flow_lookup *lookup, const struct flow_interface *interface, enum by by,
			 uint32_t number, struct error *err)
{
	uint64_t space = interface->has_vni ? vni_space(interface->vni) : no_vni;
	struct flow_lookup_key key = by == BY_MAC ? mac_key(space, interface->mac) : bare_key(space, by);

	if (by == BY_ADDRESS || by == BY_ADDRESS_FOR_MAC)
		return add_addresses(lookup, interface, by, space, number, err);
	return flow_lookup_add(lookup, &key, number, err);
}

/* Kind by kind: what is asked for together stands together. The last interface first: the lookup turns them round. */
static int add_all(struct flow_candidates *candidates, const struct flow_interfaces *interfaces, struct error *err)
{
	int ret = flow_lookup_new(&candidates->lookup, err);

	for (enum by by = BY_VNI_ALONE; by < BY_END; by++)
		for (size_t i = candidates->count; ret >= 0 && i-- > 0;) {
			uint32_t number = candidates->numbers[i];
			const struct flow_interface *interface = flow_interfaces_at(interfaces, number);

			if (!(kinds_of(interface) & 1U << by))
				continue;
			candidates->kinds[interface->has_vni] |= 1U << by;
			ret = add_interface(candidates->lookup, interface, by, number + 1, err);
		}
	return ret;
}

/* The one kind among `kinds` by which frames ask for both their ends, or 0. */
static enum by only_kind(unsigned kinds, bool has_macs)
{
	for (enum by by = BY_MAC; by < BY_END; by++)
		if ((kinds & asked[has_macs]) == 1U << by)
			return by;
	return 0;
}

/* A packet of a VNI asks for interfaces that name it and for those that name none. */
static void set_only_kinds(struct flow_candidates *candidates)
{
	const unsigned *kinds = candidates->kinds;

	for (int has_macs = 0; has_macs < 2; has_macs++) {
		candidates->only_by[false][has_macs] = only_kind(kinds[false], has_macs);
		if (!kinds[false] || !kinds[true])
			candidates->only_by[true][has_macs] = only_kind(kinds[false] | kinds[true], has_macs);
	}
}

int flow_candidates_new(struct flow_candidates **out, const struct flow_interfaces *interfaces, const uint32_t *numbers,
			size_t count, struct error *err)
{
	struct flow_candidates *candidates = calloc(1, sizeof(*candidates));
	int ret = 0;

	if (!candidates)
		return fail_memory(err, "interfaces");
	candidates->users = 1;
	candidates->numbers = malloc(count * sizeof(*numbers));
	if (!candidates->numbers) {
		free(candidates);
		return fail_memory(err, "interfaces");
	}
	memcpy(candidates->numbers, numbers, count * sizeof(*numbers));
	candidates->count = count;
	if (count == 1)
		candidates->only = flow_interfaces_at(interfaces, numbers[0]);
	else
		ret = add_all(candidates, interfaces, err);
	set_only_kinds(candidates);
	if (ret < 0) {
		flow_candidates_free(candidates);
		return ret;
	}
	*out = candidates;
	return 0;
}

struct flow_candidates *flow_candidates_share(struct flow_candidates *candidates)
{
	candidates->users++;
	return candidates;
}

void flow_candidates_free(struct flow_candidates *candidates)
{
	if (!candidates || --candidates->users > 0)
		return;
	flow_lookup_free(candidates->lookup);
	free(candidates->numbers);
	free(candidates);
}

const uint32_t *flow_candidates_numbers(const struct flow_candidates *candidates, size_t *count)
{
	*count = candidates->count;
	return candidates->numbers;
}

/* ---- matching ---- */

/* Writes how one interface sees the packet, and returns how many of two matches that is. Whether a packet comes or goes
 * cannot be foreseen, so no branch depends on it; nor does one in match_ends(). */
static size_t put(struct flow_match *matches, uint32_t number, unsigned seen, uint8_t word)
{
	uint8_t first = seen & SENT ? FLOW_EGRESS : FLOW_INGRESS;
	bool both = (seen & (SENT | RECEIVED)) == (SENT | RECEIVED);

	matches[0] = (struct flow_match){ number, seen & TAKEN ? word : first };
	matches[1] = (struct flow_match){ number, FLOW_INGRESS };
	return (size_t)(seen != 0) + both;
}

/* What an interface can be by the packet's addresses, where MACs do not tell: the capture's own word goes before them,
 * and nobody is the one receiver of a group frame. */
static unsigned ends_by_address(const struct flow_observation *packet)
{
	unsigned ends = packet->word == FLOW_INGRESS ? 0 : SENT;

	return packet->word == FLOW_EGRESS || packet->group ? ends : ends | RECEIVED;
}

/* Where the capture tells the direction and addresses tell whose packet it is, the only interface has also those that
 * they do not name it in. */
static unsigned seen_by_only(const struct flow_interface *interface, const struct flow_observation *packet)
{
	unsigned ends, seen = packet->group ? HEARD : 0;

	if (takes_everything(interface))
		return TAKEN;
	if (interface->has_mac && packet->has_macs) {
		uint64_t own = mac_word(interface->mac);

		seen |= mac_word(packet->source_mac) == own ? SENT : 0;
		return seen | (mac_word(packet->destination_mac) == own ? RECEIVED : 0);
	}
	if (interface->address_count > 0 && packet->word != FLOW_UNKNOWN)
		return packet->word == FLOW_INGRESS ? RECEIVED : SENT;
	ends = ends_by_address(packet);
	ends &= (flow_interface_owns(interface, packet->family, &packet->source) ? SENT : 0U) |
		(flow_interface_owns(interface, packet->family, &packet->destination) ? RECEIVED : 0U);
	return seen | ends;
}

static size_t match_only(const struct flow_candidates *candidates, const struct flow_observation *packet,
			 struct flow_match *matches)
{
	const struct flow_interface *interface = candidates->only;

	if (interface->has_vni && !(packet->has_vni && packet->vni == interface->vni))
		return 0;
	return put(matches, candidates->numbers[0], seen_by_only(interface, packet), packet->word);
}

/* The interfaces found under one key, ascending, and what that says of each. */
struct found {
	const struct flow_lookup_entry *at;
	unsigned seen;
};

/* All that one packet finds: for its VNI and for none, of each kind both ends at the most. */
struct findings {
	struct found items[2 * 2 * BY_END];
	size_t count;
};

static void find(const struct flow_candidates *candidates, const struct flow_lookup_key *key, unsigned seen,
		 struct findings *findings)
{
	const struct flow_lookup_entry *first = flow_lookup_find(candidates->lookup, key);

	findings->items[findings->count] = (struct found){ first, seen };
	findings->count += first->number != 0;
}

static void find_macs(const struct flow_candidates *candidates, const struct flow_observation *packet, uint64_t space,
		      struct findings *findings)
{
	struct flow_lookup_key source = mac_key(space, packet->source_mac);
	struct flow_lookup_key destination = mac_key(space, packet->destination_mac);

	find(candidates, &source, SENT, findings);
	find(candidates, &destination, RECEIVED, findings);
}

static void find_addresses(const struct flow_candidates *candidates, const struct flow_observation *packet,
			   uint64_t space, enum by by, struct findings *findings)
{
	struct flow_lookup_key source = address_key(space, by, packet->family, &packet->source);
	struct flow_lookup_key destination = address_key(space, by, packet->family, &packet->destination);
	unsigned ends = ends_by_address(packet);

	if (ends & SENT)
		find(candidates, &source, SENT, findings);
	if (ends & RECEIVED)
		find(candidates, &destination, RECEIVED, findings);
}

/* Asks for all of the packet's keys among the interfaces of one VNI, or of none. */
static void find_all(const struct flow_candidates *candidates, const struct flow_observation *packet, bool has_vni,
		     struct findings *findings)
{
	uint64_t space = has_vni ? vni_space(packet->vni) : no_vni;
	unsigned kinds = candidates->kinds[has_vni];
	struct flow_lookup_key everything = bare_key(space, BY_VNI_ALONE), group = bare_key(space, BY_GROUP);

	if (kinds & 1U << BY_VNI_ALONE)
		find(candidates, &everything, TAKEN, findings);
	if (kinds & 1U << BY_GROUP && packet->group)
		find(candidates, &group, HEARD, findings);
	if (kinds & 1U << BY_MAC && packet->has_macs)
		find_macs(candidates, packet, space, findings);
	if (kinds & 1U << BY_ADDRESS)
		find_addresses(candidates, packet, space, BY_ADDRESS, findings);
	if (kinds & 1U << BY_ADDRESS_FOR_MAC && !packet->has_macs)
		find_addresses(candidates, packet, space, BY_ADDRESS_FOR_MAC, findings);
}

/* Plus 1, as in the lookup. */
static uint32_t least_number(const struct findings *findings)
{
	uint32_t least = findings->items[0].at->number;

	for (size_t i = 1; i < findings->count; i++)
		if (findings->items[i].at->number < least)
			least = findings->items[i].at->number;
	return least;
}

/* Goes past that number in all that was found. Returns how its interface sees the packet. */
static unsigned pass(const struct flow_lookup *lookup, struct findings *findings, uint32_t number)
{
	unsigned seen = 0;

	for (size_t i = 0; i < findings->count;) {
		struct found *found = &findings->items[i];

		if (found->at->number == number) {
			seen |= found->seen;
			found->at = flow_lookup_next(lookup, found->at);
		}
		if (found->at->number)
			i++;
		else
			*found = findings->items[--findings->count];
	}
	return seen;
}

/* Any packet: the interfaces under all of its keys, in output order. */
static size_t match_by_all(const struct flow_candidates *candidates, const struct flow_observation *packet,
			   struct flow_match *matches)
{
	struct findings findings;
	size_t count = 0;

	findings.count = 0;
	find_all(candidates, packet, false, &findings);
	if (packet->has_vni)
		find_all(candidates, packet, true, &findings);
	while (findings.count > 0) {
		uint32_t number = least_number(&findings);

		count += put(matches + count, number - 1, pass(candidates->lookup, &findings, number), packet->word);
	}
	return count;
}

/* What most frames come to: one kind of key, and at most one interface at either end. */
static inline size_t match_ends(const struct flow_candidates *candidates, const struct flow_observation *packet,
				const struct flow_lookup_key *source, const struct flow_lookup_key *destination,
				unsigned ends, struct flow_match *matches)
{
	const struct flow_lookup_entry *sender = flow_lookup_find(candidates->lookup, source);
	const struct flow_lookup_entry *receiver = flow_lookup_find(candidates->lookup, destination);
	uint32_t from = (ends & SENT ? sender->number : 0) - 1; /* nobody is the greatest number */
	uint32_t to = (ends & RECEIVED ? receiver->number : 0) - 1;
	bool sender_first = from <= to;

	if (__builtin_expect(sender->next | receiver->next, 0))
		return match_by_all(candidates, packet, matches);
	matches[0] = (struct flow_match){ sender_first ? from : to, (uint8_t)(FLOW_INGRESS + sender_first) };
	matches[1] = (struct flow_match){ sender_first ? to : from, (uint8_t)(FLOW_EGRESS - sender_first) };
	return (size_t)(from != UINT32_MAX) + (to != UINT32_MAX);
}
_Static_assert(FLOW_EGRESS == FLOW_INGRESS + 1, "match_ends() counts on it");

static size_t match_many(const struct flow_candidates *candidates, const struct flow_observation *packet,
			 struct flow_match *matches)
{
	enum by by = packet->group ? 0 : candidates->only_by[packet->has_vni][packet->has_macs];
	uint64_t space = packet->has_vni && candidates->kinds[true] ? vni_space(packet->vni) : no_vni;
	struct flow_lookup_key source, destination;

	if (!by)
		return match_by_all(candidates, packet, matches);
	if (by == BY_MAC) {
		source = mac_key(space, packet->source_mac);
		destination = mac_key(space, packet->destination_mac);
		return match_ends(candidates, packet, &source, &destination, SENT | RECEIVED, matches);
	}
	source = address_key(space, by, packet->family, &packet->source);
	destination = address_key(space, by, packet->family, &packet->destination);
	return match_ends(candidates, packet, &source, &destination, ends_by_address(packet), matches);
}

int64_t flow_candidates_taker(const struct flow_candidates *candidates)
{
	const struct flow_interface *only = candidates->only;

	return only && takes_everything(only) && !only->has_vni ? (int64_t)candidates->numbers[0] : -1;
}

size_t flow_candidates_match(const struct flow_candidates *candidates, const struct flow_observation *packet,
			     struct flow_match *matches)
{
	return candidates->only ? match_only(candidates, packet, matches) : match_many(candidates, packet, matches);
}
