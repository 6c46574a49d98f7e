/* output/kafka_producer.h - librdkafka's producer for one topic. Only where there is librdkafka. */
#ifndef ENIFLOW_OUTPUT_KAFKA_PRODUCER_H
#define ENIFLOW_OUTPUT_KAFKA_PRODUCER_H

#include "output/kafka_config.h"

struct rd_kafka_s;       /* rd_kafka_t */
struct rd_kafka_topic_s; /* rd_kafka_topic_t */

/* Zeroed, there is none. */
struct output_kafka_producer {
	struct rd_kafka_s *handle;
	struct rd_kafka_topic_s *topic;
};

/* Makes it as `conf` says, which stays the caller's. `name` begins a sentence. Connects to nobody yet. Returns 0 or
 * -errno; close it in any case. */
int output_kafka_producer_open(struct output_kafka_producer *producer, const struct rd_kafka_conf_s *conf,
			       const char *topic, const char *name, const struct output_kafka_secrets *secrets,
			       struct error *err);

/* Forgets what it has, without a report. */
void output_kafka_producer_close(struct output_kafka_producer *producer);

/* Will it never deliver anything any more? */
bool output_kafka_producer_is_broken(const struct output_kafka_producer *producer);

/* Has it report all that it has as not delivered, in the next polls. */
void output_kafka_producer_give_up(struct output_kafka_producer *producer);

/* The user and password of `conf` are those of its next logins: another password must not wait for one that is refused.
 * Returns 0 or -EINVAL. */
int output_kafka_producer_log_in(struct output_kafka_producer *producer, const struct rd_kafka_conf_s *conf,
				 const char *name, struct error *err);

#endif
