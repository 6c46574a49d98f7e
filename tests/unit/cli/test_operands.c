/* What the files on the command line are. */
#include "cli/operands.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char record[] = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 180 1600000020 1600000021 ACCEPT OK\n";
static const char capture[] = "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0";
static char folder[] = "/tmp/eniflow-operands-XXXXXX";
static unsigned told;

static void put(const char *name, const char *bytes, size_t length)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || chdir(folder) < 0 || mkdir("logs", 0700) < 0 || mkdir("none", 0700) < 0)
		return -1;
	put("a.log", record, sizeof(record) - 1);
	put("a.pcap", capture, sizeof(capture) - 1);
	put("empty", "", 0);
	put("text", "something else, in words\n", 25);
	put("logs/b.log", record, sizeof(record) - 1);
	put("logs/a.log", record, sizeof(record) - 1);
	put("logs/a.pcap", capture, sizeof(capture) - 1);
	put("logs/text", "something else, in words\n", 25);
	put("none/a.pcap", capture, sizeof(capture) - 1);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "a.log",      "a.pcap",      "empty",     "text",       "logs/b.log",
					     "logs/a.log", "logs/a.pcap", "logs/text", "none/a.pcap" };
	int ret = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ret |= unlink(names[i]);
	return ret | rmdir("logs") | rmdir("none") | chdir("/") | rmdir(folder);
}

static void count(void *ctx, const char *sentence)
{
	(void)ctx;
	assert_non_null(strstr(sentence, "passed over"));
	told++;
}

static int look_at(struct operands *operands, const struct source_file *files, size_t file_count, struct error *err)
{
	const struct notices notices = { count, NULL };
	const struct operands_options options = {
		.files = files, .count = file_count, .wake_fd = -1, .notices = &notices
	};

	told = 0;
	return operands_open(operands, &options, err);
}

static void test_kinds(void **state)
{
	const struct source_file files[] = {
		{ .path = "a.log" }, { .name = "eth0", .path = "a.pcap" }, { .path = "empty" }, { .path = "text" }
	};
	struct operands operands;
	struct error err;

	(void)state;
	assert_int_equal(look_at(&operands, files, 4, &err), 0);
	assert_int_equal(operands.count, 4);
	assert_int_equal(operands.kinds[0], OPERAND_LOG);
	assert_int_equal(operands.kinds[1], OPERAND_CAPTURE);
	assert_int_equal(operands.kinds[2], OPERAND_EMPTY);
	assert_int_equal(operands.kinds[3], OPERAND_NEITHER);
	assert_string_equal(operands.files[1].name, "eth0");
	assert_null(operands.files[0].input); /* it can be opened again */
	assert_non_null(operands.files[1].input);
	assert_ptr_equal(operands_first(&operands, OPERAND_NEITHER), &operands.files[3]);
	assert_int_equal(operands_are_logs(&operands, &err), -EINVAL);
	assert_non_null(strstr(err.text, "a.pcap a capture"));
	operands_close(&operands);
	assert_null(operands.files);

	assert_int_equal(look_at(&operands, files, 1, &err), 0);
	assert_int_equal(operands_are_logs(&operands, &err), 1);
	assert_null(operands_first(&operands, OPERAND_CAPTURE));
	operands_close(&operands);
	assert_int_equal(look_at(&operands, files + 1, 2, &err), 0);
	assert_int_equal(operands_are_logs(&operands, &err), 0);
	operands_close(&operands);
}

/* All of a folder that is a flow log, in order; the rest is told. */
static void test_folders(void **state)
{
	const struct source_file files[] = { { .path = "logs" }, { .path = "a.log" } };
	const struct source_file none = { .path = "none" }, named = { .name = "eth0", .path = "logs" };
	struct operands operands;
	struct error err;

	(void)state;
	assert_int_equal(look_at(&operands, files, 2, &err), 0);
	assert_int_equal(operands.count, 3);
	assert_int_equal(told, 2);
	assert_string_equal(operands.files[0].path, "logs/a.log");
	assert_string_equal(operands.files[1].path, "logs/b.log");
	assert_int_equal(operands_are_logs(&operands, &err), 1);
	operands_close(&operands);

	assert_int_equal(look_at(&operands, &none, 1, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no flow log in this folder"));
	operands_close(&operands);
	assert_int_equal(look_at(&operands, &named, 1, &err), -EINVAL);
	operands_close(&operands);
}

static void test_what_cannot_be_read(void **state)
{
	const struct source_file files[] = { { .path = "a.pcap" }, { .path = "nowhere" } };
	struct operands operands;
	struct error err;

	(void)state;
	assert_int_equal(look_at(&operands, files, 2, &err), -ENOENT);
	assert_non_null(strstr(err.text, "nowhere"));
	operands_close(&operands);
}

/* What writes to a pipe need not write whole lines. */
static void test_stream_in_pieces(void **state)
{
	const struct source_file file = { .path = "fifo" };
	struct operands operands;
	struct error err;
	pid_t writer;
	int status;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		int fd = open("fifo", O_WRONLY);
		bool ok = fd >= 0 && write(fd, record, 30) == 30;

		usleep(100 * 1000); /* the reader has seen the first piece, or else sees both at once */
		ok = ok && write(fd, record + 30, sizeof(record) - 31) == (ssize_t)sizeof(record) - 31;
		_exit(!ok);
	}
	assert_int_equal(look_at(&operands, &file, 1, &err), 0);
	assert_int_equal(operands.kinds[0], OPERAND_LOG);
	operands_close(&operands);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(unlink("fifo"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_folders),
		TEST(test_what_cannot_be_read),
		TEST(test_stream_in_pieces),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
