/* output/nearest.h - what a mistyped name may have been meant to be. */
#ifndef ENIFLOW_OUTPUT_NEAREST_H
#define ENIFLOW_OUTPUT_NEAREST_H

#include <stddef.h>

/* Writes those of `names` that are nearest to `word` (length given, no end mark needed) to `out`: at most three, best
 * first, as "a, b or c"; "" if none is near. Near is what differs in few characters, and a name that holds the word.
 * Case, and _ in place of -, do not count as differences. */
void output_nearest(const char *word, size_t length, const char *const *names, size_t count, char *out, size_t size);

#endif
