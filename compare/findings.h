/* compare/findings.h - the list of findings while it grows, and its order. */
#ifndef ENIFLOW_COMPARE_FINDINGS_H
#define ENIFLOW_COMPARE_FINDINGS_H

#include "compare/result.h"

/* Adds a finding to the result, which then owns its detail. `room`: of the list, 0 at first. -ENOMEM. */
int compare_findings_add(struct compare_result *result, size_t *room, const struct compare_finding *finding,
			 struct error *err);

/* Puts them in the order that compare/result.h tells. */
void compare_findings_sort(struct compare_result *result);

#endif
