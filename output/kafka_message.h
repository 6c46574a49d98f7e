/* output/kafka_message.h - records on their way to a topic, and lists of them. Pure. */
#ifndef ENIFLOW_OUTPUT_KAFKA_MESSAGE_H
#define ENIFLOW_OUTPUT_KAFKA_MESSAGE_H

#include "flow/record.h"

/* The line of a record, and what has to be known of it should it get lost. */
struct output_kafka_message {
	struct output_kafka_message *before, *after; /* in the list where it is */
	const struct flow_interface *interface;
	uint32_t interface_number;
	enum flow_status status;
	int64_t start, end;
	size_t length;
	char line[];
};

/* Zeroed, it is empty. */
struct output_kafka_list {
	struct output_kafka_message *first, *last;
	size_t count;
};

/* Copies the line. The record's interface must outlive it. Free it with free(). NULL: out of memory. */
struct output_kafka_message *output_kafka_message_new(const struct flow_record *record, const char *line,
						      size_t length);

/* What a line of that length takes of memory on its way, with what librdkafka keeps beside it. */
size_t output_kafka_message_cost(size_t length);

/* Its key: the interface-id, else the resource-id, else NULL. */
const char *output_kafka_message_key(const struct output_kafka_message *message);

void output_kafka_list_append(struct output_kafka_list *list, struct output_kafka_message *message);
void output_kafka_list_prepend(struct output_kafka_list *list, struct output_kafka_message *message);

/* The message must be in that list. */
void output_kafka_list_take(struct output_kafka_list *list, struct output_kafka_message *message);

/* Frees its messages. */
void output_kafka_list_clear(struct output_kafka_list *list);

#endif
