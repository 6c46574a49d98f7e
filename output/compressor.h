/* output/compressor.h - what may stand between the bytes and their outlet: output/gzip.h or output/zstd.h. */
#ifndef ENIFLOW_OUTPUT_COMPRESSOR_H
#define ENIFLOW_OUTPUT_COMPRESSOR_H

#include "output/outlet.h"

enum output_compression { OUTPUT_PLAIN, OUTPUT_GZIP, OUTPUT_ZSTD };

/* What follows the bytes that are pushed: more of them, a pause (a reader of the stream must be able to see all so
 * far), or the end. */
enum output_push { OUTPUT_MORE, OUTPUT_PAUSE, OUTPUT_END };

struct output_compressor {
	/* Compresses and writes; after OUTPUT_PAUSE and OUTPUT_END nothing is held back. */
	int (*push)(struct output_compressor *compressor, const void *bytes, size_t size, enum output_push then,
		    const struct output_outlet *outlet, struct error *err);
	void (*free)(struct output_compressor *compressor);
};

/* What a file of that name is: ".gz" and ".zst" say it. */
enum output_compression output_compression_of(const char *name);

/* OUTPUT_PLAIN gives NULL. Returns 0, -ENOMEM, or -ENOTSUP where this build has no zstd. */
int output_compressor_new(struct output_compressor **out, enum output_compression compression, struct error *err);

/* Takes NULL. */
void output_compressor_free(struct output_compressor *compressor);

#endif
