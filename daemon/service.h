/* daemon/service.h - a word to the service manager that started this process: systemd, or what speaks its protocol.
 *
 * The manager says by the environment (NOTIFY_SOCKET, WATCHDOG_USEC) that it listens. Where it does not, or where the
 * build has no libsystemd, every word here is nothing at all. Nothing fails: a manager that hears no word acts by its own
 * time limits. A word is one datagram, so it may be said at any time, from inside the sandbox too. */
#ifndef ENIFLOW_DAEMON_SERVICE_H
#define ENIFLOW_DAEMON_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

/* Can this build speak to the manager that started it? 0, or -ENOTSUP: one listens, the build has no libsystemd, and a
 * unit of Type=notify would be ended for its silence. To be asked at the start. */
int daemon_service_check(struct error *err);

/* All is open and what comes is counted from now on; said after each start and after each reload. */
void daemon_service_ready(void);

/* The configuration is read anew, up to the next daemon_service_ready(). Tells the time of the monotonic clock too, as
 * Type=notify-reload asks for. */
void daemon_service_reloading(void);

/* The end has begun: the open window is being written. */
void daemon_service_stopping(void);

/* What `systemctl status` shows: one line of at most 255 bytes, the rest is cut. Control characters become '?': a newline
 * in it would be a word of its own. */
void daemon_service_status(const char *format, ...) ENIFLOW_PRINTF(1, 2);

/* How often daemon_service_alive() is to be called, in nanoseconds: half the time after which the manager ends a silent
 * service (WatchdogSec=). 0: it does not watch. */
int64_t daemon_service_watchdog(void);

/* The loop goes round. */
void daemon_service_alive(void);

/* Is standard error the journal? True if JOURNAL_STREAM names the device and inode of descriptor 2: the variable alone
 * does not tell, for a child may have another standard error. Lines for the journal begin with one of the marks below,
 * which it takes for their priority and does not show. */
bool daemon_service_journal(void);

#define DAEMON_SERVICE_ERROR   "<3>"
#define DAEMON_SERVICE_WARNING "<4>"
#define DAEMON_SERVICE_INFO    "<6>"

#endif
