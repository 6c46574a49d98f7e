#include "daemon/metrics_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct metrics_file {
	struct daemon_metrics_outlet base;
	char path[PATH_MAX];
	char temporary[PATH_MAX]; /* no name that the collector reads; the same in every run, so that none pile up */
	bool written;
};

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

int daemon_metrics_file_check(const char *path, struct error *err)
{
	static const char suffix[] = ".prom";
	size_t length = strlen(path);

	if (length - folder_length(path) < sizeof(suffix) || strcmp(path + length - (sizeof(suffix) - 1), suffix) != 0)
		return fail(err, EINVAL, "%s: the name of a file for metrics ends in %s", path, suffix);
	if (length + sizeof("..part") > PATH_MAX)
		return fail(err, ENAMETOOLONG, "%s: too long a path", path);
	return 0;
}

/* Removed first and then created: a link that somebody put there is not followed. */
static int create(const struct metrics_file *file, struct error *err)
{
	int fd;

	unlink(file->temporary);
	fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == ENOENT)
		return fail(err, ENOENT, "%s: the directory for it does not exist", file->path);
	if (fd < 0)
		return fail_errno(err, "%s: no file can be created in its directory", file->path);
	return fd;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

/* Whatever the mask of the process is, others may read it. */
static int fill(const struct metrics_file *file, int fd, const char *text, size_t length, struct error *err)
{
	int ret = 0;

	if (fchmod(fd, 0644) < 0)
		ret = fail_errno(err, "%s: cannot be made readable to others", file->path);
	else if (write_all(fd, text, length) < 0)
		ret = fail_errno(err, "%s: cannot be written", file->path);
	if (close(fd) < 0 && errno != EINTR && ret == 0)
		ret = fail_errno(err, "%s: cannot be written", file->path);
	return ret;
}

static int publish(struct daemon_metrics_outlet *outlet, const char *text, size_t length, const char *ill,
		   struct error *err)
{
	struct metrics_file *file = (struct metrics_file *)outlet;
	int fd = create(file, err), ret;

	(void)ill;
	if (fd < 0)
		return fd;
	ret = fill(file, fd, text, length, err);
	if (ret == 0 && rename(file->temporary, file->path) < 0)
		ret = fail_errno(err, "%s: the finished file cannot be given this name", file->path);
	if (ret < 0)
		unlink(file->temporary);
	else
		file->written = true;
	return ret;
}

static void close_file(struct daemon_metrics_outlet *outlet)
{
	struct metrics_file *file = (struct metrics_file *)outlet;

	if (file->written)
		unlink(file->path);
	free(file);
}

int daemon_metrics_file_open(struct daemon_metrics_outlet **out, const char *path, struct error *err)
{
	static const struct daemon_metrics_outlet_ops ops = { .publish = publish, .close = close_file };
	int ret = daemon_metrics_file_check(path, err), folder = (int)folder_length(path);
	struct metrics_file *file;

	if (ret < 0)
		return ret;
	file = calloc(1, sizeof(*file));
	if (!file)
		return fail_memory(err, path);
	file->base.ops = &ops;
	memcpy(file->path, path, strlen(path) + 1);
	snprintf(file->temporary, sizeof(file->temporary), "%.*s.%s.part", folder, path, path + folder);
	*out = &file->base;
	return 0;
}
