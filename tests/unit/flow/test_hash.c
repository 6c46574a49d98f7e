#include "flow/hash.h"

#include "check.h"

enum { SIZE = 44 }; /* a flow key: the last words of 16 overlap */

static void test_the_same_for_the_same_bytes(void **state)
{
	unsigned char key[SIZE], room[SIZE + 8];

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		key[i] = (unsigned char)(i * 37);
	for (size_t shift = 0; shift < 8; shift++) { /* wherever they stand */
		memcpy(room + shift, key, SIZE);
		assert_true(flow_hash(room + shift, SIZE, 7) == flow_hash(key, SIZE, 7));
	}
}

static void test_the_seed_counts(void **state)
{
	unsigned char key[SIZE] = { 1 };

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++)
		assert_true(flow_hash(key, SIZE, 0) != flow_hash(key, SIZE, UINT64_C(1) << bit));
}

static unsigned changed_bits(uint32_t a, uint32_t b)
{
	unsigned count = 0;

	for (uint32_t rest = a ^ b; rest; rest &= rest - 1)
		count++;
	return count;
}

/* One bit of the key moves about half of the low 32, which are the tag in the flow table. */
static void test_every_bit_of_the_key_counts(void **state)
{
	(void)state;
	for (size_t size = 16; size <= SIZE; size++) {
		unsigned long sum = 0;

		for (unsigned bit = 0; bit < 8 * size; bit++) {
			unsigned char key[SIZE] = { 10, 0, 0, 1 };
			uint64_t before = flow_hash(key, size, 12345);
			unsigned changed;

			key[bit / 8] ^= (unsigned char)(1U << bit % 8);
			changed = changed_bits((uint32_t)before, (uint32_t)flow_hash(key, size, 12345));
			assert_in_range(changed, 3, 29);
			sum += changed;
		}
		assert_in_range(sum / (8 * size), 12, 20);
	}
}

/* Neighbouring addresses and ports, as scans are made of, spread over the slots of a table. */
static void test_scans_spread(void **state)
{
	enum { SLOTS = 4096, KEYS = 4 * SLOTS };
	static unsigned filled[SLOTS];
	unsigned most = 0;

	(void)state;
	for (uint32_t i = 0; i < KEYS; i++) {
		unsigned char key[SIZE] = { 10, 0, 0, 1 };

		key[18] = (unsigned char)(i >> 8); /* destination */
		key[19] = (unsigned char)i;
		key[35] = (unsigned char)i; /* port */
		filled[flow_hash(key, SIZE, 99) % SLOTS]++;
	}
	for (size_t i = 0; i < SLOTS; i++)
		most = filled[i] > most ? filled[i] : most;
	assert_in_range(most, 8, 20); /* 4 on the average */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_same_for_the_same_bytes),
		TEST(test_the_seed_counts),
		TEST(test_every_bit_of_the_key_counts),
		TEST(test_scans_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
