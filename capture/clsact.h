/* capture/clsact.h - programs as filters of a device's clsact qdisc, for kernels without tcx; by rtnetlink.
 *
 * A filter stays when the process that made it is killed. So each process has a number of its own in its network namespace,
 * which it holds by an abstract UNIX socket, and its filters have that number in their handles. Filters of ours whose
 * number nobody holds are left-overs, and go when the next process comes. Filters of others are never touched.
 *
 * The qdisc goes with the last filter if one of ours brought it, which the names of its filters tell. */
#ifndef ENIFLOW_CAPTURE_CLSACT_H
#define ENIFLOW_CAPTURE_CLSACT_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

struct capture_clsact;

/* The filters of one device. Zeroed: none. */
struct capture_clsact_filters {
	uint32_t index;         /* of the device */
	uint16_t priorities[2]; /* ingress, egress; 0: there is none */
};

/* Takes a number, and takes the left-overs of other processes away, of all devices. Fails only for want of memory or
 * descriptors: what cannot be taken away stays. */
int capture_clsact_open(struct capture_clsact **out, struct error *err);
/* After all filters are taken away. NULL: nothing. */
void capture_clsact_close(struct capture_clsact *clsact);

/* Makes filters of two loaded programs, for all protocols: of the first priorities that take one. Both or none. -ENODEV: the
 * device is gone; -EPERM: CAP_NET_ADMIN is missing. */
int capture_clsact_attach(struct capture_clsact *clsact, struct capture_clsact_filters *out, uint32_t index,
			  const char *name, int ingress, int egress, struct error *err);

/* Takes them away, if they are there still. */
void capture_clsact_detach(struct capture_clsact *clsact, struct capture_clsact_filters *filters);

#endif
