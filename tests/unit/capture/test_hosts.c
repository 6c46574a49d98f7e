#include "capture/hosts.h"

#include "survey_rig.h"

static struct rig rig;
static struct capture_hosts hosts;

static int set_up(void **state)
{
	(void)state;
	rig = rig_new();
	rig_point(&rig, "eth0", true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rig_free(&rig);
	return 0;
}

/* A packet and its answer. */
static void talk(uint8_t here, uint8_t there, uint32_t near, uint32_t far)
{
	rig_ipv4(&rig, (struct rig_frame){ 0 }, here, there, near, far);
	rig_ipv4(&rig, (struct rig_frame){ 0 }, there, here, far, near);
}

/* The same with the capture's own word, on a link without MACs where stations are 0. */
static void told_talk(uint8_t here, uint8_t there, uint32_t near, uint32_t far)
{
	const uint32_t link_type = here ? LINK_ETHERNET : LINK_RAW;

	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_EGRESS, .link_type = link_type }, here, there, near, far);
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_INGRESS, .link_type = link_type }, there, here, far, near);
}

static void find(enum capture_hosts_by by, size_t count)
{
	size_t points;

	capture_survey_finish(rig.survey);
	capture_hosts_find(&hosts, rig.survey, capture_survey_points(rig.survey, &points));
	assert_int_equal(hosts.by, by);
	assert_int_equal(hosts.count, count);
}

static void is_station(size_t item, uint8_t station)
{
	assert_true(hosts.items[item].has_mac);
	assert_memory_equal(hosts.items[item].mac, ((const uint8_t[]){ 2, 0, 0, 0, 0, station }), 6);
}

static void is_ipv4(const struct capture_tally_entry *entry, uint32_t address)
{
	uint8_t octets[16] = { 0 };

	rig_put_be32(octets, address);
	assert_memory_equal(entry->key.address.octets, octets, 16);
}

static void nothing_is_known_of_nothing(void **state)
{
	(void)state;
	find(HOSTS_UNKNOWN, 0);
}

static void the_mac_in_all_frames_is_the_hosts(void **state)
{
	(void)state;
	talk(1, 2, HOST_IP(1), HOST_IP(2));
	talk(1, 3, HOST_IP(1), HOST_IP(3));
	talk(1, 4, HOST_IP(1), HOST_IP(4));
	find(HOSTS_ONE_MAC, 1);
	is_station(0, 1);
	assert_int_equal(hosts.items[0].frames, 6);
	assert_int_equal(hosts.items[0].ipv4.own_count, 1);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(1));
}

/* An instance and its router: all frames have both MACs. */
static void a_router_has_addresses_of_others_behind_it(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 8; i++)
		talk(9, 200, HOST_IP(62), FAR_IP(i));
	find(HOSTS_MAC_BY_ADDRESSES, 2);
	is_station(0, 9);
	is_station(1, 200);
	assert_int_equal(hosts.items[1].ipv4.own_count, 0);
	assert_int_equal(hosts.items[1].ipv4.others, 7);
}

static void what_arp_claims_tells_a_router_with_one_address_behind_it(void **state)
{
	(void)state;
	talk(9, 200, HOST_IP(62), HOST_IP(130));
	rig_arp(&rig, (struct rig_frame){ 0 }, 9, HOST_IP(62));
	rig_arp(&rig, (struct rig_frame){ 0 }, 200, HOST_IP(1));
	find(HOSTS_MAC_BY_ADDRESSES, 2);
	is_station(0, 9);
	assert_true(hosts.items[0].ipv4.claimed);
	assert_true(hosts.items[1].ipv4.claimed);
	is_ipv4(hosts.items[1].ipv4.own[0], HOST_IP(1));
	assert_int_equal(hosts.items[1].ipv4.others, 1);
	is_ipv4(hosts.items[1].ipv4.some_others[0], HOST_IP(130));
}

static void a_private_address_talks_to_a_public_one_through_a_router(void **state)
{
	(void)state;
	talk(200, 9, FAR_IP(1), HOST_IP(62));
	find(HOSTS_MAC_BY_ADDRESSES, 2);
	is_station(0, 9);
}

static void two_stations_alone_cannot_be_told_apart(void **state)
{
	(void)state;
	talk(1, 2, HOST_IP(1), HOST_IP(2));
	find(HOSTS_EITHER_MAC, 2);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(1));
	is_ipv4(hosts.items[1].ipv4.own[0], HOST_IP(2));
}

static void the_captures_word_tells_two_stations_apart(void **state)
{
	(void)state;
	told_talk(2, 1, HOST_IP(2), HOST_IP(1));
	find(HOSTS_MAC_BY_WORD, 1);
	is_station(0, 2);
}

static void at_a_switch_there_are_several(void **state)
{
	(void)state;
	for (uint8_t i = 1; i <= 12; i++)
		for (uint8_t j = 0; j < 20 - i; j++)
			talk(i, (uint8_t)(i + 100), HOST_IP(i), HOST_IP(i + 100u));
	find(HOSTS_SEVERAL_MACS, CAPTURE_HOSTS_MOST);
	assert_int_equal(hosts.more, 24 - CAPTURE_HOSTS_MOST);
	is_station(0, 1); /* the busiest first */
	is_station(1, 101);
	is_station(2, 2);
}

static void of_several_only_those_at_this_end_are_meant(void **state)
{
	(void)state;
	told_talk(1, 51, HOST_IP(1), HOST_IP(51));
	told_talk(2, 52, HOST_IP(2), HOST_IP(52));
	told_talk(3, 53, HOST_IP(3), HOST_IP(53));
	find(HOSTS_SEVERAL_MACS, 3);
	is_station(0, 1);
	is_station(1, 2);
	is_station(2, 3);
}

static void the_address_most_used_both_ways_comes_first(void **state)
{
	(void)state;
	talk(1, 2, HOST_IP(1), HOST_IP(2));
	for (int i = 0; i < 3; i++)
		talk(1, 3, HOST_IP(11), HOST_IP(3));
	for (int i = 0; i < 50; i++) /* sent, never answered */
		rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 4, HOST_IP(12), HOST_IP(4));
	rig_ipv4(&rig, (struct rig_frame){ 0 }, 1, 3, HOST_IP(13), HOST_IP(3));
	for (int i = 0; i < 10; i++)
		talk(1, 5, HOST_IP(11), HOST_IP(5));
	find(HOSTS_ONE_MAC, 1);
	assert_int_equal(hosts.items[0].ipv4.own_count, 4);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(11));
	is_ipv4(hosts.items[0].ipv4.own[1], HOST_IP(1));
	is_ipv4(hosts.items[0].ipv4.own[2], HOST_IP(12));
	is_ipv4(hosts.items[0].ipv4.own[3], HOST_IP(13));
}

static void a_list_of_addresses_has_an_end(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 20; i++) {
		rig_arp(&rig, (struct rig_frame){ 0 }, 1, HOST_IP(i));
		for (uint32_t j = 0; j < i; j++)
			talk(1, (uint8_t)(2 + i % 2), HOST_IP(i), HOST_IP(100 + i % 2));
	}
	find(HOSTS_ONE_MAC, 1);
	assert_int_equal(hosts.items[0].ipv4.own_count, CAPTURE_HOST_ADDRESSES_MOST);
	assert_int_equal(hosts.items[0].ipv4.own_more, 20 - CAPTURE_HOST_ADDRESSES_MOST);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(20));
	is_ipv4(hosts.items[0].ipv4.own[15], HOST_IP(5));
}

static void without_macs_the_word_puts_addresses_at_this_end(void **state)
{
	(void)state;
	told_talk(0, 0, HOST_IP(1), FAR_IP(1));
	told_talk(0, 0, HOST_IP(1), FAR_IP(2));
	told_talk(0, 0, HOST_IP(2), FAR_IP(1));
	/* Forwarded: it came in and went out. */
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_INGRESS, .link_type = LINK_RAW }, 0, 0, HOST_IP(77), FAR_IP(7));
	rig_ipv4(&rig, (struct rig_frame){ .word = FLOW_EGRESS, .link_type = LINK_RAW }, 0, 0, HOST_IP(77), FAR_IP(7));
	find(HOSTS_ADDRESS_BY_WORD, 1);
	assert_false(hosts.items[0].has_mac);
	assert_int_equal(hosts.items[0].ipv4.own_count, 2);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(1));
	is_ipv4(hosts.items[0].ipv4.own[1], HOST_IP(2));
}

static void without_a_word_it_is_the_address_in_all_packets(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < 5; i++)
		rig_ipv4(&rig, (struct rig_frame){ .link_type = LINK_RAW }, 0, 0, HOST_IP(1), FAR_IP(i));
	find(HOSTS_ONE_ADDRESS, 1);
	is_ipv4(hosts.items[0].ipv4.own[0], HOST_IP(1));
}

static void two_addresses_in_all_packets_cannot_be_told_apart(void **state)
{
	(void)state;
	rig_ipv4(&rig, (struct rig_frame){ .link_type = LINK_RAW }, 0, 0, HOST_IP(1), FAR_IP(1));
	find(HOSTS_EITHER_ADDRESS, 2);
}

/* Frames of a loopback device: Ethernet, with MACs of zeros. */
static void zeros_are_no_mac(void **state)
{
	(void)state;
	talk(0, 0, 0x7f000001, 0x7f000001);
	find(HOSTS_ONE_ADDRESS, 1);
	assert_false(hosts.items[0].has_mac);
	is_ipv4(hosts.items[0].ipv4.own[0], 0x7f000001);
}

#define HOSTS_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTS_TEST(nothing_is_known_of_nothing),
		HOSTS_TEST(the_mac_in_all_frames_is_the_hosts),
		HOSTS_TEST(a_router_has_addresses_of_others_behind_it),
		HOSTS_TEST(what_arp_claims_tells_a_router_with_one_address_behind_it),
		HOSTS_TEST(a_private_address_talks_to_a_public_one_through_a_router),
		HOSTS_TEST(two_stations_alone_cannot_be_told_apart),
		HOSTS_TEST(the_captures_word_tells_two_stations_apart),
		HOSTS_TEST(at_a_switch_there_are_several),
		HOSTS_TEST(of_several_only_those_at_this_end_are_meant),
		HOSTS_TEST(the_address_most_used_both_ways_comes_first),
		HOSTS_TEST(a_list_of_addresses_has_an_end),
		HOSTS_TEST(without_macs_the_word_puts_addresses_at_this_end),
		HOSTS_TEST(without_a_word_it_is_the_address_in_all_packets),
		HOSTS_TEST(two_addresses_in_all_packets_cannot_be_told_apart),
		HOSTS_TEST(zeros_are_no_mac),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
