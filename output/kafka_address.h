/* output/kafka_address.h - "kafka:HOST[:PORT][,HOST[:PORT]]/TOPIC" taken apart. Pure. */
#ifndef ENIFLOW_OUTPUT_KAFKA_ADDRESS_H
#define ENIFLOW_OUTPUT_KAFKA_ADDRESS_H

#include <stdbool.h>

#include "flow/error.h"

struct output_kafka_address {
	char *brokers; /* as librdkafka takes them: those without a port have its 9092 */
	char *topic;
	char *host; /* of the first broker, without brackets */
};

/* Does it begin with "kafka:"? */
bool output_kafka_address_is(const char *where);

/* A host is a name or an address, IPv6 in brackets. The topic's name is as Kafka has them: letters, digits, ".", "_" and
 * "-", 249 at the most. Returns 0, -EINVAL or -ENOMEM. */
int output_kafka_address_parse(struct output_kafka_address *out, const char *where, struct error *err);

/* Takes one that is zeroed. */
void output_kafka_address_clear(struct output_kafka_address *address);

#endif
