#include "flow/table.h"

#include <errno.h>

#include "fixture.h"

static const struct flow_sums one = { .packets = 1, .bytes = 100, .first = 5, .last = 5 };

static struct flow_table *table_of(uint64_t most, bool wide)
{
	struct flow_table *table = NULL;

	assert_int_equal(flow_table_new(&table, most, wide, 42, NULL), 0);
	assert_int_equal(flow_table_count(table), 0);
	return table;
}

static struct flow_key key_of(uint32_t number)
{
	struct flow_key key = { .interface = 0, .protocol = 17, .family = FLOW_IPV4 };

	memcpy(key.source.octets, &number, sizeof(number));
	return key;
}

static int add(struct flow_table *table, uint32_t number, const struct flow_sums *sums)
{
	struct flow_key key = key_of(number);

	return flow_table_add(table, flow_table_hash(table, &key, NULL), &key, NULL, sums);
}

static void assert_flow(const struct flow_table *table, size_t position, uint32_t number, uint64_t packets)
{
	const struct flow_key_packet *packet = (const void *)table;
	struct flow_key expected = key_of(number);
	struct flow_sums sums;
	const struct flow_key *key = flow_table_at(table, position, &packet, &sums);

	assert_null(packet);
	assert_memory_equal(key, &expected, sizeof(expected));
	assert_int_equal(sums.packets, packets);
	assert_int_equal(sums.bytes, packets * 100);
}

static void test_flows_stand_in_order_of_first_sight(void **state)
{
	struct flow_table *table = table_of(10, false);

	(void)state;
	assert_int_equal(add(table, 30, &one), 0);
	assert_int_equal(add(table, 10, &one), 0);
	assert_int_equal(add(table, 30, &one), 0);
	assert_int_equal(add(table, 20, &one), 0);
	assert_int_equal(add(table, 30, &one), 0);
	assert_int_equal(flow_table_count(table), 3);
	assert_flow(table, 0, 30, 3);
	assert_flow(table, 1, 10, 1);
	assert_flow(table, 2, 20, 1);
	flow_table_free(table);
}

static void test_sums(void **state)
{
	static const struct flow_sums later = {
		.packets = 2, .bytes = UINT64_C(1) << 40, .first = 7, .last = 9, .tcp_flags = 1
	};
	static const struct flow_sums earlier = { .packets = 1, .bytes = 40, .first = 3, .last = 4, .tcp_flags = 18 };
	struct flow_table *table = table_of(1, false);
	struct flow_sums sums;

	(void)state;
	add(table, 1, &later);
	add(table, 1, &earlier);
	flow_table_at(table, 0, NULL, &sums);
	assert_int_equal(sums.packets, 3);
	assert_true(sums.bytes == (UINT64_C(1) << 40) + 40);
	assert_int_equal(sums.first, 3);
	assert_int_equal(sums.last, 9);
	assert_int_equal(sums.tcp_flags, 19);
	flow_table_free(table);
}

/* Every field of the key separates flows. */
static void test_every_part_of_the_key_counts(void **state)
{
	struct flow_table *table = table_of(1000, true);
	struct flow_key zero = { .interface = 0 };
	struct flow_key_packet zeros = { .source = { { 0 } } };

	(void)state;
	for (size_t i = 0; i < sizeof(zero) + sizeof(zeros); i++) {
		struct flow_key key = zero;
		struct flow_key_packet packet = zeros;

		if (i < sizeof(key))
			((unsigned char *)&key)[i] = 1;
		else
			((unsigned char *)&packet)[i - sizeof(key)] = 1;
		for (unsigned twice = 0; twice < 2; twice++)
			assert_int_equal(
				flow_table_add(table, flow_table_hash(table, &key, &packet), &key, &packet, &one), 0);
		assert_int_equal(flow_table_count(table), i + 1);
	}
	flow_table_free(table);
}

static void test_wide_keys_come_back(void **state)
{
	struct flow_table *table = table_of(5000, true);

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		struct flow_key key = key_of(i % 2);
		struct flow_key_packet packet = { .source = address_of("192.0.2.1") };

		memcpy(packet.destination.octets, &i, sizeof(i));
		assert_int_equal(flow_table_add(table, flow_table_hash(table, &key, &packet), &key, &packet, &one), 0);
	}
	assert_int_equal(flow_table_count(table), 3000);
	for (uint32_t i = 0; i < 3000; i++) {
		struct flow_key expected = key_of(i % 2);
		const struct flow_key_packet *packet = NULL;
		struct flow_sums sums;
		const struct flow_key *key = flow_table_at(table, i, &packet, &sums);

		assert_memory_equal(key, &expected, sizeof(expected));
		assert_non_null(packet);
		assert_memory_equal(packet->destination.octets, &i, sizeof(i));
		assert_int_equal(packet->source.octets[0], 192);
	}
	flow_table_free(table);
}

/* The bound is exact, and flows that are in still count when it is reached. */
static void test_bound(void **state)
{
	static const uint64_t bounds[] = { 1, 2, 1023, 1024, 1025, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		uint32_t most = (uint32_t)bounds[i];
		struct flow_table *table = table_of(most, false);

		for (uint32_t number = 0; number < most; number++)
			assert_int_equal(add(table, number, &one), 0);
		assert_int_equal(add(table, most, &one), -ENOSPC);
		assert_int_equal(add(table, most + 1, &one), -ENOSPC);
		assert_int_equal(flow_table_count(table), most);
		assert_int_equal(add(table, most - 1, &one), 0);
		assert_flow(table, most - 1, most - 1, 2);
		flow_table_clear(table);
		assert_int_equal(add(table, most, &one), 0);
		assert_flow(table, 0, most, 1);
		flow_table_free(table);
	}
}

static void test_growth(void **state)
{
	enum { FLOWS = 100000 };
	struct flow_table *table = table_of(UINT64_MAX, false);

	(void)state;
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < FLOWS; i++)
			assert_int_equal(add(table, i, &one), 0);
	assert_int_equal(flow_table_count(table), FLOWS);
	for (uint32_t i = 0; i < FLOWS; i++)
		assert_flow(table, i, i, 2);
	flow_table_free(table);
}

/* A crowded table is wiped, one with few flows slot by slot: neither may leave a flow behind, or half of a chain. */
static void test_clear(void **state)
{
	static const uint32_t counts[] = { 0, 1, 5, 62, 63, 64, 1000, 5000, 3, 100, 255, 256, 400, 20000, 700 };
	struct flow_table *table = table_of(100000, false);

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint32_t from = (uint32_t)i * 7;

		for (uint32_t number = from; number < from + counts[i]; number++)
			assert_int_equal(add(table, number, &one), 0);
		assert_int_equal(flow_table_count(table), counts[i]);
		for (uint32_t number = from; number < from + counts[i]; number++)
			assert_int_equal(add(table, number, &one), 0);
		assert_int_equal(flow_table_count(table), counts[i]);
		for (uint32_t at = 0; at < counts[i]; at++)
			assert_flow(table, at, from + at, 2);
		flow_table_clear(table);
		assert_int_equal(flow_table_count(table), 0);
	}
	flow_table_free(table);
}

static void test_clear_of_wide_flows(void **state)
{
	struct flow_table *table = table_of(100, true);

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 50; i++) {
			struct flow_key key = key_of(0);
			struct flow_key_packet packet = { .source = key_of(i).source };
			uint64_t hash = flow_table_hash(table, &key, &packet);

			flow_table_prefetch(table, hash);
			assert_int_equal(flow_table_add(table, hash, &key, &packet, &one), 0);
			assert_int_equal(flow_table_count(table), i + 1);
		}
		flow_table_clear(table);
	}
	flow_table_free(table);
}

/* Whoever knew the seed could make all tags equal: flows then stay apart by their keys, over growth and both ways of
 * emptying. */
static void test_equal_tags(void **state)
{
	static const uint32_t counts[] = { 40, 1500, 40 };
	struct flow_table *table = table_of(1500, false);

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (unsigned twice = 0; twice < 2; twice++) {
			for (uint32_t number = 0; number < counts[i]; number++) {
				struct flow_key key = key_of(number);

				/* Near the end of the index, so that the chain goes round. */
				assert_int_equal(flow_table_add(table, 0xfffffff0U, &key, NULL, &one), 0);
			}
		}
		assert_int_equal(flow_table_count(table), counts[i]);
		for (uint32_t at = 0; at < counts[i]; at++)
			assert_flow(table, at, at, 2);
		flow_table_clear(table);
	}
	flow_table_free(table);
}

static void test_equal_tags_of_wide_flows(void **state)
{
	struct flow_table *table = table_of(100, true);
	struct flow_key key = key_of(1);

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct flow_key_packet packet = { .destination = key_of(i % 100).source };

		assert_int_equal(flow_table_add(table, 7, &key, &packet, &one), 0);
	}
	assert_int_equal(flow_table_count(table), 100);
	flow_table_free(table);
}

/* Else one flow key with many pkt-addresses would be one long chain. */
static void test_a_wide_hash_is_of_the_whole_key(void **state)
{
	struct flow_table *table = table_of(1, true);
	struct flow_key key = key_of(7);
	struct flow_key_packet a = { .source = key_of(1).source }, b = { .destination = key_of(1).source };

	(void)state;
	assert_true(flow_table_hash(table, &key, &a) != flow_table_hash(table, &key, &b));
	flow_table_free(table);
}

static void test_the_seed_moves_the_hash(void **state)
{
	struct flow_table *a = table_of(1, false), *b = NULL;
	struct flow_key key = key_of(7);

	(void)state;
	assert_int_equal(flow_table_new(&b, 1, false, 43, NULL), 0);
	assert_true(flow_table_hash(a, &key, NULL) != flow_table_hash(b, &key, NULL));
	flow_table_free(a);
	flow_table_free(b);
	flow_table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flows_stand_in_order_of_first_sight),
		TEST(test_sums),
		TEST(test_every_part_of_the_key_counts),
		TEST(test_wide_keys_come_back),
		TEST(test_bound),
		TEST(test_growth),
		TEST(test_clear),
		TEST(test_clear_of_wide_flows),
		TEST(test_equal_tags),
		TEST(test_equal_tags_of_wide_flows),
		TEST(test_a_wide_hash_is_of_the_whole_key),
		TEST(test_the_seed_moves_the_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
