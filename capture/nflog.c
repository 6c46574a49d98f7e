#include "capture/nflog.h"

#include "capture/ethertype.h"

enum { ATTRIBUTE_PACKET_HEADER = 1, ATTRIBUTE_PAYLOAD = 9 };

enum { FAMILY_IPV4 = 2, FAMILY_BRIDGE = 7, FAMILY_IPV6 = 10 };

enum { HOOK_PREROUTING, HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT, HOOK_POSTROUTING };

static void take_hook(uint8_t hook, struct flow_observation *out)
{
	if (hook == HOOK_PREROUTING || hook == HOOK_INPUT)
		out->word = FLOW_INGRESS;
	else if (hook == HOOK_OUTPUT || hook == HOOK_POSTROUTING)
		out->word = FLOW_EGRESS;
}

/* What the packet is, by the message's family; only a bridge needs the protocol that its packet header named. */
static enum flow_kind payload(uint8_t family, uint16_t protocol, struct capture_layer *layer,
			      struct flow_observation *out)
{
	switch (family) {
	case FAMILY_IPV4:
		out->family = FLOW_IPV4;
		return FLOW_PACKET;
	case FAMILY_IPV6:
		out->family = FLOW_IPV6;
		return FLOW_PACKET;
	case FAMILY_BRIDGE:
		return capture_linux_protocol(protocol, layer, out);
	default:
		return FLOW_NON_IP;
	}
}

enum flow_kind capture_nflog(enum byte_order order, struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *header = cursor_take(&layer->bytes, 4); /* family, version, group */
	uint16_t protocol = 0;

	if (!header)
		return FLOW_TRUNCATED;
	while (capture_layer_on_wire(layer) > 0) {
		const uint8_t *attribute = cursor_take(&layer->bytes, 4); /* length with these four bytes, type */
		const uint8_t *body;
		size_t length;

		if (!attribute)
			return FLOW_TRUNCATED;
		length = load_16(order, attribute);
		if (length < 4)
			return FLOW_MALFORMED;
		length -= 4;
		if (load_16(order, attribute + 2) == ATTRIBUTE_PAYLOAD) {
			cursor_limit(&layer->bytes, length); /* what follows is no part of the packet */
			return payload(header[0], protocol, layer, out);
		}
		body = cursor_take(&layer->bytes, length);
		if (!body)
			return FLOW_TRUNCATED;
		if (load_16(order, attribute + 2) == ATTRIBUTE_PACKET_HEADER && length >= 3) {
			protocol = load_be16(body);
			take_hook(body[2], out);
		}
		cursor_take(&layer->bytes, -length & 3); /* filled up to four bytes, but for the last one */
	}
	return FLOW_NON_IP;
}
