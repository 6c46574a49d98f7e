/* compare/pairing.h - which interface of the capture is which of the log, and so which flow is which.
 *
 * An interface-id that was configured for the capture is meant: it is that of the log. Others are paired by the flows that
 * they share, those first that share most, each interface once. Where both sides have one interface alone, they are a
 * pair even if they share nothing. */
#ifndef ENIFLOW_COMPARE_PAIRING_H
#define ENIFLOW_COMPARE_PAIRING_H

#include "compare/kindred.h"
#include "compare/result.h"

struct compare_pair {
	uint32_t interfaces[COMPARE_SIDES]; /* by number in each ledger */
	size_t shared, unshared;            /* flows of the capture's that the log's has, too, and has not */
};

struct compare_pairing {
	struct compare_pair *pairs; /* by interface of the log */
	size_t count;
	uint32_t *pair_of[COMPARE_SIDES]; /* by interface: number of the pair; COMPARE_NONE: it has no partner */
	uint32_t *partners;               /* by flow of the log: that of the capture; COMPARE_NONE: there is none */
	bool *has_partner;                /* by flow of the capture */
};

/* Fills in the zeroed `out`, for closed ledgers, and `kindred` of the same. 0 or -ENOMEM; either way end with
 * compare_pairing_clear(). */
int compare_pairing_make(struct compare_pairing *out, const struct compare_ledger *const ledgers[static COMPARE_SIDES],
			 struct compare_kindred *kindred, struct error *err);
void compare_pairing_clear(struct compare_pairing *pairing);

#endif
