/* compare/timing.h - causes that rest on when the packets were that one side lacks.
 *
 * Each answers 1 where it accounts for the whole difference, with lack->detail written, else 0. */
#ifndef ENIFLOW_COMPARE_TIMING_H
#define ENIFLOW_COMPARE_TIMING_H

#include "compare/lack.h"

/* AWS's times may be off by so many seconds, and so is what is set aside at the ends. */
enum { COMPARE_LATENESS = 60 };

int compare_timing_skipped(struct compare_lack *lack, struct error *err);
int compare_timing_missing_interval(struct compare_lack *lack, struct error *err);
int compare_timing_drops(struct compare_lack *lack, struct error *err);

/* TCP: no more than what came in and after the second of the flow's first FIN or RST, or of the way back's, of which the
 * log has a record; and all of it headers. */
int compare_timing_after_close(struct compare_lack *lack, struct error *err);

/* A side goes on beyond an end of the time in both for more than COMPARE_LATENESS, so that the other was cut there; and
 * what one of them has more is no more than it has within COMPARE_LATENESS of that end. */
int compare_timing_edge(struct compare_lack *lack, struct error *err);

/* What the capture has in seconds of which no record of the flow speaks. */
int compare_timing_missing_records(struct compare_lack *lack, struct error *err);

/* Nothing accounts for it: says which record it is in, if it is in one alone. Always 0. */
int compare_timing_locate(struct compare_lack *lack, struct error *err);

#endif
