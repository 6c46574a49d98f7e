/* flow/connections.h - the connections that security groups know: what lets an answer pass that no rule allows.
 *
 * A connection belongs to an interface. It is found by protocol, both addresses and both ports, whichever of its two
 * ways a packet goes. Echo requests and replies have their identifier in the place of both ports; what has neither
 * ports nor an identifier has 0, so that the addresses alone tell it. An ICMP error belongs to the connection of the
 * packet that it quotes. Source: semantics section 13, 25. Where that leaves room:
 *
 * - Idle is the time from the packet read before to this one; when time runs backwards there is none.
 * - Ways are told by the ends of the connection, not by the interface: a packet that an interface passes on, and so
 *   sees twice, shows one way. A connection between equal ends has one way only.
 * - That a connection has expired is found when its next packet comes, and then it is forgotten for good. Room is for
 *   1,024 connections and doubles up to the bound. When it is full and a new one comes, those that have expired by then
 *   go first. If more than half of the room is still taken it doubles. At the bound, an eighth of it is then made free:
 *   of those left, the ones go whose last packets were read longest ago.
 *
 * A connection takes 64 bytes, and 8 to 16 for its place in the index. Pure; not for two threads at once. */
#ifndef ENIFLOW_FLOW_CONNECTIONS_H
#define ENIFLOW_FLOW_CONNECTIONS_H

#include "flow/error.h"
#include "flow/hash.h"
#include "flow/observation.h"

/* The usual values: seconds without packets, after more of which a connection is forgotten, and the bound. */
enum {
	FLOW_CONNECTION_TCP = 432000,
	FLOW_CONNECTION_CLOSED = 10, /* TCP, once a RST or both FINs have passed */
	FLOW_CONNECTION_UDP = 30,
	FLOW_CONNECTION_UDP_STREAM = 180, /* once packets have gone both ways */
	FLOW_CONNECTION_OTHER = 600,
	FLOW_CONNECTIONS_MOST = 1048576,
};

/* Zeroed but for `seed`: the usual values. */
struct flow_connections_options {
	uint32_t tcp, closed, udp, udp_stream, other; /* seconds */
	uint32_t most;                                /* connections, at most 2^30 */
	uint64_t seed;                                /* random: strangers choose what is tracked */
};

enum {
	FLOW_CONNECTION_WORDS = 5,
	FLOW_CONNECTION_INTERFACES = 1 << 23, /* numbers of interfaces are below it */
};

/* What a connection is found by; made by flow_connection_key_of() or flow_connection_key_of_quote(). */
struct flow_connection_key {
	uint64_t words[FLOW_CONNECTION_WORDS];
	unsigned way; /* 0 or 1: the way that the packet goes */
};

/* Read it; write `notes` alone. */
struct flow_connection {
	uint64_t words[FLOW_CONNECTION_WORDS]; /* of its key */
	int64_t last_ns;                       /* time of its packet read last */
	uint64_t turn;                         /* when that was read: the greater, the later */
	uint8_t limit;                         /* which of the times it is under */
	uint8_t ways;                          /* bits 0 and 1: ways that packets have gone */
	uint8_t ended;                         /* bits 0 and 1: ways that a FIN has gone; bit 2: a RST has passed */
	uint8_t notes;                         /* the caller's; 0 at first, and gone with the connection */
};

struct flow_connections;

/* Returns 0, -EINVAL (more than 2^30 connections) or -ENOMEM. Memory grows with what is tracked; where it ends is the
 * bound. */
int flow_connections_new(struct flow_connections **out, const struct flow_connections_options *options,
			 struct error *err);
void flow_connections_free(struct flow_connections *connections);

uint64_t flow_connections_hash(const struct flow_connections *connections, const struct flow_connection_key *key);

/* Brings the slot that flow_connections_guess() will look at into the cache. */
void flow_connections_prefetch(const struct flow_connections *connections, uint64_t hash);

/* Where the connection with a key of that hash most likely is, and brings it into the cache: its position. 0: there is
 * no such connection, yet. */
uint32_t flow_connections_guess(const struct flow_connections *connections, uint64_t hash);

/* The connection with that key, of that hash; looked for first at `guess`, which may have been made long ago, unless it
 * is 0. NULL: there is none. It may have expired. Valid until one is added or forgotten. */
struct flow_connection *flow_connections_find(const struct flow_connections *connections,
					      const struct flow_connection_key *key, uint64_t hash, uint32_t guess);

/* Is it still known when a packet with those flags comes at that time? Not if it has expired, nor if it is closed and
 * the packet opens a new one (SYN without ACK). */
bool flow_connections_knows(const struct flow_connections *connections, const struct flow_connection *connection,
			    uint8_t tcp_flags, int64_t time_ns);

void flow_connections_forget(struct flow_connections *connections, struct flow_connection *connection);

/* A packet that goes the way of `key` passes: it refreshes the connection. */
void flow_connections_pass(struct flow_connections *connections, struct flow_connection *connection,
			   const struct flow_connection_key *key, uint8_t tcp_flags, int64_t time_ns);

/* The same for a connection that there is not yet. */
struct flow_connection *flow_connections_add(struct flow_connections *connections,
					     const struct flow_connection_key *key, uint64_t hash, uint8_t tcp_flags,
					     int64_t time_ns);

/* Connections that are there now, and those that had to go at the bound though they had not expired. */
size_t flow_connections_count(const struct flow_connections *connections);
uint64_t flow_connections_evicted(const struct flow_connections *connections);

/* ---- keys ---- */

static inline uint8_t flow_connection_protocol(const uint64_t *words)
{
	return (uint8_t)(words[0] >> 32);
}

/* The lower one of both ends stands first, whatever order the machine's bytes give them. Which way a packet goes cannot
 * be foreseen: no branch depends on it. */
static inline struct flow_connection_key flow_connection_key_make(uint32_t interface, uint8_t family, uint8_t protocol,
								  const struct flow_address *source,
								  const struct flow_address *destination,
								  uint16_t source_port, uint16_t destination_port)
{
	uint64_t head = (uint64_t)interface << 41 | (uint64_t)(family == FLOW_IPV6) << 40 | (uint64_t)protocol << 32;
	uint64_t from = flow_hash_word(source->octets), from_rest = flow_hash_word(source->octets + 8);
	uint64_t to = flow_hash_word(destination->octets), to_rest = flow_hash_word(destination->octets + 8);
	uint64_t way = (from > to) | ((from == to) & ((from_rest > to_rest) |
						      ((from_rest == to_rest) & (source_port > destination_port))));
	uint64_t turn = (from ^ to) & -way, turn_rest = (from_rest ^ to_rest) & -way;
	uint64_t turn_ports = (uint64_t)(source_port ^ destination_port) * 0x10001 & -way;
	uint64_t ports = (uint64_t)source_port << 16 | destination_port;

	return (struct flow_connection_key){ { head | (ports ^ turn_ports), from ^ turn, from_rest ^ turn_rest,
					       to ^ turn, to_rest ^ turn_rest },
					     (unsigned)way };
}

/* ICMP has an identifier or 0, and no ports; what is no ICMP has no identifier. */
static inline struct flow_connection_key flow_connection_key_of(uint32_t interface,
								const struct flow_observation *packet)
{
	return flow_connection_key_make(interface, packet->family, packet->protocol, &packet->source,
					&packet->destination, packet->source_port | packet->icmp_identifier,
					packet->destination_port | packet->icmp_identifier);
}

/* As seen by who sent the packet that is quoted. */
static inline struct flow_connection_key flow_connection_key_of_quote(uint32_t interface,
								      const struct flow_quote *quote)
{
	return flow_connection_key_make(interface, quote->family, quote->protocol, &quote->source, &quote->destination,
					quote->source_port | quote->icmp_identifier,
					quote->destination_port | quote->icmp_identifier);
}

#endif
