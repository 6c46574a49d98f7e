/* Taps become one stream, with what happens between the frames, on a clock that the test winds. */
#include "check.h"

#include "capture/sensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS INT64_C(1000000)

/* Long ago, so that the system's timer calls at once and the test never waits: each look at the clock is a millisecond
 * later. Times in the tests are milliseconds from here. */
#define START (INT64_C(1000000000) * MS)

enum { FRAMES_MOST = 16 };

struct frame {
	int64_t time_ms;
	int64_t shown_ms; /* when it can be read, by the clock that never jumps */
};

struct fake_tap {
	struct capture_tap tap;
	uint32_t point;
	const struct frame *frames;
	size_t count, at;
	bool is_pressed, has_failed, holds_always;
	bool *is_closed;
};

static struct {
	int64_t running_ms; /* never jumps */
	int64_t jumped_ms, slept_ms;
	int64_t jump_at_ms, jump_ms; /* at that running time by so much; 0: never */
	bool jump_sleeps;
	int64_t stop_at_ms;
	int64_t lose_at_ms;
	struct capture_sensor *sensor;
	char notice[128];
	size_t failures;
} world;

static void read_fake(void *ctx, struct capture_clock_reading *out)
{
	(void)ctx;
	world.running_ms++;
	if (world.jump_at_ms && world.running_ms >= world.jump_at_ms) {
		world.jumped_ms += world.jump_ms;
		world.slept_ms += world.jump_sleeps ? world.jump_ms : 0;
		world.jump_at_ms = 0;
	}
	out->monotonic_ns = 500 * MS + world.running_ms * MS;
	out->boot_ns = out->monotonic_ns + world.slept_ms * MS;
	out->real_ns = START + (world.running_ms + world.jumped_ms) * MS;
}

static int fake_read(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err)
{
	struct fake_tap *fake = (struct fake_tap *)tap;
	size_t length = 0;

	for (; fake->at < fake->count && length < room; fake->at++) {
		if (fake->frames[fake->at].shown_ms > world.running_ms)
			break;
		out[length++] = (struct flow_observation){ .kind = FLOW_NON_IP,
							   .point = fake->point,
							   .packets = 1,
							   .first_ns = START + fake->frames[fake->at].time_ms * MS };
	}
	if (length == 0 && fake->has_failed)
		return fail(err, ENODEV, "it broke");
	return (int)length;
}

/* It holds something back if a frame that it has not shown yet is of a time that has passed. */
static int64_t fake_settled(struct capture_tap *tap, int64_t now_ns)
{
	const struct fake_tap *fake = (const struct fake_tap *)tap;
	bool holds = fake->holds_always ||
		     (fake->at < fake->count && fake->frames[fake->at].shown_ms < world.running_ms + 300);

	return now_ns - (holds ? CAPTURE_TAP_HOLD_NS : CAPTURE_TAP_SLACK_NS);
}

static bool fake_is_pressed(struct capture_tap *tap)
{
	return ((struct fake_tap *)tap)->is_pressed;
}

static void fake_close(struct capture_tap *tap)
{
	struct fake_tap *fake = (struct fake_tap *)tap;

	if (fake->is_closed)
		*fake->is_closed = true;
	free(fake);
}

static const struct capture_tap_ops fake_ops = {
	.read = fake_read, .settled = fake_settled, .is_pressed = fake_is_pressed, .close = fake_close
};

static struct fake_tap *add_tap(uint32_t point, const struct frame *frames, size_t count)
{
	struct fake_tap *fake = calloc(1, sizeof(*fake));

	assert_non_null(fake);
	*fake = (struct fake_tap){
		.tap = { .ops = &fake_ops, .fd = -1 }, .point = point, .frames = frames, .count = count
	};
	assert_int_equal(capture_sensor_add(world.sensor, &fake->tap, point, NULL), 0);
	return fake;
}

static int lose(void *owner, bool second, int64_t time_ns, struct error *err)
{
	(void)owner;
	if (!second || !world.lose_at_ms || time_ns < START + world.lose_at_ms * MS)
		return 0;
	world.lose_at_ms = 0;
	return capture_sensor_lose(world.sensor, 0, 3, 4, time_ns, err);
}

static void count_failure(void *owner, struct capture_tap *tap, int code, const char *sentence)
{
	(void)owner, (void)tap;
	assert_int_equal(code, -ENODEV);
	assert_string_equal(sentence, "it broke");
	world.failures++;
}

static void note(void *ctx, const char *sentence)
{
	(void)ctx;
	snprintf(world.notice, sizeof(world.notice), "%s", sentence);
}

/* A sensor with that many points, "0", "1", ..., watched since millisecond 1. */
static struct source *begin(uint32_t points, int wake_fd)
{
	static const struct capture_sensor_ops ops = { .look = lose, .failed = count_failure };
	static const struct notices notices = { note, NULL };
	const struct capture_sensor_options options = {
		.ops = &ops, .watch_fd = -1, .wake_fd = wake_fd, .read_clock = read_fake, .notices = &notices
	};

	memset(&world, 0, sizeof(world));
	assert_int_equal(capture_sensor_new(&world.sensor, &options, NULL), 0);
	for (uint32_t i = 0; i < points; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		assert_int_equal(capture_sensor_point(world.sensor, name, NULL), i);
		assert_int_equal(capture_sensor_watch(world.sensor, i, NULL, 0, START + MS, NULL), 0);
	}
	return capture_sensor_source(world.sensor);
}

/* Frames to the millisecond, all else to the tenth of a second below: how often a sensor looks at its clock is its own
 * affair. */
static size_t tell(const struct flow_observation *item, char *text, size_t size)
{
	long long at_ms = (item->first_ns - START) / MS, exact_ms = at_ms;

	at_ms -= (at_ms % 100 + 100) % 100;
	switch (item->kind) {
	case FLOW_POINT:
		return (size_t)snprintf(text, size, "+%s@%lld ", item->appeared->name, at_ms);
	case FLOW_GONE:
		return (size_t)snprintf(text, size, "-%u@%lld ", item->point, at_ms);
	case FLOW_LOSS:
		return (size_t)snprintf(text, size, "lost%u:%" PRIu64 " ", item->point, item->lost);
	case FLOW_TIME:
		return (size_t)snprintf(text, size, "time@%lld ", at_ms);
	default:
		return (size_t)snprintf(text, size, "%u:%lld ", item->point, exact_ms);
	}
}

/* Reads, `room` at a time, until the clock that never jumps shows `until_ms` or the source ends. */
static void assert_reads_by(struct source *source, size_t room, int64_t until_ms, const char *expected)
{
	struct flow_observation items[8];
	struct source_batch batch = { items, room, 0 };
	char text[1024] = "";
	size_t used = 0;
	int more = 1;

	while (more > 0 && world.running_ms < until_ms) {
		if (world.stop_at_ms && world.running_ms >= world.stop_at_ms)
			source_stop(source);
		more = source_read(source, &batch, NULL);
		assert_true(more >= 0);
		for (size_t i = 0; i < batch.length; i++)
			used += tell(&items[i], text + used, sizeof(text) - used);
	}
	if (more == 0)
		snprintf(text + used, sizeof(text) - used, "end");
	assert_string_equal(text, expected);
}

static void merges_taps_by_time(void **state)
{
	static const struct frame first[] = { { 100, 150 }, { 104, 150 }, { 300, 350 } };
	static const struct frame second[] = { { 102, 290 }, { 103, 290 }, { 301, 500 } };

	(void)state;
	for (size_t room = 1; room <= 8; room++) {
		struct source *source = begin(2, -1);

		add_tap(0, first, 3);
		add_tap(1, second, 3);
		assert_reads_by(source, room, 1000, "time@0 +0@0 +1@0 0:100 1:102 1:103 0:104 0:300 1:301 time@1000 ");
		source_close(source);
	}
}

/* A second passes though nothing comes, and nobody is there to be asked. */
static void tells_the_time(void **state)
{
	struct source *source = begin(0, -1);

	(void)state;
	assert_reads_by(source, 8, 3000, "time@1000 time@2000 time@3000 ");
	assert_in_range(source_now(source), START + 3000 * MS, START + 3100 * MS);
	source_close(source);
}

/* A frame of the second before is shown late: the second is not told before it. */
static void a_second_waits_for_its_frames(void **state)
{
	static const struct frame frames[] = { { 990, 1180 }, { 1010, 1180 } };
	struct source *source = begin(1, -1);

	(void)state;
	add_tap(0, frames, 2);
	assert_reads_by(source, 8, 1150, "time@0 +0@0 0:990 time@1000 0:1010 ");
	source_close(source);
}

static void losses_stand_at_the_end_of_their_second(void **state)
{
	static const struct frame frames[] = { { 1990, 2100 }, { 2010, 2100 } };
	struct source *source = begin(1, -1);
	struct source_device device;

	(void)state;
	add_tap(0, frames, 2);
	world.lose_at_ms = 2000;
	assert_reads_by(source, 8, 2050, "time@0 +0@0 time@1000 0:1990 lost0:7 time@2000 0:2010 ");
	assert_int_equal(source_devices(source, &device, 1), 1);
	assert_string_equal(device.name, "0");
	assert_true(device.watched);
	assert_int_equal(device.lost, 3);
	assert_int_equal(device.missed, 4);
	source_close(source);
}

static void a_point_goes_after_its_frames(void **state)
{
	static const struct frame frames[] = { { 400, 700 }, { 600, 700 } };
	const struct flow_point *left[2];
	bool is_closed = false;
	struct source *source = begin(2, -1);

	(void)state;
	add_tap(0, frames, 2)->is_closed = &is_closed;
	assert_int_equal(capture_sensor_leave(world.sensor, 0, START + 500 * MS, NULL), 0);
	assert_false(capture_sensor_is_watched(world.sensor, 0));
	assert_reads_by(source, 8, 900, "time@0 +0@0 +1@0 0:400 -0@500 time@1000 ");
	assert_true(is_closed);
	assert_int_equal(source_points(source, left, 2), 1);
	assert_string_equal(left[0]->name, "1");
	source_close(source);
}

/* Watched again before it is gone: its old tap goes, its new one stays. */
static void a_point_comes_back(void **state)
{
	static const struct frame before[] = { { 400, 700 } }, after[] = { { 650, 800 } };
	bool before_closed = false, after_closed = false;
	struct source *source = begin(1, -1);

	(void)state;
	add_tap(0, before, 1)->is_closed = &before_closed;
	assert_int_equal(capture_sensor_leave(world.sensor, 0, START + 500 * MS, NULL), 0);
	assert_int_equal(capture_sensor_watch(world.sensor, 0, NULL, 0, START + 600 * MS, NULL), 0);
	add_tap(0, after, 1)->is_closed = &after_closed;
	assert_reads_by(source, 8, 900, "time@0 +0@0 0:400 -0@500 +0@600 0:650 time@1000 ");
	assert_true(before_closed);
	assert_false(after_closed);
	source_close(source);
	assert_true(after_closed);
}

static void addresses_change_with_their_event(void **state)
{
	static const struct frame frames[] = { { 10, 20 }, { 50, 60 } };
	const struct flow_host hosts[] = { { FLOW_IPV4, { { 10, 0, 0, 1 } } }, { FLOW_IPV4, { { 10, 0, 0, 2 } } } };
	struct flow_observation items[8];
	struct source_batch batch = { items, 8, 0 };
	struct source *source = begin(1, -1);
	const struct flow_point *point;

	(void)state;
	add_tap(0, frames, 2);
	assert_int_equal(capture_sensor_watch(world.sensor, 0, hosts, 2, START + 30 * MS, NULL), 0);
	assert_int_equal(capture_sensor_watch(world.sensor, 0, hosts, 2, START + 40 * MS, NULL), 0); /* the same */
	while (batch.length == 0 || items[batch.length - 1].kind != FLOW_NON_IP)
		assert_int_equal(source_read(source, &batch, NULL), 1);
	assert_int_equal(items[batch.length - 1].first_ns, START + 10 * MS);
	assert_int_equal(source_points(source, &point, 1), 1);
	assert_int_equal(point->address_count, 0);
	/* It begins a batch: whoever has the addresses of before has seen all that they were for. */
	do
		assert_int_equal(source_read(source, &batch, NULL), 1);
	while (batch.length == 0);
	assert_int_equal(items[0].kind, FLOW_POINT);
	assert_ptr_equal(items[0].appeared, point);
	assert_int_equal(point->address_count, 2);
	assert_memory_equal(&point->addresses[1].address, &hosts[1].address, sizeof(hosts[1].address));
	for (size_t i = 1; i < batch.length; i++)
		assert_int_not_equal(items[i].kind, FLOW_POINT);
	source_close(source);
}

/* What is in the rings when the clock jumps is handed on, then each point goes at the old time and appears at the new
 * one. */
static void the_clock_is_set_forward(void **state)
{
	static const struct frame first[] = { { 400, 420 }, { 495, 600 }, { 3600510, 600 } };
	static const struct frame second[] = { { 490, 610 }, { 3600520, 700 } };
	struct source *source = begin(2, -1);

	(void)state;
	add_tap(0, first, 3);
	add_tap(1, second, 2);
	world.jump_at_ms = 500;
	world.jump_ms = 3600000;
	assert_reads_by(source, 8, 1000,
			"time@0 +0@0 +1@0 0:400 1:490 0:495 -0@500 -1@500 time@3600700 +0@3600700 +1@3600700 0:3600510 "
			"1:3600520 time@3601000 ");
	assert_string_equal(world.notice, "the clock was set forward by 3600 s");
	source_close(source);
}

static void the_clock_is_set_back(void **state)
{
	static const struct frame first[] = { { 400, 420 }, { 495, 600 }, { -3599490, 600 } };
	static const struct frame second[] = { { 490, 610 }, { -3599480, 700 } };
	struct source *source = begin(2, -1);

	(void)state;
	add_tap(0, first, 3);
	add_tap(1, second, 2);
	world.jump_at_ms = 500;
	world.jump_ms = -3600000;
	assert_reads_by(
		source, 8, 1000,
		"time@0 +0@0 +1@0 0:400 1:490 0:495 -0@500 -1@500 time@-3599300 +0@-3599300 +1@-3599300 0:-3599490 "
		"1:-3599480 time@-3599000 ");
	assert_string_equal(world.notice, "the clock was set back by 3600 s");
	source_close(source);
}

/* By less than two seconds: frames come as they come, no point goes, no second is told twice. */
static void the_clock_is_set_back_a_little(void **state)
{
	static const struct frame frames[] = { { 1100, 1150 }, { 700, 1300 } };
	struct source *source = begin(1, -1);

	(void)state;
	add_tap(0, frames, 2);
	world.jump_at_ms = 1200;
	world.jump_ms = -500;
	assert_reads_by(source, 8, 2400, "time@0 +0@0 time@1000 0:1100 0:700 time@2000 ");
	assert_string_equal(world.notice, "");
	source_close(source);
}

static void the_machine_slept(void **state)
{
	struct source *source = begin(1, -1);

	(void)state;
	world.jump_sleeps = true;
	world.jump_at_ms = 500;
	world.jump_ms = 60000;
	assert_reads_by(source, 8, 900, "time@0 +0@0 -0@500 time@60500 +0@60500 time@61000 ");
	assert_string_equal(world.notice, "the machine slept: 60 s are missing");
	source_close(source);
}

static void a_full_ring_is_not_kept_waiting(void **state)
{
	static const struct frame busy[] = { { 100, 110 }, { 200, 210 } }, slow[] = { { 150, 430 } };
	struct source *source = begin(2, -1);

	(void)state;
	add_tap(0, busy, 2)->is_pressed = true;
	add_tap(1, slow, 1);
	assert_reads_by(source, 8, 900, "time@0 +0@0 +1@0 0:100 0:200 1:150 time@1000 ");
	source_close(source);
}

static void stops_when_the_rings_are_empty(void **state)
{
	static const struct frame frames[] = { { 90, 95 }, { 99, 250 }, { 320, 400 } };
	struct source *source = begin(2, -1);

	(void)state;
	add_tap(0, frames, 3);
	world.stop_at_ms = 98;
	assert_reads_by(source, 1, 2000, "time@0 +0@0 +1@0 0:90 0:99 -0@100 -1@100 end");
	assert_in_range(world.running_ms, 250,
			600); /* the frame that it held was waited for, for a while at the most */
	source_close(source);
}

/* A tap of no point in particular stays open to the end; what it has after that is not handed on. */
static void stops_with_a_tap_of_all_points(void **state)
{
	static const struct frame frames[] = { { 90, 95 }, { 300, 310 }, { 301, 310 } };
	bool is_closed = false;
	struct source *source = begin(1, -1);
	struct fake_tap *fake = calloc(1, sizeof(*fake));

	(void)state;
	assert_non_null(fake);
	*fake = (struct fake_tap){
		.tap = { .ops = &fake_ops, .fd = -1 }, .frames = frames, .count = 3, .is_closed = &is_closed
	};
	assert_int_equal(capture_sensor_add(world.sensor, &fake->tap, CAPTURE_SENSOR_ALL, NULL), 0);
	world.stop_at_ms = 98;
	assert_reads_by(source, 1, 2000, "time@0 +0@0 0:90 -0@100 end");
	assert_false(is_closed);
	source_close(source);
	assert_true(is_closed);
}

/* The kernel never shows what it seems to hold: neither a jump nor a stop waits for it for ever. */
static void waits_no_longer_than_the_hold(void **state)
{
	static const struct frame frames[] = { { 400, 420 }, { 450, 100000 } };
	struct source *source = begin(1, -1);

	(void)state;
	add_tap(0, frames, 2)->holds_always = true;
	world.jump_at_ms = 500;
	world.jump_ms = 86400000;
	world.stop_at_ms = 850;
	assert_reads_by(source, 8, 2000, "time@0 +0@0 0:400 -0@500 time@86400900 +0@86400900 -0@86400900 end");
	assert_in_range(world.running_ms, 1300, 1500);
	source_close(source);
}

static void is_woken(void **state)
{
	struct flow_observation items[2];
	struct source_batch batch = { items, 2, 7 };
	struct source *source;
	struct error err;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	source = begin(0, ends[0]);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(source_read(source, &batch, &err), -EINTR);
	assert_int_equal(batch.length, 0);
	source_stop(source); /* from here on it does not wake any more */
	assert_int_equal(source_read(source, &batch, &err), 0);
	source_close(source);
	close(ends[0]);
	close(ends[1]);
}

/* Its owner is told once; what the kernel still shows of it is handed on. */
static void a_tap_breaks(void **state)
{
	static const struct frame frames[] = { { 100, 120 }, { 110, 300 } };
	struct source *source = begin(1, -1);

	(void)state;
	add_tap(0, frames, 2)->has_failed = true;
	assert_reads_by(source, 8, 900, "time@0 +0@0 0:100 0:110 time@1000 ");
	assert_int_equal(world.failures, 1);
	source_close(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(merges_taps_by_time),
		TEST(tells_the_time),
		TEST(a_second_waits_for_its_frames),
		TEST(losses_stand_at_the_end_of_their_second),
		TEST(a_point_goes_after_its_frames),
		TEST(a_point_comes_back),
		TEST(addresses_change_with_their_event),
		TEST(the_clock_is_set_forward),
		TEST(the_clock_is_set_back),
		TEST(the_clock_is_set_back_a_little),
		TEST(the_machine_slept),
		TEST(a_full_ring_is_not_kept_waiting),
		TEST(stops_when_the_rings_are_empty),
		TEST(stops_with_a_tap_of_all_points),
		TEST(waits_no_longer_than_the_hold),
		TEST(is_woken),
		TEST(a_tap_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
