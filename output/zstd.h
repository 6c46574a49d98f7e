/* output/zstd.h - zstd, with a checksum, on the way to an outlet; where the build has libzstd. */
#ifndef ENIFLOW_OUTPUT_ZSTD_H
#define ENIFLOW_OUTPUT_ZSTD_H

#include "output/compressor.h"

/* Returns -ENOMEM, or -ENOTSUP if this build is without zstd. */
int output_zstd_new(struct output_compressor **out, struct error *err);

/* Is the file one of whole frames? Reads all of it. Returns 1 or 0, or -errno: of reading, -ENOMEM, -ENOTSUP. */
int output_zstd_is_whole(int fd, const char *name, struct error *err);

/* Does the text of a file of whole frames begin so? Returns 1 or 0, or -errno as above. */
int output_zstd_begins(int fd, const char *text, size_t length, const char *name, struct error *err);

#endif
