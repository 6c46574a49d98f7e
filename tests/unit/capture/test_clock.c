/* Wall time, and whether it jumped. */
#include "check.h"

#include "capture/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static struct capture_clock_reading present;

static void read_present(void *ctx, struct capture_clock_reading *out)
{
	assert_ptr_equal(ctx, &present);
	*out = present;
}

/* At 1,000,000 s, 500 s after the start, of which the machine slept 20 s. */
static struct capture_clock begin(void)
{
	struct capture_clock clock;

	present = (struct capture_clock_reading){ 1000000 * SECOND, 500 * SECOND, 520 * SECOND };
	capture_clock_init(&clock, read_present, &present);
	return clock;
}

static void pass(int64_t real_ns, int64_t monotonic_ns, int64_t boot_ns)
{
	present.real_ns += real_ns;
	present.monotonic_ns += monotonic_ns;
	present.boot_ns += boot_ns;
}

static void time_runs(void **state)
{
	struct capture_clock clock = begin();
	struct capture_clock_look look;

	(void)state;
	pass(3600 * SECOND, 3600 * SECOND, 3600 * SECOND);
	look = capture_clock_look(&clock);
	assert_false(look.jumped);
	assert_int_equal(look.now_ns, 1003600 * SECOND);
	assert_int_equal(look.monotonic_ns, 4100 * SECOND);
}

/* A clock that is slewed all day, and one that is set by little again and again. */
static void little_by_little_is_no_jump(void **state)
{
	struct capture_clock clock = begin();

	(void)state;
	for (int i = 0; i < 86400; i++) {
		pass(SECOND + 500000, SECOND, SECOND);
		assert_false(capture_clock_look(&clock).jumped);
	}
	for (int i = 0; i < 10; i++) {
		pass(SECOND - 1900000000, SECOND, SECOND);
		assert_false(capture_clock_look(&clock).jumped);
	}
}

static void set_forward_and_back(void **state)
{
	static const int64_t steps[] = { 2 * SECOND, -2 * SECOND, 86400 * SECOND, -3600 * SECOND };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct capture_clock clock = begin();
		struct capture_clock_look look;

		pass(SECOND + steps[i], SECOND, SECOND);
		look = capture_clock_look(&clock);
		assert_true(look.jumped);
		assert_int_equal(look.now_ns, 1000001 * SECOND + steps[i]);
		assert_int_equal(look.before_ns, 1000001 * SECOND);
		assert_int_equal(look.asleep_ns, 0);
		assert_false(capture_clock_look(&clock).jumped); /* told once */
	}
}

static void slept(void **state)
{
	struct capture_clock clock = begin();
	struct capture_clock_look look;

	(void)state;
	pass(61 * SECOND, SECOND, 61 * SECOND);
	look = capture_clock_look(&clock);
	assert_true(look.jumped);
	assert_int_equal(look.now_ns, 1000061 * SECOND);
	assert_int_equal(look.before_ns, 1000001 * SECOND);
	assert_int_equal(look.asleep_ns, 60 * SECOND);
	pass(2 * SECOND, SECOND, 2 * SECOND); /* for a second only */
	assert_false(capture_clock_look(&clock).jumped);
}

static void the_system_has_clocks(void **state)
{
	struct capture_clock clock;
	struct capture_clock_look look;

	(void)state;
	capture_clock_init(&clock, NULL, NULL);
	look = capture_clock_look(&clock);
	assert_false(look.jumped);
	assert_true(look.now_ns > 0 && look.monotonic_ns > 0);
}

static void a_timer_calls_when_its_time_comes(void **state)
{
	struct capture_clock_reading now;
	struct error err;
	int timer = capture_clock_timer(&err);
	struct pollfd wait = { .fd = timer, .events = POLLIN };

	(void)state;
	assert_true(timer >= 0);
	capture_clock_system(NULL, &now);
	capture_clock_timer_set(timer, now.real_ns + 3600 * SECOND);
	assert_int_equal(poll(&wait, 1, 0), 0);
	capture_clock_timer_clear(timer); /* of nothing: never waits */
	capture_clock_timer_set(timer, now.real_ns + 10000000);
	assert_int_equal(poll(&wait, 1, 10000), 1);
	capture_clock_system(NULL, &now);
	capture_clock_timer_clear(timer);
	assert_int_equal(poll(&wait, 1, 0), 0);
	capture_clock_timer_set(timer, now.real_ns - SECOND); /* past: at once */
	assert_int_equal(poll(&wait, 1, 10000), 1);
	close(timer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(time_runs), TEST(little_by_little_is_no_jump), TEST(set_forward_and_back),
		TEST(slept),     TEST(the_system_has_clocks),       TEST(a_timer_calls_when_its_time_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
