/* The sensor's manner, from records to files: output/live.h by way of output/writer.h. */
#include "output/live.h"

#include "check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include "folder.h"
#include "output/writer.h"
#include "told.h"

static char interface_id[] = "eni-1";
static const struct flow_interface web = { .identity = { [FLOW_INTERFACE_ID] = interface_id } };

static const char header[] = "interface-id packets start end log-status\n";

static struct output_writer_options options = { .header = -1, .live = true, .interval = 60, .notices = &told_notices };

static struct output_writer *writer_to(const char *where)
{
	struct output_writer *writer = NULL;
	struct output_format format;
	struct error err;

	told_clear();
	assert_int_equal(output_format_parse(&format, "interface-id packets start end log-status", NULL), 0);
	options.format = &format;
	if (output_writer_open(&writer, where, &options, &err) != 0)
		fail_msg("%s", err.text);
	return writer;
}

static void put(struct output_writer *writer, uint64_t packets, int64_t start)
{
	struct flow_record record = {
		.interface = &web, .family = FLOW_IPV4, .packets = packets, .start = start, .end = start + 1
	};
	struct flow_sink sink = output_writer_sink(writer);
	struct error err;

	if (sink.record(sink.ctx, &record, &err) != 0)
		fail_msg("%s", err.text);
}

static void end_window(struct output_writer *writer, int64_t until)
{
	struct flow_sink sink = output_writer_sink(writer);
	struct error err;

	if (sink.window_end(sink.ctx, until, &err) != 0)
		fail_msg("%s", err.text);
}

static void finish(struct output_writer *writer)
{
	struct error err;

	if (output_writer_finish(writer, &err) != 0)
		fail_msg("%s", err.text);
}

static void reopen(struct output_writer *writer)
{
	struct error err;

	if (output_writer_reopen(writer, &err) != 0)
		fail_msg("%s", err.text);
}

static struct output_state state_of(const struct output_writer *writer)
{
	struct output_state state;

	output_writer_state(writer, &state);
	return state;
}

static void check_content(const char *name, const char *before, const char *want)
{
	static char bytes[1 << 20];
	size_t length = strlen(before);

	content(in_folder(name), bytes, sizeof(bytes));
	assert_memory_equal(bytes, before, length);
	assert_string_equal(bytes + length, want);
}

static void check_gzip(const char *name, const char *before, const char *want)
{
	gzFile file = gzopen(in_folder(name), "rb");
	char bytes[4096];
	size_t length = strlen(before);
	int got;

	assert_non_null(file);
	got = gzread(file, bytes, sizeof(bytes) - 1);
	assert_true(got >= 0);
	bytes[got] = '\0';
	assert_memory_equal(bytes, before, length);
	assert_string_equal(bytes + length, want);
	assert_int_equal(gzclose(file), Z_OK);
}

static void limit_files(rlim_t most)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static off_t size_of(const char *name)
{
	struct stat status;

	assert_int_equal(stat(in_folder(name), &status), 0);
	return status.st_size;
}

static void appended_under_its_name(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"));

	(void)state;
	put(writer, 1, 0);
	end_window(writer, 60);
	check_content("log", header, "eni-1 1 0 1 OK\n");
	finish(writer);
	writer = writer_to(in_folder("log"));
	put(writer, 2, 60);
	finish(writer);
	check_content("log", header, "eni-1 1 0 1 OK\neni-1 2 60 61 OK\n");
	assert_string_equal(told, "");
}

/* The layout is another one, or there is no line of field names: what was written before is not mixed with what comes. */
static void another_layout_begins_a_new_file(void **state)
{
	struct output_writer *writer;

	(void)state;
	write_file(in_folder("log"), "packets start\n1 2\n");
	writer = writer_to(in_folder("log"));
	assert_non_null(strstr(told, "/log.before-1, and a new file begun\n"));
	put(writer, 1, 0);
	assert_int_equal(rename(in_folder("log"), in_folder("old")), 0);
	write_file(in_folder("log"), "1 2\n");
	reopen(writer);
	assert_non_null(strstr(told, "/log.before-2, and a new file begun\n"));
	put(writer, 2, 60);
	finish(writer);
	check_content("log.before-1", "", "packets start\n1 2\n");
	check_content("log.before-2", "", "1 2\n");
	check_content("old", header, "eni-1 1 0 1 OK\n");
	check_content("log", header, "eni-1 2 60 61 OK\n");
	/* Without such a line nothing is known of the layout. */
	options.header = 0;
	writer = writer_to(in_folder("log.before-2"));
	put(writer, 3, 120);
	finish(writer);
	options.header = -1;
	assert_string_equal(told, "");
	check_content("log.before-2", "", "1 2\neni-1 3 120 121 OK\n");
}

static void compressed_under_its_name(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log.gz"));
	off_t before;

	(void)state;
	put(writer, 1, 0);
	end_window(writer, 60);
	before = size_of("log.gz");
	assert_in_range(before, 20, 200);
	end_window(writer, 120);
	assert_int_equal(size_of("log.gz"), before);
	finish(writer);
	writer = writer_to(in_folder("log.gz"));
	put(writer, 2, 60);
	finish(writer);
	check_gzip("log.gz", header, "eni-1 1 0 1 OK\neni-1 2 60 61 OK\n");
}

static void moved_away_and_reopened(void **state)
{
	static const char *const names[][2] = { { "log", "log.1" }, { "log.gz", "log.1.gz" } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *name = names[i][0], *moved = names[i][1];
		struct output_writer *writer = writer_to(in_folder(name));

		put(writer, 1, 0);
		reopen(writer); /* nobody moved it */
		assert_int_equal(rename(in_folder(name), in_folder(moved)), 0);
		put(writer, 2, 0);
		end_window(writer, 60);
		put(writer, 3, 60);
		reopen(writer);
		put(writer, 4, 60);
		assert_int_equal(state_of(writer).files, 1);
		finish(writer);
		(i ? check_gzip : check_content)(moved, header, "eni-1 1 0 1 OK\neni-1 2 0 1 OK\neni-1 3 60 61 OK\n");
		(i ? check_gzip : check_content)(name, header, "eni-1 4 60 61 OK\n");
	}
}

static void the_old_file_goes_on_where_the_name_cannot_be_opened(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"));
	struct error err;

	(void)state;
	assert_int_equal(rename(in_folder("log"), in_folder("old")), 0);
	assert_int_equal(mkdir(in_folder("log"), 0700), 0);
	assert_int_equal(output_writer_reopen(writer, &err), -EISDIR);
	put(writer, 1, 0);
	finish(writer);
	check_content("old", header, "eni-1 1 0 1 OK\n");
	assert_int_equal(rmdir(in_folder("log")), 0);
}

/* Writes cut short anywhere: the file ends with a whole line then, and all is there in the end. */
static void no_line_is_cut_or_doubled(void **state)
{
	(void)state;
	for (rlim_t room = 0; room < 100; room++) {
		struct output_writer *writer;
		char bytes[256];
		size_t length;
		struct error err;

		unlink(in_folder("log"));
		writer = writer_to(in_folder("log"));
		limit_files(room);
		put(writer, 1, 0);
		end_window(writer, 60);
		put(writer, 22, 60);
		end_window(writer, 120);
		length = content(in_folder("log"), bytes, sizeof(bytes));
		assert_true(length <= room && (length == 0 || bytes[length - 1] == '\n'));
		assert_int_equal(state_of(writer).is_writable, length == strlen(header) + 33);
		assert_int_equal(state_of(writer).waiting, strlen(header) + 33 - length);
		limit_files(RLIM_INFINITY);
		assert_int_equal(output_writer_tick(writer, 121, &err), 0);
		assert_int_equal(state_of(writer).waiting, 0);
		check_content("log", header, "eni-1 1 0 1 OK\neni-1 22 60 61 OK\n");
		finish(writer);
	}
}

static void a_compressed_file_goes_on_where_it_stopped(void **state)
{
	(void)state;
	for (rlim_t room = 0; room < 120; room += 7) {
		struct output_writer *writer;

		unlink(in_folder("log.gz"));
		writer = writer_to(in_folder("log.gz"));
		limit_files(room);
		put(writer, 1, 0);
		end_window(writer, 60);
		put(writer, 22, 60);
		end_window(writer, 120);
		limit_files(RLIM_INFINITY);
		finish(writer);
		check_gzip("log.gz", header, "eni-1 1 0 1 OK\neni-1 22 60 61 OK\n");
	}
}

/* What is written of one window that fills all that may be kept: 64 KiB at the least. */
static uint64_t fill(struct output_writer *writer, int64_t window)
{
	uint64_t dropped = state_of(writer).dropped;

	for (uint64_t i = 0; i < 10000; i++)
		put(writer, i, window);
	end_window(writer, window + 60);
	return state_of(writer).dropped - dropped;
}

static void loss_is_told(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"));
	char bytes[200], *line;
	static char all[1 << 20];
	struct output_state now;
	uint64_t dropped, line_number = 0;
	struct error err;

	(void)state;
	limit_files(0);
	dropped = fill(writer, 600);
	assert_in_range(dropped, 5000, 9000);
	assert_int_equal(fill(writer, 660), 10000);
	now = state_of(writer);
	assert_false(now.is_writable);
	assert_in_range(now.waiting, 60000, 65536);
	assert_int_equal(now.records[FLOW_OK], 10000 - dropped);
	assert_true(now.write_errors >= 2);
	snprintf(bytes, sizeof(bytes),
		 "%s: cannot be written: File too large; up to 65536 bytes of records are kept in "
		 "memory until it can be\n",
		 "log");
	assert_non_null(strstr(told, bytes));
	told_clear();
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_writer_tick(writer, 720, &err), 0);
	snprintf(bytes, sizeof(bytes),
		 "records can be written again; %d were lost meanwhile, and SKIPDATA lines say of "
		 "which interfaces and windows\n",
		 (int)(10000 + dropped));
	assert_string_equal(told, bytes);
	put(writer, 5, 720);
	finish(writer);
	content(in_folder("log"), all, sizeof(all));
	line = strtok(all, "\n");
	for (line = strtok(NULL, "\n"); line_number < 10000 - dropped; line = strtok(NULL, "\n")) {
		snprintf(bytes, sizeof(bytes), "eni-1 %d 600 601 OK", (int)line_number++);
		assert_string_equal(line, bytes);
	}
	assert_string_equal(line, "eni-1 - 600 660 SKIPDATA");
	assert_string_equal(strtok(NULL, "\n"), "eni-1 - 660 720 SKIPDATA");
	assert_string_equal(strtok(NULL, "\n"), "eni-1 5 720 721 OK");
	assert_null(strtok(NULL, "\n"));
}

/* The file was moved while its disk is full: what waits goes to the new one, or a compressed one is finished first. */
static void reopened_while_nothing_can_be_written(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"));
	struct error err;

	(void)state;
	limit_files(strlen(header) + 3);
	put(writer, 1, 0);
	end_window(writer, 60);
	assert_int_equal(rename(in_folder("log"), in_folder("log.1")), 0);
	reopen(writer);
	limit_files(RLIM_INFINITY);
	finish(writer);
	check_content("log.1", header, "");
	check_content("log", header, "eni-1 1 0 1 OK\n");
	writer = writer_to(in_folder("log.gz"));
	limit_files(3);
	put(writer, 1, 0);
	end_window(writer, 60);
	assert_int_equal(rename(in_folder("log.gz"), in_folder("log.1.gz")), 0);
	reopen(writer);
	assert_int_equal(access(in_folder("log.gz"), F_OK), -1);
	put(writer, 2, 60);
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_writer_tick(writer, 61, &err), 0);
	assert_int_equal(access(in_folder("log.gz"), F_OK), 0);
	put(writer, 3, 60);
	finish(writer);
	check_gzip("log.1.gz", header, "eni-1 1 0 1 OK\neni-1 2 60 61 OK\n");
	check_gzip("log.gz", header, "eni-1 3 60 61 OK\n");
}

static void lost_at_the_end(void **state)
{
	struct output_writer *writer = writer_to(in_folder("log"));
	struct error err;

	(void)state;
	limit_files(5);
	put(writer, 1, 0);
	end_window(writer, 60);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(err.text, "/log: it still cannot be written, and 57 bytes of records are lost"));
	assert_int_equal(size_of("log"), 0);
}

static void a_fifo_without_reader(void **state)
{
	struct output_writer *writer;
	char bytes[256] = "";
	struct error err;
	int reader;

	(void)state;
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	writer = writer_to(in_folder("fifo"));
	put(writer, 1, 0);
	end_window(writer, 60);
	assert_true(state_of(writer).is_writable);
	for (int window = 1; window < 4; window++)
		fill(writer, window * 60);
	assert_false(state_of(writer).is_writable);
	assert_non_null(strstr(told, "/fifo: nobody reads it; up to 65536 bytes of records are kept"));
	reader = open(in_folder("fifo"), O_RDONLY | O_NONBLOCK);
	assert_int_equal(read(reader, bytes, 15), 15);
	assert_string_equal(bytes, "eni-1 1 0 1 OK\n"); /* no header */
	while (read(reader, bytes, sizeof(bytes)) > 0)
		assert_int_equal(output_writer_tick(writer, 300, &err), 0);
	assert_true(state_of(writer).is_writable);
	assert_non_null(strstr(told, "records can be written again; "));
	put(writer, 1, 300);
	finish(writer);
	assert_int_equal(read(reader, bytes, sizeof(bytes)), 19); /* who has it open can still read it */
	close(reader);
}

static void a_fifo_that_nobody_read(void **state)
{
	struct output_writer *writer;
	char bytes[256];
	struct error err;
	int reader;

	(void)state;
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	writer = writer_to(in_folder("fifo"));
	finish(writer); /* nothing is lost */
	writer = writer_to(in_folder("fifo"));
	put(writer, 1, 0);
	end_window(writer, 60);
	put(writer, 2, 60);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	assert_non_null(strstr(err.text, "/fifo: nobody reads it, and 32 bytes of records are lost"));
	writer = writer_to(in_folder("fifo"));
	put(writer, 1, 0);
	end_window(writer, 60);
	reader = open(in_folder("fifo"), O_RDONLY | O_NONBLOCK);
	assert_int_equal(read(reader, bytes, 10), 10);
	close(reader); /* in the middle */
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	assert_non_null(strstr(err.text, "/fifo: nobody reads it, and 5 bytes of records are lost"));
	writer = writer_to(in_folder("fifo"));
	for (int window = 0; window < 4; window++)
		fill(writer, window * 60);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	assert_non_null(strstr(err.text, "/fifo: nobody reads it, and "));
}

static void a_reader_that_goes_away(void **state)
{
	struct output_writer *writer;
	struct flow_sink sink;
	char path[32];
	int ends[2];
	struct error err;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	writer = writer_to(path);
	close(ends[0]);
	put(writer, 1, 0);
	sink = output_writer_sink(writer);
	assert_int_equal(sink.window_end(sink.ctx, 60, &err), -EPIPE);
	assert_int_equal(output_writer_tick(writer, 61, &err), -EPIPE);
	assert_int_equal(output_writer_reopen(writer, &err), -EPIPE);
	assert_int_equal(output_writer_finish(writer, &err), -EPIPE);
	close(ends[1]);
}

/* A pipe is no file to be reopened, and its lines come at the end of the window. */
static void a_pipe(void **state)
{
	struct output_writer *writer;
	char path[32], bytes[64] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	writer = writer_to(path);
	put(writer, 1, 0);
	end_window(writer, 60);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 15);
	assert_string_equal(bytes, "eni-1 1 0 1 OK\n");
	reopen(writer);
	finish(writer);
	close(ends[0]);
	close(ends[1]);
}

/* The pipe is a blocking one, as a shell makes it. Nobody is waited for, neither while it is full nor at the end. */
static void a_pipe_that_nobody_empties(void **state)
{
	struct output_writer *writer;
	char path[32], bytes[4096];
	int ends[2];
	struct error err;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	writer = writer_to(path);
	for (int window = 0; window < 4; window++)
		fill(writer, window * 60);
	assert_false(state_of(writer).is_writable);
	assert_non_null(strstr(told, ": nobody reads it; up to 65536 bytes of records are kept"));
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	while (!state_of(writer).is_writable) {
		while (read(ends[0], bytes, sizeof(bytes)) > 0)
			continue;
		assert_int_equal(output_writer_tick(writer, 300, &err), 0);
	}
	assert_non_null(strstr(told, "records can be written again; "));
	while (state_of(writer).is_writable)
		fill(writer, 300);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	close(ends[0]);
	close(ends[1]);
}

/* Runs until it is killed, at some place between two windows or inside one. */
static void kill_a_run(const char *path, int windows, int records)
{
	int ends[2], status;
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct output_writer *writer = writer_to(path);

		for (int window = 0; window < windows; window++) {
			put(writer, (uint64_t)window, window * 60);
			end_window(writer, window * 60 + 60);
		}
		for (int i = 0; i < records; i++)
			put(writer, 99, windows * 60);
		if (write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(ends[0]);
	close(ends[1]);
}

static void killed_between_and_inside_windows(void **state)
{
	static const char *const names[] = { "log", "log.gz" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct output_writer *writer;

		kill_a_run(in_folder(names[i]), 2, 5);
		kill_a_run(in_folder(names[i]), 1, 0);
		writer = writer_to(in_folder(names[i]));
		put(writer, 7, 180);
		finish(writer);
		(i ? check_gzip : check_content)(
			names[i], header, "eni-1 0 0 1 OK\neni-1 1 60 61 OK\neni-1 0 0 1 OK\neni-1 7 180 181 OK\n");
		if (i)
			assert_non_null(strstr(told, "4 lines that can be read are kept"));
	}
}

enum { AS_WANTED = 0, OTHERWISE = 1, SKIPPED = 77 };

/* A disk that is full, and has room again. */
static int fill_a_disk(void)
{
	struct output_writer *writer;
	static char much[1 << 20];
	int other;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", folder, "tmpfs", 0, "size=128k") < 0)
		return SKIPPED;
	writer = writer_to(in_folder("log"));
	put(writer, 1, 0);
	end_window(writer, 60);
	other = open(in_folder("other"), O_WRONLY | O_CREAT, 0600);
	if (other < 0 || write(other, much, sizeof(much)) < 0)
		return OTHERWISE;
	fill(writer, 60);
	if (state_of(writer).is_writable || !strstr(told, "/log: cannot be written: No space left on device; "))
		return OTHERWISE;
	if (ftruncate(other, 0) < 0)
		return OTHERWISE;
	end_window(writer, 120);
	if (!state_of(writer).is_writable || state_of(writer).records[FLOW_SKIPDATA] != 1)
		return OTHERWISE;
	finish(writer);
	return strstr(told, "records can be written again") ? AS_WANTED : OTHERWISE;
}

static void a_full_disk(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(fill_a_disk());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip(); /* only root may */
	assert_int_equal(WEXITSTATUS(status), AS_WANTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(appended_under_its_name),
		IN_FOLDER(another_layout_begins_a_new_file),
		IN_FOLDER(compressed_under_its_name),
		IN_FOLDER(moved_away_and_reopened),
		IN_FOLDER(the_old_file_goes_on_where_the_name_cannot_be_opened),
		IN_FOLDER(no_line_is_cut_or_doubled),
		IN_FOLDER(a_compressed_file_goes_on_where_it_stopped),
		IN_FOLDER(loss_is_told),
		IN_FOLDER(reopened_while_nothing_can_be_written),
		IN_FOLDER(lost_at_the_end),
		IN_FOLDER(a_fifo_without_reader),
		IN_FOLDER(a_fifo_that_nobody_read),
		IN_FOLDER(a_reader_that_goes_away),
		IN_FOLDER(a_pipe),
		IN_FOLDER(a_pipe_that_nobody_empties),
		IN_FOLDER(killed_between_and_inside_windows),
		IN_FOLDER(a_full_disk),
	};

	return cmocka_run_group_tests_name("output/live", tests, NULL, NULL);
}
