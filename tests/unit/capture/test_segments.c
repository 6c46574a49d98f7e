/* How many packets a frame of segmentation offload is, and of how many bytes. Lengths in the tests are written out: what a
 * wire would have carried. */
#include "frames.h"

#include "capture/segments.h"

enum { GSO_UDP_L4 = 5, GSO_UDP_FRAGMENTS = 3, ECN = 0x80, NEEDS_CSUM = 1 };

enum { AT_IP = 14, AT_TCP = AT_IP + 20 };

/* What a frame of `on_wire` bytes amounts to, of which those given were captured. */
static struct flow_observation decode_marked(struct virtio_net_hdr header, size_t on_wire, const uint8_t *bytes,
					     size_t captured)
{
	struct capture_item item = {
		.link_type = LINK_ETHERNET,
		.supported = true,
		.captured = (uint32_t)captured,
		.original = (uint32_t)on_wire,
		.bytes = bytes,
	};

	capture_segments_mark(&header, &item);
	return decode_item(item);
}

static void has(struct flow_observation seen, unsigned packets, unsigned bytes)
{
	assert_int_equal(seen.kind, FLOW_PACKET);
	assert_int_equal(seen.packets, packets);
	assert_int_equal(seen.bytes, bytes);
}

/* As a host's own TCP leaves it: the checksum is yet to be worked out. */
static struct virtio_net_hdr tcp_of(uint16_t size, uint16_t start)
{
	return (struct virtio_net_hdr){
		.flags = NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = size, .csum_start = start
	};
}

/* TCP with timestamps: 12 bytes of options. */
#define TCP_32(flags)                                                                                                  \
	BE16(1001), BE16(80), BE32(1), BE32(2), 0x80, flags, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x08,     \
		0x0a, BE32(3), BE32(4)

static void cuts_tcp(void **state)
{
	static const uint8_t frame[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x10) };
	static const uint8_t longer[] = { ETHERNET(0x0800), IPV4(6, 3053), TCP_32(0x10) };

	(void)state;
	/* 1000 three times; 1000, 1000, 999 with a size of 1000; 3000 in one with a size of 3000. */
	has(decode_marked(tcp_of(1000, AT_TCP), 3054, frame, sizeof(frame)), 3, 3 * 1040);
	has(decode_marked(tcp_of(1001, AT_TCP), 3054, frame, sizeof(frame)), 3, 3 * 40 + 3000);
	has(decode_marked(tcp_of(999, AT_TCP), 3054, frame, sizeof(frame)), 4, 4 * 40 + 3000);
	has(decode_marked(tcp_of(1, AT_TCP), 3054, frame, sizeof(frame)), 3000, 3000 * 41);
	has(decode_marked(tcp_of(3000, AT_TCP), 3054, frame, sizeof(frame)), 1, 3040);
	has(decode_marked(tcp_of(65535, AT_TCP), 3054, frame, sizeof(frame)), 1, 3040);
	has(decode_marked(tcp_of(1000, AT_TCP), 3067, longer, sizeof(longer)), 4, 4 * 52 + 3001);
}

static void flags_and_ports_are_the_frames(void **state)
{
	static const uint8_t frame[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x11) };
	struct flow_observation seen;

	(void)state;
	seen = decode_marked(tcp_of(1000, AT_TCP), 3054, frame, sizeof(frame));
	has_flow(&seen, 6, 1001, 80, 3120);
	assert_int_equal(seen.tcp_flags, FLOW_TCP_FIN);
}

/* A card that put packets together, and checked them, says nothing of where the load begins. */
static void finds_the_load_itself(void **state)
{
	static const uint8_t tcp[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x10) };
	static const uint8_t tcp6[] = { ETHERNET(0x86dd),
					IPV6(0, 3028), /* hop-by-hop: a router alert */
					6,
					0,
					5,
					2,
					0,
					0,
					1,
					0,
					TCP(0x10) };
	static const uint8_t udp[] = { ETHERNET(0x0800), IPV4(17, 3028), UDP };
	struct virtio_net_hdr header = { .gso_type = VIRTIO_NET_HDR_GSO_TCPV4 | ECN, .gso_size = 1500 };

	(void)state;
	has(decode_marked(header, 3054, tcp, sizeof(tcp)), 2, 3080);
	header.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	has(decode_marked(header, 3082, tcp6, sizeof(tcp6)), 2, 3000 + 2 * 68);
	header.gso_type = GSO_UDP_L4;
	has(decode_marked(header, 3042, udp, sizeof(udp)), 2, 3056);
}

static void cuts_udp(void **state)
{
	static const uint8_t ipv4[] = { ETHERNET(0x0800), IPV4(17, 2828), UDP };
	static const uint8_t ipv6[] = { ETHERNET(0x86dd), IPV6(17, 2808), UDP };
	struct virtio_net_hdr header = {
		.flags = NEEDS_CSUM, .gso_type = GSO_UDP_L4, .gso_size = 1200, .csum_start = AT_IP + 20
	};

	(void)state;
	has(decode_marked(header, 2842, ipv4, sizeof(ipv4)), 3, 2800 + 3 * 28);
	header.csum_start = AT_IP + 40;
	has(decode_marked(header, 2862, ipv6, sizeof(ipv6)), 3, 2800 + 3 * 48);
}

/* Frames longer than an IP header can say. */
static void big_tcp(void **state)
{
	static const uint8_t ipv4[] = { ETHERNET(0x0800), IPV4(6, 0), TCP(0x10) };
	static const uint8_t ipv6[] = { ETHERNET(0x86dd), IPV6(0, 0), 6, 0, 0xc2, 4, BE32(140028), /* 8 + 20 + 140000 */
					TCP(0x10) };
	static const uint8_t without[] = { ETHERNET(0x86dd), IPV6(6, 0), TCP(0x10) };
	static const uint8_t another[] = {
		ETHERNET(0x86dd), IPV6(0, 0), 6, 0, 1, 4, 0, 0, 0, 0, /* padding: goes with each packet */
		TCP(0x10)
	};

	(void)state;
	has(decode_marked(tcp_of(1400, AT_TCP), 140054, ipv4, sizeof(ipv4)), 100, 100 * 1440);
	has(decode_marked(tcp_of(1400, 62), 140082, ipv6, sizeof(ipv6)), 100, 100 * 1460);
	has(decode_marked(tcp_of(1400, 54), 140074, without, sizeof(without)), 100, 100 * 1460);
	has(decode_marked(tcp_of(1400, 62), 140082, another, sizeof(another)), 100, 100 * 1468);
}

/* Behind tags, in tunnels: all that is ahead of the load is in each packet. */
static void what_is_ahead_is_in_each(void **state)
{
	static const uint8_t tagged[] = { ETHERNET(0x8100), 0, 5, 0x08, 0x00, IPV4(6, 3040), TCP(0x10) };
	static const uint8_t vxlan[] = { ETHERNET(0x0800),
					 IPV4(17, 3090),
					 BE16(40000),
					 BE16(4789),
					 BE16(3070),
					 0,
					 0, /* UDP */
					 8,
					 0,
					 0,
					 0,
					 0,
					 0,
					 42,
					 0,
					 ETHERNET(0x0800),
					 IPV4(6, 3040),
					 TCP(0x12) };
	struct flow_observation seen;

	(void)state;
	has(decode_marked(tcp_of(1000, AT_TCP + 4), 3058, tagged, sizeof(tagged)), 3, 3 * 1040);
	seen = decode_marked(tcp_of(1000, 84), 3104, vxlan, sizeof(vxlan));
	has(seen, 3, 3 * 1090);
	assert_int_equal(seen.protocol, 17);
	fresh_decoder(CAPTURE_VXLAN);
	seen = decode_marked(tcp_of(1000, 84), 3104, vxlan, sizeof(vxlan));
	has(seen, 3, 3 * 1040);
	assert_int_equal(seen.protocol, 6);
	assert_int_equal(seen.vni, 42);
	fresh_decoder(0);
}

static void what_contradicts_itself_is_one_packet(void **state)
{
	static const uint8_t tcp[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x10) };
	static const uint8_t udp[] = { ETHERNET(0x0800), IPV4(17, 3028), UDP };
	static const uint8_t first[] = { ETHERNET(0x0800), IPV4_PART(6, 3040, 1, 0x2000), TCP(0x10) };
	static const uint8_t later[] = { ETHERNET(0x0800), IPV4_PART(17, 3028, 1, 100), UDP };
	static const uint8_t crooked[] = {
		ETHERNET(0x0800), IPV4(6, 3040), BE16(1001), BE16(80), BE32(1), BE32(2), 0x40, 0, 0, 0, 0, 0, 0, 0
	};
	struct virtio_net_hdr header = tcp_of(0, AT_TCP);

	(void)state;
	has(decode_marked(header, 3054, tcp, sizeof(tcp)), 1, 3040); /* segments of nothing */
	header = tcp_of(1000, AT_TCP);
	header.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	has(decode_marked(header, 3054, tcp, sizeof(tcp)), 1, 3040);
	header.gso_type = GSO_UDP_FRAGMENTS;
	has(decode_marked(header, 3042, udp, sizeof(udp)), 1, 3028);
	has(decode_marked(tcp_of(1000, AT_TCP), 3054, first, sizeof(first)), 1, 3040); /* cut up already */
	header = tcp_of(1000, 0);
	header.flags = 0;
	has(decode_marked(header, 3042, udp, sizeof(udp)), 1, 3028); /* TCP, of a packet that is UDP */
	header.gso_type = GSO_UDP_L4;
	has(decode_marked(header, 3042, later, sizeof(later)), 1, 3028);
	has(decode_marked(tcp_of(1000, AT_TCP), 3054, crooked, sizeof(crooked)), 1, 3040); /* a header of 16 bytes */
	has(decode_marked(tcp_of(1000, 2), 3054, tcp, sizeof(tcp)), 1, 3040);              /* before the IP header */
	has(decode_marked(tcp_of(1000, AT_TCP), 54, tcp, sizeof(tcp)), 1, 3040);           /* no load */
}

/* Cut off before the transport header ends: the packet, not its segments. */
static void cut_short(void **state)
{
	static const uint8_t frame[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x10) };

	(void)state;
	for (size_t cut = AT_TCP; cut <= sizeof(frame); cut++)
		has(decode_marked(tcp_of(1000, AT_TCP), 3054, frame, cut), cut < AT_TCP + 13 ? 1 : 3,
		    cut < AT_TCP + 13 ? 3040 : 3120);
}

static void bytes_on_the_wire(void **state)
{
	static const uint8_t frame[] = { ETHERNET(0x0800), IPV4(6, 3040), TCP(0x10) };
	const struct virtio_net_hdr header = tcp_of(1000, AT_TCP);
	struct capture_item item = { .captured = sizeof(frame), .original = 3054, .bytes = frame };

	(void)state;
	assert_int_equal(capture_segments_on_wire(&item, 1), 3054);
	capture_segments_mark(&header, &item);
	assert_int_equal(capture_segments_on_wire(&item, 3), 3 * 1054);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cuts_tcp),
		TEST(flags_and_ports_are_the_frames),
		TEST(finds_the_load_itself),
		TEST(cuts_udp),
		TEST(big_tcp),
		TEST(what_is_ahead_is_in_each),
		TEST(what_contradicts_itself_is_one_packet),
		TEST(cut_short),
		TEST(bytes_on_the_wire),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
