/* tests/unit/capture/frames.h - frames as literals, and a decoder to put them through. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_FRAMES_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_FRAMES_H

#include <stdlib.h>

#include "capture/decode.h"
#include "capture/link.h"

#include "check.h"

/* Bytes and how many, as two arguments. */
#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

#define BE16(n) (uint8_t)((n) >> 8), (uint8_t)(n)
#define BE32(n) BE16((uint32_t)(n) >> 16), BE16((n)&0xffff)

#define MAC_A         0x02, 0, 0, 0, 0, 0x0a
#define MAC_B         0x02, 0, 0, 0, 0, 0x0b
#define MAC_BROADCAST 0xff, 0xff, 0xff, 0xff, 0xff, 0xff

/* From A to B, up to the EtherType. */
#define ETHERNET(type) MAC_B, MAC_A, BE16(type)

/* 10.0.0.1 to 10.0.0.2. `place` is the word of fragment bits and offset. */
#define IPV4_PART(protocol, total, id, place)                                                                          \
	0x45,                               /* version, header length */                                               \
		0x00,                       /* service */                                                              \
		BE16(total), BE16(id),      /* total length, identification */                                         \
		BE16(place),                /* fragment bits and offset */                                             \
		0x40, protocol, 0x00, 0x00, /* time to live, protocol, checksum */                                     \
		10, 0, 0, 1, 10, 0, 0, 2    /* source, destination */
#define IPV4(protocol, total) IPV4_PART(protocol, total, 1, 0)

/* 2001:db8::1 to 2001:db8::2. */
#define IPV6_A 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define IPV6_B 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define IPV6(next, payload)                                                                                            \
	0x60, 0x00, 0x00, 0x00,            /* version, class, flow label */                                            \
		BE16(payload), next, 0x40, /* payload length, next header, hop limit */                                \
		IPV6_A, IPV6_B

/* Ports, length, checksum, four bytes of data. */
#define UDP_TO(port) BE16(1001), BE16(port), 0x00, 0x0c, 0x00, 0x00, 'x', 'x', 'x', 'x'
#define UDP          UDP_TO(9)

/* Ports, sequence, acknowledgement, header length, flags, window, checksum, urgent pointer. */
#define TCP(flags) BE16(1001), BE16(80), BE32(1), BE32(2), 0x50, flags, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00

#define IPV4_UDP IPV4(17, 32), UDP
#define IPV6_UDP IPV6(17, 12), UDP

static struct capture_decoder decoder;

/* Forgets all fragments and opens `tunnels` from now on. */
static inline void fresh_decoder(unsigned tunnels)
{
	capture_fragments_free(decoder.fragments);
	decoder = (struct capture_decoder){ .tunnels = tunnels };
	assert_int_equal(capture_fragments_new(&decoder.fragments, 1, NULL), 0);
}

static inline int set_up(void **state)
{
	(void)state;
	fresh_decoder(0);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	capture_fragments_free(decoder.fragments);
	return 0;
}

/* Decodes a frame out of a block that is exactly as long, so that a read behind it is a fault. (Inlined, gcc 12
 * takes the copy of no bytes for one behind the block.) */
__attribute__((noinline, unused)) static struct flow_observation decode_item(struct capture_item item)
{
	struct flow_observation out;
	uint8_t *copy = malloc((size_t)item.captured + 1);

	assert_non_null(copy);
	if (item.captured)
		memcpy(copy + 1, item.bytes, item.captured); /* at an odd address */
	item.bytes = copy + 1;
	memset(&out, 0xee, sizeof(out));
	capture_decode(&decoder, &item, &out);
	free(copy);
	return out;
}

/* A frame that had `on_wire` bytes and was captured up to those given. */
static inline struct flow_observation decode_short(uint32_t link_type, size_t on_wire, const uint8_t *bytes,
						   size_t captured)
{
	return decode_item((struct capture_item){
		.link_type = link_type,
		.supported = true,
		.captured = (uint32_t)captured,
		.original = (uint32_t)on_wire,
		.bytes = bytes,
	});
}

/* A frame that is captured up to `cut`. */
static inline struct flow_observation decode_cut(uint32_t link_type, const uint8_t *bytes, size_t length, size_t cut)
{
	return decode_short(link_type, length, bytes, cut);
}

static inline struct flow_observation decode(uint32_t link_type, const uint8_t *bytes, size_t length)
{
	return decode_cut(link_type, bytes, length, length);
}

/* Where only the kind matters. */
static inline int kind_of(uint32_t link_type, const uint8_t *bytes, size_t length)
{
	return decode(link_type, bytes, length).kind;
}

#define IS_ADDRESS(address, ...) assert_memory_equal((address).octets, ((const uint8_t[16]){ __VA_ARGS__ }), 16)

/* The packets above, whatever they came in. */
static inline void is_ipv4(const struct flow_observation *seen)
{
	assert_int_equal(seen->kind, FLOW_PACKET);
	assert_int_equal(seen->family, FLOW_IPV4);
	IS_ADDRESS(seen->source, 10, 0, 0, 1);
	IS_ADDRESS(seen->destination, 10, 0, 0, 2);
	assert_int_equal(seen->packets, 1);
}

static inline void is_ipv6(const struct flow_observation *seen)
{
	assert_int_equal(seen->kind, FLOW_PACKET);
	assert_int_equal(seen->family, FLOW_IPV6);
	IS_ADDRESS(seen->source, IPV6_A);
	IS_ADDRESS(seen->destination, IPV6_B);
	assert_int_equal(seen->packets, 1);
}

static inline void has_flow(const struct flow_observation *seen, unsigned protocol, unsigned source_port,
			    unsigned destination_port, uint64_t bytes)
{
	assert_int_equal(seen->protocol, protocol);
	assert_int_equal(seen->source_port, source_port);
	assert_int_equal(seen->destination_port, destination_port);
	assert_int_equal(seen->bytes, bytes);
}

static inline void is_ipv4_udp(struct flow_observation seen)
{
	is_ipv4(&seen);
	has_flow(&seen, 17, 1001, 9, 32);
}

static inline void is_ipv6_udp(struct flow_observation seen)
{
	is_ipv6(&seen);
	has_flow(&seen, 17, 1001, 9, 52);
}

/* Cuts a frame that ends in UDP after each of its bytes: it is truncated until its IP header is whole, and has ports
 * once theirs are there. */
static inline void cut_everywhere(uint32_t link_type, const uint8_t *bytes, size_t length)
{
	const size_t transport = length - 12;

	for (size_t cut = 0; cut <= length; cut++) {
		struct flow_observation seen = decode_cut(link_type, bytes, length, cut);

		if (cut < transport) {
			assert_int_equal(seen.kind, FLOW_TRUNCATED);
			continue;
		}
		assert_int_equal(seen.kind, FLOW_PACKET);
		assert_int_equal(seen.protocol, 17);
		assert_int_equal(seen.source_port, cut < transport + 4 ? 0 : 1001);
		assert_int_equal(seen.destination_port, cut < transport + 4 ? 0 : 9);
		assert_int_equal(seen.bytes, seen.family == FLOW_IPV4 ? 32 : 52);
	}
}

#endif
