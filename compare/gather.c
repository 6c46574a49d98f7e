#include "compare/gather.h"

#include <errno.h>
#include <stdlib.h>

/* Seconds of a ledger end in 2106. */
static uint32_t second_of(int64_t time)
{
	if (time < 0)
		return 0;
	return time < UINT32_MAX ? (uint32_t)time : UINT32_MAX;
}

/* ---- of a log ---- */

/* srcaddr and dstaddr of a flow whose packets have others. */
struct shown_addresses {
	uint32_t flow;
	struct flow_address source, destination;
};

struct compare_log_gatherer {
	struct compare_ledger *ledger;
	uint32_t *interfaces; /* by number of the origin; COMPARE_NONE: not looked up yet */
	size_t interface_room;
	struct shown_addresses *shown; /* by flow, each once */
	size_t shown_count, shown_room;
	size_t records; /* with sums */
	bool lacks_packet_addresses, lacks_directions;
	unsigned unknown; /* enum flow_unknown: of all of them so far */
	/* Not booked yet, and the records that they are of. */
	struct compare_booking bookings[COMPARE_BOOKINGS];
	const struct log_record *booked[COMPARE_BOOKINGS];
	size_t booking_count;
};

int compare_log_new(struct compare_log_gatherer **out, struct compare_ledger *ledger, struct error *err)
{
	struct compare_log_gatherer *gatherer = calloc(1, sizeof(*gatherer));

	if (!gatherer)
		return fail_memory(err, "flow log to compare");
	gatherer->ledger = ledger;
	*out = gatherer;
	return 0;
}

void compare_log_free(struct compare_log_gatherer *gatherer)
{
	if (!gatherer)
		return;
	free(gatherer->interfaces);
	free(gatherer->shown);
	free(gatherer);
}

/* Room for what is known by a number. False: out of memory. */
static bool room_for_number(uint32_t **items, size_t *room, uint32_t number)
{
	size_t more = number < 2 * *room ? 2 * *room : (size_t)number + 1;
	uint32_t *larger;

	if (number < *room)
		return true;
	larger = realloc(*items, more * sizeof(*larger));
	if (!larger)
		return false;
	for (size_t i = *room; i < more; i++)
		larger[i] = COMPARE_NONE;
	*items = larger;
	*room = more;
	return true;
}

/* The number of a record's interface, or -ENOMEM. Only the first of an interface's origins is looked for by its name. */
static int64_t log_interface(struct compare_log_gatherer *gatherer, const struct flow_origin *origin, struct error *err)
{
	int64_t number;

	if (!room_for_number(&gatherer->interfaces, &gatherer->interface_room, origin->kin))
		return fail_memory(err, "flow log to compare");
	if (gatherer->interfaces[origin->kin] != COMPARE_NONE)
		return gatherer->interfaces[origin->kin];
	number = compare_ledger_interface(gatherer->ledger, origin->identity[FLOW_INTERFACE_ID], NULL, err);
	if (number >= 0)
		gatherer->interfaces[origin->kin] = (uint32_t)number;
	return number;
}

/* NODATA and SKIPDATA: their end is the first second after the window where it is so many whole minutes after the start
 * (as here), else the last one in it (as in examples of AWS). */
static int note_status(struct compare_log_gatherer *gatherer, uint32_t number, const struct log_record *record,
		       struct error *err)
{
	struct compare_ledger_interface *interface = &gatherer->ledger->interfaces[number];
	bool is_behind = record->end > record->start && (record->end - record->start) % 60 == 0;

	return compare_spans_add(record->status == FLOW_SKIPDATA ? &interface->skipped : &interface->silent,
				 second_of(record->start), second_of(record->end - is_behind), err);
}

/* Keeps srcaddr and dstaddr, in case that the flows have to be known by them. Of several, the first ones. */
static int keep_shown(struct compare_log_gatherer *gatherer, uint32_t flow, const struct log_record *record,
		      struct error *err)
{
	struct shown_addresses *shown = gatherer->shown;

	if (gatherer->shown_count == gatherer->shown_room) {
		size_t room = gatherer->shown_room ? gatherer->shown_room * 2 : 64;

		shown = realloc(shown, room * sizeof(*shown));
		if (!shown)
			return fail_memory(err, "flow log to compare");
		gatherer->shown = shown;
		gatherer->shown_room = room;
	}
	shown[gatherer->shown_count++] = (struct shown_addresses){ flow, record->source, record->destination };
	return 0;
}

static struct compare_booking booking_of(uint32_t interface, const struct log_record *record)
{
	return (struct compare_booking){
		.key = { .interface = interface,
			 .source_port = record->source_port,
			 .destination_port = record->destination_port,
			 .protocol = record->protocol,
			 .family = record->family,
			 .direction = record->direction,
			 .source = record->packet_source,
			 .destination = record->packet_destination },
		.part = { .start = second_of(record->start),
			  .end = second_of(record->end),
			  .packets = record->packets,
			  .bytes = record->bytes,
			  .action = record->action,
			  .tcp_flags = record->tcp_flags,
			  .direction = record->direction },
	};
}

static bool has_other_addresses(const struct log_record *record)
{
	return !flow_address_equal(&record->source, &record->packet_source) ||
	       !flow_address_equal(&record->destination, &record->packet_destination);
}

/* The numbers of new flows come one behind the other. */
static int book_records(struct compare_log_gatherer *gatherer, struct error *err)
{
	size_t known = gatherer->ledger->flow_count, count = gatherer->booking_count;
	uint32_t flows[COMPARE_BOOKINGS];

	gatherer->booking_count = 0;
	if (compare_ledger_book_all(gatherer->ledger, gatherer->bookings, count, flows, err) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (flows[i] != known)
			continue;
		known++;
		if (has_other_addresses(gatherer->booked[i]) &&
		    keep_shown(gatherer, flows[i], gatherer->booked[i], err) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take_line(struct compare_log_gatherer *gatherer, uint32_t interface, const struct log_record *record,
		     struct error *err)
{
	size_t at = gatherer->booking_count++;

	gatherer->bookings[at] = booking_of(interface, record);
	gatherer->booked[at] = record;
	return gatherer->booking_count == COMPARE_BOOKINGS ? book_records(gatherer, err) : 0;
}

static void note_unknown(struct compare_log_gatherer *gatherer, const struct log_record *record)
{
	unsigned unknown = record->origin->unknown;

	gatherer->unknown = gatherer->records ? gatherer->unknown & unknown : unknown;
	gatherer->lacks_packet_addresses |= (unknown & (FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR)) != 0;
	gatherer->lacks_directions |= record->direction == FLOW_UNKNOWN;
	gatherer->records++;
}

int compare_log_add(struct compare_log_gatherer *gatherer, const struct log_record *records, size_t count,
		    struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int64_t interface = log_interface(gatherer, records[i].origin, err);
		int ret;

		if (interface < 0)
			return (int)interface;
		if (records[i].status != FLOW_OK) {
			ret = note_status(gatherer, (uint32_t)interface, &records[i], err);
		} else {
			note_unknown(gatherer, &records[i]);
			ret = take_line(gatherer, (uint32_t)interface, &records[i], err);
		}
		if (ret < 0)
			return ret;
	}
	return book_records(gatherer, err); /* the records are the caller's */
}

/* Keys as all records can give them. */
struct rekeying {
	const struct compare_log_gatherer *gatherer;
	size_t at; /* the next flow whose packets have other addresses */
};

static void take_out(void *ctx, size_t flow, struct compare_key *key)
{
	struct rekeying *rekeying = ctx;
	const struct compare_log_gatherer *gatherer = rekeying->gatherer;

	if (gatherer->lacks_directions)
		key->direction = FLOW_UNKNOWN;
	if (rekeying->at == gatherer->shown_count || gatherer->shown[rekeying->at].flow != flow)
		return;
	if (gatherer->lacks_packet_addresses) {
		key->source = gatherer->shown[rekeying->at].source;
		key->destination = gatherer->shown[rekeying->at].destination;
	}
	rekeying->at++;
}

int compare_log_finish(struct compare_log_gatherer *gatherer, struct compare_terms *terms, struct error *err)
{
	struct rekeying rekeying = { gatherer, 0 };

	if ((gatherer->lacks_packet_addresses && gatherer->shown_count > 0) || gatherer->lacks_directions)
		compare_ledger_rekey(gatherer->ledger, take_out, &rekeying);
	gatherer->ledger->unknown = gatherer->unknown;
	*terms = (struct compare_terms){
		.has_packet_addresses = gatherer->records > 0 && !gatherer->lacks_packet_addresses,
		.has_directions = gatherer->records > 0 && !gatherer->lacks_directions,
		.log = gatherer->ledger,
	};
	return compare_ledger_close(gatherer->ledger, true, err);
}

/* ---- of a capture ---- */

struct compare_capture_gatherer {
	struct compare_ledger *ledger;
	struct compare_terms terms;
	struct compare_ledger *marks; /* of packets that are long or fragments: as they are, of whatever interface */
	uint32_t *interfaces;         /* by the meter's number; COMPARE_NONE: not looked up yet */
	size_t interface_room;
	bool lacks_directions;
	bool has_frames;
	uint32_t start, end; /* of all frames */
	/* Not booked yet; and their keys among the marks. */
	struct compare_booking bookings[COMPARE_BOOKINGS];
	struct compare_key marked[COMPARE_BOOKINGS];
	size_t booking_count;
};

int compare_capture_new(struct compare_capture_gatherer **out, struct compare_ledger *ledger,
			const struct compare_terms *terms, uint64_t seed, struct error *err)
{
	struct compare_capture_gatherer *gatherer = calloc(1, sizeof(*gatherer));

	if (!gatherer)
		return fail_memory(err, "capture to compare");
	gatherer->ledger = ledger;
	gatherer->terms = *terms;
	gatherer->start = UINT32_MAX;
	if (compare_ledger_new(&gatherer->marks, seed, err) < 0) {
		free(gatherer);
		return -ENOMEM;
	}
	*out = gatherer;
	return 0;
}

void compare_capture_free(struct compare_capture_gatherer *gatherer)
{
	if (!gatherer)
		return;
	compare_ledger_free(gatherer->marks);
	free(gatherer->interfaces);
	free(gatherer);
}

static bool is_frame(const struct flow_observation *item)
{
	return item->kind < FLOW_POINT;
}

static int mark(struct compare_capture_gatherer *gatherer, const struct flow_observation *packet, struct error *err)
{
	struct compare_key key = {
		.source_port = packet->source_port,
		.destination_port = packet->destination_port,
		.protocol = packet->protocol,
		.family = packet->family,
		.source = packet->source,
		.destination = packet->destination,
	};
	uint64_t length = packet->packets == 1 ? packet->bytes : 0;
	struct compare_flow *flow = compare_ledger_flow(gatherer->marks, &key, err);

	if (!flow)
		return -ENOMEM;
	flow->has_fragments |= packet->is_fragment;
	if (length > COMPARE_LONG && length > flow->largest)
		flow->largest = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	return 0;
}

int compare_capture_see(struct compare_capture_gatherer *gatherer, const struct flow_observation *items, size_t count,
			struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct flow_observation *item = &items[i];
		uint32_t start, end;

		if (!is_frame(item))
			continue;
		start = second_of(item->first_ns / 1000000000);
		end = second_of(item->last_ns / 1000000000);
		gatherer->start = start < gatherer->start ? start : gatherer->start;
		gatherer->end = end > gatherer->end ? end : gatherer->end;
		gatherer->has_frames = true;
		if (item->kind == FLOW_PACKET && (item->bytes > COMPARE_LONG || item->is_fragment) &&
		    mark(gatherer, item, err) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Is the id one that somebody chose? Else it comes from the name. */
static bool has_own_id(const struct flow_interface *interface)
{
	char derived[FLOW_INTERFACE_ID_SIZE];

	if (!interface->identity[FLOW_INTERFACE_ID])
		return false;
	flow_interface_derived_id(interface->name, derived);
	return strcmp(interface->identity[FLOW_INTERFACE_ID], derived) != 0;
}

static int64_t capture_interface(struct compare_capture_gatherer *gatherer, const struct flow_record *record,
				 struct error *err)
{
	const struct flow_interface *interface = record->interface;
	int64_t number;

	if (!room_for_number(&gatherer->interfaces, &gatherer->interface_room, record->interface_number))
		return fail_memory(err, "capture to compare");
	if (gatherer->interfaces[record->interface_number] != COMPARE_NONE)
		return gatherer->interfaces[record->interface_number];
	number = compare_ledger_interface(gatherer->ledger, interface->identity[FLOW_INTERFACE_ID],
					  interface->device ? interface->device : interface->name, err);
	if (number < 0)
		return number;
	gatherer->interfaces[record->interface_number] = (uint32_t)number;
	gatherer->ledger->interfaces[number].is_configured = has_own_id(interface);
	return number;
}

/* The addresses that the log shows: the packet's, or srcaddr and dstaddr; of those that it does not show the packet's, or
 * none. */
static void set_addresses(const struct compare_terms *terms, const struct flow_record *record, struct compare_key *key)
{
	static const struct flow_address none;
	unsigned unknown = terms->log->unknown;

	key->source = record->packet_source;
	key->destination = record->packet_destination;
	if (terms->has_packet_addresses)
		return;
	if (!(unknown & FLOW_UNKNOWN_SRCADDR))
		key->source = record->source;
	else if (unknown & FLOW_UNKNOWN_PKT_SRCADDR)
		key->source = none;
	if (!(unknown & FLOW_UNKNOWN_DSTADDR))
		key->destination = record->destination;
	else if (unknown & FLOW_UNKNOWN_PKT_DSTADDR)
		key->destination = none;
}

static struct compare_key key_of(const struct compare_terms *terms, uint32_t interface,
				 const struct flow_record *record)
{
	unsigned unknown = terms->log->unknown;
	struct compare_key key = {
		.interface = interface,
		.source_port = unknown & FLOW_UNKNOWN_SRCPORT ? 0 : record->source_port,
		.destination_port = unknown & FLOW_UNKNOWN_DSTPORT ? 0 : record->destination_port,
		.protocol = unknown & FLOW_UNKNOWN_PROTOCOL ? 0 : record->protocol,
		.family = record->family,
		.direction = terms->has_directions ? record->direction : FLOW_UNKNOWN,
	};

	set_addresses(terms, record, &key);
	return key;
}

/* Tells a flow what was seen of its packets before the meter had them. */
static void take_marks(const struct compare_capture_gatherer *gatherer, const struct compare_key *key,
		       struct compare_flow *flow)
{
	const struct compare_flow *marked = compare_ledger_find(gatherer->marks, key);

	if (!marked)
		return;
	flow->has_fragments |= marked->has_fragments;
	if (marked->largest > flow->largest)
		flow->largest = marked->largest;
}

static int book_all(struct compare_capture_gatherer *gatherer, struct error *err)
{
	struct compare_ledger *ledger = gatherer->ledger;
	size_t count = gatherer->booking_count;
	uint32_t flows[COMPARE_BOOKINGS];

	gatherer->booking_count = 0;
	if (compare_ledger_book_all(ledger, gatherer->bookings, count, flows, err) < 0)
		return -ENOMEM;
	for (size_t i = 0; gatherer->marks->flow_count > 0 && i < count; i++)
		take_marks(gatherer, &gatherer->marked[i], &ledger->flows[flows[i]]);
	return 0;
}

static int take_flow(struct compare_capture_gatherer *gatherer, uint32_t interface, const struct flow_record *record,
		     struct error *err)
{
	size_t at = gatherer->booking_count++;

	gatherer->lacks_directions |= record->direction == FLOW_UNKNOWN;
	gatherer->bookings[at] = (struct compare_booking){
		.key = key_of(&gatherer->terms, interface, record),
		.part = { .start = second_of(record->start),
			  .end = second_of(record->end),
			  .packets = record->packets,
			  .bytes = record->bytes,
			  .action = record->action,
			  .tcp_flags = record->tcp_flags,
			  .direction = record->direction },
	};
	gatherer->marked[at] = (struct compare_key){
		.source_port = record->source_port,
		.destination_port = record->destination_port,
		.protocol = record->protocol,
		.family = record->family,
		.source = record->packet_source,
		.destination = record->packet_destination,
	};
	return gatherer->booking_count == COMPARE_BOOKINGS ? book_all(gatherer, err) : 0;
}

static int take_record(void *ctx, const struct flow_record *record, struct error *err)
{
	struct compare_capture_gatherer *gatherer = ctx;
	int64_t interface = capture_interface(gatherer, record, err);
	uint32_t start = second_of(record->start), end = second_of(record->end);

	if (interface < 0)
		return (int)interface;
	if (record->status == FLOW_OK)
		return take_flow(gatherer, (uint32_t)interface, record, err);
	if (record->status == FLOW_NODATA)
		return 0;
	/* SKIPDATA ends with the first second after the window. */
	return compare_spans_add(&gatherer->ledger->interfaces[interface].skipped, start, end > start ? end - 1 : end,
				 err);
}

static int take_window_end(void *ctx, int64_t until, struct error *err)
{
	(void)ctx;
	(void)until;
	(void)err;
	return 0;
}

struct flow_sink compare_capture_sink(struct compare_capture_gatherer *gatherer)
{
	return (struct flow_sink){ take_record, take_window_end, gatherer };
}

static void take_direction_out(void *ctx, size_t flow, struct compare_key *key)
{
	(void)ctx;
	(void)flow;
	key->direction = FLOW_UNKNOWN;
}

int compare_capture_finish(struct compare_capture_gatherer *gatherer, struct error *err)
{
	struct compare_ledger *ledger = gatherer->ledger;

	if (book_all(gatherer, err) < 0)
		return -ENOMEM;
	if (gatherer->terms.has_directions && gatherer->lacks_directions) {
		compare_ledger_rekey(ledger, take_direction_out, NULL);
		compare_ledger_rekey(gatherer->terms.log, take_direction_out, NULL);
		if (compare_ledger_close(gatherer->terms.log, true, err) < 0)
			return -ENOMEM;
	}
	if (compare_ledger_close(ledger, false, err) < 0)
		return -ENOMEM;
	for (size_t i = 0; gatherer->has_frames && i < ledger->interface_count; i++) {
		ledger->interfaces[i].start = gatherer->start;
		ledger->interfaces[i].end = gatherer->end;
	}
	return 0;
}
