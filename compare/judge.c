#include "compare/judge.h"

#include <errno.h>
#include <stdlib.h>

enum {
	NOBODY = -1,    /* no record */
	SKEW = 2,       /* seconds that clocks may differ by where no offset could be told exactly */
	LOOK_BACK = 16, /* records of a flow that overlap */
};

/* A record of the log, while the capture's packets are dealt out. */
struct record {
	int64_t start, end;
	struct compare_sums left; /* what no packet of the capture belongs to, yet */
	uint8_t action;
	bool is_inside; /* whole in the time in both; else it is set aside, with all that belongs to it */
};

/* A second of the flow in the capture. */
struct second {
	int64_t time;
	struct compare_sums sums;
	int64_t owner; /* number of the record, or NOBODY */
	uint8_t action, tcp_flags;
};

/* A growing array of entries, and where they are booked. */
struct entries {
	struct compare_entry *items;
	int64_t *booked;
	size_t count, room;
};

struct compare_judge {
	struct record *records; /* by start */
	size_t record_count, record_room;
	struct second *seconds;
	size_t second_count, second_room;
	struct entries entries[COMPARE_SIDES];
	bool has_direction[FLOW_EGRESS + 1]; /* of the flow's parts */
};

int compare_judge_new(struct compare_judge **out, struct error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : fail_memory(err, "flows to compare");
}

void compare_judge_free(struct compare_judge *judge)
{
	if (!judge)
		return;
	free(judge->records);
	free(judge->seconds);
	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		free(judge->entries[side].items);
		free(judge->entries[side].booked);
	}
	free(judge);
}

/* Room for one more. False: out of memory. */
static bool grow(void **items, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room * 2 : 64;
	void *larger;

	if (count < *room)
		return true;
	larger = realloc(*items, more * size);
	if (!larger)
		return false;
	*items = larger;
	*room = more;
	return true;
}

/* ---- both sides of a flow, by the log's clock ---- */

static bool take_records(struct compare_judge *judge, const struct compare_scope *scope,
			 const struct compare_flow *flow)
{
	const struct compare_part *parts = scope->ledgers[COMPARE_LOG]->parts;

	judge->record_count = 0;
	for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE; at = parts[at].next) {
		void *records = judge->records;
		bool has_room = grow(&records, &judge->record_room, judge->record_count, sizeof(*judge->records));

		judge->records = records;
		if (!has_room)
			return false;
		judge->has_direction[parts[at].direction] = true;
		judge->records[judge->record_count++] = (struct record){
			.start = parts[at].start,
			.end = parts[at].end,
			.left = { parts[at].packets, parts[at].bytes },
			.action = parts[at].action,
			.is_inside = parts[at].start >= scope->start && parts[at].end <= scope->end,
		};
	}
	return true;
}

/* What the log does not say is nothing in the capture, too. */
static struct compare_sums sums_of(const struct compare_scope *scope, const struct compare_part *part)
{
	unsigned unknown = scope->ledgers[COMPARE_LOG]->unknown;

	return (struct compare_sums){ unknown & FLOW_UNKNOWN_PACKETS ? 0 : part->packets,
				      unknown & FLOW_UNKNOWN_BYTES ? 0 : part->bytes };
}

static bool take_seconds(struct compare_judge *judge, const struct compare_scope *scope,
			 const struct compare_flow *flow)
{
	const struct compare_part *parts = scope->ledgers[COMPARE_CAPTURE]->parts;

	judge->second_count = 0;
	for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE; at = parts[at].next) {
		void *seconds = judge->seconds;
		bool has_room = grow(&seconds, &judge->second_room, judge->second_count, sizeof(*judge->seconds));

		judge->seconds = seconds;
		if (!has_room)
			return false;
		judge->has_direction[parts[at].direction] = true;
		judge->seconds[judge->second_count++] = (struct second){
			.time = parts[at].start + scope->offset,
			.sums = sums_of(scope, &parts[at]),
			.owner = NOBODY,
			.action = parts[at].action,
			.tcp_flags = parts[at].tcp_flags,
		};
	}
	return true;
}

/* ---- which packets belong to which record ---- */

static bool is_in(const struct compare_scope *scope, int64_t time)
{
	return time >= scope->start && time <= scope->end;
}

static bool holds(const struct record *record, int64_t time)
{
	return record->start <= time && time <= record->end;
}

/* Does a record lack as much as that? */
static bool fits(const struct record *record, const struct compare_sums *sums)
{
	return record->left.packets >= sums->packets && record->left.bytes >= sums->bytes;
}

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

static void give(struct compare_judge *judge, struct second *second, int64_t owner)
{
	struct compare_sums *left = &judge->records[owner].left;

	second->owner = owner;
	left->packets = less(left->packets, second->sums.packets);
	left->bytes = less(left->bytes, second->sums.bytes);
}

/* The last record that begins at that time or before; NOBODY. Times only grow: `at` is the answer to the last one. */
static int64_t last_begun(const struct compare_judge *judge, int64_t at, int64_t time)
{
	while (at + 1 < (int64_t)judge->record_count && judge->records[at + 1].start <= time)
		at++;
	return at;
}

/* In whose time it lies: of several records the latest that lacks so much, else the latest. */
static int64_t holder_of(const struct compare_judge *judge, const struct second *second, int64_t last)
{
	int64_t holder = NOBODY;

	for (int64_t i = last; i >= 0 && i > last - LOOK_BACK; i--) {
		if (!holds(&judge->records[i], second->time))
			continue;
		if (fits(&judge->records[i], &second->sums))
			return i;
		if (holder == NOBODY)
			holder = i;
	}
	return holder;
}

static bool is_before(const struct record *record, const struct second *second, int64_t most)
{
	return record && second->time - record->end <= most && fits(record, &second->sums);
}

/* Of seconds that are in no record's time. A record's times are late, not early: packets come before it begins, and
 * after its end only where clocks differ. One may be so late that the next one begins sooner: the first that lacks so
 * much has them. One that is set aside lacks packets anyway: it takes none but those. */
static int64_t nearest_of(const struct compare_judge *judge, const struct second *second, int64_t last)
{
	const struct record *before = last == NOBODY ? NULL : &judge->records[last];

	if (is_before(before, second, SKEW))
		return last;
	for (int64_t i = last + 1; i < (int64_t)judge->record_count && i <= last + LOOK_BACK; i++) {
		const struct record *behind = &judge->records[i];

		if (behind->start - second->time > COMPARE_LATE)
			break;
		if (fits(behind, &second->sums))
			return i;
	}
	return before && before->is_inside && is_before(before, second, COMPARE_LATE) ? last : NOBODY;
}

static void deal_out(struct compare_judge *judge)
{
	int64_t last = NOBODY;

	for (size_t i = 0; i < judge->second_count; i++) {
		int64_t holder;

		last = last_begun(judge, last, judge->seconds[i].time);
		holder = holder_of(judge, &judge->seconds[i], last);
		if (holder != NOBODY)
			give(judge, &judge->seconds[i], holder);
	}
	last = NOBODY;
	for (size_t i = 0; i < judge->second_count; i++) {
		int64_t nearest;

		last = last_begun(judge, last, judge->seconds[i].time);
		if (judge->seconds[i].owner != NOBODY)
			continue;
		nearest = nearest_of(judge, &judge->seconds[i], last);
		if (nearest != NOBODY)
			give(judge, &judge->seconds[i], nearest);
	}
}

/* ---- what is judged ---- */

static bool add_entry(struct entries *entries, const struct compare_entry *entry, int64_t booked)
{
	size_t room = entries->room;
	void *items = entries->items, *seconds = entries->booked;
	bool has_room = grow(&items, &room, entries->count, sizeof(*entries->items));

	entries->items = items;
	room = entries->room;
	has_room = has_room && grow(&seconds, &room, entries->count, sizeof(*entries->booked));
	entries->booked = seconds;
	if (!has_room)
		return false;
	entries->room = room;
	entries->items[entries->count] = *entry;
	entries->booked[entries->count++] = booked;
	return true;
}

static bool reaches_in(const struct compare_scope *scope, const struct record *record)
{
	return record->start <= scope->end && record->end >= scope->start;
}

/* The same of a record whose times may be late. */
static bool is_near(const struct compare_scope *scope, const struct record *record)
{
	return record->start <= scope->end + COMPARE_LATE && record->end >= scope->start - COMPARE_LATE;
}

/* The records that are whole in the time; those that reach over its ends are counted. */
static bool keep_records(struct compare_judge *judge, const struct compare_scope *scope,
			 const struct compare_flow *flow, struct compare_judgement *out)
{
	const struct compare_part *parts = scope->ledgers[COMPARE_LOG]->parts;
	uint32_t at = flow ? flow->first : COMPARE_NONE;

	judge->entries[COMPARE_LOG].count = 0;
	for (size_t i = 0; i < judge->record_count; i++, at = parts[at].next) {
		const struct record *record = &judge->records[i];
		struct compare_entry entry = {
			.start = record->start,
			.end = record->end,
			.sums = { parts[at].packets, parts[at].bytes },
			.action = record->action,
			.tcp_flags = parts[at].tcp_flags,
			.is_duplicate = parts[at].is_duplicate,
		};

		if (!record->is_inside) {
			out->edge_records += reaches_in(scope, record);
			if (is_near(scope, record))
				compare_sums_add(&out->lacking, &record->left);
		} else if (!add_entry(&judge->entries[COMPARE_LOG], &entry, record->start)) {
			return false;
		}
	}
	return true;
}

/* The capture's seconds that belong to records that are kept, or to none and are in the time. */
static bool keep_seconds(struct compare_judge *judge, const struct compare_scope *scope, struct compare_judgement *out)
{
	judge->entries[COMPARE_CAPTURE].count = 0;
	for (size_t i = 0; i < judge->second_count; i++) {
		const struct second *second = &judge->seconds[i];
		const struct record *owner = second->owner == NOBODY ? NULL : &judge->records[second->owner];
		struct compare_entry entry = {
			.start = second->time,
			.end = second->time,
			.sums = second->sums,
			.action = second->action,
			.tcp_flags = second->tcp_flags,
		};

		if (owner ? !owner->is_inside : !is_in(scope, second->time)) {
			if (is_in(scope, second->time))
				compare_sums_add(&out->aside, &second->sums);
			continue;
		}
		if (!add_entry(&judge->entries[COMPARE_CAPTURE], &entry, owner ? owner->start : second->time))
			return false;
	}
	return true;
}

static void add_up(struct compare_judgement *out, enum compare_side side)
{
	for (size_t i = 0; i < out->counts[side]; i++) {
		const struct compare_entry *entry = &out->entries[side][i];
		struct compare_sums *sums = &out->sums[side][entry->action];
		bool is_first = i == 0 && (side == COMPARE_LOG || out->counts[COMPARE_LOG] == 0);

		compare_sums_add(sums, &entry->sums);
		out->tcp_flags[side] |= entry->tcp_flags;
		if (is_first || entry->start < out->start)
			out->start = entry->start;
		if (is_first || entry->end > out->end)
			out->end = entry->end;
	}
}

/* Is the capture's sum rather that of all packets than that of those accepted? Rejected ones it may have or not, as it
 * was made behind the rules or before them. */
static bool is_rather_all(const struct compare_sums *all, const struct compare_sums *accepted,
			  const struct compare_sums *capture)
{
	return accepted->packets == 0 || compare_sums_apart(all->packets, capture->packets) <
						 compare_sums_apart(accepted->packets, capture->packets);
}

/* What is held against each other; is it the same? */
static bool hold(const struct compare_scope *scope, struct compare_judgement *out)
{
	struct compare_sums *log = out->sums[COMPARE_LOG], *capture = out->sums[COMPARE_CAPTURE];
	const struct compare_tolerance *tolerance = &scope->options->tolerance;
	struct compare_sums all = compare_sums_total(log), seen = compare_sums_total(capture);
	bool has_actions = !(scope->ledgers[COMPARE_LOG]->unknown & FLOW_UNKNOWN_ACTION);
	bool is_accepted_alone = log[FLOW_REJECT].packets > 0 && capture[FLOW_REJECT].packets == 0 &&
				 out->direction != FLOW_EGRESS && !compare_sums_same(&all, &seen, tolerance) &&
				 !is_rather_all(&all, &log[FLOW_ACCEPT], &seen);

	out->held[COMPARE_LOG] = is_accepted_alone ? log[FLOW_ACCEPT] : all;
	out->held[COMPARE_CAPTURE] = seen;
	if (scope->options->has_verdicts && has_actions)
		return compare_sums_same(&log[FLOW_ACCEPT], &capture[FLOW_ACCEPT], tolerance) &&
		       compare_sums_same(&log[FLOW_REJECT], &capture[FLOW_REJECT], tolerance);
	return !is_accepted_alone && compare_sums_same(&all, &seen, tolerance);
}

static void pronounce(const struct compare_scope *scope, bool is_at_edge, struct compare_judgement *out)
{
	bool is_same = hold(scope, out);

	if (out->counts[COMPARE_LOG] > 0 && out->counts[COMPARE_CAPTURE] > 0)
		out->verdict = is_same ? COMPARE_AGREES : COMPARE_DIFFERS;
	else if (out->counts[COMPARE_LOG] > 0)
		out->verdict = COMPARE_LOG_ONLY;
	else if (out->counts[COMPARE_CAPTURE] > 0)
		out->verdict = COMPARE_CAPTURE_ONLY;
	else
		out->verdict = is_at_edge ? COMPARE_EDGE : COMPARE_VERDICTS;
}

int compare_judge_flow(struct compare_judge *judge, const struct compare_scope *scope,
		       const struct compare_flow *const flows[static COMPARE_SIDES], struct compare_judgement *out,
		       struct error *err)
{
	*out = (struct compare_judgement){ 0 };
	memset(judge->has_direction, 0, sizeof(judge->has_direction));
	if (!take_records(judge, scope, flows[COMPARE_LOG]) || !take_seconds(judge, scope, flows[COMPARE_CAPTURE]))
		return fail_memory(err, "flows to compare");
	if (judge->has_direction[FLOW_INGRESS] != judge->has_direction[FLOW_EGRESS])
		out->direction = judge->has_direction[FLOW_INGRESS] ? FLOW_INGRESS : FLOW_EGRESS;
	deal_out(judge);
	if (!keep_records(judge, scope, flows[COMPARE_LOG], out) || !keep_seconds(judge, scope, out))
		return fail_memory(err, "flows to compare");
	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		out->entries[side] = judge->entries[side].items;
		out->booked[side] = judge->entries[side].booked;
		out->counts[side] = judge->entries[side].count;
		add_up(out, (enum compare_side)side);
	}
	pronounce(scope, out->aside.packets > 0 || out->edge_records > 0, out);
	return 0;
}
