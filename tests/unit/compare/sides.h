/* tests/unit/compare/sides.h - a ledger of a log and one of a capture, as tests of what works on both need them. */
#ifndef ENIFLOW_TESTS_UNIT_COMPARE_SIDES_H
#define ENIFLOW_TESTS_UNIT_COMPARE_SIDES_H

#include "check.h"

#include "compare/result.h"

static struct compare_ledger *sides[COMPARE_SIDES];

static inline int sides_up(void **state)
{
	(void)state;
	for (size_t side = 0; side < COMPARE_SIDES; side++)
		assert_int_equal(compare_ledger_new(&sides[side], side + 1, NULL), 0);
	return 0;
}

static inline int sides_down(void **state)
{
	(void)state;
	for (size_t side = 0; side < COMPARE_SIDES; side++)
		compare_ledger_free(sides[side]);
	return 0;
}

#define WITH_SIDES(function) cmocka_unit_test_setup_teardown(function, sides_up, sides_down)

/* The number of a new interface. */
static inline uint32_t interface(enum compare_side side, const char *id)
{
	return (uint32_t)compare_ledger_interface(sides[side], id, side == COMPARE_CAPTURE ? id : NULL, NULL);
}

/* Books packets of 100 bytes; the flow is told by its source port. */
static inline void book(enum compare_side side, uint32_t number, uint16_t port, uint32_t start, uint32_t end,
			uint64_t packets)
{
	struct compare_key key = {
		.interface = number,
		.source_port = port,
		.destination_port = 443,
		.protocol = 6,
		.family = FLOW_IPV4,
		.source = { { 10, 0, 0, 1 } },
		.destination = { { 10, 0, 0, 2 } },
	};
	struct compare_part part = { .start = start, .end = end, .packets = packets, .bytes = packets * 100 };

	assert_non_null(compare_ledger_book(sides[side], &key, &part, NULL));
}

/* So many packets in each second. */
static inline void stream(uint32_t number, uint16_t port, uint32_t start, uint32_t end, uint64_t packets)
{
	for (uint32_t second = start; second <= end; second++)
		book(COMPARE_CAPTURE, number, port, second, second, packets);
}

static inline void close_sides(void)
{
	assert_int_equal(compare_ledger_close(sides[COMPARE_LOG], true, NULL), 0);
	assert_int_equal(compare_ledger_close(sides[COMPARE_CAPTURE], false, NULL), 0);
}

#endif
