/* flow/candidates.h - the interfaces that packets of a capture point can belong to, and which of them see a packet.
 *
 * Source: semantics section 3, section 13 numbers 12 to 15. An interface says whose packets it wants by VNI, MAC or
 * addresses, and these are the keys under which it is found; what it is found under tells whether it sent or received
 * the packet. So asking for the packet's own few keys finds the interfaces that a look at each of them would find,
 * in a time that does not depend on how many there are. Only group frames, which all see, are as long as the list.
 *
 * Only read once made, by any number of threads. */
#ifndef ENIFLOW_FLOW_CANDIDATES_H
#define ENIFLOW_FLOW_CANDIDATES_H

#include "flow/interface.h"

struct flow_candidates;

/* Of `interfaces`, which must outlive it, those with these `numbers` (copied; ascending, at least one). */
int flow_candidates_new(struct flow_candidates **out, const struct flow_interfaces *interfaces, const uint32_t *numbers,
			size_t count, struct error *err);

/* Makes them those of one more capture point. Returns `candidates`, which take one more flow_candidates_free(). */
struct flow_candidates *flow_candidates_share(struct flow_candidates *candidates);
void flow_candidates_free(struct flow_candidates *candidates);

/* Their numbers, ascending. */
const uint32_t *flow_candidates_numbers(const struct flow_candidates *candidates, size_t *count);

/* As flow_interfaces_taker(). */
int64_t flow_candidates_taker(const struct flow_candidates *candidates);

/* As flow_interfaces_match(); `matches` has room for twice their count. */
size_t flow_candidates_match(const struct flow_candidates *candidates, const struct flow_observation *packet,
			     struct flow_match *matches);

#endif
