/* Which command a word names. */
#include "cli/command.h"

#include "check.h"

#include <errno.h>

static void finds(void **state)
{
	(void)state;
	assert_int_equal(command_find("read", NULL), COMMAND_READ);
	assert_int_equal(command_find("capture", NULL), COMMAND_CAPTURE);
	assert_int_equal(command_find("inspect", NULL), COMMAND_INSPECT);
	assert_int_equal(command_find("explain", NULL), COMMAND_EXPLAIN);
	assert_int_equal(command_find("fields", NULL), COMMAND_FIELDS);
}

static void offers(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(command_find("raed", &err), -EINVAL);
	assert_string_equal(err.text, "raed: there is no such command; the nearest: read; see eniflow --help");
	assert_int_equal(command_find("watch", &err), -EINVAL);
	assert_string_equal(err.text, "watch: there is no such command; this version has read, capture, compare, "
				      "inspect, explain and fields; see eniflow --help");
	assert_int_equal(command_find("", &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(finds), TEST(offers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
