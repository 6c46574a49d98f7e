#include "output/kafka_message.h"

#include <stdlib.h>
#include <string.h>

/* librdkafka's own account of a message, with the key; its buffers for what it sends do not count. */
enum { OVERHEAD = 256 };

struct output_kafka_message *output_kafka_message_new(const struct flow_record *record, const char *line, size_t length)
{
	struct output_kafka_message *message = malloc(sizeof(*message) + length);

	if (!message)
		return NULL;
	*message = (struct output_kafka_message){
		.interface = record->interface,
		.interface_number = record->interface_number,
		.status = (enum flow_status)record->status,
		.start = record->start,
		.end = record->end,
		.length = length,
	};
	memcpy(message->line, line, length);
	return message;
}

size_t output_kafka_message_cost(size_t length)
{
	return sizeof(struct output_kafka_message) + OVERHEAD + length;
}

const char *output_kafka_message_key(const struct output_kafka_message *message)
{
	const char *key = message->interface->identity[FLOW_INTERFACE_ID];

	return key ? key : message->interface->identity[FLOW_RESOURCE_ID];
}

void output_kafka_list_append(struct output_kafka_list *list, struct output_kafka_message *message)
{
	message->before = list->last;
	message->after = NULL;
	*(list->last ? &list->last->after : &list->first) = message;
	list->last = message;
	list->count++;
}

void output_kafka_list_prepend(struct output_kafka_list *list, struct output_kafka_message *message)
{
	message->before = NULL;
	message->after = list->first;
	*(list->first ? &list->first->before : &list->last) = message;
	list->first = message;
	list->count++;
}

void output_kafka_list_take(struct output_kafka_list *list, struct output_kafka_message *message)
{
	*(message->before ? &message->before->after : &list->first) = message->after;
	*(message->after ? &message->after->before : &list->last) = message->before;
	list->count--;
}

void output_kafka_list_clear(struct output_kafka_list *list)
{
	struct output_kafka_message *next;

	for (struct output_kafka_message *message = list->first; message; message = next) {
		next = message->after;
		free(message);
	}
	*list = (struct output_kafka_list){ 0 };
}
