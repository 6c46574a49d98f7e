#include "cli/count.h"

#include "check.h"

static void thousands_are_set_apart(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 12345, "12,345" },
		{ 999999, "999,999" },
		{ 1000000, "1,000,000" },
		{ UINT64_MAX, "18,446,744,073,709,551,615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[COUNT_SIZE];

		assert_string_equal(count_text(cases[i].number, text), cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(thousands_are_set_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
