/* cli/stop.h - SIGINT, SIGTERM and SIGHUP end a run in good order; a reader that goes away ends it quietly. */
#ifndef ENIFLOW_CLI_STOP_H
#define ENIFLOW_CLI_STOP_H

#include <stdbool.h>

#include "flow/error.h"

/* From now on SIGINT, SIGTERM and SIGHUP (unless it was ignored, as by nohup) only ask to stop, and a closed pipe and
 * the limit of a file's size are errors of the write (EPIPE, EFBIG). Returns a descriptor that becomes readable when
 * the stop is asked for, to end a wait; or -errno. */
int stop_catch(struct error *err);

/* Ends all waits as a stop does, without asking for one. */
void stop_waiting(void);

/* Has somebody asked? */
bool stop_asked(void);

/* Ends the program as the closed pipe would have: by SIGPIPE, without a word. */
void stop_by_closed_pipe(void);

#endif
