/* compare/html.h - a result as one self-contained page, which needs nothing from outside. */
#ifndef ENIFLOW_COMPARE_HTML_H
#define ENIFLOW_COMPARE_HTML_H

#include <stdio.h>

#include "compare/report.h"
#include "compare/result.h"

/* Returns 0, or -errno with a sentence where memory or the stream fails. */
int compare_html(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err);

#endif
