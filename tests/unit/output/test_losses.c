#include "output/losses.h"

#include "check.h"

static const struct flow_interface interface;

static void add(struct output_losses *losses, uint32_t number, uint8_t status, int64_t start, int64_t end)
{
	const struct flow_record record = {
		.interface = &interface, .interface_number = number, .status = status, .start = start, .end = end
	};

	assert_int_equal(output_losses_add(losses, &record, NULL), 0);
}

static void check(const struct output_losses *losses, size_t at, uint32_t number, int64_t start, int64_t end)
{
	assert_true(at < losses->count);
	assert_int_equal(losses->items[at].interface_number, number);
	assert_int_equal(losses->items[at].start, start);
	assert_int_equal(losses->items[at].end, end);
	assert_ptr_equal(losses->items[at].interface, &interface);
}

static void one_for_an_interface_and_a_window(void **state)
{
	struct output_losses losses = { .interval = 60 };

	(void)state;
	add(&losses, 0, FLOW_OK, 61, 119);
	add(&losses, 0, FLOW_OK, 60, 60);
	add(&losses, 1, FLOW_OK, 100, 101);
	add(&losses, 0, FLOW_OK, 120, 121);
	assert_int_equal(losses.count, 3);
	check(&losses, 0, 0, 60, 120);
	check(&losses, 1, 1, 60, 120);
	check(&losses, 2, 0, 120, 180);
	output_losses_clear(&losses);
	assert_int_equal(losses.count, 0);
}

/* The lines of a window that was cut know its bounds; those of neighbours touch, and stay two. */
static void bounds_of_a_cut_window(void **state)
{
	struct output_losses losses = { .interval = 60 };

	(void)state;
	add(&losses, 0, FLOW_NODATA, 75, 120);
	add(&losses, 0, FLOW_NODATA, 120, 180);
	add(&losses, 0, FLOW_SKIPDATA, 120, 180);
	assert_int_equal(losses.count, 2);
	check(&losses, 0, 0, 75, 120);
	check(&losses, 1, 0, 120, 180);
	output_losses_clear(&losses);
}

static void times_before_1970_and_no_interval(void **state)
{
	struct output_losses losses = { .interval = 60 }, plain = { 0 };

	(void)state;
	add(&losses, 0, FLOW_OK, -1, 0);
	check(&losses, 0, 0, -60, 0);
	output_losses_clear(&losses);
	add(&plain, 0, FLOW_OK, 61, 65);
	add(&plain, 0, FLOW_OK, 63, 70);
	assert_int_equal(plain.count, 1);
	check(&plain, 0, 0, 61, 70);
	output_losses_clear(&plain);
}

static void windows_are_put_together_at_the_bound(void **state)
{
	struct output_losses losses = { .interval = 60 };

	(void)state;
	for (int64_t window = 0; window < 100000; window++)
		for (uint32_t number = 0; number < 3; number++)
			add(&losses, number, FLOW_OK, window * 60, window * 60 + 1);
	assert_in_range(losses.count, 3, OUTPUT_LOSSES_MOST);
	assert_int_equal(losses.room, OUTPUT_LOSSES_MOST);
	for (uint32_t number = 0; number < 3; number++) {
		int64_t covered = 0;

		for (size_t i = 0; i < losses.count; i++) {
			if (losses.items[i].interface_number != number)
				continue;
			assert_int_equal(losses.items[i].start, covered);
			covered = losses.items[i].end;
		}
		assert_int_equal(covered, 100000 * 60);
	}
	output_losses_clear(&losses);
}

static void no_interface_is_left_out(void **state)
{
	struct output_losses losses = { .interval = 60 };

	(void)state;
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t number = 0; number < 10000; number++)
			add(&losses, number, FLOW_OK, round * 60, round * 60);
	assert_in_range(losses.count, 10000, 40000);
	output_losses_clear(&losses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_for_an_interface_and_a_window), TEST(bounds_of_a_cut_window),
		TEST(times_before_1970_and_no_interval), TEST(windows_are_put_together_at_the_bound),
		TEST(no_interface_is_left_out),
	};

	return cmocka_run_group_tests_name("output/losses", tests, NULL, NULL);
}
