/* daemon/listener.h - a TCP socket that waits for connections, at an address that somebody wrote.
 *
 * ADDR:PORT with an IPv4 address, [ADDR]:PORT with an IPv6 one (which may have a zone, fe80::1%eth0), localhost:PORT,
 * :PORT or PORT. Without an address it is 127.0.0.1: others are listened on only if they are written out. There are no
 * names of hosts, for nothing is looked up. */
#ifndef ENIFLOW_DAEMON_LISTENER_H
#define ENIFLOW_DAEMON_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

/* Is it well written? 0 or -EINVAL. */
int daemon_listener_check(const char *where, struct error *err);

/* Listens there; [::] is all addresses of both families. Port 0 is any that is free. Returns the socket, which does not
 * block, or -errno. */
int daemon_listener_open(const char *where, struct error *err);

/* The port that the socket has; 0 if it has none. */
uint16_t daemon_listener_port(int fd);

/* Can only this host reach it? */
bool daemon_listener_is_loopback(int fd);

#endif
