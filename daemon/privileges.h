/* daemon/privileges.h - giving up what a sensor does not need, once its devices are open.
 *
 * Started as root, the process becomes another user and keeps the capabilities asked for. Where there is no such user,
 * or where it is to stay root, it keeps those and what root needs in order to write files as root can:
 * CAP_DAC_OVERRIDE (folders and files of others), CAP_CHOWN and CAP_FOWNER (a file that replaces another one keeps its
 * owner and mode). That is not little: such a process can still write every file, so another user is much the better.
 * Started as any other user (capabilities by setcap(8), or by AmbientCapabilities= of a unit), it stays that user and
 * keeps the ones asked for.
 *
 * In every case nothing can be got back: no new privileges (prctl(2), PR_SET_NO_NEW_PRIVS), the inheritable and the
 * ambient set empty, and the bounding set too where the process may empty it (CAP_SETPCAP, which root has). */
#ifndef ENIFLOW_DAEMON_PRIVILEGES_H
#define ENIFLOW_DAEMON_PRIVILEGES_H

#include "flow/error.h"

/* What a sensor may need; to be combined. */
enum daemon_capability {
	DAEMON_NET_RAW = 1 << 0,   /* packet sockets: libpcap on a device */
	DAEMON_NET_ADMIN = 1 << 1, /* NFLOG groups; programs at the hooks of devices */
	DAEMON_BPF = 1 << 2,       /* programs and maps in the kernel (eBPF); Linux 5.8 */
	DAEMON_PERFMON = 1 << 3    /* those of them that trace the kernel; Linux 5.8 */
};

/* Whom root becomes where nobody is named, if there is such a user. */
#define DAEMON_PRIVILEGES_USER "eniflow"

/* Has this process (the calling thread) all of `needed`? 0, or -EPERM and a sentence of those that are missing, what
 * they are needed for, and how to get them: "<what> needs CAP_NET_RAW, ...". `what` is like "watching eth0". Never needs a
 * library. A user namespace's capabilities count, too, though they may be of no use for this network. */
int daemon_privileges_check(unsigned needed, const char *what, struct error *err);

/* Gives up all but `needed` (of these, what is not there is no error). `name` is the name of a user or NULL for
 * DAEMON_PRIVILEGES_USER if it exists, else the present one; a user with the id 0 means to stay root.
 *
 * To be called before threads are started, for capabilities are a thread's own: -EBUSY if there are others already.
 * What is opened after it is opened as the new user: outputs that are to be rotated are best opened after it, so that a
 * folder that this user may not write into is told of at the start. /proc/self/fd and the like are then root's.
 *
 * Returns 0 or a negative errno: no such user; not root and `name` is another user's; the kernel says no, as in a
 * container without CAP_SETUID. -ENOTSUP: started as root, and the build has no libcap-ng; "root" is allowed then, and
 * keeps everything. After a failure the process is to end: some may have been given up. */
int daemon_privileges_keep(unsigned needed, const char *name, struct error *err);

enum { DAEMON_PRIVILEGES_TEXT = 256 };

/* What is in force now, for the log: "user eniflow, group eniflow, CAP_NET_RAW, no new privileges". Returns `out`. */
const char *daemon_privileges_text(char out[static DAEMON_PRIVILEGES_TEXT]);

#endif
