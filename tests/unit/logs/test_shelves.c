/* Records that wait for others of earlier windows. */
#include "logs/shelves.h"

#include "check.h"

#include <string.h>

static const struct flow_origin origin;

/* What tells one record from another is in `packets`. */
static struct log_record record_at(int64_t start, uint64_t packets)
{
	struct log_record record = {
		.origin = &origin,
		.status = FLOW_OK,
		.family = FLOW_IPV4,
		.protocol = 6,
		.start = start,
		.end = start + 5,
		.packets = packets,
	};

	return record;
}

static struct log_shelves *shelves_new(void)
{
	struct log_shelves *shelves = NULL;

	assert_int_equal(log_shelves_new(&shelves, 60, NULL), 0);
	return shelves;
}

static void put(struct log_shelves *shelves, int64_t start, uint64_t packets)
{
	struct log_record record = record_at(start, packets);

	assert_int_equal(log_shelves_put(shelves, &record, NULL), 0);
}

static void expect(struct log_shelves *shelves, int64_t start, uint64_t packets)
{
	struct log_record record;

	assert_true(log_shelves_count(shelves) > 0);
	assert_int_equal(log_shelves_earliest(shelves), start - start % 60);
	log_shelves_take(shelves, &record);
	assert_int_equal(record.start, start);
	assert_int_equal(record.packets, packets);
}

static void test_windows_in_order_and_lines_in_theirs(void **state)
{
	struct log_shelves *shelves = shelves_new();

	(void)state;
	put(shelves, 119, 1);
	put(shelves, 180, 2);
	put(shelves, 60, 3);
	put(shelves, 0, 4);
	put(shelves, 118, 5);
	assert_int_equal(log_shelves_count(shelves), 5);
	assert_int_equal(log_shelves_latest(shelves), 180);
	expect(shelves, 0, 4);
	expect(shelves, 119, 1);
	put(shelves, 61, 6); /* while its window is handed on */
	put(shelves, 1, 7);  /* and one of a window that was */
	expect(shelves, 1, 7);
	expect(shelves, 60, 3);
	expect(shelves, 118, 5);
	expect(shelves, 61, 6);
	expect(shelves, 180, 2);
	assert_int_equal(log_shelves_count(shelves), 0);
	assert_int_equal(log_shelves_latest(shelves), 180);
	log_shelves_free(shelves);
}

static void test_all_of_a_record_is_kept(void **state)
{
	struct log_shelves *shelves = shelves_new();
	struct log_record record, got;

	(void)state;
	for (int family = FLOW_IPV4; family <= FLOW_IPV6; family += FLOW_IPV6 - FLOW_IPV4) {
		memset(&record, 0, sizeof(record));
		record.origin = &origin;
		record.status = FLOW_SKIPDATA;
		record.family = (uint8_t)family;
		record.protocol = 255;
		record.tcp_flags = 23;
		record.action = FLOW_REJECT;
		record.direction = FLOW_EGRESS;
		record.source_port = 65535;
		record.destination_port = 443;
		record.start = 9223372036 - 5;
		record.end = 9223372036;
		record.packets = UINT64_MAX;
		record.bytes = UINT64_MAX - 1;
		for (size_t i = 0; i < (family == FLOW_IPV6 ? 16 : 4); i++) {
			record.source.octets[i] = (uint8_t)(1 + i);
			record.destination.octets[i] = (uint8_t)(51 + i);
			record.packet_source.octets[i] = (uint8_t)(101 + i);
			record.packet_destination.octets[i] = (uint8_t)(151 + i);
		}
		memset(&got, 0, sizeof(got));
		assert_int_equal(log_shelves_put(shelves, &record, NULL), 0);
		log_shelves_take(shelves, &got);
		assert_memory_equal(&got, &record, sizeof(got));
	}
	log_shelves_free(shelves);
}

static void test_the_longest_record(void **state)
{
	struct log_shelves *shelves = shelves_new();
	struct log_record record = record_at(7, 1), got;

	(void)state;
	record.end = INT64_MAX / 1000000000;
	assert_int_equal(log_shelves_put(shelves, &record, NULL), 0);
	log_shelves_take(shelves, &got);
	assert_int_equal(got.end, 7 + (int64_t)UINT32_MAX);
	log_shelves_free(shelves);
}

/* Against a list that is searched: windows of all kinds of distances, some families, taken and put in turn. */
static void test_as_a_plain_list(void **state)
{
	enum { MOST = 3000 };
	static struct log_record list[MOST];
	struct log_shelves *shelves = shelves_new();
	uint64_t seed = 42, made = 0;
	size_t count = 0;

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		if (count < MOST && (seed >> 60) < (turn < 10000 ? 9 : 7)) {
			struct log_record record = record_at((int64_t)(seed >> 40) % 50000, made++);

			record.family = seed >> 39 & 1 ? FLOW_IPV6 : FLOW_IPV4;
			assert_int_equal(log_shelves_put(shelves, &record, NULL), 0);
			list[count++] = record;
		} else if (count > 0) {
			size_t first = 0;

			for (size_t i = 1; i < count; i++)
				if (list[i].start / 60 < list[first].start / 60)
					first = i;
			expect(shelves, list[first].start, list[first].packets);
			memmove(&list[first], &list[first + 1], (--count - first) * sizeof(*list));
		}
		assert_int_equal(log_shelves_count(shelves), count);
	}
	assert_true(made > 8000);
	log_shelves_free(shelves);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_windows_in_order_and_lines_in_theirs),
		TEST(test_all_of_a_record_is_kept),
		TEST(test_the_longest_record),
		TEST(test_as_a_plain_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
