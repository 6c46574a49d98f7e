#include "compare/ledger.h"

#include <stdio.h>

#include "check.h"

static struct compare_ledger *ledger;

static int set_up(void **state)
{
	(void)state;
	return compare_ledger_new(&ledger, 42, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	compare_ledger_free(ledger);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static struct compare_key key_of(uint32_t number)
{
	struct compare_key key = { .source_port = (uint16_t)number, .protocol = 6, .family = FLOW_IPV4 };

	memcpy(key.source.octets, &number, sizeof(number));
	return key;
}

static struct compare_flow *book(uint32_t flow, uint32_t start, uint32_t end, uint64_t packets)
{
	struct compare_key key = key_of(flow);

	return compare_ledger_book(ledger, &key,
				   &(struct compare_part){ .start = start, .end = end, .packets = packets }, NULL);
}

static int64_t interface_of(const char *id, const char *device)
{
	return compare_ledger_interface(ledger, id, device, NULL);
}

/* The parts of a flow, "START-ENDxPACKETS" with "!" behind a duplicate, a blank between two. */
static void assert_parts(uint32_t number, const char *expected)
{
	struct compare_key key = key_of(number);
	const struct compare_flow *flow = compare_ledger_find(ledger, &key);
	char text[1024] = "";
	size_t length = 0;

	assert_non_null(flow);
	for (uint32_t i = flow->first; i != COMPARE_NONE; i = ledger->parts[i].next) {
		const struct compare_part *part = &ledger->parts[i];

		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%u-%ux%u%s", length ? " " : "",
					   part->start, part->end, (unsigned)part->packets,
					   part->is_duplicate ? "!" : "");
		if (part->next == COMPARE_NONE)
			assert_int_equal(i, flow->last);
	}
	assert_string_equal(text, expected);
}

static void test_an_interface_is_made_once(void **state)
{
	(void)state;
	assert_int_equal(interface_of("eni-1", NULL), 0);
	assert_int_equal(interface_of(NULL, NULL), 1);
	assert_int_equal(interface_of("eni-1", "eth0"), 2);
	assert_int_equal(interface_of("eni-1", NULL), 0);
	assert_int_equal(interface_of(NULL, NULL), 1);
	assert_int_equal(interface_of("eni-1", "eth0"), 2);
	assert_int_equal(ledger->interface_count, 3);
	assert_string_equal(ledger->interfaces[2].device, "eth0");
	assert_null(ledger->interfaces[1].id);
}

static void test_parts_are_put_in_order(void **state)
{
	(void)state;
	interface_of("eni-1", NULL);
	book(1, 30, 35, 1);
	book(2, 7, 7, 7);
	book(1, 10, 15, 2);
	book(1, 20, 25, 3);
	book(1, 5, 90, 4);
	book(1, 5, 8, 5);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_parts(1, "5-8x5 5-90x4 10-15x2 20-25x3 30-35x1");
	assert_parts(2, "7-7x7");
	assert_int_equal(ledger->interfaces[0].start, 5);
	assert_int_equal(ledger->interfaces[0].end, 90);
}

static void test_many_parts_backwards(void **state)
{
	struct compare_key key = key_of(1);
	const struct compare_flow *flow;
	uint32_t expected = 1;

	(void)state;
	interface_of("eni-1", NULL);
	for (uint32_t i = 1000; i > 0; i--)
		book(1, i, i, i);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	flow = compare_ledger_find(ledger, &key);
	for (uint32_t i = flow->first; i != COMPARE_NONE; i = ledger->parts[i].next)
		assert_int_equal(ledger->parts[i].start, expected++);
	assert_int_equal(expected, 1001);
}

static void test_the_same_line_again_is_a_duplicate(void **state)
{
	(void)state;
	interface_of("eni-1", NULL);
	book(1, 10, 15, 2);
	book(1, 70, 75, 2);
	book(1, 10, 15, 2);
	book(1, 10, 15, 3);
	book(1, 10, 15, 2);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_parts(1, "10-15x2 10-15x2! 10-15x2! 10-15x3 70-75x2");
	assert_int_equal(ledger->duplicates, 2);
}

static void test_a_capture_has_no_duplicates(void **state)
{
	(void)state;
	interface_of("eni-1", NULL);
	book(1, 10, 10, 2);
	book(1, 10, 10, 2);
	assert_int_equal(compare_ledger_close(ledger, false, NULL), 0);
	assert_parts(1, "10-10x2 10-10x2");
	assert_int_equal(ledger->duplicates, 0);
}

static void test_all_flows_are_found_again(void **state)
{
	(void)state;
	interface_of("eni-1", NULL);
	for (uint32_t i = 0; i < 5000; i++)
		assert_non_null(book(i, i, i, 1));
	for (uint32_t i = 0; i < 5000; i++)
		assert_non_null(book(i, i + 1, i + 1, 1));
	assert_int_equal(ledger->flow_count, 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		struct compare_key key = key_of(i);
		const struct compare_flow *flow = compare_ledger_find(ledger, &key);

		assert_ptr_equal(flow, &ledger->flows[i]);
		assert_int_equal(ledger->parts[flow->first].start, i);
		assert_int_equal(ledger->parts[flow->last].start, i + 1);
	}
	assert_null(compare_ledger_find(ledger, &(struct compare_key){ .source_port = 1 }));
}

static void test_many_are_booked_at_once(void **state)
{
	struct compare_booking bookings[COMPARE_BOOKINGS];
	uint32_t flows[COMPARE_BOOKINGS];

	(void)state;
	interface_of("eni-1", NULL);
	for (uint32_t round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < COMPARE_BOOKINGS; i++)
			bookings[i] = (struct compare_booking){
				.key = key_of(round * 40 + i), /* 24 of them are there already */
				.part = { .start = round, .end = round, .packets = i + 1 },
			};
		assert_int_equal(compare_ledger_book_all(ledger, bookings, COMPARE_BOOKINGS, flows, NULL), 0);
		for (uint32_t i = 0; i < COMPARE_BOOKINGS; i++)
			assert_int_equal(flows[i], round * 40 + i);
	}
	assert_int_equal(compare_ledger_close(ledger, false, NULL), 0);
	assert_int_equal(ledger->flow_count, 99 * 40 + COMPARE_BOOKINGS);
	assert_int_equal(ledger->part_count, 100 * COMPARE_BOOKINGS);
	assert_parts(39, "0-0x40");
	assert_parts(40, "0-0x41 1-1x1");
	assert_int_equal(ledger->interfaces[0].end, 99);
}

/* Flow 2n + 1 becomes flow 2n. */
static void halve(void *ctx, size_t flow, struct compare_key *key)
{
	size_t *calls = ctx;

	assert_int_equal(flow, (*calls)++);
	*key = key_of((uint32_t)key->source_port & ~1U);
}

static void test_flows_whose_keys_become_the_same_are_one(void **state)
{
	size_t calls = 0;

	(void)state;
	interface_of("eni-1", NULL);
	book(1, 30, 30, 1)->largest = 1600;
	book(2, 1, 1, 2);
	book(0, 10, 10, 3)->has_fragments = true;
	book(1, 20, 20, 4);
	compare_ledger_rekey(ledger, halve, &calls);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_int_equal(calls, 3);
	assert_int_equal(ledger->flow_count, 2);
	assert_parts(0, "10-10x3 20-20x4 30-30x1");
	assert_parts(2, "1-1x2");
	assert_int_equal(ledger->flows[0].largest, 1600);
	assert_true(ledger->flows[0].has_fragments);
	assert_null(compare_ledger_find(ledger, &(struct compare_key){ .source_port = 1 }));
}

static void test_seconds_are_put_in_order_and_together(void **state)
{
	struct compare_spans *spans;

	(void)state;
	interface_of("eni-1", NULL);
	spans = &ledger->interfaces[0].skipped;
	compare_spans_add(spans, 180, 239, NULL);
	compare_spans_add(spans, 60, 119, NULL);
	compare_spans_add(spans, 120, 130, NULL);
	compare_spans_add(spans, 70, 80, NULL);
	compare_spans_add(&ledger->interfaces[0].silent, 300, 400, NULL);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_int_equal(spans->count, 2);
	assert_int_equal(spans->items[0].start, 60);
	assert_int_equal(spans->items[0].end, 130);
	assert_int_equal(spans->items[1].start, 180);
	assert_int_equal(ledger->interfaces[0].start, 60);
	assert_int_equal(ledger->interfaces[0].end, 400);
}

static void test_an_interface_without_anything_has_no_time(void **state)
{
	(void)state;
	interface_of("eni-1", NULL);
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_true(ledger->interfaces[0].start > ledger->interfaces[0].end);
	compare_ledger_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_an_interface_is_made_once),
		RIGGED(test_parts_are_put_in_order),
		RIGGED(test_many_parts_backwards),
		RIGGED(test_the_same_line_again_is_a_duplicate),
		RIGGED(test_a_capture_has_no_duplicates),
		RIGGED(test_all_flows_are_found_again),
		RIGGED(test_many_are_booked_at_once),
		RIGGED(test_flows_whose_keys_become_the_same_are_one),
		RIGGED(test_seconds_are_put_in_order_and_together),
		RIGGED(test_an_interface_without_anything_has_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
