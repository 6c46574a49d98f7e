/* output/kafka_config.h - what librdkafka is told: our properties, those that the user gave, and secrets.
 *
 * A secret is never written where others can see it: not in a configuration nor on a command line, from where it would
 * come into process lists and shell histories. It is read from a file or from the environment, and whatever is said
 * goes through output_kafka_secrets_hide() first. */
#ifndef ENIFLOW_OUTPUT_KAFKA_CONFIG_H
#define ENIFLOW_OUTPUT_KAFKA_CONFIG_H

#include "output/kafka.h"
#include "output/kafka_secrets.h"

struct rd_kafka_conf_s; /* rd_kafka_conf_t */

/* The value of a property: as it stands, of the file, or of the environment. Of a file it is the first line, but for
 * a property that holds a key or certificate ("ssl.key.pem") all of it. Returns 0 and *out, which is the caller's to
 * free, or -errno with a sentence that does not show it. */
int output_kafka_config_value(char **out, const struct output_kafka_property *property, struct error *err);

/* Makes what a producer is opened with, for these brokers (NULL: none). Ours stand before the user's, which win where
 * they are allowed. What is read from files and the environment is added to `secrets`, if it is one and not there yet,
 * also after a failure. *out is the caller's to end with rd_kafka_conf_destroy(). Returns 0, or -errno: what
 * output_kafka_config_value() says, or a value that librdkafka does not take. */
int output_kafka_config_new(struct rd_kafka_conf_s **out, const char *brokers,
			    const struct output_kafka_options *options, struct output_kafka_secrets *secrets,
			    struct error *err);

#endif
