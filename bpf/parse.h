/* bpf/parse.h - from the bytes of a frame to the key of its flow, in the kernel: what capture/decode.h does, packet by packet
 * the same.
 *
 * Loops are bounded, as the kernel's verifier wants: what lies behind LAYERS_MOST tags and labels is taken as not captured
 * (a short snap length has the same effect), and so is what lies behind EXTENSIONS_MOST extension headers; of a packet that is
 * dropped, which is read in a dearer way, behind EXTENSIONS_MOST_DROPPED. */
#ifndef ENIFLOW_BPF_PARSE_H
#define ENIFLOW_BPF_PARSE_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/flows.h"

/* A setting, written before the programs are loaded: keys have MACs. */
const volatile bool with_macs;

enum { LAYERS_MOST = 16, EXTENSIONS_MOST = 24, EXTENSIONS_MOST_DROPPED = 4 };

enum parsed { PARSED_PACKET, PARSED_NON_IP, PARSED_TRUNCATED, PARSED_MALFORMED };

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_VLAN_SERVICE = 0x88a8,
	TYPE_VLAN_DOUBLE = 0x9100,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE_SESSION = 0x8864,
	TYPE_LENGTH_MOST = 1500, /* up to it an EtherType is a length: LLC follows */
	TYPE_LEAST = 0x0600,
};

enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281, PPP_MPLS_UPSTREAM = 0x0283 };

enum { ETHERNET_HEADER = 14, IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_TO_FLAGS = 14, UDP_HEADER = 8, JUMBO_HEADER = 8 };

/* IANA numbers. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_DCCP = 33,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_NONE = 59,
	PROTOCOL_DESTINATION = 60,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDP_LITE = 136,
};

/* Bits of the tcp-flags field. */
enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_SYN_ACK = 16 };

/* Where bytes come from: a program at a hook has the packet itself; one that hears of a drop has the kernel's address of
 * its linear part. Offsets count from the frame's first byte, or from `linear`. */
struct frame {
	struct __sk_buff *skb; /* or NULL */
	const void *linear;
	__u32 length; /* on the wire */
	__u32 there;  /* of which so many can be read */
};

struct walk {
	struct bpf_flow_key key;
	__u32 at;        /* what comes next */
	__u32 end;       /* of what can be read of the packet */
	__u32 ip;        /* where the IP header begins */
	__u32 jumbo;     /* length of a header that only a packet before its segmentation has */
	__u32 transport; /* where the IP header, and what extends it, ends */
	__u64 bytes;     /* IP length */
	__u32 headers;   /* length of what each segment of it repeats, from the IP header on */
	__u32 identification;
	__u8 fragment_protocol; /* as the fragment says */
	__u8 part;              /* enum part, of its datagram */
	__u8 flags;
};

enum part { PART_WHOLE, PART_FIRST, PART_LATER };

/* False: not all of it is there. */
static __always_inline bool load(const struct frame *frame, __u32 at, void *to, __u32 size)
{
	if (frame->skb)
		return bpf_skb_load_bytes(frame->skb, at, to, size) == 0;
	return at + size <= frame->there && bpf_probe_read_kernel(to, size, frame->linear + at) == 0;
}

static __always_inline __u16 be16(const __u8 *p)
{
	return (__u16)(p[0] << 8 | p[1]);
}

static __always_inline __u8 flags_of(__u8 wire)
{
	enum { ACK = 0x10 };
	__u8 flags = wire & (FLAG_FIN | FLAG_SYN | FLAG_RST);

	return (wire & FLAG_SYN) && (wire & ACK) ? flags | FLAG_SYN_ACK : flags;
}

/* ---- link layer ---- */

/* Reads LLC and SNAP; PARSED_PACKET: `type` is the EtherType that they amount to. */
static __always_inline enum parsed llc(const struct frame *frame, struct walk *walk, __u16 *type)
{
	__u8 p[5];

	if (!load(frame, walk->at, p, 3))
		return PARSED_TRUNCATED;
	walk->at += 3;
	if (p[0] == 0x06 && p[1] == 0x06 && p[2] == 0x03) {
		*type = TYPE_IPV4;
		return PARSED_PACKET;
	}
	if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03)
		return PARSED_NON_IP;
	if (!load(frame, walk->at, p, 5))
		return PARSED_TRUNCATED;
	walk->at += 5;
	*type = be16(p + 3);
	if (*type < TYPE_LEAST || p[0] != 0 || p[1] != 0 || (p[2] != 0 && p[2] != 0xf8))
		return PARSED_NON_IP;
	return PARSED_PACKET;
}

/* The session's header, and PPP's protocol field of one or two bytes; as an EtherType, or 1 where there is none. */
static __always_inline enum parsed pppoe(const struct frame *frame, struct walk *walk, __u16 *type)
{
	__u8 p[2];
	__u16 protocol;

	walk->at += 6;
	if (!load(frame, walk->at, p, 1))
		return PARSED_TRUNCATED;
	walk->at += 1;
	protocol = p[0];
	if (!(protocol & 1)) {
		if (!load(frame, walk->at, p + 1, 1))
			return PARSED_TRUNCATED;
		walk->at += 1;
		protocol = be16(p);
	}
	switch (protocol) {
	case PPP_IPV4:
		*type = TYPE_IPV4;
		return PARSED_PACKET;
	case PPP_IPV6:
		*type = TYPE_IPV6;
		return PARSED_PACKET;
	case PPP_MPLS:
	case PPP_MPLS_UPSTREAM:
		*type = TYPE_MPLS;
		return PARSED_PACKET;
	default:
		return PARSED_NON_IP;
	}
}

/* One entry of a label stack; `type` becomes that of what lies under the last one. */
static __always_inline enum parsed label(const struct frame *frame, struct walk *walk, __u16 *type)
{
	__u8 p[4];

	if (!load(frame, walk->at, p, 4))
		return PARSED_TRUNCATED;
	walk->at += 4;
	if (!(p[2] & 1))
		return PARSED_PACKET;
	if (!load(frame, walk->at, p, 1))
		return PARSED_TRUNCATED;
	switch (p[0] >> 4) {
	case 4:
		*type = TYPE_IPV4;
		return PARSED_PACKET;
	case 6:
		*type = TYPE_IPV6;
		return PARSED_PACKET;
	default:
		return PARSED_NON_IP;
	}
}

static __always_inline enum parsed tag(const struct frame *frame, struct walk *walk, __u16 *type)
{
	__u8 p[4];

	if (!load(frame, walk->at, p, 4))
		return PARSED_TRUNCATED;
	walk->at += 4;
	*type = be16(p + 2);
	return PARSED_PACKET;
}

/* From an EtherType (or length) to the IP header, whose family is then in the key. */
static __always_inline enum parsed walk_ethertype(const struct frame *frame, struct walk *walk, __u16 type)
{
	for (int layer = 0; layer < LAYERS_MOST; layer++) {
		enum parsed parsed;

		switch (type) {
		case TYPE_IPV4:
			walk->key.family = 4;
			return PARSED_PACKET;
		case TYPE_IPV6:
			walk->key.family = 6;
			return PARSED_PACKET;
		case TYPE_VLAN:
		case TYPE_VLAN_SERVICE:
		case TYPE_VLAN_DOUBLE:
			parsed = tag(frame, walk, &type);
			break;
		case TYPE_MPLS:
		case TYPE_MPLS_UPSTREAM:
			parsed = label(frame, walk, &type);
			break;
		case TYPE_PPPOE_SESSION:
			parsed = pppoe(frame, walk, &type);
			break;
		default:
			if (type > TYPE_LENGTH_MOST)
				return PARSED_NON_IP;
			parsed = llc(frame, walk, &type);
		}
		if (parsed != PARSED_PACKET)
			return parsed;
	}
	return PARSED_TRUNCATED;
}

/* ---- network layer ---- */

/* A length of 0 was left to the network card to fill in. */
static __always_inline void set_length(const struct frame *frame, struct walk *walk, __u32 total)
{
	if (total == 0)
		total = frame->length - walk->ip;
	walk->bytes = total;
	walk->end = frame->there;
	if (walk->ip + total < walk->end)
		walk->end = walk->ip + total;
}

static __always_inline void set_fragment(struct walk *walk, bool is_later, __u8 protocol, __u32 identification)
{
	walk->part = is_later ? PART_LATER : PART_FIRST;
	walk->fragment_protocol = protocol;
	walk->identification = identification;
}

/* What the bytes at hand show to be wrong comes before what is missing. */
static __always_inline enum parsed walk_ipv4(const struct frame *frame, struct walk *walk)
{
	enum { MORE_FRAGMENTS = 0x2000, OFFSET = 0x1fff };
	__u8 p[IPV4_HEADER] = { 0 };
	__u32 header, total;
	__u16 place;
	bool is_whole = load(frame, walk->ip, p, IPV4_HEADER);

	if (!is_whole && !load(frame, walk->ip, p, 1))
		return PARSED_TRUNCATED;
	header = (p[0] & 15) * 4;
	if (p[0] >> 4 != 4 || header < IPV4_HEADER)
		return PARSED_MALFORMED;
	if (!is_whole && !load(frame, walk->ip, p, 4))
		return PARSED_TRUNCATED;
	total = be16(p + 2);
	if (total != 0 && total < header)
		return PARSED_MALFORMED;
	if (!is_whole || walk->ip + header > frame->there)
		return PARSED_TRUNCATED;
	set_length(frame, walk, total);
	walk->at = walk->ip + header;
	walk->key.protocol = p[9];
	__builtin_memcpy(walk->key.source, p + 12, 4);
	__builtin_memcpy(walk->key.destination, p + 16, 4);
	place = be16(p + 6);
	if (place & (OFFSET | MORE_FRAGMENTS))
		set_fragment(walk, place & OFFSET, p[9], be16(p + 4));
	return PARSED_PACKET;
}

/* Hop-by-hop, routing, destination options: the header says its length. */
static __always_inline bool walk_options(const struct frame *frame, struct walk *walk)
{
	__u8 p[2];
	__u32 length;

	if (walk->at + 2 > walk->end || !load(frame, walk->at, p, 2))
		return false;
	walk->key.protocol = p[0];
	length = ((__u32)p[1] + 1) * 8;
	walk->at = length <= walk->end - walk->at ? walk->at + length : walk->end;
	return true;
}

static __always_inline bool walk_fragment(const struct frame *frame, struct walk *walk)
{
	__u8 p[8];
	__u16 place;

	if (walk->at + 8 > walk->end || !load(frame, walk->at, p, 8))
		return false;
	walk->at += 8;
	walk->key.protocol = p[0];
	place = be16(p + 2); /* offset in eights, two bits of nothing, more fragments */
	if (place & 0xfff9)
		set_fragment(walk, place & 0xfff8, p[0],
			     (__u32)p[4] << 24 | (__u32)p[5] << 16 | (__u32)p[6] << 8 | p[7]);
	return true;
}

static __always_inline void walk_extensions(const struct frame *frame, struct walk *walk)
{
	const int most = frame->skb ? EXTENSIONS_MOST : EXTENSIONS_MOST_DROPPED;

	for (int header = 0; header < most; header++) {
		bool is_read;

		switch (walk->key.protocol) {
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION:
			is_read = walk_options(frame, walk);
			break;
		case PROTOCOL_FRAGMENT:
			is_read = walk_fragment(frame, walk);
			break;
		default:
			return;
		}
		if (!is_read || walk->part == PART_LATER)
			return;
	}
	walk->at = walk->end;
}

/* The header that lengths beyond 65,535 need, with that option alone (RFC 2675): segments do not have it. */
static __always_inline __u32 jumbo_header(const struct frame *frame, __u32 at)
{
	enum { OPTION = 0xc2 };
	__u8 p[3];

	return load(frame, at, p, sizeof(p)) && p[1] == 0 && p[2] == OPTION ? JUMBO_HEADER : 0;
}

static __always_inline enum parsed walk_ipv6(const struct frame *frame, struct walk *walk)
{
	__u8 p[IPV6_HEADER] = { 0 };
	bool is_whole = load(frame, walk->ip, p, IPV6_HEADER);
	__u32 load_length;

	if (!is_whole && !load(frame, walk->ip, p, 1))
		return PARSED_TRUNCATED;
	if (p[0] >> 4 != 6)
		return PARSED_MALFORMED;
	if (!is_whole)
		return PARSED_TRUNCATED;
	load_length = be16(p + 4);
	if (load_length == 0 && p[6] != PROTOCOL_NONE) /* a jumbogram, or left to the network card */
		set_length(frame, walk, 0);
	else
		set_length(frame, walk, IPV6_HEADER + load_length);
	walk->jumbo = load_length == 0 && p[6] == PROTOCOL_HOP_BY_HOP ? jumbo_header(frame, walk->ip + IPV6_HEADER) : 0;
	walk->at = walk->ip + IPV6_HEADER;
	walk->key.protocol = p[6];
	__builtin_memcpy(walk->key.source, p + 8, 16);
	__builtin_memcpy(walk->key.destination, p + 24, 16);
	walk_extensions(frame, walk);
	return PARSED_PACKET;
}

/* ---- transport ---- */

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_DCCP ||
	       protocol == PROTOCOL_SCTP || protocol == PROTOCOL_UDP_LITE;
}

static __always_inline void walk_transport(const struct frame *frame, struct walk *walk)
{
	__u8 p[TCP_TO_FLAGS] = { 0 };

	walk->transport = walk->at;
	walk->headers = walk->at - walk->ip;
	if (!has_ports(walk->key.protocol))
		return;
	if (walk->key.protocol == PROTOCOL_TCP && walk->at + TCP_TO_FLAGS <= walk->end) {
		if (!load(frame, walk->at, p, TCP_TO_FLAGS))
			return;
		walk->flags = flags_of(p[13]);
		walk->headers += (p[12] >> 4) * 4;
	} else {
		if (walk->at + 4 > walk->end || !load(frame, walk->at, p, 4))
			return;
		walk->headers += walk->key.protocol == PROTOCOL_UDP ? UDP_HEADER : 0;
	}
	__builtin_memcpy(&walk->key.source_port, p, 2);
	__builtin_memcpy(&walk->key.destination_port, p + 2, 2);
}

/* ff00::/8, 224.0.0.0/4 and 255.255.255.255. */
static __always_inline bool is_group_address(__u8 family, const __u8 *address)
{
	if (family == 6)
		return address[0] == 0xff;
	return address[0] >> 4 == 14 || (address[0] & address[1] & address[2] & address[3]) == 0xff;
}

/* `walk->at` is at an IP header of the family that the key says. */
static __always_inline enum parsed walk_ip(const struct frame *frame, struct walk *walk)
{
	enum parsed parsed;

	walk->ip = walk->at;
	parsed = walk->key.family == 4 ? walk_ipv4(frame, walk) : walk_ipv6(frame, walk);
	if (parsed == PARSED_PACKET && walk->part != PART_LATER)
		walk_transport(frame, walk);
	return parsed;
}

/* ---- frames ---- */

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

#endif
