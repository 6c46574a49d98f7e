/* output/gzip.h - gzip on the way to an outlet. The same pushes give the same bytes: no time stands in the header. */
#ifndef ENIFLOW_OUTPUT_GZIP_H
#define ENIFLOW_OUTPUT_GZIP_H

#include "output/compressor.h"

/* Returns -ENOMEM. */
int output_gzip_new(struct output_compressor **out, struct error *err);

#endif
