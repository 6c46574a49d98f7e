/* capture/ahead.h - a feed that is taken on a thread of its own, a bounded number of blocks ahead of who reads them.
 *
 * Decompression takes about as long as everything that is done with what it yields: on two processors both go on at
 * once. Private to capture/input.c; the functions are for the one thread that reads. */
#ifndef ENIFLOW_CAPTURE_AHEAD_H
#define ENIFLOW_CAPTURE_AHEAD_H

#include "capture/feed.h"

enum {
	CAPTURE_AHEAD_BLOCK = 512 * 1024, /* bytes in a block, at most */
	CAPTURE_AHEAD_REST = 64 * 1024,   /* room in front of it, for what was left of the block before */
};

struct capture_ahead;

/* Starts the thread. Until it is stopped, `feed` is the thread's alone, but for what feed.h says of any thread. NULL:
 * there are `most` in the process already, or the system has no more of what it takes; the feed is as it was. */
struct capture_ahead *capture_ahead_start(struct capture_feed *feed, unsigned most);

/* Ends the thread, whatever it is at, and waits for that. Takes NULL. */
void capture_ahead_stop(struct capture_ahead *ahead);

/* The next block. On entry at..end bound what is left of the one before, or other bytes of the reader's: at most
 * CAPTURE_AHEAD_REST. They are copied in front of the block, which is then bounded by at..end together with them, until
 * the next call.
 * 1: so it is. 0: the feed has ended, by a fault or not. -EAGAIN: `wait` is false, and the feed has nothing that was
 * not handed out. -EINTR: `wake_fd` (-1: none) is readable, and there was nothing to hand out yet. -ENOMEM. */
int capture_ahead_next(struct capture_ahead *ahead, const uint8_t **at, const uint8_t **end, bool wait, int wake_fd,
		       struct error *err);

/* What the feed had consumed when it had yielded the last block that was handed out. */
uint64_t capture_ahead_consumed(const struct capture_ahead *ahead);

/* Did capture_ahead_next() say 0? Then the feed's fault can be read. */
bool capture_ahead_has_ended(const struct capture_ahead *ahead);

#endif
