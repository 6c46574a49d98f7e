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
#include "flow/rule.h"

/* A rule, and the peers that it is about in the end: its own, or the members of its group. */
struct flow_classified {
	const struct flow_rule *rule;
	const struct flow_prefix *peers;
	size_t peer_count;
};

struct flow_classifier;

/* `items` stays the caller's and may go. 0 or -ENOMEM. */
int flow_classifier_new(struct flow_classifier **out, const struct flow_classified *items, size_t count,
			struct error *err);
void flow_classifier_free(struct flow_classifier *classifier);

/* The number of the first rule that the packet (FLOW_PACKET) matches, or -1. `peer` is its address at the other side,
 * its source or destination. */
ptrdiff_t flow_classifier_first(const struct flow_classifier *classifier, const struct flow_observation *packet,
				const struct flow_address *peer);

#endif
