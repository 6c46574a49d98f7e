/* compare/timeline.h - an interface's intervals as pictures: packets and bytes in log and capture, and where its flows agree.
 *
 * SVG as wide as its place, with the same numbers in a table behind each. Many intervals share a bar, so that there are at most
 * COMPARE_TIMELINE_BARS. Colours, and the hatching `compare_timeline_patterns` defines, come from compare/page.css. */
#ifndef ENIFLOW_COMPARE_TIMELINE_H
#define ENIFLOW_COMPARE_TIMELINE_H

#include <stdio.h>

#include "compare/result.h"

enum { COMPARE_TIMELINE_BARS = 288 };

/* Once a page, before the first timeline. */
void compare_timeline_patterns(FILE *out);

/* Of the result's interface in that place, which has an interval at least. What the log has no value of is left out. A stream
 * that fails is found by whoever closes it. */
void compare_timeline_write(FILE *out, const struct compare_result *result, size_t number);

#endif
