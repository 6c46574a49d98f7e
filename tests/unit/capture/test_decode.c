/* What holds for every frame, whatever is in it. */
#include "frames.h"

static const int64_t noon = INT64_C(1700000000123456789);

static struct capture_item item_of(const uint8_t *bytes, size_t length)
{
	return (struct capture_item){
		.kind = CAPTURE_FRAME,
		.point = 7,
		.link_type = LINK_ETHERNET,
		.supported = true,
		.word = FLOW_EGRESS,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
		.time_ns = noon,
		.lost = 42,
	};
}

static void is_frame(const struct flow_observation *seen, int kind)
{
	assert_int_equal(seen->kind, kind);
	assert_int_equal(seen->point, 7);
	assert_int_equal(seen->first_ns, noon);
	assert_int_equal(seen->last_ns, noon);
	assert_int_equal(seen->packets, 1);
	assert_int_equal(seen->lost, 42);
	assert_null(seen->appeared);
}

static void every_field_of_a_packet_is_written(void **state)
{
	struct flow_observation seen = decode_item(item_of(BYTES(ETHERNET(0x0800), IPV4(6, 40), TCP(0x12))));

	(void)state;
	is_frame(&seen, FLOW_PACKET);
	is_ipv4(&seen);
	has_flow(&seen, 6, 1001, 80, 40);
	assert_int_equal(seen.tcp_flags, FLOW_TCP_SYN | FLOW_TCP_SYN_ACK);
	assert_int_equal(seen.word, FLOW_EGRESS);
	assert_true(seen.has_macs);
	assert_memory_equal(seen.source_mac, ((const uint8_t[]){ MAC_A }), 6);
	assert_memory_equal(seen.destination_mac, ((const uint8_t[]){ MAC_B }), 6);
	assert_false(seen.group);
	assert_false(seen.has_vni);
	assert_int_equal(seen.vni, 0);
}

static void a_frame_that_is_no_packet_still_has_its_time_and_place(void **state)
{
	struct flow_observation seen = decode_item(item_of(BYTES(ETHERNET(0x0806), 0, 1)));

	(void)state;
	is_frame(&seen, FLOW_NON_IP);
	seen = decode_item(item_of(BYTES(MAC_B, MAC_A)));
	is_frame(&seen, FLOW_TRUNCATED);
	seen = decode_item(item_of(BYTES(ETHERNET(0x0800), 0x65)));
	is_frame(&seen, FLOW_MALFORMED);
	seen = decode_item(item_of(NULL, 0));
	is_frame(&seen, FLOW_TRUNCATED);
}

static void a_link_type_that_is_not_decoded_is_unsupported(void **state)
{
	struct capture_item item = item_of(BYTES(ETHERNET(0x0800), IPV4_UDP));
	struct flow_observation seen;

	(void)state;
	item.supported = false;
	item.link_type = 147; /* LINKTYPE_USER0 */
	seen = decode_item(item);
	is_frame(&seen, FLOW_UNSUPPORTED);
}

static void every_supported_link_type_is_decoded(void **state)
{
	unsigned count = 0;

	(void)state;
	for (uint32_t type = 0; type <= UINT16_MAX; type++) {
		if (!capture_link_is_supported(type))
			continue;
		assert_int_not_equal(kind_of(type, BYTES(0)), FLOW_UNSUPPORTED);
		count++;
	}
	assert_int_equal(count, 16);
}

static void two_decodings_of_a_frame_are_the_same(void **state)
{
	struct flow_observation once = decode_item(item_of(BYTES(ETHERNET(0x86dd), IPV6_UDP)));
	struct flow_observation again = decode_item(item_of(BYTES(ETHERNET(0x86dd), IPV6_UDP)));

	(void)state;
	assert_memory_equal(&once, &again, sizeof(once));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_of_a_packet_is_written),
		TEST(a_frame_that_is_no_packet_still_has_its_time_and_place),
		TEST(a_link_type_that_is_not_decoded_is_unsupported),
		TEST(every_supported_link_type_is_decoded),
		TEST(two_decodings_of_a_frame_are_the_same),
	};

	return cmocka_run_group_tests_name("capture/decode", tests, set_up, tear_down);
}
