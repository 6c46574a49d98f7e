#include "flow/address.h"

bool flow_address_is_multicast(enum flow_family family, const struct flow_address *address)
{
	return family == FLOW_IPV4 ? (address->octets[0] & 0xf0) == 0xe0 : address->octets[0] == 0xff;
}

bool flow_address_is_broadcast(enum flow_family family, const struct flow_address *address)
{
	static const uint8_t ones[4] = { 255, 255, 255, 255 };

	return family == FLOW_IPV4 && memcmp(address->octets, ones, sizeof(ones)) == 0;
}

bool flow_address_is_unspecified(const struct flow_address *address)
{
	static const struct flow_address zero;

	return flow_address_equal(address, &zero);
}

bool flow_address_is_ipv6_link_local(enum flow_family family, const struct flow_address *address)
{
	return family == FLOW_IPV6 && address->octets[0] == 0xfe && (address->octets[1] & 0xc0) == 0x80;
}

bool flow_prefix_contains(const struct flow_prefix *prefix, enum flow_family family, const struct flow_address *address)
{
	size_t whole = prefix->length / 8;
	unsigned rest = prefix->length % 8;

	if (prefix->family != family || memcmp(prefix->base.octets, address->octets, whole) != 0)
		return false;
	return rest == 0 || (prefix->base.octets[whole] ^ address->octets[whole]) >> (8 - rest) == 0;
}

struct flow_address flow_prefix_nth(const struct flow_prefix *prefix, uint8_t n)
{
	struct flow_address address = prefix->base;
	unsigned carry = n;

	for (size_t i = prefix->family == FLOW_IPV4 ? 4 : 16; i-- > 0 && carry;) {
		carry += address.octets[i];
		address.octets[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return address;
}
