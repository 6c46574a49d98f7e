#include "output/kafka_remarks.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static char told[4096];

static void listen_to(void *ctx, const char *sentence)
{
	size_t used = strlen(told);

	(void)ctx;
	snprintf(told + used, sizeof(told) - used, "%s\n", sentence);
}

static const struct notices notices = { listen_to, NULL };

static int begin(void **state)
{
	(void)state;
	told[0] = '\0';
	return 0;
}

static void a_few_a_minute(void **state)
{
	struct output_kafka_remarks remarks = { .notices = &notices, .name = "kafka:b/t", .since = 1000 };

	(void)state;
	for (int i = 0; i < 9; i++)
		output_kafka_remarks_tell(&remarks, "x", 1000 + i);
	assert_string_equal(told,
			    "kafka:b/t: x\nkafka:b/t: x\nkafka:b/t: x\nkafka:b/t: x\nkafka:b/t: x\nkafka:b/t: x\n");
	told[0] = '\0';
	output_kafka_remarks_tell(&remarks, "y", 61000);
	assert_string_equal(told, "kafka:b/t: 3 further remarks of librdkafka were left out\nkafka:b/t: y\n");
}

static void reasons(void **state)
{
	struct output_kafka_remarks remarks = { .notices = &notices };

	(void)state;
	assert_string_equal(output_kafka_remarks_reason(&remarks), "no broker answers");
	output_kafka_remarks_learn(&remarks, "refused");
	assert_string_equal(output_kafka_remarks_reason(&remarks), "refused");
}

/* Also where a sentence is cut within one. */
static void no_secrets(void **state)
{
	char *secret = (char *)"hunter2";
	struct output_kafka_remarks remarks = { .notices = &notices, .name = "n", .secrets = { &secret, 1 } };
	char text[sizeof(remarks.why) + 16];

	(void)state;
	memset(text, ' ', sizeof(text));
	snprintf(text + sizeof(remarks.why) - 6, 16, "%s", secret);
	output_kafka_remarks_learn(&remarks, text);
	output_kafka_remarks_tell(&remarks, text, 0);
	assert_string_equal(remarks.why + sizeof(remarks.why) - 6, "*****");
	assert_null(strstr(told, "h"));
	assert_non_null(strstr(told, "*****\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_few_a_minute, begin),
		TEST(reasons),
		cmocka_unit_test_setup(no_secrets, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
