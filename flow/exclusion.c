#include "flow/exclusion.h"

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { PORT_DNS = 53, PORT_ACTIVATION = 1688 };

/* The last octet of 169.254.169.x, or -1 for an address elsewhere. */
static int amazon_ipv4(const struct flow_address *address)
{
	const uint8_t *o = address->octets;

	return o[0] == 169 && o[1] == 254 && o[2] == 169 ? o[3] : -1;
}

/* The last two octets of fd00:ec2::x, or -1. */
static int amazon_ipv6(const struct flow_address *address)
{
	static const uint8_t prefix[14] = { 0xfd, 0x00, 0x0e, 0xc2 };
	const uint8_t *o = address->octets;

	return memcmp(o, prefix, sizeof(prefix)) == 0 ? o[14] << 8 | o[15] : -1;
}

/* What stands at an address, whatever the port: metadata, time; DNS and activation only on theirs. */
static enum flow_exclusion service_at(enum flow_family family, const struct flow_address *address)
{
	switch (family == FLOW_IPV4 ? amazon_ipv4(address) : -1) {
	case 254:
		return FLOW_EXCLUDED_METADATA;
	case 123:
		return FLOW_EXCLUDED_TIME;
	case 253:
		return FLOW_EXCLUDED_DNS;
	case 250:
	case 251:
		return FLOW_EXCLUDED_ACTIVATION;
	}
	switch (family == FLOW_IPV6 ? amazon_ipv6(address) : -1) {
	case 0x254:
		return FLOW_EXCLUDED_METADATA;
	case 0x123:
		return FLOW_EXCLUDED_TIME;
	case 0x253:
		return FLOW_EXCLUDED_DNS;
	}
	return FLOW_NOT_EXCLUDED;
}

/* Is the address the base of one of the IPv4 prefixes plus `n`? */
static bool is_nth_of(const struct flow_prefix *prefixes, size_t count, uint8_t n, enum flow_family family,
		      const struct flow_address *address)
{
	for (size_t i = 0; i < count; i++) {
		struct flow_address nth;

		if (prefixes[i].family != FLOW_IPV4 || family != FLOW_IPV4)
			continue;
		nth = flow_prefix_nth(&prefixes[i], n);
		if (flow_address_equal(&nth, address))
			return true;
	}
	return false;
}

/* One end of a packet: the service at `address`, if it is that service's traffic on `port`. A DNS server at a VPC's
 * base + 2 may stand where another service's address is. */
static enum flow_exclusion end_excluded(const struct flow_interface *interface, const struct flow_observation *packet,
					const struct flow_address *address, uint16_t port)
{
	enum flow_exclusion service = service_at(packet->family, address);
	bool is_tcp = packet->protocol == PROTOCOL_TCP, is_udp = packet->protocol == PROTOCOL_UDP;

	if (service == FLOW_EXCLUDED_METADATA || service == FLOW_EXCLUDED_TIME)
		return service;
	if (port == PORT_DNS && (is_tcp || is_udp) &&
	    (service == FLOW_EXCLUDED_DNS ||
	     is_nth_of(interface->vpc_cidrs, interface->vpc_cidr_count, 2, packet->family, address)))
		return FLOW_EXCLUDED_DNS;
	if (port == PORT_ACTIVATION && is_tcp && service == FLOW_EXCLUDED_ACTIVATION)
		return FLOW_EXCLUDED_ACTIVATION;
	return FLOW_NOT_EXCLUDED;
}

static bool both_ports_of(const struct flow_observation *packet, uint16_t a, uint16_t b)
{
	return (packet->source_port == a || packet->source_port == b) &&
	       (packet->destination_port == a || packet->destination_port == b);
}

static bool has_dhcp_ports(const struct flow_observation *packet)
{
	return both_ports_of(packet, 67, 68) || both_ports_of(packet, 546, 547);
}

/* The prefixes fd00:ec2:: and 169.254.169, as the first octets of whatever address. */
static bool begins_as_amazon(const struct flow_address *address)
{
	static const uint8_t ipv6[8] = { 0xfd, 0x00, 0x0e, 0xc2 };

	return amazon_ipv4(address) >= 0 || memcmp(address->octets, ipv6, sizeof(ipv6)) == 0;
}

/* Is it worth a closer look? Whatever is excluded is, and most other packets are seen at a glance not to be. Nothing is
 * asked here that is as often so as not, like the family: such a branch costs more than all the others. */
static bool is_suspect(const struct flow_interface *interface, const struct flow_observation *packet)
{
	uint64_t at_source = packet->source_port == PORT_DNS ? interface->ready.resolvers : 0;
	uint64_t at_destination = packet->destination_port == PORT_DNS ? interface->ready.resolvers : 0;

	at_destination |= interface->ready.routers;
	return has_dhcp_ports(packet) || begins_as_amazon(&packet->source) || begins_as_amazon(&packet->destination) ||
	       at_source & flow_address_bit(&packet->source) || at_destination & flow_address_bit(&packet->destination);
}

enum flow_exclusion flow_exclusion_of(const struct flow_interface *interface, const struct flow_observation *packet)
{
	enum flow_exclusion why;

	if (!is_suspect(interface, packet))
		return FLOW_NOT_EXCLUDED;
	why = end_excluded(interface, packet, &packet->destination, packet->destination_port);
	if (why == FLOW_NOT_EXCLUDED)
		why = end_excluded(interface, packet, &packet->source, packet->source_port);
	if (why == FLOW_NOT_EXCLUDED && packet->protocol == PROTOCOL_UDP && has_dhcp_ports(packet))
		why = FLOW_EXCLUDED_DHCP;
	if (why == FLOW_NOT_EXCLUDED &&
	    is_nth_of(interface->subnet_cidrs, interface->subnet_cidr_count, 1, packet->family, &packet->destination))
		why = FLOW_EXCLUDED_ROUTER;
	return why;
}
