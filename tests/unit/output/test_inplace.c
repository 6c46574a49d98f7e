#include "output/inplace.h"

#include "check.h"

#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

#include "folder.h"
#include "output/zstd.h"
#include "told.h"

static const char *wanted = ""; /* the first line */

static int opened(const char *name, bool *is_new)
{
	struct error err = { "" };
	int fd;

	told_clear();
	fd = output_inplace_open(in_folder(name), wanted, strlen(wanted), is_new, &told_notices, &err);
	if (fd < 0)
		fail_msg("%s", err.text);
	return fd;
}

static void check_content(const char *name, const char *want)
{
	char bytes[256];

	content(in_folder(name), bytes, sizeof(bytes));
	assert_string_equal(bytes, want);
}

static void new_and_old_files(void **state)
{
	bool is_new;
	int fd = opened("log", &is_new);

	(void)state;
	assert_true(is_new);
	assert_int_equal(write(fd, "one\n", 4), 4);
	close(fd);
	fd = opened("log", &is_new);
	assert_false(is_new);
	assert_int_equal(write(fd, "two\n", 4), 4);
	close(fd);
	check_content("log", "one\ntwo\n");
	assert_string_equal(told, "");
	write_file(in_folder("log"), "");
	fd = opened("log", &is_new);
	assert_true(is_new);
	close(fd);
}

static void another_layout_is_set_aside(void **state)
{
	static const char *const others[] = { "b a\n1 2\n", "1 2\n", "a b c\n1 2 3\n", "a\n", "\n" };
	char name[32];
	bool is_new;

	(void)state;
	wanted = "a b\n";
	for (int n = 0; n < 5; n++) {
		write_file(in_folder("log"), others[n]);
		close(opened("log", &is_new));
		assert_true(is_new);
		assert_non_null(strstr(told, "/log: its first line does not name the fields that are to be written; it "
					     "is set aside as "));
		assert_ptr_equal(strchr(told, '\n'), strrchr(told, '\n'));
		snprintf(name, sizeof(name), "log.before-%d", n + 1);
		check_content(name, others[n]);
		check_content("log", "");
	}
	write_file(in_folder("log"), "a b\n1 2\n");
	close(opened("log", &is_new));
	assert_false(is_new);
	assert_string_equal(told, "");
	check_content("log", "a b\n1 2\n");
	wanted = "";
}

static void a_long_first_line(void **state)
{
	static char line[10002], other[10002];
	bool is_new;

	(void)state;
	memset(line, 'a', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	memcpy(other, line, sizeof(line));
	other[9000] = 'b';
	wanted = line;
	write_file(in_folder("log"), line);
	close(opened("log", &is_new));
	assert_false(is_new);
	write_file(in_folder("log"), other);
	close(opened("log", &is_new));
	assert_true(is_new);
	wanted = "";
}

static void half_a_line_is_cut_off(void **state)
{
	char want[8300];
	bool is_new;

	(void)state;
	write_file(in_folder("log"), "one\ntwo\nthr");
	close(opened("log", &is_new));
	check_content("log", "one\ntwo\n");
	assert_false(is_new);
	snprintf(want, sizeof(want),
		 "%s: a run that was killed left half a line at its end; these 3 bytes were cut off\n",
		 in_folder("log"));
	assert_string_equal(told, want);
	write_file(in_folder("log"), "on");
	close(opened("log", &is_new));
	assert_true(is_new);
	check_content("log", "");
}

static void what_cannot_be_opened(void **state)
{
	static char no_log[2 << 20];
	struct error err;
	bool is_new;
	int fd;

	(void)state;
	assert_int_equal(output_inplace_open("/none/log", NULL, 0, &is_new, NULL, &err), -ENOENT);
	assert_string_equal(err.text, "/none/log: the directory for it does not exist");
	assert_int_equal(output_inplace_open(folder, NULL, 0, &is_new, NULL, &err), -EISDIR);
	fd = open(in_folder("log"), O_WRONLY | O_CREAT, 0600);
	memset(no_log, 'x', sizeof(no_log));
	assert_int_equal(write(fd, no_log, sizeof(no_log)), sizeof(no_log));
	close(fd);
	assert_int_equal(output_inplace_open(in_folder("log"), NULL, 0, &is_new, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "/log: is no log"));
}

static void one_run_at_a_time(void **state)
{
	struct error err;
	bool is_new;
	int fd = opened("log", &is_new);

	(void)state;
	assert_int_equal(output_inplace_open(in_folder("log"), NULL, 0, &is_new, NULL, &err), -EBUSY);
	assert_non_null(strstr(err.text, "/log: another process writes it"));
	close(fd);
	close(opened("log", &is_new));
}

static void names_that_move(void **state)
{
	bool is_new;
	int fd = opened("log", &is_new);

	(void)state;
	assert_true(output_inplace_is_named(fd, in_folder("log")));
	assert_int_equal(rename(in_folder("log"), in_folder("log.1")), 0);
	assert_false(output_inplace_is_named(fd, in_folder("log")));
	write_file(in_folder("log"), "");
	assert_false(output_inplace_is_named(fd, in_folder("log")));
	close(fd);
}

static void files_of_somebody(void **state)
{
	struct stat status;
	bool is_new;

	(void)state;
	if (chown(folder, 12345, 23456) < 0)
		skip(); /* only root may */
	close(opened("log", &is_new));
	assert_int_equal(stat(in_folder("log"), &status), 0);
	assert_int_equal(status.st_uid, 12345);
	assert_int_equal(status.st_gid, 23456);
}

static void put_gzip(const char *name, const char *mode, const char *text)
{
	gzFile file = gzopen(in_folder(name), mode);

	assert_non_null(file);
	assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
	assert_int_equal(gzclose(file), Z_OK);
}

static void check_gzip(const char *name, const char *want)
{
	gzFile file = gzopen(in_folder(name), "rb");
	char bytes[256];
	int length;

	assert_non_null(file);
	length = gzread(file, bytes, sizeof(bytes) - 1);
	assert_true(length >= 0);
	bytes[length] = '\0';
	assert_string_equal(bytes, want);
	assert_int_equal(gzclose(file), Z_OK);
}

static void a_gzip_that_ends_too_early(void **state)
{
	struct stat status;
	bool is_new;

	(void)state;
	put_gzip("log.gz", "wb", "one\n");
	close(opened("log.gz", &is_new));
	assert_false(is_new);
	assert_string_equal(told, "");
	put_gzip("log.gz", "ab", "two\nthree\n");
	chmod(in_folder("log.gz"), 0640);
	assert_int_equal(stat(in_folder("log.gz"), &status), 0);
	assert_int_equal(truncate(in_folder("log.gz"), status.st_size - 4), 0);
	close(opened("log.gz", &is_new));
	assert_non_null(strstr(told,
			       "/log.gz: a run that was killed left it unfinished; all 3 lines that can be read are "
			       "kept\n"));
	put_gzip("log.gz", "ab", "four\n");
	check_gzip("log.gz", "one\ntwo\nthree\nfour\n");
	assert_int_equal(stat(in_folder("log.gz"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_int_equal(empty_folder(folder), 1);
}

static void a_gzip_of_another_layout(void **state)
{
	bool is_new;

	(void)state;
	put_gzip("log.gz", "wb", "a");
	put_gzip("log.gz", "ab", " b\n1 2\n"); /* also across members */
	wanted = "a b\n";
	close(opened("log.gz", &is_new));
	assert_false(is_new);
	assert_string_equal(told, "");
	wanted = "b a\n";
	close(opened("log.gz", &is_new));
	assert_true(is_new);
	assert_non_null(strstr(told, "/log.gz: its first line does not name the fields that are to be written; "));
	check_gzip("log.gz.before-1", "a b\n1 2\n");
	put_gzip("log.gz", "wb", "b");
	close(opened("log.gz", &is_new));
	assert_true(is_new);
	check_gzip("log.gz.before-2", "b");
	wanted = "";
}

static void a_damaged_gzip_is_set_aside(void **state)
{
	bool is_new;

	(void)state;
	for (int n = 1; n < 3; n++) {
		write_file(in_folder("log.gz"), "this is text\n");
		close(opened("log.gz", &is_new));
		assert_true(is_new);
		assert_non_null(strstr(told, "/log.gz: it is damaged; it is set aside as "));
	}
	check_content("log.gz.broken-1", "this is text\n");
	check_content("log.gz.broken-2", "this is text\n");
	check_content("log.gz", "");
}

#if ENIFLOW_HAVE_ZSTD

static int write_fd(void *fd, const void *bytes, size_t size, struct error *err)
{
	(void)err;
	return write(*(int *)fd, bytes, size) == (ssize_t)size ? 0 : -EIO;
}

static void put_zstd(int fd, enum output_push then)
{
	struct output_outlet outlet = { write_fd, &fd };
	struct output_compressor *zstd;

	assert_int_equal(output_zstd_new(&zstd, NULL), 0);
	assert_int_equal(zstd->push(zstd, "one\n", 4, then, &outlet, NULL), 0);
	zstd->free(zstd);
}

#endif

static void a_zstd_that_is_not_whole(void **state)
{
#if ENIFLOW_HAVE_ZSTD
	bool is_new;
	int fd = opened("log.zst", &is_new);

	(void)state;
	assert_true(is_new);
	put_zstd(fd, OUTPUT_END);
	close(fd);
	fd = opened("log.zst", &is_new);
	assert_false(is_new);
	put_zstd(fd, OUTPUT_END);
	put_zstd(fd, OUTPUT_PAUSE);
	close(fd);
	close(opened("log.zst", &is_new));
	assert_true(is_new);
	assert_non_null(strstr(told, "/log.zst: its last frame is not whole; it is set aside as "));
	assert_int_equal(access(in_folder("log.zst.broken-1"), F_OK), 0);
#else
	(void)state;
	skip();
#endif
}

static void a_zstd_of_another_layout(void **state)
{
#if ENIFLOW_HAVE_ZSTD
	bool is_new;
	int fd = opened("log.zst", &is_new);

	(void)state;
	put_zstd(fd, OUTPUT_END);
	put_zstd(fd, OUTPUT_END);
	close(fd);
	wanted = "one\none\n";
	close(opened("log.zst", &is_new));
	assert_false(is_new);
	assert_string_equal(told, "");
	wanted = "one\none\no";
	close(opened("log.zst", &is_new));
	assert_true(is_new);
	assert_non_null(strstr(told, "/log.zst: its first line does not name the fields that are to be written; "));
	assert_int_equal(access(in_folder("log.zst.before-1"), F_OK), 0);
	wanted = "";
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(new_and_old_files),
		IN_FOLDER(another_layout_is_set_aside),
		IN_FOLDER(a_long_first_line),
		IN_FOLDER(half_a_line_is_cut_off),
		IN_FOLDER(what_cannot_be_opened),
		IN_FOLDER(one_run_at_a_time),
		IN_FOLDER(names_that_move),
		IN_FOLDER(files_of_somebody),
		IN_FOLDER(a_gzip_that_ends_too_early),
		IN_FOLDER(a_gzip_of_another_layout),
		IN_FOLDER(a_damaged_gzip_is_set_aside),
		IN_FOLDER(a_zstd_that_is_not_whole),
		IN_FOLDER(a_zstd_of_another_layout),
	};

	return cmocka_run_group_tests_name("output/inplace", tests, NULL, NULL);
}
