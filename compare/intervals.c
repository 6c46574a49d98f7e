#include "compare/intervals.h"

#include <stdlib.h>

enum { MINUTE = 60, TEN_MINUTES = 600 };

/* ---- how long they are, and where they begin ---- */

uint32_t compare_intervals_length(const struct compare_ledger *log)
{
	uint32_t longest = log->longest;

	if (longest <= MINUTE)
		return MINUTE;
	if (longest <= TEN_MINUTES)
		return TEN_MINUTES;
	longest = longest < UINT32_MAX - MINUTE ? longest : UINT32_MAX - MINUTE;
	return (longest + MINUTE - 1) / MINUTE * MINUTE;
}

/* Where lines begin within an interval; COMPARE_NONE: none has been seen. False: they do not agree. */
static bool agrees(uint32_t *phase, uint32_t start, uint32_t length)
{
	if (*phase != COMPARE_NONE && *phase != start % length)
		return false;
	*phase = start % length;
	return true;
}

/* That of the lines without data; COMPARE_NONE: there are none. */
static uint32_t status_phase(const struct compare_ledger_interface *interface, uint32_t length)
{
	uint32_t phase = COMPARE_NONE;

	for (size_t i = 0; i < interface->silent.count; i++)
		if (!agrees(&phase, interface->silent.items[i].start, length))
			return 0;
	for (size_t i = 0; i < interface->skipped.count; i++)
		if (!agrees(&phase, interface->skipped.items[i].start, length))
			return 0;
	return phase;
}

void compare_intervals_phases(uint32_t *phases, const struct compare_ledger *log, uint32_t length)
{
	for (size_t i = 0; i < log->interface_count; i++)
		phases[i] = COMPARE_NONE;
	for (size_t i = 0; i < log->flow_count; i++) {
		uint32_t *phase = &phases[log->flows[i].key.interface];

		/* The length stands for "they do not agree": no second modulo it. */
		for (uint32_t at = log->flows[i].first; at != COMPARE_NONE && *phase != length;
		     at = log->parts[at].next)
			if (!agrees(phase, log->parts[at].start, length))
				*phase = length;
	}
	for (size_t i = 0; i < log->interface_count; i++) {
		uint32_t phase = status_phase(&log->interfaces[i], length);

		if (phase != COMPARE_NONE)
			phases[i] = phase;
		if (phases[i] >= length)
			phases[i] = 0;
	}
}

int compare_intervals_make(struct compare_interface *interface, uint32_t length, uint32_t phase, struct error *err)
{
	/* Seconds of the log are not negative, so that a phase before the first one is none. */
	int64_t into = (interface->start - phase) % length;
	int64_t first = interface->start - (into < 0 ? into + length : into);
	int64_t count = (interface->end - first) / length + 1;

	if (count > COMPARE_INTERVALS_MOST)
		return 0;
	interface->intervals = calloc((size_t)count, sizeof(*interface->intervals));
	if (!interface->intervals)
		return fail_memory(err, "intervals to compare");
	for (int64_t i = 0; i < count; i++)
		interface->intervals[i].start = first + i * length;
	interface->interval_count = (size_t)count;
	return 0;
}

/* The number of a second's interval, which is one of the interface's. */
static size_t number_of(const struct compare_interface *interface, uint32_t length, int64_t second)
{
	return (size_t)((second - interface->intervals[0].start) / length);
}

void compare_intervals_mark(struct compare_interface *interface, uint32_t length, const struct compare_spans *skipped,
			    const struct compare_spans *missing)
{
	size_t skip = 0, miss = 0;

	for (size_t i = 0; i < interface->interval_count; i++) {
		struct compare_interval *interval = &interface->intervals[i];
		int64_t start = interval->start < interface->start ? interface->start : interval->start;
		int64_t end = interval->start + length - 1 > interface->end ? interface->end
									    : interval->start + length - 1;

		while (skip < skipped->count && skipped->items[skip].end < start)
			skip++;
		while (miss < missing->count && missing->items[miss].end < start)
			miss++;
		interval->is_skipped = skip < skipped->count && skipped->items[skip].start <= end;
		interval->is_missing = miss < missing->count && missing->items[miss].start <= start &&
				       missing->items[miss].end >= end;
	}
}

/* ---- what they hold ---- */

/* Where a walk through the entries of both sides is: those of an interval come one behind the other on each side, but
 * for packets that stand in no record. */
struct walk {
	const struct compare_judgement *judgement;
	bool accepted_alone;
	size_t at[COMPARE_SIDES];
};

/* The sums that a side has from where it is on, as long as entries are of that interval. */
static struct compare_sums take(struct walk *walk, enum compare_side side, const struct compare_interface *interface,
				uint32_t length, size_t number)
{
	const struct compare_judgement *judgement = walk->judgement;
	struct compare_sums sums = { 0 };

	for (; walk->at[side] < judgement->counts[side]; walk->at[side]++) {
		const struct compare_entry *entry = &judgement->entries[side][walk->at[side]];

		if (number_of(interface, length, judgement->booked[side][walk->at[side]]) > number)
			break;
		if (entry->action == FLOW_ACCEPT || !walk->accepted_alone)
			compare_sums_add(&sums, &entry->sums);
	}
	return sums;
}

/* The interval that comes next on either side; false: there is none. */
static bool next_interval(const struct walk *walk, const struct compare_interface *interface, uint32_t length,
			  size_t *number)
{
	bool is_there = false;

	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		size_t own;

		if (walk->at[side] == walk->judgement->counts[side])
			continue;
		own = number_of(interface, length, walk->judgement->booked[side][walk->at[side]]);
		if (!is_there || own < *number)
			*number = own;
		is_there = true;
	}
	return is_there;
}

void compare_intervals_add(struct compare_interface *interface, uint32_t length,
			   const struct compare_judgement *judgement, bool does_agree, bool accepted_alone)
{
	static const struct compare_tolerance none;
	struct walk walk = { .judgement = judgement, .accepted_alone = accepted_alone };
	size_t number;

	if (interface->interval_count == 0)
		return;
	while (next_interval(&walk, interface, length, &number)) {
		struct compare_interval *interval = &interface->intervals[number];
		struct compare_sums sums[COMPARE_SIDES] = {
			[COMPARE_LOG] = take(&walk, COMPARE_LOG, interface, length, number),
			[COMPARE_CAPTURE] = take(&walk, COMPARE_CAPTURE, interface, length, number),
		};

		for (size_t side = 0; side < COMPARE_SIDES; side++)
			compare_sums_add(&interval->sums[side], &sums[side]);
		if (sums[COMPARE_LOG].packets == 0 && sums[COMPARE_CAPTURE].packets == 0)
			continue;
		if (does_agree || compare_sums_same(&sums[COMPARE_LOG], &sums[COMPARE_CAPTURE], &none))
			interval->agreeing++;
		else
			interval->differing++;
	}
}
