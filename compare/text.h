/* compare/text.h - a result for people: lines for a terminal, a pager or a mail. */
#ifndef ENIFLOW_COMPARE_TEXT_H
#define ENIFLOW_COMPARE_TEXT_H

#include <stdio.h>

#include "compare/report.h"
#include "compare/result.h"

/* Returns 0, or -errno with a sentence where memory or the stream fails. */
int compare_text(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err);

#endif
