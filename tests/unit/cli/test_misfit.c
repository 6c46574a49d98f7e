/* What of a rule does not fit a packet. */
#include "cli/misfit.h"

#include "cli/question.h"
#include "cli/rule_text.h"
#include "config_text.h"

static struct error err;

static const char config[] = "[interface web]\n"
			     "address = 10.0.0.62, 2001:db8::62\n"
			     "security-groups = sg-web\n"
			     "[interface db]\n"
			     "address = 10.0.1.20\n"
			     "security-groups = sg-web, sg-db\n"
			     "[interface unknown]\n"
			     "security-groups = sg-empty\n"
			     "[security-group sg-web]\n"
			     "[security-group sg-db]\n"
			     "[security-group sg-empty]\n";

static void assert_misfits(bool egress, const char *rule_line, const char *packet, unsigned misfits, const char *words)
{
	const char *operands[QUESTION_OPERANDS] = { "web", egress ? "egress" : "ingress" };
	char text[256], out[MISFIT_SIZE], *rest = NULL;
	struct settings settings;
	struct question question;
	struct flow_rule rule;

	snprintf(text, sizeof(text), "%s", packet);
	operands[QUESTION_PROTOCOL] = strtok_r(text, " ", &rest);
	operands[QUESTION_SOURCE] = strtok_r(NULL, " ", &rest);
	operands[QUESTION_DESTINATION] = strtok_r(NULL, " ", &rest);
	assert_int_equal(config_text(&settings, config, &err), 0);
	assert_int_equal(question_parse(&question, &settings, operands, &err), 0);
	assert_int_equal(rule_text_parse(&rule, (struct rule_list){ false, egress }, rule_line, &err), 0);
	assert_int_equal(misfit_of(&settings, &rule, egress, &question.packet), misfits);
	assert_string_equal(misfit_words(out, &settings, &rule, egress, &question.packet), words);
	flow_rule_clear(&rule);
	settings_free(&settings);
}

static void ports(void **state)
{
	(void)state;
	assert_misfits(false, "allow tcp 22 from 0.0.0.0/0", "tcp 1.2.3.4:5 10.0.0.62:22", 0, "");
	assert_misfits(false, "allow tcp from 0.0.0.0/0", "tcp 1.2.3.4:5 10.0.0.62:22", 0, "");
	assert_misfits(false, "allow tcp 443 from 0.0.0.0/0", "tcp 1.2.3.4:443 10.0.0.62:22", MISFIT_PORT,
		       "port 22 is not 443");
	assert_misfits(true, "allow udp 1024-65535 to 0.0.0.0/0", "udp 10.0.0.62:2000 1.2.3.4:1023", MISFIT_PORT,
		       "port 1023 is not in 1024-65535");
	assert_misfits(true, "allow udp 1-1024 to 0.0.0.0/0", "udp 10.0.0.62:2000 1.2.3.4:1024", 0, "");
	assert_misfits(true, "allow udp 2-1024 to 0.0.0.0/0", "udp 10.0.0.62:2000 1.2.3.4:1", MISFIT_PORT,
		       "port 1 is not in 2-1024");
}

static void protocols(void **state)
{
	(void)state;
	assert_misfits(false, "allow all from 0.0.0.0/0", "200 1.2.3.4 10.0.0.62", 0, "");
	assert_misfits(false, "allow icmp 8/0 from 0.0.0.0/0", "tcp 1.2.3.4:5 10.0.0.62:22", MISFIT_PROTOCOL,
		       "tcp is not icmp");
	assert_misfits(false, "allow gre from 0.0.0.0/0", "47 1.2.3.4 10.0.0.62", 0, "");
	assert_misfits(false, "allow 253 from 0.0.0.0/0", "gre 1.2.3.4 10.0.0.62", MISFIT_PROTOCOL, "gre is not 253");
}

static void icmp(void **state)
{
	(void)state;
	assert_misfits(false, "allow icmp from 0.0.0.0/0", "icmp 1.2.3.4 10.0.0.62", 0, "");
	assert_misfits(false, "allow icmp 8 from 0.0.0.0/0", "icmp/8/7 1.2.3.4 10.0.0.62", 0, "");
	assert_misfits(false, "allow icmp */7 from 0.0.0.0/0", "icmp/8/7 1.2.3.4 10.0.0.62", 0, "");
	assert_misfits(false, "allow icmp 3/4 from 0.0.0.0/0", "icmp/8/7 1.2.3.4 10.0.0.62", MISFIT_PORT,
		       "type 8 is not 3");
	assert_misfits(false, "allow icmp 8/4 from 0.0.0.0/0", "icmp/8/7 1.2.3.4 10.0.0.62", MISFIT_PORT,
		       "code 7 is not 4");
}

static void peers(void **state)
{
	(void)state;
	assert_misfits(false, "allow tcp from 203.0.113.0/24", "tcp 203.0.112.9 10.0.0.62:22", MISFIT_PEER,
		       "203.0.112.9 is not in 203.0.113.0/24");
	assert_misfits(true, "allow tcp to 203.0.113.0/24", "tcp 1.2.3.4 203.0.113.0:22", 0, "");
	assert_misfits(false, "allow tcp from ::/0", "tcp 203.0.112.9 10.0.0.62:22", MISFIT_PEER,
		       "203.0.112.9 is not IPv6");
	assert_misfits(false, "allow all from 0.0.0.0/0", "tcp 2001:db8::9 [2001:db8::62]:22", MISFIT_PEER,
		       "2001:db8::9 is not IPv4");
	assert_misfits(false, "allow tcp 80 from 10.0.0.0/8", "tcp 11.0.0.1 10.0.0.62:22", MISFIT_PORT | MISFIT_PEER,
		       "port 22 is not 80, 11.0.0.1 is not in 10.0.0.0/8");
	assert_misfits(false, "allow udp 80 from 10.0.0.0/8", "tcp 11.0.0.1 10.0.0.62:22",
		       MISFIT_PROTOCOL | MISFIT_PEER, "tcp is not udp, 11.0.0.1 is not in 10.0.0.0/8");
}

static void groups(void **state)
{
	(void)state;
	assert_misfits(true, "allow tcp to sg-db", "tcp 10.0.0.62 10.0.1.20:3306", 0, "");
	assert_misfits(true, "allow tcp to sg-web", "tcp 10.0.0.62 10.0.1.20:3306", 0, "");
	assert_misfits(false, "allow tcp from sg-web", "tcp 2001:db8::62 [2001:db8::62]:1", 0, ""); /* itself */
	assert_misfits(false, "allow tcp from sg-db", "tcp 10.0.1.21 10.0.0.62:22", MISFIT_PEER,
		       "10.0.1.21 is no member of sg-db");
	assert_misfits(false, "allow tcp from sg-empty", "tcp 10.0.1.21 10.0.0.62:22", MISFIT_PEER,
		       "sg-empty has no member with an address");
}

static void prefix_lists(void **state)
{
	struct flow_prefix list[2] = { { FLOW_IPV4, 8, { { 10 } } }, { FLOW_IPV4, 8, { { 11 } } } };
	struct flow_rule rule = { .protocol = FLOW_RULE_ANY, .port_to = UINT16_MAX, .peers = list, .peer_count = 2 };
	struct flow_observation packet = { .family = FLOW_IPV4, .protocol = 6, .source = { { 12 } } };
	const struct settings settings = { 0 };
	char out[MISFIT_SIZE];

	(void)state;
	assert_string_equal(misfit_words(out, &settings, &rule, false, &packet),
			    "12.0.0.0 is in none of its 2 prefixes");
	packet.source.octets[0] = 11;
	assert_int_equal(misfit_of(&settings, &rule, false, &packet), 0);
	rule.peer_count = 0;
	assert_string_equal(misfit_words(out, &settings, &rule, false, &packet),
			    "11.0.0.0 is in none of its 0 prefixes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ports), TEST(protocols), TEST(icmp), TEST(peers), TEST(groups), TEST(prefix_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
