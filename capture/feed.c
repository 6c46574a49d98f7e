#include "capture/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RAW_BLOCK = 64 * 1024 }; /* of compressed bytes, once the first ones are used up */

int capture_feed_open(struct capture_feed *feed, const char *path, const char *name, struct error *err)
{
	struct stat status;

	*feed = (struct capture_feed){ .name = name };
	if (strcmp(path, "-") == 0)
		feed->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else /* not to wait for a FIFO's writer: capture_feed_await() does, and can be woken */
		feed->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (feed->fd < 0 && errno == EMFILE)
		return fail(err, EMFILE,
			    "%s cannot be opened, too many files are: raise the limit (ulimit -n), or merge some first",
			    name);
	if (feed->fd < 0 || fstat(feed->fd, &status) < 0)
		return fail_errno(err, "%s cannot be opened", name);
	if (S_ISDIR(status.st_mode))
		return fail(err, EISDIR, "%s is a directory: name the captures in it, as %s/*", name, name);

	feed->stream = !S_ISREG(status.st_mode);
	if (!feed->stream) {
		feed->size = (uint64_t)status.st_size;
		posix_fadvise(feed->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return 0;
}

void capture_feed_close(struct capture_feed *feed)
{
	if (feed->fd >= 0)
		close(feed->fd);
	feed->fd = -1;
	capture_decompress_free(feed->decompress);
	feed->decompress = NULL;
	free(feed->raw);
	feed->raw = NULL;
}

int capture_feed_decompress(struct capture_feed *feed, enum capture_compression compression, const char *name,
			    uint8_t *raw, size_t length, struct error *err)
{
	feed->raw = raw;
	feed->raw_room = length;
	feed->raw_at = raw;
	feed->raw_end = raw + length;
	feed->compression = name;
	return capture_decompress_new(&feed->decompress, compression, err);
}

static ssize_t set_fault(struct capture_feed *feed, int code, const char *what, uint64_t at, const char *why)
{
	feed->fault_code = code;
	snprintf(feed->fault, sizeof(feed->fault), "%s at byte %llu%s%s", what, (unsigned long long)at, why ? ": " : "",
		 why ? why : "");
	return 0;
}

int capture_feed_await(const struct capture_feed *feed, int fd, bool wait, int wake_fd, struct error *err)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN }, { .fd = wake_fd, .events = POLLIN }, /* poll passes over -1 */
	};

	while (poll(fds, 2, wait ? -1 : 0) < 0)
		if (errno != EINTR)
			return 1; /* what is wrong, the read will say */
	if (fds[1].revents)
		return fail(err, EINTR, "%s: interrupted while waiting for it", feed->name);
	return fds[0].revents ? 1 : -EAGAIN;
}

/* Reads what there is, up to `room` bytes. Answers as capture_feed_take(). */
static ssize_t read_some(struct capture_feed *feed, uint8_t *out, size_t room, bool wait, int wake_fd,
			 struct error *err)
{
	for (;;) {
		bool asks = feed->stream || feed->decompress; /* a plain file never waits */
		int ret = asks ? capture_feed_await(feed, feed->fd, wait, wake_fd, err) : 1;
		ssize_t n;

		if (ret < 0)
			return ret;
		n = read(feed->fd, out, room);
		if (n > 0) {
			feed->consumed += (uint64_t)n;
			return n;
		}
		if (n == 0) {
			feed->ended = true;
			return 0;
		}
		if (errno != EINTR && !(errno == EAGAIN && feed->stream))
			return set_fault(feed, errno, "it cannot be read", feed->consumed, strerror(errno));
	}
}

/* The next compressed bytes, those before being used up. Answers as capture_feed_take(). */
static ssize_t read_raw(struct capture_feed *feed, bool wait, int wake_fd, struct error *err)
{
	ssize_t n;

	if (feed->ended)
		return 0;
	if (feed->raw_room < RAW_BLOCK) {
		uint8_t *larger = realloc(feed->raw, RAW_BLOCK);

		if (!larger)
			return fail_memory(err, feed->name);
		feed->raw = larger;
		feed->raw_room = RAW_BLOCK;
		feed->raw_at = feed->raw_end = larger;
	}
	n = read_some(feed, feed->raw, feed->raw_room, wait, wake_fd, err);
	if (n > 0) {
		feed->raw_at = feed->raw;
		feed->raw_end = feed->raw + n;
	}
	return n;
}

static ssize_t set_compression_fault(struct capture_feed *feed, const char *what, const char *why)
{
	uint64_t left = (uint64_t)(feed->raw_end - feed->raw_at);
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "the %s data %s", feed->compression, what);
	return set_fault(feed, EINVAL, sentence, feed->consumed - left, why);
}

/* As read_some(), of decompressed bytes. */
static ssize_t decompress_some(struct capture_feed *feed, uint8_t *out, size_t room, bool wait, int wake_fd,
			       struct error *err)
{
	for (;;) {
		struct capture_piece piece = { feed->raw_at, feed->raw_end, out, out + room };
		const char *why;
		int ret = capture_decompress_run(feed->decompress, &piece, &why);
		ssize_t n;

		feed->raw_at = piece.in;
		if (ret == -ENOMEM)
			return fail_memory(err, feed->name);
		if (ret < 0)
			set_compression_fault(feed, "cannot be decoded", why);
		if (piece.out > out || ret < 0)
			return piece.out - out;

		n = read_raw(feed, wait, wake_fd, err);
		if (n < 0 || feed->fault_code)
			return n;
		if (n == 0)
			return capture_decompress_is_whole(feed->decompress)
				       ? 0
				       : set_compression_fault(feed, "is cut off", NULL);
	}
}

ssize_t capture_feed_take(struct capture_feed *feed, uint8_t *out, size_t room, bool wait, int wake_fd,
			  struct error *err)
{
	if (feed->fault_code)
		return 0;
	if (feed->decompress)
		return decompress_some(feed, out, room, wait, wake_fd, err);
	return feed->ended ? 0 : read_some(feed, out, room, wait, wake_fd, err);
}
