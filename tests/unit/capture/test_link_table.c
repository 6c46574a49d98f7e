#include "capture/link_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "netlink_messages.h"

static struct capture_link_table *table;

static int setup(void **state)
{
	(void)state;
	return capture_link_table_new(&table, NULL);
}

static int teardown(void **state)
{
	(void)state;
	capture_link_table_free(table);
	return 0;
}

static int take(const struct datagram *datagram)
{
	return capture_link_table_take(table, datagram->bytes, datagram->length, NULL);
}

static int take_link(uint16_t type, uint32_t index, const char *name, unsigned flags)
{
	struct datagram datagram = { 0 };

	begin_link(&datagram, type, index, name, flags);
	end_message(&datagram);
	return take(&datagram);
}

static int take_address(uint16_t type, uint32_t index, const char *text, uint32_t flags, uint8_t scope)
{
	struct datagram datagram = { 0 };

	begin_address(&datagram, type, index, text, flags, scope);
	mnl_attr_put_u32(datagram.last, IFA_FLAGS, flags);
	end_message(&datagram);
	return take(&datagram);
}

/* The addresses of a link, a blank between them. */
static const char *addresses_of(uint32_t index)
{
	static char text[1024];
	const struct capture_link *link = capture_link_table_by_index(table, index);
	size_t at = 0;

	assert_non_null(link);
	text[0] = '\0';
	for (size_t i = 0; i < link->address_count; i++) {
		char one[INET6_ADDRSTRLEN];

		inet_ntop(link->addresses[i].family == FLOW_IPV6 ? AF_INET6 : AF_INET,
			  link->addresses[i].address.octets, one, sizeof(one));
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i > 0 ? " " : "", one);
	}
	return text;
}

static void a_link_comes_changes_and_goes(void **state)
{
	const struct capture_link *link;
	uint64_t changes;

	(void)state;
	assert_int_equal(take_link(RTM_NEWLINK, 7, "eth0", 0), 1);
	link = capture_link_table_find(table, "eth0");
	assert_non_null(link);
	assert_int_equal(link->index, 7);
	assert_int_equal(link->type, ARPHRD_ETHER);
	assert_false(link->up || link->loopback || link->in_bridge || link->has_mac);
	assert_int_equal(link->address_count, 0);
	changes = link->changes;
	assert_int_equal(take_link(RTM_NEWLINK, 7, "eth0", 0), 0);
	assert_int_equal(take_link(RTM_NEWLINK, 7, "eth0", IFF_UP | IFF_LOOPBACK), 1);
	link = capture_link_table_by_index(table, 7);
	assert_true(link->up && link->loopback);
	assert_true(link->changes > changes);
	assert_int_equal(take_link(RTM_DELLINK, 7, "eth0", 0), 1);
	assert_int_equal(take_link(RTM_DELLINK, 7, "eth0", 0), 0);
	assert_null(capture_link_table_find(table, "eth0"));
	assert_null(capture_link_table_at(table, 0));
}

static void links_are_told_by_rising_index(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		char name[IF_NAMESIZE];
		uint32_t index = 1 + i * 37 % 100;

		snprintf(name, sizeof(name), "d%u", index);
		assert_int_equal(take_link(RTM_NEWLINK, index, name, 0), 1);
	}
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(capture_link_table_at(table, i)->index, i + 1);
	assert_null(capture_link_table_at(table, 100));
	assert_int_equal(take_link(RTM_DELLINK, 50, "d50", 0), 1);
	assert_int_equal(capture_link_table_at(table, 49)->index, 51);
	assert_string_equal(capture_link_table_by_index(table, 51)->name, "d51");
	assert_null(capture_link_table_by_index(table, 50));
}

static void a_new_name_is_the_same_link(void **state)
{
	(void)state;
	take_link(RTM_NEWLINK, 3, "eth0", IFF_UP);
	take_address(RTM_NEWADDR, 3, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
	assert_int_equal(take_link(RTM_NEWLINK, 3, "lan0", IFF_UP), 1);
	assert_null(capture_link_table_find(table, "eth0"));
	assert_int_equal(capture_link_table_find(table, "lan0")->index, 3);
	assert_string_equal(addresses_of(3), "192.0.2.1");
}

static void a_link_made_anew_has_nothing_of_the_old(void **state)
{
	uint64_t changes;

	(void)state;
	take_link(RTM_NEWLINK, 3, "eth0", IFF_UP);
	take_address(RTM_NEWADDR, 3, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
	changes = capture_link_table_find(table, "eth0")->changes;
	take_link(RTM_DELLINK, 3, "eth0", 0);
	take_link(RTM_NEWLINK, 4, "eth0", IFF_UP);
	assert_int_equal(capture_link_table_find(table, "eth0")->index, 4);
	assert_string_equal(addresses_of(4), "");
	assert_true(capture_link_table_find(table, "eth0")->changes > changes);
}

static void a_mac_is_six_octets_and_not_zero(void **state)
{
	static const uint8_t mac[8] = { 2, 0, 0, 0, 0, 9, 1, 1 }, zero[6];
	static const struct {
		const uint8_t *octets;
		size_t length;
		bool is_one;
	} cases[] = { { mac, 6, true }, { zero, 6, false }, { mac, 4, false }, { mac, 8, false }, { mac, 0, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct datagram datagram = { 0 };
		const struct capture_link *link;

		begin_link(&datagram, RTM_NEWLINK, 2, "eth0", 0);
		mnl_attr_put(datagram.last, IFLA_ADDRESS, cases[i].length, cases[i].octets);
		end_message(&datagram);
		assert_true(take(&datagram) >= 0);
		link = capture_link_table_by_index(table, 2);
		assert_int_equal(link->has_mac, cases[i].is_one);
		if (cases[i].is_one)
			assert_memory_equal(link->mac, mac, 6);
	}
}

static void take_port(const char *kind)
{
	struct datagram datagram = { 0 };
	struct nlattr *nest;

	begin_link(&datagram, RTM_NEWLINK, 2, "eth0", IFF_UP);
	nest = mnl_attr_nest_start(datagram.last, IFLA_LINKINFO);
	mnl_attr_put_strz(datagram.last, IFLA_INFO_KIND, "veth");
	if (kind)
		mnl_attr_put_strz(datagram.last, IFLA_INFO_SLAVE_KIND, kind);
	mnl_attr_nest_end(datagram.last, nest);
	end_message(&datagram);
	take(&datagram);
}

static void a_port_of_a_bridge_is_in_it(void **state)
{
	(void)state;
	take_port("bridge");
	assert_true(capture_link_table_by_index(table, 2)->in_bridge);
	take_port("bond");
	assert_false(capture_link_table_by_index(table, 2)->in_bridge);
	take_port("bridge");
	take_port(NULL);
	assert_false(capture_link_table_by_index(table, 2)->in_bridge);
}

static void what_all_means(void **state)
{
	(void)state;
	take_port(NULL);
	assert_true(capture_link_is_watched_by_all(capture_link_table_by_index(table, 2)));
	take_port("bridge");
	assert_false(capture_link_is_watched_by_all(capture_link_table_by_index(table, 2)));
	take_link(RTM_NEWLINK, 1, "lo", IFF_UP | IFF_LOOPBACK);
	assert_false(capture_link_is_watched_by_all(capture_link_table_by_index(table, 1)));
	take_link(RTM_NEWLINK, 3, "eth1", 0);
	assert_false(capture_link_is_watched_by_all(capture_link_table_by_index(table, 3)));
}

/* A bridge tells of its ports with messages that look like a device's. */
static void messages_of_a_bridge_are_no_devices(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	begin_link(&datagram, RTM_DELLINK, 2, "eth0", IFF_UP);
	((struct ifinfomsg *)mnl_nlmsg_get_payload(datagram.last))->ifi_family = AF_BRIDGE;
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 9, "eth9", IFF_UP);
	((struct ifinfomsg *)mnl_nlmsg_get_payload(datagram.last))->ifi_family = AF_BRIDGE;
	end_message(&datagram);
	assert_int_equal(take(&datagram), 0);
	assert_non_null(capture_link_table_find(table, "eth0"));
	assert_null(capture_link_table_find(table, "eth9"));
}

static void wireless_events_say_nothing_of_the_rest(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	take_port("bridge");
	begin_link(&datagram, RTM_NEWLINK, 2, "eth0", IFF_UP);
	mnl_attr_put_u32(datagram.last, IFLA_WIRELESS, 1);
	end_message(&datagram);
	assert_int_equal(take(&datagram), 0);
	assert_true(capture_link_table_by_index(table, 2)->in_bridge);
}

static void ipv4_has_its_primary_address_first(void **state)
{
	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	take_address(RTM_NEWADDR, 2, "169.254.1.1", IFA_F_PERMANENT, RT_SCOPE_LINK);
	take_address(RTM_NEWADDR, 2, "192.0.2.9", IFA_F_PERMANENT | IFA_F_SECONDARY, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "192.0.2.8", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "10.0.0.1", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE);
	assert_string_equal(addresses_of(2), "192.0.2.8 10.0.0.1 169.254.1.1 192.0.2.9");
	/* Told again as it is: nothing; it stays in its place. */
	assert_int_equal(take_address(RTM_NEWADDR, 2, "192.0.2.8", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE), 0);
	assert_string_equal(addresses_of(2), "192.0.2.8 10.0.0.1 169.254.1.1 192.0.2.9");
	/* The primary one goes, and its secondary one is promoted: behind those that were there. */
	assert_int_equal(take_address(RTM_DELADDR, 2, "192.0.2.8", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE), 1);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "192.0.2.9", IFA_F_PERMANENT, RT_SCOPE_UNIVERSE), 1);
	assert_string_equal(addresses_of(2), "10.0.0.1 192.0.2.9 169.254.1.1");
}

static void ipv6_has_its_steadiest_global_address_first(void **state)
{
	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	take_address(RTM_NEWADDR, 2, "fe80::1", IFA_F_PERMANENT, RT_SCOPE_LINK);
	take_address(RTM_NEWADDR, 2, "2001:db8::a", IFA_F_TEMPORARY, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "2001:db8::b", IFA_F_DEPRECATED, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "2001:db8::1", IFA_F_TENTATIVE, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "fd00::1", 0, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "2001:db8::c", IFA_F_MANAGETEMPADDR, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
	assert_string_equal(addresses_of(2),
			    "192.0.2.1 2001:db8::c fd00::1 2001:db8::a 2001:db8::1 2001:db8::b fe80::1");
	/* It is no more tentative. */
	assert_int_equal(take_address(RTM_NEWADDR, 2, "2001:db8::1", 0, RT_SCOPE_UNIVERSE), 1);
	assert_string_equal(addresses_of(2),
			    "192.0.2.1 2001:db8::1 2001:db8::c fd00::1 2001:db8::a 2001:db8::b fe80::1");
	/* It turned out to be another's. */
	assert_int_equal(take_address(RTM_NEWADDR, 2, "2001:db8::1", IFA_F_DADFAILED, RT_SCOPE_UNIVERSE), 1);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "2001:db8::1", IFA_F_DADFAILED, RT_SCOPE_UNIVERSE), 0);
	assert_string_equal(addresses_of(2), "192.0.2.1 2001:db8::c fd00::1 2001:db8::a 2001:db8::b fe80::1");
}

/* The order does not hang on what came first. */
static void ipv6_is_in_the_same_order_from_any_telling(void **state)
{
	static const char *const texts[] = { "2001:db8::1", "2001:db8::2", "2001:db8::3" };

	(void)state;
	for (uint32_t index = 1; index <= 2; index++) {
		take_link(RTM_NEWLINK, index, index == 1 ? "a" : "b", IFF_UP);
		for (size_t i = 0; i < 3; i++)
			take_address(RTM_NEWADDR, index, texts[index == 1 ? i : 2 - i], 0, RT_SCOPE_UNIVERSE);
		assert_string_equal(addresses_of(index), "2001:db8::1 2001:db8::2 2001:db8::3");
	}
}

static void the_other_ends_address_is_not_own(void **state)
{
	struct datagram datagram = { 0 };
	uint8_t local[4] = { 10, 8, 0, 2 };

	(void)state;
	take_link(RTM_NEWLINK, 2, "tun0", IFF_UP);
	begin_address(&datagram, RTM_NEWADDR, 2, "10.8.0.1", 0, RT_SCOPE_UNIVERSE);
	mnl_attr_put(datagram.last, IFA_LOCAL, 4, local);
	end_message(&datagram);
	assert_int_equal(take(&datagram), 1);
	assert_string_equal(addresses_of(2), "10.8.0.2");
}

static void what_is_no_own_unicast_address_is_left_out(void **state)
{
	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "0.0.0.0", 0, RT_SCOPE_UNIVERSE), 0);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "224.0.0.1", 0, RT_SCOPE_UNIVERSE), 0);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "ff02::1", 0, RT_SCOPE_LINK), 0);
	assert_int_equal(take_address(RTM_NEWADDR, 9, "192.0.2.1", 0, RT_SCOPE_UNIVERSE), 0); /* no such link */
	assert_int_equal(take_address(RTM_DELADDR, 2, "192.0.2.1", 0, RT_SCOPE_UNIVERSE), 0);
	assert_string_equal(addresses_of(2), "");
}

static void many_addresses_keep_their_order(void **state)
{
	char text[32];

	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.1", 255 - i / 256, 255 - i % 256);
		assert_int_equal(take_address(RTM_NEWADDR, 2, text, 0, RT_SCOPE_UNIVERSE), 1);
	}
	assert_int_equal(capture_link_table_by_index(table, 2)->address_count, 300);
	assert_int_equal(capture_link_table_by_index(table, 2)->addresses[299].address.octets[1], 254);
	assert_int_equal(capture_link_table_by_index(table, 2)->addresses[299].address.octets[2], 255 - 43);
}

static void what_a_telling_does_not_name_is_gone(void **state)
{
	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	take_link(RTM_NEWLINK, 3, "eth1", IFF_UP);
	take_address(RTM_NEWADDR, 2, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
	take_address(RTM_NEWADDR, 2, "192.0.2.2", 0, RT_SCOPE_UNIVERSE);
	capture_link_table_begin(table);
	assert_int_equal(take_link(RTM_NEWLINK, 2, "eth0", IFF_UP), 0);
	assert_int_equal(take_address(RTM_NEWADDR, 2, "192.0.2.2", 0, RT_SCOPE_UNIVERSE), 0);
	assert_int_equal(capture_link_table_end(table), 1);
	assert_null(capture_link_table_find(table, "eth1"));
	assert_string_equal(addresses_of(2), "192.0.2.2");
	capture_link_table_begin(table);
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	take_address(RTM_NEWADDR, 2, "192.0.2.2", 0, RT_SCOPE_UNIVERSE);
	assert_int_equal(capture_link_table_end(table), 0);
}

static void take_counters(uint32_t index, size_t length)
{
	struct rtnl_link_stats64 counters = { .rx_dropped = 40, .rx_missed_errors = 2, .rx_errors = 7 };
	struct datagram datagram = { 0 };
	struct if_stats_msg *header;

	add_message(&datagram, RTM_NEWSTATS);
	header = mnl_nlmsg_put_extra_header(datagram.last, sizeof(*header));
	header->ifindex = index;
	mnl_attr_put(datagram.last, IFLA_STATS_LINK_64, length, &counters);
	end_message(&datagram);
	assert_int_equal(take(&datagram), 0);
}

static void counters_are_dropped_and_missed(void **state)
{
	uint64_t changes;

	(void)state;
	take_link(RTM_NEWLINK, 2, "eth0", IFF_UP);
	changes = capture_link_table_by_index(table, 2)->changes;
	take_counters(2, 64); /* cut off */
	assert_int_equal(capture_link_table_by_index(table, 2)->dropped, 0);
	take_counters(3, sizeof(struct rtnl_link_stats64));
	take_counters(2, sizeof(struct rtnl_link_stats64));
	assert_int_equal(capture_link_table_by_index(table, 2)->dropped, 42);
	assert_int_equal(capture_link_table_by_index(table, 2)->changes, changes);
	take_link(RTM_NEWLINK, 2, "eth0", 0);
	assert_int_equal(capture_link_table_by_index(table, 2)->dropped, 42);
}

/* Everything there is, for cutting and spoiling. */
static void build_all(struct datagram *datagram)
{
	struct rtnl_link_stats64 counters = { .rx_dropped = 1 };
	struct if_stats_msg *header;
	struct nlattr *nest;

	begin_link(datagram, RTM_NEWLINK, 2, "eth0", IFF_UP);
	mnl_attr_put(datagram->last, IFLA_ADDRESS, 6, "\2\0\0\0\0\1");
	nest = mnl_attr_nest_start(datagram->last, IFLA_LINKINFO);
	mnl_attr_put_strz(datagram->last, IFLA_INFO_SLAVE_KIND, "bridge");
	mnl_attr_nest_end(datagram->last, nest);
	end_message(datagram);
	begin_address(datagram, RTM_NEWADDR, 2, "192.0.2.1", 0, RT_SCOPE_UNIVERSE);
	mnl_attr_put_u32(datagram->last, IFA_FLAGS, IFA_F_PERMANENT);
	end_message(datagram);
	begin_address(datagram, RTM_NEWADDR, 2, "2001:db8::1", 0, RT_SCOPE_UNIVERSE);
	end_message(datagram);
	add_message(datagram, RTM_NEWSTATS);
	header = mnl_nlmsg_put_extra_header(datagram->last, sizeof(*header));
	header->ifindex = 2;
	mnl_attr_put(datagram->last, IFLA_STATS_LINK_64, sizeof(counters), &counters);
	end_message(datagram);
}

/* In memory of just that size, so that a sanitizer sees every octet read behind it. */
static void take_exactly(const uint8_t *bytes, size_t length)
{
	void *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	assert_true(capture_link_table_take(table, copy, length, NULL) >= 0);
	free(copy);
}

static void cut_off_anywhere_nothing_is_read_behind(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	build_all(&datagram);
	for (size_t length = 0; length <= datagram.length; length++)
		take_exactly(datagram.bytes, length);
	assert_string_equal(addresses_of(2), "192.0.2.1 2001:db8::1");
}

/* The message ends early, its attributes do not know it. */
static void a_message_that_lies_about_its_length(void **state)
{
	struct datagram whole = { 0 };

	(void)state;
	begin_link(&whole, RTM_NEWLINK, 2, "eth0", IFF_UP);
	end_message(&whole);
	for (uint32_t length = 0; length < 2 * whole.last->nlmsg_len; length++) {
		struct datagram datagram = whole;

		((struct nlmsghdr *)datagram.bytes)->nlmsg_len = length;
		take_exactly(datagram.bytes, datagram.length);
		if (length < whole.last->nlmsg_len - 3 || length > whole.length)
			assert_null(capture_link_table_at(table, 0));
		take_link(RTM_DELLINK, 2, "eth0", 0);
	}
}

/* Every octet of it takes every value that a length may lie with. */
static void spoilt_messages_do_no_harm(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 0x7f, 0x80, 0xff };
	struct datagram whole = { 0 };

	(void)state;
	build_all(&whole);
	for (size_t at = 0; at < whole.length; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			uint8_t kept = whole.bytes[at];

			whole.bytes[at] = values[i];
			take_exactly(whole.bytes, whole.length);
			whole.bytes[at] = kept;
		}
	}
	for (size_t i = 0; capture_link_table_at(table, i); i++)
		assert_non_null(memchr(capture_link_table_at(table, i)->name, '\0', IF_NAMESIZE));
}

static void names_that_are_none_make_no_link(void **state)
{
	struct datagram datagram = { 0 };

	(void)state;
	begin_link(&datagram, RTM_NEWLINK, 2, "a-name-that-is-too-long", IFF_UP);
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 3, NULL, IFF_UP);
	mnl_attr_put(datagram.last, IFLA_IFNAME, 4, "eth0"); /* without its end */
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 4, "", IFF_UP);
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 0, "eth0", IFF_UP);
	end_message(&datagram);
	begin_link(&datagram, RTM_NEWLINK, 0xffffffff, "eth0", IFF_UP);
	end_message(&datagram);
	assert_int_equal(take(&datagram), 0);
	assert_null(capture_link_table_at(table, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_link_comes_changes_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(links_are_told_by_rising_index, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_name_is_the_same_link, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_made_anew_has_nothing_of_the_old, setup, teardown),
		cmocka_unit_test_setup_teardown(a_mac_is_six_octets_and_not_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(a_port_of_a_bridge_is_in_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_all_means, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_of_a_bridge_are_no_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(wireless_events_say_nothing_of_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(ipv4_has_its_primary_address_first, setup, teardown),
		cmocka_unit_test_setup_teardown(ipv6_has_its_steadiest_global_address_first, setup, teardown),
		cmocka_unit_test_setup_teardown(ipv6_is_in_the_same_order_from_any_telling, setup, teardown),
		cmocka_unit_test_setup_teardown(the_other_ends_address_is_not_own, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_own_unicast_address_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(many_addresses_keep_their_order, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_telling_does_not_name_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_are_dropped_and_missed, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_off_anywhere_nothing_is_read_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_that_lies_about_its_length, setup, teardown),
		cmocka_unit_test_setup_teardown(spoilt_messages_do_no_harm, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_are_none_make_no_link, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
