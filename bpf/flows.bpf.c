/* bpf/flows.bpf.c - the programs: what passes a device's hooks, and what netfilter drops, summed by flow and second. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/drop.h"
#include "bpf/flows.h"
#include "bpf/fragments.h"
#include "bpf/kernel.h"
#include "bpf/parse.h"
#include "bpf/plain.h"
#include "bpf/sum.h"

/* The kernel lends bpf_probe_read_kernel() and bpf_ktime_get_ns() to programs alone that say so. This is about the object that
 * it loads; the programs' source has the project's licence. */
char LICENSE[] SEC("license") = "GPL";

/* TCX_NEXT, TC_ACT_UNSPEC: whatever else stands at the hook has its turn. */
enum { PASS = -1 };

/* ---- hooks ---- */

static __always_inline __u8 word_of(const struct __sk_buff *skb, __u8 side, bool has_header)
{
	enum { OTHERHOST = 3 }; /* PACKET_OTHERHOST of <linux/if_packet.h> */

	return has_header && side == BPF_INGRESS && skb->pkt_type == OTHERHOST ? BPF_UNKNOWN : side;
}

static __always_inline bool is_tag(__u16 type)
{
	return type == TYPE_VLAN || type == TYPE_VLAN_SERVICE;
}

/* Of a frame that came in: as capture_ethertype_is_unwanted() of capture/ethertype.h. The outer tag mostly stands beside the
 * packet. */
static __always_inline bool is_unwanted(struct __sk_buff *skb)
{
	__be16 type;

	if (bpf_skb_load_bytes(skb, 12, &type, sizeof(type)) < 0)
		return false;
	if (!skb->vlan_present && is_tag(bpf_ntohs(type)) && bpf_skb_load_bytes(skb, 16, &type, sizeof(type)) < 0)
		return false;
	return type != bpf_htons(TYPE_IPV4) && type != bpf_htons(TYPE_IPV6) && type != bpf_htons(TYPE_ARP);
}

static __always_inline void count_other(struct __sk_buff *skb, enum parsed parsed, bool unwanted)
{
	struct bpf_device *device = device_of(skb->ifindex);

	if (!device)
		return;
	if (unwanted)
		__sync_fetch_and_add(&device->unwanted, 1);
	if (parsed == PARSED_PACKET)
		return;
	if (parsed == PARSED_NON_IP)
		__sync_fetch_and_add(&device->non_ip, 1);
	else if (parsed == PARSED_TRUNCATED)
		__sync_fetch_and_add(&device->truncated, 1);
	else
		__sync_fetch_and_add(&device->malformed, 1);
	__sync_fetch_and_add(&device->other_bytes, skb->len + (skb->vlan_present ? 4 : 0));
}

/* The kernel hands programs at hooks the packet itself, though it lets them see but little of it without a detour. */
static __always_inline void count_segments(const struct frame *frame, const struct walk *walk, struct sum *sum)
{
	const struct sk_buff *skb = (const struct sk_buff *)frame->skb;
	__u32 at = BPF_CORE_READ(skb, inner_transport_header) -
		   (__u32)(BPF_CORE_READ(skb, data) - BPF_CORE_READ(skb, head));

	set_segments(sum, frame->length - walk->ip - walk->jumbo, headers_of(frame, walk, skb, at),
		     frame->skb->gso_size, frame->skb->gso_segs);
}

/* Whatever the frame is. */
static __noinline int count_slowly(struct __sk_buff *skb, __u8 side, bool has_header)
{
	const struct frame frame = { .skb = skb, .length = skb->len, .there = skb->len };
	struct sum sum = { .packets = 1, .now_ns = bpf_ktime_get_ns() };
	struct walk walk = { .key = { .index = skb->ifindex, .word = word_of(skb, side, has_header) } };
	enum parsed parsed = walk_frame(&frame, &walk, has_header);
	bool unwanted = has_header && side == BPF_INGRESS && is_unwanted(skb);

	if (parsed != PARSED_PACKET || unwanted)
		count_other(skb, parsed, unwanted);
	if (parsed != PARSED_PACKET)
		return PASS;
	follow_fragments(&walk, sum.now_ns);
	if (!has_header && is_group_address(walk.key.family, walk.key.destination))
		walk.key.marks |= BPF_MARK_GROUP;
	walk.key.marks |= mark_of_second(sum.now_ns);
	sum.bytes = walk.bytes;
	sum.flags = walk.flags;
	if (skb->gso_size)
		count_segments(&frame, &walk, &sum);
	sum_seen(&walk.key, &sum);
	return PASS;
}

static __always_inline int count(struct __sk_buff *skb, __u8 side, bool has_header)
{
	struct bpf_flow_key key;
	struct plain plain = { 0 };
	struct sum sum = { .packets = 1 };

	key.marks = 0;
	if (!plain_frame(skb, has_header, &key, &plain) || (skb->gso_size && key.protocol != PROTOCOL_TCP))
		return count_slowly(skb, side, has_header);
	sum.now_ns = coarse_now();
	sum.bytes = plain.bytes;
	sum.flags = plain.flags;
	if (skb->gso_size)
		set_segments(&sum, skb->len - (has_header ? ETHERNET_HEADER : 0), plain.headers, skb->gso_size,
			     skb->gso_segs);
	if (!has_header && is_group_address(key.family, key.destination))
		key.marks |= BPF_MARK_GROUP;
	key.index = skb->ifindex;
	key.word = word_of(skb, side, has_header);
	key.marks |= mark_of_second(sum.now_ns);
	sum_seen(&key, &sum);
	return PASS;
}

SEC("tc")
int count_ingress(struct __sk_buff *skb)
{
	return count(skb, BPF_INGRESS, true);
}

SEC("tc")
int count_egress(struct __sk_buff *skb)
{
	return count(skb, BPF_EGRESS, true);
}

SEC("tc")
int count_ingress_raw(struct __sk_buff *skb)
{
	return count(skb, BPF_INGRESS, false);
}

SEC("tc")
int count_egress_raw(struct __sk_buff *skb)
{
	return count(skb, BPF_EGRESS, false);
}

SEC("tp_btf/kfree_skb")
int on_drop(unsigned long long *arguments)
{
	if (arguments[2] == bpf_core_enum_value(enum skb_drop_reason, SKB_DROP_REASON_NETFILTER_DROP))
		reject((const struct sk_buff *)arguments[0]);
	return 0;
}
