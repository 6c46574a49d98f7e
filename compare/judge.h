/* compare/judge.h - one flow of both sides: what of it is in the time in both, which packets belong to which record, and
 * whether the sums are the same. */
#ifndef ENIFLOW_COMPARE_JUDGE_H
#define ENIFLOW_COMPARE_JUDGE_H

#include "compare/cause.h"

/* A log's times may be so many seconds late. */
enum { COMPARE_LATE = 60 };

/* What is the same for all flows of a pair of interfaces. */
struct compare_scope {
	const struct compare_ledger *ledgers[COMPARE_SIDES];
	int64_t offset;     /* to be added to the capture's seconds */
	int64_t start, end; /* the time in both, the last second included */
	const struct compare_options *options;
};

struct compare_judgement {
	/* AGREES, DIFFERS, LOG_ONLY, CAPTURE_ONLY; EDGE: all of it is set aside; COMPARE_VERDICTS: none is in the time */
	enum compare_verdict verdict;
	struct compare_sums sums[COMPARE_SIDES][FLOW_REJECT + 1]; /* by action */
	struct compare_sums held[COMPARE_SIDES];                  /* against each other */
	uint8_t tcp_flags[COMPARE_SIDES];
	uint8_t direction;  /* enum flow_direction: where all parts that have one have the same */
	int64_t start, end; /* of the entries */
	size_t edge_records;
	/* Of the capture, in the time, and set aside with records that are not whole in it. */
	struct compare_sums aside;
	struct compare_sums lacking; /* of those records: what no packet belongs to */
	/* What was judged, in order of time; and of each a second of the interval that its record belongs to. Valid until
	 * the next flow is judged. */
	const struct compare_entry *entries[COMPARE_SIDES];
	const int64_t *booked[COMPARE_SIDES];
	size_t counts[COMPARE_SIDES];
};

/* Room for the work on a flow. */
struct compare_judge;

int compare_judge_new(struct compare_judge **out, struct error *err);
void compare_judge_free(struct compare_judge *judge);

/* `flows`: of each side, or NULL; not both. 0 or -ENOMEM. */
int compare_judge_flow(struct compare_judge *judge, const struct compare_scope *scope,
		       const struct compare_flow *const flows[static COMPARE_SIDES], struct compare_judgement *out,
		       struct error *err);

#endif
