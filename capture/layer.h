/* capture/layer.h - how far a frame has been read: what the decoder's modules hand each other. */
#ifndef ENIFLOW_CAPTURE_LAYER_H
#define ENIFLOW_CAPTURE_LAYER_H

#include "capture/cursor.h"

struct capture_layer {
	struct cursor bytes; /* captured and not read yet */
	const uint8_t
		*start; /* of what `bytes` is a part of: the frame, or the IP packet around a tunnel's inner one */
	size_t length;  /* its length on the wire; at least what was captured of it */
};

/* How many bytes there were on the wire from here on. */
static inline size_t capture_layer_on_wire(const struct capture_layer *layer)
{
	return layer->length - (size_t)(layer->bytes.at - layer->start);
}

#endif
