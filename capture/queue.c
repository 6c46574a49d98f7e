#include "capture/queue.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/thread.h"

enum {
	SLOTS = 32,
	SLOT_ROOM = 512, /* observations: so many that handing them over costs nothing, and few for the cache */
};

/* A batch, and what source_read() answered to it. */
struct slot {
	struct source_batch batch;
	struct source_progress progress;
	int answer;
	struct error err;
};

struct source_queue {
	struct source *source;
	pthread_t thread;
	struct flow_observation *items; /* of all slots */
	struct slot slots[SLOTS];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Slots that were ever filled, and those of them that were given back; all this under the lock. */
	uint64_t filled, returned;
	bool is_waiting; /* the thread, for slots */
	bool stopping;
	const struct slot *lent; /* to the reader; NULL: none */
	struct source_progress progress;
};

/* The slot to fill next, or NULL: no more are wanted. Once all were full it waits for half of them: to be woken for
 * each would cost both sides more than what they hand over. */
static struct slot *await_free(struct source_queue *queue)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&queue->lock);
	queue->is_waiting = queue->filled - queue->returned == SLOTS;
	while (!queue->stopping && queue->is_waiting)
		pthread_cond_wait(&queue->changed, &queue->lock);
	if (!queue->stopping)
		slot = &queue->slots[queue->filled % SLOTS];
	pthread_mutex_unlock(&queue->lock);
	return slot;
}

static void hand_over(struct source_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->filled++;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

static void *run(void *arg)
{
	struct source_queue *queue = arg;
	struct slot *slot;
	int answer = 1;

	while ((answer > 0 || answer == -EINTR) && (slot = await_free(queue))) {
		answer = slot->answer = source_read(queue->source, &slot->batch, &slot->err);
		source_progress(queue->source, &slot->progress);
		hand_over(queue);
	}
	return NULL;
}

static void queue_free(struct source_queue *queue)
{
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->changed);
	free(queue->items);
	free(queue);
}

int source_queue_new(struct source_queue **out, struct source *source, struct error *err)
{
	struct source_queue *queue = calloc(1, sizeof(*queue));
	int code;

	if (!queue)
		return fail_memory(err, "queue of observations");
	queue->items = malloc((size_t)SLOTS * SLOT_ROOM * sizeof(*queue->items));
	if (!queue->items) {
		free(queue);
		return fail_memory(err, "queue of observations");
	}
	for (size_t i = 0; i < SLOTS; i++)
		queue->slots[i].batch = (struct source_batch){ queue->items + i * SLOT_ROOM, SLOT_ROOM, 0 };
	queue->source = source;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
	code = capture_thread_start(&queue->thread, run, queue);
	if (code) {
		queue_free(queue);
		return fail(err, code, "the system starts no thread to read ahead: %s; -j 1 does without",
			    strerror(code));
	}
	*out = queue;
	return 0;
}

int source_queue_read(struct source_queue *queue, struct source_batch *batch, struct error *err)
{
	const struct slot *slot;

	pthread_mutex_lock(&queue->lock);
	queue->returned += queue->lent != NULL;
	if (queue->is_waiting && queue->filled - queue->returned <= SLOTS / 2) {
		queue->is_waiting = false;
		pthread_cond_signal(&queue->changed);
	}
	while (queue->filled == queue->returned)
		pthread_cond_wait(&queue->changed, &queue->lock);
	slot = queue->lent = &queue->slots[queue->returned % SLOTS];
	pthread_mutex_unlock(&queue->lock);
	*batch = slot->batch;
	queue->progress = slot->progress;
	if (slot->answer < 0 && err)
		*err = slot->err;
	return slot->answer;
}

void source_queue_progress(const struct source_queue *queue, struct source_progress *out)
{
	*out = queue->progress;
}

void source_queue_free(struct source_queue *queue)
{
	if (!queue)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
	pthread_join(queue->thread, NULL);
	queue_free(queue);
}
