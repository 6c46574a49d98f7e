/* capture/verdicts.h - sums of the kernel (bpf/flows.h) become observations: what netfilter dropped is REJECT. Arithmetic
 * only.
 *
 * An entry has two sums. At egress the hook of the device never sees what was dropped before it: ACCEPT is what was seen,
 * REJECT what was dropped. At ingress it has seen that, too: ACCEPT is what was seen less what was dropped. A packet is
 * dropped shortly after it was seen. If the map was replaced or a second began in between, the entry that has the drop has
 * not the packet; capture_verdicts_settle() takes the drop to the entry that has.
 *
 * Flags and times of ACCEPT are those of all that was seen: nobody knows what the dropped packets had of them. */
#ifndef ENIFLOW_CAPTURE_VERDICTS_H
#define ENIFLOW_CAPTURE_VERDICTS_H

#include "bpf/flows.h"
#include "flow/error.h"
#include "flow/observation.h"

/* An entry as it was taken out of the map. Without MACs in the map's keys those are 0. */
struct capture_entry {
	struct bpf_flow_key key;
	struct bpf_flow flow;
};

/* What one map held, in no order. Zeroed it is empty; end with capture_drain_free(). */
struct capture_drain {
	struct capture_entry *entries;
	size_t count, room;
};

/* Makes room for `more` entries behind those that are there. -ENOMEM: it is as it was. */
int capture_drain_reserve(struct capture_drain *drain, size_t more, struct error *err);
/* Moves the entries of `from` behind those of `to`. -ENOMEM: both are as they were. */
int capture_drain_append(struct capture_drain *to, struct capture_drain *from, struct error *err);
/* Frees what it holds and leaves it empty. */
void capture_drain_free(struct capture_drain *drain);

/* Takes drops in `later` that are not of its own packets to the entry of the same flow that was written last before and
 * has packets left: one of the other second in `later`, or one in `earlier`, which was drained right before it. Such are
 * drops that are more than the packets, and one that is earlier than the first packet. What none has stays. -ENOMEM:
 * nothing was done. */
int capture_verdicts_settle(struct capture_drain *earlier, struct capture_drain *later, struct error *err);

/* One of the at most two observations of an entry. */
struct capture_told {
	uint64_t first_ns; /* monotonic */
	uint32_t entry;    /* its place in the drain */
	uint8_t verdict;   /* enum flow_action */
};

/* All observations of a drain in the order of their first packets. `*out` (of at least one element) is the caller's to
 * free, `*count` may be 0. */
int capture_verdicts_order(struct capture_told **out, size_t *count, const struct capture_drain *drain,
			   struct error *err);

/* What entries do not say. */
struct capture_place {
	uint32_t point;
	uint64_t seed;     /* of flow_tuple_hash() */
	int64_t offset_ns; /* wall time less monotonic time */
	const uint8_t
		*mac; /* the device's own, which what was dropped before it reached the device would have had as its
			       source; NULL: it has none, or nobody asks for MACs */
};

void capture_verdicts_observe(struct flow_observation *out, const struct capture_entry *entry, enum flow_action verdict,
			      const struct capture_place *place);

#endif
