/* bpf/kernel.h - what the programs read of the kernel's own structures, and no more.
 *
 * Only the fields' names and the nesting are the kernel's: where each lies is worked out when the programs are loaded, from
 * the types that the running kernel describes (BTF, CO-RE). So no kernel's headers and no BTF are needed to build. */
#ifndef ENIFLOW_BPF_KERNEL_H
#define ENIFLOW_BPF_KERNEL_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	unsigned short type; /* ARPHRD_... */
	possible_net_t nd_net;
};

struct dst_entry {
	struct net_device *dev;
	unsigned short flags;
};

struct sk_buff {
	struct net_device *dev;
	char cb[48]; /* of the layer that has the packet: inet_skb_parm, inet6_skb_parm */
	unsigned long _skb_refdst;
	unsigned long _nfct;
	unsigned int len, data_len;
	__u8 pkt_type : 3;
	__u8 encapsulation : 1;
	int skb_iif;
	__be16 protocol;
	__u16 inner_transport_header, transport_header, network_header, mac_header; /* from `head` on */
	unsigned int end;
	unsigned char *head, *data;
};

/* Lies behind the packet's linear part. */
struct skb_shared_info {
	unsigned short gso_size, gso_segs;
	unsigned int gso_type;
};

struct inet_skb_parm {
	__u16 frag_max_size;
};

struct inet6_skb_parm {
	__u16 frag_max_size;
};

union nf_inet_addr {
	__u32 all[4];
};

union nf_conntrack_man_proto {
	__be16 all;
};

struct nf_conntrack_man {
	union nf_inet_addr u3;
	union nf_conntrack_man_proto u;
};

struct nf_conntrack_tuple {
	struct nf_conntrack_man src;
	struct {
		union nf_inet_addr u3;
		union {
			__be16 all;
		} u;
	} dst;
};

struct nf_conntrack_tuple_hash {
	struct nf_conntrack_tuple tuple;
};

struct nf_conn {
	struct nf_conntrack_tuple_hash tuplehash[2];
	unsigned long status;
};

enum skb_drop_reason { SKB_DROP_REASON_NETFILTER_DROP = 12 /* the number is the running kernel's */ };

#pragma clang attribute pop

#endif
