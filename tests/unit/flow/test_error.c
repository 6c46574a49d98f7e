#include "flow/error.h"

#include "fixture.h"

#include <errno.h>

static void test_fail_writes_its_sentence(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(fail(&err, EINVAL, "%s: byte %d", "a.pcap", 24), -EINVAL);
	assert_string_equal(err.text, "a.pcap: byte 24");
}

static void test_a_sentence_is_optional(void **state)
{
	(void)state;
	errno = ENOENT;
	assert_int_equal(fail(NULL, EINVAL, "%s", "dropped"), -EINVAL);
	assert_int_equal(fail_errno(NULL, "%s", "dropped"), -ENOENT);
	assert_int_equal(fail_memory(NULL, "dropped"), -ENOMEM);
}

static void test_fail_errno_adds_why(void **state)
{
	struct error err;
	char expected[256];

	(void)state;
	snprintf(expected, sizeof(expected), "open a.pcap: %s", strerror(ENOENT));
	errno = ENOENT;
	assert_int_equal(fail_errno(&err, "open %s", "a.pcap"), -ENOENT);
	assert_string_equal(err.text, expected);
}

static void test_fail_memory_names_what(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(fail_memory(&err, "flow table"), -ENOMEM);
	assert_string_equal(err.text, "flow table: out of memory");
}

static void test_long_sentences_are_cut(void **state)
{
	char longer[ERROR_MAX + 100];
	struct error err;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(fail(&err, EIO, "%s", longer), -EIO);
	assert_int_equal(strlen(err.text), ERROR_MAX - 1);
	errno = EIO;
	assert_int_equal(fail_errno(&err, "%s", longer), -EIO);
	assert_int_equal(strlen(err.text), ERROR_MAX - 1);
	/* Whole but for what errno adds. */
	longer[ERROR_MAX - 4] = '\0';
	errno = EIO;
	assert_int_equal(fail_errno(&err, "%s", longer), -EIO);
	assert_int_equal(strlen(err.text), ERROR_MAX - 1);
	assert_string_equal(err.text + ERROR_MAX - 5, "x: I"); /* Input/output error (musl: I/O error) */
}

static void copy_sentence(void *ctx, const char *sentence)
{
	strcat(strcat(ctx, sentence), ";");
}

static void test_notices(void **state)
{
	char told[64] = "";
	struct notices notices = { copy_sentence, told }, deaf = { NULL, told };

	(void)state;
	notify(&notices, "%s: frame %d", "a.pcap", 7);
	notify(&notices, "again");
	notify(&deaf, "to nobody");
	notify(NULL, "to nobody");
	assert_string_equal(told, "a.pcap: frame 7;again;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fail_writes_its_sentence), TEST(test_a_sentence_is_optional), TEST(test_fail_errno_adds_why),
		TEST(test_fail_memory_names_what),   TEST(test_long_sentences_are_cut), TEST(test_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
