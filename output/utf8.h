/* output/utf8.h - the characters of a text in UTF-8 (RFC 3629). */
#ifndef ENIFLOW_OUTPUT_UTF8_H
#define ENIFLOW_OUTPUT_UTF8_H

#include <stdint.h>

/* The code point at *at, which is moved behind it; -1, and *at stays, if the bytes there are none: not the shortest
 * form, a surrogate, beyond U+10FFFF, cut off. At the end mark it is 0. */
int32_t output_utf8_next(const char **at);

#endif
