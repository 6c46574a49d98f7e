#include "output/inplace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/compressor.h"
#include "output/owner.h"
#include "output/survivor.h"
#include "output/zstd.h"

enum { ASIDE_MOST = 10000, ATTEMPTS = 10 };

/* The file that was opened may have lost its name before it was locked. Returns -EAGAIN then. */
static int lock(int fd, const char *path, struct error *err)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return fail(err, EBUSY, "%s: another process writes it", path);
	return output_inplace_is_named(fd, path) ? 0 : -EAGAIN; /* a file system without locks has to do without */
}

bool output_inplace_is_named(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_dev == named.st_dev &&
	       ours.st_ino == named.st_ino;
}

static void hand_over(int fd, const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash + 1 - path) : 1, folder_fd;

	if (snprintf(folder, sizeof(folder), "%.*s", length, slash ? path : ".") >= (int)sizeof(folder))
		return;
	folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0)
		return;
	output_owner_inherit(fd, folder_fd);
	close(folder_fd);
}

static int open_locked(const char *path, struct error *err)
{
	int ret = -EAGAIN;

	for (int attempt = 0; ret == -EAGAIN && attempt < ATTEMPTS; attempt++) {
		int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);

		if (fd >= 0)
			hand_over(fd, path);
		else if (errno == EEXIST)
			fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
		if (fd < 0 && errno == ENOENT)
			return fail(err, ENOENT, "%s: the directory for it does not exist", path);
		if (fd < 0)
			return fail_errno(err, "%s: cannot be opened for writing", path);
		ret = lock(fd, path, err);
		if (ret == 0)
			return fd;
		close(fd);
	}
	return ret == -EAGAIN ? fail(err, EAGAIN, "%s: it is moved away again and again", path) : ret;
}

/* Replaces nothing, also where the file system cannot promise that by itself. */
static int move(const char *path, const char *to)
{
	if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	if (access(to, F_OK) < 0)
		return rename(path, to);
	errno = EEXIST;
	return -1;
}

/* As NAME.WORD-N, which no other file has. */
static int set_aside(const char *path, const char *word, const char *why, const struct notices *notices,
		     struct error *err)
{
	char aside[PATH_MAX];

	for (int n = 1; n <= ASIDE_MOST; n++) {
		if (snprintf(aside, sizeof(aside), "%s.%s-%d", path, word, n) >= (int)sizeof(aside))
			return fail(err, ENAMETOOLONG, "%s: %s, and there is no name to set it aside", path, why);
		if (move(path, aside) == 0) {
			notify(notices, "%s: %s; it is set aside as %s, and a new file begun", path, why, aside);
			return 1;
		}
		if (errno != EEXIST)
			break;
	}
	return fail_errno(err, "%s: %s, and it cannot be set aside", path, why);
}

int output_inplace_set_aside(const char *path, const char *why, const struct notices *notices, struct error *err)
{
	int ret = set_aside(path, "before", why, notices, err);

	return ret < 0 ? ret : 0;
}

static int mend_plain(int fd, const char *path, const struct notices *notices, struct error *err)
{
	struct output_survivor survivor;
	int ret = output_survivor_look_plain(&survivor, fd, path, err);

	if (ret < 0 || survivor.state == OUTPUT_SURVIVOR_WHOLE)
		return ret;
	if (survivor.state == OUTPUT_SURVIVOR_DAMAGED)
		return fail(err, EINVAL, "%s: is no log: there is no end of line near its end; name another file",
			    path);
	if (ftruncate(fd, (off_t)survivor.whole) < 0)
		return fail_errno(err, "%s: half a line at its end cannot be cut off", path);
	notify(notices, "%s: a run that was killed left half a line at its end; these %" PRId64 " bytes were cut off",
	       path, survivor.lost);
	return 0;
}

/* Puts a whole copy in the place of the file. */
static int replace(const struct output_survivor *survivor, int fd, const char *path, struct error *err)
{
	char copy[PATH_MAX];
	struct stat status;
	int to, ret;

	if (snprintf(copy, sizeof(copy), "%s.eniflow-mended", path) >= (int)sizeof(copy))
		return fail(err, ENAMETOOLONG, "%s: too long a path", path);
	unlink(copy); /* of a run that was killed over it; the lock on the file keeps others away */
	to = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0)
		return fail_errno(err, "%s: no whole copy can be made", path);
	ret = output_survivor_copy_gzip(survivor, fd, to, path, err);
	if (ret == 0 && (fstat(fd, &status) < 0 || (fchown(to, status.st_uid, status.st_gid) < 0 && errno != EPERM) ||
			 fchmod(to, status.st_mode & 0777) < 0 || rename(copy, path) < 0))
		ret = fail_errno(err, "%s: its whole copy cannot take its place", path);
	if (ret < 0)
		unlink(copy);
	close(to);
	return ret;
}

static int mend_gzip(int fd, const char *path, const struct notices *notices, struct error *err)
{
	struct output_survivor survivor;
	struct error why;
	int ret = output_survivor_look_gzip(&survivor, fd, path, err);

	if (ret < 0 || survivor.state == OUTPUT_SURVIVOR_WHOLE)
		return ret;
	if (survivor.state == OUTPUT_SURVIVOR_DAMAGED)
		return set_aside(path, "broken", "it is damaged", notices, err);
	if (replace(&survivor, fd, path, &why) < 0)
		return set_aside(path, "broken",
				 "a run that was killed left it unfinished, and there is no room to mend it", notices,
				 err);
	notify(notices, "%s: a run that was killed left it unfinished; all %" PRIu64 " lines that can be read are kept",
	       path, survivor.lines);
	return 1;
}

static int mend_zstd(int fd, const char *path, const struct notices *notices, struct error *err)
{
	int ret = output_zstd_is_whole(fd, path, err);

	if (ret != 0)
		return ret < 0 ? ret : 0;
	return set_aside(path, "broken", "its last frame is not whole", notices, err);
}

/* Returns 0; 1 where another file stands under the name now; or -errno. */
static int mend(int fd, const char *path, const struct notices *notices, struct error *err)
{
	switch (output_compression_of(path)) {
	case OUTPUT_GZIP:
		return mend_gzip(fd, path, notices, err);
	case OUTPUT_ZSTD:
		return mend_zstd(fd, path, notices, err);
	case OUTPUT_PLAIN:
	default:
		return mend_plain(fd, path, notices, err);
	}
}

static int begins_plain(int fd, const char *text, size_t length, const char *path, struct error *err)
{
	char block[4096];

	for (off_t at = 0; length > 0;) {
		size_t wanted = length < sizeof(block) ? length : sizeof(block);
		ssize_t got = pread(fd, block, wanted, at);

		if (got < 0)
			return fail_errno(err, "%s: cannot be read", path);
		if ((size_t)got < wanted || memcmp(block, text, wanted) != 0)
			return 0;
		at += got;
		text += wanted;
		length -= wanted;
	}
	return 1;
}

/* Does a whole file begin with that line? Returns 1 or 0, or -errno. */
static int begins(int fd, const char *header, size_t length, const char *path, struct error *err)
{
	switch (output_compression_of(path)) {
	case OUTPUT_GZIP:
		return output_survivor_begins_gzip(fd, header, length, path, err);
	case OUTPUT_ZSTD:
		return output_zstd_begins(fd, header, length, path, err);
	case OUTPUT_PLAIN:
	default:
		return begins_plain(fd, header, length, path, err);
	}
}

/* Makes sure that the file can be appended to. Returns 0, its size in `size`; 1 where another file stands under the name
 * now; or -errno. */
static int prepare(int fd, const char *path, const char *header, size_t header_length, off_t *size,
		   const struct notices *notices, struct error *err)
{
	struct stat status;
	int ret = mend(fd, path, notices, err);

	if (ret != 0)
		return ret;
	if (fstat(fd, &status) < 0)
		return fail_errno(err, "%s: its size", path);
	*size = status.st_size;
	if (status.st_size == 0 || header_length == 0)
		return 0;
	ret = begins(fd, header, header_length, path, err);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	return set_aside(path, "before", "its first line does not name the fields that are to be written", notices,
			 err);
}

int output_inplace_open(const char *path, const char *header, size_t header_length, bool *is_new,
			const struct notices *notices, struct error *err)
{
	off_t size = 0;
	int fd, ret;

	do {
		fd = open_locked(path, err);
		if (fd < 0)
			return fd;
		ret = prepare(fd, path, header, header_length, &size, notices, err);
		if (ret != 0)
			close(fd);
	} while (ret > 0);
	if (ret < 0)
		return ret;
	*is_new = size == 0;
	return fd;
}
