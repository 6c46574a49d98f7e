/* flow/prefixes.h - which of many prefixes holds an address: the longest one, and the number that stands beside it.
 *
 * Built once, then only read. The prefixes become ranges of addresses that do not overlap, and a lookup is a binary
 * search among them without a branch that could be guessed wrong. A range takes 8 bytes (IPv6: 20); n prefixes make at
 * most 2 n + 2 of them. Pure, and deterministic; any number of threads may look up at once. */
#ifndef ENIFLOW_FLOW_PREFIXES_H
#define ENIFLOW_FLOW_PREFIXES_H

#include "flow/address.h"
#include "flow/error.h"

struct flow_prefix_value {
	struct flow_prefix prefix;
	uint32_t value; /* 0 is what an address has that no prefix holds */
};

/* Ranges in ascending order, each up to the start of the next one, those of IPv6 behind those of IPv4. The first of
 * either family starts at 0. Read it by the functions below. */
struct flow_prefixes {
	uint32_t *ipv4_starts;
	uint64_t *ipv6_highs, *ipv6_lows; /* halves of the starts */
	uint32_t *values;                 /* of all */
	size_t ipv4_count, ipv6_count;
};

/* Takes prefixes in any order; `items` stays the caller's and may go. -EEXIST: one stands there twice; -ENOMEM. Either
 * way nothing is left to be given back. */
int flow_prefixes_init(struct flow_prefixes *prefixes, const struct flow_prefix_value *items, size_t count,
		       struct error *err);

/* Takes a zeroed one, too, and leaves it so. */
void flow_prefixes_finish(struct flow_prefixes *prefixes);

/* The value of the longest prefix that holds the address, or 0. */
uint32_t flow_prefixes_find(const struct flow_prefixes *prefixes, enum flow_family family,
			    const struct flow_address *address);

/* For whoever keeps more beside a prefix than a number: the ranges are numbered from 0, and every address is in one. */
size_t flow_prefixes_range(const struct flow_prefixes *prefixes, enum flow_family family,
			   const struct flow_address *address);
size_t flow_prefixes_range_count(const struct flow_prefixes *prefixes);
uint32_t flow_prefixes_range_value(const struct flow_prefixes *prefixes, size_t range);

/* Brings into the cache what flow_prefixes_range() will look at, as far as that is not too much. */
void flow_prefixes_prefetch(const struct flow_prefixes *prefixes, enum flow_family family);

/* Orders prefixes, for qsort(): IPv4 before IPv6, then by base, then the longer one last. So what a prefix holds stands
 * right behind it. */
int flow_prefix_compare(const struct flow_prefix *a, const struct flow_prefix *b);

#endif
