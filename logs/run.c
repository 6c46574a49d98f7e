#include "logs/run.h"

#include <inttypes.h>

void log_run_unreadable(struct log_run *run, const char *file, const char *unit, uint64_t line, const char *reason)
{
	run->state.lines++;
	run->state.unreadable++;
	run->state.is_damaged = true;
	if (run->told == LOG_RUN_TOLD_MOST)
		return;
	run->told++;
	notify(run->notices, "%s: %s %" PRIu64 ": %s; it is passed over", file, unit, line, reason);
	if (run->told == LOG_RUN_TOLD_MOST)
		notify(run->notices, "further lines that cannot be read are only counted");
}
