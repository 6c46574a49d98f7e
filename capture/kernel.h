/* capture/kernel.h - devices watched by programs in the kernel (eBPF): a backend of capture/live.h.
 *
 * Programs at each device's ingress and egress hook (tcx, or clsact where the kernel has no tcx) sum packets by flow and
 * second in a map; nothing is copied for each packet. At the end of a second the map is replaced by an empty one and what
 * it held becomes observations of many packets. A third program hears of every packet that netfilter drops, and so
 * REJECT is told from ACCEPT (capture/verdicts.h). What was seen in one map and dropped in the next is put right.
 *
 * Packets and bytes are those on the wire, also of segmentation offload. Maps and programs are gone with the process,
 * however it ends; filters of clsact that a killed process left are taken away at the next start. */
#ifndef ENIFLOW_CAPTURE_KERNEL_H
#define ENIFLOW_CAPTURE_KERNEL_H

#include "capture/backend.h"

/* Flows of one second; one table takes about 135 bytes of the kernel's memory for each, and there are two. */
enum { CAPTURE_KERNEL_FLOWS = 131072 };

struct capture_kernel_options {
	uint32_t max_flows;    /* of one map; 0: CAPTURE_KERNEL_FLOWS */
	bool with_macs;        /* observations have MACs: interfaces are told apart by them */
	bool without_tcx;      /* as on a kernel that has none */
	bool without_verdicts; /* as on a kernel that gives no reasons */
	const struct notices *notices;
};

/* Was it built in? */
bool capture_kernel_is_built(void);

/* Loads the programs. -ENOTSUP: not built in, or the kernel has no BTF, or is locked down; -EPERM: CAP_BPF, CAP_NET_ADMIN or
 * CAP_PERFMON is missing. The sentence says which, and what to do. Where the kernel gives no reasons for drops (before
 * 5.18) a notice says that all is ACCEPT and that NFLOG has the verdicts. */
int capture_kernel_open(struct capture_backend **out, const struct capture_kernel_options *options, struct error *err);

#endif
