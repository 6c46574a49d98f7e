/* cli/ruling.h - what the security groups and the network ACL of an interface say of a flow, as one phrase for a report:
 * "rejected: no ingress rule of sg-web allows it". `eniflow explain` says it at length. */
#ifndef ENIFLOW_CLI_RULING_H
#define ENIFLOW_CLI_RULING_H

#include "cli/policies.h"

enum { RULING_SIZE = 512 };

/* The phrase for a packet (FLOW_PACKET) of the settings' interface of that number, whose flow the rules gave `action`
 * packet by packet; "" if the interface names neither groups nor an ACL. With no connection known that may come out
 * otherwise for this one packet: then that is what is said. Made in `out`, which is returned. */
const char *ruling(char out[static RULING_SIZE], const struct settings *settings, const struct policies *policies,
		   size_t interface, enum flow_direction direction, const struct flow_observation *packet,
		   enum flow_action action);

#endif
