/* compare/json.h - a result for programs: one object, by the schema of docs/compare.md, which only grows. */
#ifndef ENIFLOW_COMPARE_JSON_H
#define ENIFLOW_COMPARE_JSON_H

#include <stdio.h>

#include "compare/report.h"
#include "compare/result.h"

/* Returns 0, or -errno with a sentence where memory or the stream fails. */
int compare_json(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err);

#endif
