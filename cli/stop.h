/* cli/stop.h - signals: SIGINT and SIGTERM end a run in good order, and a reader that goes away ends it quietly. SIGHUP
 * ends it, too, but a sensor's, which reopens its outputs and reads its configuration again; SIGUSR1 asks a sensor for
 * its account. */
#ifndef ENIFLOW_CLI_STOP_H
#define ENIFLOW_CLI_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

/* From now on SIGINT, SIGTERM and SIGHUP (unless it was ignored, as by nohup) only ask to stop, and a closed pipe and
 * the limit of a file's size are errors of the write (EPIPE, EFBIG). A second one of these signals, half a second later
 * or more, ends the program at once, as if it had not been caught. Returns a descriptor that becomes readable when
 * the stop is asked for, to end a wait; or -errno. */
int stop_catch(struct error *err);

/* The same for a sensor, which a second signal does not end: SIGHUP and SIGUSR1 are requests (stop_take_requests()). */
int stop_catch_for_sensor(struct error *err);

/* So long from now a sensor is asked to stop (0: never). Returns 0 or -errno. */
int stop_after(uint32_t seconds, struct error *err);

enum stop_request { STOP_RELOAD = 1, STOP_ACCOUNT = 2 };

/* What was requested since the call before, or-ed; the descriptor is then readable no more until something new is. */
unsigned stop_take_requests(void);

/* Ends all waits as a stop does, without asking for one. */
void stop_waiting(void);

/* Has somebody asked? */
bool stop_asked(void);

/* Ends the program as the closed pipe would have: by SIGPIPE, without a word. */
void stop_by_closed_pipe(void);

#endif
