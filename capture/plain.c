#include "capture/plain.h"

#include "capture/ethertype.h"
#include "capture/ip.h"
#include "capture/link.h"

enum {
	ETHERNET_HEADER = 14,
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TRANSPORT_LEAST = 14, /* up to TCP's flags; a shorter UDP datagram is not worth a way of its own */
};

/* The transport header behind a plain IPv4 header, or NULL. */
static const uint8_t *ipv4(const uint8_t *ip, struct flow_observation *out)
{
	const uint8_t version_and_length = 0x45;
	const uint16_t fragment = 0x3fff; /* more fragments, and the offset */
	uint16_t total = load_be16(ip + 2);

	if (ip[0] != version_and_length || (load_be16(ip + 6) & fragment) || total < IPV4_HEADER + TRANSPORT_LEAST)
		return NULL;
	out->family = FLOW_IPV4;
	out->protocol = ip[9];
	out->bytes = total;
	memcpy(out->source.octets, ip + 12, 4);
	memcpy(out->destination.octets, ip + 16, 4);
	return ip + IPV4_HEADER;
}

static const uint8_t *ipv6(const uint8_t *ip, struct flow_observation *out)
{
	uint16_t load = load_be16(ip + 4);

	if (ip[0] >> 4 != FLOW_IPV6 || load < TRANSPORT_LEAST)
		return NULL;
	out->family = FLOW_IPV6;
	out->protocol = ip[6];
	out->bytes = IPV6_HEADER + (uint64_t)load;
	memcpy(out->source.octets, ip + 8, 16);
	memcpy(out->destination.octets, ip + 24, 16);
	return ip + IPV6_HEADER;
}

static const uint8_t *network(const struct capture_item *item, struct flow_observation *out)
{
	const uint8_t *ip = item->bytes + ETHERNET_HEADER;

	switch (load_be16(ip - 2)) {
	case ETHERTYPE_IPV4:
		return ipv4(ip, out);
	case ETHERTYPE_IPV6:
		if (item->captured < ETHERNET_HEADER + IPV6_HEADER + TRANSPORT_LEAST)
			return NULL;
		return ipv6(ip, out);
	default:
		return NULL;
	}
}

static bool transport(const uint8_t *header, struct flow_observation *out)
{
	enum { TCP = 6, UDP = 17 };

	out->source_port = load_be16(header);
	out->destination_port = load_be16(header + 2);
	out->tcp_flags = out->protocol == TCP ? capture_tcp_flags(header[13])
					      : 0; /* no branch: none could foresee it */
	return out->protocol == TCP || out->protocol == UDP;
}

/* Field by field: to clear the whole takes longer than all the rest. */
static void begin(const struct capture_item *item, struct flow_observation *out)
{
	static const struct flow_address zero;

	out->kind = FLOW_PACKET;
	out->word = item->word;
	out->verdict = item->verdict;
	out->has_macs = true;
	out->group = item->bytes[0] & 1;
	out->has_vni = false;
	out->point = item->point;
	out->vni = 0;
	out->has_icmp = out->is_echo = out->is_fragment = out->has_quote = false;
	out->icmp_type = out->icmp_code = 0;
	out->icmp_identifier = 0;
	memcpy(out->destination_mac, item->bytes, 6);
	memcpy(out->source_mac, item->bytes + 6, 6);
	out->source = out->destination = zero;
	out->first_ns = out->last_ns = item->time_ns;
	out->packets = 1;
	out->lost = item->lost;
	out->tuple_hash = 0;
	out->appeared = NULL;
}

bool capture_plain(const struct capture_item *item, struct flow_observation *out)
{
	const uint8_t *header;

	if (item->link_type != LINK_ETHERNET || item->captured < ETHERNET_HEADER + IPV4_HEADER + TRANSPORT_LEAST ||
	    item->segment_size > 0)
		return false;
	begin(item, out);
	header = network(item, out);
	return header && transport(header, out);
}
