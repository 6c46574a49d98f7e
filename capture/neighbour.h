/* capture/neighbour.h - what frames say about the station that sent them: the kind of frame, and an address that it
 * claims as its own by ARP or IPv6 neighbour discovery. Routers hand on packets of others, never these. */
#ifndef ENIFLOW_CAPTURE_NEIGHBOUR_H
#define ENIFLOW_CAPTURE_NEIGHBOUR_H

#include "capture/file.h"

/* The EtherType of an Ethernet or Linux cooked frame, behind VLAN tags, at whose payload `rest` then stands; 0: LLC
 * or another of Linux's own; -1: cut off before it, or of another link type. */
int capture_neighbour_type(const struct capture_item *item, struct cursor *rest);

/* Does the payload of a frame of that type, sent by the station `mac` (NULL: not known), claim an address? Then it
 * is in `claimed`; it may be a group's or unspecified, for nothing is believed here. */
bool capture_neighbour_claims(int type, struct cursor rest, const uint8_t *mac, struct flow_host *claimed);

#endif
