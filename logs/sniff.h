/* logs/sniff.h - is this a capture, or can it be a flow log? Told by the first bytes alone. */
#ifndef ENIFLOW_LOGS_SNIFF_H
#define ENIFLOW_LOGS_SNIFF_H

#include <stdbool.h>

#include "capture/input.h"

/* Do the input's first bytes (decompressed; they are in its buffer already) look like lines of a flow log: text, in
 * which the first line is one of field names, a record, JSON or CSV as logs/files.h takes them? `has_format`: what the
 * columns are is known, so that any text may be. */
bool log_sniff(const struct capture_input *input, bool has_format);

/* The same, but a stream may bring its first lines in pieces: waits for them, as far as it takes to tell. 1, 0, or what
 * capture_input_fill() answers. */
int log_sniff_wait(struct capture_input *input, bool has_format, struct error *err);

#endif
