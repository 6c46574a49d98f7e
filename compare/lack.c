#include "compare/lack.h"

#include <inttypes.h>
#include <stdio.h>

/* Never INT64_MIN, which has no opposite. */
static int64_t less(uint64_t a, uint64_t b)
{
	uint64_t apart = compare_sums_apart(a, b);
	int64_t size = apart < INT64_MAX ? (int64_t)apart : INT64_MAX;

	return a < b ? -size : size;
}

void compare_lack_init(struct compare_lack *lack, const struct compare_case *about,
		       const struct compare_finding *finding)
{
	const struct compare_sums *held = finding->held;
	unsigned unknown = about->ledgers[COMPARE_LOG]->unknown;

	*lack = (struct compare_lack){
		.about = about,
		.finding = finding,
		.has_packets = !(unknown & FLOW_UNKNOWN_PACKETS),
		.has_bytes = !(unknown & FLOW_UNKNOWN_BYTES),
		.packets = less(held[COMPARE_LOG].packets, held[COMPARE_CAPTURE].packets),
		.bytes = less(held[COMPARE_LOG].bytes, held[COMPARE_CAPTURE].bytes),
	};
	if (!lack->has_packets)
		lack->packets = 0;
	if (!lack->has_bytes)
		lack->bytes = 0;
}

/* What the log has no column of is not compared. */
static struct compare_sums known(const struct compare_lack *lack, const struct compare_sums *sums)
{
	return (struct compare_sums){ lack->has_packets ? sums->packets : 0, lack->has_bytes ? sums->bytes : 0 };
}

bool compare_lack_same(const struct compare_lack *lack, const struct compare_sums *a, const struct compare_sums *b)
{
	struct compare_sums left = known(lack, a), right = known(lack, b);

	return compare_sums_same(&left, &right, &lack->about->options->tolerance);
}

bool compare_lack_is_none(const struct compare_lack *lack)
{
	return compare_lack_same(lack, &lack->finding->held[COMPARE_LOG], &lack->finding->held[COMPARE_CAPTURE]);
}

bool compare_lack_more(const struct compare_lack *lack, enum compare_side side)
{
	int sign = side == COMPARE_LOG ? 1 : -1;

	return lack->packets * sign >= 0 && lack->bytes * sign >= 0 && (lack->packets != 0 || lack->bytes != 0);
}

struct compare_sums compare_lack_surplus(const struct compare_lack *lack, enum compare_side side)
{
	int sign = side == COMPARE_LOG ? 1 : -1;

	return (struct compare_sums){ (uint64_t)(lack->packets * sign), (uint64_t)(lack->bytes * sign) };
}

/* Without the surplus, the side has what the other has: so tolerances are those of whole flows. */
bool compare_lack_is(const struct compare_lack *lack, enum compare_side side, const struct compare_sums *sums)
{
	struct compare_sums rest = lack->finding->held[side];

	if (!compare_lack_more(lack, side) || (sums->packets == 0 && sums->bytes == 0) ||
	    sums->packets > rest.packets || sums->bytes > rest.bytes)
		return false;
	rest.packets -= sums->packets;
	rest.bytes -= sums->bytes;
	return compare_lack_same(lack, &rest,
				 &lack->finding->held[side == COMPARE_LOG ? COMPARE_CAPTURE : COMPARE_LOG]);
}

bool compare_lack_within(const struct compare_lack *lack, enum compare_side side, const struct compare_sums *sums)
{
	struct compare_sums surplus = compare_lack_surplus(lack, side);

	return compare_lack_more(lack, side) && surplus.packets <= sums->packets && surplus.bytes <= sums->bytes;
}

bool compare_lack_holds(const struct compare_lack *lack, enum compare_side side, const struct compare_entry *entry)
{
	const struct compare_sums *sums = lack->finding->sums[side];

	return entry->action == FLOW_ACCEPT ||
	       lack->finding->held[side].packets == sums[FLOW_ACCEPT].packets + sums[FLOW_REJECT].packets;
}

static bool touches(const struct compare_entry *entry, const struct compare_span *span, int64_t offset, int64_t widened)
{
	return entry->start <= span->end + offset + widened && entry->end >= span->start + offset - widened;
}

/* Spans lie apart and in order: the first that does not end before the entry is the one, or none is. */
static const struct compare_span *span_of(const struct compare_entry *entry, const struct compare_spans *spans,
					  int64_t offset, int64_t widened)
{
	size_t first = 0, count = spans->count;

	while (count > 0) {
		size_t half = count / 2;

		if (spans->items[first + half].end + offset + widened < entry->start) {
			first += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return first < spans->count && touches(entry, &spans->items[first], offset, widened) ? &spans->items[first]
											     : NULL;
}

struct compare_sums compare_lack_inside(const struct compare_lack *lack, enum compare_side side,
					const struct compare_spans *spans, int64_t offset, int64_t widened)
{
	struct compare_sums inside = { 0 };

	for (size_t i = 0; i < lack->about->entry_counts[side]; i++) {
		const struct compare_entry *entry = &lack->about->entries[side][i];

		if (!compare_lack_holds(lack, side, entry) || !span_of(entry, spans, offset, widened))
			continue;
		compare_sums_add(&inside, &entry->sums);
	}
	return inside;
}

const struct compare_span *compare_lack_touched(const struct compare_lack *lack, enum compare_side side,
						const struct compare_spans *spans, int64_t offset)
{
	for (size_t i = 0; i < lack->about->entry_counts[side]; i++) {
		const struct compare_span *span = span_of(&lack->about->entries[side][i], spans, offset, 1);

		if (span)
			return span;
	}
	return NULL;
}

void compare_lack_say(struct compare_lack *lack, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(lack->detail, sizeof(lack->detail), format, args);
	va_end(args);
}

struct compare_count compare_packets(uint64_t count)
{
	struct compare_count out;

	snprintf(out.text, sizeof(out.text), "%" PRIu64 " packet%s", count, count == 1 ? "" : "s");
	return out;
}

struct compare_clock compare_lack_clock(const struct compare_lack *lack, int64_t second)
{
	enum { DAY = 86400, DATE_LENGTH = sizeof("2026-11-20 ") - 1 };
	int64_t first = lack->about->start / DAY, last = lack->about->end / DAY;
	struct compare_clock out = { "" };

	compare_phrase_time(out.text, second);
	if (first == last && second / DAY == first && strlen(out.text) > DATE_LENGTH)
		memmove(out.text, out.text + DATE_LENGTH, strlen(out.text) - DATE_LENGTH + 1);
	return out;
}
