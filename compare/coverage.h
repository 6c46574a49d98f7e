/* compare/coverage.h - the seconds of which a log has no line at all of an interface. */
#ifndef ENIFLOW_COMPARE_COVERAGE_H
#define ENIFLOW_COMPARE_COVERAGE_H

#include "compare/ledger.h"

/* By interface of the log, `out` (of as many zeroed elements, whose items the caller frees): where between its first
 * second and its last an interval's length or more is in no record and in no NODATA or SKIPDATA line. So it is if an
 * interval's lines are missing, wherever intervals begin. The ledger is closed. 0 or -ENOMEM. */
int compare_coverage_find(struct compare_spans *out, const struct compare_ledger *log, uint32_t interval,
			  struct error *err);

#endif
