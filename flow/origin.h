/* flow/origin.h - what a flow log that is read back says beside the counters of its records: whose they are, what nobody
 * can work out again, and what it leaves open.
 *
 * Records that agree on all of it share an origin; it is the capture point that they were seen at. One interface has
 * several origins where, say, its next hops are shown: they are kin. */
#ifndef ENIFLOW_FLOW_ORIGIN_H
#define ENIFLOW_FLOW_ORIGIN_H

#include <stdint.h>

#include "flow/identity.h"

/* Fields that no packet shows: carried from the log that is read to the one that is written, as they stand. */
enum flow_carried {
	FLOW_CARRIED_SOURCE_SERVICE, /* pkt-src-aws-service */
	FLOW_CARRIED_DESTINATION_SERVICE,
	FLOW_CARRIED_TRAFFIC_PATH,
	FLOW_CARRIED_REJECT_REASON,
	FLOW_CARRIED_ENCRYPTION_STATUS,
	FLOW_CARRIED_NEXT_HOP_INTERFACE_ID,
	FLOW_CARRIED_NEXT_HOP_SUBNET_ID,
	FLOW_CARRIED_NEXT_HOP_AZ_ID,
	FLOW_CARRIED_NEXT_HOP_VPC_ID,
	FLOW_CARRIED_NEXT_HOP_INTERFACE_TYPE,
	FLOW_CARRIED_END
};

/* What a record counts or keys by and yet can be missing: the log has no such column, or "-" in it although its status
 * is OK. Written as "-" again. */
enum flow_unknown {
	FLOW_UNKNOWN_SRCADDR = 1 << 0,
	FLOW_UNKNOWN_DSTADDR = 1 << 1,
	FLOW_UNKNOWN_SRCPORT = 1 << 2,
	FLOW_UNKNOWN_DSTPORT = 1 << 3,
	FLOW_UNKNOWN_PROTOCOL = 1 << 4,
	FLOW_UNKNOWN_PACKETS = 1 << 5,
	FLOW_UNKNOWN_BYTES = 1 << 6,
	FLOW_UNKNOWN_ACTION = 1 << 7,
	FLOW_UNKNOWN_TCP_FLAGS = 1 << 8,
	FLOW_UNKNOWN_TYPE = 1 << 9,
	FLOW_UNKNOWN_PKT_SRCADDR = 1 << 10,
	FLOW_UNKNOWN_PKT_DSTADDR = 1 << 11,
};

struct flow_origin {
	uint32_t number;  /* from 0, in order of appearance */
	uint32_t kin;     /* number of the first origin of the same interface: same interface-id, or none at all */
	unsigned unknown; /* enum flow_unknown, or-ed */
	/* NULL: "-", or no such column. */
	const char *identity[FLOW_IDENTITY_END];
	const char *carried[FLOW_CARRIED_END];
};

#endif
