/* flow/stage.h - frames on their way into the meter: whose packets they are and what their keys are, worked out by
 * the batch. A packet that several interfaces see has a key on each. */
#ifndef ENIFLOW_FLOW_STAGE_H
#define ENIFLOW_FLOW_STAGE_H

#include "flow/exclusion.h"
#include "flow/key.h"
#include "flow/policy.h"
#include "flow/record.h"
#include "flow/window.h"

enum { FLOW_STAGE_FRAMES = 128 }; /* at the most; what is made of them should stay in the first cache */

/* A packet on one interface, ready for the table but for its time. */
struct flow_staged {
	uint64_t hash;     /* flow_key_hash() */
	uint32_t guess;    /* where the table may have its flow (flow_table_guess()); 0 from the stage */
	uint16_t frame;    /* whose packet it is: its number among the frames staged */
	uint8_t excluded;  /* enum flow_exclusion */
	bool is_rewritten; /* srcaddr or dstaddr is not the packet's own */
	struct flow_key key;
	struct flow_policy_ahead ahead; /* only if a policy judges it */
};

struct flow_stage_options {
	bool exclude_aws;
	unsigned shown; /* enum flow_shown, or-ed */
	bool wide;      /* keys are */
	uint64_t seed;  /* of their hashes */
	/* NULL: all is accepted. It must outlive the stage, which has it judge every packet. */
	struct flow_policy *policy;
};

/* Read it; write it only by the functions below, but for each `guess`. */
struct flow_stage {
	struct flow_stage_options options;
	const struct flow_interfaces *interfaces;
	bool is_undirected; /* the policy had to let a packet pass because its direction is not known */
	uint32_t point;     /* of the packet staged last */
	int64_t taker;      /* flow_interfaces_taker() of it */
	struct flow_match *matches;
	size_t matches_room;
	/* Frames in order, and of each its interfaces in theirs; nothing of what is no packet, or no interface's. */
	struct flow_staged *staged;
	size_t count;
};

/* `stage` is zeroed; `interfaces` must outlive it. */
void flow_stage_init(struct flow_stage *stage, const struct flow_interfaces *interfaces,
		     const struct flow_stage_options *options);
void flow_stage_finish(struct flow_stage *stage);

/* Stages frames in the place of those before: the first of `items`, up to one that is no frame. `window` is the one that
 * the frame before them was counted in: with it, the time that a packet counts with can be told (section 6). How many it
 * took; 0 if the first one is none; -ENOMEM. */
int flow_stage_frames(struct flow_stage *stage, const struct flow_window *window, const struct flow_observation *items,
		      size_t count, struct error *err);

#endif
