/* bpf/flows.h - what the programs in the kernel and the program that reads them share: one entry for each flow of a second.
 *
 * Addresses and ports are in network byte order, times are nanoseconds of CLOCK_MONOTONIC, all else is in the machine's own
 * order. Nothing here has padding: keys are compared as bytes. */
#ifndef ENIFLOW_BPF_FLOWS_H
#define ENIFLOW_BPF_FLOWS_H

#include <linux/types.h>

/* struct flow_key.word: as enum flow_direction of flow/observation.h. */
enum { BPF_UNKNOWN = 0, BPF_INGRESS = 1, BPF_EGRESS = 2 };

/* struct flow_key.marks. */
enum {
	BPF_MARK_GROUP =
		1, /* sent to a group: broadcast or multicast, by the frame's destination MAC where it has one */
	BPF_MARK_MACS = 2, /* the device's frames have MACs, and they are in the key */
	BPF_MARK_ODD = 4,  /* of an odd second (see struct bpf_clock) */
};

struct bpf_flow_key {
	__u32 index; /* of the device */
	__u8 family; /* 4 or 6 */
	__u8 protocol;
	__u8 word;
	__u8 marks;
	__be16 source_port, destination_port; /* 0 where there are none */
	__u8 source[16], destination[16];     /* IPv4: the first four; the others are 0 */
	/* Not part of the map's key unless they were asked for: its key_size tells. */
	__u8 source_mac[6], destination_mac[6];
};

#define BPF_FLOW_KEY_PLAIN 44 /* without the MACs */

/* What was summed under a key. Packets are those on the wire, bytes their IP lengths. */
struct bpf_flow {
	__u64 packets, bytes; /* seen by the hook of the device */
	/* Of the first packet; of the last one, or up to some ticks of the kernel's timer earlier, but in no other second. */
	__u64 first_ns, last_ns;
	/* Dropped by netfilter: at ingress they were seen, too; at egress they were not. */
	__u64 rejected_packets, rejected_bytes;
	__u64 rejected_first_ns, rejected_last_ns;
	/* The bits of the tcp-flags field (1, 2, 4, 16), each in a byte of its own, so that plain stores set them of which none
	 * can undo another's. Or-ed they are the field: bpf_flow_flags(). */
	__u32 flags, rejected_flags;
};

static inline __u8 bpf_flow_flags(__u32 flags)
{
	return (__u8)(flags | flags >> 8 | flags >> 16 | flags >> 24);
}

/* One entry of a map is its own and no flow's: that with a key of nothing but 0 (no device has the index 0). It counts the
 * others, in `packets`, and `bytes` is 1 once one more did not fit: from then on, until the map is replaced, none is tried.
 * Readers pass over it, and it goes with the others when the map is emptied. */

/* Of each device that is watched; others are left alone. Only grows. */
struct bpf_device {
	__u64 full;                         /* packets for which the map had no room: lost */
	__u64 non_ip, truncated, malformed; /* frames, as the decoder calls them */
	__u64 other_bytes;                  /* of all four, on the wire */
	__u64 unwanted;                     /* frames that came in and that the kernel may count as dropped */
};

/* Seconds are told apart in the kernel, so that no entry reaches over the bounds of one, however late it is read. Written by
 * the reader, always 8 bytes at once: the time at which the second begins that comes next, its lowest bit replaced by 1 if
 * that second, in Unix time, is odd. A packet of before that time belongs to the second before. (A reader that stands still
 * for longer than a second gets sums of several.) */
struct bpf_clock {
	__u64 next_second;
};

/* The maps: `current`, an array of one map of bpf_flow_key to bpf_flow, which is replaced to take out what was summed;
 * `devices`, of interface index to bpf_device; `first_fragments`; `calls`, a ring buffer that becomes readable when the
 * current map is three quarters full. */

#endif
