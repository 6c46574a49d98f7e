/* compare/midst.h - differences in the midst of the time in both: no cut at its ends accounts for them. */
#ifndef ENIFLOW_COMPARE_MIDST_H
#define ENIFLOW_COMPARE_MIDST_H

#include "compare/cause.h"

/* A flow's entries on both sides, in order of time, as they are judged. */
struct compare_midst {
	const struct compare_entry *entries[COMPARE_SIDES];
	size_t counts[COMPARE_SIDES];
	int64_t start, end; /* the time in both, the last second included */
	int64_t margin;     /* seconds from its ends that are not its midst */
};

/* Near the ends each record has just what the capture has in its seconds, and the capture has nothing in seconds without
 * a record: so a flow that differs does so in the midst. */
bool compare_midst_is_all(const struct compare_midst *flow);

#endif
