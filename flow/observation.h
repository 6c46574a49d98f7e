/* flow/observation.h - the one thing that goes from any source to the meter.
 *
 * A captured frame is an observation, whatever becomes of it: also one that is no IP moves the windows and stands in
 * the account. An entry drained from a kernel map is one of N packets, and so is a frame that stands for several. The
 * other kinds carry what a source learns between frames: capture points that appear and go, packets that were lost, and,
 * live, how late it is. Their order is the order of the input. */
#ifndef ENIFLOW_FLOW_OBSERVATION_H
#define ENIFLOW_FLOW_OBSERVATION_H

#include "flow/address.h"

struct flow_origin;

/* What is to be done with an observation. */
enum flow_kind {
	FLOW_PACKET,      /* an IP packet; all fields below are set */
	FLOW_FILTERED,    /* a frame that --filter turned away */
	FLOW_NON_IP,      /* a frame that carries no IP */
	FLOW_TRUNCATED,   /* captured too short to hold its link-layer and IP headers */
	FLOW_MALFORMED,   /* headers that contradict themselves */
	FLOW_UNSUPPORTED, /* of a link type that is not decoded */
	/* All below are no frames. */
	FLOW_POINT, /* the capture point `appeared` is part of the input from here on; live: it is watched from first_ns
		       on (files: 0), or, if it is watched already, its addresses changed */
	FLOW_GONE,  /* live: `point` is not watched any more since first_ns; it may appear again */
	FLOW_LOSS,  /* `lost` packets were dropped at `point` since the observation before */
	FLOW_TIME,  /* live: it is first_ns now; moves the windows as a frame does, which no other of these does */
};

/* Relative to the interface. */
enum flow_direction { FLOW_UNKNOWN, FLOW_INGRESS, FLOW_EGRESS };

enum flow_action { FLOW_ACCEPT, FLOW_REJECT };

/* The bits of the tcp-flags field. 16 is set by SYN and ACK in one packet alone. */
enum { FLOW_TCP_FIN = 1, FLOW_TCP_SYN = 2, FLOW_TCP_RST = 4, FLOW_TCP_SYN_ACK = 16 };

/* A place where packets are seen: a live device, an interface of a pcapng file, a whole classic file. Numbered from 0
 * in order of appearance; equal names are one point. Owned by the source, valid until it is closed. */
struct flow_point {
	uint32_t number;
	const char *name; /* "eth0"; "if0" for a pcapng interface without name; "" for a classic file without */
	bool named;       /* `name` is a real one, not if<N> or "" */
	/* Live: the device's own addresses, the first of a family its primary one. They change only while the source is
	 * read, and then the point appears again. */
	const struct flow_host *addresses;
	size_t address_count;
	/* What the log says that is read back; NULL: packets are seen here. Each observation of such a point is one record,
	 * or a part of one. */
	const struct flow_origin *origin;
};

/* What an ICMP error quotes of the packet that it is about: enough to find its connection. */
struct flow_quote {
	struct flow_address source, destination;
	uint16_t source_port, destination_port; /* host order; 0 where there are none, or they are not captured */
	uint16_t icmp_identifier;               /* of an echo, else 0 */
	uint8_t family, protocol;
};

/* srcaddr and dstaddr of a record that is read back. */
struct flow_record_addresses {
	struct flow_address source, destination;
};

struct flow_observation {
	uint8_t kind;      /* enum flow_kind */
	uint8_t family;    /* enum flow_family */
	uint8_t protocol;  /* IANA number */
	uint8_t tcp_flags; /* of the field, not of the wire */
	uint8_t word;      /* enum flow_direction: what the capture itself says */
	bool has_macs;     /* `source_mac` and `destination_mac` are the frame's */
	bool group;        /* sent to a group: broadcast or multicast (semantics 13, 15) */
	bool has_vni;      /* `vni` is that of the tunnel the packet was taken out of */
	uint32_t point;    /* number of the capture point; set for every kind but FLOW_POINT */
	uint32_t vni;
	uint16_t source_port, destination_port; /* host order; 0 where there are none */
	uint8_t verdict; /* enum flow_action: what the host's own firewall did; FLOW_ACCEPT where nothing says */
	/* Of ICMP and ICMPv6, in first or whole packets whose header was captured; else all 0 but, in later fragments of
	 * an echo, its identifier. */
	bool has_icmp; /* type and code were captured */
	/* These share an octet, so that all that is read of most packets fills two cache lines. */
	bool is_echo : 1;     /* a request or reply, or a later fragment of one; `icmp_identifier` is its own */
	bool is_fragment : 1; /* of a datagram, the first or a later one; of any protocol, unlike its neighbours here */
	bool has_quote;
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_identifier;
	uint8_t source_mac[6], destination_mac[6];
	struct flow_address source, destination; /* as in the packet */
	int64_t first_ns, last_ns;               /* Unix time in nanoseconds; set for every frame */
	uint64_t packets, bytes;                 /* packets is 1 for nearly every frame; bytes is the IP length */
	uint64_t lost;                           /* packets dropped right before this one; what FLOW_LOSS is about */
	uint64_t tuple_hash; /* of FLOW_PACKET: its flow_tuple_hash() by the run's seed; 0: not worked out */
	const struct flow_point *appeared; /* FLOW_POINT only */
	union {
		struct flow_quote quote;                       /* written only with has_quote */
		struct flow_record_addresses record_addresses; /* where the point has an origin */
	};
};

#endif
