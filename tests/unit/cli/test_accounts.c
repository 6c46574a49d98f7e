#include "cli/accounts.h"

#include "check.h"

/* Every counter another number, so that none can stand for another. */
static struct flow_account numbered(uint64_t from)
{
	struct flow_account account;
	uint64_t numbers[sizeof(account) / sizeof(uint64_t)];

	assert_int_equal(sizeof(account), sizeof(numbers));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		numbers[i] = from * (i + 1);
	memcpy(&account, numbers, sizeof(account));
	return account;
}

static void test_every_counter_is_added(void **state)
{
	struct flow_account sum = numbered(1000), part = numbered(1), expected = numbered(1001);

	(void)state;
	accounts_add(&sum, &part);
	expected.first_ns = part.first_ns;
	expected.last_ns = numbered(1000).last_ns;
	assert_memory_equal(&sum, &expected, sizeof(sum));
}

static void test_times_are_those_of_frames(void **state)
{
	struct flow_account sum = { 0 }, idle = { .windows = 3 }, busy = { .frames = 1, .first_ns = 7, .last_ns = 9 };

	(void)state;
	accounts_add(&sum, &idle);
	accounts_add(&sum, &busy);
	accounts_add(&sum, &idle);
	assert_int_equal(sum.first_ns, 7);
	assert_int_equal(sum.last_ns, 9);
	assert_int_equal(sum.windows, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_counter_is_added),
		cmocka_unit_test(test_times_are_those_of_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
