/* flow/exclusion.h - the traffic that AWS never logs. Source: semantics section 9 and section 13, 21. */
#ifndef ENIFLOW_FLOW_EXCLUSION_H
#define ENIFLOW_FLOW_EXCLUSION_H

#include "flow/interface.h"

enum flow_exclusion {
	FLOW_NOT_EXCLUDED,
	FLOW_EXCLUDED_METADATA,
	FLOW_EXCLUDED_TIME,
	FLOW_EXCLUDED_DNS,
	FLOW_EXCLUDED_ACTIVATION,
	FLOW_EXCLUDED_DHCP,
	FLOW_EXCLUDED_ROUTER,
	FLOW_EXCLUSION_END
};

/* Would AWS leave this packet out of the log of `interface`, which is ready, and as what? By the packet's own
 * addresses. */
enum flow_exclusion flow_exclusion_of(const struct flow_interface *interface, const struct flow_observation *packet);

#endif
