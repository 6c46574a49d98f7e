#include "compare/ledger.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/hash.h"

enum { FIRST_SLOTS = 1024, FIRST_ROOM = 64, LONGEST_RUN = 16 };

/* `position` is that of the flow plus 1; 0: free. The tag finds the slot, too: the index grows without a look at keys. */
struct slot {
	uint32_t tag, position;
};

struct compare_index {
	struct slot *slots;
	size_t mask; /* slots - 1; a power of two, at most half of them taken */
	size_t interface_room, flow_room, part_room;
	size_t places; /* of parts, that are taken or kept free for a flow */
	uint64_t seed;
};

/* Room for one more of `items`. False: out of memory. Numbers of flows and parts end at 32 bits, below COMPARE_NONE. */
static bool grow(void **items, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room * 2 : FIRST_ROOM;
	void *larger;

	if (count < *room)
		return true;
	if (count >= COMPARE_NONE)
		return false;
	larger = realloc(*items, more * size);
	if (!larger)
		return false;
	*items = larger;
	*room = more;
	return true;
}

int compare_ledger_new(struct compare_ledger **out, uint64_t seed, struct error *err)
{
	struct compare_ledger *ledger = calloc(1, sizeof(*ledger));
	struct compare_index *index = calloc(1, sizeof(*index));
	struct slot *slots = calloc(FIRST_SLOTS, sizeof(*slots));

	if (!ledger || !index || !slots) {
		free(ledger);
		free(index);
		free(slots);
		return fail_memory(err, "flows to compare");
	}
	*index = (struct compare_index){ .slots = slots, .mask = FIRST_SLOTS - 1, .seed = seed };
	ledger->index = index;
	*out = ledger;
	return 0;
}

void compare_ledger_free(struct compare_ledger *ledger)
{
	if (!ledger)
		return;
	for (size_t i = 0; i < ledger->interface_count; i++) {
		struct compare_ledger_interface *interface = &ledger->interfaces[i];

		free(interface->id);
		free(interface->device);
		free(interface->skipped.items);
		free(interface->silent.items);
	}
	free(ledger->interfaces);
	free(ledger->flows);
	free(ledger->parts);
	free(ledger->index->slots);
	free(ledger->index);
	free(ledger);
}

/* ---- interfaces ---- */

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* False: out of memory. */
static bool copy_text(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return *out || !text;
}

int64_t compare_ledger_interface(struct compare_ledger *ledger, const char *id, const char *device, struct error *err)
{
	struct compare_ledger_interface new = { .start = UINT32_MAX };
	void *interfaces = ledger->interfaces;
	bool has_room;

	for (size_t i = 0; i < ledger->interface_count; i++)
		if (is_same_text(ledger->interfaces[i].id, id) && is_same_text(ledger->interfaces[i].device, device))
			return (int64_t)i;
	has_room = grow(&interfaces, &ledger->index->interface_room, ledger->interface_count, sizeof(new));
	ledger->interfaces = interfaces;
	if (!has_room || !copy_text(&new.id, id) || !copy_text(&new.device, device)) {
		free(new.id);
		return fail_memory(err, "interfaces to compare");
	}
	ledger->interfaces[ledger->interface_count] = new;
	return (int64_t)ledger->interface_count++;
}

/* ---- flows ---- */

static uint32_t tag_of(const struct compare_index *index, const struct compare_key *key)
{
	return (uint32_t)flow_hash(key, sizeof(*key), index->seed);
}

/* The slot of the flow with that key, or the free one where it would be. */
static struct slot *slot_of(const struct compare_ledger *ledger, const struct compare_key *key, uint32_t tag)
{
	const struct compare_index *index = ledger->index;

	for (size_t i = tag & index->mask;; i = (i + 1) & index->mask) {
		struct slot *slot = &index->slots[i];

		if (slot->position == 0 ||
		    (slot->tag == tag && memcmp(&ledger->flows[slot->position - 1].key, key, sizeof(*key)) == 0))
			return slot;
	}
}

/* Doubles the index. False, with nothing changed: out of memory. */
static bool grow_index(struct compare_index *index)
{
	size_t mask = index->mask * 2 + 1;
	struct slot *slots = calloc(mask + 1, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i <= index->mask; i++) {
		size_t at = index->slots[i].tag & mask;

		if (index->slots[i].position == 0)
			continue;
		while (slots[at].position)
			at = (at + 1) & mask;
		slots[at] = index->slots[i];
	}
	free(index->slots);
	index->slots = slots;
	index->mask = mask;
	return true;
}

/* The flow with that key and tag, made if it is new: its number, or COMPARE_NONE: out of memory. */
static uint32_t flow_with(struct compare_ledger *ledger, const struct compare_key *key, uint32_t tag, struct error *err)
{
	struct compare_index *index = ledger->index;
	struct slot *slot = slot_of(ledger, key, tag);
	void *flows = ledger->flows;
	bool has_room;

	if (slot->position)
		return slot->position - 1;
	has_room = grow(&flows, &index->flow_room, ledger->flow_count, sizeof(*ledger->flows));
	ledger->flows = flows;
	if (!has_room || (ledger->flow_count * 2 > index->mask && !grow_index(index))) {
		fail_memory(err, "flows to compare");
		return COMPARE_NONE;
	}
	ledger->flows[ledger->flow_count] = (struct compare_flow){ .key = *key,
								   .first = COMPARE_NONE,
								   .last = COMPARE_NONE };
	*slot_of(ledger, key, tag) = (struct slot){ tag, (uint32_t)++ledger->flow_count };
	return (uint32_t)ledger->flow_count - 1;
}

struct compare_flow *compare_ledger_flow(struct compare_ledger *ledger, const struct compare_key *key,
					 struct error *err)
{
	uint32_t number = flow_with(ledger, key, tag_of(ledger->index, key), err);

	return number == COMPARE_NONE ? NULL : &ledger->flows[number];
}

const struct compare_flow *compare_ledger_find(const struct compare_ledger *ledger, const struct compare_key *key)
{
	const struct slot *slot = slot_of(ledger, key, tag_of(ledger->index, key));

	return slot->position ? &ledger->flows[slot->position - 1] : NULL;
}

static int order_of_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By time, then value by value: lines that are the same come one behind the other. */
static int order_of_parts(const struct compare_part *a, const struct compare_part *b)
{
	int order = order_of_numbers(a->start, b->start);

	if (order == 0)
		order = order_of_numbers(a->end, b->end);
	if (order == 0)
		order = order_of_numbers(a->action, b->action);
	if (order == 0)
		order = order_of_numbers(a->packets, b->packets);
	if (order == 0)
		order = order_of_numbers(a->bytes, b->bytes);
	if (order == 0)
		order = order_of_numbers(a->tcp_flags, b->tcp_flags);
	return order ? order : order_of_numbers(a->direction, b->direction);
}

static void widen(struct compare_ledger_interface *interface, uint32_t start, uint32_t end)
{
	if (start < interface->start)
		interface->start = start;
	if (end > interface->end)
		interface->end = end;
}

/* Puts parts `first` to `last`, linked already, behind those of a flow. Only parts that begin later than the one before
 * are surely in order and no duplicates: no part is looked at. */
static void link_parts(struct compare_ledger *ledger, struct compare_flow *flow, uint32_t first, uint32_t last,
		       uint32_t first_start)
{
	if (flow->first == COMPARE_NONE) {
		flow->first = first;
	} else {
		ledger->parts[flow->last].next = first;
		flow->is_unsettled |= first_start <= flow->last_start;
	}
	flow->last = last;
}

/* The place of a flow's next part: behind its last one, or in a new run, longer than the one before. COMPARE_NONE: out of
 * memory. */
static uint32_t next_place(struct compare_ledger *ledger, struct compare_flow *flow)
{
	struct compare_index *index = ledger->index;
	void *parts = ledger->parts;

	if (flow->spare > 0) {
		flow->spare--;
		return flow->last + 1;
	}
	if (flow->run < LONGEST_RUN)
		flow->run = flow->run ? (uint8_t)(flow->run * 2) : 1;
	if (!grow(&parts, &index->part_room, index->places + flow->run - 1, sizeof(*ledger->parts)))
		return COMPARE_NONE;
	ledger->parts = parts;
	flow->spare = (uint8_t)(flow->run - 1);
	index->places += flow->run;
	return (uint32_t)(index->places - flow->run);
}

static int book_part(struct compare_ledger *ledger, uint32_t number, const struct compare_part *part, struct error *err)
{
	struct compare_flow *flow = &ledger->flows[number];
	uint32_t place = next_place(ledger, flow);

	if (place == COMPARE_NONE)
		return fail_memory(err, "records to compare");
	ledger->parts[place] = *part;
	ledger->parts[place].next = COMPARE_NONE;
	ledger->parts[place].is_duplicate = false;
	ledger->part_count++;
	link_parts(ledger, flow, place, place, part->start);
	flow->last_start = part->start;
	if (part->end - part->start > ledger->longest)
		ledger->longest = part->end - part->start;
	widen(&ledger->interfaces[flow->key.interface], part->start, part->end);
	return 0;
}

struct compare_flow *compare_ledger_book(struct compare_ledger *ledger, const struct compare_key *key,
					 const struct compare_part *part, struct error *err)
{
	uint32_t flow = flow_with(ledger, key, tag_of(ledger->index, key), err);

	if (flow == COMPARE_NONE || book_part(ledger, flow, part, err) < 0)
		return NULL;
	return &ledger->flows[flow];
}

/* The number of the flow that seems to have that tag, plus 1; 0: there is none. */
static uint32_t look_up(const struct compare_index *index, uint32_t tag)
{
	size_t at = tag & index->mask;

	while (index->slots[at].position && index->slots[at].tag != tag)
		at = (at + 1) & index->mask;
	return index->slots[at].position;
}

/* Each round asks for what the next one looks at: the slot, the flow, its last part and the place behind that. */
static void look_ahead(const struct compare_ledger *ledger, const uint32_t *tags, size_t count)
{
	const struct compare_index *index = ledger->index;
	uint32_t found[COMPARE_BOOKINGS];

	for (size_t i = 0; i < count; i++)
		__builtin_prefetch(&index->slots[tags[i] & index->mask]);
	for (size_t i = 0; i < count; i++) {
		found[i] = look_up(index, tags[i]);
		if (!found[i])
			continue;
		__builtin_prefetch(&ledger->flows[found[i] - 1], 1);
		__builtin_prefetch((const char *)&ledger->flows[found[i]] - 1, 1);
	}
	for (size_t i = 0; i < count; i++) {
		const struct compare_flow *flow = found[i] ? &ledger->flows[found[i] - 1] : NULL;

		if (!flow || flow->last == COMPARE_NONE)
			continue;
		__builtin_prefetch(&ledger->parts[flow->last], 1);
		__builtin_prefetch((const char *)&ledger->parts[flow->last + 1 + (flow->spare > 0)] - 1, 1);
	}
}

int compare_ledger_book_all(struct compare_ledger *ledger, const struct compare_booking *bookings, size_t count,
			    uint32_t flows[static COMPARE_BOOKINGS], struct error *err)
{
	uint32_t tags[COMPARE_BOOKINGS];

	for (size_t i = 0; i < count; i++)
		tags[i] = tag_of(ledger->index, &bookings[i].key);
	look_ahead(ledger, tags, count);
	for (size_t i = 0; i < count; i++) {
		flows[i] = flow_with(ledger, &bookings[i].key, tags[i], err);
		if (flows[i] == COMPARE_NONE || book_part(ledger, flows[i], &bookings[i].part, err) < 0)
			return -ENOMEM;
	}
	return 0;
}

void compare_ledger_rekey(struct compare_ledger *ledger,
			  void (*change)(void *ctx, size_t flow, struct compare_key *key), void *ctx)
{
	size_t count = ledger->flow_count;

	memset(ledger->index->slots, 0, (ledger->index->mask + 1) * sizeof(*ledger->index->slots));
	ledger->flow_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct compare_flow flow = ledger->flows[i], *same;
		uint32_t tag;
		struct slot *slot;

		change(ctx, i, &flow.key);
		tag = tag_of(ledger->index, &flow.key);
		slot = slot_of(ledger, &flow.key, tag);
		if (slot->position == 0) { /* flows never move back: nothing is overwritten that is still to come */
			ledger->flows[ledger->flow_count] = flow;
			*slot = (struct slot){ tag, (uint32_t)++ledger->flow_count };
			continue;
		}
		same = &ledger->flows[slot->position - 1];
		if (flow.first != COMPARE_NONE) {
			link_parts(ledger, same, flow.first, flow.last, ledger->parts[flow.first].start);
			same->last_start = flow.last_start;
			same->run = flow.run;
			same->spare = flow.spare;
		}
		if (flow.largest > same->largest)
			same->largest = flow.largest;
		same->has_fragments |= flow.has_fragments;
		same->is_unsettled |= flow.is_unsettled;
	}
}

/* ---- seconds ---- */

int compare_spans_add(struct compare_spans *spans, uint32_t start, uint32_t end, struct error *err)
{
	void *items = spans->items;
	bool has_room = grow(&items, &spans->room, spans->count, sizeof(*spans->items));

	spans->items = items;
	if (!has_room)
		return fail_memory(err, "times to compare");
	spans->items[spans->count++] = (struct compare_span){ start, end };
	return 0;
}

static int order_of_spans(const void *a, const void *b)
{
	const struct compare_span *left = a, *right = b;

	return order_of_numbers((uint64_t)left->start << 32 | left->end, (uint64_t)right->start << 32 | right->end);
}

/* Puts them in order, those in one that overlap or follow each other at once. */
static void tidy_spans(struct compare_spans *spans)
{
	size_t kept = 0;

	if (spans->count == 0)
		return;
	qsort(spans->items, spans->count, sizeof(*spans->items), order_of_spans);
	for (size_t i = 1; i < spans->count; i++) {
		struct compare_span *last = &spans->items[kept], *item = &spans->items[i];

		if (item->start > last->end && item->start - last->end > 1)
			spans->items[++kept] = *item;
		else if (item->end > last->end)
			last->end = item->end;
	}
	spans->count = kept + 1;
}

/* ---- closing ---- */

/* Two lists in order made one. */
static uint32_t merge(struct compare_part *parts, uint32_t a, uint32_t b)
{
	uint32_t first = COMPARE_NONE, *link = &first;

	while (a != COMPARE_NONE && b != COMPARE_NONE) {
		uint32_t *least = order_of_parts(&parts[a], &parts[b]) <= 0 ? &a : &b;

		*link = *least;
		link = &parts[*least].next;
		*least = *link;
	}
	*link = a != COMPARE_NONE ? a : b;
	return first;
}

/* Cuts off the part of a list that is in order already; `rest` is what follows it. */
static uint32_t take_run(struct compare_part *parts, uint32_t first, uint32_t *rest)
{
	uint32_t at = first;

	while (parts[at].next != COMPARE_NONE && order_of_parts(&parts[at], &parts[parts[at].next]) <= 0)
		at = parts[at].next;
	*rest = parts[at].next;
	parts[at].next = COMPARE_NONE;
	return first;
}

/* Merge sort from below: runs[i] is made of 2^i runs. Nearly always there is one run alone. */
static void sort_parts(struct compare_ledger *ledger, struct compare_flow *flow)
{
	struct compare_part *parts = ledger->parts;
	uint32_t runs[33], rest = flow->first, sorted = COMPARE_NONE;

	for (size_t i = 0; i < 33; i++)
		runs[i] = COMPARE_NONE;
	while (rest != COMPARE_NONE) {
		uint32_t run = take_run(parts, rest, &rest);
		size_t i = 0;

		for (; i < 32 && runs[i] != COMPARE_NONE; i++) {
			run = merge(parts, runs[i], run);
			runs[i] = COMPARE_NONE;
		}
		runs[i] = run;
	}
	for (size_t i = 0; i < 33; i++)
		sorted = merge(parts, runs[i], sorted);
	flow->first = flow->last = sorted;
	while (flow->last != COMPARE_NONE && parts[flow->last].next != COMPARE_NONE)
		flow->last = parts[flow->last].next;
	flow->last_start = parts[flow->last].start;
	flow->spare = 0; /* what is behind the last part now is no longer known */
}

/* Most flows' parts are in order as they were booked, and no two are the same: those are not looked at again. */
static void settle(struct compare_ledger *ledger, struct compare_flow *flow, bool is_log)
{
	const struct compare_part *before = NULL;

	sort_parts(ledger, flow);
	flow->is_unsettled = false;
	for (uint32_t i = flow->first; i != COMPARE_NONE; i = ledger->parts[i].next) {
		struct compare_part *part = &ledger->parts[i];
		bool is_same = before && order_of_parts(before, part) == 0;

		part->is_duplicate = is_log && is_same;
		ledger->duplicates += part->is_duplicate;
		flow->is_unsettled |= is_same; /* should it be closed again */
		before = part;
	}
}

int compare_ledger_close(struct compare_ledger *ledger, bool is_log, struct error *err)
{
	(void)err;
	ledger->duplicates = 0;
	for (size_t i = 0; i < ledger->flow_count; i++)
		if (ledger->flows[i].is_unsettled)
			settle(ledger, &ledger->flows[i], is_log);
	for (size_t i = 0; i < ledger->interface_count; i++) {
		struct compare_ledger_interface *interface = &ledger->interfaces[i];

		tidy_spans(&interface->skipped);
		tidy_spans(&interface->silent);
		for (size_t j = 0; j < interface->skipped.count; j++)
			widen(interface, interface->skipped.items[j].start, interface->skipped.items[j].end);
		for (size_t j = 0; j < interface->silent.count; j++)
			widen(interface, interface->silent.items[j].start, interface->silent.items[j].end);
	}
	return 0;
}
