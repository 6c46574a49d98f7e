/* A folder of its own for each test, which is removed with all that stands in it. */
#ifndef ENIFLOW_TESTS_UNIT_OUTPUT_FOLDER_H
#define ENIFLOW_TESTS_UNIT_OUTPUT_FOLDER_H

#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IN_FOLDER(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

static char folder[4096];

static inline char *in_folder(const char *name)
{
	static char paths[4][8192];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static inline int make_folder(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/eniflow-XXXXXX", base && *base ? base : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

/* How many entries there are, and removes them. */
static inline int empty_folder(const char *path)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	int count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			unlinkat(dirfd(entries), entry->d_name, entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
			count++;
		}
	}
	closedir(entries);
	return count;
}

static inline int remove_folder(void **state)
{
	(void)state;
	empty_folder(folder);
	return rmdir(folder);
}

static inline size_t content(const char *path, char *bytes, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t length;

	assert_non_null(file);
	length = fread(bytes, 1, size - 1, file);
	bytes[length] = '\0';
	fclose(file);
	return length;
}

static inline void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

#endif
