#include "micro.h"

#include "capture/decode.h"
#include "capture/link.h"

#define ETHERNET(type) 0x02, 0, 0, 0, 0, 0x0b, 0x02, 0, 0, 0, 0, 0x0a, (type) >> 8, (type)&0xff

/* 10.0.0.1 to 10.0.0.2, 40 bytes, identification 7. `place` is the word of fragment bits and offset. */
#define IPV4(protocol, place)                                                                                          \
	0x45, 0, 0, 40, 0, 7, (place) >> 8, (place)&0xff, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2

/* 2001:db8::1 to 2001:db8::2, 20 bytes of payload. */
#define IPV6(next)                                                                                                     \
	0x60, 0, 0, 0, 0, 20, next, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0x01, 0x0d,  \
		0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2

/* Port 1001 to 80, a bare ACK. */
#define TCP 0x03, 0xe9, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0x20, 0, 0, 0, 0, 0

static const uint8_t ipv4_tcp[] = { ETHERNET(0x0800), IPV4(6, 0x4000), TCP };
static const uint8_t ipv6_tcp[] = { ETHERNET(0x86dd), IPV6(6), TCP };
static const uint8_t vlan_tcp[] = { ETHERNET(0x8100), 0, 5, 0x08, 0x00, IPV4(6, 0x4000), TCP };
static const uint8_t first_fragment[] = { ETHERNET(0x0800), IPV4(6, 0x2000), TCP };
static const uint8_t later_fragment[] = { ETHERNET(0x0800), IPV4(6, 3), TCP };

enum { FRAMES = 1 << 20 };

struct decoding {
	struct capture_decoder decoder;
	struct capture_item items[MICRO_ITEMS];
	struct flow_observation seen[MICRO_ITEMS];
};

static void decode_all(void *ctx)
{
	struct decoding *decoding = ctx;

	for (size_t i = 0; i < FRAMES; i++)
		capture_decode(&decoding->decoder, &decoding->items[i % MICRO_ITEMS], &decoding->seen[i % MICRO_ITEMS]);
}

static void fill(struct decoding *decoding, const uint8_t *bytes, size_t length)
{
	for (int i = 0; i < MICRO_ITEMS; i++)
		decoding->items[i] = (struct capture_item){
			.kind = CAPTURE_FRAME,
			.link_type = LINK_ETHERNET,
			.supported = true,
			.captured = (uint32_t)length,
			.original = (uint32_t)length,
			.bytes = bytes,
			.time_ns = 1700000000000000000 + i,
		};
}

void micro_decode(void)
{
	static struct decoding decoding;
	const struct {
		const char *name;
		const uint8_t *bytes;
		size_t length;
	} frames[] = {
		{ "decode a frame: IPv4, TCP", ipv4_tcp, sizeof(ipv4_tcp) },
		{ "decode a frame: IPv6, TCP", ipv6_tcp, sizeof(ipv6_tcp) },
		{ "decode a frame: VLAN, IPv4, TCP", vlan_tcp, sizeof(vlan_tcp) },
		{ "decode a frame: IPv4, later fragment", later_fragment, sizeof(later_fragment) },
	};

	if (capture_fragments_new(&decoding.decoder.fragments, 1, NULL) < 0)
		micro_give_up("out of memory");
	fill(&decoding, first_fragment, sizeof(first_fragment));
	capture_decode(&decoding.decoder, &decoding.items[0], &decoding.seen[0]);
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		fill(&decoding, frames[i].bytes, frames[i].length);
		micro_measure(frames[i].name, decode_all, &decoding, FRAMES);
		if (decoding.seen[0].kind != FLOW_PACKET || decoding.seen[0].source_port != 1001)
			micro_give_up("a frame is not decoded as it should be");
	}
	capture_fragments_free(decoding.decoder.fragments);
}
