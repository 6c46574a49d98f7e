#include "compare/midst.h"

static bool is_near_an_end(const struct compare_midst *flow, const struct compare_entry *entry)
{
	return entry->start < flow->start + flow->margin || entry->end > flow->end - flow->margin;
}

/* Has the capture in the record's seconds what the record says? `at` is the first second that may be in it: of the
 * record before, as they are in order. */
static bool is_seen(const struct compare_midst *flow, const struct compare_entry *record, size_t *at)
{
	const struct compare_entry *seconds = flow->entries[COMPARE_CAPTURE];
	size_t count = flow->counts[COMPARE_CAPTURE];
	struct compare_sums seen = { 0 };

	while (*at < count && seconds[*at].start < record->start)
		++*at;
	for (size_t i = *at; i < count && seconds[i].start <= record->end; i++) {
		seen.packets += seconds[i].sums.packets;
		seen.bytes += seconds[i].sums.bytes;
	}
	return seen.packets == record->sums.packets && seen.bytes == record->sums.bytes;
}

static bool are_records_seen(const struct compare_midst *flow)
{
	size_t at = 0;

	for (size_t i = 0; i < flow->counts[COMPARE_LOG]; i++) {
		const struct compare_entry *record = &flow->entries[COMPARE_LOG][i];

		if (is_near_an_end(flow, record) && !is_seen(flow, record, &at))
			return false;
	}
	return true;
}

static bool are_seconds_recorded(const struct compare_midst *flow)
{
	const struct compare_entry *records = flow->entries[COMPARE_LOG];
	int64_t end = INT64_MIN; /* the last second of all records that have begun */
	size_t at = 0;

	for (size_t i = 0; i < flow->counts[COMPARE_CAPTURE]; i++) {
		const struct compare_entry *second = &flow->entries[COMPARE_CAPTURE][i];

		for (; at < flow->counts[COMPARE_LOG] && records[at].start <= second->start; at++)
			end = records[at].end > end ? records[at].end : end;
		if (end < second->end && is_near_an_end(flow, second))
			return false;
	}
	return true;
}

bool compare_midst_is_all(const struct compare_midst *flow)
{
	return are_records_seen(flow) && are_seconds_recorded(flow);
}
