/* The short way of the frames that nearly all are gives what the long one gives. */
#include "frames.h"

#include "capture/plain.h"

/* Asks for a tunnel that is not there: that closes the short way, and nothing else. */
enum { LONG_WAY = CAPTURE_GRE };

static struct capture_item item_of(const uint8_t *bytes, size_t length)
{
	return (struct capture_item){
		.kind = CAPTURE_FRAME,
		.point = 3,
		.link_type = LINK_ETHERNET,
		.supported = true,
		.word = FLOW_INGRESS,
		.captured = (uint32_t)length,
		.original = (uint32_t)length + 100,
		.bytes = bytes,
		.time_ns = 1234567890,
		.lost = 5,
	};
}

/* What is told of every frame; the quote is of none of these. */
enum { TOLD = offsetof(struct flow_observation, quote) };

static struct flow_observation walk(const struct capture_item *item)
{
	struct flow_observation seen = { 0 };

	if (!decoder.fragments)
		fresh_decoder(LONG_WAY);
	capture_decode(&decoder, item, &seen);
	return seen;
}

static void takes_what_it_is_for(void **state)
{
	static const uint8_t ipv4_tcp[] = { ETHERNET(0x0800), IPV4(6, 40), TCP(0x12) };
	static const uint8_t ipv6_tcp[] = { ETHERNET(0x86dd), IPV6(6, 20), TCP(0x11) };
	static const uint8_t ipv4_udp[] = { ETHERNET(0x0800), IPV4(17, 34), UDP, 1, 2 };
	static const struct {
		const uint8_t *bytes;
		size_t length;
	} frames[] = { { ipv4_tcp, sizeof(ipv4_tcp) }, { ipv6_tcp, sizeof(ipv6_tcp) }, { ipv4_udp, sizeof(ipv4_udp) } };

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct capture_item item = item_of(frames[i].bytes, frames[i].length);
		struct flow_observation seen = { 0 }, wanted = walk(&item);

		assert_true(capture_plain(&item, &seen));
		assert_memory_equal(&seen, &wanted, TOLD);
	}
}

/* Every byte of the headers takes every value, and every length is tried. */
static void takes_nothing_that_it_reads_otherwise(void **state)
{
	static const uint8_t plain[2][74] = {
		{ ETHERNET(0x0800), IPV4(6, 60), TCP(0x02), [73] = 1 },
		{ ETHERNET(0x86dd), IPV6(17, 20), BE16(53), BE16(4000), BE16(20) },
	};
	unsigned taken = 0;

	(void)state;
	for (size_t n = 0; n < 2 * sizeof(plain[0]) * 256; n++) {
		uint8_t bytes[sizeof(plain[0])];
		size_t family = n / 256 / sizeof(plain[0]), at = n / 256 % sizeof(plain[0]);

		memcpy(bytes, plain[family], sizeof(bytes));
		bytes[at] = (uint8_t)n;
		for (size_t length = n % 256 ? sizeof(bytes) : 0; length <= sizeof(bytes); length++) {
			struct capture_item item = item_of(bytes, length);
			struct flow_observation seen = { 0 }, wanted;

			if (!capture_plain(&item, &seen))
				continue;
			taken++;
			wanted = walk(&item);
			assert_memory_equal(&seen, &wanted, TOLD);
		}
	}
	assert_true(taken > 20000);
}

static void leaves_other_links_alone(void **state)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), IPV4(6, 40), TCP(0x12) };
	struct capture_item item = item_of(bytes, sizeof(bytes));
	struct flow_observation seen;

	(void)state;
	item.link_type = LINK_RAW;
	assert_false(capture_plain(&item, &seen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_what_it_is_for),
		TEST(takes_nothing_that_it_reads_otherwise),
		TEST(leaves_other_links_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
