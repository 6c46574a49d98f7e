/* daemon/sandbox.h - after the start, the system calls that a running sensor makes and no others (seccomp(2)).
 *
 * A meter reads what strangers sent. Should a packet ever bring it under another's will, that one can read and write the
 * files that this user may, and send on sockets that are open; there is no way to start a program (execve), to get
 * executable memory, to look into or signal other processes, to open sockets of the Internet if none were asked for, to mount, trace, load.
 *
 * Allowed are:
 *   sockets   packet sockets; netlink for routes, netfilter and generic; datagrams of AF_UNIX: a device may come at any
 *             time, and the service manager wants a word. Reading, writing, accepting on what is open.
 *   files     open, read, write, rename, link, remove, sync, lock, cut, list; folders; owner and mode
 *   Internet  if asked for: sockets for streams to others, as to brokers, and the datagrams that ask for their names
 *   bpf(2)    if asked for: to load programs and attach them, to make maps and read them, as for devices that come later
 *   memory    all that is not executable: so no library can be loaded any more, and what libc loads late (locales'
 *             converters, name services) must have been used before
 *   threads   of this process; no processes
 *   clocks, timers, signals (to itself), waiting, randomness, questions about itself
 * on x86-64 and arm64, with glibc and musl. Other machines get the same list by names.
 *
 * Anything else answers EPERM, and if it is newer than Linux 5.1, ENOSYS, as from an older kernel: libc then takes the
 * elder way. Nothing here ends the process. */
#ifndef ENIFLOW_DAEMON_SANDBOX_H
#define ENIFLOW_DAEMON_SANDBOX_H

#include "flow/error.h"

/* What beyond that it needs; to be combined. */
enum daemon_sandbox_need {
	DAEMON_SANDBOX_PROGRAMS = 1, /* it has programs in the kernel (eBPF) */
	DAEMON_SANDBOX_INTERNET = 2, /* it connects to others */
};

/* For this process from now on, with all its threads. There is no way back. To be called when files, listeners and
 * privileges are settled. Sets no_new_privs too.
 *
 * 0, or a negative errno: -ENOTSUP if the build has no libseccomp; -EINVAL or -ENOSYS if the kernel has no filters, -EPERM
 * or -EACCES if a container bars them. Nothing is changed then, and the process may go on without. */
int daemon_sandbox_enter(unsigned needs, struct error *err);

#endif
