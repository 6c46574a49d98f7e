/* output/topic.h - a place (output/place.h) that takes records as messages of a Kafka topic, each a line without its
 * newline; there is no header. */
#ifndef ENIFLOW_OUTPUT_TOPIC_H
#define ENIFLOW_OUTPUT_TOPIC_H

#include "output/encoder.h"
#include "output/kafka.h"
#include "output/place.h"

struct output_topic_options {
	struct output_encoder *encoder; /* outlives the place */
	struct output_kafka_options kafka;
};

/* Opens `where`, as output_kafka_open() takes it. Returns 0 or -errno. */
int output_topic_open(struct output_place **out, const char *where, const struct output_topic_options *options,
		      struct error *err);

#endif
