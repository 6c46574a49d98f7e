/* bpf/sum.h - what was seen, and what was rejected, added to the sums of flows and devices. */
#ifndef ENIFLOW_BPF_SUM_H
#define ENIFLOW_BPF_SUM_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/flows.h"
#include "bpf/kernel.h"
#include "bpf/parse.h"
#include "bpf/table.h"

/* A setting, written before the programs are loaded. */
const volatile __u32 netns_inode; /* of the network namespace whose drops are meant */

struct bpf_clock clock;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32); /* interface index */
	__type(value, struct bpf_device);
} devices SEC(".maps");

/* What one packet, or one skb of several, adds. */
struct sum {
	__u64 packets, bytes, now_ns;
	__u8 flags;
	bool is_rejected;
};

/* ---- time ---- */

static __always_inline __u64 next_second(void)
{
	return *(const volatile __u64 *)&clock.next_second;
}

/* The time of a tick of the kernel's timer, its lowest bits replaced by those of the tick's number. */
volatile __u64 last_tick;

/* The time now, or that of the tick before, where this is as good: it takes a tenth of the time to find out. What matters is
 * the second, and this is near no end of one. Ticks may be late, of a virtual machine above all; but the kernel lets
 * no more than five be missing. Where nobody says how seconds end, the clock is asked. */
static __always_inline __u64 coarse_now(void)
{
	enum { NUMBER = 0xfff, LATE_MOST_NS = 50000000, SECOND_NS = 1000000000 };
	__u64 number = bpf_jiffies64() & NUMBER, tick = last_tick, now;

	/* Also not true of a tick that had that number 4,096 ticks ago, or of one before the second that is going on. */
	if ((tick & NUMBER) == number && next_second() - tick - LATE_MOST_NS < SECOND_NS - LATE_MOST_NS)
		return tick;
	now = bpf_ktime_get_ns();
	last_tick = (now & ~(__u64)NUMBER) | number;
	return now;
}

/* Bit BPF_MARK_ODD of a packet of now. */
static __always_inline __u8 mark_of_second(__u64 now_ns)
{
	__u64 next = next_second();
	bool is_odd = next & 1;

	return is_odd != (now_ns < (next & ~1ULL)) ? BPF_MARK_ODD : 0;
}

/* A packet before its segmentation, or after being put together, stands for several on the wire: each has the `headers`, and
 * all but the last `size` bytes of load. `length` is that of the whole, from the IP header on; `segments` may be 0. */
static __always_inline void set_segments(struct sum *sum, __u32 length, __u32 headers, __u32 size, __u32 segments)
{
	if (!segments)
		segments = length > headers ? (length - headers + size - 1) / size : 1;
	sum->packets = segments;
	sum->bytes = length + (__u64)(segments - 1) * headers;
}

/* The segments of what is in a tunnel repeat all headers down to the inner transport header, which begins at `at` of the
 * frame. `headers` are those of the outer packet alone. */
static __always_inline __u32 headers_of(const struct frame *frame, const struct walk *walk, const struct sk_buff *skb,
					__u32 at)
{
	enum { TCPV4 = 1 << 0, TCPV6 = 1 << 4 }; /* SKB_GSO_ of the kernel */
	const struct skb_shared_info *shared;
	__u8 length;

	if (walk->key.protocol == PROTOCOL_TCP || !BPF_CORE_READ_BITFIELD_PROBED(skb, encapsulation) ||
	    at < walk->transport || at > frame->length)
		return walk->headers - walk->jumbo;
	shared = (const struct skb_shared_info *)(BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, end));
	if (!(BPF_CORE_READ(shared, gso_type) & (TCPV4 | TCPV6)))
		return at + UDP_HEADER - walk->ip - walk->jumbo;
	if (!load(frame, at + 12, &length, 1))
		return walk->headers - walk->jumbo;
	return at + (length >> 4) * 4 - walk->ip - walk->jumbo;
}

/* ---- an entry ---- */

static __always_inline void set_flags(__u32 *flags, __u8 seen)
{
	__u8 *bytes = (__u8 *)flags;

	if (seen & FLAG_FIN)
		bytes[0] = FLAG_FIN;
	if (seen & FLAG_SYN)
		bytes[1] = FLAG_SYN;
	if (seen & FLAG_RST)
		bytes[2] = FLAG_RST;
	if (seen & FLAG_SYN_ACK)
		bytes[3] = FLAG_SYN_ACK;
}

static __always_inline void add_seen(struct bpf_flow *flow, const struct sum *sum)
{
	__sync_fetch_and_add(&flow->packets, sum->packets);
	__sync_fetch_and_add(&flow->bytes, sum->bytes);
	if (!flow->first_ns) /* so far it was rejected only; which of the two came first tells whose the drop was */
		flow->first_ns = bpf_ktime_get_ns();
	if (flow->last_ns < sum->now_ns)
		flow->last_ns = sum->now_ns;
	if (sum->flags)
		set_flags(&flow->flags, sum->flags);
}

static __always_inline void add_rejected(struct bpf_flow *flow, const struct sum *sum)
{
	__sync_fetch_and_add(&flow->rejected_packets, sum->packets);
	__sync_fetch_and_add(&flow->rejected_bytes, sum->bytes);
	if (!flow->rejected_first_ns)
		flow->rejected_first_ns = sum->now_ns;
	flow->rejected_last_ns = sum->now_ns;
	if (sum->flags)
		set_flags(&flow->rejected_flags, sum->flags);
}

/* ---- a new entry ---- */

/* All of it, except for its slot: whatever it was before is still there. */
static __always_inline void set_entry(struct bpf_entry *entry, const struct bpf_flow_key *key, const struct sum *sum)
{
	struct bpf_flow *flow = &entry->flow;

	set_key(entry, key);
	__builtin_memset(flow, 0, sizeof(*flow));
	if (sum->is_rejected) {
		flow->rejected_packets = sum->packets;
		flow->rejected_bytes = sum->bytes;
		flow->rejected_first_ns = flow->rejected_last_ns = sum->now_ns;
		set_flags(&flow->rejected_flags, sum->flags);
	} else {
		flow->packets = sum->packets;
		flow->bytes = sum->bytes;
		flow->first_ns = flow->last_ns = bpf_ktime_get_ns(); /* flows stand in this order */
		set_flags(&flow->flags, sum->flags);
	}
}

static __always_inline struct bpf_device *device_of(__u32 index)
{
	return bpf_map_lookup_elem(&devices, &index);
}

static __always_inline void count_full(const struct bpf_flow_key *key, const struct sum *sum)
{
	struct bpf_device *device;

	if (sum->is_rejected && key->word != BPF_EGRESS) /* it was counted when it was seen */
		return;
	device = device_of(key->index);
	if (device)
		__sync_fetch_and_add(&device->full, sum->packets);
}

/* Makes an entry of `sum` unless there is one from slot `first` on, which is returned. NULL: it was made, or there is no room,
 * and that is counted. */
static __noinline struct bpf_entry *enter(void *table, const struct bpf_flow_key *key, const struct sum *sum,
					  __u32 first)
{
	struct bpf_table *head = head_of(table);
	struct table_lock *lock = lock_of_tables();
	struct bpf_entry *own = NULL, *entry = NULL;
	__u32 element = 0;

	if (!head || !lock)
		return NULL;
	for (int i = 0; i < TRIES_MOST; i++) {
		__s64 slot = probe(table, key, first, head->mask);
		volatile __u32 *taken;

		if (slot < 0)
			break;
		taken = slot_at(table, (__u32)slot);
		if (!taken)
			break;
		entry = entry_of(table, (__u32)slot);
		if (entry)
			break;
		if (!own) {
			element = take_element(head, lock);
			own = element ? entry_at(table, element) : NULL;
			if (!own)
				break;
			set_entry(own, key, sum);
		}
		own->slot = (__u32)slot;
		if (put_element(taken, element, lock)) {
			call_if_filling(head, element);
			return NULL;
		}
	}
	if (own)
		own->head[0] = 0;
	if (!entry)
		count_full(key, sum);
	return entry;
}

static __always_inline void sum_seen(const struct bpf_flow_key *key, const struct sum *sum)
{
	void *table = current_table();
	struct bpf_table *head = table ? head_of(table) : NULL;
	struct bpf_entry *entry;
	__u32 slot;

	if (!head)
		return;
	slot = slot_of(head, key);
	entry = find_at(table, key, slot);
	if (!entry)
		entry = enter(table, key, sum, slot);
	if (entry)
		add_seen(&entry->flow, sum);
}

static __always_inline void sum_rejected(struct bpf_flow_key *key, const struct sum *sum)
{
	void *table = current_table();
	struct bpf_table *head = table ? head_of(table) : NULL;
	struct bpf_entry *entry, *earlier;

	if (!head)
		return;
	entry = find(table, head, key);
	if (!entry || entry->flow.rejected_packets >= entry->flow.packets) {
		/* Seen in the second before? */
		key->marks ^= BPF_MARK_ODD;
		earlier = find(table, head, key);
		key->marks ^= BPF_MARK_ODD;
		if (earlier && key->word != BPF_EGRESS && earlier->flow.rejected_packets < earlier->flow.packets)
			entry = earlier;
	}
	if (!entry)
		entry = enter(table, key, sum, slot_of(head, key));
	if (entry)
		add_rejected(&entry->flow, sum);
}

#endif
