/* bpf/flows.h - what the programs in the kernel and the program that reads them share: one entry for each flow of a second.
 *
 * Addresses and ports are in network byte order, times are nanoseconds of CLOCK_MONOTONIC, all else is in the machine's own
 * order. Nothing here has padding: keys are compared as words. */
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
	/* Not part of what is told apart unless they were asked for. */
	__u8 source_mac[6], destination_mac[6];
};

#define BPF_FLOW_KEY_PLAIN 44 /* without the MACs */

/* What was summed under a key. Packets are those on the wire, bytes their IP lengths. */
struct bpf_flow {
	__u64 packets, bytes; /* seen by the hook of the device */
	/* Of the first packet; of the last one, or up to some ticks of the kernel's timer earlier, but in no other second. */
	__u64 first_ns, last_ns;
	/* The bits of the tcp-flags field (1, 2, 4, 16), each in a byte of its own, so that plain stores set them of which none
	 * can undo another's. Or-ed they are the field: bpf_flow_flags(). */
	__u32 flags, rejected_flags;
	/* Dropped by netfilter: at ingress they were seen, too; at egress they were not. */
	__u64 rejected_packets, rejected_bytes;
	__u64 rejected_first_ns, rejected_last_ns;
};

static inline __u8 bpf_flow_flags(__u32 flags)
{
	return (__u8)(flags | flags >> 8 | flags >> 16 | flags >> 24);
}

/* ---- tables ----
 *
 * Flows are summed in a table: a map of type array, which the reader maps into its memory. Its elements are, in this order:
 *
 *     one struct bpf_table       what the table is, and how far it is filled
 *     mask / BPF_TABLE_SLOTS     the index: by the hash of a key, the number of the element that has its entry; 0: none.
 *       + 1 struct bpf_index     One that is taken is passed over: the next one is as good (linear probing)
 *     all others bpf_entry       the entries, one behind the other in the order in which they were made
 *
 * Programs alone write a table that is current, readers one that is not. */

enum { BPF_KEY_WORDS = BPF_FLOW_KEY_PLAIN / 4, BPF_MAC_WORDS = 3, BPF_TABLE_SLOTS = 32 };

struct bpf_table {
	__u32 mask;    /* slots of the index less 1; a power of 2 less 1 */
	__u32 call_at; /* the reader is told when this element becomes an entry */
	/* What the words of a key are multiplied by: the hash is known to nobody who could choose keys by it. */
	__u64 secrets[BPF_KEY_WORDS + BPF_MAC_WORDS];
	__u32 next; /* the first element that is no entry yet */
	__u32 end;  /* of the elements */
};

static inline __u32 bpf_table_begin(const struct bpf_table *table) /* of the entries */
{
	return 1 + table->mask / BPF_TABLE_SLOTS + 1;
}

struct bpf_index {
	__u32 slots[BPF_TABLE_SLOTS];
};

/* Words of struct bpf_flow_key: up to the source's first one, and of each address those that IPv6 alone has. */
enum { BPF_HEAD_WORDS = 4, BPF_ADDRESS_WORDS = 3 };

/* Two lines of a cache; packets of an IPv4 flow of which none is dropped need the first alone. */
struct bpf_entry {
	__u32 head[BPF_HEAD_WORDS]; /* of the key; 0 in the first word: none, pass over it */
	__u32 destination;          /* its first word */
	__u32 slot;                 /* where in the index it is */
	struct bpf_flow flow;
	__u32 source_rest[BPF_ADDRESS_WORDS], destination_rest[BPF_ADDRESS_WORDS]; /* of IPv6 */
	__u64 unused; /* so that none shares its lines with another */
	/* Not part of the elements unless they were asked for: the map's value_size tells. */
	__u32 macs[BPF_MAC_WORDS];
	__u32 zero;
};

#define BPF_TABLE_ELEMENT 128 /* without the MACs */

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

/* The maps: `current`, an array of one table, which is replaced to take out what was summed; `devices`, of interface index
 * to bpf_device; `first_fragments`; `calls`, a ring buffer that becomes readable when the current table is three quarters
 * full. */

#endif
