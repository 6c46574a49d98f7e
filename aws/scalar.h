/* aws/scalar.h - strings of a document that stand for something: addresses, MACs, names, protocols.
 *
 * Each reads what is there into *out and returns true. Where nothing is there, or something wrong, which is a fault, it
 * returns false and leaves *out. An empty string, as which some of what has no value is printed, is as good as nothing,
 * but for prefixes and protocols. */
#ifndef ENIFLOW_AWS_SCALAR_H
#define ENIFLOW_AWS_SCALAR_H

#include "aws/value.h"
#include "flow/address.h"

bool aws_scalar_host(struct aws_value value, enum flow_family family, struct flow_host *out);

/* ADDRESS/LENGTH of that family; 0: of either. Bits behind the length are cleared, as AWS itself does. */
bool aws_scalar_prefix(struct aws_value value, int family, struct flow_prefix *out);

bool aws_scalar_mac(struct aws_value value, uint8_t out[static 6]);

/* An id or the like, fit to stand in a record: printable ASCII without blanks. A copy, from malloc. */
bool aws_scalar_word(struct aws_value value, char **out);

/* The same for a member that must be there, and not be empty. */
bool aws_scalar_id(const struct aws_value *object, const char *name, char **out);

/* As security groups and network ACLs write a protocol: "tcp", "udp", "icmp", "icmpv6", a number, "-1" for every one.
 * *out is an IANA number or FLOW_RULE_ANY. */
bool aws_scalar_protocol(struct aws_value value, int16_t *out);

/* The value of a tag as a record shows it: percent-encoded UTF-8, from malloc. All but letters, digits and -._~ is
 * encoded, and a value that is "-" alone, which would read as none. */
bool aws_scalar_tag(struct aws_value value, char **out);

#endif
