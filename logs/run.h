/* logs/run.h - what the files of a run share: their origins, the account of their lines, and how often a line that cannot
 * be read was told. */
#ifndef ENIFLOW_LOGS_RUN_H
#define ENIFLOW_LOGS_RUN_H

#include "logs/files.h"
#include "logs/origins.h"

enum { LOG_RUN_TOLD_MOST = 5 };

struct log_run {
	struct log_origins *origins;
	const struct notices *notices; /* may be NULL */
	struct log_files_state state;
	unsigned told;
};

/* Counts a line that cannot be read, and tells the first few: "FILE: line N: REASON; it is passed over". `unit` is what the
 * file calls it: "line", "row". */
void log_run_unreadable(struct log_run *run, const char *file, const char *unit, uint64_t line, const char *reason);

/* Counts a record. */
static inline void log_run_record(struct log_run *run, const struct log_record *record)
{
	run->state.lines++;
	run->state.records[record->status]++;
}

#endif
