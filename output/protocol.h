/* output/protocol.h - IP protocols by the names that IANA gives them, as rules, commands and reports write them.
 *
 * A table of our own, not the machine's /etc/protocols: the same configuration means the same everywhere. */
#ifndef ENIFLOW_OUTPUT_PROTOCOL_H
#define ENIFLOW_OUTPUT_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

enum {
	OUTPUT_PROTOCOL_ICMP = 1,
	OUTPUT_PROTOCOL_TCP = 6,
	OUTPUT_PROTOCOL_UDP = 17,
	OUTPUT_PROTOCOL_DCCP = 33,
	OUTPUT_PROTOCOL_ICMPV6 = 58,
	OUTPUT_PROTOCOL_SCTP = 132,
	OUTPUT_PROTOCOL_UDPLITE = 136,
};

/* Reads a name, in any case, or a number, 0 to 255; `what` begins the sentence of an error. Returns 0, or -EINVAL with
 * the nearest names. */
int output_protocol_parse(const char *what, const char *text, uint8_t *out, struct error *err);

/* "tcp"; the number as text, made in `out`, for a protocol that has no name here. */
enum { OUTPUT_PROTOCOL_NAME_SIZE = 4 };
const char *output_protocol_name(uint8_t number, char out[static OUTPUT_PROTOCOL_NAME_SIZE]);

/* TCP, UDP, UDP-Lite, SCTP and DCCP (semantics section 2, 3). */
bool output_protocol_has_ports(uint8_t number);

/* ICMP and ICMPv6, which have a type and a code. */
bool output_protocol_is_icmp(uint8_t number);

#endif
