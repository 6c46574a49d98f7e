/* bpf/plain.h - the frames that nearly all are, read in one step from the packet's linear part: IP without options or
 * extension headers, TCP or UDP in one piece. The rest is for bpf/parse.h. */
#ifndef ENIFLOW_BPF_PLAIN_H
#define ENIFLOW_BPF_PLAIN_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>

#include "bpf/flows.h"
#include "bpf/parse.h"

/* A transport header, as far as every one of them goes, and what else TCP's says up to its flags. */
struct plain_ports {
	__be16 source, destination;
	__u32 rest;
};

struct plain_tcp {
	struct plain_ports ports;
	__u32 acknowledged;
	__u8 length, flags;
};

/* What is not in the key. */
struct plain {
	__u32 bytes;   /* IP length */
	__u32 headers; /* length of what each segment repeats */
	__u8 flags;
};

/* `header` is the packet's; `length` is how much the IP header says to lie behind it. */
static __always_inline bool plain_transport(const void *header, const void *end, __u32 length, struct bpf_flow_key *key,
					    struct plain *out)
{
	const struct plain_ports *ports = header;
	const struct plain_tcp *tcp = header;

	if ((const void *)(ports + 1) > end || length < sizeof(*ports))
		return false;
	if (key->protocol == PROTOCOL_TCP) {
		if (header + TCP_TO_FLAGS > end || length < TCP_TO_FLAGS)
			return false;
		out->flags = flags_of(tcp->flags);
		out->headers += (tcp->length >> 4) * 4;
	} else if (key->protocol == PROTOCOL_UDP) {
		out->flags = 0;
		out->headers += UDP_HEADER;
	} else {
		return false;
	}
	key->source_port = ports->source;
	key->destination_port = ports->destination;
	return true;
}

static __always_inline bool plain_ipv4(const struct iphdr *ip, const void *end, struct bpf_flow_key *key,
				       struct plain *out)
{
	enum { VERSION_AND_LENGTH = 0x45, FRAGMENT = 0x3fff /* more fragments, and the offset */ };

	if ((const void *)(ip + 1) > end || *(const __u8 *)ip != VERSION_AND_LENGTH ||
	    (ip->frag_off & bpf_htons(FRAGMENT)))
		return false;
	key->family = 4;
	key->protocol = ip->protocol;
	__builtin_memcpy(key->source, &ip->saddr, 4);
	__builtin_memset(key->source + 4, 0, 12);
	__builtin_memcpy(key->destination, &ip->daddr, 4);
	__builtin_memset(key->destination + 4, 0, 12);
	out->bytes = bpf_ntohs(ip->tot_len);
	out->headers = IPV4_HEADER;
	return out->bytes > IPV4_HEADER && plain_transport(ip + 1, end, out->bytes - IPV4_HEADER, key, out);
}

static __always_inline bool plain_ipv6(const struct ipv6hdr *ip, const void *end, struct bpf_flow_key *key,
				       struct plain *out)
{
	__u32 length;

	if ((const void *)(ip + 1) > end || *(const __u8 *)ip >> 4 != 6)
		return false;
	key->family = 6;
	key->protocol = ip->nexthdr;
	__builtin_memcpy(key->source, &ip->saddr, 16);
	__builtin_memcpy(key->destination, &ip->daddr, 16);
	length = bpf_ntohs(ip->payload_len);
	out->bytes = IPV6_HEADER + length;
	out->headers = IPV6_HEADER;
	return plain_transport(ip + 1, end, length, key, out);
}

/* Writes family, protocol, addresses and ports of the key, and MACs and BPF_MARK_GROUP as far as the frame has a header.
 * False: the frame is something else, and the key holds nothing. */
static __always_inline bool plain_frame(const struct __sk_buff *skb, bool has_header, struct bpf_flow_key *key,
					struct plain *out)
{
	const void *data = (const void *)(long)skb->data, *end = (const void *)(long)skb->data_end;
	const struct ethhdr *header = data;

	if (!has_header) {
		if (with_macs)
			__builtin_memset(key->source_mac, 0, 12); /* both */
		if (data + 1 > end)
			return false;
		return *(const __u8 *)data >> 4 == 4 ? plain_ipv4(data, end, key, out)
						     : plain_ipv6(data, end, key, out);
	}
	if ((const void *)(header + 1) > end)
		return false;
	key->marks |= header->h_dest[0] & 1 ? BPF_MARK_GROUP : 0;
	if (with_macs) {
		key->marks |= BPF_MARK_MACS;
		__builtin_memcpy(key->destination_mac, header->h_dest, 6);
		__builtin_memcpy(key->source_mac, header->h_source, 6);
	}
	if (header->h_proto == bpf_htons(TYPE_IPV4))
		return plain_ipv4(data + ETHERNET_HEADER, end, key, out);
	if (header->h_proto == bpf_htons(TYPE_IPV6))
		return plain_ipv6(data + ETHERNET_HEADER, end, key, out);
	return false;
}

#endif
