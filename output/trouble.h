/* output/trouble.h - what cannot be written now: since when, how often, and what is said about it. */
#ifndef ENIFLOW_OUTPUT_TROUBLE_H
#define ENIFLOW_OUTPUT_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

/* Zeroed, all is well. Set `notices` and `most`. */
struct output_trouble {
	const struct notices *notices;
	size_t most;      /* bytes that are kept meanwhile */
	bool is_on;       /* the last write failed: the next one is not before the next window's end or tick */
	bool was_told;    /* that it began; output_trouble_over() is due when `is_on` is no more */
	uint64_t errors;  /* writes that failed */
	uint64_t dropped; /* records since it was told */
};

/* Can waiting help against the error? Not against a reader that went away, want of memory and closed descriptors. */
bool output_trouble_may_pass(int code);

/* A write failed, for which output_trouble_may_pass(); `why` is the sentence. */
void output_trouble_begin(struct output_trouble *trouble, const char *why);

/* All that waited is written. Says how much was lost, once, where the beginning was told. */
void output_trouble_over(struct output_trouble *trouble);

#endif
