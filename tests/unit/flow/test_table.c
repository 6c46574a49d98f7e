#include "flow/table.h"

#include "fixture.h"

enum { SEED = 42 };

static struct flow_table *table_of(uint64_t most, bool wide)
{
	struct flow_table *table = NULL;

	assert_int_equal(flow_table_new(&table, most, wide, SEED, NULL), 0);
	assert_int_equal(flow_table_count(table), 0);
	return table;
}

static struct flow_address address_of_number(uint32_t number)
{
	struct flow_address address = { { 0 } };

	memcpy(address.octets, &number, sizeof(number));
	return address;
}

/* An IPv6 flow for every third number, else IPv4: they stand mixed. */
static struct flow_key key_of(uint32_t number)
{
	return (struct flow_key){ .protocol = 17,
				  .family = number % 3 == 2 ? FLOW_IPV6 : FLOW_IPV4,
				  .source = address_of_number(number) };
}

static struct flow_key wide_key_of(uint32_t number, const struct flow_address *packet_source,
				   const struct flow_address *packet_destination)
{
	struct flow_key key = key_of(number);

	key.packet_source = *packet_source;
	key.packet_destination = *packet_destination;
	return key;
}

/* Counts a packet of 100 bytes in the flow; false: there is no room for it. */
static bool count(struct flow_table *table, uint64_t hash, const struct flow_key *key)
{
	struct flow_entry *entry = flow_table_find(table, hash, 0, key);

	flow_table_prefetch(table, hash);
	assert_ptr_equal(flow_table_find(table, hash, flow_table_guess(table, hash), key), entry);
	if (!entry)
		entry = flow_table_add(table, hash, key);
	if (!entry)
		return false;
	assert_int_not_equal(flow_table_guess(table, hash), 0);
	assert_ptr_equal(flow_table_find(table, hash, 0, key), entry);
	entry->packets++;
	entry->bytes += 100;
	return true;
}

static bool count_key(struct flow_table *table, bool wide, const struct flow_key *key)
{
	return count(table, flow_key_hash(key, wide, SEED), key);
}

static bool count_number(struct flow_table *table, uint32_t number)
{
	struct flow_key key = key_of(number);

	return count_key(table, false, &key);
}

static void assert_is_flow(const struct flow_table *table, uint32_t at, uint32_t number, uint64_t packets)
{
	const struct flow_entry *entry = flow_table_at(table, at);
	struct flow_key expected = key_of(number), key;

	flow_table_key(table, entry, &key);
	assert_memory_equal(&key, &expected, sizeof(expected));
	assert_int_equal(flow_entry_interface(entry), key.interface);
	assert_int_equal(entry->packets, packets);
	assert_int_equal(entry->bytes, packets * 100);
}

/* All of them are there, `from` being the first, each with that many packets. */
static void assert_flows(const struct flow_table *table, uint32_t from, size_t count, uint64_t packets)
{
	assert_int_equal(flow_table_count(table), count);
	for (uint32_t i = 0, at = 0; i < count; i++, at = flow_table_after(table, at))
		assert_is_flow(table, at, from + i, packets);
}

static void test_flows_stand_in_order_of_first_sight(void **state)
{
	static const uint32_t order[] = { 30, 10, 20 }, packets[] = { 3, 1, 1 };
	struct flow_table *table = table_of(10, false);
	uint32_t at = 0;

	(void)state;
	assert_true(count_number(table, 30));
	assert_true(count_number(table, 10));
	assert_true(count_number(table, 30));
	assert_true(count_number(table, 20));
	assert_true(count_number(table, 30));
	assert_int_equal(flow_table_count(table), 3);
	for (size_t i = 0; i < 3; i++, at = flow_table_after(table, at))
		assert_is_flow(table, at, order[i], packets[i]);
	flow_table_free(table);
}

static void test_a_new_flow_has_sums_of_nothing(void **state)
{
	struct flow_table *table = table_of(1, false);
	struct flow_key key = key_of(1);

	(void)state;
	for (unsigned twice = 0; twice < 2; twice++) {
		struct flow_entry *entry = flow_table_add(table, flow_key_hash(&key, false, SEED), &key);

		assert_non_null(entry);
		assert_true(entry->packets == 0 && entry->bytes == 0 && entry->last == 0 && entry->tcp_flags == 0);
		assert_true(entry->first == UINT32_MAX);
		*entry = (struct flow_entry){ 1, 1, 1, 1, 1, { 0 } };
		flow_table_clear(table);
	}
	flow_table_free(table);
}

/* Does the family make anything of that byte? The first four octets are an IPv4 address. */
static bool is_of_family(size_t byte, uint8_t family)
{
	size_t addresses = offsetof(struct flow_key, source);

	if (byte == offsetof(struct flow_key, family))
		return false;
	return byte < addresses || family == FLOW_IPV6 || (byte - addresses) % sizeof(struct flow_address) < 4;
}

/* Every byte of the key separates flows, as far as the family and the width go. */
static void test_every_part_of_the_key_counts(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 4; form++) {
		bool wide = form & 1;
		struct flow_table *table = table_of(1000, wide);
		struct flow_key zero = { .family = form & 2 ? FLOW_IPV6 : FLOW_IPV4 };
		size_t flows = 0;

		for (size_t i = 0; i < (wide ? FLOW_KEY_WIDE_SIZE : FLOW_KEY_SIZE); i++) {
			struct flow_key key = zero;

			if (!is_of_family(i, zero.family))
				continue;
			((unsigned char *)&key)[i] = 1;
			for (unsigned twice = 0; twice < 2; twice++)
				assert_true(count_key(table, wide, &key));
			assert_int_equal(flow_table_count(table), ++flows);
		}
		flow_table_free(table);
	}
}

static void test_the_packet_does_not_count_in_a_narrow_table(void **state)
{
	struct flow_table *table = table_of(10, false);
	struct flow_key key = key_of(1);

	(void)state;
	assert_true(count_key(table, false, &key));
	memset(&key.packet_source, 0xff, 2 * sizeof(key.packet_source));
	assert_true(count_key(table, false, &key));
	assert_int_equal(flow_table_count(table), 1);
	flow_table_free(table);
}

static void test_wide_keys_come_back(void **state)
{
	const struct flow_address source = address_of("192.0.2.1");
	struct flow_table *table = table_of(5000, true);
	uint32_t at = 0;

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		struct flow_address destination = address_of_number(i);
		struct flow_key key = wide_key_of(i % 5, &source, &destination);

		assert_true(count_key(table, true, &key));
	}
	assert_int_equal(flow_table_count(table), 3000);
	for (uint32_t i = 0; i < 3000; i++, at = flow_table_after(table, at)) {
		struct flow_address destination = address_of_number(i);
		struct flow_key expected = wide_key_of(i % 5, &source, &destination), key;

		flow_table_key(table, flow_table_at(table, at), &key);
		assert_memory_equal(&key, &expected, sizeof(expected));
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
			assert_true(count_number(table, number));
		assert_false(count_number(table, most));
		assert_false(count_number(table, most + 1));
		assert_int_equal(flow_table_count(table), most);
		for (uint32_t number = 0; number < most; number++)
			assert_true(count_number(table, number));
		assert_flows(table, 0, most, 2);
		flow_table_clear(table);
		assert_true(count_number(table, most));
		assert_flows(table, most, 1, 1);
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
			assert_true(count_number(table, i));
	assert_flows(table, 0, FLOWS, 2);
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
			assert_true(count_number(table, number));
		assert_int_equal(flow_table_count(table), counts[i]);
		for (uint32_t number = from; number < from + counts[i]; number++)
			assert_true(count_number(table, number));
		assert_flows(table, from, counts[i], 2);
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
			const struct flow_address none = { { 0 } }, source = address_of_number(i);
			struct flow_key key = wide_key_of(0, &source, &none);
			uint64_t hash = flow_key_hash(&key, true, SEED);

			assert_true(count(table, hash, &key));
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
				assert_true(count(table, 0xfffffff0U, &key));
			}
		}
		assert_flows(table, 0, counts[i], 2);
		flow_table_clear(table);
	}
	flow_table_free(table);
}

static void test_equal_tags_of_wide_flows(void **state)
{
	const struct flow_address none = { { 0 } };
	struct flow_table *table = table_of(100, true);

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct flow_address destination = address_of_number(i % 100);
		struct flow_key key = wide_key_of(1, &none, &destination);

		assert_true(count(table, 7, &key));
	}
	assert_int_equal(flow_table_count(table), 100);
	flow_table_free(table);
}

static void test_peak(void **state)
{
	struct flow_table *table = table_of(10, false);

	(void)state;
	assert_int_equal(flow_table_peak(table), 0);
	for (uint32_t i = 0; i < 3; i++)
		assert_true(count_number(table, i));
	assert_int_equal(flow_table_peak(table), 3);
	flow_table_clear(table);
	assert_true(count_number(table, 7));
	assert_int_equal(flow_table_peak(table), 3); /* though there is one */
	for (uint32_t i = 0; i < 4; i++)
		assert_true(count_number(table, i));
	assert_int_equal(flow_table_peak(table), 5);
	flow_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flows_stand_in_order_of_first_sight),
		TEST(test_a_new_flow_has_sums_of_nothing),
		TEST(test_every_part_of_the_key_counts),
		TEST(test_the_packet_does_not_count_in_a_narrow_table),
		TEST(test_wide_keys_come_back),
		TEST(test_bound),
		TEST(test_growth),
		TEST(test_clear),
		TEST(test_peak),
		TEST(test_clear_of_wide_flows),
		TEST(test_equal_tags),
		TEST(test_equal_tags_of_wide_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
