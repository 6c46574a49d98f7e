/* logs/source.h - flow logs as a source like any other: each record is an observation of so many packets.
 *
 * Lines need no order: records are put back into that of the run's windows, those of one window in the order of their
 * lines, as long as no more than LOG_ORDER_MOST of them have to be held for it; beyond, the earliest window held is
 * handed on, and time may go backwards (flow/meter.h tells it). Of a stream no record waits for more than
 * LOG_ORDER_SECONDS of later ones. A record belongs to the window in which it starts, whole.
 *
 * Points are origins (flow/origin.h). NODATA and SKIPDATA lines move the windows (FLOW_TIME), and the latter are losses
 * of an unknown number (FLOW_LOSS of 0). */
#ifndef ENIFLOW_LOGS_SOURCE_H
#define ENIFLOW_LOGS_SOURCE_H

#include "capture/source.h"
#include "logs/files.h"

enum { LOG_ORDER_MOST = 1 << 20, LOG_ORDER_SECONDS = 900 };

/* `interval`: of the run's windows, in seconds. Opens as log_files_open() does. */
int source_open_logs(struct source **out, const struct log_files_options *options, uint32_t interval,
		     struct error *err);

/* Of its files, so far. */
void source_logs_state(const struct source *source, struct log_files_state *out);

#endif
