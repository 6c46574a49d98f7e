/* capture/programs.h - the programs of bpf/flows.bpf.c, loaded into the kernel. All of libbpf is behind this. */
#ifndef ENIFLOW_CAPTURE_PROGRAMS_H
#define ENIFLOW_CAPTURE_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/flows.h"
#include "flow/error.h"

struct capture_programs_options {
	bool with_macs;        /* keys have MACs */
	bool without_verdicts; /* drops are not asked for */
	int pattern;           /* a map as they sum in, of those keys; it stays the caller's */
};

/* Programs of the type sched_cls for frames with a link-layer header (Ethernet) and without one (raw). Descriptors are
 * valid until capture_programs_free(). */
struct capture_programs {
	int ingress, egress, raw_ingress, raw_egress;
	int current, devices; /* maps of bpf/flows.h */
	int calls;            /* for poll(): the map is filling */
	volatile struct bpf_clock *clock;
	bool has_verdicts; /* drops are heard of; else all is ACCEPT */
	bool has_called;   /* of capture_programs_take_calls() */
	void *loaded;      /* libbpf's */
};

/* Were they built in? */
bool capture_programs_are_built(void);

/* What they need and is missing here, so far as it can be told beforehand: -ENOTSUP: not built in, or no BTF; -EPERM: a
 * capability; 0: nothing. The sentence says what to do. */
int capture_programs_check(struct error *err);

/* Loads them, and has the drops heard of if the kernel tells why it drops (5.18 and later). -EPERM, -ENOTSUP: the kernel
 * is locked down. */
int capture_programs_load(struct capture_programs *out, const struct capture_programs_options *options,
			  struct error *err);
/* Zeroed: nothing. */
void capture_programs_free(struct capture_programs *programs);

/* Did the kernel call since this was asked before? */
bool capture_programs_take_calls(struct capture_programs *programs);

#endif
