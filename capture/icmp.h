/* capture/icmp.h - what ICMP and ICMPv6 messages say of themselves.
 *
 * No field of a record shows it: security groups and network ACLs ask for it (flow/policy.h). Sources: RFC 792, RFC
 * 4443; semantics section 13, 25. */
#ifndef ENIFLOW_CAPTURE_ICMP_H
#define ENIFLOW_CAPTURE_ICMP_H

#include "capture/cursor.h"
#include "flow/observation.h"

/* IANA numbers. */
enum { CAPTURE_ICMP = 1, CAPTURE_ICMPV6 = 58 };

enum { CAPTURE_ICMP_HEADER = 8 }; /* of every message: behind it an error quotes the packet that it is about */

/* `bytes` stand at a message of out->protocol, which is one of the two. Writes the ICMP fields of `out` as far as the
 * bytes go. Is it an error, and its header whole? Then the quoted packet stands behind it. */
bool capture_icmp(const struct cursor *bytes, struct flow_observation *out);

#endif
