#include "output/kafka_config.h"

#include "check.h"

#include <errno.h>
#if ENIFLOW_HAVE_KAFKA

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"

static void check_refused(const char *name, const char *value, const char *word)
{
	struct error err;

	assert_int_equal(output_kafka_check_property(name, value, &err), -EINVAL);
	if (!strstr(err.text, word))
		fail_msg("%s", err.text);
}

static void check_taken(const char *name, const char *value)
{
	struct error err;

	if (output_kafka_check_property(name, value, &err) != 0)
		fail_msg("%s", err.text);
}

static void properties(void **state)
{
	(void)state;
	check_taken("sasl.username", "me");
	check_taken("sasl.mechanism", "SCRAM-SHA-512");
	check_taken("linger.ms", "100");
	check_taken("message.timeout.ms", "0");
	check_taken("sasl.password", "file:/etc/eniflow/password");
	check_taken("ssl.key.pem", "env:KEY");
	check_refused("linger.ms", "soon", "Invalid value");
	check_refused("compression.codec", "lzma", "lzma");
	check_refused("dr_cb", "x", "dedicated");
	check_refused("sasl.usename", "me", "did you mean sasl.username?");
	check_refused("sasl.usename", "env:ME", "did you mean sasl.username?");
	check_refused("frobnicate", "1", "no such property");
	check_refused("sasl.username", "env:", "names nothing");
	check_refused("sasl.username", "file:", "names nothing");
}

static void ours(void **state)
{
	(void)state;
	check_refused("bootstrap.servers", "a:1", "destination");
	check_refused("metadata.broker.list", "a:1", "destination");
	check_refused("enable.idempotence", "false", "twice");
	check_refused("acks", "1", "all");
	check_refused("transactional.id", "a", "transactions");
	check_refused("plugin.library.paths", "/tmp/x.so", "plugins");
	check_refused("test.mock.num.brokers", "1", "nowhere");
}

static void secrets_stand_elsewhere(void **state)
{
	static const char *const names[] = { "sasl.password",           "ssl.key.password",
					     "ssl.keystore.password",   "ssl.key.pem",
					     "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(output_kafka_check_property(names[i], "xyzzy", &err), -EINVAL);
		assert_non_null(strstr(err.text, "file:PATH"));
		assert_null(strstr(err.text, "xyzzy"));
	}
}

static char *value_of(const char *name, const char *value)
{
	struct output_kafka_property property = { (char *)name, (char *)value };
	struct error err;
	char *out = NULL;

	if (output_kafka_config_value(&out, &property, &err) != 0)
		fail_msg("%s", err.text);
	return out;
}

static void check_value(const char *name, const char *value, const char *want)
{
	char *out = value_of(name, value);

	assert_string_equal(out, want);
	free(out);
}

static void values(void **state)
{
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "file:%s", in_folder("secret"));
	write_file(in_folder("secret"), "first line\r\nsecond\n");
	setenv("ENIFLOW_TEST_SECRET", "of the environment", 1);
	check_value("client.id", "as it stands", "as it stands");
	check_value("sasl.password", "env:ENIFLOW_TEST_SECRET", "of the environment");
	check_value("sasl.password", path, "first line");
	check_value("ssl.key.pem", path, "first line\r\nsecond\n");
}

static void values_that_are_not_there(void **state)
{
	struct output_kafka_property property = { (char *)"sasl.password", (char *)"env:ENIFLOW_NO_SUCH" };
	struct error err;
	char *out;

	(void)state;
	assert_int_equal(output_kafka_config_value(&out, &property, &err), -ENOENT);
	assert_string_equal(err.text, "kafka.sasl.password: the environment has no variable ENIFLOW_NO_SUCH");
	property.value = (char *)"file:/no/such";
	assert_int_equal(output_kafka_config_value(&out, &property, &err), -ENOENT);
	assert_non_null(strstr(err.text, "kafka.sasl.password: /no/such: cannot be opened"));
}

static void check_set(const rd_kafka_conf_t *conf, const char *name, const char *want)
{
	char value[512];
	size_t size = sizeof(value);

	assert_int_equal(rd_kafka_conf_get(conf, name, value, &size), RD_KAFKA_CONF_OK);
	assert_string_equal(value, want);
}

static void all_together(void **state)
{
	struct output_kafka_property given[] = { { (char *)"sasl.password", (char *)"env:ENIFLOW_TEST_SECRET" },
						 { (char *)"linger.ms", (char *)"7" },
						 { (char *)"compression.codec", (char *)"gzip" } };
	struct output_kafka_options options = { .live = true };
	struct output_kafka_secrets secrets = { 0 };
	struct error err;
	rd_kafka_conf_t *conf;

	(void)state;
	setenv("ENIFLOW_TEST_SECRET", "hunter2", 1);
	assert_int_equal(output_kafka_config_new(&conf, "a:1", &options, &secrets, &err), 0);
	check_set(conf, "bootstrap.servers", "a:1");
	check_set(conf, "enable.idempotence", "true");
	check_set(conf, "message.timeout.ms", "0");
	rd_kafka_conf_destroy(conf);
	options = (struct output_kafka_options){ .properties = given, .property_count = 3 };
	assert_int_equal(output_kafka_config_new(&conf, "a:1", &options, &secrets, &err), 0);
	check_set(conf, "message.timeout.ms", "300000");
	check_set(conf, "linger.ms", "7");
	check_set(conf, "compression.codec", "gzip");
	check_set(conf, "sasl.password", "hunter2");
	assert_int_equal(secrets.count, 1);
	assert_string_equal(secrets.values[0], "hunter2");
	rd_kafka_conf_destroy(conf);
	output_kafka_secrets_clear(&secrets);
	assert_int_equal(secrets.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(properties),
						   TEST(ours),
						   TEST(secrets_stand_elsewhere),
						   IN_FOLDER(values),
						   TEST(values_that_are_not_there),
						   TEST(all_together) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <string.h>

static void unsupported(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(output_kafka_check_property("linger.ms", "5", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "install librdkafka-dev"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(unsupported) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
