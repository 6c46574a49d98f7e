/* logs/record.h - one line of a flow log, read back. */
#ifndef ENIFLOW_LOGS_RECORD_H
#define ENIFLOW_LOGS_RECORD_H

#include "flow/origin.h"
#include "flow/record.h"

/* Where `status` is not FLOW_OK, only `origin`, `start` and `end` have a meaning beside it. What the origin says is
 * unknown is 0. */
struct log_record {
	const struct flow_origin *origin; /* valid as long as what it was read from */
	uint8_t status;                   /* enum flow_status */
	uint8_t family;                   /* enum flow_family */
	uint8_t protocol;
	uint8_t tcp_flags;
	uint8_t action;    /* enum flow_action */
	uint8_t direction; /* enum flow_direction; FLOW_UNKNOWN where the log does not say */
	uint16_t source_port, destination_port;
	int64_t start, end; /* Unix seconds, 0 to INT64_MAX / 10^9; start <= end */
	uint64_t packets, bytes;
	struct flow_address source, destination;               /* srcaddr, dstaddr; where unknown, as the packet's */
	struct flow_address packet_source, packet_destination; /* pkt-srcaddr, pkt-dstaddr; where unknown, as above */
};

#endif
