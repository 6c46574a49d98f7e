/* What `eniflow explain` writes, to the letter; and that it gives the reasons of the verdict that judging gives. */
#include "cli/explain.h"

#include "cli/misfit.h"
#include "cli/policies.h"
#include "config_text.h"

#include <stdlib.h>

static struct error err;

static const char lab[] = "[interface web]\n"
			  "address = 10.0.0.62, 2001:db8::62\n"
			  "interface-id = eni-1235b8ca123456789\n"
			  "security-groups = sg-web\n"
			  "network-acl = acl-private\n"
			  "[interface db]\n"
			  "address = 10.0.1.20\n"
			  "interface-id = eni-db\n"
			  "security-groups = sg-db, sg-admin\n"
			  "[interface nat]\n"
			  "address = 10.0.0.220\n"
			  "interface-id = eni-nat\n"
			  "network-acl = acl-private\n"
			  "[interface open]\n"
			  "interface-id = eni-open\n"
			  "[security-group sg-web]\n"
			  "ingress = allow tcp 80 from 10.0.0.0/8\n"
			  "  allow icmp 8/0 from 203.0.113.0/24\n"
			  "  allow tcp 443 from 0.0.0.0/0\n"
			  "egress = none\n"
			  "[security-group sg-db]\n"
			  "ingress = allow tcp 3306 from sg-web\n"
			  "egress = none\n"
			  "[security-group sg-admin]\n"
			  "egress = allow tcp 22 to 10.0.0.0/8\n"
			  "[network-acl acl-private]\n"
			  "ingress = 200 allow all from 0.0.0.0/0\n"
			  "  100 deny tcp 23 from 203.0.113.0/24\n"
			  "egress = 100 deny icmp to 0.0.0.0/0\n"
			  "  110 allow tcp 1024-65535 to 0.0.0.0/0\n";

/* Cuts the line at blanks, asks, and returns what is written; the caller's to free. */
static char *asked(const struct settings *settings, const char *line)
{
	const char *operands[QUESTION_OPERANDS];
	char words[256], *rest = NULL, *text = NULL;
	struct question question;
	size_t length, count = 0;
	FILE *out = open_memstream(&text, &length);

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		operands[count++] = word;
	assert_int_equal(count, QUESTION_OPERANDS);
	assert_int_equal(question_parse(&question, settings, operands, &err), 0);
	assert_int_equal(explain(out, settings, &question, &err), 0);
	fclose(out);
	return text;
}

static void assert_explained(const char *configuration, const char *line, const char *expected)
{
	struct settings settings;
	char *text;

	assert_int_equal(config_text(&settings, configuration, &err), 0);
	text = asked(&settings, line);
	assert_string_equal(text, expected);
	free(text);
	settings_free(&settings);
}

static void accepts(void **state)
{
	(void)state;
	assert_explained(lab, "web ingress tcp 203.0.113.9:40000 10.0.0.62:443",
			 "ACCEPT  203.0.113.9:40000 -> 10.0.0.62:443 tcp, ingress at web (eni-1235b8ca123456789)\n"
			 "  network ACL acl-private allows it by rule 200\n"
			 "      200 allow all from 0.0.0.0/0  x/y.ini:27\n"
			 "  security group sg-web allows it by a rule\n"
			 "      allow tcp 443 from 0.0.0.0/0  x/y.ini:19\n"
			 "\n"
			 "ACCEPT  the answer: 10.0.0.62:443 -> 203.0.113.9:40000 tcp, egress at web "
			 "(eni-1235b8ca123456789)\n"
			 "  security group sg-web allows it: the connection is tracked\n"
			 "  network ACL acl-private allows it by rule 110\n"
			 "      110 allow tcp 1024-65535 to 0.0.0.0/0  x/y.ini:30\n");
}

/* The nearest rule first; and the answer as it would be if a rule let the packet in. */
static void groups_reject(void **state)
{
	(void)state;
	assert_explained(lab, "web ingress tcp 203.0.113.9:40000 10.0.0.62:22",
			 "REJECT  203.0.113.9:40000 -> 10.0.0.62:22 tcp, ingress at web (eni-1235b8ca123456789)\n"
			 "  network ACL acl-private allows it by rule 200\n"
			 "      200 allow all from 0.0.0.0/0  x/y.ini:27\n"
			 "  security group sg-web rejects it: no rule fits\n"
			 "      allow tcp 443 from 0.0.0.0/0        port 22 is not 443                                 "
			 "  x/y.ini:19\n"
			 "      allow tcp 80 from 10.0.0.0/8        port 22 is not 80, 203.0.113.9 is not in "
			 "10.0.0.0/8  x/y.ini:17\n"
			 "      allow icmp 8/0 from 203.0.113.0/24  tcp is not icmp                                    "
			 "  x/y.ini:18\n"
			 "\n"
			 "ACCEPT  the answer, once that passes: 10.0.0.62:22 -> 203.0.113.9:40000 tcp, egress at web "
			 "(eni-1235b8ca123456789)\n"
			 "  security group sg-web would allow it: it lets answers pass\n"
			 "  network ACL acl-private would allow it by rule 110\n"
			 "      110 allow tcp 1024-65535 to 0.0.0.0/0  x/y.ini:30\n");
}

/* AWS's ping: the group is stateful, the ACL is not. */
static void answer_rejected(void **state)
{
	(void)state;
	assert_explained(lab, "web ingress icmp/8/0 203.0.113.9 10.0.0.62",
			 "ACCEPT  203.0.113.9 -> 10.0.0.62 icmp 8/0, ingress at web (eni-1235b8ca123456789)\n"
			 "  network ACL acl-private allows it by rule 200\n"
			 "      200 allow all from 0.0.0.0/0  x/y.ini:27\n"
			 "  security group sg-web allows it by a rule\n"
			 "      allow icmp 8/0 from 203.0.113.0/24  x/y.ini:18\n"
			 "\n"
			 "REJECT  the answer: 10.0.0.62 -> 203.0.113.9 icmp 0/0, egress at web "
			 "(eni-1235b8ca123456789)\n"
			 "  security group sg-web allows it: the connection is tracked\n"
			 "  network ACL acl-private rejects it by rule 100\n"
			 "      100 deny icmp to 0.0.0.0/0  fits  x/y.ini:29\n");
}

/* Both would reject; the ACL's rules in their turn. */
static void acl_rejects(void **state)
{
	(void)state;
	assert_explained(
		lab, "web ingress tcp [2001:db8::9]:40000 [2001:db8::62]:22",
		"REJECT  [2001:db8::9]:40000 -> [2001:db8::62]:22 tcp, ingress at web "
		"(eni-1235b8ca123456789)\n"
		"  network ACL acl-private rejects it: no rule fits\n"
		"      100 deny tcp 23 from 203.0.113.0/24  port 22 is not 23, 2001:db8::9 is not IPv4  "
		"x/y.ini:28\n"
		"      200 allow all from 0.0.0.0/0         2001:db8::9 is not IPv4                     "
		"x/y.ini:27\n"
		"  security group sg-web would reject it: no rule fits\n"
		"      allow tcp 80 from 10.0.0.0/8        port 22 is not 80, 2001:db8::9 is not IPv4   "
		"x/y.ini:17\n"
		"      allow tcp 443 from 0.0.0.0/0        port 22 is not 443, 2001:db8::9 is not IPv4  "
		"x/y.ini:19\n"
		"      allow icmp 8/0 from 203.0.113.0/24  tcp is not icmp, 2001:db8::9 is not IPv4     "
		"x/y.ini:18\n"
		"\n"
		"REJECT  the answer, once that passes: [2001:db8::62]:22 -> [2001:db8::9]:40000 tcp, egress at "
		"web (eni-1235b8ca123456789)\n"
		"  security group sg-web would allow it: it lets answers pass\n"
		"  network ACL acl-private would reject it: no rule fits\n"
		"      100 deny icmp to 0.0.0.0/0             tcp is not icmp, 2001:db8::9 is not IPv4  "
		"x/y.ini:29\n"
		"      110 allow tcp 1024-65535 to 0.0.0.0/0  2001:db8::9 is not IPv4                   "
		"x/y.ini:30\n");
}

static void without_acl(void **state)
{
	(void)state;
	assert_explained(lab, "db egress tcp 10.0.1.20:40000 10.9.9.9:22",
			 "ACCEPT  10.0.1.20:40000 -> 10.9.9.9:22 tcp, egress at db (eni-db)\n"
			 "  security groups sg-db, sg-admin allow it by a rule\n"
			 "      sg-admin: allow tcp 22 to 10.0.0.0/8  x/y.ini:25\n"
			 "  no network ACL judges it: db names none\n"
			 "\n"
			 "ACCEPT  the answer: 10.9.9.9:22 -> 10.0.1.20:40000 tcp, ingress at db (eni-db)\n"
			 "  no network ACL judges it: db names none\n"
			 "  security groups sg-db, sg-admin allow it: the connection is tracked\n");
	assert_explained(lab, "db egress udp 10.0.1.20:40000 10.9.9.9:22",
			 "REJECT  10.0.1.20:40000 -> 10.9.9.9:22 udp, egress at db (eni-db)\n"
			 "  security groups sg-db, sg-admin reject it: no rule fits\n"
			 "      sg-admin: allow tcp 22 to 10.0.0.0/8  udp is not tcp  x/y.ini:25\n"
			 "  no network ACL judges it: db names none\n"
			 "\n"
			 "ACCEPT  the answer, once that passes: 10.9.9.9:22 -> 10.0.1.20:40000 udp, ingress at db "
			 "(eni-db)\n"
			 "  no network ACL judges it: db names none\n"
			 "  security groups sg-db, sg-admin would allow it: they let answers pass\n");
}

static void without_groups(void **state)
{
	(void)state;
	assert_explained(lab, "nat ingress gre 203.0.113.9 10.0.0.220",
			 "ACCEPT  203.0.113.9 -> 10.0.0.220 gre, ingress at nat (eni-nat)\n"
			 "  network ACL acl-private allows it by rule 200\n"
			 "      200 allow all from 0.0.0.0/0  x/y.ini:27\n"
			 "  no security group judges it: nat names none\n"
			 "\n"
			 "REJECT  the answer: 10.0.0.220 -> 203.0.113.9 gre, egress at nat (eni-nat)\n"
			 "  no security group judges it: nat names none\n"
			 "  network ACL acl-private rejects it: no rule fits\n"
			 "      100 deny icmp to 0.0.0.0/0             gre is not icmp  x/y.ini:29\n"
			 "      110 allow tcp 1024-65535 to 0.0.0.0/0  gre is not tcp   x/y.ini:30\n");
	assert_explained(lab, "open ingress esp 203.0.113.9 10.0.0.220",
			 "ACCEPT  203.0.113.9 -> 10.0.0.220 esp, ingress at open (eni-open)\n"
			 "  nothing rejects it: open names neither security groups nor a network ACL\n"
			 "\n"
			 "ACCEPT  the answer: 10.0.0.220 -> 203.0.113.9 esp, egress at open (eni-open)\n"
			 "  nothing rejects it: open names neither security groups nor a network ACL\n");
}

static void without_rules(void **state)
{
	static const char empty[] = "[interface a]\naddress = 10.0.0.1\ninterface-id = eni-a\nsecurity-groups = sg-a\n"
				    "network-acl = b\n[security-group sg-a]\negress = none\n[network-acl b]\n"
				    "[interface c]\naddress = 10.0.0.3\ninterface-id = eni-c\nsecurity-groups = sg-c\n"
				    "[security-group sg-c]\n";

	(void)state;
	assert_explained(empty, "a egress tcp 10.0.0.1:1 1.2.3.4:2",
			 "REJECT  10.0.0.1:1 -> 1.2.3.4:2 tcp, egress at a (eni-a)\n"
			 "  security group sg-a rejects it: no egress rules\n"
			 "  network ACL b would reject it: no egress rules\n"
			 "\n"
			 "REJECT  the answer, once that passes: 1.2.3.4:2 -> 10.0.0.1:1 tcp, ingress at a (eni-a)\n"
			 "  network ACL b would reject it: no ingress rules\n"
			 "  security group sg-a would allow it: it lets answers pass\n");
	assert_explained(empty, "c egress icmp/3/1 10.0.0.3 1.2.3.4",
			 "ACCEPT  10.0.0.3 -> 1.2.3.4 icmp 3/1, egress at c (eni-c)\n"
			 "  security group sg-c allows it: sg-c has no egress, which allows all\n"
			 "  no network ACL judges it: c names none\n"
			 "\n"
			 "Note: this ICMP error is judged alone; one about a tracked connection passes the security "
			 "groups\n");
}

/* Of a long list the nearest are enough. */
static void many_rules(void **state)
{
	char text[4096] = "[interface a]\ninterface-id = eni-a\nsecurity-groups = sg-a\n[security-group sg-a]\n", *said;
	const char *at;
	struct settings settings;
	size_t lines = 0;

	(void)state;
	for (int port = 1; port <= 30; port++)
		sprintf(text + strlen(text), "ingress = allow %s %d from 0.0.0.0/0\n", port == 30 ? "tcp" : "udp",
			port);
	assert_int_equal(config_text(&settings, text, &err), 0);
	said = asked(&settings, "a ingress tcp 1.2.3.4:1 10.0.0.1:2");
	at = strstr(said, "      allow tcp 30 from 0.0.0.0/0");
	assert_non_null(at);
	assert_non_null(strstr(said, "no rule fits\n      allow tcp 30"));
	for (; *at == ' '; at += strcspn(at, "\n") + 1)
		lines++;
	assert_int_equal(lines, 12 + 1);
	assert_non_null(strstr(said, "\n      and 18 rules more, which fit no better\n"));
	free(said);
	settings_free(&settings);
}

/* ---- the same as judging ---- */

/* Small numbers of our own, so that a failure comes again. */
static unsigned pick(unsigned below)
{
	static unsigned state = 1;

	state = state * 1103515245U + 12345U;
	return (state >> 8) % below;
}

static void add_rules(char *text, bool acl, bool egress)
{
	static const char *const kinds[] = { "all",      "tcp 1-2",    "tcp",        "udp 2",    "icmp", "icmp 8",
					     "icmp 0/0", "icmpv6 128", "icmpv6 */0", "sctp 1-1", "gre",  "17" };
	static const char *const peers[] = { "0.0.0.0/0", "::/0",        "10.0.0.0/30", "10.0.0.2/32",
					     "2001::/64", "2001::2/127", "sg-0",        "sg-1" };

	for (unsigned n = pick(5), i = 0; i < n; i++) {
		sprintf(text + strlen(text), "%s = ", egress ? "egress" : "ingress");
		if (acl)
			sprintf(text + strlen(text), "%u ", 1 + 10 * pick(9) + i);
		sprintf(text + strlen(text), "%s %s %s %s\n", acl && pick(2) ? "deny" : "allow",
			kinds[pick(sizeof(kinds) / sizeof(kinds[0]))], egress ? "to" : "from",
			peers[pick(sizeof(peers) / sizeof(peers[0]))]);
	}
}

static void make_config(char *text)
{
	text[0] = '\0';
	for (unsigned i = 0; i < 2; i++) {
		sprintf(text + strlen(text), "[security-group sg-%u]\n", i);
		add_rules(text, false, false);
		if (pick(3))
			add_rules(text, false, true);
		else if (pick(2))
			strcat(text, "egress = none\n");
	}
	strcat(text, "[network-acl a]\n");
	add_rules(text, true, false);
	add_rules(text, true, true);
	strcat(text, "[interface x]\naddress = 10.0.0.1, 2001::1\n");
	if (pick(4))
		strcat(text, pick(2) ? "security-groups = sg-0\n" : "security-groups = sg-0, sg-1\n");
	if (pick(2))
		strcat(text, "network-acl = a\n");
	strcat(text, "[interface y]\naddress = 10.0.0.2\nsecurity-groups = sg-1\n");
}

static void make_question(struct question *question, const struct settings *settings)
{
	static const char *const protocols[] = {
		"tcp", "udp", "sctp", "gre", "icmp/8", "icmp/0", "icmp/0/1", "icmp/3"
	};
	static const char *const protocols6[] = { "tcp", "udp", "sctp", "gre", "icmpv6/128", "icmpv6/129", "icmpv6/1" };
	bool ipv6 = pick(2);
	char source[40], destination[40];
	const char *operands[QUESTION_OPERANDS] = { "x", pick(2) ? "ingress" : "egress",
						    ipv6 ? protocols6[pick(7)] : protocols[pick(8)], source,
						    destination };
	bool ports = !strchr(operands[QUESTION_PROTOCOL], '/') && strcmp(operands[QUESTION_PROTOCOL], "gre") != 0;
	const char *format = !ipv6 ? ports ? "10.0.0.%u:%u" : "10.0.0.%u" : ports ? "[2001::%u]:%u" : "2001::%u";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(source, sizeof(source), format, pick(6), 1 + pick(4));
	snprintf(destination, sizeof(destination), format, pick(6), 1 + pick(4));
#pragma GCC diagnostic pop
	assert_int_equal(question_parse(question, settings, operands, &err), 0);
}

static bool fits_one(const struct settings *settings, const struct flow_rules *rules, const struct question *question)
{
	for (size_t i = 0; i < rules->count; i++)
		if (misfit_of(settings, &rules->items[i], question->direction == FLOW_EGRESS, &question->packet) == 0)
			return true;
	return false;
}

static bool groups_allow(const struct settings *settings, const struct question *question)
{
	const struct flow_interface *interface = &settings->interfaces[0];
	bool egress = question->direction == FLOW_EGRESS, allow = interface->security_group_count == 0;

	for (size_t i = 0; i < interface->security_group_count; i++) {
		const struct flow_security_group *group = settings_find_group(settings, interface->security_groups[i]);

		allow |= egress && !group->limits_egress;
		allow |= fits_one(settings, egress ? &group->egress : &group->ingress, question);
	}
	return allow;
}

static bool acl_allows(const struct settings *settings, const struct question *question)
{
	bool egress = question->direction == FLOW_EGRESS;
	const struct flow_rules *rules = egress ? &settings->acls[0].egress : &settings->acls[0].ingress;
	const struct flow_rule *first = NULL;

	for (size_t i = 0; i < rules->count; i++)
		if (misfit_of(settings, &rules->items[i], egress, &question->packet) == 0 &&
		    (!first || rules->items[i].number < first->number))
			first = &rules->items[i];
	return !settings->interfaces[0].network_acl || (first && first->allow);
}

static void agrees_with_judging(void **state)
{
	static char text[8192];
	unsigned verdicts[2] = { 0, 0 };

	(void)state;
	for (int turn = 0; turn < 1000; turn++) {
		struct policies policies;
		struct settings settings;

		make_config(text);
		assert_int_equal(config_text(&settings, text, &err), 0);
		assert_int_equal(policies_open(&policies, &settings, &err), 0);
		for (int i = 0; i < 30; i++) {
			struct flow_reason reason;
			struct question question;
			enum flow_action action;

			make_question(&question, &settings);
			action = flow_policy_explain(policies.policy, 0, question.direction, &question.packet, 0, false,
						     &reason);
			assert_int_equal(action == FLOW_ACCEPT,
					 groups_allow(&settings, &question) && acl_allows(&settings, &question));
			verdicts[action]++;
		}
		policies_close(&policies);
		settings_free(&settings);
	}
	assert_true(verdicts[FLOW_ACCEPT] > 1000 && verdicts[FLOW_REJECT] > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accepts),       TEST(groups_reject), TEST(answer_rejected),
		TEST(acl_rejects),   TEST(without_acl),   TEST(without_groups),
		TEST(without_rules), TEST(many_rules),    TEST(agrees_with_judging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
