/* flow/stage.h - frames on their way into the meter: whose packets they are and what their keys are, worked out by
 * the batch.
 *
 * All that does not depend on the window is done here, some packets ahead of the flow table, whose slot for each is
 * on its way into the cache meanwhile. A packet that several interfaces see has a key on each. */
#ifndef ENIFLOW_FLOW_STAGE_H
#define ENIFLOW_FLOW_STAGE_H

#include "flow/exclusion.h"
#include "flow/record.h"
#include "flow/table.h"

enum { FLOW_STAGE_FRAMES = 256 }; /* that wait at the most */

/* A packet on one interface, ready for the table but for its time. */
struct flow_staged {
	struct flow_key key;
	struct flow_key_packet packet; /* used if the table is wide */
	uint64_t hash;
	enum flow_exclusion excluded;
};

/* A frame, and what is staged of it; nothing of what is no packet, or no interface's. */
struct flow_staged_frame {
	const struct flow_observation *observation; /* the caller's */
	size_t first, count;                        /* in flow_stage.staged */
};

/* Read it; write it only by the functions below. */
struct flow_stage {
	const struct flow_interfaces *interfaces;
	const struct flow_table *table;
	bool exclude_aws;
	unsigned shown; /* enum flow_shown, or-ed */
	struct flow_match *matches;
	size_t matches_room;
	struct flow_staged *staged;
	size_t staged_count, staged_room;
	struct flow_staged_frame frames[FLOW_STAGE_FRAMES];
	size_t frame_count;
};

/* `stage` is zeroed; `interfaces` and `table` must outlive it. */
void flow_stage_init(struct flow_stage *stage, const struct flow_interfaces *interfaces, const struct flow_table *table,
		     bool exclude_aws, unsigned shown);
void flow_stage_finish(struct flow_stage *stage);

/* Adds a frame; the stage is not full. `observation` must live until the stage is cleared. Returns 0 or -ENOMEM. */
int flow_stage_add(struct flow_stage *stage, const struct flow_observation *observation, struct error *err);

/* Must the frames be taken before another one is added? */
bool flow_stage_is_full(const struct flow_stage *stage);

/* All frames have been taken. */
void flow_stage_clear(struct flow_stage *stage);

#endif
