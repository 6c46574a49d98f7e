#include "output/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "output/nearest.h"

static const struct protocol {
	uint8_t number;
	const char *name;
} protocols[] = {
	/* of several names the first is written */
	{ 0, "hopopt" },
	{ OUTPUT_PROTOCOL_ICMP, "icmp" },
	{ 2, "igmp" },
	{ 3, "ggp" },
	{ 4, "ipencap" },
	{ 4, "ipv4" },
	{ 5, "st" },
	{ OUTPUT_PROTOCOL_TCP, "tcp" },
	{ 7, "cbt" },
	{ 8, "egp" },
	{ 9, "igp" },
	{ 12, "pup" },
	{ OUTPUT_PROTOCOL_UDP, "udp" },
	{ 20, "hmp" },
	{ 22, "xns-idp" },
	{ 27, "rdp" },
	{ 29, "iso-tp4" },
	{ OUTPUT_PROTOCOL_DCCP, "dccp" },
	{ 36, "xtp" },
	{ 37, "ddp" },
	{ 38, "idpr-cmtp" },
	{ 41, "ipv6" },
	{ 43, "ipv6-route" },
	{ 44, "ipv6-frag" },
	{ 45, "idrp" },
	{ 46, "rsvp" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 57, "skip" },
	{ OUTPUT_PROTOCOL_ICMPV6, "icmpv6" },
	{ OUTPUT_PROTOCOL_ICMPV6, "ipv6-icmp" },
	{ 59, "ipv6-nonxt" },
	{ 60, "ipv6-opts" },
	{ 73, "rspf" },
	{ 81, "vmtp" },
	{ 88, "eigrp" },
	{ 89, "ospf" },
	{ 93, "ax.25" },
	{ 94, "ipip" },
	{ 97, "etherip" },
	{ 98, "encap" },
	{ 103, "pim" },
	{ 108, "ipcomp" },
	{ 112, "vrrp" },
	{ 115, "l2tp" },
	{ 124, "isis" },
	{ OUTPUT_PROTOCOL_SCTP, "sctp" },
	{ 133, "fc" },
	{ 135, "mobility-header" },
	{ OUTPUT_PROTOCOL_UDPLITE, "udplite" },
	{ OUTPUT_PROTOCOL_UDPLITE, "udp-lite" },
	{ 137, "mpls-in-ip" },
	{ 138, "manet" },
	{ 139, "hip" },
	{ 140, "shim6" },
	{ 141, "wesp" },
	{ 142, "rohc" },
};

enum { COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static bool read_number(const char *text, uint8_t *out)
{
	size_t length = strlen(text);
	long number;

	if (length == 0 || length > 3 || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1))
		return false;
	number = strtol(text, NULL, 10);
	if (number > UINT8_MAX)
		return false;
	*out = (uint8_t)number;
	return true;
}

static int unknown(const char *what, const char *text, struct error *err)
{
	const char *names[COUNT + 1] = { "all" };
	char nearest[64];

	for (size_t i = 0; i < COUNT; i++)
		names[i + 1] = protocols[i].name;
	output_nearest(text, strlen(text), names, COUNT + 1, nearest, sizeof(nearest));
	if (*nearest)
		return fail(err, EINVAL, "%s: there is no protocol '%s'; the nearest: %s", what, text, nearest);
	return fail(err, EINVAL, "%s: there is no protocol '%s'; write its name, such as tcp, or its number, 0 to 255",
		    what, text);
}

int output_protocol_parse(const char *what, const char *text, uint8_t *out, struct error *err)
{
	if (read_number(text, out))
		return 0;
	for (size_t i = 0; i < COUNT; i++) {
		if (strcasecmp(text, protocols[i].name) == 0) {
			*out = protocols[i].number;
			return 0;
		}
	}
	return unknown(what, text, err);
}

const char *output_protocol_name(uint8_t number, char out[static OUTPUT_PROTOCOL_NAME_SIZE])
{
	for (size_t i = 0; i < COUNT; i++)
		if (protocols[i].number == number)
			return protocols[i].name;
	snprintf(out, OUTPUT_PROTOCOL_NAME_SIZE, "%u", number);
	return out;
}

bool output_protocol_has_ports(uint8_t number)
{
	return number == OUTPUT_PROTOCOL_TCP || number == OUTPUT_PROTOCOL_UDP || number == OUTPUT_PROTOCOL_DCCP ||
	       number == OUTPUT_PROTOCOL_SCTP || number == OUTPUT_PROTOCOL_UDPLITE;
}

bool output_protocol_is_icmp(uint8_t number)
{
	return number == OUTPUT_PROTOCOL_ICMP || number == OUTPUT_PROTOCOL_ICMPV6;
}
