/* output/kafka_question.h - the question to the brokers whether there is a topic. Only where there is librdkafka. */
#ifndef ENIFLOW_OUTPUT_KAFKA_QUESTION_H
#define ENIFLOW_OUTPUT_KAFKA_QUESTION_H

#include "output/kafka_delivery.h"

/* Waits until a broker says that there is, for options->patience->open at the most; for one that may come because it was
 * asked for, for `unknown`. Says so where that lasts. Returns 0, or -errno: -ENOENT, -EACCES, -ETIMEDOUT,
 * or -EINTR: options->stop_asked() said so while none answered. */
int output_kafka_question(struct output_kafka_delivery *delivery, struct error *err);

#endif
