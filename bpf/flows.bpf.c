/* bpf/flows.bpf.c - the programs: what passes a device's hooks, and what netfilter drops, summed by flow and second. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/drop.h"
#include "bpf/flows.h"
#include "bpf/kernel.h"
#include "bpf/parse.h"
#include "bpf/sum.h"

/* The kernel lends bpf_probe_read_kernel() and bpf_ktime_get_ns() to programs alone that say so. This is about the object that
 * it loads; the programs' source has the project's licence. */
char LICENSE[] SEC("license") = "GPL";

/* TCX_NEXT, TC_ACT_UNSPEC: whatever else stands at the hook has its turn. */
enum { PASS = -1 };

/* ---- fragments ---- */

static __always_inline void set_fragment_key(struct fragment_key *key, const struct walk *walk)
{
	__builtin_memset(key, 0, sizeof(*key));
	__builtin_memcpy(key->source, walk->key.source, 16);
	__builtin_memcpy(key->destination, walk->key.destination, 16);
	key->index = walk->key.index;
	key->identification = walk->identification;
	key->family = walk->key.family;
	key->protocol = walk->fragment_protocol;
}

static __always_inline void remember(const struct walk *walk, __u64 now_ns)
{
	struct fragment_key key;
	const struct fragment first = {
		.time_ns = now_ns,
		.source_port = walk->key.source_port,
		.destination_port = walk->key.destination_port,
		.protocol = walk->key.protocol,
	};

	set_fragment_key(&key, walk);
	bpf_map_update_elem(&first_fragments, &key, &first, BPF_ANY);
}

static __always_inline void recall(struct walk *walk, __u64 now_ns)
{
	const __u64 age_most_ns = 30ULL * 1000000000;
	struct fragment_key key;
	struct fragment *first;

	set_fragment_key(&key, walk);
	first = bpf_map_lookup_elem(&first_fragments, &key);
	if (!first || now_ns - first->time_ns > age_most_ns)
		return;
	walk->key.source_port = first->source_port;
	walk->key.destination_port = first->destination_port;
	walk->key.protocol = first->protocol;
}

/* ---- frames ---- */

static __always_inline void count_fault(struct __sk_buff *skb, enum parsed parsed, bool is_unwanted)
{
	struct bpf_device *device = device_of(skb->ifindex);

	if (!device)
		return;
	if (parsed == PARSED_NON_IP)
		__sync_fetch_and_add(&device->non_ip, 1);
	else if (parsed == PARSED_TRUNCATED)
		__sync_fetch_and_add(&device->truncated, 1);
	else
		__sync_fetch_and_add(&device->malformed, 1);
	__sync_fetch_and_add(&device->other_bytes, skb->len);
	if (is_unwanted)
		__sync_fetch_and_add(&device->unwanted, 1);
}

static __always_inline void set_place(struct walk *walk, const struct __sk_buff *skb, __u8 word)
{
	enum { OTHERHOST = 3 }; /* PACKET_OTHERHOST of <linux/if_packet.h> */

	walk->key.index = skb->ifindex;
	walk->key.word = word == BPF_INGRESS && skb->pkt_type == OTHERHOST ? BPF_UNKNOWN : word;
}

static __always_inline enum parsed walk_frame(const struct frame *frame, struct walk *walk, bool has_header)
{
	__u8 p[ETHERNET_HEADER];
	enum parsed parsed;

	if (!has_header) {
		if (!load(frame, 0, p, 1))
			return PARSED_TRUNCATED;
		walk->key.family = p[0] >> 4;
		if (walk->key.family != 4 && walk->key.family != 6)
			return PARSED_MALFORMED;
		return walk_ip(frame, walk);
	}
	if (!load(frame, 0, p, ETHERNET_HEADER))
		return PARSED_TRUNCATED;
	walk->at = ETHERNET_HEADER;
	walk->key.marks |= p[0] & 1 ? BPF_MARK_GROUP : 0;
	if (with_macs) {
		walk->key.marks |= BPF_MARK_MACS;
		__builtin_memcpy(walk->key.destination_mac, p, 6);
		__builtin_memcpy(walk->key.source_mac, p + 6, 6);
	}
	parsed = walk_ethertype(frame, walk, be16(p + 12));
	return parsed == PARSED_PACKET ? walk_ip(frame, walk) : parsed;
}

/* Whatever the frame is. */
static __noinline int count_slowly(struct __sk_buff *skb, __u8 word, bool has_header)
{
	const struct frame frame = { .skb = skb, .length = skb->len, .there = skb->len };
	struct walk walk = { 0 };
	struct sum sum = { .now_ns = bpf_ktime_get_ns() };
	enum parsed parsed = walk_frame(&frame, &walk, has_header);

	if (parsed != PARSED_PACKET) {
		count_fault(skb, parsed, false);
		return PASS;
	}
	set_place(&walk, skb, word);
	if (walk.part == PART_FIRST)
		remember(&walk, sum.now_ns);
	else if (walk.part == PART_LATER)
		recall(&walk, sum.now_ns);
	if (!has_header && is_group_address(walk.key.family, walk.key.destination))
		walk.key.marks |= BPF_MARK_GROUP;
	walk.key.marks |= mark_of_second(sum.now_ns);
	sum.flags = walk.flags;
	set_size(&sum, &walk, frame.length - walk.ip, skb->gso_size, skb->gso_segs);
	sum_seen(&walk.key, &sum);
	return PASS;
}

SEC("tc")
int count_ingress(struct __sk_buff *skb)
{
	return count_slowly(skb, BPF_INGRESS, true);
}

SEC("tc")
int count_egress(struct __sk_buff *skb)
{
	return count_slowly(skb, BPF_EGRESS, true);
}

SEC("tc")
int count_ingress_raw(struct __sk_buff *skb)
{
	return count_slowly(skb, BPF_INGRESS, false);
}

SEC("tc")
int count_egress_raw(struct __sk_buff *skb)
{
	return count_slowly(skb, BPF_EGRESS, false);
}

SEC("tp_btf/kfree_skb")
int on_drop(unsigned long long *arguments)
{
	if (arguments[2] == bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_NETFILTER_DROP))
		reject((const struct sk_buff *)arguments[0]);
	return 0;
}
