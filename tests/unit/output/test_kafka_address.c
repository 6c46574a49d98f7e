#include "output/kafka_address.h"

#include "check.h"

#include <errno.h>
#include <string.h>

static void check(const char *where, const char *brokers, const char *host, const char *topic)
{
	struct output_kafka_address address;
	struct error err;

	if (output_kafka_address_parse(&address, where, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(address.brokers, brokers);
	assert_string_equal(address.host, host);
	assert_string_equal(address.topic, topic);
	output_kafka_address_clear(&address);
	assert_null(address.brokers);
}

static void brokers_and_topic(void **state)
{
	(void)state;
	check("kafka:localhost/flows", "localhost", "localhost", "flows");
	check("kafka:b-1.x.kafka.eu-central-1.amazonaws.com:9098,b_2:9098/vpc.flow-logs_1",
	      "b-1.x.kafka.eu-central-1.amazonaws.com:9098,b_2:9098", "b-1.x.kafka.eu-central-1.amazonaws.com",
	      "vpc.flow-logs_1");
	check("kafka:[2001:db8::1]:9092,10.0.0.1/t", "[2001:db8::1]:9092,10.0.0.1", "2001:db8::1", "t");
	check("kafka:[fe80::1%eth0]/t", "[fe80::1%eth0]", "fe80::1%eth0", "t");
	check("kafka:a:65535/t", "a:65535", "a", "t");
}

static void refused(void **state)
{
	static const struct {
		const char *where, *word;
	} all[] = {
		{ "kafka:", "topic is missing" },
		{ "kafka:a", "topic is missing" },
		{ "kafka:a/", "topic is missing" },
		{ "kafka:/t", "no broker" },
		{ "kafka:a,/t", "no broker" },
		{ "kafka:,a/t", "no broker" },
		{ "kafka:a b/t", "no broker" },
		{ "kafka:2001:db8::1/t", "no port" },
		{ "kafka:[::1/t", "no broker" },
		{ "kafka:[]/t", "no broker" },
		{ "kafka:[::1]9092/t", "no broker" },
		{ "kafka:a:/t", "no port" },
		{ "kafka:a:0/t", "no port" },
		{ "kafka:a:65536/t", "no port" },
		{ "kafka:a:9092x/t", "no port" },
		{ "kafka:ssl://a:9092/t", "no port" },
		{ "kafka:a/t/u", "no name of a topic" },
		{ "kafka:a/t u", "no name of a topic" },
		{ "kafka:a/..", "no name of a topic" },
	};
	struct output_kafka_address address;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_int_equal(output_kafka_address_parse(&address, all[i].where, &err), -EINVAL);
		if (!strstr(err.text, all[i].word))
			fail_msg("%s: %s", all[i].where, err.text);
	}
}

static void long_topics(void **state)
{
	char where[300] = "kafka:a/";
	struct output_kafka_address address;
	struct error err;

	(void)state;
	memset(where + 8, 't', 249);
	assert_int_equal(output_kafka_address_parse(&address, where, &err), 0);
	output_kafka_address_clear(&address);
	where[8 + 249] = 't';
	assert_int_equal(output_kafka_address_parse(&address, where, &err), -EINVAL);
}

static void scheme(void **state)
{
	(void)state;
	assert_true(output_kafka_address_is("kafka:a/b"));
	assert_false(output_kafka_address_is("kafka"));
	assert_false(output_kafka_address_is("./kafka:a/b"));
	assert_false(output_kafka_address_is("-"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(brokers_and_topic), TEST(refused), TEST(long_topics),
						   TEST(scheme) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
