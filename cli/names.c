#include "cli/names.h"

#include <stdio.h>

#include "capture/link.h"
#include "capture/survey.h"

struct name {
	unsigned number;
	const char *name; /* NULL: the end of a table */
};

static const struct name link_names[] = {
	{ LINK_NULL, "BSD loopback" },
	{ LINK_ETHERNET, "Ethernet" },
	{ LINK_PPP, "PPP" },
	{ LINK_RAW_12, "raw IP" },
	{ LINK_RAW_14, "raw IP" },
	{ LINK_PPP_HDLC, "PPP" },
	{ LINK_RAW, "raw IP" },
	{ LINK_C_HDLC, "Cisco HDLC" },
	{ LINK_IEEE802_11, "802.11" },
	{ LINK_LOOP, "OpenBSD loopback" },
	{ LINK_LINUX_SLL, "Linux cooked v1" },
	{ LINK_IEEE802_11_RADIOTAP, "802.11 with radiotap" },
	{ LINK_IPV4, "raw IPv4" },
	{ LINK_IPV6, "raw IPv6" },
	{ LINK_NFLOG, "netfilter log" },
	{ LINK_LINUX_SLL2, "Linux cooked v2" },
	{ 0, NULL },
};

static const struct name protocol_names[] = {
	{ 1, "ICMP" },       { 2, "IGMP" },  { 4, "IPv4 in IP" },  { 6, "TCP" },
	{ 17, "UDP" },       { 33, "DCCP" }, { 41, "IPv6 in IP" }, { 47, "GRE" },
	{ 50, "ESP" },       { 51, "AH" },   { 58, "ICMPv6" },     { 59, "no next header" },
	{ 89, "OSPF" },      { 103, "PIM" }, { 112, "VRRP" },      { 132, "SCTP" },
	{ 136, "UDP-Lite" }, { 0, NULL },
};

static const struct name type_names[] = {
	{ 0, "LLC (spanning tree and the like)" },
	{ 0x0806, "ARP" },
	{ 0x0842, "Wake-on-LAN" },
	{ 0x8035, "RARP" },
	{ 0x8100, "VLAN" },
	{ 0x8809, "slow protocols (LACP)" },
	{ 0x8847, "MPLS" },
	{ 0x8863, "PPPoE discovery" },
	{ 0x8864, "PPPoE session" },
	{ 0x888e, "802.1X" },
	{ 0x88cc, "LLDP" },
	{ 0x88e5, "MACsec" },
	{ 0x88f7, "PTP" },
	{ 0x9000, "loopback test" },
	{ 0, NULL },
};

/* The name in the table, or NULL. */
static const char *find(const struct name *names, unsigned number)
{
	while (names->name && names->number != number)
		names++;
	return names->name;
}

const char *names_link(unsigned number, char out[static NAMES_SIZE])
{
	const char *name = find(link_names, number);

	if (!name)
		name = capture_link_name(number);
	snprintf(out, NAMES_SIZE, "link type %u", number);
	return name ? name : out;
}

const char *names_protocol(unsigned number, char out[static NAMES_SIZE])
{
	const char *name = find(protocol_names, number);

	snprintf(out, NAMES_SIZE, "protocol %u", number);
	return name ? name : out;
}

const char *names_frame_type(unsigned number, char out[static NAMES_SIZE])
{
	const char *name = number == SURVEY_NO_TYPE ? "of unknown type" : find(type_names, number);

	snprintf(out, NAMES_SIZE, "type 0x%04x", number);
	return name ? name : out;
}
