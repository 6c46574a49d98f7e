/* What stands below the folder of a test. */
#ifndef ENIFLOW_TESTS_UNIT_OUTPUT_TREE_H
#define ENIFLOW_TESTS_UNIT_OUTPUT_TREE_H

#include <ftw.h>
#include <sys/stat.h>
#include <zlib.h>

#include "folder.h"

#define IN_TREE(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_tree)

enum { TREE_FILES = 64 };

static char tree_files[TREE_FILES][4352]; /* paths, in the order of their names */
static size_t tree_count;

static inline int tree_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int remove_tree(void **state)
{
	(void)state;
	return nftw(folder, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int tree_note(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)walk;
	if (kind == FTW_F && tree_count < TREE_FILES)
		snprintf(tree_files[tree_count++], sizeof(tree_files[0]), "%s", path);
	return 0;
}

static inline int tree_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Looks for all files below `name`, hidden ones too. */
static inline size_t tree_look(const char *name)
{
	tree_count = 0;
	nftw(in_folder(name), tree_note, 16, FTW_PHYS);
	qsort(tree_files, tree_count, sizeof(tree_files[0]), tree_compare);
	return tree_count;
}

/* The text of a gzip file, which must be whole. */
static inline const char *tree_text(const char *path)
{
	static char text[1 << 20];
	gzFile file = gzopen(path, "rb");
	int length;

	assert_non_null(file);
	length = gzread(file, text, sizeof(text) - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	assert_int_equal(gzclose(file), Z_OK);
	return text;
}

#endif
