/* flow/record.h - what the meter hands to an output: one line of the log, before it is text. */
#ifndef ENIFLOW_FLOW_RECORD_H
#define ENIFLOW_FLOW_RECORD_H

#include "flow/interface.h"
#include "flow/services.h"

enum flow_status { FLOW_OK, FLOW_NODATA, FLOW_SKIPDATA };

/* Where `status` is not FLOW_OK, only `interface`, `interface_number`, `start` and `end` have a meaning beside it. */
struct flow_record {
	const struct flow_interface *interface;
	uint32_t interface_number; /* its place in the set of interfaces; small and dense */
	uint8_t status;            /* enum flow_status */
	uint8_t family;            /* enum flow_family */
	uint8_t protocol;
	uint8_t tcp_flags;
	uint8_t action;       /* enum flow_action */
	uint8_t direction;    /* enum flow_direction; FLOW_UNKNOWN also when the key leaves it out */
	uint8_t traffic_path; /* 1..8; 0: none known */
	uint16_t source_port, destination_port;
	int64_t start, end; /* Unix seconds */
	uint64_t packets, bytes;
	struct flow_address source, destination; /* srcaddr, dstaddr */
	/* pkt-srcaddr, pkt-dstaddr; 0 when the key leaves them out */
	struct flow_address packet_source, packet_destination;
	/* pkt-src-aws-service, pkt-dst-aws-service; NULL: none, or the key leaves the address out */
	const char *packet_source_service, *packet_destination_service;
};

/* Where records go. Both answer 0, or a negative errno that ends the run. */
struct flow_sink {
	int (*record)(void *ctx, const struct flow_record *record, struct error *err);
	/* All records of a window have been handed over, or, after an early emission of a full table, a part of them.
	 * Records that follow end at `until` (Unix seconds) or later, unless time goes backwards. */
	int (*window_end)(void *ctx, int64_t until, struct error *err);
	void *ctx;
};

/* Parts of the key that are there only if the output format shows them (section 5). */
enum flow_shown {
	FLOW_SHOWS_PACKET_SOURCE = 1,      /* pkt-srcaddr */
	FLOW_SHOWS_PACKET_DESTINATION = 2, /* pkt-dstaddr */
	FLOW_SHOWS_DIRECTION = 4,          /* flow-direction */
};

#endif
