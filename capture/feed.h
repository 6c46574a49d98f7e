/* capture/feed.h - the bytes of one descriptor, decompressed as they come: what capture/input.h puts into its buffers.
 *
 * Private to capture/input.c and capture/ahead.c. For one thread at a time, but for capture_feed_await(). */
#ifndef ENIFLOW_CAPTURE_FEED_H
#define ENIFLOW_CAPTURE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/decompress.h"
#include "flow/error.h"

struct capture_feed {
	const char *name;        /* what sentences begin with; not owned */
	int fd;                  /* owned; -1: none */
	bool stream;             /* a FIFO, terminal, socket or pipe */
	bool ended;              /* the descriptor has; a fault ends the feed as well */
	uint64_t consumed, size; /* of the file on the disk; size 0: not known */
	const char *compression; /* its name, or NULL */
	struct capture_decompress *decompress;
	uint8_t *raw;    /* compressed bytes, owned; holds raw_at..raw_end */
	size_t raw_room; /* of `raw` */
	const uint8_t *raw_at, *raw_end;
	int fault_code; /* errno value; 0: none */
	char fault[256];
};

/* Opens `path` ("-": standard input), which `name` stands for; both outlive the feed. 0, or a negative errno. The feed
 * is to be closed in any case. */
int capture_feed_open(struct capture_feed *feed, const char *path, const char *name, struct error *err);
void capture_feed_close(struct capture_feed *feed);

/* From here on the bytes are compressed: so are those that were taken already, which are the `length` first ones of
 * the block `raw` (from malloc). The block becomes the feed's. `name` is static. 0, -ENOMEM or -ENOTSUP. */
int capture_feed_decompress(struct capture_feed *feed, enum capture_compression compression, const char *name,
			    uint8_t *raw, size_t length, struct error *err);

/* Puts up to `room` bytes to `out`, as many as are there at once. How many; 0: the end, or a fault. -EAGAIN: nothing
 * is there and `wait` is false. -EINTR: `wake_fd` (-1: none) is readable, and a stream would have to be read or waited
 * for, or a compressed file read, of which gigabytes may yield nothing. -ENOMEM. */
ssize_t capture_feed_take(struct capture_feed *feed, uint8_t *out, size_t room, bool wait, int wake_fd,
			  struct error *err);

/* Waits until `fd`, on which the feed depends, is readable: 1. -EAGAIN: it is not, and `wait` is false. -EINTR:
 * `wake_fd` is readable. For any thread while the feed is open. */
int capture_feed_await(const struct capture_feed *feed, int fd, bool wait, int wake_fd, struct error *err);

#endif
