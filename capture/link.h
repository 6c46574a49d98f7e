/* capture/link.h - the link types that are decoded, by LINKTYPE_ number as capture files have it. */
#ifndef ENIFLOW_CAPTURE_LINK_H
#define ENIFLOW_CAPTURE_LINK_H

#include <stdbool.h>
#include <stdint.h>

enum capture_link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_12 = 12, /* DLT_RAW where files carry the DLT_ number */
	LINK_RAW_14 = 14, /* the same on OpenBSD */
	LINK_PPP_HDLC = 50,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_IEEE802_11 = 105,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_IEEE802_11_RADIOTAP = 127,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_NFLOG = 239,
	LINK_LINUX_SLL2 = 276,
};

bool capture_link_is_supported(uint32_t link_type);

/* "EN10MB", "LINUX_SLL2", ...: the name libpcap has for it, or NULL. */
const char *capture_link_name(uint32_t link_type);

/* The number that libpcap's compiler knows this link type by (its DLT_ value); -1: none. */
int capture_link_dlt(uint32_t link_type);

#endif
