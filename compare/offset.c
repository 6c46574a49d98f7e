#include "compare/offset.h"

#include <errno.h>
#include <stdlib.h>

enum {
	LATE = 60,      /* seconds that a log's times may be late */
	ENOUGH = 20,    /* flows that begin later than that after both sides do */
	CROWD_SPAN = 3, /* seconds */
	CROWD_LEAST = 3,
	ZONE = 900,       /* seconds: time zones differ by quarters of an hour */
	ZONES_MOST = 56,  /* and from UTC, which logs have, by 14 hours at most */
	ZONE_EARLY = 5,   /* seconds that clocks may differ beside their zones */
	SAMPLE = 1 << 16, /* parts that are tried */
};

struct differences {
	int64_t *items; /* least first */
	size_t count;
};

/* Of flows that begin more than `margin` seconds after each side does. */
static void collect(struct differences *out, const struct compare_ledger *log, const struct compare_ledger *capture,
		    const struct compare_pairing *pairing, uint32_t margin)
{
	out->count = 0;
	for (size_t i = 0; i < log->flow_count; i++) {
		const struct compare_flow *flows[COMPARE_SIDES] = { &log->flows[i] };
		uint32_t starts[COMPARE_SIDES];

		if (pairing->partners[i] == COMPARE_NONE)
			continue;
		flows[COMPARE_CAPTURE] = &capture->flows[pairing->partners[i]];
		starts[COMPARE_LOG] = log->parts[flows[COMPARE_LOG]->first].start;
		starts[COMPARE_CAPTURE] = capture->parts[flows[COMPARE_CAPTURE]->first].start;
		if (starts[COMPARE_LOG] - log->interfaces[flows[COMPARE_LOG]->key.interface].start > margin &&
		    starts[COMPARE_CAPTURE] - capture->interfaces[flows[COMPARE_CAPTURE]->key.interface].start > margin)
			out->items[out->count++] = (int64_t)starts[COMPARE_LOG] - starts[COMPARE_CAPTURE];
	}
}

static int order_of_differences(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The densest span of so many seconds: where it begins among the differences, and how many are in it. Of several the
 * one nearest to 0. */
static size_t densest(const struct differences *differences, int64_t span, size_t *from)
{
	const int64_t *items = differences->items;
	size_t most = 0;

	for (size_t first = 0, end = 0; first < differences->count; first++) {
		while (end < differences->count && items[end] - items[first] < span)
			end++;
		if (end - first > most ||
		    (end - first == most && llabs(items[first + most / 2]) < llabs(items[*from + most / 2]))) {
			most = end - first;
			*from = first;
		}
	}
	return most;
}

static bool is_believed(size_t crowd, size_t all)
{
	return (crowd >= CROWD_LEAST && crowd * 2 >= all) || (crowd >= 2 && crowd == all);
}

/* The time zone that nearly all differences fit: they are up to a minute late. */
static struct compare_offset zone_of(const struct differences *differences)
{
	size_t from = 0, crowd = densest(differences, LATE + 2 * ZONE_EARLY, &from);
	int64_t median, zones;

	if (crowd < CROWD_LEAST || crowd * 10 < differences->count * 9)
		return (struct compare_offset){ 0 };
	median = differences->items[from + crowd / 2];
	zones = (median + ZONE_EARLY - (median + ZONE_EARLY < 0 ? ZONE - 1 : 0)) / ZONE;
	if (zones == 0 || llabs(zones) > ZONES_MOST || differences->items[from] < zones * ZONE - ZONE_EARLY ||
	    differences->items[from + crowd - 1] > zones * ZONE + LATE + ZONE_EARLY)
		return (struct compare_offset){ 0 };
	return (struct compare_offset){ zones * ZONE, crowd };
}

/* The offset that the differences seem to show. */
static struct compare_offset read_off(struct differences *differences)
{
	size_t from = 0, crowd;

	qsort(differences->items, differences->count, sizeof(*differences->items), order_of_differences);
	crowd = densest(differences, CROWD_SPAN, &from);
	if (is_believed(crowd, differences->count))
		return (struct compare_offset){ differences->items[from + crowd / 2], crowd };
	return zone_of(differences);
}

/* ---- a trial ---- */

/* Has the capture just what a record of the log says, in the seconds of the record? */
static bool is_met(const struct compare_ledger *capture, const struct compare_flow *flow,
		   const struct compare_part *record, unsigned unknown, int64_t offset)
{
	struct compare_sums sums = { 0 };

	for (uint32_t at = flow->first; at != COMPARE_NONE; at = capture->parts[at].next) {
		const struct compare_part *part = &capture->parts[at];

		if (part->start + offset > record->end)
			break;
		if (part->start + offset < record->start)
			continue;
		compare_sums_add(&sums, &(struct compare_sums){ part->packets, part->bytes });
	}
	return ((unknown & FLOW_UNKNOWN_PACKETS) || sums.packets == record->packets) &&
	       ((unknown & FLOW_UNKNOWN_BYTES) || sums.bytes == record->bytes) && sums.packets > 0;
}

struct trial {
	size_t tried, met;
};

/* Of flows' first records, those that lie whole in the capture's time: how many the capture meets with that offset. */
static struct trial try_offset(const struct compare_ledger *log, const struct compare_ledger *capture,
			       const struct compare_pairing *pairing, int64_t offset)
{
	struct trial trial = { 0 };

	for (size_t i = 0; i < log->flow_count && trial.tried < SAMPLE; i++) {
		const struct compare_part *record = &log->parts[log->flows[i].first];
		const struct compare_ledger_interface *interface;
		const struct compare_flow *flow;

		if (pairing->partners[i] == COMPARE_NONE)
			continue;
		flow = &capture->flows[pairing->partners[i]];
		interface = &capture->interfaces[flow->key.interface];
		if (record->start < interface->start + offset || record->end > interface->end + offset)
			continue;
		trial.tried++;
		trial.met += is_met(capture, flow, record, log->unknown, offset);
	}
	return trial;
}

/* Do the two have any time in common without an offset? */
static bool overlap(const struct compare_ledger *log, const struct compare_ledger *capture,
		    const struct compare_pairing *pairing)
{
	for (size_t i = 0; i < pairing->count; i++) {
		const struct compare_ledger_interface *a = &log->interfaces[pairing->pairs[i].interfaces[COMPARE_LOG]];
		const struct compare_ledger_interface *b =
			&capture->interfaces[pairing->pairs[i].interfaces[COMPARE_CAPTURE]];

		if (a->start <= b->end && b->start <= a->end)
			return true;
	}
	return false;
}

/* Where no record is met: a few flows that begin as far apart are two that stand on both sides at other times (NTP,
 * heartbeats), unless it is a time zone. */
static bool is_chance(const struct compare_offset *offset)
{
	int64_t beside = llabs(offset->seconds) % ZONE;

	return offset->flows < ENOUGH && ((beside > ZONE_EARLY && beside < ZONE - ZONE_EARLY) ||
					  llabs(offset->seconds) > (int64_t)ZONES_MOST * ZONE + ZONE_EARLY);
}

/* Where the log begins later than the capture, flows that were there already may seem to begin with it: what records say
 * of packets decides. A quarter: cuts that fall within a second are not met where clocks differ by half of one. */
static bool is_borne_out(const struct compare_offset *offset, const struct compare_ledger *log,
			 const struct compare_ledger *capture, const struct compare_pairing *pairing)
{
	struct trial with = try_offset(log, capture, pairing, offset->seconds);
	struct trial without = try_offset(log, capture, pairing, 0);

	if (overlap(log, capture, pairing))
		return with.met > without.met && with.met * 4 >= with.tried;
	return with.met > 0 || !is_chance(offset);
}

int compare_offset_estimate(struct compare_offset *out, const struct compare_ledger *log,
			    const struct compare_ledger *capture, const struct compare_pairing *pairing,
			    struct error *err)
{
	struct differences differences = { .items = calloc(log->flow_count + 1, sizeof(int64_t)) };

	*out = (struct compare_offset){ 0 };
	if (!differences.items)
		return fail_memory(err, "clock offset");
	collect(&differences, log, capture, pairing, LATE);
	if (differences.count < ENOUGH)
		collect(&differences, log, capture, pairing, 0);
	if (differences.count > 0)
		*out = read_off(&differences);
	free(differences.items);
	if (out->seconds == 0)
		return 0;
	if (!is_borne_out(out, log, capture, pairing))
		*out = (struct compare_offset){ 0 };
	return 0;
}

bool compare_offset_is_exact(const struct compare_ledger *log, const struct compare_ledger *capture,
			     const struct compare_pairing *pairing, int64_t offset)
{
	struct trial trial = try_offset(log, capture, pairing, offset);

	return trial.met * 2 >= trial.tried;
}
