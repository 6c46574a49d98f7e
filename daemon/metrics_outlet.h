/* daemon/metrics_outlet.h - where the figures go: a file for node_exporter, or an address where Prometheus fetches them.
 *
 * The program's loop gives it a text every second or few; whoever reads never waits for the loop, nor the loop for him. */
#ifndef ENIFLOW_DAEMON_METRICS_OUTLET_H
#define ENIFLOW_DAEMON_METRICS_OUTLET_H

#include <stddef.h>

#include "flow/error.h"

/* Is an outlet's first member. */
struct daemon_metrics_outlet {
	const struct daemon_metrics_outlet_ops *ops;
};

struct daemon_metrics_outlet_ops {
	int (*start)(struct daemon_metrics_outlet *outlet, struct error *err); /* NULL: nothing to do */
	int (*publish)(struct daemon_metrics_outlet *outlet, const char *text, size_t length, const char *ill,
		       struct error *err);
	void (*close)(struct daemon_metrics_outlet *outlet);
};

/* Is `where` well written? What has a "/" in it or ends in ".prom" is a file (daemon/metrics_file.h), all else an address
 * (daemon/listener.h). Opens nothing. Returns 0 or -EINVAL, -ENAMETOOLONG. */
int daemon_metrics_outlet_check(const char *where, struct error *err);

/* Opens what needs privileges: an address is bound and listened on. One that is not a loopback address is told in
 * `notices` (may be NULL): there is no authentication. Returns 0 or -errno; -ENOTSUP where the build has no server. */
int daemon_metrics_outlet_open(struct daemon_metrics_outlet **out, const char *where, const struct notices *notices,
			       struct error *err);

/* Starts the thread of a server. To be called once, when privileges are given up already, for a thread keeps those that
 * it was born with; a system-call filter that comes later must be laid on all threads. */
int daemon_metrics_outlet_start(struct daemon_metrics_outlet *outlet, struct error *err);

/* Copies the text, which is what everybody gets from here on. `ill` is a sentence of what is wrong with the program, for
 * /healthz; NULL: nothing is. After a failure (-errno) the text before is still there and the next call may do
 * better: a reason for a notice, not for an end. */
int daemon_metrics_outlet_publish(struct daemon_metrics_outlet *outlet, const char *text, size_t length,
				  const char *ill, struct error *err);

/* Ends the server, or removes the file: what does not run has no figures. Takes NULL. */
void daemon_metrics_outlet_close(struct daemon_metrics_outlet *outlet);

#endif
