/* capture/merge.h - several queues of observations as one stream in time order. Arithmetic only. */
#ifndef ENIFLOW_CAPTURE_MERGE_H
#define ENIFLOW_CAPTURE_MERGE_H

#include "flow/observation.h"

/* One queue: items[at] to items[length - 1], in the order in which they came. */
struct capture_lane {
	struct flow_observation *items;
	size_t at, length;
	int64_t bound_ns; /* empty: everything of before that time was in it */
};

/* Which times it is the turn of: from_ns to before until_ns. A lane whose head is of another time is as good as one that
 * has nothing and will have nothing. */
struct capture_span {
	int64_t from_ns, until_ns;
};

/* The next observations of all: how many of lane `*lane` may be handed on now, in a row; of equal times the lane with
 * the lower number is first. 0: none, before one of the empty lanes is filled or its bound rises. */
size_t capture_merge_next(const struct capture_lane *lanes, size_t count, struct capture_span span, size_t *lane);

/* Nothing of before that time is still to come: the least of all heads and bounds, at most until_ns. */
int64_t capture_merge_horizon(const struct capture_lane *lanes, size_t count, struct capture_span span);

#endif
