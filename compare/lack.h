/* compare/lack.h - what one side of a flow has more than the other, and whether something accounts for it. */
#ifndef ENIFLOW_COMPARE_LACK_H
#define ENIFLOW_COMPARE_LACK_H

#include "compare/cause.h"
#include "compare/phrase.h"

enum { COMPARE_DETAIL_MAX = 320 };

struct compare_lack {
	const struct compare_case *about;
	const struct compare_finding *finding;
	bool has_packets, has_bytes;     /* the log has such a column; else they are not compared */
	int64_t packets, bytes;          /* of the log, less those of the capture; at most INT64_MAX apart */
	char detail[COMPARE_DETAIL_MAX]; /* what the cause rests on; "": nothing to say */
};

void compare_lack_init(struct compare_lack *lack, const struct compare_case *about,
		       const struct compare_finding *finding);

/* Is the other side's held sum the same, as far as the tolerances go? */
bool compare_lack_is_none(const struct compare_lack *lack);

/* Are two sums the same as far as the tolerances go? */
bool compare_lack_same(const struct compare_lack *lack, const struct compare_sums *a, const struct compare_sums *b);

/* Has that side more packets or bytes, and none of them less? */
bool compare_lack_more(const struct compare_lack *lack, enum compare_side side);

/* What that side has more; of use where compare_lack_more() says so. */
struct compare_sums compare_lack_surplus(const struct compare_lack *lack, enum compare_side side);

/* Has that side just so many more? */
bool compare_lack_is(const struct compare_lack *lack, enum compare_side side, const struct compare_sums *sums);

/* Has that side more, and no more than so many? */
bool compare_lack_within(const struct compare_lack *lack, enum compare_side side, const struct compare_sums *sums);

/* Is an entry of the log, or of the capture, among those whose sums were held against the other side's? Rejected ones
 * may not be. */
bool compare_lack_holds(const struct compare_lack *lack, enum compare_side side, const struct compare_entry *entry);

/* The sums of a side's held entries that come within the spans, of which each is widened by so many seconds (shortened
 * if < 0) at both ends; `offset` is added to the spans. */
struct compare_sums compare_lack_inside(const struct compare_lack *lack, enum compare_side side,
					const struct compare_spans *spans, int64_t offset, int64_t widened);

/* The first of the spans that comes within a second of an entry of the flow, on that side; NULL: none. */
const struct compare_span *compare_lack_touched(const struct compare_lack *lack, enum compare_side side,
						const struct compare_spans *spans, int64_t offset);

void compare_lack_say(struct compare_lack *lack, const char *format, ...) ENIFLOW_PRINTF(2, 3);

/* "1 packet", "2 packets". */
struct compare_count {
	char text[32];
};
struct compare_count compare_packets(uint64_t count);

/* "2026-11-20 10:03:00", or without the day where all of the time in both is on one. */
struct compare_clock {
	char text[COMPARE_PHRASE_TIME];
};
struct compare_clock compare_lack_clock(const struct compare_lack *lack, int64_t second);

#endif
