/* output/compressor.h - what may stand between the bytes and their file: output/gzip.h or output/zstd.h. */
#ifndef ENIFLOW_OUTPUT_COMPRESSOR_H
#define ENIFLOW_OUTPUT_COMPRESSOR_H

#include "output/file.h"

/* What follows the bytes that are pushed: more of them, a pause (a reader of the stream must be able to see all so
 * far), or the end. */
enum output_push { OUTPUT_MORE, OUTPUT_PAUSE, OUTPUT_END };

struct output_compressor {
	/* Compresses and writes; after OUTPUT_PAUSE and OUTPUT_END nothing is held back. */
	int (*push)(struct output_compressor *compressor, const void *bytes, size_t size, enum output_push then,
		    struct output_file *file, struct error *err);
	void (*free)(struct output_compressor *compressor);
};

#endif
