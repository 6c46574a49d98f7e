/* compare/kindred.h - which flows of a side have something in common: the same ports under another address, the same
 * addresses with other ports.
 *
 * Built on the first question, of all flows of that side: 12 bytes each. Not for two threads at once. */
#ifndef ENIFLOW_COMPARE_KINDRED_H
#define ENIFLOW_COMPARE_KINDRED_H

#include "compare/ledger.h"

enum compare_kinship {
	COMPARE_SAME_SOURCE,      /* protocol, ports, source and direction; the destination may be another */
	COMPARE_SAME_DESTINATION, /* protocol, ports, destination and direction */
	COMPARE_SAME_ADDRESSES,   /* protocol, both addresses and direction; the ports may be others */
	COMPARE_KINSHIPS
};

struct compare_kindred;

/* `ledgers` (of closed ones) must stay as they are until compare_kindred_free(), which takes NULL. 0 or -ENOMEM. */
int compare_kindred_new(struct compare_kindred **out, const struct compare_ledger *const ledgers[static 2],
			struct error *err);
void compare_kindred_free(struct compare_kindred *kindred);

/* The flows of ledgers[side] on the interface of `key` (a number of that side) that are akin to it, itself among them if
 * it is there: their numbers, in order of first sight, valid until the next call that builds (one for each side and
 * kinship). Returns how many, or -ENOMEM. */
int64_t compare_kindred_find(struct compare_kindred *kindred, unsigned side, enum compare_kinship kinship,
			     const struct compare_key *key, const uint32_t **out, struct error *err);

#endif
