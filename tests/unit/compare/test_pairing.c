#include "compare/pairing.h"

#include <stdio.h>

#include "compare/sides.h"

static struct compare_kindred *kindred;
static struct compare_pairing pairing;

static int tear_down(void **state)
{
	compare_pairing_clear(&pairing);
	compare_kindred_free(kindred);
	kindred = NULL;
	return sides_down(state);
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, sides_up, tear_down)

static void pair(void)
{
	const struct compare_ledger *const both[] = { sides[COMPARE_LOG], sides[COMPARE_CAPTURE] };

	close_sides();
	assert_int_equal(compare_kindred_new(&kindred, both, NULL), 0);
	assert_int_equal(compare_pairing_make(&pairing, both, kindred, NULL), 0);
}

/* The interface of the capture that the log's is paired with. */
static uint32_t partner(uint32_t log)
{
	uint32_t number = pairing.pair_of[COMPARE_LOG][log];

	if (number == COMPARE_NONE)
		return COMPARE_NONE;
	assert_int_equal(pairing.pairs[number].interfaces[COMPARE_LOG], log);
	assert_int_equal(pairing.pair_of[COMPARE_CAPTURE][pairing.pairs[number].interfaces[COMPARE_CAPTURE]], number);
	return pairing.pairs[number].interfaces[COMPARE_CAPTURE];
}

/* So many flows from that port on. */
static void flows(enum compare_side side, uint32_t number, uint16_t from, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		book(side, number, from + i, 1000, 1000, 1);
}

static void test_one_on_either_side_are_a_pair(void **state)
{
	(void)state;
	flows(COMPARE_LOG, interface(COMPARE_LOG, "eni-1"), 1, 3);
	flows(COMPARE_CAPTURE, interface(COMPARE_CAPTURE, "eni-x"), 100, 2);
	pair();
	assert_int_equal(partner(0), 0);
	assert_int_equal(pairing.pairs[0].shared, 0);
	assert_int_equal(pairing.pairs[0].unshared, 2);
}

/* Each with the one that it shares most with; who shares nothing stays alone. */
static void test_most_flows_come_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		interface(COMPARE_LOG, (const char *const[]){ "eni-1", "eni-2", "eni-3" }[i]);
	interface(COMPARE_CAPTURE, "a");
	interface(COMPARE_CAPTURE, "b");
	flows(COMPARE_LOG, 0, 1, 10);
	flows(COMPARE_LOG, 1, 1, 20);
	flows(COMPARE_LOG, 2, 500, 50);
	flows(COMPARE_CAPTURE, 0, 1, 20);
	flows(COMPARE_CAPTURE, 1, 1, 5);
	pair();
	assert_int_equal(partner(0), 1);
	assert_int_equal(partner(1), 0);
	assert_int_equal(partner(2), COMPARE_NONE);
	assert_int_equal(pairing.count, 2);
	assert_int_equal(pairing.pairs[0].shared, 5);
	assert_int_equal(pairing.pairs[1].shared, 20);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(pairing.partners[i] != COMPARE_NONE, i < 5);
}

static void test_an_id_that_is_configured_is_meant(void **state)
{
	(void)state;
	interface(COMPARE_LOG, "eni-1");
	interface(COMPARE_LOG, "eni-2");
	interface(COMPARE_CAPTURE, "eni-2");
	sides[COMPARE_CAPTURE]->interfaces[0].is_configured = true;
	flows(COMPARE_LOG, 0, 1, 10);
	flows(COMPARE_LOG, 1, 100, 1);
	flows(COMPARE_CAPTURE, 0, 1, 10);
	pair();
	assert_int_equal(partner(0), COMPARE_NONE);
	assert_int_equal(partner(1), 0);
}

/* Many on both sides, in another order: work and memory are those of the flows, not of interfaces by interfaces. */
static void test_very_many_interfaces(void **state)
{
	enum { MANY = 8000 };
	char id[32];

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "eni-%u", i);
		book(COMPARE_LOG, interface(COMPARE_LOG, id), (uint16_t)i, 1000, 1000, 1);
		snprintf(id, sizeof(id), "device-%u", i);
		book(COMPARE_CAPTURE, interface(COMPARE_CAPTURE, id), (uint16_t)(MANY - 1 - i), 1000, 1000, 1);
	}
	pair();
	assert_int_equal(pairing.count, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(partner(i), MANY - 1 - i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_one_on_either_side_are_a_pair),
		RIGGED(test_most_flows_come_first),
		RIGGED(test_an_id_that_is_configured_is_meant),
		RIGGED(test_very_many_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
