#include "flow/routes.h"

#include <errno.h>

#include "fixture.h"

static int add(struct flow_routes *routes, const char *prefix, uint8_t traffic_path)
{
	struct flow_route route = { prefix_of(prefix), traffic_path };
	struct error err = { "" };
	int ret = flow_routes_add(routes, &route, &err);

	assert_int_equal(err.text[0] != '\0', ret < 0);
	return ret;
}

static uint8_t path(const struct flow_routes *routes, const char *destination)
{
	struct flow_address address = address_of(destination);

	return flow_routes_path(routes, family_of(destination), &address);
}

static void test_no_route(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	assert_int_equal(path(&routes, "10.0.0.1"), 0);
	assert_int_equal(add(&routes, "10.0.0.0/8", 3), 0);
	assert_int_equal(path(&routes, "11.0.0.1"), 0);
	assert_int_equal(path(&routes, "10.0.0.1"), 3);
	flow_routes_clear(&routes);
	assert_int_equal(path(&routes, "10.0.0.1"), 0);
	flow_routes_clear(&routes);
}

/* Whatever the order in which they were added. */
static void test_the_longest_prefix_wins(void **state)
{
	static const char *const prefixes[] = { "0.0.0.0/0", "10.0.0.0/8", "10.40.0.0/16", "10.40.7.1/32" };

	(void)state;
	for (unsigned first = 0; first < 4; first++) {
		for (unsigned step = 1; step < 4; step += 2) { /* upwards and downwards, around */
			struct flow_routes routes = { 0 };

			for (unsigned i = 0; i < 4; i++) {
				unsigned at = (first + i * step) % 4;

				assert_int_equal(add(&routes, prefixes[at], (uint8_t)(at + 1)), 0);
			}
			assert_int_equal(path(&routes, "192.0.2.1"), 1);
			assert_int_equal(path(&routes, "10.41.0.1"), 2);
			assert_int_equal(path(&routes, "10.40.7.2"), 3);
			assert_int_equal(path(&routes, "10.40.7.1"), 4);
			flow_routes_clear(&routes);
		}
	}
}

static void test_equal_lengths_stand_side_by_side(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	assert_int_equal(add(&routes, "10.0.0.0/16", 1), 0);
	assert_int_equal(add(&routes, "10.1.0.0/16", 2), 0);
	assert_int_equal(path(&routes, "10.0.9.9"), 1);
	assert_int_equal(path(&routes, "10.1.9.9"), 2);
	flow_routes_clear(&routes);
}

/* 0.0.0.0/0 and ::/0 have the same octets and the same length, but are two routes. */
static void test_families_are_apart(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	assert_int_equal(add(&routes, "0.0.0.0/0", 8), 0);
	assert_int_equal(path(&routes, "2001:db8::1"), 0);
	assert_int_equal(add(&routes, "::/0", 4), 0);
	assert_int_equal(path(&routes, "2001:db8::1"), 4);
	assert_int_equal(path(&routes, "10.0.0.1"), 8);
	flow_routes_clear(&routes);
}

static void test_a_prefix_stands_once(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	assert_int_equal(add(&routes, "10.0.0.0/8", 1), 0);
	assert_int_equal(add(&routes, "10.0.0.0/9", 2), 0);
	assert_int_equal(add(&routes, "10.0.0.0/8", 3), -EEXIST);
	assert_int_equal(routes.count, 2);
	assert_int_equal(path(&routes, "10.128.0.1"), 1);
	flow_routes_clear(&routes);
}

/* The same answers as before, and still the right ones after another route. */
static void test_compiled(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	assert_int_equal(flow_routes_compile(&routes, NULL), 0);
	assert_int_equal(path(&routes, "10.0.0.1"), 0);
	assert_int_equal(add(&routes, "10.0.0.0/8", 1), 0);
	assert_int_equal(add(&routes, "10.40.0.0/16", 2), 0);
	assert_int_equal(add(&routes, "2001:db8::/32", 8), 0);
	assert_int_equal(flow_routes_compile(&routes, NULL), 0);
	assert_int_equal(flow_routes_compile(&routes, NULL), 0);
	assert_int_equal(path(&routes, "10.0.0.1"), 1);
	assert_int_equal(path(&routes, "10.40.0.1"), 2);
	assert_int_equal(path(&routes, "11.0.0.1"), 0);
	assert_int_equal(path(&routes, "2001:db8::1"), 8);
	assert_int_equal(add(&routes, "10.40.0.0/16", 3), -EEXIST);
	assert_int_equal(add(&routes, "11.0.0.0/8", 4), 0);
	assert_int_equal(path(&routes, "11.0.0.1"), 4);
	assert_int_equal(flow_routes_compile(&routes, NULL), 0);
	assert_int_equal(path(&routes, "11.0.0.1"), 4);
	flow_routes_clear(&routes);
	assert_int_equal(path(&routes, "11.0.0.1"), 0);
}

/* Whatever the order they come in, they stand in one. */
static void test_many_stand_in_order(void **state)
{
	struct flow_routes routes = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		uint32_t mixed = i * 2654435761u;
		struct flow_route route = { { FLOW_IPV4, (uint8_t)(20 + i % 13), { { 0 } } }, (uint8_t)(1 + i % 8) };

		for (unsigned octet = 0; octet < 4; octet++)
			route.prefix.base.octets[octet] = (uint8_t)(mixed >> (24 - 8 * octet));
		for (unsigned bit = route.prefix.length; bit < 32; bit++)
			route.prefix.base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		if (flow_routes_add(&routes, &route, NULL) != -EEXIST)
			assert_int_equal(flow_routes_add(&routes, &route, NULL), -EEXIST);
	}
	assert_in_range(routes.count, 4000, 5000);
	for (size_t i = 1; i < routes.count; i++) {
		const struct flow_prefix *before = &routes.items[i - 1].prefix, *prefix = &routes.items[i].prefix;

		assert_true(before->length > prefix->length ||
			    (before->length == prefix->length && flow_prefix_compare(before, prefix) < 0));
	}
	flow_routes_clear(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_route),
		TEST(test_the_longest_prefix_wins),
		TEST(test_equal_lengths_stand_side_by_side),
		TEST(test_families_are_apart),
		TEST(test_a_prefix_stands_once),
		TEST(test_compiled),
		TEST(test_many_stand_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
