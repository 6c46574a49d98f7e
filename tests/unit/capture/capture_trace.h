/* tests/unit/capture/capture_trace.h - a capture file read to its end, as text that a test can compare. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_CAPTURE_TRACE_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_CAPTURE_TRACE_H

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/file.h"
#include "check.h"

/* Everything that came of a file: its items, line by line, and the sentences it told. */
struct trace {
	int opened; /* what capture_file_open() answered */
	int ended;  /* what capture_file_next() answered last */
	bool damaged;
	struct error err;
	char format[64];
	char path[64]; /* of the file, while it was read */
	size_t items_used, told_used;
	char items[1 << 16], told[1 << 14];
};

static inline void trace_tell(void *ctx, const char *sentence)
{
	struct trace *trace = ctx;

	trace->told_used += (size_t)snprintf(trace->told + trace->told_used, sizeof(trace->told) - trace->told_used,
					     "%s\n", sentence);
	assert_true(trace->told_used < sizeof(trace->told));
}

/* "frame 0: link 1, 3.000001000, 60/60, word 0, lost 0, sum 1770": point, captured/original. */
static inline void trace_item(struct trace *trace, const struct capture_item *item)
{
	char *out = trace->items + trace->items_used;
	size_t room = sizeof(trace->items) - trace->items_used;
	uint32_t sum = 0;
	int n;

	assert_true(room > 256);
	if (item->kind == CAPTURE_POINT) {
		assert_int_equal(item->point, item->appeared->number);
		n = snprintf(out, room, "point %u: \"%s\"%s\n", item->point, item->appeared->name,
			     item->appeared->named ? ", named" : "");
	} else if (item->kind == CAPTURE_LOSS) {
		n = snprintf(out, room, "loss %u: %" PRIu64 "\n", item->point, item->lost);
	} else {
		for (uint32_t i = 0; i < item->captured; i++)
			sum += item->bytes[i] * (i + 1);
		n = snprintf(
			out, room,
			"frame %u: link %u%s, %" PRId64 ".%09" PRId64 ", %u/%u, word %u, lost %" PRIu64 ", sum %u\n",
			item->point, item->link_type, item->supported ? "" : " unsupported", item->time_ns / 1000000000,
			item->time_ns % 1000000000, item->captured, item->original, item->word, item->lost, sum);
	}
	trace->items_used += (size_t)n;
}

/* Reads what lies at `path` to its end, waiting where there is nothing yet. */
static inline void trace_read(struct trace *trace, const char *path, const char *point_name)
{
	const struct notices notices = { trace_tell, trace };
	struct capture_file_options options = {
		.path = path, .point_name = point_name, .wake_fd = -1, .notices = &notices
	};
	struct capture_points *points;
	struct capture_file *file;
	struct capture_item item;

	*trace = (struct trace){ 0 };
	snprintf(trace->path, sizeof(trace->path), "%s", path);
	assert_int_equal(capture_points_new(&points, &trace->err), 0);
	options.points = points;
	trace->opened = capture_file_open(&file, &options, &trace->err);
	if (trace->opened == 0) {
		while ((trace->ended = capture_file_next(file, &item, true, &trace->err)) > 0)
			trace_item(trace, &item);
		assert_int_equal(capture_file_next(file, &item, true, &trace->err), trace->ended);
		trace->damaged = capture_file_is_damaged(file);
		snprintf(trace->format, sizeof(trace->format), "%s", capture_file_format(file));
		assert_string_equal(capture_file_path(file), path);
		capture_file_close(file);
	}
	capture_points_free(points);
}

/* A new file of these bytes; `path` is filled with its name. */
static inline void trace_make_file(char path[static 64], const void *bytes, size_t length)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	assert_true(snprintf(path, 64, "%s/eniflow-XXXXXX", folder ? folder : "/tmp") < 64);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* The same of a regular file of these bytes. */
static inline void trace_bytes(struct trace *trace, const void *bytes, size_t length, const char *point_name)
{
	char path[64];

	trace_make_file(path, bytes, length);
	trace_read(trace, path, point_name);
	unlink(path);
}

/* Did it end as told: well (`told` is NULL), or damaged, with one sentence that has these words in it? */
#define assert_trace(trace, expected_items, words) assert_trace_at(trace, expected_items, words, __FILE__, __LINE__)

static inline void assert_trace_at(const struct trace *trace, const char *items, const char *words, const char *file,
				   int line)
{
	if (trace->opened != 0)
		print_error("%s\n", trace->err.text);
	_assert_int_equal((uintmax_t)trace->opened, 0, file, line);
	_assert_int_equal((uintmax_t)trace->ended, 0, file, line);
	_assert_string_equal(trace->items, items, file, line);
	if (!words)
		_assert_string_equal(trace->told, "", file, line);
	else if (!strstr(trace->told, words))
		_assert_string_equal(trace->told, words, file, line);
	_assert_int_equal(trace->damaged, words != NULL, file, line);
}

#endif
