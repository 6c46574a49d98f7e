/* capture/netfilter.h - packets and what became of them, as this host's firewall logs them to an NFLOG group.
 *
 * A tap (capture/tap.h) on the kernel's own socket. (Through libpcap, losses would have no number and a quiet group's
 * packets came up to a second late.) A packet of PREROUTING and INPUT is ingress at the device that it came by, one of
 * OUTPUT and POSTROUTING egress at the device that it leaves by; one of FORWARD is both, each an observation of its own,
 * but a rejected one only the first. Packets at devices that are not watched are left out.
 *
 * The kernel collects messages for CAPTURE_NETFILTER_HELD_NS at the most and does not date them: a packet's time is that
 * of its arrival less that span, and never before that of the one before it. Sources: linux/netfilter/nfnetlink_log.h, semantics section 13, 6. */
#ifndef ENIFLOW_CAPTURE_NETFILTER_H
#define ENIFLOW_CAPTURE_NETFILTER_H

#include "capture/decode.h"
#include "capture/tap.h"

#define CAPTURE_NETFILTER_HELD_NS INT64_C(20000000)

/* The verdict is the prefix's: told by the first word of the rule's log prefix. */
enum { CAPTURE_NETFILTER_BY_PREFIX = -1 };

/* A device that is watched; its owner's, written by the tap. */
struct capture_netfilter_device {
	uint32_t point;
	/* Packets from until_ns on are left out. One that seems to be of before since_ns, as its time is but about right,
	 * is of since_ns. */
	int64_t since_ns, until_ns;
	uint64_t frames; /* observations */
	uint64_t bytes;  /* of IP packets */
};

struct capture_netfilter_options {
	uint16_t number; /* of the group */
	int action;      /* enum flow_action of all its packets, or CAPTURE_NETFILTER_BY_PREFIX */
	uint64_t seed;   /* of the tuple hashes */
	/* The device of that index, if it is watched or was until lately; else NULL. */
	struct capture_netfilter_device *(*find)(void *ctx, uint32_t index);
	void *ctx;
	/* Both outlive the tap. */
	struct capture_decoder *decoder;
	const struct notices *notices;
};

/* Binds the group. -EPERM: CAP_NET_ADMIN is missing; -EBUSY: another program has the group. */
int capture_netfilter_open(struct capture_tap **out, const struct capture_netfilter_options *options,
			   struct error *err);

/* The same without a socket: its messages come by capture_netfilter_feed(). */
int capture_netfilter_new(struct capture_tap **out, const struct capture_netfilter_options *options, struct error *err);

/* A datagram of the kernel's, which came at `now_ns`; it must stay until read() answers 0. No byte of it is trusted. */
void capture_netfilter_feed(struct capture_tap *tap, const void *datagram, size_t length, int64_t now_ns);

/* Packets that did not fit into the socket since the call before; at which devices nobody knows. */
uint64_t capture_netfilter_lost(struct capture_tap *tap);

/* To be called each second: when nothing has come for the first 60 of them, a notice says so, once. */
void capture_netfilter_second(struct capture_tap *tap);

/* What a rule's log prefix says: it begins, in any case, behind blanks and brackets, with ACCEPT, ALLOW or PASS, or with
 * REJECT, DROP, DENY, DENIED or BLOCK. -1: with none of them. */
int capture_netfilter_verdict(const char *prefix);

#endif
