/* capture/ieee80211.h - 802.11 frames, with or without a radiotap header before them.
 *
 * Only data frames that can be read carry IP: one that is protected, aggregated (A-MSDU) or a later fragment is
 * FLOW_NON_IP, like management, control and null frames. Answers as in capture/linklayer.h.
 * Source: semantics section 13, 7. */
#ifndef ENIFLOW_CAPTURE_IEEE80211_H
#define ENIFLOW_CAPTURE_IEEE80211_H

#include "capture/layer.h"
#include "flow/observation.h"

/* `padded`: the header is filled up to a multiple of four bytes. */
enum flow_kind capture_ieee80211(struct capture_layer *layer, bool padded, struct flow_observation *out);

enum flow_kind capture_radiotap(struct capture_layer *layer, struct flow_observation *out);

#endif
