#include "flow/key.h"

#include "fixture.h"

static void each_family_takes_what_it_needs(void **state)
{
	const struct flow_key ipv4 = { .family = FLOW_IPV4 }, ipv6 = { .family = FLOW_IPV6 };

	(void)state;
	assert_int_equal(flow_key_size(&ipv4, false), 20);
	assert_int_equal(flow_key_size(&ipv4, true), 28);
	assert_int_equal(flow_key_size(&ipv6, false), 44);
	assert_int_equal(flow_key_size(&ipv6, true), 76);
	assert_int_equal(sizeof(struct flow_key), 76);
}

static void addresses_come_back(void **state)
{
	static const char *const texts[2][FLOW_KEY_ADDRESSES] = {
		{ "10.0.0.1", "10.0.0.2", "10.0.0.3", "255.255.255.255" },
		{ "2001:db8::1", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::4" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct flow_key key = { .family = i ? FLOW_IPV6 : FLOW_IPV4 };

		for (unsigned which = 0; which < FLOW_KEY_ADDRESSES; which++) {
			struct flow_address address = address_of(texts[i][which]);

			flow_key_set(&key, (enum flow_key_address)which, &address);
		}
		for (unsigned which = 0; which < FLOW_KEY_ADDRESSES; which++) {
			struct flow_address want = address_of(texts[i][which]),
					    got = flow_key_get(&key, (enum flow_key_address)which);

			assert_memory_equal(&got, &want, sizeof(want));
		}
	}
}

/* Else a flow with many pkt-addresses would be one long chain in the flow table. */
static void a_wide_hash_is_of_the_whole_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct flow_key a = { .family = i ? FLOW_IPV6 : FLOW_IPV4 }, b = a;

		b.addresses[flow_key_size(&b, true) - FLOW_KEY_HEAD - 1] = 1;
		assert_true(flow_key_hash(&a, true, 7) != flow_key_hash(&b, true, 7));
		assert_true(flow_key_hash(&a, false, 7) == flow_key_hash(&b, false, 7));
	}
}

static void the_seed_moves_the_hash(void **state)
{
	const struct flow_key key = { .family = FLOW_IPV4, .source_port = 443 };

	(void)state;
	assert_true(flow_key_hash(&key, false, 42) != flow_key_hash(&key, false, 43));
}

/* A stranger who works out keys whose hashes end alike for a seed that he guesses gains nothing: under the seed of the
 * run they are spread like any others. */
static void crafted_collisions_are_spread_by_another_seed(void **state)
{
	enum { WANTED = 512, SLOT_BITS = 12, SLOTS = 1 << SLOT_BITS };
	static uint16_t crowd[SLOTS];
	struct flow_key key = { .family = FLOW_IPV4, .protocol = 6 };
	unsigned most = 0;
	size_t found = 0;

	(void)state;
	for (uint32_t i = 0; found < WANTED; i++) {
		memcpy(key.addresses, &i, sizeof(i));
		if (flow_key_hash(&key, false, 1) % SLOTS != 0)
			continue;
		found++;
		crowd[flow_key_hash(&key, false, 2) % SLOTS]++;
	}
	for (size_t i = 0; i < SLOTS; i++)
		most = crowd[i] > most ? crowd[i] : most;
	assert_in_range(most, 1, 7); /* 512 into 4096 slots: a crowd of 8 by chance is one in millions */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_family_takes_what_it_needs),
		TEST(addresses_come_back),
		TEST(a_wide_hash_is_of_the_whole_key),
		TEST(the_seed_moves_the_hash),
		TEST(crafted_collisions_are_spread_by_another_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
