/* daemon/metrics_server.h - figures over HTTP, for Prometheus to fetch.
 *
 * GET and HEAD of /metrics give the text that was published last, and of /healthz "ok", or 503 and what is wrong; other
 * places are 404, other methods 405. A thread of its own answers: a request never touches what the loop works on. There
 * are at most 32 connections, 16 from one address; one on which nothing moves for 10 seconds is closed, and what a
 * request may be long is bounded. */
#ifndef ENIFLOW_DAEMON_METRICS_SERVER_H
#define ENIFLOW_DAEMON_METRICS_SERVER_H

#include "daemon/metrics_outlet.h"

/* Takes over the socket (daemon/listener.h), also on failure. Nothing is answered before the start, and until the first
 * text is published both places say 503. When none has come for `silence` seconds, /healthz says that: the
 * loop hangs. Returns 0, -ENOMEM, or -ENOTSUP where the build has no libmicrohttpd. */
int daemon_metrics_server_new(struct daemon_metrics_outlet **out, int fd, unsigned silence, struct error *err);

#endif
