/* capture/tunnel.h - VXLAN, GENEVE and GRE: from an outer packet's transport header to the inner packet.
 *
 * Sources: semantics section 2, 9, section 13, 12. */
#ifndef ENIFLOW_CAPTURE_TUNNEL_H
#define ENIFLOW_CAPTURE_TUNNEL_H

#include "capture/layer.h"
#include "flow/observation.h"

/* Is `packet` one of the tunnels in `kinds` (enum capture_tunnel, or-ed), and can its headers be read up to an inner IP
 * header? `layer` stands at its transport header. If so, `layer` then stands at the inner IP header, and `packet` has
 * what the tunnel and its link layer tell: family, MACs, group, vni; its word on direction is forgotten. If not, both
 * are of no use any more. */
bool capture_tunnel_enter(unsigned kinds, struct capture_layer *layer, struct flow_observation *packet);

#endif
