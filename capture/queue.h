/* capture/queue.h - a source that is read on a thread of its own, some batches ahead of whoever takes them.
 *
 * The batches are those of the source, in its order, so what comes of them is the same as without the thread. */
#ifndef ENIFLOW_CAPTURE_QUEUE_H
#define ENIFLOW_CAPTURE_QUEUE_H

#include "capture/source.h"

struct source_queue;

/* Starts to read. The source stays the caller's, who must not call it before source_queue_free(), and outlives the
 * queue. What the source tells its notices comes from the thread. Returns 0, -ENOMEM, or what the system says to one
 * thread more. */
int source_queue_new(struct source_queue **out, struct source *source, struct error *err);

/* As source_read(), but `batch` has not to be filled in: its items are the queue's and valid until the next call. After
 * 0 or a negative answer but -EINTR there is nothing more to ask for. */
int source_queue_read(struct source_queue *queue, struct source_batch *batch, struct error *err);

/* How far the source was when it gave the batch read last. */
void source_queue_progress(const struct source_queue *queue, struct source_progress *out);

/* Waits for the thread, which ends at its next batch. One that waits for a stream goes on waiting until the source's
 * wake_fd becomes readable: see to that first. Takes NULL. */
void source_queue_free(struct source_queue *queue);

#endif
