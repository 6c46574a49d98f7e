/* cli/protocol.h - IP protocols by the names that IANA gives them, as rules and commands write them.
 *
 * A table of our own, not the machine's /etc/protocols: the same configuration means the same everywhere. */
#ifndef ENIFLOW_CLI_PROTOCOL_H
#define ENIFLOW_CLI_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_DCCP = 33,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDPLITE = 136,
};

/* Reads a name, in any case, or a number, 0 to 255; `what` begins the sentence of an error. Returns 0, or -EINVAL with
 * the nearest names. */
int protocol_parse(const char *what, const char *text, uint8_t *out, struct error *err);

/* "tcp"; the number as text, made in `out`, for a protocol that has no name here. */
enum { PROTOCOL_NAME_SIZE = 4 };
const char *protocol_name(uint8_t number, char out[static PROTOCOL_NAME_SIZE]);

/* TCP, UDP, UDP-Lite, SCTP and DCCP (semantics section 2, 3). */
bool protocol_has_ports(uint8_t number);

/* ICMP and ICMPv6, which have a type and a code. */
bool protocol_is_icmp(uint8_t number);

#endif
