/* A few frames of any bytes, one after the other through one decoder. An input is a list of them: link type (an index
 * below), options, how many bytes were not captured, captured length in two bytes, bytes. */
#include <stdlib.h>

#include "capture/decode.h"
#include "capture/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const uint32_t link_types[16] = {
	LINK_NULL, LINK_ETHERNET, LINK_PPP,        LINK_RAW_12,     LINK_RAW_14,    LINK_PPP_HDLC,
	LINK_RAW,  LINK_C_HDLC,   LINK_IEEE802_11, LINK_LOOP,       LINK_LINUX_SLL, LINK_IEEE802_11_RADIOTAP,
	LINK_IPV4, LINK_IPV6,     LINK_NFLOG,      LINK_LINUX_SLL2,
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

/* What is true of every packet. */
static void check_packet(const struct flow_observation *seen, const struct capture_item *item, unsigned tunnels)
{
	require(seen->family == FLOW_IPV4 || seen->family == FLOW_IPV6);
	require(seen->bytes >= (seen->family == FLOW_IPV4 ? 20 : 40));
	require(seen->bytes <= UINT16_MAX + 40u || seen->bytes <= item->original);
	if (seen->family == FLOW_IPV4)
		require(is_zero(seen->source.octets + 4, 12) && is_zero(seen->destination.octets + 4, 12));
	if (!has_ports(seen->protocol))
		require(seen->source_port == 0 && seen->destination_port == 0);
	require((seen->tcp_flags & ~23) == 0);
	require(seen->tcp_flags == 0 || seen->protocol == 6);
	require(!(seen->tcp_flags & FLOW_TCP_SYN_ACK) || (seen->tcp_flags & FLOW_TCP_SYN));
	if (seen->has_macs)
		require(seen->group == (seen->destination_mac[0] & 1));
	require(seen->vni <= 0xffffff && (seen->has_vni || seen->vni == 0));
	require(!seen->has_vni || (tunnels & (CAPTURE_VXLAN | CAPTURE_GENEVE)));
}

static void check(const struct flow_observation *seen, const struct capture_item *item, unsigned tunnels)
{
	require(seen->packets == 1 && seen->point == item->point && !seen->appeared);
	require(seen->first_ns == item->time_ns && seen->last_ns == item->time_ns && seen->lost == item->lost);
	require(seen->word <= FLOW_EGRESS);
	switch (seen->kind) {
	case FLOW_PACKET:
		check_packet(seen, item, tunnels);
		break;
	case FLOW_NON_IP:
	case FLOW_TRUNCATED:
	case FLOW_MALFORMED:
		break;
	default:
		abort();
	}
}

/* The short way of plain frames gives what the long one gives, which is taken where tunnels are to be opened. */
static void check_other_way(const struct capture_decoder *decoder, const struct capture_item *item,
			    const struct flow_observation *seen)
{
	enum { GRE = 47 };
	struct capture_decoder other = { CAPTURE_GRE, decoder->fragments };
	struct flow_observation again = { 0 };

	if (decoder->tunnels || (seen->kind == FLOW_PACKET && seen->protocol == GRE))
		return;
	capture_decode(&other, item, &again);
	require(memcmp(&again, seen, offsetof(struct flow_observation, quote)) == 0);
}

/* Decodes out of a block that is exactly as long as the frame. */
static void decode(struct capture_decoder *decoder, struct capture_item item)
{
	uint8_t *copy = malloc(item.captured ? item.captured : 1);
	struct flow_observation seen = { 0 };

	require(copy);
	memcpy(copy, item.bytes, item.captured);
	item.bytes = copy;
	capture_decode(decoder, &item, &seen);
	check(&seen, &item, decoder->tunnels);
	check_other_way(decoder, &item, &seen);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct capture_decoder decoder;
	static uint32_t point;
	struct cursor c = cursor_of(bytes, length);
	const uint8_t *head;

	if (!decoder.fragments)
		require(capture_fragments_new(&decoder.fragments, 1, NULL) == 0);
	point++; /* so that no fragment is remembered from another input */
	for (int64_t time = 0; (head = cursor_take(&c, 5)); time += 10) {
		struct capture_item item = {
			.point = point,
			.link_type = link_types[head[0] % 16],
			.supported = true,
			.word = head[1] >> 4 & 1,
			.order = head[1] & 8 ? ORDER_BIG : ORDER_LITTLE,
			.captured = load_be16(head + 3),
			.bytes = c.at,
			.time_ns = time * 1000000000,
		};

		decoder.tunnels = head[1] & 7;
		if (!cursor_take(&c, item.captured)) {
			item.captured = (uint32_t)cursor_left(&c);
			c.at = c.end;
		}
		item.original = item.captured + head[2] * 16u;
		decode(&decoder, item);
	}
	return 0;
}
