#include "cli/intake.h"

#include <errno.h>
#include <sched.h>

#include "cli/progress.h"
#include "cli/stop.h"

unsigned intake_threads(const struct settings *settings)
{
	cpu_set_t processors;

	if (settings->threads > 0)
		return settings->threads;
	if (sched_getaffinity(0, sizeof(processors), &processors) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&processors);
}

/* One goes on in the caller, and a third one reads. */
unsigned intake_decoders(const struct settings *settings)
{
	unsigned threads = intake_threads(settings);

	return threads > 2 ? threads - 2 : threads - 1;
}

int intake_start(struct intake *intake, const struct settings *settings, struct error *err)
{
	unsigned wanted = source_is_compressed(intake->source) ? 3 : 2;
	int ret = intake_threads(settings) >= wanted ? source_queue_new(&intake->queue, intake->source, err) : 0;

	return settings->threads > 0 ? ret : 0;
}

static void show_progress(const struct intake *intake)
{
	struct source_progress progress;

	if (intake->queue)
		source_queue_progress(intake->queue, &progress);
	else
		source_progress(intake->source, &progress);
	progress_show(progress.consumed, progress.size);
}

int intake_pull(struct intake *intake, struct source_batch *batch, struct error *err)
{
	int more = intake->queue ? source_queue_read(intake->queue, batch, err)
				 : source_read(intake->source, batch, err);

	if (intake->turns++ % 64 == 0)
		show_progress(intake);
	return more == -EINTR ? 1 : more;
}

/* The thread may wait for a stream that nobody writes to. */
void intake_stop(struct intake *intake)
{
	if (intake->queue)
		stop_waiting();
	source_queue_free(intake->queue);
	intake->queue = NULL;
}

void intake_close(struct intake *intake)
{
	intake_stop(intake);
	source_close(intake->source);
	*intake = (struct intake){ 0 };
}
