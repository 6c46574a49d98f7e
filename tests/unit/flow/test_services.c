#include "flow/services.h"

#include "fixture.h"

static struct flow_services *services;

/* "PREFIX SERVICE, PREFIX SERVICE": the table. */
static void set_up(const char *text)
{
	struct flow_service_range ranges[16];
	char *list = strdup(text), *rest = NULL;
	struct error err = { "" };
	size_t count = 0;

	flow_services_free(services);
	for (char *item = strtok_r(list, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
		char *prefix = strtok(item, " ");

		ranges[count++] = (struct flow_service_range){ prefix_of(prefix), strtok(NULL, " ") };
	}
	assert_int_equal(flow_services_new(&services, ranges, count, &err), 0);
	free(list); /* and with it the names */
}

static void assert_service(const char *address, const char *service)
{
	struct flow_address octets = address_of(address);
	const char *found = flow_services_find(services, family_of(address), &octets);

	if (service)
		assert_string_equal(found, service);
	else
		assert_null(found);
}

static int give_back(void **state)
{
	(void)state;
	flow_services_free(services);
	services = NULL;
	return 0;
}

static void without_ranges_there_is_no_service(void **state)
{
	(void)state;
	set_up("");
	assert_service("10.0.0.1", NULL);
	assert_service("::1", NULL);
}

static void inside_and_outside(void **state)
{
	(void)state;
	set_up("52.95.128.0/21 S3,2600:1f00::/24 EC2");
	assert_service("52.95.127.255", NULL);
	assert_service("52.95.128.0", "S3");
	assert_service("52.95.135.255", "S3");
	assert_service("52.95.136.0", NULL);
	assert_service("2600:1f00::1", "EC2");
	assert_service("2600:1e00::1", NULL);
	assert_service("::345f:8000", NULL); /* the same octets, at the end */
}

/* AWS's own example: listed under AMAZON and S3. */
static void a_specific_service_before_ec2_before_amazon(void **state)
{
	static const char *const orders[] = {
		"10.0.0.0/8 AMAZON,10.0.0.0/8 EC2,10.0.0.0/8 S3",
		"10.0.0.0/8 S3,10.0.0.0/8 EC2,10.0.0.0/8 AMAZON",
		"10.0.0.0/8 EC2,10.0.0.0/8 S3,10.0.0.0/8 AMAZON",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		set_up(orders[i]);
		assert_service("10.1.2.3", "S3");
	}
	set_up("10.0.0.0/8 AMAZON,10.0.0.0/8 EC2");
	assert_service("10.1.2.3", "EC2");
	set_up("10.0.0.0/8 AMAZON");
	assert_service("10.1.2.3", "AMAZON");
}

static void that_counts_before_the_length(void **state)
{
	(void)state;
	set_up("10.0.0.0/8 S3,10.1.0.0/16 EC2,10.1.1.0/24 AMAZON,10.1.1.128/25 DYNAMODB,10.1.1.192/26 EC2,"
	       "11.0.0.0/8 AMAZON,11.1.0.0/16 EC2,11.1.1.0/24 AMAZON");
	assert_service("10.0.0.1", "S3");
	assert_service("10.1.0.1", "S3");
	assert_service("10.1.1.1", "S3");
	assert_service("10.1.1.129", "DYNAMODB");
	assert_service("10.1.1.193", "DYNAMODB");
	assert_service("10.1.2.1", "S3");
	assert_service("11.0.0.1", "AMAZON");
	assert_service("11.1.0.1", "EC2");
	assert_service("11.1.1.1", "EC2");
}

static void of_specific_services_the_longest_prefix(void **state)
{
	(void)state;
	set_up("10.0.0.0/8 DYNAMODB,10.1.0.0/16 S3,10.1.1.0/24 CLOUDFRONT,10.1.1.0/24 S3");
	assert_service("10.0.0.1", "DYNAMODB");
	assert_service("10.1.0.1", "S3");
	assert_service("10.1.1.1", "CLOUDFRONT"); /* the first in the alphabet */
}

static void a_range_may_stand_there_twice(void **state)
{
	(void)state;
	set_up("10.0.0.0/8 S3,10.0.0.0/8 S3,10.0.0.0/8 AMAZON,10.0.0.0/8 AMAZON");
	assert_service("10.1.2.3", "S3");
}

static void a_name_is_one_pointer(void **state)
{
	struct flow_address one = address_of("10.0.0.1"), other = address_of("12.0.0.1");
	struct flow_address third = address_of("2001:db8::1");
	const char *name;

	(void)state;
	set_up("10.0.0.0/8 S3,12.0.0.0/8 S3,2001:db8::/32 S3");
	name = flow_services_find(services, FLOW_IPV4, &one);
	assert_ptr_equal(name, flow_services_find(services, FLOW_IPV4, &other));
	assert_ptr_equal(name, flow_services_find(services, FLOW_IPV6, &third));
}

/* ---- against the rule itself, on ranges by the thousand ---- */

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)random_state * bound) >> 32);
}

static int rank(const char *service)
{
	return strcmp(service, "AMAZON") == 0 ? 0 : strcmp(service, "EC2") == 0 ? 1 : 2;
}

static const char *expected(const struct flow_service_range *ranges, size_t count, enum flow_family family,
			    const struct flow_address *address)
{
	const struct flow_service_range *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct flow_service_range *range = &ranges[i];
		int order;

		if (!flow_prefix_contains(&range->prefix, family, address))
			continue;
		order = best ? rank(range->service) - rank(best->service) : 1;
		if (order == 0)
			order = (int)range->prefix.length - (int)best->prefix.length;
		if (order == 0)
			order = strcmp(best->service, range->service);
		if (order > 0)
			best = range;
	}
	return best ? best->service : NULL;
}

/* Close to each other, so that they lie in one another. */
static struct flow_address random_address(enum flow_family family)
{
	struct flow_address address = { { 0 } };

	address.octets[0] = 10;
	address.octets[1] = (uint8_t)random_below(4);
	address.octets[family == FLOW_IPV4 ? 2 : 9] = (uint8_t)random_below(256);
	address.octets[family == FLOW_IPV4 ? 3 : 15] = (uint8_t)random_below(256);
	return address;
}

static void the_rule_holds_for_many_ranges(void **state)
{
	static const char *const names[] = { "AMAZON", "EC2", "S3", "DYNAMODB", "CLOUDFRONT" };
	enum { RANGES = 2000, ADDRESSES = 3000 };
	struct flow_service_range *ranges = calloc(RANGES, sizeof(*ranges));

	(void)state;
	for (size_t i = 0; i < RANGES; i++) {
		enum flow_family family = random_below(2) ? FLOW_IPV4 : FLOW_IPV6;
		uint8_t length = (uint8_t)random_below(family == FLOW_IPV4 ? 33 : 129);
		struct flow_address base = random_address(family);

		for (unsigned bit = length; bit < 128; bit++)
			base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		ranges[i] = (struct flow_service_range){ { (uint8_t)family, length, base }, names[random_below(5)] };
	}
	assert_int_equal(flow_services_new(&services, ranges, RANGES, NULL), 0);
	for (size_t i = 0; i < ADDRESSES; i++) {
		enum flow_family family = random_below(2) ? FLOW_IPV4 : FLOW_IPV6;
		struct flow_address address = random_address(family);
		const char *found = flow_services_find(services, family, &address);
		const char *right = expected(ranges, RANGES, family, &address);

		if (right)
			assert_string_equal(found, right);
		else
			assert_null(found);
	}
	free(ranges);
}

#define SERVICES_TEST(function) cmocka_unit_test_teardown(function, give_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVICES_TEST(without_ranges_there_is_no_service),
		SERVICES_TEST(inside_and_outside),
		SERVICES_TEST(a_specific_service_before_ec2_before_amazon),
		SERVICES_TEST(that_counts_before_the_length),
		SERVICES_TEST(of_specific_services_the_longest_prefix),
		SERVICES_TEST(a_range_may_stand_there_twice),
		SERVICES_TEST(a_name_is_one_pointer),
		SERVICES_TEST(the_rule_holds_for_many_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
