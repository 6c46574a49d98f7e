/* Several files become one stream in time order. */
#include "check.h"

#include "capture/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES_MOST = 40, FRAMES_MOST = 128 };

static char folder[] = "/tmp/eniflow-files-XXXXXX";
static char paths[FILES_MOST][64];

static void put_32(FILE *out, uint32_t value)
{
	const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
				   (uint8_t)(value >> 24) };

	fwrite(bytes, 1, sizeof(bytes), out);
}

/* A little-endian microsecond capture of ARP frames (14 bytes) at these seconds. */
static void write_capture(size_t number, const uint32_t *seconds, size_t count)
{
	static const uint8_t arp[14] = { [12] = 0x08, [13] = 0x06 };
	FILE *out;

	snprintf(paths[number], sizeof(paths[number]), "%s/%zu.pcap", folder, number);
	out = fopen(paths[number], "wb");
	assert_non_null(out);
	put_32(out, 0xa1b2c3d4);
	put_32(out, 0x00040002); /* version 2.4 */
	put_32(out, 0);
	put_32(out, 0);
	put_32(out, 65535); /* snap length */
	put_32(out, 1);     /* Ethernet */
	for (size_t i = 0; i < count; i++) {
		put_32(out, seconds[i]);
		put_32(out, 0);
		put_32(out, sizeof(arp));
		put_32(out, sizeof(arp));
		fwrite(arp, 1, sizeof(arp), out);
	}
	assert_int_equal(fclose(out), 0);
}

/* Reads files 0 to count - 1 to the end, `room` observations at a time; keeps at most FRAMES_MOST. */
static size_t read_all(size_t count, const char *const *names, size_t room, struct flow_observation *out)
{
	struct source_file files[FILES_MOST];
	struct source_files_options options = { .files = files, .count = count, .wake_fd = -1 };
	struct flow_observation items[8];
	struct source_batch batch = { items, room, 0 };
	struct source_progress progress;
	struct source *source;
	struct error err;
	size_t length = 0;
	int more;

	for (size_t i = 0; i < count; i++)
		files[i] = (struct source_file){ .name = names ? names[i] : NULL, .path = paths[i] };
	assert_int_equal(source_open_files(&source, &options, &err), 0);
	do {
		more = source_read(source, &batch, &err);
		assert_true(more >= 0);
		assert_true(length + batch.length <= FRAMES_MOST);
		memcpy(out + length, items, batch.length * sizeof(*items));
		length += batch.length;
	} while (more > 0);
	assert_false(source_is_damaged(source));
	source_progress(source, &progress);
	assert_int_equal(progress.consumed, progress.size);
	source_close(source);
	return length;
}

static void merges_by_time_and_ties_by_order(void **state)
{
	static const uint32_t a[] = { 10, 30, 30 }, b[] = { 10, 20, 30 };
	static const char *const names[] = { "a", "b" };
	/* Number of the capture point (order on the command line) and second, as they must come. */
	static const uint32_t want[][2] = { { 0, 10 }, { 1, 10 }, { 1, 20 }, { 0, 30 }, { 0, 30 }, { 1, 30 } };

	(void)state;
	write_capture(0, a, 3);
	write_capture(1, b, 3);
	for (size_t room = 1; room <= 8; room++) {
		struct flow_observation got[FRAMES_MOST];

		assert_int_equal(read_all(2, names, room, got), 8);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(got[i].kind, FLOW_POINT);
		for (size_t i = 0; i < 6; i++) {
			assert_int_equal(got[2 + i].kind, FLOW_NON_IP);
			assert_int_equal(got[2 + i].point, want[i][0]);
			assert_int_equal(got[2 + i].first_ns, want[i][1] * INT64_C(1000000000));
		}
	}
}

static void files_whose_own_time_runs_back_are_taken_as_they_come(void **state)
{
	static const uint32_t a[] = { 50, 10 }, b[] = { 40, 60 };
	static const uint32_t want[] = { 40, 50, 10, 60 }; /* at each step the earliest of the next frames */
	struct flow_observation got[FRAMES_MOST];

	(void)state;
	write_capture(0, a, 2);
	write_capture(1, b, 2);
	assert_int_equal(read_all(2, NULL, 8, got), 6);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(got[2 + i].first_ns, want[i] * INT64_C(1000000000));
}

static void many_files_in_any_order(void **state)
{
	struct flow_observation got[FRAMES_MOST];

	(void)state;
	for (uint32_t i = 0; i < FILES_MOST; i++) {
		uint32_t second = (i * 17 + 5) % FILES_MOST; /* 17 and 40 have no common divisor: each second once */

		write_capture(i, &second, i % 8 != 7);
	}
	assert_int_equal(read_all(FILES_MOST, NULL, 8, got), FILES_MOST + FILES_MOST - FILES_MOST / 8);
	for (size_t i = FILES_MOST + 1; i < FILES_MOST + FILES_MOST - FILES_MOST / 8; i++)
		assert_true(got[i - 1].first_ns < got[i].first_ns);
}

static void one_that_is_no_capture_is_told_at_once(void **state)
{
	static const uint32_t second = 1;
	struct source_file files[] = { { .path = paths[0] }, { .path = "/dev/null/none" } };
	struct source_files_options options = { .files = files, .count = 2, .wake_fd = -1 };
	struct source *source = NULL;
	struct error err;

	(void)state;
	write_capture(0, &second, 1);
	assert_true(source_open_files(&source, &options, &err) < 0);
	assert_null(source);
	assert_non_null(strstr(err.text, "/dev/null/none"));
}

/* Taken over, whether opening succeeds or not. */
static void files_that_are_open_already(void **state)
{
	static const uint32_t second = 1;
	struct capture_input inputs[2] = { 0 };
	struct source_file files[] = { { .path = "a", .input = &inputs[0] }, { .path = "b", .input = &inputs[1] } };
	struct source_files_options options = { .files = files, .count = 1, .wake_fd = -1 };
	struct flow_observation items[4];
	struct source_batch batch = { items, 4, 0 };
	struct source *source = NULL;
	struct error err;

	(void)state;
	write_capture(0, &second, 1);
	for (size_t count = 1; count <= 2; count++) {
		for (size_t i = 0; i < count; i++) {
			struct capture_input_options input = { i == 0 ? paths[0] : "/dev/zero", -1, 0 };

			assert_int_equal(capture_input_open(&inputs[i], &input, &err), 0);
			assert_int_equal(capture_file_begins(&inputs[i]), i == 0);
		}
		options.count = count;
		assert_int_equal(source_open_files(&source, &options, &err), count == 1 ? 0 : -EINVAL);
		assert_null(inputs[0].state);
		assert_null(inputs[1].state);
		if (count > 1)
			continue;
		assert_int_equal(source_read(source, &batch, &err), 0);
		assert_int_equal(batch.length, 2);
		source_close(source);
	}
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES_MOST; i++)
		unlink(paths[i]);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(merges_by_time_and_ties_by_order), TEST(files_whose_own_time_runs_back_are_taken_as_they_come),
		TEST(many_files_in_any_order),          TEST(one_that_is_no_capture_is_told_at_once),
		TEST(files_that_are_open_already),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
