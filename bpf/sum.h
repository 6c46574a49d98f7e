/* bpf/sum.h - the maps of the programs, and how what was seen gets into them. */
#ifndef ENIFLOW_BPF_SUM_H
#define ENIFLOW_BPF_SUM_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/flows.h"
#include "bpf/kernel.h"
#include "bpf/parse.h"

/* A setting, written before the programs are loaded. */
const volatile __u32 netns_inode; /* of the network namespace whose drops are meant */

struct bpf_clock clock;

/* Whoever loads the programs sets the size of keys and the number of entries anew. */
struct flow_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(key_size, BPF_FLOW_KEY_PLAIN);
	__uint(value_size, sizeof(struct bpf_flow));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct flow_map);
} current SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32); /* interface index */
	__type(value, struct bpf_device);
} devices SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} calls SEC(".maps");

/* What one packet, or one skb of several, adds. */
struct sum {
	__u64 packets, bytes, now_ns;
	__u8 flags;
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

/* The map's own entry; NULL: it has none, and no room for one. `none` is all 0, and serves as a key, too. */
static __always_inline struct bpf_flow *own_entry(void *flows, const struct bpf_flow *none)
{
	struct bpf_flow *own = bpf_map_lookup_elem(flows, none);

	if (own)
		return own;
	bpf_map_update_elem(flows, none, none, BPF_NOEXIST);
	return bpf_map_lookup_elem(flows, none);
}

/* One more entry; the reader is told when the map is three quarters full. */
static __always_inline void count_entry(void *flows, struct bpf_flow *own)
{
	const __u32 most = ((struct bpf_map *)flows)->max_entries, call = 1;

	__sync_fetch_and_add(&own->packets, 1);
	if (own->packets < (__u64)most * 3 / 4 || own->first_ns)
		return;
	own->first_ns = 1;
	bpf_ringbuf_output(&calls, (void *)&call, sizeof(call), 0);
}

static __always_inline void set_entry(struct bpf_flow *entry, const struct sum *sum, bool is_rejected)
{
	if (is_rejected) {
		entry->rejected_packets = sum->packets;
		entry->rejected_bytes = sum->bytes;
		entry->rejected_first_ns = entry->rejected_last_ns = sum->now_ns;
		set_flags(&entry->rejected_flags, sum->flags);
	} else {
		entry->packets = sum->packets;
		entry->bytes = sum->bytes;
		entry->first_ns = entry->last_ns = bpf_ktime_get_ns(); /* flows stand in this order */
		set_flags(&entry->flags, sum->flags);
	}
}

/* Makes an entry of `sum` unless there is one. NULL: it was made, or (`is_full`) there is no room. Else the one that
 * another processor made in the meantime. */
static __noinline struct bpf_flow *insert(void *flows, const struct bpf_flow_key *key, const struct sum *sum,
					  bool is_rejected, bool *is_full)
{
	struct bpf_flow entry = { 0 };
	struct bpf_flow *own = own_entry(flows, &entry), *flow;

	*is_full = !own || own->bytes;
	if (*is_full)
		return NULL;
	set_entry(&entry, sum, is_rejected);
	if (bpf_map_update_elem(flows, key, &entry, BPF_NOEXIST) == 0) {
		count_entry(flows, own);
		return NULL;
	}
	flow = bpf_map_lookup_elem(flows, key);
	*is_full = !flow;
	if (*is_full)
		own->bytes = 1;
	return flow;
}

static __always_inline void *current_map(void)
{
	const __u32 first = 0;

	return bpf_map_lookup_elem(&current, &first);
}

static __always_inline struct bpf_device *device_of(__u32 index)
{
	return bpf_map_lookup_elem(&devices, &index);
}

static __noinline void count_full(__u32 index, __u64 packets)
{
	struct bpf_device *device = device_of(index);

	if (device)
		__sync_fetch_and_add(&device->full, packets);
}

static __always_inline void sum_seen(const struct bpf_flow_key *key, const struct sum *sum)
{
	void *flows = current_map();
	struct bpf_flow *flow;
	bool is_full = false;

	if (!flows)
		return;
	flow = bpf_map_lookup_elem(flows, key);
	if (!flow) {
		flow = insert(flows, key, sum, false, &is_full);
		if (is_full)
			count_full(key->index, sum->packets);
	}
	if (flow)
		add_seen(flow, sum);
}

static __always_inline void sum_rejected(struct bpf_flow_key *key, const struct sum *sum)
{
	void *flows = current_map();
	struct bpf_flow *flow, *earlier;
	bool is_full = false;

	if (!flows)
		return;
	flow = bpf_map_lookup_elem(flows, key);
	if (!flow || flow->rejected_packets >= flow->packets) {
		/* Seen in the second before? */
		key->marks ^= BPF_MARK_ODD;
		earlier = bpf_map_lookup_elem(flows, key);
		key->marks ^= BPF_MARK_ODD;
		if (earlier && key->word != BPF_EGRESS && earlier->rejected_packets < earlier->packets)
			flow = earlier;
	}
	if (!flow) {
		flow = insert(flows, key, sum, true, &is_full);
		if (is_full && key->word == BPF_EGRESS) /* at ingress it was counted when it was seen */
			count_full(key->index, sum->packets);
	}
	if (flow)
		add_rejected(flow, sum);
}

#endif
