/* A rule's line: what it means, every way in which it is refused, and back to a line. */
#include "cli/rule_text.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error err;

static const struct rule_list group_in = { false, false }, group_out = { false, true }, acl_in = { true, false },
			      acl_out = { true, true };

static struct flow_rule parse(struct rule_list list, const char *text)
{
	struct flow_rule rule;

	err.text[0] = '\0';
	assert_int_equal(rule_text_parse(&rule, list, text, &err), 0);
	assert_null(rule.place);
	return rule;
}

static void assert_prefix(const struct flow_rule *rule, const char *text)
{
	char prefix[RULE_PREFIX_SIZE];

	assert_null(rule->group);
	assert_int_equal(rule->peer_count, 1);
	assert_string_equal(rule_text_prefix(prefix, &rule->peers[0]), text);
}

static void of_groups(void **state)
{
	struct flow_rule rule = parse(group_in, "allow tcp 443 from 0.0.0.0/0");

	(void)state;
	assert_true(rule.allow);
	assert_int_equal(rule.number, 0);
	assert_int_equal(rule.protocol, 6);
	assert_int_equal(rule.port_from, 443);
	assert_int_equal(rule.port_to, 443);
	assert_prefix(&rule, "0.0.0.0/0");
	assert_string_equal(rule.words, "allow tcp 443 from 0.0.0.0/0");
	flow_rule_clear(&rule);

	rule = parse(group_out, "  allow\tUDP   1024-65535  to sg-db ");
	assert_int_equal(rule.protocol, 17);
	assert_int_equal(rule.port_from, 1024);
	assert_int_equal(rule.port_to, 65535);
	assert_string_equal(rule.group, "sg-db");
	assert_null(rule.peers);
	assert_int_equal(rule.peer_count, 0);
	assert_string_equal(rule.words, "allow UDP 1024-65535 to sg-db");
	flow_rule_clear(&rule);

	rule = parse(group_out, "allow all to 2001:db8::/32");
	assert_int_equal(rule.protocol, FLOW_RULE_ANY);
	assert_int_equal(rule.port_from, 0);
	assert_int_equal(rule.port_to, 65535);
	assert_int_equal(rule.icmp_type, FLOW_RULE_ANY);
	assert_int_equal(rule.icmp_code, FLOW_RULE_ANY);
	assert_prefix(&rule, "2001:db8::/32");
	flow_rule_clear(&rule);

	rule = parse(group_in, "allow 6 22 from 10.0.0.7/32");
	assert_int_equal(rule.protocol, 6);
	assert_int_equal(rule.port_from, 22);
	flow_rule_clear(&rule);
}

static void of_acls(void **state)
{
	struct flow_rule rule = parse(acl_in, "100 deny 50 from 10.0.0.0/8");

	(void)state;
	assert_int_equal(rule.number, 100);
	assert_false(rule.allow);
	assert_int_equal(rule.protocol, 50);
	flow_rule_clear(&rule);
	rule = parse(acl_out, "32766 allow all to ::/0");
	assert_int_equal(rule.number, 32766);
	assert_true(rule.allow);
	assert_prefix(&rule, "::/0");
	flow_rule_clear(&rule);
}

static void assert_icmp(const char *text, int type, int code)
{
	char line[64];
	struct flow_rule rule;

	snprintf(line, sizeof(line), "allow icmp %s from 0.0.0.0/0", text);
	rule = parse(group_in, line);
	assert_int_equal(rule.protocol, 1);
	assert_int_equal(rule.icmp_type, type);
	assert_int_equal(rule.icmp_code, code);
	assert_int_equal(rule.port_from, 0);
	assert_int_equal(rule.port_to, 65535);
	flow_rule_clear(&rule);
}

static void icmp(void **state)
{
	(void)state;
	assert_icmp("", FLOW_RULE_ANY, FLOW_RULE_ANY);
	assert_icmp("8/0", 8, 0);
	assert_icmp("8", 8, FLOW_RULE_ANY);
	assert_icmp("3/*", 3, FLOW_RULE_ANY);
	assert_icmp("*", FLOW_RULE_ANY, FLOW_RULE_ANY);
	assert_icmp("*/*", FLOW_RULE_ANY, FLOW_RULE_ANY);
	assert_icmp("*/1", FLOW_RULE_ANY, 1);
	assert_icmp("255/255", 255, 255);
}

struct fault {
	const char *text, *sentence;
};

static void assert_faults(struct rule_list list, const struct fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct flow_rule rule = { .number = 42 };

		assert_int_equal(rule_text_parse(&rule, list, faults[i].text, &err), -EINVAL);
		assert_string_equal(err.text, faults[i].sentence);
		assert_null(rule.words);
		assert_null(rule.peers);
		assert_int_equal(rule.number, 0);
	}
}

#define PORTS_OF "; only tcp, udp, dccp, sctp and udplite have ports"

static const struct fault group_faults[] = {
	{ " ", "ingress: the rule is empty" },
	{ "alow tcp 22 from 0.0.0.0/0", "ingress: 'alow' stands where allow is expected" },
	{ "deny tcp 22 from 0.0.0.0/0",
	  "ingress: 'deny': a security group can only allow; what none of its rules allows is rejected" },
	{ "100 allow tcp 22 from 0.0.0.0/0",
	  "ingress: '100': rules of a security group have no number; they begin with allow" },
	{ "allow", "ingress: behind 'allow' a protocol (its name, its number or all) is missing" },
	{ "allow from 0.0.0.0/0", "ingress: 'from' stands where a protocol (its name, its number or all) is expected" },
	{ "allow tcpp 22 from 0.0.0.0/0", "ingress: there is no protocol 'tcpp'; the nearest: tcp, icmp or dccp" },
	{ "allow 256 from 0.0.0.0/0",
	  "ingress: there is no protocol '256'; write its name, such as tcp, or its number, 0 to 255" },
	{ "allow tcp", "ingress: behind 'tcp' a port or from is missing" },
	{ "allow tcp 22", "ingress: behind '22' from is missing" },
	{ "allow tcp ssh from 0.0.0.0/0", "ingress: 'ssh' stands where a port or from is expected" },
	{ "allow 6 ssh from 0.0.0.0/0", "ingress: 'ssh' stands where a port or from is expected" },
	{ "allow tcp 22 form 0.0.0.0/0", "ingress: 'form' stands where from is expected" },
	{ "allow tcp 22 to 0.0.0.0/0", "ingress: 'to': ingress rules take from, egress rules take to" },
	{ "allow tcp 65536 from 0.0.0.0/0",
	  "ingress: '65536' is neither a port, 0 to 65535, nor a range like 1024-65535" },
	{ "allow tcp 080 from 0.0.0.0/0", "ingress: '080' is neither a port, 0 to 65535, nor a range like 1024-65535" },
	{ "allow tcp 80- from 0.0.0.0/0", "ingress: '80-' is neither a port, 0 to 65535, nor a range like 1024-65535" },
	{ "allow tcp 80-90-99 from 0.0.0.0/0",
	  "ingress: '80-90-99' is neither a port, 0 to 65535, nor a range like 1024-65535" },
	{ "allow tcp * from 0.0.0.0/0", "ingress: '*' is neither a port, 0 to 65535, nor a range like 1024-65535" },
	{ "allow tcp 443-80 from 0.0.0.0/0", "ingress: '443-80' ends before it begins; write 80-443" },
	{ "allow tcp 80,443 from 0.0.0.0/0", "ingress: a ',' stands in the rule; each rule takes a line of its own, "
					     "with one range of ports and one CIDR" },
	{ "allow all 22 from 0.0.0.0/0", "ingress: '22' stands behind all" PORTS_OF },
	{ "allow gre 22 from 0.0.0.0/0", "ingress: '22' stands behind gre" PORTS_OF },
	{ "allow 47 22 from 0.0.0.0/0", "ingress: '22' stands behind 47" PORTS_OF },
	{ "allow gre form 0.0.0.0/0", "ingress: 'form' stands where from is expected" },
	{ "allow icmp 256 from 0.0.0.0/0", "ingress: '256' is no ICMP type and code like 8/0, 3/* or 11" },
	{ "allow icmp 8/ from 0.0.0.0/0", "ingress: '8/' is no ICMP type and code like 8/0, 3/* or 11" },
	{ "allow icmp 8/0/0 from 0.0.0.0/0", "ingress: '8/0/0' is no ICMP type and code like 8/0, 3/* or 11" },
	{ "allow icmp *8 from 0.0.0.0/0", "ingress: '*8' is no ICMP type and code like 8/0, 3/* or 11" },
	{ "allow icmpv6 128-129 from ::/0", "ingress: '128-129' is no ICMP type and code like 8/0, 3/* or 11" },
	{ "allow icmp echo from 0.0.0.0/0", "ingress: 'echo' stands where from is expected" },
	{ "allow tcp 22 from", "ingress: behind 'from' a CIDR or a security group is missing" },
	{ "allow tcp 22 from 10.0.0.7", "ingress: '10.0.0.7' is not a CIDR; that address alone is 10.0.0.7/32" },
	{ "allow tcp 22 from 2001:db8::7",
	  "ingress: '2001:db8::7' is not a CIDR; that address alone is 2001:db8::7/128" },
	{ "allow tcp 22 from 10.0.0.1/8", "ingress: 10.0.0.1/8 has bits behind its length; write 10.0.0.0/8" },
	{ "allow tcp 22 from 10.0.0.0/33", "ingress: '10.0.0.0/33' is not a CIDR like 10.0.0.0/16" },
	{ "allow tcp 22 from any", "ingress: 'any' stands where a CIDR like 10.0.0.0/16, or a security group's name, "
				   "which begins with sg-, is expected" },
	{ "allow tcp 22 from 10.0.0.0/8 10.1.0.0/16",
	  "ingress: '10.1.0.0/16' stands behind a whole rule; each rule takes a line of its own" },
};

static const struct fault acl_faults[] = {
	{ "allow all to 0.0.0.0/0", "egress: 'allow': rules of a network ACL begin with their number, 1 to 32766, as "
				    "in 100 allow all to 0.0.0.0/0" },
	{ "0 allow all to 0.0.0.0/0", "egress: '0' is not a whole number from 1 to 32766" },
	{ "32767 deny all to 0.0.0.0/0", "egress: '32767' is not a whole number from 1 to 32766" },
	{ "1e2 deny all to 0.0.0.0/0", "egress: '1e2' is not a whole number from 1 to 32766" },
	{ "100", "egress: behind '100' allow or deny is missing" },
	{ "100 accept all to 0.0.0.0/0", "egress: 'accept' stands where allow or deny is expected" },
	{ "100 allow all from 0.0.0.0/0", "egress: 'from': ingress rules take from, egress rules take to" },
};

static void refuses(void **state)
{
	(void)state;
	assert_faults(group_in, group_faults, sizeof(group_faults) / sizeof(group_faults[0]));
	assert_faults(acl_out, acl_faults, sizeof(acl_faults) / sizeof(acl_faults[0]));
}

static void assert_written(struct rule_list list, const char *text, const char *expected)
{
	struct flow_rule rule = parse(list, text);
	char out[RULE_TEXT_SIZE];

	assert_string_equal(rule_text(out, &rule, list.egress, 0), expected);
	flow_rule_clear(&rule);
}

static void writes(void **state)
{
	(void)state;
	assert_written(group_in, "allow 6 22-22 from 10.0.0.0/8", "allow tcp 22 from 10.0.0.0/8");
	assert_written(group_in, "allow tcp 0-65535 from 10.0.0.0/8", "allow tcp from 10.0.0.0/8");
	assert_written(group_in, "allow tcp 0 from sg-a", "allow tcp 0 from sg-a");
	assert_written(group_in, "allow icmp */* from ::/0", "allow icmp from ::/0");
	assert_written(group_in, "allow icmp */3 from ::/0", "allow icmp */3 from ::/0");
	assert_written(group_in, "allow 58 128/* from ::/0", "allow icmpv6 128 from ::/0");
	assert_written(acl_out, "7 deny 253 to 2001:DB8::0/32", "7 deny 253 to 2001:db8::/32");
	assert_written(acl_in, "7 allow udplite 1-2 from 0.0.0.0/0", "7 allow udplite 1-2 from 0.0.0.0/0");
}

/* A managed prefix list is one rule of many peers. */
static void many_peers(void **state)
{
	struct flow_rule rule = parse(group_out, "allow tcp 443 to 10.0.0.0/8");
	char out[RULE_TEXT_SIZE];

	(void)state;
	rule.peers = realloc(rule.peers, 2 * sizeof(*rule.peers));
	rule.peers[1] = (struct flow_prefix){ FLOW_IPV6, 128, { { 0x20, 0x01, [15] = 1 } } };
	rule.peer_count = 2;
	assert_string_equal(rule_text(out, &rule, true, 0), "allow tcp 443 to 10.0.0.0/8");
	assert_string_equal(rule_text(out, &rule, true, 1), "allow tcp 443 to 2001::1/128");
	flow_rule_clear(&rule);
}

/* Small numbers of our own, so that a failure comes again. */
static unsigned pick(unsigned below)
{
	static unsigned state = 1;

	state = state * 1103515245U + 12345U;
	return (state >> 8) % below;
}

/* Any rule, also one that no line would give, such as ports of GRE: what matters of it must come back. */
static void round_trips(void **state)
{
	static const int16_t protocols[] = { FLOW_RULE_ANY, 0, 1, 6, 17, 33, 47, 58, 132, 136, 253 };

	(void)state;
	for (int turn = 0; turn < 20000; turn++) {
		struct rule_list list = { pick(2), pick(2) };
		struct flow_prefix peer = { pick(2) ? FLOW_IPV4 : FLOW_IPV6, 32, { { 0 } } };
		struct flow_rule rule = { .allow = !list.of_acl || pick(2), .peers = &peer, .peer_count = 1 }, back;
		char text[RULE_TEXT_SIZE], again[RULE_TEXT_SIZE];

		for (size_t i = 0; i < 4; i++)
			peer.base.octets[i] = (uint8_t)pick(256);
		rule.number = list.of_acl ? 1 + pick(32766) : 0;
		rule.protocol = protocols[pick(sizeof(protocols) / sizeof(protocols[0]))];
		rule.port_from = (uint16_t)(pick(3) ? pick(65536) : 0);
		rule.port_to = (uint16_t)(pick(3) ? rule.port_from + pick(65536U - rule.port_from) : 65535);
		rule.icmp_type = (int16_t)(pick(2) ? (int)pick(256) : FLOW_RULE_ANY);
		rule.icmp_code = (int16_t)(pick(2) ? (int)pick(256) : FLOW_RULE_ANY);
		rule_text(text, &rule, list.egress, 0);
		back = parse(list, text);
		assert_string_equal(rule_text(again, &back, list.egress, 0), text);
		assert_int_equal(back.allow, rule.allow);
		assert_int_equal(back.number, rule.number);
		assert_int_equal(back.protocol, rule.protocol);
		if (rule.protocol == 6 || rule.protocol == 17 || rule.protocol == 33 || rule.protocol > 131) {
			assert_int_equal(back.port_from, rule.protocol == 253 ? 0 : rule.port_from);
			assert_int_equal(back.port_to, rule.protocol == 253 ? 65535 : rule.port_to);
		}
		if (rule.protocol == 1 || rule.protocol == 58) {
			assert_int_equal(back.icmp_type, rule.icmp_type);
			assert_int_equal(back.icmp_code, rule.icmp_code);
		}
		assert_int_equal(back.peers[0].family, peer.family);
		assert_memory_equal(&back.peers[0].base, &peer.base, sizeof(peer.base));
		flow_rule_clear(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_groups), TEST(of_acls),    TEST(icmp),        TEST(refuses),
		TEST(writes),    TEST(many_peers), TEST(round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
