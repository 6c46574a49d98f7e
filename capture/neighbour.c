#include "capture/neighbour.h"

#include "capture/ethertype.h"
#include "capture/link.h"

static bool is_vlan(int type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static int take_type(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p ? load_be16(p) : -1;
}

int capture_neighbour_type(const struct capture_item *item, struct cursor *rest)
{
	int type;

	*rest = cursor_of(item->bytes, item->captured);
	switch (item->link_type) {
	case LINK_ETHERNET:
		type = cursor_take(rest, 12) ? take_type(rest) : -1;
		break;
	case LINK_LINUX_SLL:
		type = cursor_take(rest, 14) ? take_type(rest) : -1;
		break;
	case LINK_LINUX_SLL2:
		type = take_type(rest);
		if (!cursor_take(rest, 18))
			type = -1;
		break;
	default:
		return -1;
	}
	while (is_vlan(type))
		type = cursor_take(rest, 2) ? take_type(rest) : -1;
	return type >= 0 && type < ETHERTYPE_LEAST ? ETHERTYPE_LLC : type;
}

static bool arp_claims(struct cursor rest, const uint8_t *mac, struct flow_host *claimed)
{
	static const uint8_t ipv4_over_ethernet[6] = { 0, 1, 8, 0, 6, 4 };
	const uint8_t *p = cursor_take(&rest, 28); /* those, operation, and MAC and address of sender and target */

	if (!p || memcmp(p, ipv4_over_ethernet, 6) != 0 || (mac && memcmp(p + 8, mac, 6) != 0))
		return false;
	*claimed = (struct flow_host){ .family = FLOW_IPV4 };
	memcpy(claimed->address.octets, p + 14, 4);
	return true;
}

static bool discovery_claims(struct cursor rest, struct flow_host *claimed)
{
	enum { ICMPV6 = 58, NEVER_FORWARDED = 255, ROUTER_SOLICITATION = 133, ADVERTISEMENT = 136, REDIRECT = 137 };
	const uint8_t *ip = cursor_take(&rest, 40), *icmp = cursor_take(&rest, 24);

	if (!ip || !icmp || ip[6] != ICMPV6 || ip[7] != NEVER_FORWARDED || icmp[0] < ROUTER_SOLICITATION ||
	    icmp[0] > REDIRECT)
		return false;
	claimed->family = FLOW_IPV6;
	memcpy(claimed->address.octets, icmp[0] == ADVERTISEMENT ? icmp + 8 : ip + 8, 16);
	return true;
}

bool capture_neighbour_claims(int type, struct cursor rest, const uint8_t *mac, struct flow_host *claimed)
{
	switch (type) {
	case ETHERTYPE_ARP:
		return arp_claims(rest, mac, claimed);
	case ETHERTYPE_IPV6:
		return discovery_claims(rest, claimed);
	default:
		return false;
	}
}
