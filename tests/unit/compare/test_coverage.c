#include "compare/coverage.h"

#include <stdlib.h>

#include "check.h"

static struct compare_ledger *ledger;
static struct compare_spans missing[2];

static int set_up(void **state)
{
	(void)state;
	memset(missing, 0, sizeof(missing));
	if (compare_ledger_new(&ledger, 42, NULL) < 0 || compare_ledger_interface(ledger, "eni-1", NULL, NULL) != 0)
		return -1;
	return compare_ledger_interface(ledger, "eni-2", NULL, NULL) == 1 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(missing[0].items);
	free(missing[1].items);
	compare_ledger_free(ledger);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void record(uint32_t interface, uint16_t port, uint32_t start, uint32_t end)
{
	struct compare_key key = { .interface = interface, .source_port = port };

	assert_non_null(compare_ledger_book(ledger, &key, &(struct compare_part){ .start = start, .end = end }, NULL));
}

static void find(uint32_t interval)
{
	assert_int_equal(compare_ledger_close(ledger, true, NULL), 0);
	assert_int_equal(compare_coverage_find(missing, ledger, interval, NULL), 0);
}

static void test_an_interval_without_lines(void **state)
{
	(void)state;
	record(0, 1, 60, 100);
	record(0, 2, 70, 119);
	record(0, 1, 180, 185);
	find(60);
	assert_int_equal(missing[0].count, 1);
	assert_int_equal(missing[0].items[0].start, 120);
	assert_int_equal(missing[0].items[0].end, 179);
}

static void test_quiet_seconds_are_no_gap(void **state)
{
	(void)state;
	record(0, 1, 60, 70);
	record(0, 2, 130, 140);
	find(60);
	assert_int_equal(missing[0].count, 0);
}

static void test_lines_without_data_are_lines(void **state)
{
	(void)state;
	record(0, 1, 60, 119);
	compare_spans_add(&ledger->interfaces[0].silent, 120, 179, NULL);
	compare_spans_add(&ledger->interfaces[0].skipped, 180, 239, NULL);
	record(0, 1, 240, 250);
	find(60);
	assert_int_equal(missing[0].count, 0);
}

static void test_each_interface_has_its_own(void **state)
{
	(void)state;
	record(0, 1, 1000, 1059);
	record(1, 1, 1060, 1119);
	record(1, 1, 1240, 1240);
	record(0, 1, 1120, 1179);
	find(60);
	assert_int_equal(missing[0].count, 1);
	assert_int_equal(missing[0].items[0].start, 1060);
	assert_int_equal(missing[0].items[0].end, 1119);
	assert_int_equal(missing[1].count, 1);
	assert_int_equal(missing[1].items[0].start, 1120);
	assert_int_equal(missing[1].items[0].end, 1239);
}

static void test_a_long_record_covers_those_in_it(void **state)
{
	(void)state;
	record(0, 1, 0, 599);
	record(0, 2, 10, 20);
	record(0, 2, 500, 510);
	record(0, 2, 1300, 1310);
	find(600);
	assert_int_equal(missing[0].count, 1);
	assert_int_equal(missing[0].items[0].start, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_an_interval_without_lines),        RIGGED(test_quiet_seconds_are_no_gap),
		RIGGED(test_lines_without_data_are_lines),     RIGGED(test_each_interface_has_its_own),
		RIGGED(test_a_long_record_covers_those_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
