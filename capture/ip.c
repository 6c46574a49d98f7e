#include "capture/ip.h"

#include "capture/icmp.h"

/* IANA numbers that are looked at. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_DCCP = 33,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_NONE = 59,
	PROTOCOL_DESTINATION = 60,
	PROTOCOL_SCTP = 132,
	PROTOCOL_UDP_LITE = 136,
};

enum { IPV4_LEAST = 20, IPV6_HEADER = 40 };

/* Of which part of its datagram a packet is. */
struct fragment {
	enum { WHOLE, FIRST, LATER } part;
	uint8_t protocol; /* as the fragment says */
	uint32_t identification;
};

/* The whole header must be there, and what is there must not contradict itself: that comes first. */
static enum flow_kind ipv4(struct capture_layer *layer, struct flow_observation *out, struct fragment *fragment)
{
	enum { MORE_FRAGMENTS = 0x2000, OFFSET = 0x1fff };
	const uint8_t *p = layer->bytes.at;
	size_t left = cursor_left(&layer->bytes), header, total;
	uint16_t place;

	if (left < 1)
		return FLOW_TRUNCATED;
	header = (size_t)(p[0] & 15) * 4;
	if (p[0] >> 4 != FLOW_IPV4 || header < IPV4_LEAST)
		return FLOW_MALFORMED;
	if (left < 4)
		return FLOW_TRUNCATED;
	total = load_be16(p + 2);
	if (total != 0 && total < header)
		return FLOW_MALFORMED;
	if (left < header)
		return FLOW_TRUNCATED;

	if (total == 0) /* left to the network card to fill in */
		total = capture_layer_on_wire(layer);
	layer->start = p;
	layer->length = total;
	cursor_limit(&layer->bytes, total);
	cursor_take(&layer->bytes, header);
	out->bytes = total;
	out->protocol = p[9];
	out->source = out->destination = (struct flow_address){ 0 };
	memcpy(out->source.octets, p + 12, 4);
	memcpy(out->destination.octets, p + 16, 4);

	place = load_be16(p + 6);
	if (place & (OFFSET | MORE_FRAGMENTS))
		*fragment = (struct fragment){ place & OFFSET ? LATER : FIRST, p[9], load_be16(p + 4) };
	return FLOW_PACKET;
}

/* Walks IPv6 extension headers as far as they are captured. Of several fragment headers the last one counts. */
static void walk_extensions(struct cursor *bytes, struct flow_observation *out, struct fragment *fragment)
{
	const uint8_t *p;
	uint16_t place;

	while (fragment->part != LATER) {
		switch (out->protocol) {
		case PROTOCOL_HOP_BY_HOP:
		case PROTOCOL_ROUTING:
		case PROTOCOL_DESTINATION:
			p = cursor_take(bytes, 2);
			if (!p)
				return;
			out->protocol = p[0];
			if (!cursor_take(bytes, (size_t)p[1] * 8 + 6))
				bytes->at = bytes->end;
			break;
		case PROTOCOL_FRAGMENT:
			p = cursor_take(bytes, 8);
			if (!p)
				return;
			out->protocol = p[0];
			place = load_be16(p + 2); /* offset in eights, two bits of nothing, more fragments */
			if (place & 0xfff9)
				*fragment = (struct fragment){ place & 0xfff8 ? LATER : FIRST, p[0], load_be32(p + 4) };
			break;
		default:
			return;
		}
	}
}

static enum flow_kind ipv6(struct capture_layer *layer, struct flow_observation *out, struct fragment *fragment)
{
	const uint8_t *p = layer->bytes.at;
	size_t left = cursor_left(&layer->bytes), total;

	if (left < 1)
		return FLOW_TRUNCATED;
	if (p[0] >> 4 != FLOW_IPV6)
		return FLOW_MALFORMED;
	if (left < IPV6_HEADER)
		return FLOW_TRUNCATED;

	total = IPV6_HEADER + (size_t)load_be16(p + 4);
	if (total == IPV6_HEADER && p[6] != PROTOCOL_NONE) /* a jumbogram, or left to the network card */
		total = capture_layer_on_wire(layer);
	layer->start = p;
	layer->length = total;
	cursor_limit(&layer->bytes, total);
	cursor_take(&layer->bytes, IPV6_HEADER);
	out->bytes = total;
	out->protocol = p[6];
	memcpy(out->source.octets, p + 8, 16);
	memcpy(out->destination.octets, p + 24, 16);
	walk_extensions(&layer->bytes, out, fragment);
	return FLOW_PACKET;
}

/* Ports, flags, what ICMP says. Does the message quote a packet, behind its header? */
static bool transport(const struct cursor *bytes, struct flow_observation *out)
{
	switch (out->protocol) {
	case PROTOCOL_TCP:
	case PROTOCOL_UDP:
	case PROTOCOL_DCCP:
	case PROTOCOL_SCTP:
	case PROTOCOL_UDP_LITE:
		if (cursor_left(bytes) >= 4) {
			out->source_port = load_be16(bytes->at);
			out->destination_port = load_be16(bytes->at + 2);
		}
		if (out->protocol == PROTOCOL_TCP && cursor_left(bytes) >= 14)
			out->tcp_flags = capture_tcp_flags(bytes->at[13]);
		return false;
	case CAPTURE_ICMP:
	case CAPTURE_ICMPV6:
		return capture_icmp(bytes, out);
	default:
		return false;
	}
}

/* The packet that an ICMP error is about stands behind the error's header, cut off after some bytes: no more than its
 * headers are asked for. */
static void read_quote(const struct cursor *message, struct flow_observation *out)
{
	const uint8_t *start = message->at + CAPTURE_ICMP_HEADER;
	struct capture_layer layer = { { start, message->end }, start, (size_t)(message->end - start) };
	struct flow_observation quoted = { .family = out->protocol == CAPTURE_ICMPV6 ? FLOW_IPV6 : FLOW_IPV4 };
	struct fragment fragment = { .part = WHOLE };
	enum flow_kind kind = quoted.family == FLOW_IPV4 ? ipv4(&layer, &quoted, &fragment)
							 : ipv6(&layer, &quoted, &fragment);

	if (kind != FLOW_PACKET)
		return;
	if (fragment.part != LATER)
		transport(&layer.bytes, &quoted);
	out->has_quote = true;
	out->quote = (struct flow_quote){
		.source = quoted.source,
		.destination = quoted.destination,
		.source_port = quoted.source_port,
		.destination_port = quoted.destination_port,
		.icmp_identifier = quoted.icmp_identifier,
		.family = quoted.family,
		.protocol = quoted.protocol,
	};
}

static struct capture_fragment_key key_of(const struct fragment *fragment, const struct flow_observation *out)
{
	return (struct capture_fragment_key){
		.source = out->source,
		.destination = out->destination,
		.point = out->point,
		.identification = fragment->identification,
		.family = out->family,
		.protocol = fragment->protocol,
	};
}

static void remember(struct capture_fragments *fragments, const struct fragment *fragment,
		     const struct flow_observation *out)
{
	const struct capture_fragment_key key = key_of(fragment, out);
	const struct capture_fragment first = {
		.time_ns = out->first_ns,
		.source_port = out->source_port,
		.destination_port = out->destination_port,
		.icmp_identifier = out->icmp_identifier,
		.protocol = out->protocol,
		.is_echo = out->is_echo,
	};

	capture_fragments_put(fragments, &key, &first);
}

static void recall(const struct capture_fragments *fragments, const struct fragment *fragment,
		   struct flow_observation *out)
{
	const struct capture_fragment_key key = key_of(fragment, out);
	const struct capture_fragment *first = capture_fragments_get(fragments, &key, out->first_ns);

	if (!first)
		return;
	out->source_port = first->source_port;
	out->destination_port = first->destination_port;
	out->protocol = first->protocol;
	out->is_echo = first->is_echo;
	out->icmp_identifier = first->icmp_identifier;
}

enum flow_kind capture_ip(struct capture_layer *layer, struct capture_fragments *fragments,
			  struct flow_observation *out)
{
	struct fragment fragment = { .part = WHOLE };
	enum flow_kind kind;

	kind = out->family == FLOW_IPV4 ? ipv4(layer, out, &fragment) : ipv6(layer, out, &fragment);
	if (kind != FLOW_PACKET)
		return kind;
	if (!out->has_macs)
		out->group |= flow_address_is_multicast(out->family, &out->destination) ||
			      flow_address_is_broadcast(out->family, &out->destination);
	out->source_port = out->destination_port = 0;
	out->tcp_flags = 0;
	out->is_fragment = fragment.part != WHOLE;
	if (fragment.part != LATER && transport(&layer->bytes, out))
		read_quote(&layer->bytes, out);
	switch (fragment.part) {
	case WHOLE:
		return FLOW_PACKET;
	case FIRST:
		remember(fragments, &fragment, out);
		break;
	case LATER:
		recall(fragments, &fragment, out);
		break;
	}
	layer->bytes.at = layer->bytes.end;
	return FLOW_PACKET;
}
