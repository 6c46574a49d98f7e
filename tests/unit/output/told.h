/* Notices, one a line. */
#ifndef ENIFLOW_TESTS_UNIT_OUTPUT_TOLD_H
#define ENIFLOW_TESTS_UNIT_OUTPUT_TOLD_H

#include <string.h>

#include "flow/error.h"

static char told[8192];

static inline void tell(void *ctx, const char *sentence)
{
	size_t used = strlen(told);

	(void)ctx;
	if (used + strlen(sentence) + 2 > sizeof(told))
		return;
	memcpy(told + used, sentence, strlen(sentence) + 1);
	memcpy(told + used + strlen(sentence), "\n", 2);
}

static inline void told_clear(void)
{
	told[0] = '\0';
}

static const struct notices told_notices = { tell, NULL };

#endif
