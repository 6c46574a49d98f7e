/* Figures in a file: a reader sees one text or the next, whole. */
#include "daemon/metrics_file.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/eniflow-metrics-XXXXXX";
static char path[64], temporary[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/eniflow-metrics-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/a.prom", folder);
	snprintf(temporary, sizeof(temporary), "%s/.a.prom.part", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* what a test leaves in it is a fault */
}

static struct daemon_metrics_outlet *open_file(void)
{
	struct daemon_metrics_outlet *outlet = NULL;

	assert_int_equal(daemon_metrics_file_open(&outlet, path, NULL), 0);
	return outlet;
}

static void publish(struct daemon_metrics_outlet *outlet, const char *text)
{
	struct error err = { "" };

	assert_int_equal(daemon_metrics_outlet_publish(outlet, text, strlen(text), NULL, &err), 0);
	assert_string_equal(err.text, "");
}

static void assert_holds(const char *want)
{
	char got[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), strlen(want));
	assert_string_equal(got, want);
	close(fd);
}

static void the_last_text_is_there(void **state)
{
	struct daemon_metrics_outlet *outlet = open_file();
	struct stat status;
	mode_t mask = umask(077);

	(void)state;
	assert_int_equal(access(path, F_OK), -1); /* until the first text */
	publish(outlet, "first\n");
	assert_holds("first\n");
	publish(outlet, "2\n");
	umask(mask);
	assert_holds("2\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0644);
	assert_int_equal(access(temporary, F_OK), -1);
	daemon_metrics_outlet_close(outlet);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_reader_keeps_the_text_that_it_opened(void **state)
{
	struct daemon_metrics_outlet *outlet = open_file();
	char got[16] = "";
	int fd;

	(void)state;
	publish(outlet, "old\n");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	publish(outlet, "newer\n");
	assert_int_equal(read(fd, got, sizeof(got) - 1), 4);
	assert_string_equal(got, "old\n");
	close(fd);
	daemon_metrics_outlet_close(outlet);
}

/* A killed run's leftover, or somebody's link: neither is written through. */
static void what_stands_in_the_way_is_replaced(void **state)
{
	struct daemon_metrics_outlet *outlet = open_file();
	char victim[64];
	struct stat status;
	int fd;

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	fd = open(victim, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "keep", 4), 4);
	close(fd);
	assert_int_equal(symlink(victim, temporary), 0);
	publish(outlet, "text\n");
	assert_holds("text\n");
	assert_int_equal(stat(victim, &status), 0);
	assert_int_equal(status.st_size, 4);
	unlink(victim);
	daemon_metrics_outlet_close(outlet);
}

static void one_failure_is_not_the_end(void **state)
{
	struct daemon_metrics_outlet *outlet = open_file();
	struct error err = { "" };
	char want[128];

	(void)state;
	rmdir(folder);
	snprintf(want, sizeof(want), "%s: the directory for it does not exist", path);
	assert_int_equal(daemon_metrics_outlet_publish(outlet, "x", 1, NULL, &err), -ENOENT);
	assert_string_equal(err.text, want);
	assert_int_equal(mkdir(folder, 0700), 0);
	publish(outlet, "again\n");
	assert_holds("again\n");
	daemon_metrics_outlet_close(outlet);
}

static void a_directory_of_that_name(void **state)
{
	struct daemon_metrics_outlet *outlet = open_file();
	struct error err = { "" };

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(daemon_metrics_outlet_publish(outlet, "x", 1, NULL, &err), -EISDIR);
	assert_non_null(strstr(err.text, "the finished file cannot be given this name"));
	daemon_metrics_outlet_close(outlet);
	assert_int_equal(rmdir(path), 0); /* and nothing is left beside it */
}

static void names(void **state)
{
	char large[PATH_MAX + 8];
	struct error err = { "" };

	(void)state;
	assert_int_equal(daemon_metrics_file_check("a.prom", NULL), 0);
	assert_int_equal(daemon_metrics_file_check("dir.prom/.prom", &err), -EINVAL);
	assert_string_equal(err.text, "dir.prom/.prom: the name of a file for metrics ends in .prom");
	assert_int_equal(daemon_metrics_file_check("/a/b.txt", NULL), -EINVAL);
	memset(large, 'x', sizeof(large));
	memcpy(large + PATH_MAX - 12, ".prom", 6); /* with ".", ".part" and its end it just fits */
	assert_int_equal(daemon_metrics_file_check(large, NULL), 0);
	memcpy(large + PATH_MAX - 12, "x.prom", 7);
	assert_int_equal(daemon_metrics_file_check(large, NULL), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_last_text_is_there, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_reader_keeps_the_text_that_it_opened, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_stands_in_the_way_is_replaced, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(one_failure_is_not_the_end, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_directory_of_that_name, make_folder, remove_folder),
		TEST(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
