#include "output/hold.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "folder.h"

static void append(struct output_hold *hold, const char *text)
{
	assert_int_equal(output_hold_append(hold, text, strlen(text), NULL), 0);
}

static int new_file(void)
{
	int fd = open(in_folder("log"), O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void check_content(const char *want)
{
	char bytes[256];

	content(in_folder("log"), bytes, sizeof(bytes));
	assert_string_equal(bytes, want);
}

/* What a disk with so much room would do. */
static void limit_files(rlim_t most)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void bytes_come_out_in_order(void **state)
{
	struct output_hold hold = { 0 };
	int fd = new_file();

	(void)state;
	append(&hold, "one ");
	append(&hold, "");
	append(&hold, "two");
	assert_int_equal(hold.length, 7);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	assert_int_equal(hold.length, 0);
	append(&hold, "!");
	assert_int_equal(output_hold_write(&hold, fd), 0);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("one two!");
	close(fd);
}

static void goes_on_where_it_failed(void **state)
{
	struct output_hold hold = { 0 };
	int fd = new_file();

	(void)state;
	append(&hold, "0123456789");
	limit_files(4);
	assert_int_equal(output_hold_write(&hold, fd), -EFBIG);
	assert_int_equal(hold.length, 6);
	assert_int_equal(output_hold_write(&hold, fd), -EFBIG);
	append(&hold, "abc");
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("0123456789abc");
	close(fd);
}

/* The beginning of a line is kept until its end is written, to be written again if that is wanted. */
static void a_line_is_kept_until_it_is_whole(void **state)
{
	struct output_hold hold = { .has_lines = true };
	int fd = new_file();

	(void)state;
	append(&hold, "one\ntwo\nthree\n");
	limit_files(6);
	assert_int_equal(output_hold_write(&hold, fd), -EFBIG);
	assert_int_equal(hold.sent, 2);
	assert_int_equal(hold.length, 10);
	assert_int_equal(ftruncate(fd, 4), 0);
	output_hold_rewind(&hold);
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("one\ntwo\nthree\n");
	assert_int_equal(hold.length, 0);
	close(fd);
}

static void goes_on_inside_a_line(void **state)
{
	struct output_hold hold = { .has_lines = true };
	int fd = new_file();

	(void)state;
	append(&hold, "one\ntwo\n");
	for (rlim_t room = 0; room < 8; room++) {
		limit_files(room);
		assert_int_equal(output_hold_write(&hold, fd), -EFBIG);
		assert_int_equal(hold.sent, room % 4);
	}
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("one\ntwo\n");
	close(fd);
}

static void something_before_the_rest(void **state)
{
	struct output_hold hold = { .has_lines = true };
	int fd = new_file();

	(void)state;
	assert_int_equal(output_hold_prepend(&hold, "zero\n", 5, NULL), 0);
	append(&hold, "one\ntwo\n");
	limit_files(5);
	assert_int_equal(output_hold_write(&hold, fd), -EFBIG);
	assert_int_equal(output_hold_prepend(&hold, "half\n", 5, NULL), 0);
	append(&hold, "three\n");
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("zero\nhalf\none\ntwo\nthree\n");
	close(fd);
}

/* Many pieces, lines across their borders, and a disk that has room now and then. */
static void of_every_size(void **state)
{
	static char wanted[400000], got[400001];
	struct output_hold hold = { .has_lines = true };
	size_t length = 0;
	int fd = new_file();

	(void)state;
	srandom(7);
	while (length < sizeof(wanted) - 3000) {
		size_t size = 1 + (size_t)random() % 3000;

		memset(wanted + length, 'a' + (int)(random() % 26), size);
		wanted[length + size - 1] = '\n';
		assert_int_equal(output_hold_append(&hold, wanted + length, size, NULL), 0);
		length += size;
		if (random() % 8 == 0) {
			off_t end;

			limit_files((rlim_t)random() % (length + 1));
			output_hold_write(&hold, fd);
			end = lseek(fd, 0, SEEK_END);
			if (hold.sent > 0 && random() % 2 == 0) {
				assert_int_equal(ftruncate(fd, end - (off_t)hold.sent), 0);
				output_hold_rewind(&hold);
			}
		}
	}
	limit_files(RLIM_INFINITY);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	assert_int_equal(content(in_folder("log"), got, sizeof(got)), length);
	assert_memory_equal(got, wanted, length);
	close(fd);
}

static void cleared_it_is_empty(void **state)
{
	struct output_hold hold = { 0 };
	int fd = new_file();

	(void)state;
	append(&hold, "gone");
	output_hold_clear(&hold);
	assert_int_equal(hold.length, 0);
	assert_int_equal(output_hold_write(&hold, fd), 0);
	append(&hold, "here");
	assert_int_equal(output_hold_write(&hold, fd), 0);
	check_content("here");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(bytes_come_out_in_order),
		IN_FOLDER(goes_on_where_it_failed),
		IN_FOLDER(a_line_is_kept_until_it_is_whole),
		IN_FOLDER(goes_on_inside_a_line),
		IN_FOLDER(something_before_the_rest),
		IN_FOLDER(of_every_size),
		IN_FOLDER(cleared_it_is_empty),
	};

	return cmocka_run_group_tests_name("output/hold", tests, NULL, NULL);
}
