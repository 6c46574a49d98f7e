/* compare/cause.h - the likeliest reason for a difference, from what both sides say of the flow and of its time.
 *
 * Asked in a fixed order, which docs/compare.md shows: what a side says of itself (SKIPDATA, drops, a missing interval, lines
 * that stand twice) before what is inferred from counts. A cause is named only where it accounts for the whole
 * difference; nothing is guessed for what is left. */
#ifndef ENIFLOW_COMPARE_CAUSE_H
#define ENIFLOW_COMPARE_CAUSE_H

#include "compare/result.h"

/* A flow as it is judged. Seconds are the log's. */
struct compare_case {
	const struct compare_ledger *ledgers[COMPARE_SIDES];
	uint32_t interfaces[COMPARE_SIDES];              /* in each ledger; COMPARE_NONE: there is none */
	const struct compare_flow *flows[COMPARE_SIDES]; /* NULL: that side has none */
	int64_t offset;                                  /* to be added to the capture's seconds */
	int64_t start, end;                              /* the time in both, the last second included */
	uint32_t interval;                               /* the log's own, in seconds */
	const struct compare_spans *missing; /* seconds in which the log has no line at all of the interface */
	const struct compare_result *result; /* whose flows are judged so far: for totals; no findings yet */
	/* How many flows of the capture's interface the log's has too, and has not: is it the wrong one? */
	size_t shared, unshared;
};

/* Fills in `cause` and `detail` of a finding whose sums and verdict are there. May turn the verdict: to COMPARE_EDGE,
 * COMPARE_UNSEEN or (super-packets) COMPARE_AGREES. 0 or -ENOMEM. */
int compare_cause_find(const struct compare_case *about, struct compare_finding *finding, struct error *err);

/* "skipdata": the stable word in JSON. */
const char *compare_cause_name(enum compare_cause cause);

/* "the log says SKIPDATA for this time": for people. */
const char *compare_cause_sentence(enum compare_cause cause);

#endif
