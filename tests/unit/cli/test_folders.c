/* The files in folders. */
#include "cli/folders.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/eniflow-folders-XXXXXX";

static void put(const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	make("logs");
	make("logs/2026");
	make("logs/.trash");
	make("empty");
	put("logs/b");
	put("logs/2026/z");
	put("logs/2026/a");
	put("logs/.hidden");
	put("logs/.trash/c");
	return symlink("..", "logs/2026/up");
}

static void assert_listed(const char *path, const char *expected)
{
	struct folder_files files;
	char listed[4096] = "";
	struct error err;

	assert_int_equal(folders_list(&files, path, &err), 0);
	for (size_t i = 0; i < files.count && strlen(listed) < 2048; i++)
		strcat(strcat(listed, files.paths[i]), " ");
	assert_string_equal(listed, expected);
	folders_free(&files);
	assert_int_equal(files.count, 0);
}

static void test_files_in_order(void **state)
{
	(void)state;
	assert_listed("logs", "logs/2026/a logs/2026/z logs/b ");
	assert_listed("logs/", "logs/2026/a logs/2026/z logs/b ");
	assert_listed("empty", "");
}

static void test_what_is_none(void **state)
{
	struct folder_files files;
	struct error err;

	(void)state;
	assert_true(folders_is_one("logs") && folders_is_one("logs/"));
	assert_false(folders_is_one("logs/b") || folders_is_one("nowhere") || folders_is_one("-"));
	assert_int_equal(folders_list(&files, "nowhere", &err), -ENOENT);
	assert_non_null(strstr(err.text, "nowhere"));
	assert_null(files.paths);
}

static int tear_down(void **state)
{
	static const char *const files[] = { "logs/b",       "logs/2026/z",  "logs/2026/a",
					     "logs/2026/up", "logs/.hidden", "logs/.trash/c" };
	static const char *const folders[] = { "logs/.trash", "logs/2026", "logs", "empty" };
	int ret = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		ret |= unlink(files[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		ret |= rmdir(folders[i]);
	return ret | chdir("/") | rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files_in_order),
		TEST(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
