/* output/quote.h - a string as a value of JSON or CSV. */
#ifndef ENIFLOW_OUTPUT_QUOTE_H
#define ENIFLOW_OUTPUT_QUOTE_H

#include "output/buffer.h"

/* RFC 8259: in quotes, escaped where needed. Each byte that is no UTF-8 becomes U+FFFD: JSON cannot hold it. */
void output_quote_json(struct output_buffer *out, const char *text);

/* Is it a number as JSON has them: digits, and no 0 before others? */
bool output_quote_is_number(const char *text);

/* RFC 4180: as it is, or in quotes if there is a comma, quote or line break in it. */
void output_quote_csv(struct output_buffer *out, const char *text);

#endif
