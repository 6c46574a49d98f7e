/* output/kafka_delivery.h - messages on their way: handed to a producer, delivered, lost, or handed to the next producer
 * when one breaks. Only where there is librdkafka.
 *
 * What may be in the topic already is never sent again: rather told as lost than there twice. */
#ifndef ENIFLOW_OUTPUT_KAFKA_DELIVERY_H
#define ENIFLOW_OUTPUT_KAFKA_DELIVERY_H

#include "output/kafka_message.h"
#include "output/kafka_producer.h"
#include "output/kafka_remarks.h"

/* Times are of output_kafka_delivery_now(). */
struct output_kafka_delivery {
	const struct output_kafka_options *options; /* with its patience set */
	struct output_kafka_remarks remarks;
	const char *topic;
	struct rd_kafka_conf_s *conf; /* what the next producer is made with */
	struct output_kafka_producer producer;

	struct output_kafka_list sent;     /* handed to the producer */
	struct output_kafka_list returned; /* the producer gave them back: they are to be handed to the next one */
	struct output_kafka_list held;     /* came meanwhile */
	struct output_kafka_list lost;     /* not told yet */

	bool is_renewing; /* the producer is to be another one, as soon as nothing is on its way */
	int64_t renew_at; /* not before */
	int64_t pause;    /* before the next time */
	unsigned in_vain; /* renewals since anything was delivered */

	bool is_all_down;      /* no broker is there, as librdkafka says */
	int64_t moved;         /* when something was delivered, or began to wait */
	bool was_refusal_told; /* in this trouble */

	int failed; /* what ends the run; 0: all is well */
	struct error failure;
	struct output_kafka_state state;
};

/* Milliseconds of a clock that only goes forward. */
int64_t output_kafka_delivery_now(void);

/* Has `options`, `remarks.notices`, `remarks.name` and `topic` set, all else zeroed. Makes the first producer, which
 * connects to `brokers`. Returns 0 or -errno; close it in any case. */
int output_kafka_delivery_open(struct output_kafka_delivery *delivery, const char *brokers, struct error *err);

/* What is on its way is lost. */
void output_kafka_delivery_close(struct output_kafka_delivery *delivery);

/* Takes a message, which is its own from then on. */
void output_kafka_delivery_send(struct output_kafka_delivery *delivery, struct output_kafka_message *message);

/* Looks at what was delivered, for `wait_ms` at the most, and renews the producer where it is time. */
void output_kafka_delivery_look(struct output_kafka_delivery *delivery, int wait_ms);

/* Messages that are neither delivered nor lost. */
size_t output_kafka_delivery_waiting(const struct output_kafka_delivery *delivery);

/* Reads the properties again, and has the producer be another one as soon as nothing is on its way. Returns 0, or -errno:
 * all stays as it was. */
int output_kafka_delivery_renew(struct output_kafka_delivery *delivery, const char *brokers, struct error *err);

#endif
