#include "output/trouble.h"

#include "check.h"

#include <errno.h>

#include "told.h"

static void told_once_at_each_end(void **state)
{
	struct output_trouble trouble = { .notices = &told_notices, .most = 1000 };

	(void)state;
	told_clear();
	output_trouble_over(&trouble);
	assert_string_equal(told, "");
	output_trouble_begin(&trouble, "log: cannot be written");
	output_trouble_begin(&trouble, "log: cannot be written");
	assert_string_equal(told,
			    "log: cannot be written; up to 1000 bytes of records are kept in memory until it can be\n");
	assert_true(trouble.is_on);
	assert_int_equal(trouble.errors, 2);
	told_clear();
	trouble.is_on = false;
	output_trouble_over(&trouble);
	output_trouble_over(&trouble);
	assert_string_equal(told, "records can be written again; none were lost\n");
	output_trouble_begin(&trouble, "log: cannot be written");
	trouble.dropped = 7;
	told_clear();
	output_trouble_over(&trouble);
	assert_string_equal(told,
			    "records can be written again; 7 were lost meanwhile, and SKIPDATA lines say of which "
			    "interfaces and windows\n");
	assert_int_equal(trouble.dropped, 0);
}

static void what_waiting_helps_against(void **state)
{
	static const int passing[] = { ENOSPC, EDQUOT, EIO, EFBIG, ESTALE, EROFS, EAGAIN, EACCES, EMFILE, ENOENT };

	(void)state;
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		assert_true(output_trouble_may_pass(-passing[i]));
	assert_false(output_trouble_may_pass(-EPIPE));
	assert_false(output_trouble_may_pass(-ENOMEM));
	assert_false(output_trouble_may_pass(-EBADF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(told_once_at_each_end),
		TEST(what_waiting_helps_against),
	};

	return cmocka_run_group_tests_name("output/trouble", tests, NULL, NULL);
}
