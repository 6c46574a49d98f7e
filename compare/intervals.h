/* compare/intervals.h - an interface's time in both, cut into the log's intervals: how many there are, when they begin,
 * and what each of them holds. */
#ifndef ENIFLOW_COMPARE_INTERVALS_H
#define ENIFLOW_COMPARE_INTERVALS_H

#include "compare/judge.h"

/* More than so many are not made: a capture with a time that is no time has them. 90 days of minutes. */
enum { COMPARE_INTERVALS_MOST = 90 * 1440 };

/* Seconds of the log's intervals: 60 or 600, as AWS has them; else its longest record, in whole minutes. */
uint32_t compare_intervals_length(const struct compare_ledger *log);

/* By interface of the log, in `phases`: a second where an interval begins, modulo their length, where all lines without
 * data, or else all records begin at the same; else 0. */
void compare_intervals_phases(uint32_t *phases, const struct compare_ledger *log, uint32_t length);

/* Makes the intervals of an interface whose time in both is known. None where there would be too many. -ENOMEM. */
int compare_intervals_make(struct compare_interface *interface, uint32_t length, uint32_t phase, struct error *err);

/* Marks those in which the log says SKIPDATA or has no line at all. */
void compare_intervals_mark(struct compare_interface *interface, uint32_t length, const struct compare_spans *skipped,
			    const struct compare_spans *missing);

/* Adds a flow that was judged, whether it agrees or not; of a flow that has rejected packets which the capture could not
 * see, those it accepts (`accepted_alone`). */
void compare_intervals_add(struct compare_interface *interface, uint32_t length,
			   const struct compare_judgement *judgement, bool does_agree, bool accepted_alone);

#endif
