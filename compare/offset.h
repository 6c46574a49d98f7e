/* compare/offset.h - how much the capture's clock is behind the log's, told by flows that begin inside of both. */
#ifndef ENIFLOW_COMPARE_OFFSET_H
#define ENIFLOW_COMPARE_OFFSET_H

#include "compare/pairing.h"

struct compare_offset {
	int64_t seconds; /* to be added to the capture's */
	size_t flows;    /* so many say so; 0: nothing tells, and seconds is 0 */
};

/* Differences between the first seconds of a flow's in both crowd around the offset where the log's times are those of
 * the packets. Times that are up to a minute late, each for itself (AWS's), crowd nowhere: then hours, halves and
 * quarters of an hour up to 14 hours are found alone, as time zones are. What the log's records meet in the capture has to
 * bear it out: better than without an offset, and a quarter of them, where the two have time in common; else at least once, unless it is a time
 * zone or told by very many flows. 0 or -ENOMEM. */
int compare_offset_estimate(struct compare_offset *out, const struct compare_ledger *log,
			    const struct compare_ledger *capture, const struct compare_pairing *pairing,
			    struct error *err);

/* Are the log's times those of the packets, to the second? Else they are late (AWS's), each for itself. */
bool compare_offset_is_exact(const struct compare_ledger *log, const struct compare_ledger *capture,
			     const struct compare_pairing *pairing, int64_t offset);

#endif
