/* output/outlet.h - where bytes go next: into a file, or to others that wait for one. */
#ifndef ENIFLOW_OUTPUT_OUTLET_H
#define ENIFLOW_OUTPUT_OUTLET_H

#include <stddef.h>

#include "flow/error.h"

struct output_outlet {
	/* Takes all of them. Returns 0 or a negative errno. */
	int (*write)(void *ctx, const void *bytes, size_t size, struct error *err);
	void *ctx;
};

#endif
