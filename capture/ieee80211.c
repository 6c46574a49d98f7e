#include "capture/ieee80211.h"

#include "capture/ethertype.h"
#include "capture/macs.h"

/* The first byte of the frame control field. */
enum { VERSION_MASK = 0x03, TYPE_MASK = 0x0c, TYPE_DATA = 0x08, SUBTYPE_NULL = 0x40, SUBTYPE_QOS = 0x80 };

/* The second. */
enum { TO_DS = 0x01, FROM_DS = 0x02, PROTECTED = 0x40, ORDER = 0x80 };

enum { SEQUENCE_FRAGMENT = 0x0f }; /* in the first byte of the sequence control field */

enum { QOS_AMSDU = 0x80 }; /* in the first byte of the QoS control field */

/* How far the part goes that every data frame has: frame control, duration, addresses, sequence control. */
static size_t fixed_length(const uint8_t control[static 2])
{
	return (control[1] & TO_DS) && (control[1] & FROM_DS) ? 30 : 24; /* with a fourth address or without */
}

/* QoS control; with it the order bit means HT control. */
static size_t qos_length(const uint8_t control[static 2])
{
	if (!(control[0] & SUBTYPE_QOS))
		return 0;
	return control[1] & ORDER ? 6 : 2;
}

/* Source and destination stand where the way through the distribution system puts them. */
static void addresses(const uint8_t *header, struct flow_observation *out)
{
	const uint8_t *first = header + 4, *second = header + 10, *third = header + 16, *fourth = header + 24;

	switch (header[1] & (TO_DS | FROM_DS)) {
	case 0:
		capture_macs(out, second, first);
		break;
	case FROM_DS:
		capture_macs(out, third, first);
		break;
	case TO_DS:
		capture_macs(out, second, third);
		break;
	default:
		capture_macs(out, fourth, third);
		break;
	}
}

enum flow_kind capture_ieee80211(struct capture_layer *layer, bool padded, struct flow_observation *out)
{
	const uint8_t *header = layer->bytes.at;
	size_t fixed, qos;

	if (cursor_left(&layer->bytes) < 2)
		return FLOW_TRUNCATED;
	if ((header[0] & (VERSION_MASK | TYPE_MASK)) != TYPE_DATA || (header[0] & SUBTYPE_NULL) ||
	    (header[1] & PROTECTED))
		return FLOW_NON_IP;
	fixed = fixed_length(header);
	qos = qos_length(header);
	if (!cursor_take(&layer->bytes, fixed + qos))
		return FLOW_TRUNCATED;
	addresses(header, out);
	if ((header[22] & SEQUENCE_FRAGMENT) || (qos && (header[fixed] & QOS_AMSDU)))
		return FLOW_NON_IP;
	if (padded && !cursor_take(&layer->bytes, -(fixed + qos) & 3))
		return FLOW_TRUNCATED;
	return capture_ethertype(ETHERTYPE_LLC, layer, out);
}

/* Does a radiotap header say that the 802.11 header is padded? Its fields stand in the order of their bits in the first
 * word of `present`, each aligned to its size; flags come second, after the time. */
static bool is_padded(const uint8_t *header, size_t length)
{
	enum { PRESENT_TIME = 1u << 0, PRESENT_FLAGS = 1u << 1, FLAG_PADDED = 0x20 };
	const uint32_t present_more = 1u << 31; /* another word follows */
	struct cursor c = cursor_of(header, length);
	uint32_t present, word;
	const uint8_t *p = cursor_take(&c, 8); /* version, pad, length, first word of `present` */

	present = word = load_32(ORDER_LITTLE, p + 4);
	while (word & present_more) {
		p = cursor_take(&c, 4);
		if (!p)
			return false;
		word = load_32(ORDER_LITTLE, p);
	}
	if (!(present & PRESENT_FLAGS))
		return false;
	if ((present & PRESENT_TIME) && !cursor_take(&c, (-(size_t)(c.at - header) & 7) + 8))
		return false;
	p = cursor_take(&c, 1);
	return p && (*p & FLAG_PADDED);
}

enum flow_kind capture_radiotap(struct capture_layer *layer, struct flow_observation *out)
{
	const uint8_t *header = layer->bytes.at;
	size_t length;

	if (cursor_left(&layer->bytes) < 4)
		return FLOW_TRUNCATED;
	length = load_16(ORDER_LITTLE, header + 2);
	if (length < 8)
		return FLOW_MALFORMED;
	if (!cursor_take(&layer->bytes, length))
		return FLOW_TRUNCATED;
	return capture_ieee80211(layer, is_padded(header, length), out);
}
