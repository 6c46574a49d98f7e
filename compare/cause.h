/* compare/cause.h - the likeliest reason for a difference, from what both sides say of the flow and of its time.
 *
 * Asked in the order of enum compare_cause, which docs/compare.md shows: what makes the flow no matter of this log, then
 * what a side says of itself (SKIPDATA, a missing interval, lines that stand twice, drops), then what is inferred from
 * counts. A cause is named only where it accounts for the whole difference; nothing is guessed for what is left. */
#ifndef ENIFLOW_COMPARE_CAUSE_H
#define ENIFLOW_COMPARE_CAUSE_H

#include "compare/compare.h"

struct compare_kindred;

/* A part of a flow that was judged: what was set aside is none. Seconds are the log's. */
struct compare_entry {
	int64_t start, end;
	struct compare_sums sums;
	uint8_t action;
	uint8_t tcp_flags;
	bool is_duplicate; /* of a log */
};

/* A flow as it is judged. Seconds are the log's. */
struct compare_case {
	const struct compare_ledger *ledgers[COMPARE_SIDES];
	uint32_t interfaces[COMPARE_SIDES];                 /* in each ledger; COMPARE_NONE: there is none */
	const struct compare_flow *flows[COMPARE_SIDES];    /* NULL: that side has none */
	int64_t offset;                                     /* to be added to the capture's seconds */
	const struct compare_entry *entries[COMPARE_SIDES]; /* in order of time: their sums are the finding's */
	size_t entry_counts[COMPARE_SIDES];
	int64_t begins[COMPARE_SIDES], ends[COMPARE_SIDES]; /* of each side's interface, whatever is in both */
	int64_t start, end;                                 /* the time in both, the last second included */
	uint32_t interval;                                  /* the log's own, in seconds */
	const struct compare_spans *missing; /* seconds in which the log has no line at all of the interface */
	const struct compare_result *result; /* whose interfaces are there: for their names */
	/* How many flows of the capture's interface the log's has too, and has not: is it the wrong one? */
	size_t shared, unshared;
	const struct compare_options *options;
	struct compare_kindred *kindred; /* of the same ledgers: compare/kindred.h */
};

/* Fills in `cause` and `detail` of a finding of which all else is there. May turn the verdict: to COMPARE_EDGE,
 * COMPARE_UNSEEN or (super-packets) COMPARE_AGREES. 0 or -ENOMEM. */
int compare_cause_find(const struct compare_case *about, struct compare_finding *finding, struct error *err);

/* "skipdata": the stable word in JSON. */
const char *compare_cause_name(enum compare_cause cause);

/* "the log says SKIPDATA for this time": for people. */
const char *compare_cause_sentence(enum compare_cause cause);

#endif
