/* capture/decode.h - from the bytes of a frame to an observation.
 *
 * Sources: semantics section 2, section 13, 6 to 12. Nothing here fails: a frame that cannot be decoded is an
 * observation of another kind. */
#ifndef ENIFLOW_CAPTURE_DECODE_H
#define ENIFLOW_CAPTURE_DECODE_H

#include "capture/file.h"
#include "capture/fragments.h"

/* What --decapsulate lists. */
enum capture_tunnel { CAPTURE_VXLAN = 1, CAPTURE_GENEVE = 2, CAPTURE_GRE = 4 };

struct capture_decoder {
	unsigned tunnels;                    /* enum capture_tunnel, or-ed: those that are opened */
	struct capture_fragments *fragments; /* never NULL */
};

/* Decodes a frame (item->kind is CAPTURE_FRAME) into `out`, of which every field is written. out->kind is FLOW_PACKET,
 * FLOW_NON_IP, FLOW_TRUNCATED, FLOW_MALFORMED or FLOW_UNSUPPORTED; times, point and lost are set in any case. */
void capture_decode(struct capture_decoder *decoder, const struct capture_item *item, struct flow_observation *out);

#endif
