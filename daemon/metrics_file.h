/* daemon/metrics_file.h - figures in a file, as the textfile collector of node_exporter reads them.
 *
 * It may be read at any time, so each text is made beside it and then renamed: a reader sees the old one or the new one,
 * whole. It is of mode 0644, for the collector is another user, and is not synced: after a crash of the machine its
 * figures would mean nothing. */
#ifndef ENIFLOW_DAEMON_METRICS_FILE_H
#define ENIFLOW_DAEMON_METRICS_FILE_H

#include "daemon/metrics_outlet.h"

/* Returns -EINVAL for a name that does not end in .prom, which the collector would not read, or -ENAMETOOLONG. */
int daemon_metrics_file_check(const char *path, struct error *err);

/* Touches no file, yet: who publishes later, perhaps as another user than now, finds what is wrong with the path.
 * Closing it removes the file, if one was written. Returns what the check does, or -ENOMEM. */
int daemon_metrics_file_open(struct daemon_metrics_outlet **out, const char *path, struct error *err);

#endif
