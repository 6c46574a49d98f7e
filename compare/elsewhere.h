/* compare/elsewhere.h - causes that rest on other flows: what one side lacks stands elsewhere on it.
 *
 * Each answers 1 where that accounts for the whole difference, with lack->detail written, 0, or -ENOMEM. */
#ifndef ENIFLOW_COMPARE_ELSEWHERE_H
#define ENIFLOW_COMPARE_ELSEWHERE_H

#include "compare/lack.h"

/* The flow is on one side alone, and so is, on the other, one with the same protocol, ports and sums and one of its two
 * addresses. */
int compare_elsewhere_translated(struct compare_lack *lack, struct error *err);

/* Fragments without their first one have no ports: flows of the same addresses and protocol, with ports and without,
 * have the same sums on both sides once they are added up. */
int compare_elsewhere_fragments(struct compare_lack *lack, struct error *err);

/* Has that side, at any time, a flow between the same addresses of the same protocol, and with `port` (0: any) at its
 * source or destination? */
int compare_elsewhere_has(const struct compare_lack *lack, enum compare_side side, uint16_t port, struct error *err);

#endif
