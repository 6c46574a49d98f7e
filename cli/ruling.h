/* cli/ruling.h - what the security groups and the network ACL of an interface say of a flow, as one phrase for a report:
 * "rejected: no ingress rule of sg-web allows it". `eniflow explain` says it at length. */
#ifndef ENIFLOW_CLI_RULING_H
#define ENIFLOW_CLI_RULING_H

#include "cli/policies.h"

enum { RULING_SIZE = 512 };

/* The phrase for a packet (FLOW_PACKET) of the settings' interface of that number, whose flow the rules gave `action`
 * packet by packet; "" if the interface names neither groups nor an ACL. Of ICMP, an echo is asked about. Connections
 * are not known here, so the packet is judged as the first of one, and, where no group allows that, as an answer too.
 * What comes out may be another action than that of the flow's packets: then that is what is said. Made in `out`, which is
 * returned. The policies forget nothing of what is asked. */
const char *ruling(char out[static RULING_SIZE], const struct settings *settings, const struct policies *policies,
		   size_t interface, enum flow_direction direction, const struct flow_observation *packet,
		   enum flow_action action);

#endif
