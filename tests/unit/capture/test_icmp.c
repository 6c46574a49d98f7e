#include "frames.h"

static struct flow_observation decode_frame(const uint8_t *bytes, size_t length)
{
	const struct capture_item item = { .kind = CAPTURE_FRAME,
					   .link_type = LINK_ETHERNET,
					   .supported = true,
					   .captured = (uint32_t)length,
					   .original = (uint32_t)length,
					   .bytes = bytes };
	struct flow_observation seen;

	if (!decoder.fragments)
		fresh_decoder(0);
	capture_decode(&decoder, &item, &seen);
	return seen;
}

#define ECHO(type, identifier) type, 0, 0, 0, BE16(identifier), BE16(1), 'p', 'i', 'n', 'g'
#define ERROR(type, code)      type, code, 0, 0, BE32(0)

static void an_echo_has_its_identifier(void **state)
{
	struct flow_observation v4 = decode_frame(BYTES(ETHERNET(0x0800), IPV4(1, 32), ECHO(8, 0x1234)));
	struct flow_observation v6 = decode_frame(BYTES(ETHERNET(0x86dd), IPV6(58, 12), ECHO(129, 0x4321)));

	(void)state;
	assert_true(v4.has_icmp && v4.is_echo && !v4.has_quote);
	assert_int_equal(v4.icmp_type, 8);
	assert_int_equal(v4.icmp_identifier, 0x1234);
	assert_int_equal(v4.source_port + v4.destination_port, 0);
	assert_true(v6.has_icmp && v6.is_echo);
	assert_int_equal(v6.icmp_type, 129);
	assert_int_equal(v6.icmp_identifier, 0x4321);
}

static void others_have_type_and_code_alone(void **state)
{
	struct flow_observation seen = decode_frame(BYTES(ETHERNET(0x0800), IPV4(1, 32), ECHO(13, 0x1234)));
	struct flow_observation tcp = decode_frame(BYTES(ETHERNET(0x0800), IPV4(6, 40), TCP(0x12)));

	(void)state;
	assert_true(seen.has_icmp && !seen.is_echo);
	assert_int_equal(seen.icmp_type, 13);
	assert_int_equal(seen.icmp_identifier, 0);
	assert_false(tcp.has_icmp || tcp.is_echo || tcp.has_quote);
}

static void what_is_not_captured_is_not_told(void **state)
{
	static const uint8_t frame[] = { ETHERNET(0x0800), IPV4(1, 32), ECHO(8, 0x1234) };
	const size_t headers = 14 + 20;

	(void)state;
	for (size_t length = headers; length <= sizeof(frame); length++) {
		struct flow_observation seen = decode_frame(frame, length);

		assert_int_equal(seen.kind, FLOW_PACKET);
		assert_int_equal(seen.has_icmp, length >= headers + 2);
		assert_int_equal(seen.is_echo, length >= headers + 6);
	}
}

static void an_error_quotes_its_packet(void **state)
{
	struct flow_observation seen = decode_frame(
		BYTES(ETHERNET(0x0800), IPV4(1, 56), ERROR(3, 4), IPV4(17, 1400), BE16(5000), BE16(53), 0, 0, 0, 0));

	(void)state;
	assert_true(seen.has_icmp && seen.has_quote);
	assert_int_equal(seen.icmp_code, 4);
	assert_int_equal(seen.quote.family, FLOW_IPV4);
	assert_int_equal(seen.quote.protocol, 17);
	assert_int_equal(seen.quote.source.octets[3], 1);
	assert_int_equal(seen.quote.destination.octets[3], 2);
	assert_int_equal(seen.quote.source_port, 5000);
	assert_int_equal(seen.quote.destination_port, 53);
	assert_int_equal(seen.source_port, 0);
}

static void an_error_about_an_echo_has_its_identifier(void **state)
{
	struct flow_observation seen = decode_frame(
		BYTES(ETHERNET(0x86dd), IPV6(58, 60), ERROR(1, 0), IPV6(58, 12), ECHO(128, 77)));

	(void)state;
	assert_true(seen.has_quote && !seen.is_echo);
	assert_int_equal(seen.icmp_identifier, 0);
	assert_int_equal(seen.quote.family, FLOW_IPV6);
	assert_int_equal(seen.quote.protocol, 58);
	assert_int_equal(seen.quote.icmp_identifier, 77);
}

/* Of a later fragment only the addresses are known; and half a header is none. */
static void a_quote_may_be_short(void **state)
{
	struct flow_observation later = decode_frame(BYTES(ETHERNET(0x0800), IPV4(1, 56), ERROR(11, 0),
							   IPV4_PART(17, 1400, 9, 100), 1, 2, 3, 4, 5, 6, 7, 8));
	struct flow_observation half = decode_frame(
		BYTES(ETHERNET(0x0800), IPV4(1, 38), ERROR(11, 0), 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17));

	(void)state;
	assert_true(later.has_quote);
	assert_int_equal(later.quote.protocol, 17);
	assert_int_equal(later.quote.source_port + later.quote.destination_port, 0);
	assert_true(half.has_icmp && !half.has_quote);
}

static void later_fragments_of_an_echo_have_its_identifier(void **state)
{
	struct flow_observation first, later;

	(void)state;
	fresh_decoder(0);
	first = decode_frame(BYTES(ETHERNET(0x0800), IPV4_PART(1, 32, 7, 0x2000), ECHO(8, 0x1234)));
	later = decode_frame(BYTES(ETHERNET(0x0800), IPV4_PART(1, 32, 7, 2), ECHO(9, 0x9999)));
	assert_true(first.is_echo && later.is_echo && !later.has_icmp);
	assert_int_equal(later.icmp_identifier, 0x1234);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_echo_has_its_identifier),
		TEST(others_have_type_and_code_alone),
		TEST(what_is_not_captured_is_not_told),
		TEST(an_error_quotes_its_packet),
		TEST(an_error_about_an_echo_has_its_identifier),
		TEST(a_quote_may_be_short),
		TEST(later_fragments_of_an_echo_have_its_identifier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
