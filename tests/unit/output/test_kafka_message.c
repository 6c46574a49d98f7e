#include "output/kafka_message.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static char eni[] = "eni-1", gateway[] = "tgw-1";
static const struct flow_interface both = { .identity = { [FLOW_INTERFACE_ID] = eni, [FLOW_RESOURCE_ID] = gateway } };
static const struct flow_interface one = { .identity = { [FLOW_RESOURCE_ID] = gateway } };
static const struct flow_interface none = { .identity = { NULL } };

static struct output_kafka_message *message_of(const struct flow_interface *interface, const char *line)
{
	const struct flow_record record = {
		.interface = interface, .interface_number = 7, .status = FLOW_NODATA, .start = 60, .end = 119
	};
	struct output_kafka_message *message = output_kafka_message_new(&record, line, strlen(line));

	assert_non_null(message);
	return message;
}

static void of_a_record(void **state)
{
	struct output_kafka_message *message = message_of(&both, "a line");

	(void)state;
	assert_ptr_equal(message->interface, &both);
	assert_int_equal(message->interface_number, 7);
	assert_int_equal(message->status, FLOW_NODATA);
	assert_int_equal(message->start, 60);
	assert_int_equal(message->end, 119);
	assert_int_equal(message->length, 6);
	assert_memory_equal(message->line, "a line", 6);
	assert_true(output_kafka_message_cost(6) > sizeof(*message) + 6);
	free(message);
}

static void keys(void **state)
{
	static const struct {
		const struct flow_interface *interface;
		const char *key;
	} cases[] = { { &both, "eni-1" }, { &one, "tgw-1" }, { &none, NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct output_kafka_message *message = message_of(cases[i].interface, "");
		const char *key = output_kafka_message_key(message);

		assert_true(cases[i].key ? key && strcmp(key, cases[i].key) == 0 : !key);
		free(message);
	}
}

/* The list has these lines, one letter each, both ways. */
static void check_list(const struct output_kafka_list *list, const char *want)
{
	const struct output_kafka_message *message = list->first;

	assert_int_equal(list->count, strlen(want));
	for (size_t i = 0; want[i]; i++, message = message->after) {
		assert_int_equal(message->line[0], want[i]);
		assert_ptr_equal(want[i + 1] ? message->after->before : list->last, message);
	}
	assert_null(message);
}

static void lists(void **state)
{
	struct output_kafka_message *b = message_of(&both, "b"), *c = message_of(&both, "c");
	struct output_kafka_list list = { 0 };

	(void)state;
	check_list(&list, "");
	output_kafka_list_append(&list, b);
	output_kafka_list_append(&list, c);
	output_kafka_list_prepend(&list, message_of(&both, "a"));
	output_kafka_list_append(&list, message_of(&both, "d"));
	check_list(&list, "abcd");
	output_kafka_list_take(&list, b);
	output_kafka_list_append(&list, b);
	check_list(&list, "acdb");
	output_kafka_list_take(&list, b);
	output_kafka_list_prepend(&list, b);
	check_list(&list, "bacd");
	output_kafka_list_take(&list, c);
	free(c);
	check_list(&list, "bad");
	output_kafka_list_clear(&list);
	check_list(&list, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(of_a_record), TEST(keys), TEST(lists) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
