#include "logs/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens the file; -1: it is none on a disk. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_unnamed(const char *name, struct error *err)
{
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1, ret = fd;

	if (fd < 0)
		ret = fail_errno(err,
				 "%s: for a Parquet log that does not lie on a disk as it is, a temporary file "
				 "cannot be made",
				 name);
	if (file)
		fclose(file);
	return ret;
}

static int write_all(int fd, const uint8_t *bytes, size_t length, const char *name, struct error *err)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno != EINTR)
			return fail_errno(err, "%s: its copy in a temporary file cannot be written", name);
		bytes += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int copy(struct capture_input *input, int fd, struct error *err)
{
	int ret;

	while ((ret = capture_input_need(input, 1, true, err)) > 0) {
		size_t length = (size_t)(input->end - input->at);

		ret = write_all(fd, input->at, length, capture_input_name(input), err);
		if (ret < 0)
			return ret;
		capture_input_take(input, length);
	}
	return ret;
}

int log_spool(struct capture_input *input, const char *path, struct error *err)
{
	int fd = -1, ret;

	if (strcmp(path, "-") != 0 && !capture_input_is_stream(input) && !capture_input_compression(input))
		fd = open_file(path);
	if (fd >= 0)
		return fd;
	fd = open_unnamed(capture_input_name(input), err);
	if (fd < 0)
		return fd;
	ret = copy(input, fd, err);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

int log_spool_read(int fd, uint8_t *out, size_t length, uint64_t at)
{
	while (length > 0) {
		ssize_t n = pread(fd, out, length, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		out += n;
		length -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}
