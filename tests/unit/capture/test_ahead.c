#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/ahead.h"
#include "check.h"

enum { THREADS_MOST = 16 };

/* Plain bytes do: how they are decoded is the feed's. */
enum { LENGTH = 10 * CAPTURE_AHEAD_BLOCK + 1000 };

static uint8_t content[LENGTH];
static char path[] = "/tmp/eniflow-ahead-XXXXXX";
static struct capture_feed feed;
static struct capture_ahead *ahead;
static struct error err;

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < LENGTH; i++)
		content[i] = (uint8_t)(i * i >> 7 ^ i);
	return fd >= 0 && write(fd, content, LENGTH) == LENGTH ? close(fd) : -1;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void start_at_file(void)
{
	assert_int_equal(capture_feed_open(&feed, path, "file", &err), 0);
	ahead = capture_ahead_start(&feed, THREADS_MOST);
	assert_non_null(ahead);
}

static int stop(void **state)
{
	(void)state;
	capture_ahead_stop(ahead);
	ahead = NULL;
	capture_feed_close(&feed);
	return 0;
}

static void hands_out_block_after_block(void **state)
{
	const uint8_t *at = NULL, *end = NULL;
	uint64_t done = 0;

	(void)state;
	start_at_file();
	while (capture_ahead_next(ahead, &at, &end, true, -1, &err) > 0) {
		assert_memory_equal(at, content + done, end - at);
		done += (uint64_t)(end - at);
		assert_int_equal(capture_ahead_consumed(ahead), done);
		assert_false(capture_ahead_has_ended(ahead));
		at = end;
	}
	assert_int_equal(done, LENGTH);
	assert_ptr_equal(at, end);
	assert_int_equal(capture_ahead_next(ahead, &at, &end, true, -1, &err), 0);
	assert_true(capture_ahead_has_ended(ahead));
	assert_int_equal(feed.fault_code, 0);
}

static void keeps_the_rest_of_the_block_before(void **state)
{
	static const size_t rests[] = { 0, 1, 63, CAPTURE_AHEAD_REST / 16, CAPTURE_AHEAD_REST - 1, CAPTURE_AHEAD_REST };
	const uint8_t *at = NULL, *end = NULL;
	uint64_t done = 0;
	size_t rest = 0;

	(void)state;
	start_at_file();
	for (size_t i = 0; capture_ahead_next(ahead, &at, &end, true, -1, &err) > 0; i++) {
		assert_memory_equal(at, content + done - rest, end - at);
		done += (uint64_t)(end - at) - rest;
		rest = rests[i % 6] < (size_t)(end - at) ? rests[i % 6] : 0;
		at = end - rest;
	}
	assert_int_equal(done, LENGTH);
	assert_memory_equal(at, content + done - rest, rest); /* the end leaves it where it is */
}

static void is_at_most_four_blocks_ahead(void **state)
{
	const uint8_t *at = NULL, *end = NULL;

	(void)state;
	start_at_file();
	assert_int_equal(capture_ahead_next(ahead, &at, &end, true, -1, &err), 1);
	usleep(20000); /* the thread does what it can, or is late: either is right */
	capture_ahead_stop(ahead);
	ahead = NULL;
	assert_in_range(feed.consumed, CAPTURE_AHEAD_BLOCK, 4 * CAPTURE_AHEAD_BLOCK);
}

static void threads_are_bounded(void **state)
{
	struct capture_feed feeds[THREADS_MOST + 1];
	struct capture_ahead *aheads[THREADS_MOST + 1];
	const int most = THREADS_MOST;

	(void)state;
	for (int i = 0; i <= most; i++) {
		assert_int_equal(capture_feed_open(&feeds[i], path, "file", &err), 0);
		aheads[i] = capture_ahead_start(&feeds[i], THREADS_MOST);
		assert_true((i < most) == (aheads[i] != NULL));
	}
	capture_ahead_stop(aheads[0]);
	aheads[0] = NULL;
	aheads[most] = capture_ahead_start(&feeds[most], THREADS_MOST);
	assert_non_null(aheads[most]);
	for (int i = 0; i <= most; i++) {
		capture_ahead_stop(aheads[i]);
		capture_feed_close(&feeds[i]);
	}
}

/* It takes two descriptors. Where they cannot be had, none is kept, and the feed can be read on. */
static void does_without_a_thread_where_files_are_too_many(void **state)
{
	struct rlimit before, tight;
	uint8_t byte;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(capture_feed_open(&feed, path, "file", &err), 0);
	tight = before;
	for (rlim_t free = 0; free < 2; free++) {
		tight.rlim_cur = (rlim_t)feed.fd + 1 + free;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
		for (int i = 0; i < 2 * THREADS_MOST; i++)
			assert_null(capture_ahead_start(&feed, THREADS_MOST));
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(capture_feed_take(&feed, &byte, 1, true, -1, &err), 1);
	ahead = capture_ahead_start(&feed, THREADS_MOST);
	assert_non_null(ahead);
}

/* The feed's descriptor is a pipe. */
static void start_at_pipe(int ends[2])
{
	char name[32];

	assert_int_equal(pipe(ends), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	assert_int_equal(capture_feed_open(&feed, name, "pipe", &err), 0);
	close(ends[0]);
	ahead = capture_ahead_start(&feed, THREADS_MOST);
	assert_non_null(ahead);
}

static void does_not_keep_what_is_little(void **state)
{
	const uint8_t *at = NULL, *end = NULL;
	int ends[2];

	(void)state;
	start_at_pipe(ends);
	assert_int_equal(capture_ahead_next(ahead, &at, &end, false, -1, &err), -EAGAIN);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(write(ends[1], content + 3 * i, 3), 3);
		at = end;
		assert_int_equal(capture_ahead_next(ahead, &at, &end, i % 3 == 0, -1, &err), 1);
		assert_int_equal(end - at, 3);
		assert_memory_equal(at, content + 3 * i, 3);
		assert_int_equal(capture_ahead_next(ahead, &at, &end, false, -1, &err), -EAGAIN);
	}
	close(ends[1]);
	at = end;
	assert_int_equal(capture_ahead_next(ahead, &at, &end, false, -1, &err), 0);
}

static void stops_wherever_the_thread_is(void **state)
{
	int ends[2];

	(void)state;
	for (int i = 0; i < 200; i++) {
		start_at_pipe(ends);
		if (i % 2)
			assert_int_equal(write(ends[1], content, 1000), 1000);
		if (i % 3)
			poll(NULL, 0, 1);
		stop(NULL);
		close(ends[1]);
		start_at_file();
		if (i % 3)
			poll(NULL, 0, 1);
		stop(NULL);
	}
}

/* Padding behind gzip data, of which there is no end for a while, yields nothing that it could wait with. */
static void stops_where_nothing_is_yielded(void **state)
{
	static const uint8_t nothing[20] = { 0x1f, 0x8b, 8, [10] = 3 };
	const off_t length = (off_t)64 << 30;
	uint8_t *raw = malloc(sizeof(nothing));

	(void)state;
	assert_non_null(raw);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(truncate(path, length), 0);
	assert_int_equal(capture_feed_open(&feed, path, "file", &err), 0);
	memcpy(raw, nothing, sizeof(nothing));
	assert_int_equal(capture_feed_decompress(&feed, CAPTURE_GZIP, "gzip", raw, sizeof(nothing), &err), 0);
	ahead = capture_ahead_start(&feed, THREADS_MOST);
	assert_non_null(ahead);
	poll(NULL, 0, 1);
	capture_ahead_stop(ahead);
	ahead = NULL;
	assert_true(feed.consumed < (uint64_t)length);
}

int main(void)
{
#define AHEAD_TEST(function) cmocka_unit_test_teardown(function, stop)
	static const struct CMUnitTest tests[] = {
		AHEAD_TEST(hands_out_block_after_block),
		AHEAD_TEST(keeps_the_rest_of_the_block_before),
		AHEAD_TEST(is_at_most_four_blocks_ahead),
		TEST(threads_are_bounded),
		AHEAD_TEST(does_without_a_thread_where_files_are_too_many),
		AHEAD_TEST(does_not_keep_what_is_little),
		TEST(stops_wherever_the_thread_is),
		AHEAD_TEST(stops_where_nothing_is_yielded), /* the last one: it takes the file */
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
