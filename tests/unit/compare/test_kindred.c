/* Flows that are akin. */
#include "compare/kindred.h"

#include "compare/cause_rig.h"

/* The source ports of the flows that are akin to `key` in the log, in order, as "1 2 ". */
static void assert_akin(enum compare_kinship kinship, const struct compare_key *key, const char *expected)
{
	const struct compare_flow *flow;
	struct compare_kin kin;
	char text[256] = "";
	size_t length = 0;

	assert_int_equal(compare_kindred_find(rig.kindred, COMPARE_LOG, kinship, key, &kin, NULL), 0);
	while ((flow = compare_kin_next(&kin)))
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s:%u ",
					   flow->key.destination.octets[3] == 9 ? "" : "!", flow->key.source_port);
	assert_string_equal(text, expected);
}

static void make(void)
{
	assert_int_equal(compare_kindred_new(&rig.kindred, rig.about.ledgers, NULL), 0);
}

static void what_they_have_in_common(void **state)
{
	const struct compare_key key = key_of(TCP, "10.0.0.5", 1, "203.0.113.9", 443);
	const struct compare_key port = key_of(TCP, "10.0.0.5", 2, "203.0.113.9", 443);
	const struct compare_key destination = key_of(TCP, "10.0.0.5", 1, "203.0.113.8", 443);
	const struct compare_key source = key_of(TCP, "10.0.0.6", 1, "203.0.113.9", 443);
	const struct compare_key protocol = key_of(UDP, "10.0.0.5", 1, "203.0.113.9", 443);
	struct compare_key interface = key, direction = key, nowhere = key_of(TCP, "10.0.0.7", 7, "203.0.113.7", 7);

	(void)state;
	interface.interface = 1;
	direction.direction = FLOW_INGRESS;
	record(&port, 1, 1, 1, 1);
	record(&key, 1, 1, 1, 1);
	record(&destination, 1, 1, 1, 1);
	record(&source, 1, 1, 1, 1);
	record(&protocol, 1, 1, 1, 1);
	record(&direction, 1, 1, 1, 1);
	make();
	assert_akin(COMPARE_SAME_ADDRESSES, &key, ":2 :1 ");
	assert_akin(COMPARE_SAME_SOURCE, &key, ":1 !:1 ");
	assert_akin(COMPARE_SAME_DESTINATION, &key, ":1 :1 ");
	assert_akin(COMPARE_SAME_ADDRESSES, &protocol, ":1 ");
	assert_akin(COMPARE_SAME_SOURCE, &direction, ":1 ");
	assert_akin(COMPARE_SAME_BUT_INTERFACE, &interface, ":1 ");
	for (int kinship = 0; kinship < COMPARE_KINSHIPS; kinship++) {
		if (kinship != COMPARE_SAME_BUT_INTERFACE)
			assert_akin(kinship, &interface, "");
		assert_akin(kinship, &nowhere, "");
	}
}

static void many_are_found_again(void **state)
{
	enum { MANY = 2000 };
	struct compare_key key = key_of(TCP, "10.0.0.5", 1, "203.0.113.9", 443);

	(void)state;
	for (unsigned port = 1; port <= MANY; port++) {
		key.source_port = (uint16_t)port;
		key.source.octets[3] = (uint8_t)port;
		record(&key, 1, 1, 1, 1);
	}
	make();
	for (unsigned port = 1; port <= MANY; port++) {
		const struct compare_flow *flow;
		struct compare_kin kin;

		key.source_port = (uint16_t)port;
		key.source.octets[3] = 0;
		assert_int_equal(
			compare_kindred_find(rig.kindred, COMPARE_LOG, COMPARE_SAME_DESTINATION, &key, &kin, NULL), 0);
		flow = compare_kin_next(&kin);
		assert_non_null(flow);
		assert_int_equal(flow->key.source_port, port);
		assert_null(compare_kin_next(&kin));
	}
}

static void none_at_all(void **state)
{
	const struct compare_key key = web();

	(void)state;
	make();
	assert_akin(COMPARE_SAME_SOURCE, &key, "");
	compare_kindred_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(what_they_have_in_common),
		RIGGED(many_are_found_again),
		RIGGED(none_at_all),
	};

	return cmocka_run_group_tests_name("compare/kindred", tests, NULL, NULL);
}
