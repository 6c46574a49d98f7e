/* Requests come in by signals, one after the other in one process: the order of the tests matters. */
#include "cli/stop.h"

#include <poll.h>
#include <signal.h>

#include "check.h"

static int wake_fd;

static bool is_awake(void)
{
	struct pollfd poll_fd = { .fd = wake_fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

static int catch (void **state)
{
	struct error err;

	(void)state;
	signal(SIGHUP, SIG_DFL); /* whoever runs the tests may have it ignored */
	wake_fd = stop_catch_for_sensor(&err);
	return wake_fd < 0;
}

static void test_nothing_is_asked_at_first(void **state)
{
	(void)state;
	assert_false(is_awake());
	assert_int_equal(stop_take_requests(), 0);
	assert_false(stop_asked());
}

static void test_requests_are_taken_once(void **state)
{
	(void)state;
	raise(SIGHUP);
	assert_true(is_awake());
	assert_int_equal(stop_take_requests(), STOP_RELOAD);
	assert_false(is_awake());
	raise(SIGUSR1);
	raise(SIGHUP);
	raise(SIGUSR1);
	assert_int_equal(stop_take_requests(), STOP_RELOAD | STOP_ACCOUNT);
	assert_int_equal(stop_take_requests(), 0);
	assert_false(stop_asked());
}

static void test_a_closed_pipe_is_no_signal(void **state)
{
	(void)state;
	raise(SIGPIPE);
	assert_false(stop_asked());
}

static void test_a_stop_stays(void **state)
{
	(void)state;
	raise(SIGTERM);
	assert_true(is_awake());
	assert_int_equal(stop_take_requests(), 0);
	assert_true(stop_asked());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_asked_at_first),
		cmocka_unit_test(test_requests_are_taken_once),
		cmocka_unit_test(test_a_closed_pipe_is_no_signal),
		cmocka_unit_test(test_a_stop_stays),
	};

	return cmocka_run_group_tests(tests, catch, NULL);
}
