/* compare/kindred.h - which flows of a side have something in common: the same ports under another address, the same
 * addresses with other ports, all but the interface.
 *
 * Built at the first question of its kind, of all flows of that side: 16 bytes each. Not for two threads at once. */
#ifndef ENIFLOW_COMPARE_KINDRED_H
#define ENIFLOW_COMPARE_KINDRED_H

#include "compare/ledger.h"

/* All have family, protocol and direction in common, and: */
enum compare_kinship {
	COMPARE_SAME_SOURCE,      /* interface, ports and source */
	COMPARE_SAME_DESTINATION, /* interface, ports and destination */
	COMPARE_SAME_ADDRESSES,   /* interface, source and destination */
	COMPARE_SAME_BUT_INTERFACE,
	COMPARE_KINSHIPS
};

struct compare_kindred;

/* `ledgers` (of closed ones) must stay as they are until compare_kindred_free(), which takes NULL. 0 or -ENOMEM. */
int compare_kindred_new(struct compare_kindred **out, const struct compare_ledger *const ledgers[static 2],
			struct error *err);
void compare_kindred_free(struct compare_kindred *kindred);

/* A walk through the flows that are akin to `key`. */
struct compare_kin {
	struct compare_key key;
	const struct compare_ledger *ledger;
	const struct compare_likeness *at, *end;
	uint64_t hash;
	enum compare_kinship kinship;
};

/* Begins a walk through the flows of ledgers[side]; the interface of `key` is a number of that side. 0 or -ENOMEM. */
int compare_kindred_find(struct compare_kindred *kindred, unsigned side, enum compare_kinship kinship,
			 const struct compare_key *key, struct compare_kin *out, struct error *err);

/* The next one, in order of first sight, the one of that very key among them; NULL: there are no more. */
const struct compare_flow *compare_kin_next(struct compare_kin *kin);

#endif
