#include "capture/tally.h"

#include "check.h"

static struct capture_tally *tally;

static void fresh(size_t most, uint64_t seed)
{
	capture_tally_free(tally);
	tally = NULL;
	assert_int_equal(capture_tally_new(&tally, most, seed, NULL), 0);
}

static int tear_down(void **state)
{
	(void)state;
	capture_tally_free(tally);
	tally = NULL;
	return 0;
}

static void see(uint32_t group, uint16_t number, unsigned times)
{
	const struct capture_tally_key key = { .group = group, .number = number };

	while (times-- > 0)
		capture_tally_at(tally, &key)[0]++;
}

static void keys_are_counted_apart(void **state)
{
	const struct capture_tally_entry *entries;
	size_t count;

	(void)state;
	fresh(16, 1);
	see(1, 7, 2);
	see(1, 8, 3);
	see(2, 7, 1);
	capture_tally_sort(tally);
	entries = capture_tally_group(tally, 1, &count);
	assert_int_equal(count, 2);
	assert_int_equal(entries[0].key.number, 8);
	assert_int_equal(entries[0].counts[0], 3);
	assert_int_equal(entries[1].key.number, 7);
	assert_int_equal(entries[1].counts[0], 2);
	entries = capture_tally_group(tally, 2, &count);
	assert_int_equal(count, 1);
	assert_int_equal(entries[0].counts[0], 1);
	assert_int_equal(capture_tally_forgotten(tally), 0);
}

static void groups_that_are_not_there_are_empty(void **state)
{
	static const uint32_t absent[] = { 0, 4, 6, UINT32_MAX };
	size_t count;

	(void)state;
	fresh(16, 1);
	capture_tally_sort(tally);
	capture_tally_group(tally, 0, &count);
	assert_int_equal(count, 0);
	see(5, 1, 1);
	capture_tally_sort(tally);
	for (size_t i = 0; i < 4; i++) {
		capture_tally_group(tally, absent[i], &count);
		assert_int_equal(count, 0);
	}
	see(UINT32_MAX, 1, 1);
	capture_tally_sort(tally);
	capture_tally_group(tally, UINT32_MAX, &count);
	assert_int_equal(count, 1);
}

static void every_part_of_a_key_matters(void **state)
{
	struct capture_tally_key key = { 0 };
	size_t count;

	(void)state;
	fresh(16, 1);
	capture_tally_at(tally, &key)[0]++;
	key.family = 4;
	capture_tally_at(tally, &key)[0]++;
	key.mac[5] = 1;
	capture_tally_at(tally, &key)[0]++;
	key.address.octets[15] = 1;
	capture_tally_at(tally, &key)[0]++;
	key.other.octets[15] = 1;
	capture_tally_at(tally, &key)[0]++;
	capture_tally_sort(tally);
	capture_tally_group(tally, 0, &count);
	assert_int_equal(count, 5);
}

/* Two keys that are seen often, among many more than there is room for. */
static void what_is_seen_often_stays(void **state)
{
	const struct capture_tally_entry *entries;
	size_t count;

	(void)state;
	fresh(64, 1);
	for (uint16_t i = 0; i < 5000; i++) {
		see(1, i, 1);
		see(1, 60000, 1);
		see(1, 60001, i % 2);
	}
	capture_tally_sort(tally);
	entries = capture_tally_group(tally, 1, &count);
	assert_true(count <= 64);
	assert_int_equal(capture_tally_forgotten(tally) + count, 5002);
	assert_int_equal(entries[0].key.number, 60000);
	assert_int_equal(entries[0].counts[0], 5000);
	assert_int_equal(entries[1].key.number, 60001);
	assert_int_equal(entries[1].counts[0], 2500);
}

/* Also where many are seen equally often, it does not depend on the seed which are left. */
static void the_seed_does_not_show(void **state)
{
	struct capture_tally_entry first[64];
	size_t first_count = 0, count;

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		const struct capture_tally_entry *entries;

		fresh(32, seed * UINT64_C(0x9e3779b97f4a7c15));
		for (uint16_t i = 0; i < 1000; i++)
			see(3, (uint16_t)(i * 7919), 1 + i % 3);
		capture_tally_sort(tally);
		entries = capture_tally_group(tally, 3, &count);
		if (seed == 1) {
			first_count = count;
			memcpy(first, entries, count * sizeof(*entries));
		}
		assert_int_equal(count, first_count);
		assert_memory_equal(entries, first, count * sizeof(*entries));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_counted_apart),      TEST(groups_that_are_not_there_are_empty),
		TEST(every_part_of_a_key_matters), TEST(what_is_seen_often_stays),
		TEST(the_seed_does_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
