#include "flow/rule.h"

#include "fixture.h"

static struct flow_rule rule_of(uint32_t number, const char *peer, const char *words)
{
	struct flow_rule rule = { .allow = true, .number = number, .protocol = FLOW_RULE_ANY, .port_to = 65535 };

	rule.peers = malloc(sizeof(*rule.peers));
	rule.peers[0] = prefix_of(peer);
	rule.peer_count = 1;
	rule.words = strdup(words);
	return rule;
}

static void test_rules_are_moved_and_keep_their_order(void **state)
{
	struct flow_rules rules = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct flow_rule rule = rule_of(i, "10.0.0.0/8", "allow all from 10.0.0.0/8");

		assert_int_equal(flow_rules_add(&rules, &rule, NULL), 0);
		assert_null(rule.peers);
		assert_null(rule.words);
		assert_int_equal(rules.count, i + 1);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(rules.items[i].number, i);
		assert_int_equal(rules.items[i].peers[0].length, 8);
		assert_string_equal(rules.items[i].words, "allow all from 10.0.0.0/8");
	}
	flow_rules_clear(&rules);
	assert_null(rules.items);
	assert_int_equal(rules.count, 0);
	flow_rules_clear(&rules);
}

static void test_all_memory_is_given_back(void **state)
{
	struct flow_security_group group = { .name = strdup("sg-web") };
	struct flow_network_acl acl = { .name = strdup("acl-private") };
	struct flow_rule rule = rule_of(1, "0.0.0.0/0", "x");

	(void)state;
	rule.group = strdup("sg-db");
	assert_int_equal(flow_rules_add(&group.ingress, &rule, NULL), 0);
	rule = rule_of(2, "::/0", "y");
	assert_int_equal(flow_rules_add(&group.egress, &rule, NULL), 0);
	rule = rule_of(3, "::/0", "z");
	assert_int_equal(flow_rules_add(&acl.egress, &rule, NULL), 0);
	flow_security_group_clear(&group);
	flow_network_acl_clear(&acl);
	assert_null(group.name);
	assert_null(acl.egress.items);
	flow_security_group_clear(&group);
	flow_network_acl_clear(&acl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules_are_moved_and_keep_their_order),
		TEST(test_all_memory_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
