/* bpf/drop.h - packets that netfilter drops: which device and direction they belong to, and what they were on the wire.
 *
 * The kernel frees a packet and says why; where the packet was on its way then shows in what it points to:
 *
 *     dropped in                        device    came in by    the route's device
 *     PREROUTING, INPUT, FORWARD, and   in        in            none, lo or out        ingress of `in`
 *       a device's ingress chain
 *     OUTPUT                            none      none          out                    egress of `out`
 *     POSTROUTING, egress chain         out       none          out                    egress of `out`
 *     POSTROUTING, forwarded            out       another       out                    egress of `out`
 *     a bridge's INPUT, FORWARD and     bridge    another       none                   ingress of the other
 *       POSTROUTING                     or out
 *
 * A packet forwarded out of the device that it came in by, and dropped in POSTROUTING, looks as one that was dropped at its
 * ingress. What is dropped at ingress was seen by the hook there; what is dropped at egress was not. */
#ifndef ENIFLOW_BPF_DROP_H
#define ENIFLOW_BPF_DROP_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/fragments.h"
#include "bpf/kernel.h"
#include "bpf/parse.h"
#include "bpf/sum.h"

/* Where it was to go; the lowest bit says only whether that is counted. */
static __always_inline struct dst_entry *route_of(const struct sk_buff *skb)
{
	return (struct dst_entry *)(skb->_skb_refdst & ~1UL);
}

/* Is it routed? What a bridge passes has no route, or one that only seems to be one. */
static __always_inline bool is_routed(const struct sk_buff *skb)
{
	enum { FAKE_ROUTE = 0x10 }; /* DST_FAKE_RTABLE of the kernel */
	const struct dst_entry *route = route_of(skb);

	return route && !(BPF_CORE_READ(route, flags) & FAKE_ROUTE);
}

/* Writes the device that a dropped packet belongs to, and the direction. Returns one of the same kind and namespace; NULL:
 * none. */
static __always_inline struct net_device *place_of(const struct sk_buff *skb, struct bpf_flow_key *key)
{
	struct net_device *device = skb->dev;

	key->word = BPF_EGRESS;
	if (!device) {
		if (skb->skb_iif) /* a piece of something that was put together */
			return NULL;
		device = BPF_CORE_READ(route_of(skb), dev);
		key->index = BPF_CORE_READ(device, ifindex);
		return device;
	}
	key->index = device->ifindex;
	if (skb->skb_iif == device->ifindex || (skb->skb_iif && !is_routed(skb))) {
		key->word = BPF_INGRESS;
		key->index = skb->skb_iif;
	}
	return device;
}

static __always_inline bool has_link_header(const struct net_device *device)
{
	enum { ETHERNET = 1, LOOPBACK = 772 }; /* ARPHRD_ of <linux/if_arp.h> */
	__u16 type = BPF_CORE_READ(device, type);

	return type == ETHERNET || type == LOOPBACK;
}

static __always_inline void set_macs(struct bpf_flow_key *key, const struct sk_buff *skb)
{
	__u8 p[12];

	if (bpf_probe_read_kernel(p, sizeof(p), skb->head + skb->mac_header) != 0)
		return;
	key->marks |= p[0] & 1 ? BPF_MARK_GROUP : 0;
	if (with_macs) {
		__builtin_memcpy(key->destination_mac, p, 6);
		__builtin_memcpy(key->source_mac, p + 6, 6);
	}
}

static __always_inline void set_marks(struct bpf_flow_key *key, const struct sk_buff *skb,
				      const struct net_device *device)
{
	bool has_header = has_link_header(device);

	if (has_header && with_macs)
		key->marks |= BPF_MARK_MACS;
	if (has_header && key->word == BPF_INGRESS)
		set_macs(key, skb);
	else if (is_group_address(key->family, key->destination))
		key->marks |= BPF_MARK_GROUP;
}

/* The packet may have been translated (NAT) before it was dropped: connection tracking knows how it came in. */
static __always_inline void undo_nat(struct bpf_flow_key *key, const struct sk_buff *skb)
{
	enum { RELATED = 1, REPLY = 3, RELATED_REPLY = 4 }; /* ip_conntrack_info of the kernel */
	enum { SRC_NAT = 1 << 4, DST_NAT = 1 << 5 };        /* ip_conntrack_status */
	const struct nf_conn *connection;
	const struct nf_conntrack_tuple *tuple;
	__u64 info;

	if (!bpf_core_type_exists(struct nf_conn))
		return;
	info = skb->_nfct & 7;
	connection = (const struct nf_conn *)(skb->_nfct & ~7UL);
	if (!connection || info == RELATED || info == RELATED_REPLY)
		return;
	if (!(BPF_CORE_READ(connection, status) & (SRC_NAT | DST_NAT)))
		return;
	/* Two accesses: how long an element of the kernel's is, is put into constant ones alone. */
	if (info >= REPLY)
		tuple = &connection->tuplehash[1].tuple;
	else
		tuple = &connection->tuplehash[0].tuple;
	BPF_CORE_READ_INTO(&key->source, tuple, src.u3);
	BPF_CORE_READ_INTO(&key->destination, tuple, dst.u3);
	if (has_ports(key->protocol)) {
		key->source_port = BPF_CORE_READ(tuple, src.u.all);
		key->destination_port = BPF_CORE_READ(tuple, dst.u.all);
	}
}

/* Datagrams are put together before they are judged; each of their fragments counts. */
static __always_inline void set_fragments(struct sum *sum, const struct walk *walk, const struct sk_buff *skb)
{
	/* IPv6: what a fragment repeats is mostly its first header alone, and it has one more, of 8 bytes. */
	__u32 header = IPV6_HEADER, extra = walk->key.family == 6 ? 8 : 0, most, load, each;

	if (walk->key.family == 4)
		most = BPF_CORE_READ((const struct inet_skb_parm *)skb->cb, frag_max_size);
	else
		most = BPF_CORE_READ((const struct inet6_skb_parm *)skb->cb, frag_max_size);
	if (!most || sum->bytes <= most)
		return;
	if (walk->key.family == 4)
		header = walk->transport - walk->ip;
	if (most < header + extra + 8)
		return;
	load = walk->bytes - header;
	each = (most - header - extra) & ~7U;
	sum->packets = (load + each - 1) / each;
	sum->bytes += (sum->packets - 1) * header + sum->packets * extra;
}

static __always_inline void count_dropped_segments(const struct frame *frame, const struct walk *walk,
						   const struct sk_buff *skb, struct sum *sum)
{
	const struct skb_shared_info *shared = (const struct skb_shared_info *)(skb->head + skb->end);
	__u32 size = BPF_CORE_READ(shared, gso_size), segments = BPF_CORE_READ(shared, gso_segs);

	if (size)
		set_segments(sum, frame->length - walk->jumbo,
			     headers_of(frame, walk, skb, skb->inner_transport_header - skb->network_header), size,
			     segments);
}

/* False: it is no IP packet, or not one of its own. The frame then begins at the IP header. */
static __always_inline bool walk_skb(const struct sk_buff *skb, struct frame *frame, struct walk *walk)
{
	__u32 network = skb->network_header, data = (__u32)(skb->data - skb->head);

	/* Frees of what a packet was put together of tell the same reason. They are pieces behind headers. */
	if (data > network)
		return false;
	frame->linear = skb->head + network;
	frame->length = skb->len - (network - data);
	frame->there = frame->length - skb->data_len;
	if (skb->protocol == bpf_htons(TYPE_IPV4))
		walk->key.family = 4;
	else if (skb->protocol == bpf_htons(TYPE_IPV6))
		walk->key.family = 6;
	else
		return false;
	return walk_ip(frame, walk) == PARSED_PACKET;
}

static __always_inline void reject(const struct sk_buff *skb)
{
	struct frame frame = { 0 };
	struct walk walk = { 0 };
	struct sum sum = { 0 };
	struct net_device *device = place_of(skb, &walk.key);

	if (!device || BPF_CORE_READ(device, nd_net.net, ns.inum) != netns_inode)
		return;
	if (!device_of(walk.key.index) || !walk_skb(skb, &frame, &walk))
		return;
	sum.now_ns = bpf_ktime_get_ns();
	sum.packets = 1;
	sum.is_rejected = true;
	sum.bytes = walk.bytes;
	sum.flags = walk.flags;
	count_dropped_segments(&frame, &walk, skb, &sum);
	set_fragments(&sum, &walk, skb);
	follow_fragments(&walk, sum.now_ns);
	set_marks(&walk.key, skb, device);
	if (walk.key.word == BPF_INGRESS)
		undo_nat(&walk.key, skb);
	walk.key.marks |= mark_of_second(sum.now_ns);
	sum_rejected(&walk.key, &sum);
}

#endif
