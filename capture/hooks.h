/* capture/hooks.h - the two programs of a device at its hooks: by tcx links, or by filters of clsact (capture/clsact.h) where
 * the kernel has no tcx (before 6.6).
 *
 * They stand first: one before them that lets a packet pass by itself would leave them out. So at egress they see what others
 * behind them drop or change. Others' programs and filters stay as they are. */
#ifndef ENIFLOW_CAPTURE_HOOKS_H
#define ENIFLOW_CAPTURE_HOOKS_H

#include "capture/clsact.h"

struct capture_hooks {
	bool without_tcx; /* the kernel has none, or nobody is to use it */
	struct capture_clsact *clsact;
};

/* A device at whose hooks the programs are. Zeroed and with -1 as its links, there are none. */
struct capture_hook {
	uint32_t index;
	int links[2]; /* ingress, egress; -1: not by tcx */
	struct capture_clsact_filters filters;
};

/* Attaches two loaded programs of the type sched_cls to the device of that index, called `name` in what is said. All or
 * nothing: -ENODEV: the device is gone; -EPERM: CAP_BPF or CAP_NET_ADMIN is missing. End with capture_hooks_detach(). */
int capture_hooks_attach(struct capture_hooks *hooks, struct capture_hook *out, uint32_t index, const char *name,
			 int ingress, int egress, struct error *err);

/* Takes the programs away, if the device is there still. Those that run now end later. */
void capture_hooks_detach(struct capture_hooks *hooks, struct capture_hook *hook);

/* After all are detached. */
void capture_hooks_close(struct capture_hooks *hooks);

#endif
