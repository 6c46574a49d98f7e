#include "flow/rulebook.h"

#include "policy_rig.h"

static struct flow_rulebook *book_of_rig(void)
{
	const struct flow_rulebook_options options = { rig.groups,   rig.options.group_count,
						       rig.acls,     rig.options.acl_count,
						       rig.numbered, rig.options.interface_count };
	struct flow_rulebook *book = NULL;

	assert_int_equal(flow_rulebook_new(&book, &options, &rig.err), 0);
	return book;
}

static const char *words_of(const struct flow_ruleset *ruleset, enum flow_direction direction)
{
	const struct flow_rule_origin *origin = flow_ruleset_decide(ruleset, direction, &rig.packet);

	return origin && origin->rule ? origin->rule->words : origin ? origin->group->name : "none";
}

static void test_seats(void **state)
{
	struct flow_rulebook *book;

	(void)state;
	add_group("sg-a", "", NULL);
	add_group("sg-b", "", NULL);
	add_acl("acl", "", "");
	add_acl("unused", "", "");
	add_interface("a", "", "sg-a sg-b", "acl");
	add_interface("b", "", "sg-a sg-b", NULL);
	add_interface("c", "", "sg-b sg-a", NULL);
	add_interface("d", "", "sg-a", NULL);
	add_interface("e", "", "", "acl");
	add_interface("f", "", "", NULL);
	book = book_of_rig();
	assert_ptr_equal(flow_rulebook_seat(book, 0)->groups, flow_rulebook_seat(book, 1)->groups);
	assert_ptr_not_equal(flow_rulebook_seat(book, 0)->groups, flow_rulebook_seat(book, 2)->groups);
	assert_ptr_not_equal(flow_rulebook_seat(book, 0)->groups, flow_rulebook_seat(book, 3)->groups);
	assert_ptr_equal(flow_rulebook_seat(book, 0)->acl, flow_rulebook_seat(book, 4)->acl);
	assert_ptr_equal(flow_rulebook_seat(book, 4)->acl->acl, &rig.acls[0]);
	assert_null(flow_rulebook_seat(book, 1)->acl);
	assert_null(flow_rulebook_seat(book, 4)->groups);
	assert_null(flow_rulebook_seat(book, 5));
	assert_null(flow_rulebook_seat(book, 6));
	flow_rulebook_free(book);
	flow_rulebook_free(NULL);
	finish_policy();
}

/* Groups in the order of the interface, and then rules in theirs. */
static void test_the_first_rule_of_groups(void **state)
{
	const struct flow_ruleset *ab, *ba;
	struct flow_rulebook *book;

	(void)state;
	add_group("sg-a", "allow tcp 80 10.0.0.0/8; allow tcp 0.0.0.0/0", "");
	add_group("sg-b", "allow tcp 80-90 0.0.0.0/0", NULL);
	add_interface("x", "", "sg-a sg-b", NULL);
	add_interface("y", "", "sg-b sg-a", NULL);
	book = book_of_rig();
	ab = flow_rulebook_seat(book, 0)->groups;
	ba = flow_rulebook_seat(book, 1)->groups;
	tcp("10.0.0.1", 1000, "192.0.2.1", 80, 0);
	assert_string_equal(words_of(ab, FLOW_INGRESS), "allow tcp 80 10.0.0.0/8");
	assert_string_equal(words_of(ba, FLOW_INGRESS), "allow tcp 80-90 0.0.0.0/0");
	assert_string_equal(words_of(ab, FLOW_EGRESS), "sg-b"); /* which does not limit egress */
	assert_true(flow_ruleset_allows(ab, FLOW_EGRESS, &rig.packet));
	tcp("192.0.2.1", 1000, "192.0.2.1", 79, 0);
	assert_string_equal(words_of(ab, FLOW_INGRESS), "allow tcp 0.0.0.0/0");
	udp("192.0.2.1", 1000, "192.0.2.1", 79);
	assert_string_equal(words_of(ab, FLOW_INGRESS), "none");
	assert_false(flow_ruleset_allows(ab, FLOW_INGRESS, &rig.packet));
	flow_rulebook_free(book);
	finish_policy();
}

static void test_the_first_rule_of_an_acl(void **state)
{
	const struct flow_ruleset *acl;
	struct flow_rulebook *book;

	(void)state;
	add_acl("acl", "200 allow all 0.0.0.0/0; 100 deny tcp 22 0.0.0.0/0; 100 allow tcp 22-23 0.0.0.0/0",
		"32766 allow all ::/0");
	add_interface("x", "", "", "acl");
	book = book_of_rig();
	acl = flow_rulebook_seat(book, 0)->acl;
	tcp("10.0.0.1", 1000, "192.0.2.1", 22, 0);
	assert_string_equal(words_of(acl, FLOW_INGRESS), "100 deny tcp 22 0.0.0.0/0");
	assert_false(flow_ruleset_allows(acl, FLOW_INGRESS, &rig.packet));
	assert_string_equal(words_of(acl, FLOW_EGRESS), "none");
	tcp("10.0.0.1", 1000, "192.0.2.1", 23, 0);
	assert_string_equal(words_of(acl, FLOW_INGRESS), "100 allow tcp 22-23 0.0.0.0/0");
	assert_true(flow_ruleset_allows(acl, FLOW_INGRESS, &rig.packet));
	tcp("2001:db8::1", 1000, "2001:db8::2", 23, 0);
	assert_string_equal(words_of(acl, FLOW_INGRESS), "none");
	assert_string_equal(words_of(acl, FLOW_EGRESS), "32766 allow all ::/0");
	flow_rulebook_free(book);
	finish_policy();
}

/* More than the bits of a word, and a group of many members. */
static void test_many_rules_and_members(void **state)
{
	const struct flow_ruleset *rules;
	struct flow_rulebook *book;
	char text[64];

	(void)state;
	add_group("sg-a", "", "");
	for (uint16_t port = 1; port <= 300; port++) {
		struct flow_rule rule;

		snprintf(text, sizeof(text), "allow tcp %u sg-a", port);
		rule = rule_of(text);
		assert_int_equal(flow_rules_add(&rig.groups[0].ingress, &rule, NULL), 0);
	}
	add_interface("x", "10.0.0.1 10.0.0.2 10.0.0.3 2001:db8::1", "sg-a", NULL);
	add_interface("y", "10.0.0.3 10.0.0.4 2001:db8::2", "sg-a", NULL);
	book = book_of_rig();
	rules = flow_rulebook_seat(book, 1)->groups;
	assert_ptr_equal(rules, flow_rulebook_seat(book, 0)->groups);
	tcp("10.0.0.3", 1000, "10.0.0.4", 299, 0);
	assert_string_equal(words_of(rules, FLOW_INGRESS), "allow tcp 299 sg-a");
	tcp("2001:db8::2", 1000, "2001:db8::1", 64, 0);
	assert_string_equal(words_of(rules, FLOW_INGRESS), "allow tcp 64 sg-a");
	tcp("10.0.0.5", 1000, "10.0.0.4", 299, 0);
	assert_string_equal(words_of(rules, FLOW_INGRESS), "none");
	tcp("10.0.0.4", 1000, "10.0.0.4", 301, 0);
	assert_string_equal(words_of(rules, FLOW_INGRESS), "none");
	flow_rulebook_free(book);
	finish_policy();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_seats),
		TEST(test_the_first_rule_of_groups),
		TEST(test_the_first_rule_of_an_acl),
		TEST(test_many_rules_and_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
