#include "output/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MOST = 40, ATTEMPTS = 100 };

struct output_file {
	char *name; /* as it was given, for sentences */
	int fd;
	bool borrowed; /* standard output, which is not ours to close */
	bool regular;
	char path[PATH_MAX];      /* where it is to stand */
	char temporary[PATH_MAX]; /* where it is made; a regular file's only */
};

/* The descriptor that a path like /dev/fd/3 means, or -1. Opening such a path anew could begin at the start of a file
 * that others are appending to. */
static int descriptor_of(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *number = path + strlen(folders[i]);
		size_t digits;

		if (strncmp(path, folders[i], strlen(folders[i])) != 0)
			continue;
		digits = strspn(number, "0123456789");
		if (digits > 0 && digits < 7 && number[digits] == '\0')
			return (int)strtol(number, NULL, 10);
	}
	return -1;
}

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* A link below /proc can mean what has no path, such as the pipe of another process: only the link itself leads
 * there. */
static bool leads_to_no_path(const char *link, const char *target)
{
	struct stat status;

	return lstat(target, &status) < 0 && stat(link, &status) == 0;
}

/* Follows symbolic links to the place that is meant, which need not exist yet. */
static int resolve(struct output_file *file, struct error *err)
{
	for (int links = 0; links < LINKS_MOST && descriptor_of(file->path) < 0; links++) {
		char target[PATH_MAX];
		ssize_t length = readlink(file->path, target, sizeof(target) - 1);
		size_t folder = folder_length(file->path);

		if (length < 0)
			return 0; /* no link; or whatever stands in the way is found when it is opened */
		target[length] = '\0';
		if (target[0] == '/')
			folder = 0;
		if (folder + (size_t)length >= sizeof(file->path))
			return fail(err, ENAMETOOLONG, "%s: what the link points to is too long a path", file->name);
		memmove(target + folder, target, (size_t)length + 1);
		memcpy(target, file->path, folder);
		if (leads_to_no_path(file->path, target))
			return 0;
		memcpy(file->path, target, folder + (size_t)length + 1);
	}
	if (descriptor_of(file->path) >= 0)
		return 0;
	return fail(err, ELOOP, "%s: symbolic links lead round in a circle", file->name);
}

static int name_temporary(struct output_file *file, int attempt)
{
	size_t folder = folder_length(file->path);
	int length = snprintf(file->temporary, sizeof(file->temporary), "%.*s.%.200s.eniflow-%ld-%d", (int)folder,
			      file->path, file->path + folder, (long)getpid(), attempt);

	if (length >= 0 && (size_t)length < sizeof(file->temporary))
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* Gives the file what the one has whose place it takes: its owner and group as far as we may, and its rights, but those
 * of the group to no other group. */
static int inherit(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;

	if (fchown(fd, old->st_uid, old->st_gid) < 0 && fchown(fd, (uid_t)-1, old->st_gid) < 0)
		mode &= (mode_t)~S_IRWXG;
	return fchmod(fd, mode);
}

/* Makes a file in the folder where it is to stand. A killed run of the same process id may have left one behind. Nobody
 * else may open it before it has the rights of the old one. */
static int create(struct output_file *file, const struct stat *old, struct error *err)
{
	mode_t mode = old ? 0600 : 0666;

	if (old && faccessat(AT_FDCWD, file->path, W_OK, AT_EACCESS) < 0)
		return fail_errno(err, "%s: cannot be written", file->name);
	errno = EEXIST;
	for (int attempt = 0; file->fd < 0 && errno == EEXIST && attempt < ATTEMPTS; attempt++) {
		if (name_temporary(file, attempt) == 0)
			file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	}
	if (file->fd < 0 && errno == ENOENT)
		return fail(err, ENOENT, "%s: the directory for it does not exist", file->name);
	if (file->fd < 0)
		return fail_errno(err, "%s: no file can be created in its directory", file->name);
	file->regular = true;
	if (old && inherit(file->fd, old) < 0)
		return fail_errno(err, "%s: its permissions cannot be given to the new file", file->name);
	return 0;
}

static int open_place(struct output_file *file, struct error *err)
{
	int descriptor = descriptor_of(file->path);
	struct stat status;

	if (descriptor >= 0) {
		file->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	} else if (stat(file->path, &status) < 0) {
		if (errno == ENOENT)
			return create(file, NULL, err);
	} else if (S_ISDIR(status.st_mode)) {
		return fail(err, EISDIR, "%s: is a directory; name a file in it", file->name);
	} else if (S_ISREG(status.st_mode)) {
		return create(file, &status, err);
	} else {
		file->fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	}
	return file->fd < 0 ? fail_errno(err, "%s: cannot be opened for writing", file->name) : 0;
}

int output_file_open(struct output_file **out, const char *where, struct error *err)
{
	struct output_file *file = calloc(1, sizeof(*file));
	int ret = 0;

	if (!file)
		return fail_memory(err, where);
	file->fd = -1;
	file->borrowed = strcmp(where, "-") == 0;
	file->name = strdup(file->borrowed ? "standard output" : where);
	if (!file->name) {
		ret = fail_memory(err, where);
	} else if (file->borrowed) {
		file->fd = STDOUT_FILENO;
	} else if (strlen(where) >= sizeof(file->path)) {
		ret = fail(err, ENAMETOOLONG, "%s: too long a path", where);
	} else {
		memcpy(file->path, where, strlen(where) + 1);
		ret = resolve(file, err);
		if (ret == 0)
			ret = open_place(file, err);
	}
	if (ret < 0)
		output_file_abandon(file);
	else
		*out = file;
	return ret;
}

bool output_file_means_descriptor(const char *path)
{
	struct output_file *file = calloc(1, sizeof(*file));
	bool means = false;

	if (file && strlen(path) < sizeof(file->path)) {
		memcpy(file->path, path, strlen(path) + 1);
		means = resolve(file, NULL) == 0 && descriptor_of(file->path) >= 0;
	}
	free(file);
	return means;
}

int output_file_descriptor(const struct output_file *file)
{
	return file->fd;
}

bool output_file_is_regular(const struct output_file *file)
{
	return file->regular;
}

/* A descriptor that does not block, as others who share it may have made it: waits until it takes more. */
static void wait_for_room(int fd)
{
	poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
}

int output_file_write(struct output_file *file, const void *bytes, size_t size, struct error *err)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(file->fd, at, size);

		if (written >= 0) {
			at += written;
			size -= (size_t)written;
		} else if (errno == EAGAIN) {
			wait_for_room(file->fd);
		} else if (errno == EPIPE) {
			return fail(err, EPIPE, "%s: whoever read it went away", file->name);
		} else if (errno != EINTR) {
			return fail_errno(err, "%s: cannot be written", file->name);
		}
	}
	return 0;
}

static int settle(struct output_file *file, struct error *err)
{
	int fd = file->fd;

	if (file->borrowed)
		return 0;
	if (file->regular && fsync(fd) < 0)
		return fail_errno(err, "%s: cannot be written to disk", file->name);
	file->fd = -1;
	if (close(fd) < 0 && errno != EINTR)
		return fail_errno(err, "%s: cannot be closed", file->name);
	if (file->regular && rename(file->temporary, file->path) < 0)
		return fail_errno(err, "%s: the finished file cannot be given this name", file->name);
	file->regular = false; /* nothing is left to remove */
	return 0;
}

int output_file_finish(struct output_file *file, struct error *err)
{
	int ret = settle(file, err);

	output_file_abandon(file);
	return ret;
}

void output_file_abandon(struct output_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0 && !file->borrowed)
		close(file->fd);
	if (file->regular)
		unlink(file->temporary);
	free(file->name);
	free(file);
}
