#include "capture/ahead.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "capture/thread.h"

/* Three to decode into while one is read. */
enum { BLOCKS = 4, SLOT = CAPTURE_AHEAD_REST + CAPTURE_AHEAD_BLOCK, PAGE = 4096 };

struct block {
	uint8_t *bytes; /* CAPTURE_AHEAD_REST bytes lie before them */
	size_t length;
	uint64_t consumed; /* by the feed, when it had yielded them */
};

struct capture_ahead {
	struct capture_feed *feed;
	pthread_t thread;
	int stop_fd;    /* readable: the thread is to end */
	int changed_fd; /* readable: what is behind the lock has changed, for a reader that waits */
	uint8_t *area;  /* of the blocks */
	struct block blocks[BLOCKS];

	/* The reader's. */
	uint64_t consumed;
	bool has_ended;

	/* Behind the lock. Counts of blocks since the beginning: number n is blocks[n % BLOCKS]. Those from `freed` to
	 * `taken` are the reader's, those up to `written` wait for it, the others are the thread's. */
	pthread_mutex_t lock;
	pthread_cond_t freed_one; /* or `stopping` */
	uint64_t written, taken, freed;
	int end;     /* 1: the feed goes on. Else what it ended with: 0 or -ENOMEM */
	bool idle;   /* the thread waits for the feed's descriptor */
	bool waited; /* the reader waits for changed_fd */
	bool stopping;
};

static atomic_uint threads;

/* ---- the thread ---- */

/* With the lock held. */
static void tell_reader(struct capture_ahead *ahead)
{
	if (ahead->waited)
		eventfd_write(ahead->changed_fd, 1);
	ahead->waited = false;
}

/* The next block to decode into, when there is one; NULL: the thread is to end. */
static struct block *await_free_block(struct capture_ahead *ahead)
{
	struct block *block = NULL;

	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stopping && ahead->written - ahead->freed == BLOCKS)
		pthread_cond_wait(&ahead->freed_one, &ahead->lock);
	if (!ahead->stopping)
		block = &ahead->blocks[ahead->written % BLOCKS];
	pthread_mutex_unlock(&ahead->lock);
	return block;
}

static void set_idle(struct capture_ahead *ahead, bool idle)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->idle = idle;
	if (idle)
		tell_reader(ahead);
	pthread_mutex_unlock(&ahead->lock);
}

/* Fills the block; with less if that is all there is for now, but something. 1. 0, -ENOMEM: the feed has ended.
 * -EINTR: the thread is to. */
static ssize_t fill_block(struct capture_ahead *ahead, struct block *block)
{
	struct capture_feed *feed = ahead->feed;
	ssize_t n = 1;

	block->length = 0;
	while (n > 0 && block->length < CAPTURE_AHEAD_BLOCK) {
		n = capture_feed_take(feed, block->bytes + block->length, CAPTURE_AHEAD_BLOCK - block->length, false,
				      ahead->stop_fd, NULL);
		if (n > 0) {
			block->length += (size_t)n;
		} else if (n == -EAGAIN && block->length == 0) {
			set_idle(ahead, true);
			n = capture_feed_await(feed, feed->fd, true, ahead->stop_fd, NULL);
			set_idle(ahead, false); /* before the descriptor is read, so that the reader sees either */
		}
	}
	block->consumed = feed->consumed;
	return n == -EAGAIN ? 1 : n;
}

static void hand_over(struct capture_ahead *ahead, const struct block *block, ssize_t ret)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->written += block->length > 0;
	ahead->end = ret > 0 ? 1 : (int)ret;
	tell_reader(ahead);
	pthread_mutex_unlock(&ahead->lock);
}

static void *run(void *context)
{
	struct capture_ahead *ahead = context;
	struct block *block;
	ssize_t ret = 1;

	while (ret > 0 && (block = await_free_block(ahead))) {
		ret = fill_block(ahead, block);
		hand_over(ahead, block, ret);
	}
	return NULL;
}

/* ---- its beginning and end ---- */

static void ahead_free(struct capture_ahead *ahead)
{
	if (!ahead)
		return;
	if (ahead->stop_fd >= 0)
		close(ahead->stop_fd);
	if (ahead->changed_fd >= 0)
		close(ahead->changed_fd);
	pthread_cond_destroy(&ahead->freed_one);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead->area);
	free(ahead);
}

/* All but the thread; NULL where something of it is not to be had. */
static struct capture_ahead *ahead_new(struct capture_feed *feed)
{
	struct capture_ahead *ahead = calloc(1, sizeof(*ahead));

	if (!ahead)
		return NULL;
	ahead->feed = feed;
	ahead->consumed = feed->consumed;
	ahead->end = 1;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->freed_one, NULL);
	ahead->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ahead->changed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ahead->area = aligned_alloc(PAGE, (size_t)BLOCKS * SLOT);
	if (ahead->stop_fd < 0 || ahead->changed_fd < 0 || !ahead->area) {
		ahead_free(ahead);
		return NULL;
	}
	for (size_t i = 0; i < BLOCKS; i++)
		ahead->blocks[i].bytes = ahead->area + i * SLOT + CAPTURE_AHEAD_REST;
	return ahead;
}

struct capture_ahead *capture_ahead_start(struct capture_feed *feed, unsigned most)
{
	struct capture_ahead *ahead = NULL;

	if (atomic_fetch_add(&threads, 1) < most)
		ahead = ahead_new(feed);
	if (ahead && capture_thread_start(&ahead->thread, run, ahead) == 0)
		return ahead;
	ahead_free(ahead);
	atomic_fetch_sub(&threads, 1);
	return NULL;
}

void capture_ahead_stop(struct capture_ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stopping = true;
	pthread_cond_signal(&ahead->freed_one);
	pthread_mutex_unlock(&ahead->lock);
	eventfd_write(ahead->stop_fd, 1);
	pthread_join(ahead->thread, NULL);
	ahead_free(ahead);
	atomic_fetch_sub(&threads, 1);
}

/* ---- the reader ---- */

/* With the lock held: has the feed nothing for now? An idle thread has handed over all that it had, and does not go on
 * without the lock. */
static bool has_nothing(const struct capture_ahead *ahead)
{
	const struct capture_feed *feed = ahead->feed;

	return ahead->idle && capture_feed_await(feed, feed->fd, false, -1, NULL) == -EAGAIN;
}

/* With the lock held, which is let go meanwhile: waits until the thread has done something. 1 or -EINTR. */
static int await_change(struct capture_ahead *ahead, int wake_fd, struct error *err)
{
	eventfd_t count;
	int ret;

	ahead->waited = true;
	pthread_mutex_unlock(&ahead->lock);
	ret = capture_feed_await(ahead->feed, ahead->changed_fd, true, wake_fd, err);
	if (ret > 0)
		eventfd_read(ahead->changed_fd, &count);
	pthread_mutex_lock(&ahead->lock);
	return ret;
}

/* 1: there is a block to take. Else as capture_ahead_next(). */
static int await_block(struct capture_ahead *ahead, bool wait, int wake_fd, struct error *err)
{
	int ret = 1;

	pthread_mutex_lock(&ahead->lock);
	while (ret > 0 && ahead->written == ahead->taken && ahead->end > 0)
		ret = !wait && has_nothing(ahead) ? -EAGAIN : await_change(ahead, wake_fd, err);
	if (ret > 0 && ahead->written == ahead->taken)
		ret = ahead->end;
	pthread_mutex_unlock(&ahead->lock);
	return ret;
}

/* Makes the next block the reader's, and gives back the one before. */
static void take_block(struct capture_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->freed = ahead->taken++;
	pthread_cond_signal(&ahead->freed_one);
	pthread_mutex_unlock(&ahead->lock);
}

int capture_ahead_next(struct capture_ahead *ahead, const uint8_t **at, const uint8_t **end, bool wait, int wake_fd,
		       struct error *err)
{
	size_t rest = (size_t)(*end - *at);
	const struct block *block;
	int ret = await_block(ahead, wait, wake_fd, err);

	if (ret <= 0) {
		ahead->has_ended |= ret == 0;
		if (ret == 0)
			ahead->consumed = ahead->feed->consumed;
		return ret == -ENOMEM ? fail_memory(err, ahead->feed->name) : ret;
	}
	block = &ahead->blocks[ahead->taken % BLOCKS]; /* only the reader counts `taken` */
	if (rest > 0)
		memcpy(block->bytes - rest, *at, rest);
	*at = block->bytes - rest;
	*end = block->bytes + block->length;
	ahead->consumed = block->consumed;
	take_block(ahead);
	return 1;
}

uint64_t capture_ahead_consumed(const struct capture_ahead *ahead)
{
	return ahead->consumed;
}

bool capture_ahead_has_ended(const struct capture_ahead *ahead)
{
	return ahead->has_ended;
}
