#include "capture/events.h"

#include <stdlib.h>

#include "check.h"

static struct capture_events events;

static void add(int64_t time_ns, uint32_t point, bool at_once)
{
	const struct capture_event event = {
		.kind = FLOW_LOSS, .time_ns = time_ns, .point = point, .at_once = at_once
	};

	assert_int_equal(capture_events_add(&events, &event, NULL), 0);
}

/* Points are numbered in the order that is wanted. */
static void assert_order(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		assert_non_null(capture_events_first(&events));
		assert_int_equal(capture_events_first(&events)->point, i);
		assert_int_equal(capture_events_take(&events).point, i);
	}
	assert_null(capture_events_first(&events));
	capture_events_clear(&events);
}

static void test_order_of_time_then_of_telling(void **state)
{
	(void)state;
	add(30, 4, false);
	add(10, 0, false);
	add(20, 2, false);
	add(10, 1, false);
	add(20, 3, false);
	assert_order(5);
}

static void test_at_once_is_behind_all(void **state)
{
	(void)state;
	add(10, 0, false);
	add(20, 1, false);
	add(5, 2, true);
	add(1, 3, false); /* behind what goes at once */
	assert_order(4);
}

static void test_an_epoch_parts(void **state)
{
	(void)state;
	add(100, 1, false);
	add(90, 0, false);
	capture_events_begin_epoch(&events);
	add(20, 3, false);
	add(10, 2, false);
	add(30, 4, false);
	assert_int_equal(capture_events_take(&events).point, 0);
	add(5, 5, false); /* earlier than all, but of this epoch: the first of it */
	assert_int_equal(capture_events_take(&events).point, 1);
	assert_int_equal(capture_events_take(&events).point, 5);
	assert_int_equal(capture_events_take(&events).point, 2);
	add(1, 0, false);
	assert_int_equal(capture_events_take(&events).point, 0);
	capture_events_clear(&events);
	assert_null(capture_events_first(&events));
}

static void test_many(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		add(1000 - i, 999 - i, false);
	assert_order(1000);
}

static void test_addresses_are_given_back(void **state)
{
	struct capture_event event = { .kind = FLOW_POINT };

	(void)state;
	for (int i = 0; i < 3; i++) {
		event.addresses = calloc(1, sizeof(*event.addresses));
		assert_int_equal(capture_events_add(&events, &event, NULL), 0);
	}
	free(capture_events_take(&events).addresses);
	capture_events_clear(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_time_then_of_telling),
		cmocka_unit_test(test_at_once_is_behind_all),
		cmocka_unit_test(test_an_epoch_parts),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_addresses_are_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
