#include <errno.h>

#include "capture/filter.h"
#include "frames.h"

static struct error err;

static int matches(const char *expression, uint32_t link_type, const uint8_t *bytes, size_t length)
{
	struct capture_filter *filter;
	int first, second;

	assert_int_equal(capture_filter_new(&filter, expression, &err), 0);
	first = capture_filter_match(filter, link_type, bytes, (uint32_t)length, (uint32_t)length, &err);
	second = capture_filter_match(filter, link_type, bytes, (uint32_t)length, (uint32_t)length, &err);
	assert_int_equal(first, second); /* compiled, and found compiled */
	capture_filter_free(filter);
	return first;
}

static void frames_pass_or_do_not(void **state)
{
	const uint8_t frame[] = { ETHERNET(0x0800), IPV4_UDP };

	(void)state;
	assert_int_equal(matches("udp port 9", LINK_ETHERNET, frame, sizeof(frame)), 1);
	assert_int_equal(matches("udp port 10", LINK_ETHERNET, frame, sizeof(frame)), 0);
	assert_int_equal(matches("ether src 02:00:00:00:00:0a and host 10.0.0.2", LINK_ETHERNET, frame, sizeof(frame)),
			 1);
	assert_int_equal(matches("tcp", LINK_ETHERNET, frame, sizeof(frame)), 0);
	assert_int_equal(matches("", LINK_ETHERNET, frame, sizeof(frame)), 1);
}

static void it_is_compiled_for_each_link_type(void **state)
{
	struct capture_filter *filter;

	(void)state;
	assert_int_equal(capture_filter_new(&filter, "udp dst port 9", &err), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(capture_filter_match(filter, LINK_RAW, BYTES(IPV4_UDP), 32, &err), 1);
		assert_int_equal(capture_filter_match(filter, LINK_RAW_12, BYTES(IPV4_UDP), 32, &err), 1);
		assert_int_equal(capture_filter_match(filter, LINK_RAW_14, BYTES(IPV4_UDP), 32, &err), 1);
		assert_int_equal(
			capture_filter_match(filter, LINK_ETHERNET, BYTES(ETHERNET(0x0800), IPV4_UDP), 46, &err), 1);
		assert_int_equal(capture_filter_match(filter, LINK_IPV6, BYTES(IPV6_UDP), 52, &err), 1);
		assert_int_equal(capture_filter_match(filter, LINK_ETHERNET, BYTES(IPV4_UDP), 32, &err), 0);
		assert_int_equal(
			capture_filter_match(filter, LINK_PPP, BYTES(0xff, 0x03, 0x00, 0x21, IPV4_UDP), 36, &err), 1);
	}
	capture_filter_free(filter);
}

/* All but NFLOG, of whose layers libpcap's compiler knows nothing. */
static void every_link_type_that_is_decoded_can_be_filtered(void **state)
{
	(void)state;
	for (uint32_t type = 0; type <= UINT16_MAX; type++) {
		if (capture_link_is_supported(type) && type != LINK_NFLOG)
			assert_int_equal(matches("tcp port 80", type, BYTES(0, 0, 0, 0)), 0);
	}
	assert_int_equal(matches("len < 10", LINK_NFLOG, BYTES(2, 0, 0, 1)), 1);
}

static void the_original_length_is_known(void **state)
{
	struct capture_filter *filter;

	(void)state;
	assert_int_equal(capture_filter_new(&filter, "greater 100", &err), 0);
	assert_int_equal(capture_filter_match(filter, LINK_RAW, BYTES(IPV4_UDP), 99, &err), 0);
	assert_int_equal(capture_filter_match(filter, LINK_RAW, BYTES(IPV4_UDP), 100, &err), 1);
	capture_filter_free(filter);
}

static void short_captures_do_not_match_what_is_not_there(void **state)
{
	const uint8_t frame[] = { ETHERNET(0x0800), IPV4_UDP };

	(void)state;
	for (size_t cut = 0; cut <= sizeof(frame); cut++)
		assert_int_equal(matches("udp port 9", LINK_ETHERNET, frame, cut), cut >= 14 + 20 + 4);
}

static void a_slip_is_told_in_libpcap_s_words(void **state)
{
	struct capture_filter *filter = NULL;

	(void)state;
	assert_int_equal(capture_filter_new(&filter, "tcp prot 80", &err), -EINVAL);
	assert_null(filter);
	assert_non_null(strstr(err.text, "tcp prot 80"));
	assert_non_null(strstr(err.text, "syntax error"));
	/* What no frame of any link type can be. */
	assert_int_equal(capture_filter_new(&filter, "ip and ip6", &err), -EINVAL);
	assert_non_null(strstr(err.text, "rejects all packets"));
}

static void what_another_link_type_allows_is_judged_when_it_comes(void **state)
{
	struct capture_filter *filter;

	(void)state;
	assert_int_equal(capture_filter_new(&filter, "wlan type data", &err), 0);
	assert_int_equal(capture_filter_match(filter, LINK_IEEE802_11, BYTES(0x08, 0, 0, 0), 4, &err), 1);
	assert_int_equal(capture_filter_match(filter, LINK_IEEE802_11, BYTES(0x80, 0, 0, 0), 4, &err), 0);
	err.text[0] = '\0';
	assert_int_equal(capture_filter_match(filter, LINK_ETHERNET, BYTES(ETHERNET(0x0800)), 14, &err), -EINVAL);
	/* It is told once. */
	assert_int_equal(capture_filter_match(filter, LINK_ETHERNET, BYTES(ETHERNET(0x0800)), 14, &err), 0);
	assert_non_null(strstr(err.text, "wlan type data"));
	assert_non_null(strstr(err.text, "EN10MB"));
	capture_filter_free(filter);
}

/* In a file of Ethernet frames there is nothing to read the direction from; in one of cooked frames there is. */
static void what_only_a_live_device_can_tell(void **state)
{
	struct capture_filter *filter;

	(void)state;
	assert_int_equal(capture_filter_new(&filter, "inbound", &err), 0);
	assert_int_equal(capture_filter_match(filter, LINK_ETHERNET, BYTES(ETHERNET(0x0800)), 14, &err), -EINVAL);
	assert_int_equal(capture_filter_match(filter, LINK_LINUX_SLL,
					      BYTES(0, 0, 0, 1, 0, 6, MAC_A, 0, 0, 0x08, 0x00, IPV4_UDP), 48, &err),
			 1);
	capture_filter_free(filter);
}

static void what_a_link_type_never_has_does_not_match(void **state)
{
	(void)state;
	assert_int_equal(matches("ip6", LINK_IPV4, BYTES(IPV4_UDP)), 0);
	assert_int_equal(matches("ip6 and udp", LINK_IPV4, BYTES(IPV6_UDP)), 0);
}

static void null_families_of_every_system_in_both_byte_orders(void **state)
{
	static const uint8_t ipv6[] = { 24, 28, 30 };

	(void)state;
	for (size_t i = 0; i < sizeof(ipv6); i++) {
		assert_int_equal(matches("ip6 and udp", LINK_NULL, BYTES(ipv6[i], 0, 0, 0, IPV6_UDP)), 1);
		assert_int_equal(matches("ip6 and udp", LINK_NULL, BYTES(0, 0, 0, ipv6[i], IPV6_UDP)), 1);
	}
	assert_int_equal(matches("ip", LINK_NULL, BYTES(2, 0, 0, 0, IPV4_UDP)), 1);
	assert_int_equal(matches("ip", LINK_NULL, BYTES(0, 0, 0, 2, IPV4_UDP)), 1);
	assert_int_equal(matches("ip6", LINK_NULL, BYTES(0, 0, 0, 2, IPV4_UDP)), 0);
}

static void freeing_nothing(void **state)
{
	(void)state;
	capture_filter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_pass_or_do_not),
		TEST(it_is_compiled_for_each_link_type),
		TEST(every_link_type_that_is_decoded_can_be_filtered),
		TEST(the_original_length_is_known),
		TEST(short_captures_do_not_match_what_is_not_there),
		TEST(a_slip_is_told_in_libpcap_s_words),
		TEST(what_another_link_type_allows_is_judged_when_it_comes),
		TEST(what_only_a_live_device_can_tell),
		TEST(what_a_link_type_never_has_does_not_match),
		TEST(null_families_of_every_system_in_both_byte_orders),
		TEST(freeing_nothing),
	};

	return cmocka_run_group_tests_name("capture/filter", tests, NULL, NULL);
}
