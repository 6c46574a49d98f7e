#include "flow/lookup.h"

#include "fixture.h"

static struct flow_lookup *lookup_new(void)
{
	struct flow_lookup *lookup = NULL;

	assert_int_equal(flow_lookup_new(&lookup, NULL), 0);
	return lookup;
}

static struct flow_lookup_key key_of(uint64_t first, uint64_t second, uint64_t space)
{
	return (struct flow_lookup_key){ { first, second }, space };
}

static void add(struct flow_lookup *lookup, struct flow_lookup_key key, uint32_t number)
{
	assert_int_equal(flow_lookup_add(lookup, &key, number, NULL), 0);
}

/* The numbers under a key, with a blank behind each. */
static void assert_found(const struct flow_lookup *lookup, struct flow_lookup_key key, const char *expected)
{
	char found[128] = "";

	for (const struct flow_lookup_entry *entry = flow_lookup_find(lookup, &key); entry->number;
	     entry = flow_lookup_next(lookup, entry))
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%" PRIu32 " ", entry->number);
	assert_string_equal(found, expected);
}

static void test_empty(void **state)
{
	struct flow_lookup *lookup = lookup_new();

	(void)state;
	assert_found(lookup, key_of(1, 2, 3), "");
	assert_found(lookup, key_of(0, 0, 0), "");
	flow_lookup_free(lookup);
	flow_lookup_free(NULL);
}

/* Every part of a key counts; a key of zeros is one like others. */
static void test_keys_are_told_apart(void **state)
{
	struct flow_lookup *lookup = lookup_new();

	(void)state;
	add(lookup, key_of(1, 2, 3), 10);
	assert_found(lookup, key_of(0, 0, 0), "");
	add(lookup, key_of(0, 0, 0), UINT32_MAX);
	add(lookup, key_of(2, 1, 3), 20);
	assert_found(lookup, key_of(1, 2, 3), "10 ");
	assert_found(lookup, key_of(2, 1, 3), "20 ");
	assert_found(lookup, key_of(0, 0, 0), "4294967295 ");
	assert_found(lookup, key_of(1, 2, 4), "");
	assert_found(lookup, key_of(1, 3, 3), "");
	assert_found(lookup, key_of(0, 2, 3), "");
	flow_lookup_free(lookup);
}

static void test_address_keys(void **state)
{
	const struct flow_address ipv4 = address_of("10.0.0.1"), ipv6 = address_of("a00:1::"), /* the same octets */
		low = address_of("2001:db8::1"), high = address_of("2001:db8:0:1::1");
	struct flow_lookup *lookup = lookup_new();

	(void)state;
	add(lookup, flow_lookup_address_key(&ipv4, FLOW_IPV4), 1);
	add(lookup, flow_lookup_address_key(&low, FLOW_IPV6), 2);
	add(lookup, flow_lookup_address_key(&high, FLOW_IPV6), 3);
	assert_found(lookup, flow_lookup_address_key(&ipv4, FLOW_IPV4), "1 ");
	assert_found(lookup, flow_lookup_address_key(&ipv6, FLOW_IPV4), "1 ");
	assert_found(lookup, flow_lookup_address_key(&ipv6, FLOW_IPV6), "");
	assert_found(lookup, flow_lookup_address_key(&low, FLOW_IPV6), "2 ");
	assert_found(lookup, flow_lookup_address_key(&high, FLOW_IPV6), "3 ");
	flow_lookup_free(lookup);
}

static void test_several_numbers_under_a_key(void **state)
{
	struct flow_lookup *lookup = lookup_new();

	(void)state;
	add(lookup, key_of(1, 0, 0), 9);
	add(lookup, key_of(2, 0, 0), 9);
	add(lookup, key_of(1, 0, 0), 7);
	add(lookup, key_of(1, 0, 0), 7); /* again */
	add(lookup, key_of(2, 0, 0), 8);
	add(lookup, key_of(1, 0, 0), 3);
	add(lookup, key_of(2, 0, 0), 8);
	assert_found(lookup, key_of(1, 0, 0), "3 7 9 ");
	assert_found(lookup, key_of(2, 0, 0), "8 9 ");
	flow_lookup_free(lookup);
}

/* Every tenth key has a second number. */
static void test_many(void **state)
{
	enum { KEYS = 20000 };
	struct flow_lookup *lookup = lookup_new();

	(void)state;
	for (uint32_t i = KEYS; i > 0; i--) {
		add(lookup, key_of(i, 0, i % 3), i + KEYS);
		if (i % 10 == 0)
			add(lookup, key_of(i, 0, i % 3), i);
	}
	for (uint32_t i = 1; i <= KEYS; i++) {
		const struct flow_lookup_key key = key_of(i, 0, i % 3),
					     near[] = { key_of(i, 0, i % 3 + 1), key_of(i, 1, i % 3) };
		const struct flow_lookup_entry *entry = flow_lookup_find(lookup, &key);

		if (i % 10 == 0) {
			assert_int_equal(entry->number, i);
			entry = flow_lookup_next(lookup, entry);
		}
		assert_int_equal(entry->number, i + KEYS);
		assert_int_equal(flow_lookup_next(lookup, entry)->number, 0);
		assert_int_equal(flow_lookup_find(lookup, &near[0])->number, 0);
		assert_int_equal(flow_lookup_find(lookup, &near[1])->number, 0);
	}
	flow_lookup_free(lookup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_empty),        TEST(test_keys_are_told_apart),
		TEST(test_address_keys), TEST(test_several_numbers_under_a_key),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
