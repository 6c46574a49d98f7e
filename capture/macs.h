/* capture/macs.h - what a frame's MAC addresses tell. */
#ifndef ENIFLOW_CAPTURE_MACS_H
#define ENIFLOW_CAPTURE_MACS_H

#include "flow/observation.h"

/* Writes MACs into `out`, and that a frame for a group is one. */
static inline void capture_macs(struct flow_observation *out, const uint8_t source[static 6],
				const uint8_t destination[static 6])
{
	memcpy(out->source_mac, source, 6);
	memcpy(out->destination_mac, destination, 6);
	out->has_macs = true;
	out->group = destination[0] & 1;
}

#endif
