/* flow/classifier.h - which of many rules is the first that a packet matches.
 *
 * Rules are bits: one row of bits tells which rules a destination port can match, by protocol, and one which rules a
 * peer's address can match; both rows are found by bisection, and their first common bit is the answer. So the price
 * hardly depends on how many rules there are. Only types and codes of ICMP are compared rule by rule.
 *
 * Built once, then only read; pure. */
#ifndef ENIFLOW_FLOW_CLASSIFIER_H
#define ENIFLOW_FLOW_CLASSIFIER_H

#include "flow/observation.h"
#include "flow/prefixes.h"
#include "flow/rule.h"

/* A rule, and the peers that it is about in the end: its own, or the members of its group. */
struct flow_classified {
	const struct flow_rule *rule;
	const struct flow_prefix *peers;
	size_t peer_count;
};

/* Ranges of ports: the first of them, among those of all protocols, and how many there are. */
struct flow_port_ranges {
	uint32_t first, count;
};

/* Rules are bits in their order. Read it by flow_classifier_first(). */
struct flow_classifier {
	size_t words;          /* in a row of bits */
	uint16_t *port_starts; /* of each range of ports, up to the start of the next; each protocol's begin with 0 */
	uint64_t *port_rows;   /* bits of the rules that a protocol matches on them */
	uint64_t *peer_rows;   /* bits of the rules that are about a peer, by range of `peers` */
	struct flow_icmp_rule *icmp; /* types and codes, by rule */
	struct flow_prefixes peers;
	struct flow_port_ranges by_protocol[256];
};

/* `items` stays the caller's and may go. 0, or -ENOMEM with nothing left to be given back. */
int flow_classifier_init(struct flow_classifier *classifier, const struct flow_classified *items, size_t count,
			 struct error *err);

/* Takes a zeroed one, too, and leaves it so. */
void flow_classifier_finish(struct flow_classifier *classifier);

/* Brings what flow_classifier_first() will look at first into the cache. */
static inline void flow_classifier_prefetch(const struct flow_classifier *classifier,
					    const struct flow_observation *packet)
{
	__builtin_prefetch(classifier);
	__builtin_prefetch(&classifier->peers.ipv6_count);
	__builtin_prefetch(&classifier->by_protocol[packet->protocol]);
}

/* The number of the first rule that the packet (FLOW_PACKET) matches, or -1. `peer` is its address at the other side,
 * its source or destination. */
ptrdiff_t flow_classifier_first(const struct flow_classifier *classifier, const struct flow_observation *packet,
				const struct flow_address *peer);

#endif
