/* capture/decompress.h - gzip and zstd, piece by piece: what can be decoded of the bytes so far comes out at once.
 *
 * Several gzip members or zstd frames behind each other are one stream. Zeros that pad a gzip file are ignored. */
#ifndef ENIFLOW_CAPTURE_DECOMPRESS_H
#define ENIFLOW_CAPTURE_DECOMPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

enum capture_compression { CAPTURE_PLAIN, CAPTURE_GZIP, CAPTURE_ZSTD };

struct capture_decompress;

/* `compression` is not CAPTURE_PLAIN. Returns 0, -ENOMEM, or -ENOTSUP where this build has no zstd. */
int capture_decompress_new(struct capture_decompress **out, enum capture_compression compression, struct error *err);
void capture_decompress_free(struct capture_decompress *decompress);

/* Compressed bytes from `in` on, room for decoded ones from `out` on. */
struct capture_piece {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_end;
};

/* Decodes until `in` is used up or `out` is full, and moves both. 0, -ENOMEM, or -EINVAL with `*why` (static words):
 * the data is damaged at `in`; what could be decoded before that is there. */
int capture_decompress_run(struct capture_decompress *decompress, struct capture_piece *piece, const char **why);

/* The library that does it, with its version: "zlib 1.2.13"; NULL: not in this build. In static memory. */
const char *capture_decompress_library(enum capture_compression compression);

/* Could the compressed bytes end here? */
bool capture_decompress_is_whole(const struct capture_decompress *decompress);

#endif
