#include "capture/segments.h"

enum { PROTOCOL_HOP_BY_HOP = 0, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

enum { TCP_LEAST = 20, UDP_HEADER = 8, IPV6_HEADER = 40 };

/* Not in all kernels' headers. */
enum { GSO_UDP_L4 = 5 };

/* The length of the transport header that begins there; 0: it is not captured so far, or is none (of a fragment nothing is
 * left behind the IP header). */
static size_t header_length(uint8_t protocol, const uint8_t *header, size_t captured)
{
	size_t length;

	if (protocol == PROTOCOL_UDP)
		return captured >= UDP_HEADER ? UDP_HEADER : 0;
	if (protocol != PROTOCOL_TCP || captured < 13)
		return 0;
	length = (size_t)(header[12] >> 4) * 4;
	return length >= TCP_LEAST ? length : 0;
}

static uint8_t protocol_of(uint8_t type)
{
	switch (type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return PROTOCOL_TCP;
	case GSO_UDP_L4:
		return PROTOCOL_UDP;
	default:
		return 0;
	}
}

/* A checksum that is yet to be worked out begins at the transport header of the load, in however many tunnels that is. 0:
 * there is no such header. */
static size_t find_load(const struct virtio_net_hdr *header, uint8_t protocol, const struct capture_item *item)
{
	size_t at = header->csum_start, length;

	if (at >= item->captured)
		return 0;
	length = header_length(protocol, item->bytes + at, item->captured - at);
	return length > 0 && at + length < item->original && at + length <= UINT16_MAX ? at + length : 0;
}

void capture_segments_mark(const struct virtio_net_hdr *header, struct capture_item *item)
{
	bool tells_place = header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	uint8_t protocol = protocol_of(header->gso_type);
	size_t load = tells_place && protocol != 0 ? find_load(header, protocol, item) : 0;

	if (protocol == 0 || header->gso_size == 0 || (tells_place && load == 0))
		return;
	item->segment_protocol = protocol;
	item->segment_size = header->gso_size;
	item->segment_load = (uint16_t)load;
}

/* How much of the packet is ahead of the load; 0: that is not known. */
static size_t ahead_of_load(const struct capture_item *item, const struct capture_layer *layer,
			    const struct flow_observation *out)
{
	size_t start = (size_t)(layer->start - item->bytes), at = (size_t)(layer->bytes.at - item->bytes), length;

	if (item->segment_load > 0)
		return item->segment_load > at ? item->segment_load - start : 0;
	if (item->segment_protocol != 0 && item->segment_protocol != out->protocol)
		return 0;
	length = header_length(out->protocol, layer->bytes.at, cursor_left(&layer->bytes));
	return length > 0 ? at - start + length : 0;
}

/* IPv6 cannot say lengths beyond 65,535 without one more header, which is not for the wire: of 8 bytes, with the jumbo
 * payload option alone (RFC 2675). */
static size_t jumbo_header(const struct capture_item *item, const struct capture_layer *layer)
{
	enum { LENGTH = 8, OPTION = 0xc2 };
	struct cursor bytes = cursor_of(item->bytes, item->captured);
	const uint8_t *ip;

	cursor_take(&bytes, (size_t)(layer->start - item->bytes));
	ip = cursor_take(&bytes, IPV6_HEADER + LENGTH);
	if (!ip || ip[0] >> 4 != FLOW_IPV6 || load_be16(ip + 4) != 0 || ip[6] != PROTOCOL_HOP_BY_HOP)
		return 0;
	return ip[IPV6_HEADER + 1] == 0 && ip[IPV6_HEADER + 2] == OPTION ? LENGTH : 0;
}

void capture_segments_count(const struct capture_item *item, const struct capture_layer *layer,
			    struct flow_observation *out)
{
	size_t ahead = ahead_of_load(item, layer, out), length = layer->length, segments, jumbo;

	out->packets = 1;
	if (ahead == 0 || length <= ahead)
		return;
	segments = (length - ahead + item->segment_size - 1) / item->segment_size;
	if (segments < 2)
		return;
	jumbo = jumbo_header(item, layer);
	out->packets = segments;
	out->bytes = length - jumbo + (segments - 1) * (ahead - jumbo);
}
