/* What the rules say of a flow, in one phrase. */
#include "cli/ruling.h"

#include "cli/question.h"
#include "config_text.h"

static struct error err;

static const char lab[] = "[interface web]\n"
			  "address = 10.0.0.62\n"
			  "security-groups = sg-web, sg-more\n"
			  "network-acl = acl\n"
			  "[interface nat]\n"
			  "address = 10.0.0.220\n"
			  "network-acl = acl\n"
			  "[interface open]\n"
			  "address = 10.0.0.3\n"
			  "[interface pinged]\n"
			  "address = 10.0.0.4\n"
			  "security-groups = sg-ping\n"
			  "network-acl = acl\n"
			  "[security-group sg-ping]\n"
			  "ingress = allow icmp 8/0 from 0.0.0.0/0\n"
			  "egress = none\n"
			  "[security-group sg-web]\n"
			  "ingress = allow tcp 443 from 0.0.0.0/0\n"
			  "[security-group sg-more]\n"
			  "egress = none\n"
			  "[network-acl acl]\n"
			  "ingress = 100 deny tcp 23 from 203.0.113.0/24\n"
			  "  200 allow all from 0.0.0.0/0\n"
			  "egress = 100 allow tcp 0-65535 to 0.0.0.0/0\n";

/* `line`: operands of `eniflow explain`, with one blank between. */
static void assert_ruling(const char *line, enum flow_action action, const char *expected)
{
	const char *operands[QUESTION_OPERANDS];
	struct settings settings;
	struct policies policies;
	struct question question;
	char words[256], phrase[RULING_SIZE], *rest = NULL;
	size_t count = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		operands[count++] = word;
	assert_int_equal(config_text(&settings, lab, &err), 0);
	assert_int_equal(question_parse(&question, &settings, operands, &err), 0);
	assert_int_equal(policies_open(&policies, &settings, &err), 0);
	ruling(phrase, &settings, &policies, question.interface, question.direction, &question.packet, action);
	assert_string_equal(phrase, expected);
	policies_close(&policies);
	settings_free(&settings);
}

static void accepts(void **state)
{
	(void)state;
	assert_ruling("web ingress tcp 203.0.113.9:4 10.0.0.62:443", FLOW_ACCEPT,
		      "sg-web allows it by 'allow tcp 443 from 0.0.0.0/0' (x/y.ini:18)");
	assert_ruling("web egress tcp 10.0.0.62:4 203.0.113.9:443", FLOW_ACCEPT,
		      "sg-web allows it, since it does not limit egress");
	assert_ruling("nat ingress tcp 203.0.113.9:4 10.0.0.220:443", FLOW_ACCEPT,
		      "network ACL acl allows it by '200 allow all from 0.0.0.0/0' (x/y.ini:23)");
}

static void rejects(void **state)
{
	(void)state;
	assert_ruling("web ingress tcp 203.0.113.9:4 10.0.0.62:22", FLOW_REJECT,
		      "no ingress rule of sg-web, sg-more allows it");
	assert_ruling("web ingress tcp 203.0.113.9:4 10.0.0.62:23", FLOW_REJECT,
		      "network ACL acl denies it by '100 deny tcp 23 from 203.0.113.0/24' (x/y.ini:22)");
	assert_ruling("web egress udp 10.0.0.62:4 203.0.113.9:443", FLOW_REJECT,
		      "network ACL acl denies it: none of its rules fits");
}

/* The reply of a ping that may come in: the groups let it pass, the ACL does not. */
static void rejected_answers(void **state)
{
	(void)state;
	assert_ruling(
		"pinged egress icmp 10.0.0.4 203.0.113.9", FLOW_REJECT,
		"no egress rule of sg-ping allows it; an answer would pass, but network ACL acl denies it: none of "
		"its rules fits");
	assert_ruling("pinged egress tcp 10.0.0.4:22 203.0.113.9:5", FLOW_REJECT,
		      "no egress rule of sg-ping allows it");
}

/* The capture shows more than a packet alone: connections. */
static void by_state(void **state)
{
	(void)state;
	assert_ruling("web ingress tcp 203.0.113.9:443 10.0.0.62:40000", FLOW_ACCEPT,
		      "it answers a connection that the rules allow");
	assert_ruling("web ingress tcp 203.0.113.9:4 10.0.0.62:443", FLOW_REJECT,
		      "the rules reject a part of it alone");
}

static void no_rules(void **state)
{
	(void)state;
	assert_ruling("open ingress tcp 203.0.113.9:4 10.0.0.3:22", FLOW_ACCEPT, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(accepts), TEST(rejects), TEST(rejected_answers), TEST(by_state),
					    TEST(no_rules) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
