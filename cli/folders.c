#include "cli/folders.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool folders_is_one(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void folders_free(struct folder_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct folder_files){ 0 };
}

/* Takes `path` over. */
static int add(struct folder_files *files, char *path, struct error *err)
{
	if (files->count == files->room) {
		size_t room = files->room ? 2 * files->room : 64;
		char **paths = realloc(files->paths, room * sizeof(char *));

		if (!paths) {
			free(path);
			return fail_memory(err, "folders");
		}
		files->paths = paths;
		files->room = room;
	}
	files->paths[files->count++] = path;
	return 0;
}

static int walk(struct folder_files *files, const char *path, struct error *err);

/* Takes `path` over, if it is not NULL. What is gone by now, or no file, is passed over, and so are links to folders:
 * they may lead round in a circle. */
static int take(struct folder_files *files, char *path, struct error *err)
{
	struct stat status;
	int ret = 0;

	if (!path)
		return fail_memory(err, "folders");
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
		return add(files, path, err);
	if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode))
		ret = walk(files, path, err);
	free(path);
	return ret;
}

static int walk(struct folder_files *files, const char *path, struct error *err)
{
	bool ends_in_slash = *path && path[strlen(path) - 1] == '/';
	DIR *folder = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!folder)
		return fail_errno(err, "%s: this folder cannot be read", path);
	while (ret >= 0 && (entry = readdir(folder))) {
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&name, "%s%s%s", path, ends_in_slash ? "" : "/", entry->d_name) < 0)
			name = NULL;
		ret = take(files, name, err);
	}
	closedir(folder);
	return ret;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int folders_list(struct folder_files *out, const char *path, struct error *err)
{
	int ret;

	*out = (struct folder_files){ 0 };
	ret = walk(out, path, err);
	if (ret < 0)
		folders_free(out);
	else if (out->count > 0)
		qsort(out->paths, out->count, sizeof(char *), compare_paths);
	return ret;
}
