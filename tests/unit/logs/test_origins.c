#include "logs/origins.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct log_origins *origins;
static struct error err;

static int make(void **state)
{
	(void)state;
	return log_origins_new(&origins, &err);
}

static int drop(void **state)
{
	(void)state;
	log_origins_free(origins);
	return 0;
}

/* The origin of a record of that interface and VPC ("": none). */
static int find(const char *interface, const char *vpc, unsigned unknown, const struct flow_origin **out,
		struct log_row *row)
{
	log_row_begin(row, log_origins_before(origins));
	log_row_take_whole(row, FIELD_INTERFACE_ID, interface, strlen(interface));
	log_row_take_whole(row, FIELD_VPC_ID, vpc, strlen(vpc));
	row->unknown = unknown;
	return log_origins_find(origins, row, out, &err);
}

static const struct flow_origin *get(const char *interface, const char *vpc, unsigned unknown)
{
	const struct flow_origin *origin;
	struct log_row row;

	assert_int_equal(find(interface, vpc, unknown, &origin, &row), 0);
	return origin;
}

static void what_agrees_on_all_is_one(void **state)
{
	const struct flow_origin *first = get("eni-0a", "vpc-1", 0);

	(void)state;
	assert_ptr_equal(get("eni-0a", "vpc-1", 0), first);
	assert_ptr_not_equal(get("eni-0a", "vpc-2", 0), first);
	assert_ptr_not_equal(get("eni-0a", "vpc-1", 1), first);
	assert_ptr_not_equal(get("eni-0a", "", 0), first);
	assert_ptr_not_equal(get("eni-0a1", "vpc-1", 0), first);
	assert_ptr_equal(get("eni-0a", "vpc-1", 0), first);
	assert_string_equal(first->identity[FLOW_VPC_ID], "vpc-1");
	assert_null(first->identity[FLOW_ACCOUNT_ID]);
}

static void origins_of_an_interface_are_kin(void **state)
{
	(void)state;
	assert_int_equal(get("eni-0a", "vpc-1", 0)->kin, 0);
	assert_int_equal(get("eni-0b", "vpc-1", 0)->kin, 1);
	assert_int_equal(get("eni-0a", "vpc-2", 0)->kin, 0);
	assert_int_equal(get("", "vpc-1", 0)->kin, 3);
	assert_int_equal(get("", "vpc-2", 0)->kin, 3);
	assert_int_equal(get("eni-0b", "vpc-1", 4)->kin, 1);
}

static void many_are_found_again(void **state)
{
	enum { MANY = 3000 };
	static const struct flow_origin *all[MANY];
	char interface[32];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < MANY; i++) {
			snprintf(interface, sizeof(interface), "eni-%08x", i / 2);
			all[i] = turn == 0 ? get(interface, "vpc-1", i % 2) : all[i];
			assert_ptr_equal(get(interface, "vpc-1", i % 2), all[i]);
			assert_int_equal(all[i]->number, i);
			assert_int_equal(all[i]->kin, i / 2 * 2);
			assert_ptr_equal(log_origins_get(origins, i), all[i]);
		}
	}
	assert_null(log_origins_get(origins, MANY));
}

static void texts_no_log_can_hold_are_refused(void **state)
{
	static char longer[LOG_TEXT_MOST + 2];
	const struct flow_origin *origin;
	struct log_row row;

	(void)state;
	memset(longer, 'x', LOG_TEXT_MOST);
	assert_int_equal(find("eni-0a", longer, 0, &origin, &row), 0);
	longer[LOG_TEXT_MOST] = 'x';
	assert_int_equal(find("eni-0a", longer, 0, &origin, &row), -EINVAL);
	assert_string_equal(row.fault.text, "vpc-id has 4097 bytes, more than 4096");
	assert_int_equal(find("eni-\x7f", "", 0, &origin, &row), -EINVAL);
	assert_string_equal(row.fault.text, "interface-id has a blank or control character in it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_agrees_on_all_is_one, make, drop),
		cmocka_unit_test_setup_teardown(origins_of_an_interface_are_kin, make, drop),
		cmocka_unit_test_setup_teardown(many_are_found_again, make, drop),
		cmocka_unit_test_setup_teardown(texts_no_log_can_hold_are_refused, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
