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

/* `seconds` is the length of an interval; `number` tells the timelines of a page apart. Needs an interval at least. A stream
 * that fails is found by whoever closes it. */
void compare_timeline_write(FILE *out, const struct compare_interface *interface, uint32_t seconds, size_t number);

#endif
