#include "flow/exclusion.h"

#include "fixture.h"

enum { ICMP = 1, TCP = 6, UDP = 17 };

static struct flow_prefix vpc_cidrs[] = {
	{ FLOW_IPV6, 56, { { 0x20, 0x01, 0x0d, 0xb8 } } },
	{ FLOW_IPV4, 16, { { 10, 0, 0, 0 } } },
	{ FLOW_IPV4, 32, { { 172, 16, 255, 254 } } },
	{ FLOW_IPV4, 29, { { 169, 254, 169, 248 } } },
};
static struct flow_prefix subnet_cidrs[] = {
	{ FLOW_IPV6, 64, { { 0x20, 0x01, 0x0d, 0xb8 } } },
	{ FLOW_IPV4, 24, { { 10, 0, 1, 0 } } },
	{ FLOW_IPV4, 24, { { 10, 0, 2, 0 } } },
};
static const struct flow_interface web = {
	.vpc_cidrs = vpc_cidrs,
	.vpc_cidr_count = 4,
	.subnet_cidrs = subnet_cidrs,
	.subnet_cidr_count = 3,
};
static const struct flow_interface bare;

struct packet_case {
	uint8_t protocol;
	const char *source;
	uint16_t source_port;
	const char *destination;
	uint16_t destination_port;
	enum flow_exclusion expected;
};

static void assert_excluded(const struct flow_interface *interface, const struct packet_case *given)
{
	struct flow_observation packet = packet_of(given->source, given->destination);
	struct flow_interface ready = *interface;
	enum flow_exclusion found;

	assert_int_equal(flow_interface_prepare(&ready, NULL), 0);
	packet.protocol = given->protocol;
	packet.source_port = given->source_port;
	packet.destination_port = given->destination_port;
	found = flow_exclusion_of(&ready, &packet);
	if (found != given->expected)
		print_error("protocol %u, %s port %u to %s port %u\n", given->protocol, given->source,
			    given->source_port, given->destination, given->destination_port);
	assert_int_equal(found, given->expected);
}

static void assert_all(const struct flow_interface *interface, const struct packet_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_excluded(interface, &cases[i]);
}
#define ASSERT_ALL(interface, cases) assert_all(interface, cases, sizeof(cases) / sizeof((cases)[0]))

/* Any packet from or to them. */
static void test_metadata_and_time(void **state)
{
	static const struct packet_case cases[] = {
		{ TCP, "10.0.0.9", 40000, "169.254.169.254", 80, FLOW_EXCLUDED_METADATA },
		{ TCP, "169.254.169.254", 80, "10.0.0.9", 40000, FLOW_EXCLUDED_METADATA },
		{ ICMP, "10.0.0.9", 0, "169.254.169.254", 0, FLOW_EXCLUDED_METADATA },
		{ UDP, "10.0.0.9", 123, "169.254.169.123", 123, FLOW_EXCLUDED_TIME },
		{ ICMP, "169.254.169.123", 0, "10.0.0.9", 0, FLOW_EXCLUDED_TIME },
		{ TCP, "2001:db8::9", 40000, "fd00:ec2::254", 80, FLOW_EXCLUDED_METADATA },
		{ 58, "fd00:ec2::254", 0, "2001:db8::9", 0, FLOW_EXCLUDED_METADATA },
		{ UDP, "2001:db8::9", 123, "fd00:ec2::123", 123, FLOW_EXCLUDED_TIME },
		{ UDP, "fd00:ec2::123", 123, "2001:db8::9", 123, FLOW_EXCLUDED_TIME },
	};

	(void)state;
	ASSERT_ALL(&bare, cases);
}

static void test_neighbours_of_amazon_addresses(void **state)
{
	static const struct packet_case cases[] = {
		{ TCP, "10.0.0.9", 40000, "169.254.169.255", 80, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "169.254.168.254", 80, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "169.253.169.254", 80, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "168.254.169.254", 80, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 123, "169.254.169.122", 123, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 123, "169.254.169.124", 123, FLOW_NOT_EXCLUDED },
		{ TCP, "2001:db8::9", 40000, "fd00:ec2::255", 80, FLOW_NOT_EXCLUDED },
		{ TCP, "2001:db8::9", 40000, "fd00:ec2::1:254", 80, FLOW_NOT_EXCLUDED },
		{ TCP, "2001:db8::9", 40000, "fd00:ec3::254", 80, FLOW_NOT_EXCLUDED },
		{ UDP, "2001:db8::9", 40000, "fd00:ec2::fe", 80, FLOW_NOT_EXCLUDED }, /* 254, but decimal */
		{ UDP, "2001:db8::9", 40000, "a9fe:a9fe::", 80, FLOW_NOT_EXCLUDED },  /* begins as 169.254.169.254 */
	};

	(void)state;
	ASSERT_ALL(&bare, cases);
}

static void test_dns(void **state)
{
	static const struct packet_case cases[] = {
		{ UDP, "10.0.0.9", 40000, "169.254.169.253", 53, FLOW_EXCLUDED_DNS },
		{ TCP, "10.0.0.9", 40000, "169.254.169.253", 53, FLOW_EXCLUDED_DNS },
		{ UDP, "169.254.169.253", 53, "10.0.0.9", 40000, FLOW_EXCLUDED_DNS },
		{ TCP, "fd00:ec2::253", 53, "2001:db8::9", 40000, FLOW_EXCLUDED_DNS },
		{ UDP, "2001:db8::9", 40000, "fd00:ec2::253", 53, FLOW_EXCLUDED_DNS },
		{ UDP, "10.0.0.9", 40000, "169.254.169.253", 54, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 53, "169.254.169.253", 40000, FLOW_NOT_EXCLUDED }, /* 53 at the other end */
		{ UDP, "169.254.169.253", 40000, "10.0.0.9", 53, FLOW_NOT_EXCLUDED },
		{ ICMP, "10.0.0.9", 0, "169.254.169.253", 0, FLOW_NOT_EXCLUDED },
		{ 132, "10.0.0.9", 40000, "169.254.169.253", 53, FLOW_NOT_EXCLUDED }, /* SCTP */
		{ UDP, "10.0.0.9", 40000, "8.8.8.8", 53, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 40000, "10.0.0.2", 53, FLOW_NOT_EXCLUDED }, /* no vpc-cidr */
	};

	(void)state;
	ASSERT_ALL(&bare, cases);
}

static void test_dns_at_base_plus_2_of_every_vpc_cidr(void **state)
{
	static const struct packet_case cases[] = {
		{ UDP, "10.0.0.9", 40000, "10.0.0.2", 53, FLOW_EXCLUDED_DNS },
		{ TCP, "10.0.0.2", 53, "10.0.0.9", 40000, FLOW_EXCLUDED_DNS },
		{ UDP, "10.0.0.9", 40000, "172.17.0.0", 53, FLOW_EXCLUDED_DNS }, /* carried */
		{ UDP, "10.0.0.9", 40000, "10.0.0.1", 53, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 40000, "10.0.0.3", 53, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 40000, "10.0.1.2", 53, FLOW_NOT_EXCLUDED }, /* of a subnet */
		{ UDP, "10.0.0.9", 40000, "10.0.0.2", 5353, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.9", 53, "10.0.0.2", 40000, FLOW_NOT_EXCLUDED },
		{ ICMP, "10.0.0.9", 0, "10.0.0.2", 0, FLOW_NOT_EXCLUDED },
		{ UDP, "2001:db8::9", 40000, "2001:db8::2", 53, FLOW_NOT_EXCLUDED }, /* an IPv6 CIDR */
		{ UDP, "2001:db8::9", 40000, "a00:2::", 53, FLOW_NOT_EXCLUDED },     /* begins as 10.0.0.2 */
	};

	(void)state;
	ASSERT_ALL(&web, cases);
}

/* base + 2 of 169.254.169.248/29 is also an address of Windows activation. */
static void test_dns_of_a_vpc_cidr_over_another_service(void **state)
{
	static const struct packet_case cases[] = {
		{ TCP, "10.0.0.9", 40000, "169.254.169.250", 1688, FLOW_EXCLUDED_ACTIVATION },
		{ UDP, "10.0.0.9", 40000, "169.254.169.250", 53, FLOW_EXCLUDED_DNS },
	};

	(void)state;
	ASSERT_ALL(&web, cases);
}

static void test_windows_activation(void **state)
{
	static const struct packet_case cases[] = {
		{ TCP, "10.0.0.9", 40000, "169.254.169.250", 1688, FLOW_EXCLUDED_ACTIVATION },
		{ TCP, "10.0.0.9", 40000, "169.254.169.251", 1688, FLOW_EXCLUDED_ACTIVATION },
		{ TCP, "169.254.169.250", 1688, "10.0.0.9", 40000, FLOW_EXCLUDED_ACTIVATION },
		{ TCP, "169.254.169.251", 1688, "10.0.0.9", 40000, FLOW_EXCLUDED_ACTIVATION },
		{ UDP, "10.0.0.9", 40000, "169.254.169.250", 1688, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "169.254.169.250", 1689, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 1688, "169.254.169.250", 40000, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "169.254.169.249", 1688, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.9", 40000, "169.254.169.252", 1688, FLOW_NOT_EXCLUDED },
	};

	(void)state;
	ASSERT_ALL(&bare, cases);
}

static void test_dhcp(void **state)
{
	static const struct packet_case cases[] = {
		{ UDP, "0.0.0.0", 68, "255.255.255.255", 67, FLOW_EXCLUDED_DHCP },
		{ UDP, "10.0.0.1", 67, "10.0.0.9", 68, FLOW_EXCLUDED_DHCP },
		{ UDP, "10.0.0.1", 67, "10.0.0.9", 67, FLOW_EXCLUDED_DHCP }, /* relays */
		{ UDP, "10.0.0.1", 68, "10.0.0.9", 68, FLOW_EXCLUDED_DHCP },
		{ UDP, "fe80::1", 546, "ff02::1:2", 547, FLOW_EXCLUDED_DHCP },
		{ UDP, "fe80::1", 547, "fe80::2", 546, FLOW_EXCLUDED_DHCP },
		{ UDP, "fe80::1", 547, "fe80::2", 547, FLOW_EXCLUDED_DHCP },
		{ UDP, "10.0.0.1", 67, "10.0.0.9", 69, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.1", 66, "10.0.0.9", 67, FLOW_NOT_EXCLUDED },
		{ UDP, "fe80::1", 546, "ff02::1:2", 548, FLOW_NOT_EXCLUDED },
		{ UDP, "fe80::1", 545, "ff02::1:2", 547, FLOW_NOT_EXCLUDED },
		{ UDP, "10.0.0.1", 67, "10.0.0.9", 547, FLOW_NOT_EXCLUDED },
		{ TCP, "10.0.0.1", 67, "10.0.0.9", 68, FLOW_NOT_EXCLUDED },
		{ TCP, "fe80::1", 546, "fe80::2", 547, FLOW_NOT_EXCLUDED },
	};

	(void)state;
	ASSERT_ALL(&bare, cases);
}

/* Packets to it, whatever their protocol; not those from it. */
static void test_router_of_every_subnet_cidr(void **state)
{
	static const struct packet_case cases[] = {
		{ ICMP, "10.0.1.9", 0, "10.0.1.1", 0, FLOW_EXCLUDED_ROUTER },
		{ UDP, "10.0.2.9", 53, "10.0.2.1", 53, FLOW_EXCLUDED_ROUTER },
		{ ICMP, "10.0.1.1", 0, "10.0.1.9", 0, FLOW_NOT_EXCLUDED },
		{ ICMP, "10.0.1.9", 0, "10.0.1.0", 0, FLOW_NOT_EXCLUDED },
		{ ICMP, "10.0.1.9", 0, "10.0.1.2", 0, FLOW_NOT_EXCLUDED },
		{ ICMP, "10.0.0.9", 0, "10.0.0.1", 0, FLOW_NOT_EXCLUDED }, /* of the VPC */
		{ ICMP, "10.0.3.9", 0, "10.0.3.1", 0, FLOW_NOT_EXCLUDED },
		{ 58, "2001:db8::9", 0, "2001:db8::1", 0, FLOW_NOT_EXCLUDED }, /* an IPv6 CIDR */
	};
	static const struct packet_case without = { ICMP, "10.0.1.9", 0, "10.0.1.1", 0, FLOW_NOT_EXCLUDED };

	(void)state;
	ASSERT_ALL(&web, cases);
	assert_excluded(&bare, &without);
}

/* ---- every combination of what matters, and of its neighbours ---- */

static const char *const addresses[] = {
	"169.254.169.254", "169.254.169.123", "169.254.169.253", "169.254.169.250", "169.254.169.251",
	"169.254.169.252", "169.254.168.254", "10.0.0.1",        "10.0.0.2",        "10.0.1.1",
	"10.0.1.2",        "10.0.2.1",        "172.17.0.0",      "192.0.2.7",       "fd00:ec2::254",
	"fd00:ec2::123",   "fd00:ec2::253",   "fd00:ec2::250",   "fd00:ec2:1::254", "2001:db8::1",
	"2001:db8::2",     "a9fe:a9fe::",     "a00:101::",       "a00:2::",
};
enum { ADDRESSES = sizeof(addresses) / sizeof(addresses[0]) };

/* A blank stands before and behind each of the list. */
static bool is_among(const char *list, const char *address)
{
	char word[INET6_ADDRSTRLEN + 2];

	snprintf(word, sizeof(word), " %s ", address);
	return strstr(list, word) != NULL;
}

/* One end of a packet, as semantics section 13, 21 has it for `web`. */
static bool is_service(const struct packet_case *given, const char *address, uint16_t port)
{
	return is_among(" 169.254.169.254 169.254.169.123 fd00:ec2::254 fd00:ec2::123 ", address) ||
	       ((given->protocol == TCP || given->protocol == UDP) && port == 53 &&
		is_among(" 169.254.169.253 fd00:ec2::253 10.0.0.2 172.17.0.0 169.254.169.250 ", address)) ||
	       (given->protocol == TCP && port == 1688 && is_among(" 169.254.169.250 169.254.169.251 ", address));
}

static bool is_in_pair(const struct packet_case *given, uint16_t a, uint16_t b)
{
	return (given->source_port == a || given->source_port == b) &&
	       (given->destination_port == a || given->destination_port == b);
}

static bool is_never_logged(const struct packet_case *given)
{
	return is_service(given, given->source, given->source_port) ||
	       is_service(given, given->destination, given->destination_port) ||
	       (given->protocol == UDP && (is_in_pair(given, 67, 68) || is_in_pair(given, 546, 547))) ||
	       is_among(" 10.0.1.1 10.0.2.1 ", given->destination);
}

static void assert_never_logged(const struct flow_interface *ready, const struct packet_case *given)
{
	struct flow_observation packet = packet_of(given->source, given->destination);
	bool expected = is_never_logged(given);

	packet.protocol = given->protocol;
	packet.source_port = given->source_port;
	packet.destination_port = given->destination_port;
	if ((flow_exclusion_of(ready, &packet) != FLOW_NOT_EXCLUDED) != expected)
		fail_msg("protocol %u, %s port %u to %s port %u: not as expected", given->protocol, given->source,
			 given->source_port, given->destination, given->destination_port);
}

static void test_every_combination(void **state)
{
	static const uint16_t ports[] = { 0, 53, 67, 68, 546, 547, 1688, 443 };
	static const uint8_t protocols[] = { ICMP, TCP, UDP };
	enum { PORTS = 8, ALL = ADDRESSES * ADDRESSES * PORTS * PORTS * 3 };
	struct flow_interface ready = web;

	(void)state;
	assert_int_equal(flow_interface_prepare(&ready, NULL), 0);
	for (unsigned i = 0; i < ALL; i++) {
		unsigned ends = i / (PORTS * PORTS * 3);
		const struct packet_case given = { .protocol = protocols[i % 3],
						   .source = addresses[ends % ADDRESSES],
						   .source_port = ports[i / 3 % PORTS],
						   .destination = addresses[ends / ADDRESSES],
						   .destination_port = ports[i / 3 / PORTS % PORTS] };

		if (family_of(given.source) == family_of(given.destination))
			assert_never_logged(&ready, &given);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_metadata_and_time),
		TEST(test_neighbours_of_amazon_addresses),
		TEST(test_dns),
		TEST(test_dns_at_base_plus_2_of_every_vpc_cidr),
		TEST(test_dns_of_a_vpc_cidr_over_another_service),
		TEST(test_windows_activation),
		TEST(test_dhcp),
		TEST(test_router_of_every_subnet_cidr),
		TEST(test_every_combination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
