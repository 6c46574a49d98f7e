/* output/addrtext.h - addresses as text, without inet_ntop: IPv4 dotted, IPv6 by RFC 5952.
 *
 * Source: semantics section 13, 22. IPv6 is lower case, its longest run of zero groups (two or more; the first of
 * equals) is ::, and only ::ffff:0:0/96 ends in dotted form. */
#ifndef ENIFLOW_OUTPUT_ADDRTEXT_H
#define ENIFLOW_OUTPUT_ADDRTEXT_H

#include <stdint.h>

/* The room that each needs: so far, what is behind the text may be overwritten. */
enum { OUTPUT_IPV4_ROOM = 16, OUTPUT_IPV6_ROOM = 43 };

/* Octets in network order. Return where the text ends; no end mark. */
char *output_addrtext_ipv4(char *out, const uint8_t octets[static 4]);
char *output_addrtext_ipv6(char *out, const uint8_t octets[static 16]);

#endif
