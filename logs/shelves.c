#include "logs/shelves.h"

#include <stdlib.h>

enum { SLOTS = 16384, NOTED = 64 };

#define NONE UINT32_MAX

/* A record, packed. The addresses of an IPv6 one are in a slot of their own. */
struct record_slot {
	const struct flow_origin *origin;
	int64_t start;
	uint64_t packets, bytes;
	uint32_t next; /* of its shelf, or of what is free; NONE: it is the last */
	uint32_t length;
	uint16_t source_port, destination_port;
	uint8_t protocol, tcp_flags, family;
	uint8_t marks; /* action, direction and status: one, two and two bits */
	union {
		uint8_t ipv4[4][4];
		uint32_t ipv6; /* the other slot */
	};
};

struct address_slot {
	struct flow_address addresses[4];
};

union slot {
	struct record_slot record;
	struct address_slot addresses;
};
_Static_assert(sizeof(union slot) == 64, "a line of the cache");

/* Several may be of one window: records come to the one that was made last. */
struct shelf {
	int64_t window;       /* its number: its start by the interval */
	uint64_t number;      /* in the order in which they were made */
	uint32_t first, last; /* slots; while it is free, `first` is the next one that is */
};

struct log_shelves {
	uint32_t interval;
	union slot **blocks;
	size_t block_count;
	uint32_t free_slot, free_shelf;
	struct shelf *shelves;
	uint32_t *heap; /* of those with records, the earliest window on top; of one window, the one made first */
	size_t shelf_room, heap_length;
	uint64_t made;
	uint32_t noted[NOTED]; /* by window: a shelf that was made not long ago, if it is in use; or NONE */
	size_t count;
	int64_t latest;
};

int log_shelves_new(struct log_shelves **out, uint32_t interval, struct error *err)
{
	struct log_shelves *shelves = calloc(1, sizeof(*shelves));

	if (!shelves)
		return fail_memory(err, "flow logs");
	shelves->interval = interval;
	shelves->free_slot = shelves->free_shelf = NONE;
	for (size_t i = 0; i < NOTED; i++)
		shelves->noted[i] = NONE;
	*out = shelves;
	return 0;
}

void log_shelves_free(struct log_shelves *shelves)
{
	if (!shelves)
		return;
	for (size_t i = 0; i < shelves->block_count; i++)
		free(shelves->blocks[i]);
	free(shelves->blocks);
	free(shelves->shelves);
	free(shelves->heap);
	free(shelves);
}

/* ---- slots ---- */

static union slot *slot_at(const struct log_shelves *shelves, uint32_t number)
{
	return &shelves->blocks[number / SLOTS][number % SLOTS];
}

static void free_slot(struct log_shelves *shelves, uint32_t number)
{
	slot_at(shelves, number)->record.next = shelves->free_slot;
	shelves->free_slot = number;
}

static bool more_slots(struct log_shelves *shelves)
{
	size_t count = shelves->block_count;
	union slot **blocks = realloc(shelves->blocks, (count + 1) * sizeof(union slot *));

	if (!blocks)
		return false;
	shelves->blocks = blocks;
	blocks[count] = calloc(SLOTS, sizeof(union slot));
	if (!blocks[count])
		return false;
	shelves->block_count++;
	for (size_t i = SLOTS; i-- > 0;)
		free_slot(shelves, (uint32_t)(count * SLOTS + i));
	return true;
}

/* NONE: out of memory. */
static uint32_t new_slot(struct log_shelves *shelves)
{
	uint32_t number;

	if (shelves->free_slot == NONE && !more_slots(shelves))
		return NONE;
	number = shelves->free_slot;
	shelves->free_slot = slot_at(shelves, number)->record.next;
	return number;
}

static void pack_addresses(const struct log_record *record, struct flow_address out[static 4])
{
	out[0] = record->source;
	out[1] = record->destination;
	out[2] = record->packet_source;
	out[3] = record->packet_destination;
}

static void pack(const struct log_record *record, struct record_slot *slot)
{
	struct flow_address addresses[4];
	int64_t length = record->end - record->start;

	slot->origin = record->origin;
	slot->start = record->start;
	slot->length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	slot->packets = record->packets;
	slot->bytes = record->bytes;
	slot->source_port = record->source_port;
	slot->destination_port = record->destination_port;
	slot->protocol = record->protocol;
	slot->tcp_flags = record->tcp_flags;
	slot->family = record->family;
	slot->marks = (uint8_t)(record->action | record->direction << 1 | record->status << 3);
	pack_addresses(record, addresses);
	for (size_t i = 0; record->family != FLOW_IPV6 && i < 4; i++)
		memcpy(slot->ipv4[i], addresses[i].octets, 4);
}

/* Brings a record into a slot; NONE: out of memory. */
static uint32_t keep(struct log_shelves *shelves, const struct log_record *record)
{
	uint32_t number = new_slot(shelves), other = NONE;

	if (number == NONE)
		return NONE;
	pack(record, &slot_at(shelves, number)->record);
	if (record->family != FLOW_IPV6)
		return number;
	other = new_slot(shelves);
	if (other == NONE) {
		free_slot(shelves, number);
		return NONE;
	}
	pack_addresses(record, slot_at(shelves, other)->addresses.addresses);
	slot_at(shelves, number)->record.ipv6 = other;
	return number;
}

static void unpack_addresses(struct log_shelves *shelves, const struct record_slot *slot, struct log_record *out)
{
	struct flow_address addresses[4] = { 0 };

	if (slot->family == FLOW_IPV6) {
		memcpy(addresses, slot_at(shelves, slot->ipv6)->addresses.addresses, sizeof(addresses));
		free_slot(shelves, slot->ipv6);
	} else {
		for (size_t i = 0; i < 4; i++)
			memcpy(addresses[i].octets, slot->ipv4[i], 4);
	}
	out->source = addresses[0];
	out->destination = addresses[1];
	out->packet_source = addresses[2];
	out->packet_destination = addresses[3];
}

/* And what it took is free. */
static void unpack(struct log_shelves *shelves, uint32_t number, struct log_record *out)
{
	const struct record_slot *slot = &slot_at(shelves, number)->record;

	out->origin = slot->origin;
	out->start = slot->start;
	out->end = slot->start + slot->length;
	out->packets = slot->packets;
	out->bytes = slot->bytes;
	out->source_port = slot->source_port;
	out->destination_port = slot->destination_port;
	out->protocol = slot->protocol;
	out->tcp_flags = slot->tcp_flags;
	out->family = slot->family;
	out->action = slot->marks & 1;
	out->direction = slot->marks >> 1 & 3;
	out->status = slot->marks >> 3;
	unpack_addresses(shelves, slot, out);
	free_slot(shelves, number);
}

/* ---- shelves ---- */

static bool more_shelves(struct log_shelves *shelves)
{
	size_t old = shelves->shelf_room, room = old ? 2 * old : NOTED;
	struct shelf *list = realloc(shelves->shelves, room * sizeof(*list));
	uint32_t *heap;

	if (!list)
		return false;
	shelves->shelves = list;
	heap = realloc(shelves->heap, room * sizeof(*heap));
	if (!heap)
		return false;
	shelves->heap = heap;
	for (size_t i = room; i-- > old;) {
		list[i].first = shelves->free_shelf;
		shelves->free_shelf = (uint32_t)i;
	}
	shelves->shelf_room = room;
	return true;
}

static bool is_earlier(const struct log_shelves *shelves, uint32_t a, uint32_t b)
{
	const struct shelf *one = &shelves->shelves[a], *other = &shelves->shelves[b];

	return one->window != other->window ? one->window < other->window : one->number < other->number;
}

static void heap_push(struct log_shelves *shelves, uint32_t shelf)
{
	size_t at = shelves->heap_length++;
	uint32_t *heap = shelves->heap;

	while (at > 0 && is_earlier(shelves, shelf, heap[(at - 1) / 2])) {
		heap[at] = heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap[at] = shelf;
}

static void heap_pop(struct log_shelves *shelves)
{
	uint32_t *heap = shelves->heap, last = heap[--shelves->heap_length];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= shelves->heap_length)
			break;
		if (child + 1 < shelves->heap_length && is_earlier(shelves, heap[child + 1], heap[child]))
			child++;
		if (!is_earlier(shelves, heap[child], last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
}

static uint32_t *note_of(struct log_shelves *shelves, int64_t window)
{
	return &shelves->noted[(uint64_t)window % NOTED];
}

/* Puts a slot on a new shelf. */
static bool begin_shelf(struct log_shelves *shelves, int64_t window, uint32_t slot)
{
	uint32_t number;

	if (shelves->free_shelf == NONE && !more_shelves(shelves))
		return false;
	number = shelves->free_shelf;
	shelves->free_shelf = shelves->shelves[number].first;
	shelves->shelves[number] = (struct shelf){ window, shelves->made++, slot, slot };
	heap_push(shelves, number);
	*note_of(shelves, window) = number;
	return true;
}

int log_shelves_put(struct log_shelves *shelves, const struct log_record *record, struct error *err)
{
	int64_t window = record->start / shelves->interval;
	uint32_t noted = *note_of(shelves, window), slot = keep(shelves, record);

	if (slot == NONE)
		return fail_memory(err, "flow logs");
	slot_at(shelves, slot)->record.next = NONE;
	if (noted != NONE && shelves->shelves[noted].window == window) {
		struct shelf *shelf = &shelves->shelves[noted];

		slot_at(shelves, shelf->last)->record.next = slot;
		shelf->last = slot;
	} else if (!begin_shelf(shelves, window, slot)) {
		return fail_memory(err, "flow logs");
	}
	if (shelves->made == 1 || record->start > shelves->latest)
		shelves->latest = record->start;
	shelves->count++;
	return 0;
}

size_t log_shelves_count(const struct log_shelves *shelves)
{
	return shelves->count;
}

int64_t log_shelves_earliest(const struct log_shelves *shelves)
{
	return shelves->shelves[shelves->heap[0]].window * shelves->interval;
}

int64_t log_shelves_latest(const struct log_shelves *shelves)
{
	return shelves->latest;
}

void log_shelves_take(struct log_shelves *shelves, struct log_record *out)
{
	uint32_t number = shelves->heap[0];
	struct shelf *shelf = &shelves->shelves[number];
	uint32_t slot = shelf->first;

	shelf->first = slot_at(shelves, slot)->record.next;
	unpack(shelves, slot, out);
	shelves->count--;
	if (shelf->first != NONE)
		return;
	if (*note_of(shelves, shelf->window) == number)
		*note_of(shelves, shelf->window) = NONE;
	heap_pop(shelves);
	shelf->first = shelves->free_shelf;
	shelves->free_shelf = number;
}
