/* output/kafka_remarks.h - what librdkafka says: its last complaint, for sentences, and its log as notices, a few a
 * minute. No secret comes through. */
#ifndef ENIFLOW_OUTPUT_KAFKA_REMARKS_H
#define ENIFLOW_OUTPUT_KAFKA_REMARKS_H

#include <stdint.h>

#include "output/kafka_secrets.h"

/* Zeroed, nothing was said. Set `notices` and `name`; clear `secrets` at the end. */
struct output_kafka_remarks {
	const struct notices *notices;
	const char *name; /* of the destination: what notices begin with */
	struct output_kafka_secrets secrets;
	char why[512]; /* the last complaint */
	int64_t since; /* when the minute began of which `told` and `untold` are */
	unsigned told, untold;
};

/* Keeps a complaint. */
void output_kafka_remarks_learn(struct output_kafka_remarks *remarks, const char *text);

/* The last complaint, or what it means that there was none. */
const char *output_kafka_remarks_reason(const struct output_kafka_remarks *remarks);

/* Makes a notice of a line of its log, unless there were too many; `now` in milliseconds, of a clock that only goes
 * forward. */
void output_kafka_remarks_tell(struct output_kafka_remarks *remarks, const char *text, int64_t now);

#endif
