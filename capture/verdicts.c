#include "capture/verdicts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "flow/key.h"

/* ---- drains ---- */

int capture_drain_reserve(struct capture_drain *drain, size_t more, struct error *err)
{
	size_t wanted = drain->room ? drain->room : 1024;
	struct capture_entry *bigger;

	if (more <= drain->room - drain->count)
		return 0;
	while (wanted < drain->count + more)
		wanted *= 2;
	bigger = realloc(drain->entries, wanted * sizeof(*bigger));
	if (!bigger)
		return fail_memory(err, "flows of the kernel");
	drain->entries = bigger;
	drain->room = wanted;
	return 0;
}

int capture_drain_append(struct capture_drain *to, struct capture_drain *from, struct error *err)
{
	int ret = 0;

	if (to->count == 0) { /* nothing need be copied */
		struct capture_drain empty = *to;

		*to = *from;
		*from = empty;
		return 0;
	}
	ret = capture_drain_reserve(to, from->count, err);
	if (ret < 0)
		return ret;
	if (from->count > 0)
		memcpy(to->entries + to->count, from->entries, from->count * sizeof(*to->entries));
	to->count += from->count;
	from->count = 0;
	return 0;
}

void capture_drain_free(struct capture_drain *drain)
{
	free(drain->entries);
	*drain = (struct capture_drain){ 0 };
}

/* ---- drops of packets that another entry has ---- */

enum { CANDIDATES = 3 }; /* one of the other second, and two in the drain before */

struct excess {
	struct bpf_flow_key flow; /* the key, whatever the second */
	struct capture_entry *entry;
	struct capture_entry *candidates[CANDIDATES];
};

struct excesses {
	struct excess *items;
	size_t count;
};

static bool was_seen_first(const struct capture_entry *entry)
{
	return entry->key.word != BPF_EGRESS;
}

/* Drops that are more than the packets are of packets that the entry has not; and so is one from before its first packet. */
static uint64_t excess_of(const struct capture_entry *entry)
{
	const struct bpf_flow *flow = &entry->flow;

	if (!was_seen_first(entry) || flow->rejected_packets == 0)
		return 0;
	if (flow->rejected_packets > flow->packets)
		return flow->rejected_packets - flow->packets;
	return flow->rejected_first_ns < flow->first_ns;
}

static struct bpf_flow_key flow_of(const struct capture_entry *entry)
{
	struct bpf_flow_key flow = entry->key;

	flow.marks &= (__u8)~BPF_MARK_ODD;
	return flow;
}

static int compare_flows(const void *a, const void *b)
{
	const struct excess *one = a, *other = b;

	return memcmp(&one->flow, &other->flow, sizeof(one->flow));
}

/* Those of a flow stand in the order of their times: what the earlier one gives back, the later one may need. */
static int compare_excesses(const void *a, const void *b)
{
	const struct excess *one = a, *other = b;
	int order = compare_flows(one, other);

	if (order != 0)
		return order;
	return one->entry->flow.rejected_first_ns <= other->entry->flow.rejected_first_ns ? -1 : 1;
}

static int find_excesses(struct excesses *out, struct capture_drain *drain, struct error *err)
{
	size_t count = 0;

	*out = (struct excesses){ 0 };
	for (size_t i = 0; i < drain->count; i++)
		count += excess_of(&drain->entries[i]) > 0;
	if (count == 0)
		return 0;
	out->items = calloc(count, sizeof(*out->items));
	if (!out->items)
		return fail_memory(err, "flows of the kernel");
	for (size_t i = 0; i < drain->count; i++) {
		struct capture_entry *entry = &drain->entries[i];

		if (excess_of(entry) > 0)
			out->items[out->count++] = (struct excess){ .flow = flow_of(entry), .entry = entry };
	}
	qsort(out->items, out->count, sizeof(*out->items), compare_excesses);
	return 0;
}

/* The one written last comes first. */
static void add_candidate(struct excess *excess, struct capture_entry *entry)
{
	size_t at = 0;

	while (at < CANDIDATES && excess->candidates[at] && excess->candidates[at]->flow.last_ns >= entry->flow.last_ns)
		at++;
	if (at == CANDIDATES)
		return;
	memmove(&excess->candidates[at + 1], &excess->candidates[at],
		(CANDIDATES - at - 1) * sizeof(*excess->candidates));
	excess->candidates[at] = entry;
}

/* A drop comes after its packet. */
static bool can_have(const struct capture_entry *entry, const struct capture_entry *excess)
{
	return entry != excess && entry->flow.first_ns <= excess->flow.rejected_last_ns;
}

static void find_candidates(struct excesses *excesses, struct capture_drain *drain)
{
	for (size_t i = 0; i < drain->count; i++) {
		struct capture_entry *entry = &drain->entries[i];
		const struct excess wanted = { .flow = flow_of(entry) };
		struct excess *end = excesses->items + excesses->count, *found;

		if (!was_seen_first(entry) || entry->flow.packets == 0)
			continue;
		found = bsearch(&wanted, excesses->items, excesses->count, sizeof(wanted), compare_flows);
		if (!found)
			continue;
		while (found > excesses->items && compare_flows(found - 1, &wanted) == 0)
			found--;
		for (; found < end && compare_flows(found, &wanted) == 0; found++)
			if (can_have(entry, found->entry))
				add_candidate(found, entry);
	}
}

/* Some of the drops of `from` were of packets that `to` has. They are told with the time of its last one. */
static void move_drops(struct bpf_flow *to, struct bpf_flow *from, uint64_t packets)
{
	uint64_t rest = from->rejected_packets - packets;
	uint64_t bytes = rest == 0 ? from->rejected_bytes : from->rejected_bytes / from->rejected_packets * packets;

	if (to->rejected_packets == 0)
		to->rejected_first_ns = to->last_ns;
	if (to->rejected_last_ns < to->last_ns)
		to->rejected_last_ns = to->last_ns;
	to->rejected_packets += packets;
	to->rejected_bytes += bytes;
	to->rejected_flags |= from->rejected_flags;
	from->rejected_packets = rest;
	from->rejected_bytes -= bytes;
	if (from->rejected_first_ns < from->first_ns)
		from->rejected_first_ns = from->first_ns;
}

static void settle_one(const struct excess *excess)
{
	uint64_t left = excess_of(excess->entry);

	for (size_t i = 0; i < CANDIDATES && excess->candidates[i] && left > 0; i++) {
		struct bpf_flow *to = &excess->candidates[i]->flow;
		uint64_t space = to->packets > to->rejected_packets ? to->packets - to->rejected_packets : 0;
		uint64_t packets = left < space ? left : space;

		if (packets == 0)
			continue;
		move_drops(to, &excess->entry->flow, packets);
		left -= packets;
	}
}

int capture_verdicts_settle(struct capture_drain *earlier, struct capture_drain *later, struct error *err)
{
	struct excesses excesses;
	int ret = find_excesses(&excesses, later, err);

	if (ret < 0 || excesses.count == 0)
		return ret;
	find_candidates(&excesses, earlier);
	find_candidates(&excesses, later);
	for (size_t i = 0; i < excesses.count; i++)
		settle_one(&excesses.items[i]);
	free(excesses.items);
	return 0;
}

/* ---- observations ---- */

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t accepted_packets(const struct capture_entry *entry)
{
	return was_seen_first(entry) ? less(entry->flow.packets, entry->flow.rejected_packets) : entry->flow.packets;
}

static uint64_t accepted_bytes(const struct capture_entry *entry)
{
	return was_seen_first(entry) ? less(entry->flow.bytes, entry->flow.rejected_bytes) : entry->flow.bytes;
}

static int compare_times(const void *a, const void *b)
{
	const struct capture_told *one = a, *other = b;

	if (one->first_ns != other->first_ns)
		return one->first_ns < other->first_ns ? -1 : 1;
	if (one->entry != other->entry)
		return one->entry < other->entry ? -1 : 1;
	return (int)one->verdict - (int)other->verdict;
}

/* As flows of one processor are: the kernel's tables have them in the order of their first packets. */
static bool are_in_order(const struct capture_told *told, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_times(&told[i - 1], &told[i]) > 0)
			return false;
	return true;
}

int capture_verdicts_order(struct capture_told **out, size_t *count, const struct capture_drain *drain,
			   struct error *err)
{
	struct capture_told *told = malloc((2 * drain->count + 1) * sizeof(*told));
	size_t length = 0;

	if (!told)
		return fail_memory(err, "flows of the kernel");
	for (size_t i = 0; i < drain->count; i++) {
		const struct capture_entry *entry = &drain->entries[i];

		if (accepted_packets(entry) > 0)
			told[length++] = (struct capture_told){ entry->flow.first_ns, (uint32_t)i, FLOW_ACCEPT };
		if (entry->flow.rejected_packets > 0)
			told[length++] = (struct capture_told){ entry->flow.rejected_first_ns, (uint32_t)i,
								FLOW_REJECT };
	}
	if (!are_in_order(told, length))
		qsort(told, length, sizeof(*told), compare_times);
	*out = told;
	*count = length;
	return 0;
}

static void set_macs(struct flow_observation *out, const struct bpf_flow_key *key, const struct capture_place *place)
{
	static const uint8_t none[6];

	out->has_macs = (key->marks & BPF_MARK_MACS) != 0;
	memcpy(out->source_mac, key->source_mac, sizeof(out->source_mac));
	memcpy(out->destination_mac, key->destination_mac, sizeof(out->destination_mac));
	if (!place->mac || key->word != BPF_EGRESS || memcmp(key->source_mac, none, sizeof(none)) != 0)
		return;
	out->has_macs = true;
	memcpy(out->source_mac, place->mac, sizeof(out->source_mac));
}

static void set_sums(struct flow_observation *out, const struct capture_entry *entry, const struct capture_place *place)
{
	const struct bpf_flow *flow = &entry->flow;
	bool rejected = out->verdict == FLOW_REJECT;

	out->packets = rejected ? flow->rejected_packets : accepted_packets(entry);
	out->bytes = rejected ? flow->rejected_bytes : accepted_bytes(entry);
	out->tcp_flags = bpf_flow_flags(rejected ? flow->rejected_flags : flow->flags);
	out->first_ns = (int64_t)(rejected ? flow->rejected_first_ns : flow->first_ns) + place->offset_ns;
	out->last_ns = (int64_t)(rejected ? flow->rejected_last_ns : flow->last_ns) + place->offset_ns;
	if (out->last_ns < out->first_ns) /* two processors wrote at once */
		out->last_ns = out->first_ns;
}

void capture_verdicts_observe(struct flow_observation *out, const struct capture_entry *entry, enum flow_action verdict,
			      const struct capture_place *place)
{
	const struct bpf_flow_key *key = &entry->key;

	_Static_assert((int)BPF_INGRESS == FLOW_INGRESS && (int)BPF_EGRESS == FLOW_EGRESS, "the same words");
	*out = (struct flow_observation){
		.kind = FLOW_PACKET,
		.family = key->family,
		.protocol = key->protocol,
		.word = key->word,
		.group = (key->marks & BPF_MARK_GROUP) != 0,
		.point = place->point,
		.source_port = ntohs(key->source_port),
		.destination_port = ntohs(key->destination_port),
		.verdict = (uint8_t)verdict,
	};
	memcpy(out->source.octets, key->source, sizeof(out->source.octets));
	memcpy(out->destination.octets, key->destination, sizeof(out->destination.octets));
	set_macs(out, key, place);
	set_sums(out, entry, place);
	out->tuple_hash = flow_tuple_hash(&out->source, &out->destination, out->source_port, out->destination_port,
					  out->protocol, out->family, place->seed);
}
