#include <stdlib.h>
#include <string.h>

#include "capture/fragments.h"

#include "check.h"

static const int64_t second = 1000000000;

static struct capture_fragments *fragments;

static int set_up(void **state)
{
	(void)state;
	return capture_fragments_new(&fragments, 0x0123456789abcdef, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	capture_fragments_free(fragments);
	return 0;
}

static struct capture_fragment_key key_of(uint32_t n)
{
	return (struct capture_fragment_key){ .identification = n, .family = FLOW_IPV4, .protocol = 17 };
}

static void put(uint32_t n, int64_t time_ns)
{
	const struct capture_fragment_key key = key_of(n);
	const struct capture_fragment first = {
		.time_ns = time_ns,
		.source_port = (uint16_t)n,
		.destination_port = (uint16_t)(n >> 16),
		.protocol = 17,
	};

	capture_fragments_put(fragments, &key, &first);
}

static bool knows(uint32_t n, int64_t time_ns)
{
	const struct capture_fragment_key key = key_of(n);
	const struct capture_fragment *first = capture_fragments_get(fragments, &key, time_ns);

	if (!first)
		return false;
	assert_int_equal(first->source_port, n & 0xffff);
	assert_int_equal(first->destination_port, n >> 16);
	assert_int_equal(first->protocol, 17);
	return true;
}

static void what_was_put_is_known(void **state)
{
	(void)state;
	assert_false(knows(1, 0));
	put(1, 0);
	assert_true(knows(1, 0));
	assert_false(knows(2, 0));
}

static void for_thirty_seconds(void **state)
{
	(void)state;
	put(1, 1000 * second);
	assert_true(knows(1, 1030 * second));
	assert_false(knows(1, 1030 * second + 1));
	assert_true(knows(1, 1000 * second)); /* time goes back */
	assert_true(knows(1, 0));
	put(1, 1030 * second); /* again: from then on */
	assert_true(knows(1, 1060 * second));
}

static void every_part_of_the_key_tells(void **state)
{
	struct capture_fragment_key key = key_of(1);

	(void)state;
	put(1, 0);
	for (size_t at = 0; at < offsetof(struct capture_fragment_key, zero); at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			((uint8_t *)&key)[at] ^= (uint8_t)(1u << bit);
			assert_null(capture_fragments_get(fragments, &key, 0));
			((uint8_t *)&key)[at] ^= (uint8_t)(1u << bit);
		}
	}
	assert_non_null(capture_fragments_get(fragments, &key, 0));
}

static void the_same_key_again_replaces(void **state)
{
	const struct capture_fragment_key key = key_of(1);
	const struct capture_fragment other = { .time_ns = 5, .source_port = 7, .destination_port = 8, .protocol = 6 };
	const struct capture_fragment *seen;

	(void)state;
	put(1, 0);
	capture_fragments_put(fragments, &key, &other);
	seen = capture_fragments_get(fragments, &key, 5);
	assert_non_null(seen);
	assert_int_equal(seen->time_ns, 5);
	assert_int_equal(seen->source_port, 7);
	assert_int_equal(seen->destination_port, 8);
	assert_int_equal(seen->protocol, 6);
}

static void the_oldest_goes_first(void **state)
{
	enum { MOST = CAPTURE_FRAGMENTS_MOST };

	(void)state;
	for (uint32_t n = 0; n < MOST; n++)
		put(n, 0);
	for (uint32_t n = 0; n < MOST; n++)
		assert_true(knows(n, 0));
	for (uint32_t n = 0; n < 3 * MOST; n++) { /* three times round */
		assert_true(knows(n, 0));
		put(MOST + n, 0);
		assert_false(knows(n, 0));
		assert_true(knows(n + 1, 0));
	}
}

/* By the order of putting, not by time, and not by use. */
static void age_is_the_order_of_arrival(void **state)
{
	enum { MOST = CAPTURE_FRAGMENTS_MOST };

	(void)state;
	put(0, 100 * second);
	for (uint32_t n = 1; n < MOST; n++)
		put(n, 0);
	assert_true(knows(0, 100 * second));
	put(MOST, 0);
	assert_false(knows(0, 100 * second));
	assert_true(knows(1, 0));
}

static void a_replaced_one_is_the_newest(void **state)
{
	enum { MOST = CAPTURE_FRAGMENTS_MOST };

	(void)state;
	for (uint32_t n = 0; n < MOST; n++)
		put(n, 0);
	put(0, 0);        /* the oldest, */
	put(5, 0);        /* one in the middle, */
	put(MOST - 1, 0); /* and one that was nearly the newest; none of them takes another's room */
	for (uint32_t n = 0; n < MOST; n++)
		assert_true(knows(n, 0));
	for (uint32_t n = 0; n < MOST - 3; n++)
		put(MOST + n, 0);
	for (uint32_t n = 0; n < MOST; n++)
		assert_int_equal(knows(n, 0), n == 0 || n == 5 || n == MOST - 1);
	put(2 * MOST, 0);
	assert_false(knows(0, 0));
	assert_true(knows(5, 0));
	put(2 * MOST + 1, 0);
	assert_false(knows(5, 0));
	assert_true(knows(MOST - 1, 0));
}

static void replacing_without_end_drives_out_nobody(void **state)
{
	(void)state;
	put(1, 0);
	for (uint32_t n = 0; n < 2 * CAPTURE_FRAGMENTS_MOST; n++)
		put(2, 0);
	assert_true(knows(1, 0));
	assert_true(knows(2, 0));
}

/* Keys as a sender would choose them to meet in one bucket of a hash without a seed: multiples of powers of two, in
 * every word of the key. */
static void keys_that_a_stranger_chose(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t n = 0; n < CAPTURE_FRAGMENTS_MOST; n++) {
			struct capture_fragment_key key = key_of(round == 0 ? n << 16 : 0);
			struct capture_fragment first = { .source_port = (uint16_t)n };
			uint32_t high = n << 16;

			memcpy(key.source.octets + 12, &high, round == 1 ? 4 : 0);
			memcpy(key.source.octets, &high, round == 2 ? 4 : 0);
			memcpy(key.destination.octets, &high, round == 2 ? 4 : 0);
			capture_fragments_put(fragments, &key, &first);
			assert_int_equal(capture_fragments_get(fragments, &key, 0)->source_port, n);
		}
	}
}

static void freeing_nothing(void **state)
{
	(void)state;
	capture_fragments_free(NULL);
}

#define WITH_MEMORY(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_MEMORY(what_was_put_is_known),        WITH_MEMORY(for_thirty_seconds),
		WITH_MEMORY(every_part_of_the_key_tells),  WITH_MEMORY(the_same_key_again_replaces),
		WITH_MEMORY(the_oldest_goes_first),        WITH_MEMORY(age_is_the_order_of_arrival),
		WITH_MEMORY(a_replaced_one_is_the_newest), WITH_MEMORY(replacing_without_end_drives_out_nobody),
		WITH_MEMORY(keys_that_a_stranger_chose),   TEST(freeing_nothing),
	};

	return cmocka_run_group_tests_name("capture/fragments", tests, NULL, NULL);
}
