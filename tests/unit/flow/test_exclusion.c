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
	enum flow_exclusion found;

	packet.protocol = given->protocol;
	packet.source_port = given->source_port;
	packet.destination_port = given->destination_port;
	found = flow_exclusion_of(interface, &packet);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
