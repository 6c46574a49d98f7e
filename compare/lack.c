#include "compare/lack.h"

#include <inttypes.h>
#include <stdio.h>

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
		.packets = (int64_t)(held[COMPARE_LOG].packets - held[COMPARE_CAPTURE].packets),
		.bytes = (int64_t)(held[COMPARE_LOG].bytes - held[COMPARE_CAPTURE].bytes),
	};
	if (!lack->has_packets)
		lack->packets = 0;
	if (!lack->has_bytes)
		lack->bytes = 0;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

static double bytes_allowed(const struct compare_lack *lack, const struct compare_sums *a, const struct compare_sums *b)
{
	return lack->about->options->bytes_tolerance / 100 * (double)(a->bytes < b->bytes ? b->bytes : a->bytes);
}

bool compare_lack_same(const struct compare_lack *lack, const struct compare_sums *a, const struct compare_sums *b)
{
	bool packets = !lack->has_packets || apart(a->packets, b->packets) <= lack->about->options->packets_tolerance;
	bool bytes = !lack->has_bytes || (double)apart(a->bytes, b->bytes) <= bytes_allowed(lack, a, b);

	return packets && bytes;
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

static const struct compare_span *span_of(const struct compare_entry *entry, const struct compare_spans *spans,
					  int64_t offset, int64_t widened)
{
	for (size_t i = 0; i < spans->count; i++)
		if (touches(entry, &spans->items[i], offset, widened))
			return &spans->items[i];
	return NULL;
}

struct compare_sums compare_lack_inside(const struct compare_lack *lack, enum compare_side side,
					const struct compare_spans *spans, int64_t offset, int64_t widened)
{
	struct compare_sums inside = { 0 };

	for (size_t i = 0; i < lack->about->entry_counts[side]; i++) {
		const struct compare_entry *entry = &lack->about->entries[side][i];

		if (!compare_lack_holds(lack, side, entry) || !span_of(entry, spans, offset, widened))
			continue;
		inside.packets += entry->sums.packets;
		inside.bytes += entry->sums.bytes;
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
