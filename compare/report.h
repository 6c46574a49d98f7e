/* compare/report.h - how a result is to be shown: what compare/text.h, compare/json.h and compare/html.h are told beside it. */
#ifndef ENIFLOW_COMPARE_REPORT_H
#define ENIFLOW_COMPARE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

struct compare_report_options {
	unsigned width;            /* columns of the terminal; 0: no limit */
	bool is_coloured;          /* text alone */
	size_t findings;           /* so many are listed, in text; 0: all */
	const char *log, *capture; /* what was compared, in the user's words: "fl-0abc.log.gz", "3 logs" */
	const char *version;       /* of the program */
};

#endif
