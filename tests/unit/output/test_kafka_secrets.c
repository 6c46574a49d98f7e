#include "output/kafka_secrets.h"

#include "check.h"

static void hidden(void **state)
{
	char *all[] = { (char *)"hunter2", (char *)"abc", (char *)"abcdef", (char *)"fgh" };
	const struct output_kafka_secrets secrets = { all, 4 };
	char text[] = "hunter2 and hunter2hunter2, abcabc", cut[8];

	(void)state;
	output_kafka_secrets_hide(&secrets, text, text, sizeof(text));
	assert_string_equal(text, "******* and **************, ******");
	output_kafka_secrets_hide(&secrets, "an abcdef", text, sizeof(text));
	assert_string_equal(text, "an ******");
	output_kafka_secrets_hide(&secrets, "an abcdefghi", text, sizeof(text));
	assert_string_equal(text, "an ********i");
	output_kafka_secrets_hide(&secrets, "an hunter2", cut, sizeof(cut));
	assert_string_equal(cut, "an ****");
}

static void added(void **state)
{
	struct output_kafka_secrets secrets = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(output_kafka_secrets_add(&secrets, "hunter2", &err), 0);
	assert_int_equal(output_kafka_secrets_add(&secrets, "hunter2", &err), 0);
	assert_int_equal(output_kafka_secrets_add(&secrets, "ab", &err), 0);
	assert_int_equal(secrets.count, 1);
	assert_int_equal(output_kafka_secrets_add(&secrets, "hunter3", &err), 0);
	assert_int_equal(secrets.count, 2);
	output_kafka_secrets_clear(&secrets);
	assert_int_equal(secrets.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(hidden), TEST(added) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
