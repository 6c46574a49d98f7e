#include "flow/prefixes.h"

#include <errno.h>

#include "fixture.h"

enum { MOST = 300 };

static struct flow_prefixes prefixes_of(const struct flow_prefix_value *items, size_t count)
{
	struct flow_prefixes prefixes;

	assert_int_equal(flow_prefixes_init(&prefixes, items, count, NULL), 0);
	return prefixes;
}

static uint32_t find(const struct flow_prefixes *prefixes, const char *text)
{
	struct flow_address address = address_of(text);

	return flow_prefixes_find(prefixes, family_of(text), &address);
}

static void test_without_prefixes(void **state)
{
	struct flow_prefixes prefixes = prefixes_of(NULL, 0);

	(void)state;
	assert_int_equal(find(&prefixes, "10.0.0.1"), 0);
	assert_int_equal(find(&prefixes, "2001:db8::1"), 0);
	flow_prefixes_finish(&prefixes);
	flow_prefixes_finish(&prefixes);
}

static void test_the_longest_prefix_wins(void **state)
{
	const struct flow_prefix_value items[] = {
		{ prefix_of("10.40.7.1/32"), 4 },   { prefix_of("0.0.0.0/0"), 1 },
		{ prefix_of("10.40.0.0/16"), 3 },   { prefix_of("10.0.0.0/8"), 2 },
		{ prefix_of("2001:db8::/32"), 11 }, { prefix_of("2001:db8::1/128"), 12 },
	};
	struct flow_prefixes prefixes = prefixes_of(items, 6);

	(void)state;
	assert_int_equal(find(&prefixes, "9.255.255.255"), 1);
	assert_int_equal(find(&prefixes, "10.0.0.0"), 2);
	assert_int_equal(find(&prefixes, "10.39.255.255"), 2);
	assert_int_equal(find(&prefixes, "10.40.0.0"), 3);
	assert_int_equal(find(&prefixes, "10.40.7.0"), 3);
	assert_int_equal(find(&prefixes, "10.40.7.1"), 4);
	assert_int_equal(find(&prefixes, "10.40.7.2"), 3);
	assert_int_equal(find(&prefixes, "10.41.0.0"), 2);
	assert_int_equal(find(&prefixes, "11.0.0.0"), 1);
	assert_int_equal(find(&prefixes, "2001:db7:ffff::"), 0);
	assert_int_equal(find(&prefixes, "2001:db8::"), 11);
	assert_int_equal(find(&prefixes, "2001:db8::1"), 12);
	assert_int_equal(find(&prefixes, "2001:db8::2"), 11);
	assert_int_equal(find(&prefixes, "2001:db9::"), 0);
	flow_prefixes_finish(&prefixes);
}

/* 0.0.0.0/0 and ::/0 have the same octets and the same length, but are two prefixes. */
static void test_families_are_apart(void **state)
{
	const struct flow_prefix_value items[] = { { prefix_of("0.0.0.0/0"), 1 }, { prefix_of("::/0"), 2 } };
	struct flow_prefixes both = prefixes_of(items, 2), ipv4 = prefixes_of(items, 1),
			     ipv6 = prefixes_of(items + 1, 1);

	(void)state;
	assert_int_equal(find(&both, "0.0.0.0"), 1);
	assert_int_equal(find(&both, "255.255.255.255"), 1);
	assert_int_equal(find(&both, "::"), 2);
	assert_int_equal(find(&both, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 2);
	assert_int_equal(find(&ipv4, "::"), 0);
	assert_int_equal(find(&ipv6, "0.0.0.0"), 0);
	flow_prefixes_finish(&both);
	flow_prefixes_finish(&ipv4);
	flow_prefixes_finish(&ipv6);
}

/* Nothing comes behind the highest address. */
static void test_the_ends_of_the_address_space(void **state)
{
	const struct flow_prefix_value items[] = {
		{ prefix_of("0.0.0.0/32"), 1 },
		{ prefix_of("255.255.255.255/32"), 2 },
		{ prefix_of("255.0.0.0/8"), 3 },
		{ prefix_of("::/128"), 4 },
		{ prefix_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"), 5 },
		{ prefix_of("ff00::/8"), 6 },
	};
	struct flow_prefixes prefixes = prefixes_of(items, 6);

	(void)state;
	assert_int_equal(find(&prefixes, "0.0.0.0"), 1);
	assert_int_equal(find(&prefixes, "0.0.0.1"), 0);
	assert_int_equal(find(&prefixes, "255.255.255.254"), 3);
	assert_int_equal(find(&prefixes, "255.255.255.255"), 2);
	assert_int_equal(find(&prefixes, "::"), 4);
	assert_int_equal(find(&prefixes, "::1"), 0);
	assert_int_equal(find(&prefixes, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"), 6);
	assert_int_equal(find(&prefixes, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 5);
	flow_prefixes_finish(&prefixes);
}

static void test_a_prefix_stands_once(void **state)
{
	const struct flow_prefix_value items[] = { { prefix_of("10.0.0.0/8"), 1 },
						   { prefix_of("10.0.0.0/9"), 2 },
						   { prefix_of("10.0.0.0/8"), 1 } };
	struct flow_prefixes prefixes;
	struct error err = { "" };

	(void)state;
	assert_int_equal(flow_prefixes_init(&prefixes, items, 3, &err), -EEXIST);
	assert_null(prefixes.values);
	assert_string_equal(err.text, "prefixes: one stands there twice");
}

/* ---- against a linear search ---- */

static uint64_t dice;

/* 0 to sides - 1 (SplitMix64). */
static uint32_t throw_dice(uint32_t sides)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z >> 33) % sides);
}

/* Few values of few octets, so that prefixes lie in each other and side by side. */
static struct flow_address random_address(bool is_ipv4)
{
	static const uint8_t octets[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct flow_address address = { { 0 } };

	for (size_t i = 0; i < (is_ipv4 ? 4 : 16); i++)
		address.octets[i] = octets[throw_dice(throw_dice(2) ? 2 : 5)];
	return address;
}

static struct flow_prefix random_prefix(void)
{
	bool is_ipv4 = throw_dice(2);
	struct flow_prefix prefix = { is_ipv4 ? FLOW_IPV4 : FLOW_IPV6, (uint8_t)throw_dice(is_ipv4 ? 33 : 129),
				      random_address(is_ipv4) };

	for (unsigned bit = prefix.length; bit < 128; bit++)
		prefix.base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return prefix;
}

static size_t random_items(struct flow_prefix_value *items)
{
	size_t count = 0, wanted = throw_dice(throw_dice(2) ? 10 : MOST);

	for (size_t tries = 0; tries < 2 * wanted && count < wanted; tries++) {
		size_t i = 0;

		items[count] = (struct flow_prefix_value){ random_prefix(), throw_dice(5) };
		while (i < count && flow_prefix_compare(&items[i].prefix, &items[count].prefix) != 0)
			i++;
		count += i == count;
	}
	return count;
}

static uint32_t find_slowly(const struct flow_prefix_value *items, size_t count, enum flow_family family,
			    const struct flow_address *address)
{
	const struct flow_prefix_value *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (flow_prefix_contains(&items[i].prefix, family, address) &&
		    (!best || items[i].prefix.length > best->prefix.length))
			best = &items[i];
	return best ? best->value : 0;
}

/* The address before, at, in and behind a prefix, now and then; else any. */
static struct flow_address random_question(const struct flow_prefix *prefix, bool is_ipv4)
{
	struct flow_address address = prefix->base;
	size_t size = is_ipv4 ? 4 : 16;

	switch (throw_dice(4)) {
	case 0:
		return random_address(is_ipv4);
	case 1:
		for (size_t i = size; i-- > 0 && address.octets[i]-- == 0;)
			;
		return address;
	case 2:
		for (unsigned bit = prefix->length; bit < size * 8; bit++)
			address.octets[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		if (throw_dice(2))
			for (size_t i = size; i-- > 0 && ++address.octets[i] == 0;)
				;
		return address;
	}
	return address;
}

static void test_random_prefixes(void **state)
{
	static struct flow_prefix_value items[MOST];

	(void)state;
	for (dice = 1; dice < 400;) {
		uint64_t seed = dice;
		size_t count = random_items(items);
		struct flow_prefixes prefixes = prefixes_of(items, count);

		for (int i = 0; i < 300; i++) {
			const struct flow_prefix any = random_prefix();
			const struct flow_prefix *near = count && throw_dice(3)
								 ? &items[throw_dice((uint32_t)count)].prefix
								 : &any;
			enum flow_family family = near->family;
			struct flow_address address = random_question(near, family == FLOW_IPV4);

			assert_int_equal(flow_prefixes_find(&prefixes, family, &address),
					 find_slowly(items, count, family, &address));
		}
		flow_prefixes_finish(&prefixes);
		dice = seed + 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_prefixes),     TEST(test_the_longest_prefix_wins),
		TEST(test_families_are_apart),   TEST(test_the_ends_of_the_address_space),
		TEST(test_a_prefix_stands_once), TEST(test_random_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
