/* capture/plain.h - the frames that nearly all are, decoded in one step: Ethernet, IP without options or extension
 * headers, TCP or UDP in one piece. */
#ifndef ENIFLOW_CAPTURE_PLAIN_H
#define ENIFLOW_CAPTURE_PLAIN_H

#include "capture/file.h"

/* Writes every field of `out` but the quote, just as the walk through the layers would that opens no tunnels
 * (capture/decode.c). False: the frame is something else, and `out` holds nothing. */
bool capture_plain(const struct capture_item *item, struct flow_observation *out);

#endif
