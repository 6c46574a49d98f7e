/* output/codec.h - one block of bytes, compressed as a whole: a page of a Parquet file.
 *
 * For streams there is output/compressor.h. */
#ifndef ENIFLOW_OUTPUT_CODEC_H
#define ENIFLOW_OUTPUT_CODEC_H

#include "flow/error.h"
#include "output/buffer.h"

enum output_codec { OUTPUT_CODEC_GZIP, OUTPUT_CODEC_ZSTD, OUTPUT_CODEC_SNAPPY, OUTPUT_CODEC_NONE, OUTPUT_CODEC_END };

/* "gzip", "zstd", "snappy", "none". */
const char *output_codec_name(enum output_codec codec);

/* Returns 0, or -ENOTSUP with how to get it where this build has not the library. */
int output_codec_check(enum output_codec codec, struct error *err);

/* State that a codec wants to use again for each block. NULL with its sentence: out of memory. */
struct output_packer;
struct output_packer *output_packer_new(enum output_codec codec, struct error *err);
void output_packer_free(struct output_packer *packer);

/* Appends the compressed block to `out`. The same bytes give the same block. Returns 0, -ENOMEM, or -EOVERFLOW for a
 * block that the codec cannot take. */
int output_packer_pack(struct output_packer *packer, const void *bytes, size_t size, struct output_buffer *out,
		       struct error *err);

#endif
