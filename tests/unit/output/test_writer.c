#include "output/writer.h"

#include "check.h"

#include <errno.h>

#include "folder.h"
#include "told.h"

static char interface_id[] = "eni-1";
static const struct flow_interface web = { .identity = { [FLOW_INTERFACE_ID] = interface_id } };
static const struct flow_record record = {
	.interface = &web, .family = FLOW_IPV4, .packets = 7, .start = 60, .end = 61
};

static struct output_writer *writer_to(const char *where, const struct output_writer_options *options)
{
	struct output_writer *writer = NULL;
	struct output_writer_options given = *options;
	struct output_format format;
	struct error err;

	assert_int_equal(output_format_parse(&format, "interface-id packets start", NULL), 0);
	given.format = &format;
	if (output_writer_open(&writer, where, &given, &err) != 0)
		fail_msg("%s", err.text);
	return writer;
}

static void put(struct output_writer *writer)
{
	struct flow_sink sink = output_writer_sink(writer);
	struct error err;

	assert_int_equal(sink.record(sink.ctx, &record, &err), 0);
	assert_int_equal(sink.window_end(sink.ctx, 0, &err), 0);
}

static void finish(struct output_writer *writer)
{
	struct error err;

	assert_int_equal(output_writer_finish(writer, &err), 0);
}

static void check_content(const char *want)
{
	char bytes[512];

	content(in_folder("log"), bytes, sizeof(bytes));
	assert_string_equal(bytes, want);
}

static void header_and_lines(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"), &(struct output_writer_options){ .header = true });

	(void)state;
	put(writer);
	put(writer);
	finish(writer);
	check_content("interface-id packets start\neni-1 7 60\neni-1 7 60\n");
}

static void lines_alone(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"), &(struct output_writer_options){ 0 });

	(void)state;
	put(writer);
	finish(writer);
	check_content("eni-1 7 60\n");
}

static void csv_and_json(void **state)
{
	struct output_writer *writer;

	(void)state;
	writer = writer_to(in_folder("log"), &(struct output_writer_options){ .header = true, .encoding = OUTPUT_CSV });
	put(writer);
	finish(writer);
	check_content("interface-id,packets,start\neni-1,7,60\n");
	writer = writer_to(in_folder("log"),
			   &(struct output_writer_options){ .header = true, .encoding = OUTPUT_JSON });
	put(writer);
	finish(writer);
	check_content("{\"interface-id\":\"eni-1\",\"packets\":7,\"start\":60}\n");
}

static void no_record_at_all(void **state)
{
	(void)state;
	finish(writer_to(in_folder("log"), &(struct output_writer_options){ .header = true }));
	check_content("interface-id packets start\n");
}

/* Whoever reads the stream sees a window's records when it has closed, if that was asked for. */
static void windows_are_flushed(void **state)
{
	char path[32], bytes[128] = "";

	(void)state;
	for (int flushed = 0; flushed < 2; flushed++) {
		struct output_writer *writer;
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
		writer = writer_to(path, &(struct output_writer_options){ .flush_windows = flushed });
		put(writer);
		assert_int_equal(read(ends[0], bytes, sizeof(bytes)), flushed ? 11 : -1);
		finish(writer);
		assert_int_equal(read(ends[0], bytes, sizeof(bytes)), flushed ? -1 : 11);
		assert_string_equal(bytes, "eni-1 7 60\n");
		close(ends[0]);
		close(ends[1]);
	}
}

static void an_abandoned_file_never_was(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"), &(struct output_writer_options){ 0 });

	(void)state;
	put(writer);
	output_writer_abandon(writer);
	assert_int_equal(empty_folder(folder), 0);
	output_writer_abandon(NULL);
}

static void the_first_failure_sticks(void **state)
{
	const char *want = "/dev/full: cannot be written: No space left on device";
	struct output_writer *writer;
	struct flow_sink sink;
	struct error err = { "" };

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	writer = writer_to("/dev/full", &(struct output_writer_options){ .flush_windows = true });
	sink = output_writer_sink(writer);
	assert_int_equal(sink.record(sink.ctx, &record, &err), 0);
	assert_int_equal(sink.window_end(sink.ctx, 0, &err), -ENOSPC);
	assert_string_equal(err.text, want);
	for (int i = 0; i < 3; i++) {
		err.text[0] = '\0';
		assert_int_equal(sink.record(sink.ctx, &record, &err), -ENOSPC);
		assert_string_equal(err.text, want);
		assert_int_equal(sink.window_end(sink.ctx, 0, NULL), -ENOSPC);
	}
	err.text[0] = '\0';
	assert_int_equal(output_writer_finish(writer, &err), -ENOSPC);
	assert_string_equal(err.text, want);
}

static void failure_at_the_end(void **state)
{
	struct output_writer *writer;
	struct error err = { "" };

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	writer = writer_to("/dev/full", &(struct output_writer_options){ .header = true });
	put(writer);
	assert_int_equal(output_writer_finish(writer, &err), -ENOSPC);
	assert_string_equal(err.text, "/dev/full: cannot be written: No space left on device");
}

/* A sensor's too is complete or absent: a window's end and a reopening leave it alone. */
static void a_parquet_file(void **state)
{
	(void)state;
	for (int live = 0; live < 2; live++) {
		const struct output_writer_options options = { .encoding = OUTPUT_PARQUET, .live = live };
		struct output_writer *writer = writer_to(in_folder("log"), &options);
		struct output_state now;
		struct error err;
		char bytes[4096];
		size_t length;

		put(writer);
		assert_int_equal(output_writer_reopen(writer, &err), 0);
		assert_int_equal(output_writer_tick(writer, 600, &err), 0);
		assert_int_equal(access(in_folder("log"), F_OK), -1);
		put(writer);
		output_writer_state(writer, &now);
		assert_int_equal(now.records[FLOW_OK], 2);
		assert_true(now.is_writable);
		finish(writer);
		length = content(in_folder("log"), bytes, sizeof(bytes));
		assert_in_range(length, 12, sizeof(bytes) - 2);
		assert_memory_equal(bytes, "PAR1", 4);
		assert_memory_equal(bytes + length - 4, "PAR1", 4);
		writer = writer_to(in_folder("log"), &options);
		put(writer);
		output_writer_abandon(writer);
		assert_int_equal(empty_folder(folder), 1);
	}
}

/* A sensor that starts anew, or whose settings change, must not replace what it wrote before; other runs may. */
static void a_sensor_keeps_older_parquet(void **state)
{
	(void)state;
	for (int live = 0; live < 2; live++) {
		for (int run = 0; run < 3; run++) {
			struct output_writer_options options = { .encoding = OUTPUT_PARQUET, .live = live };
			struct output_writer *writer;

			told_clear();
			options.notices = &told_notices;
			writer = writer_to(in_folder("log"), &options);
			for (int i = 0; i <= run; i++)
				put(writer);
			assert_string_equal(told, "");
			finish(writer);
			assert_int_equal(strstr(told, "Parquet cannot be appended to; it is set aside as ") != NULL,
					 live && run > 0);
		}
		assert_int_equal(access(in_folder("log.before-1"), F_OK), live ? 0 : -1);
		assert_int_equal(access(in_folder("log.before-2"), F_OK), live ? 0 : -1);
		assert_int_equal(empty_folder(folder), live ? 3 : 1);
	}
}

static void parquet_that_cannot_be_written(void **state)
{
	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	for (int live = 0; live < 2; live++) {
		struct output_writer *writer = writer_to(
			"/dev/full", &(struct output_writer_options){ .encoding = OUTPUT_PARQUET, .live = live });
		struct error err = { "" };

		put(writer);
		assert_int_equal(output_writer_finish(writer, &err), -ENOSPC);
		assert_string_equal(err.text, "/dev/full: cannot be written: No space left on device");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(header_and_lines),
		IN_FOLDER(lines_alone),
		IN_FOLDER(csv_and_json),
		IN_FOLDER(no_record_at_all),
		IN_FOLDER(windows_are_flushed),
		IN_FOLDER(an_abandoned_file_never_was),
		IN_FOLDER(the_first_failure_sticks),
		IN_FOLDER(failure_at_the_end),
		IN_FOLDER(a_parquet_file),
		IN_FOLDER(a_sensor_keeps_older_parquet),
		IN_FOLDER(parquet_that_cannot_be_written),
	};

	return cmocka_run_group_tests_name("output/writer", tests, NULL, NULL);
}
