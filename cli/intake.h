/* cli/intake.h - a source that is pulled to its end: read ahead on a thread of its own where that helps, with its progress
 * shown. */
#ifndef ENIFLOW_CLI_INTAKE_H
#define ENIFLOW_CLI_INTAKE_H

#include "capture/queue.h"
#include "cli/settings.h"

/* Zeroed, nothing is open. */
struct intake {
	struct source *source;      /* owned */
	struct source_queue *queue; /* reads it ahead; NULL: nobody does */
	unsigned turns;             /* batches pulled */
};

/* As many threads as were asked for, else as this process may use processors. */
unsigned intake_threads(const struct settings *settings);

/* So many of them are to decode compressed files (capture/input.h). */
unsigned intake_decoders(const struct settings *settings);

/* The first thread more is for what takes longest: to decompress, if there is something to, else to read and decode.
 * Where the system has no more of them, only who asked for them is told. Returns 0 or -errno. */
int intake_start(struct intake *intake, const struct settings *settings, struct error *err);

/* As source_read(), but for -EINTR, which is 1; now and then shows how far it is. `batch` has room for SOURCE_BATCH. */
int intake_pull(struct intake *intake, struct source_batch *batch, struct error *err);

/* Ends the thread, wherever it is. */
void intake_stop(struct intake *intake);

/* Stops, closes the source and leaves it zeroed. */
void intake_close(struct intake *intake);

#endif
