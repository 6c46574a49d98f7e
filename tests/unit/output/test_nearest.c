#include "output/nearest.h"

#include "check.h"

#include <string.h>

static const char *const names[] = { "srcaddr",    "dstaddr", "srcport", "dstport",
				     "log-status", "start",   "end",     "tcp-flags" };

static const char *nearest(const char *word)
{
	static char out[64];

	memset(out, 'x', sizeof(out));
	output_nearest(word, strlen(word), names, sizeof(names) / sizeof(names[0]), out, sizeof(out));
	return out;
}

static void finds_one_slip(void **state)
{
	(void)state;
	assert_string_equal(nearest("srcadr"), "srcaddr");
	assert_string_equal(nearest("srcaddrr"), "srcaddr");
	assert_string_equal(nearest("sarcaddr"), "srcaddr");
	assert_string_equal(nearest("tcpflags"), "tcp-flags");
	assert_string_equal(nearest("strat"), "start");
}

static void spelling_of_others_is_no_slip(void **state)
{
	(void)state;
	assert_string_equal(nearest("log_status"), "log-status");
	assert_string_equal(nearest("logStatus"), "log-status");
	assert_string_equal(nearest("TCP_FLAGS"), "tcp-flags");
}

static void offers_several_that_are_as_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("src"), "srcaddr or srcport");
	assert_string_equal(nearest("addr"), "srcaddr or dstaddr");
	assert_string_equal(nearest("st"), "dstaddr, dstport or log-status");
}

static void nothing_is_near(void **state)
{
	static const char long_word[] = "a-word-that-is-longer-than-any-name-of-a-field-could-ever-be-in-the-log";

	(void)state;
	assert_string_equal(nearest("quux"), "");
	assert_string_equal(nearest("s"), "");
	assert_string_equal(nearest(""), "");
	assert_string_equal(nearest(long_word), "");
}

static void stops_at_the_end_of_the_room(void **state)
{
	char out[10];

	(void)state;
	output_nearest("addr", 4, names, 2, out, sizeof(out));
	assert_string_equal(out, "srcaddr o");
	output_nearest("addr", 4, names, 2, out, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_one_slip),  TEST(spelling_of_others_is_no_slip), TEST(offers_several_that_are_as_near),
		TEST(nothing_is_near), TEST(stops_at_the_end_of_the_room),
	};

	return cmocka_run_group_tests_name("output/nearest", tests, NULL, NULL);
}
