/* output/format.h - a format string, compiled.
 *
 * Sources: flow-log-format sections 2 and 3, semantics section 13, 23; presets: interface.md. */
#ifndef ENIFLOW_OUTPUT_FORMAT_H
#define ENIFLOW_OUTPUT_FORMAT_H

#include "output/field.h"

enum { OUTPUT_FORMAT_MOST = 256 }; /* fields in one format; a field may stand twice */

struct output_format {
	uint8_t fields[OUTPUT_FORMAT_MOST]; /* enum output_field_id */
	size_t count;
	uint8_t version; /* the highest of its fields' versions */
	unsigned shown;  /* enum flow_shown, or-ed: what it puts into the key */
	bool is_preset;  /* it was given by the name of a preset */
};

/* Compiles a preset's name, an AWS format string "${version} ${vpc-id}" (strict: single spaces, none at the ends), or
 * bare names in any white space. Returns 0, or -EINVAL with what is wrong, where, and for an unknown field the
 * nearest names. */
int output_format_parse(struct output_format *out, const char *text, struct error *err);

/* Remarks on a format that readers of flow logs will misread (by field count; no start, end or log-status), one
 * notice each. A preset, or a custom format equal to one, gets none. */
void output_format_remarks(const struct output_format *format, const struct notices *notices);

/* Preset number `n` from 0: its name, or NULL behind the last; `format` (may be NULL) becomes what it stands for. */
const char *output_format_preset(size_t n, struct output_format *format);

#endif
