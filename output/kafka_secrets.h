/* output/kafka_secrets.h - values that must not be shown, and texts without them. Pure. */
#ifndef ENIFLOW_OUTPUT_KAFKA_SECRETS_H
#define ENIFLOW_OUTPUT_KAFKA_SECRETS_H

#include <stddef.h>

#include "flow/error.h"

/* Zeroed, there are none. */
struct output_kafka_secrets {
	char **values;
	size_t count;
};

/* Adds a copy, unless it is there or has less than three characters. Returns 0 or -ENOMEM. */
int output_kafka_secrets_add(struct output_kafka_secrets *secrets, const char *value, struct error *err);

/* Overwrites and frees them. */
void output_kafka_secrets_clear(struct output_kafka_secrets *secrets);

/* Copies `text` as far as it fits into `size` characters with the final zero, with asterisks in place of secrets, also of
 * one that is cut. `out` may be `text`. */
void output_kafka_secrets_hide(const struct output_kafka_secrets *secrets, const char *text, char *out, size_t size);

#endif
