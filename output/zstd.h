/* output/zstd.h - zstd, with a checksum, on the way to a file; where the build has libzstd. */
#ifndef ENIFLOW_OUTPUT_ZSTD_H
#define ENIFLOW_OUTPUT_ZSTD_H

#include "output/compressor.h"

/* Returns -ENOMEM, or -ENOTSUP if this build is without zstd. */
int output_zstd_new(struct output_compressor **out, struct error *err);

#endif
