#include "logs/sniff.h"

#include "check.h"

#include <string.h>

#include "logs/form.h"

/* As if these were the first bytes of a file. */
static bool sniff_bytes(const char *bytes, size_t length, bool has_format)
{
	const struct capture_input input = { .at = (const uint8_t *)bytes, .end = (const uint8_t *)bytes + length };

	return log_sniff(&input, has_format);
}

static bool sniff(const char *text)
{
	return sniff_bytes(text, strlen(text), false);
}

static void logs_are_known_by_their_first_lines(void **state)
{
	(void)state;
	assert_true(sniff("version account-id interface-id\n"));
	assert_true(sniff("2 123 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 1 2 ACCEPT OK\n"));
	assert_true(sniff("2024-06-10T06:14:00Z 2 123 x - - - - - - - 1 2 - NODATA"));
	assert_true(sniff("no record\n2 123 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 1 2 ACCEPT OK\n"));
	assert_true(sniff("timestamp,message\n"));
	assert_true(sniff("\xef\xbb\xbf \n{\"message\": 1}"));
	assert_true(sniff("[]"));
}

static void parquet_is_known_by_its_mark(void **state)
{
	(void)state;
	assert_true(sniff_bytes("PAR1\x15\0\x15\n", 8, false));
	assert_false(sniff_bytes("PAR", 3, false));
}

static void other_files_are_none(void **state)
{
	(void)state;
	assert_false(sniff_bytes("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0", 12, false));
	assert_false(sniff_bytes("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0", 12, true));
	assert_false(sniff_bytes("\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0", 16, false));
	assert_false(sniff("all is OK with you and me, I hope not"));
	assert_false(sniff("OK"));
	assert_false(sniff(""));
}

static void with_a_format_any_text_may_be_one(void **state)
{
	(void)state;
	assert_true(sniff_bytes("a b 10.0.0.1\n", 13, true));
	assert_false(sniff_bytes("a b 10.0.0.1\n", 13, false));
}

static void nothing_behind_the_look_counts(void **state)
{
	static const char record[] = "\n2 123 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 1 2 ACCEPT OK\n";
	char bytes[LOG_FORM_LOOK + sizeof(record)];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	memcpy(bytes + LOG_FORM_LOOK, record, sizeof(record) - 1);
	assert_false(sniff_bytes(bytes, sizeof(bytes), false));
	assert_false(sniff_bytes(bytes, sizeof(bytes), true));
	memcpy(bytes + LOG_FORM_LOOK - sizeof(record) + 1, record, sizeof(record) - 1);
	assert_true(sniff_bytes(bytes, sizeof(bytes), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(logs_are_known_by_their_first_lines),
		TEST(parquet_is_known_by_its_mark),
		TEST(other_files_are_none),
		TEST(with_a_format_any_text_may_be_one),
		TEST(nothing_behind_the_look_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
