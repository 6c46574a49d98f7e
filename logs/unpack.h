/* logs/unpack.h - one block of compressed bytes whose unpacked length is known: a page of a Parquet file.
 *
 * For streams there is capture/input.h. */
#ifndef ENIFLOW_LOGS_UNPACK_H
#define ENIFLOW_LOGS_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

/* As the Parquet format numbers them. */
enum log_codec {
	LOG_CODEC_NONE,
	LOG_CODEC_SNAPPY,
	LOG_CODEC_GZIP,
	LOG_CODEC_LZO,
	LOG_CODEC_BROTLI,
	LOG_CODEC_LZ4,
	LOG_CODEC_ZSTD,
	LOG_CODEC_LZ4_RAW,
	LOG_CODEC_END
};

/* Can it be read? 0, or -ENOTSUP: `err` says "WHAT is compressed with brotli, ..." and what to do. */
int log_unpack_check(unsigned codec, const char *what, struct error *err);

/* Bytes that so many of the codec's can become at the most; a length beyond it is a lie. */
uint64_t log_unpack_most(unsigned codec, uint64_t length);

/* Unpacks to exactly `room` bytes. NULL, or what is wrong with the block ("the gzip data is damaged"). The codec can be
 * read. */
const char *log_unpack(unsigned codec, const void *block, size_t length, void *out, size_t room);

#endif
