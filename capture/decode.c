#include "capture/decode.h"

#include "capture/ip.h"
#include "capture/linklayer.h"
#include "capture/plain.h"
#include "capture/segments.h"
#include "capture/tunnel.h"
#include "flow/apart.h"

/* The packet that `layer` stands at; of a frame that stands for several, all of them. */
static enum flow_kind packet(const struct capture_decoder *decoder, const struct capture_item *item,
			     struct capture_layer *layer, struct flow_observation *out)
{
	enum flow_kind kind = capture_ip(layer, decoder->fragments, out);

	if (kind == FLOW_PACKET && item->segment_size > 0)
		capture_segments_count(item, layer, out);
	return kind;
}

/* Takes the innermost packet that can be read in place of the one in `out`. */
static void open_tunnels(const struct capture_decoder *decoder, const struct capture_item *item,
			 struct capture_layer *layer, struct flow_observation *out)
{
	struct flow_observation inner = *out;

	while (capture_tunnel_enter(decoder->tunnels, layer, &inner) &&
	       packet(decoder, item, layer, &inner) == FLOW_PACKET)
		*out = inner;
}

/* Layer by layer, whatever the frame is. Not inlined, to keep the way of plain frames short. */
ENIFLOW_APART static void walk(struct capture_decoder *decoder, const struct capture_item *item,
			       struct flow_observation *out)
{
	struct capture_layer layer = { cursor_of(item->bytes, item->captured), item->bytes, item->original };

	*out = (struct flow_observation){
		.kind = FLOW_UNSUPPORTED,
		.word = item->word,
		.verdict = item->verdict,
		.point = item->point,
		.first_ns = item->time_ns,
		.last_ns = item->time_ns,
		.packets = 1,
		.lost = item->lost,
	};
	if (!item->supported)
		return;
	out->kind = (uint8_t)capture_linklayer(item, &layer, out);
	if (out->kind == FLOW_PACKET)
		out->kind = (uint8_t)packet(decoder, item, &layer, out);
	if (out->kind == FLOW_PACKET && decoder->tunnels)
		open_tunnels(decoder, item, &layer, out);
}

void capture_decode(struct capture_decoder *decoder, const struct capture_item *item, struct flow_observation *out)
{
	if (decoder->tunnels || !item->supported || !capture_plain(item, out))
		walk(decoder, item, out);
}
