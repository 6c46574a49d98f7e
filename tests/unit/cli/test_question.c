/* The operands of `eniflow explain`. */
#include "cli/question.h"

#include "config_text.h"

#include <errno.h>

static struct error err;

static const char config[] = "[interface web]\n"
			     "interface-id = eni-1235b8ca123456789\n"
			     "[interface db]\n"
			     "[interface eni-1235b8ca123456789x]\n";

/* Cuts the line at blanks. */
static int parse(struct question *question, const char *configuration, const char *line)
{
	const char *operands[QUESTION_OPERANDS + 1] = { NULL };
	char text[256], *rest = NULL;
	struct settings settings;
	int ret, count = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		operands[count++] = word;
	assert_int_equal(count, QUESTION_OPERANDS);
	assert_int_equal(config_text(&settings, configuration, &err), 0);
	ret = question_parse(question, &settings, operands, &err);
	settings_free(&settings);
	return ret;
}

static struct question ask(const char *line)
{
	struct question question;

	assert_int_equal(parse(&question, config, line), 0);
	assert_int_equal(question.packet.kind, FLOW_PACKET);
	assert_int_equal(question.packet.packets, 1);
	return question;
}

static void tcp(void **state)
{
	static const uint8_t source[16] = { 203, 0, 113, 9 }, destination[16] = { 10, 0, 0, 62 };
	struct question q = ask("web ingress tcp 203.0.113.9:40000 10.0.0.62:22");

	(void)state;
	assert_int_equal(q.interface, 0);
	assert_int_equal(q.direction, FLOW_INGRESS);
	assert_int_equal(q.packet.family, FLOW_IPV4);
	assert_int_equal(q.packet.protocol, 6);
	assert_int_equal(q.packet.tcp_flags, FLOW_TCP_SYN);
	assert_memory_equal(q.packet.source.octets, source, 16);
	assert_memory_equal(q.packet.destination.octets, destination, 16);
	assert_int_equal(q.packet.source_port, 40000);
	assert_int_equal(q.packet.destination_port, 22);
	assert_false(q.chose_port || q.chose_type || q.packet.has_icmp);
}

static void other_spellings(void **state)
{
	static const uint8_t destination[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x62 };
	struct question q = ask("eni-1235b8ca123456789 egress UDP 2001:db8::1 [2001:db8::62]:53");

	(void)state;
	assert_int_equal(q.interface, 0);
	assert_int_equal(q.direction, FLOW_EGRESS);
	assert_int_equal(q.packet.family, FLOW_IPV6);
	assert_int_equal(q.packet.protocol, 17);
	assert_int_equal(q.packet.tcp_flags, 0);
	assert_memory_equal(q.packet.destination.octets, destination, 16);
	assert_int_equal(q.packet.source_port, QUESTION_SOURCE_PORT);
	assert_int_equal(q.packet.destination_port, 53);
	assert_true(q.chose_port);
	q = ask("db ingress 47 [::1] ::2");
	assert_int_equal(q.interface, 1);
	assert_int_equal(q.packet.protocol, 47);
	assert_int_equal(q.packet.destination_port, 0);
	assert_false(q.chose_port);
	q = ask("eni-008914e07b53ba1e3 egress tcp 0.0.0.0:0 255.255.255.255:65535"); /* db's derived interface-id */
	assert_int_equal(q.interface, 1);
	assert_int_equal(q.packet.destination_port, 65535);
}

static void assert_icmp(const char *protocol, const char *addresses, int type, int code, bool is_echo, bool chose)
{
	char line[128];
	struct question q;

	snprintf(line, sizeof(line), "web ingress %s %s", protocol, addresses);
	q = ask(line);
	assert_true(q.packet.has_icmp);
	assert_int_equal(q.packet.icmp_type, type);
	assert_int_equal(q.packet.icmp_code, code);
	assert_int_equal(q.packet.is_echo, is_echo);
	assert_int_equal(q.packet.icmp_identifier != 0, is_echo);
	assert_int_equal(q.chose_type, chose);
}

static void icmp(void **state)
{
	(void)state;
	assert_icmp("icmp", "1.2.3.4 5.6.7.8", 8, 0, true, true);
	assert_icmp("icmp/8/0", "1.2.3.4 5.6.7.8", 8, 0, true, false);
	assert_icmp("icmp/0", "1.2.3.4 5.6.7.8", 0, 0, true, false);
	assert_icmp("ICMP/3/4", "1.2.3.4 5.6.7.8", 3, 4, false, false);
	assert_icmp("1/255/255", "1.2.3.4 5.6.7.8", 255, 255, false, false);
	assert_icmp("icmpv6", "::1 ::2", 128, 0, true, true);
	assert_icmp("icmpv6/129", "::1 ::2", 129, 0, true, false);
	assert_icmp("icmpv6/8", "::1 ::2", 8, 0, false, false);
}

static void assert_refused(const char *line, const char *sentence)
{
	struct question question;

	assert_int_equal(parse(&question, config, line), -EINVAL);
	assert_string_equal(err.text, sentence);
}

#define NO_ENDPOINT " is no address with or without a port, like 10.0.0.62:443, 2001:db8::62 or [2001:db8::62]:443"

static const char *const faults[][2] = {
	{ "webb ingress tcp 1.2.3.4 5.6.7.8:1",
	  "webb: there is no [interface] of that name or interface-id; the nearest: web" },
	{ "eni-1235b8ca123456780 ingress tcp 1.2.3.4 5.6.7.8:1",
	  "eni-1235b8ca123456780: there is no [interface] of that name or interface-id; the nearest: "
	  "eni-1235b8ca123456789 or eni-1235b8ca123456789x" },
	{ "zzzzzz ingress tcp 1.2.3.4 5.6.7.8:1",
	  "zzzzzz: there is no [interface] of that name or interface-id; there are: web, db, eni-1235b8ca123456789x" },
	{ "web in tcp 1.2.3.4 5.6.7.8:1", "direction: 'in' is not one of ingress|egress" },
	{ "web ingress tcpp 1.2.3.4 5.6.7.8:1",
	  "PROTOCOL: there is no protocol 'tcpp'; the nearest: tcp, icmp or dccp" },
	{ "web ingress all 1.2.3.4 5.6.7.8", "PROTOCOL: 'all' stands in rules; a packet has one, such as tcp" },
	{ "web ingress tcp/22 1.2.3.4 5.6.7.8",
	  "PROTOCOL: 'tcp/22': tcp has no type and code; ports stand behind the addresses" },
	{ "web ingress abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz 1.2.3.4 5.6.7.8",
	  "PROTOCOL: there is no protocol 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'" },
	{ "web ingress icmp/ 1.2.3.4 5.6.7.8", "PROTOCOL: '' is no ICMP type or code, 0 to 255" },
	{ "web ingress icmp/256 1.2.3.4 5.6.7.8", "PROTOCOL: '256' is no ICMP type or code, 0 to 255" },
	{ "web ingress icmp/8/*/0 1.2.3.4 5.6.7.8", "PROTOCOL: '*/0' is no ICMP type or code, 0 to 255" },
	{ "web ingress icmp ::1 ::2", "PROTOCOL: icmp is a protocol of IPv4; that of IPv6 is icmpv6" },
	{ "web ingress icmpv6 1.2.3.4 5.6.7.8", "PROTOCOL: icmpv6 is a protocol of IPv6; that of IPv4 is icmp" },
	{ "web ingress tcp 1.2.3 5.6.7.8:1", "SOURCE: '1.2.3'" NO_ENDPOINT },
	{ "web ingress tcp host 5.6.7.8:1", "SOURCE: 'host'" NO_ENDPOINT },
	{ "web ingress tcp [1.2.3.4]:1 5.6.7.8:1", "SOURCE: '[1.2.3.4]:1'" NO_ENDPOINT },
	{ "web ingress tcp 1.2.3.4:1 [::1:1", "DESTINATION: '[::1:1'" NO_ENDPOINT },
	{ "web ingress tcp 1.2.3.4:1 [::1]1", "DESTINATION: '[::1]1'" NO_ENDPOINT },
	{ "web ingress tcp 1.2.3.4:1 1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
	  "DESTINATION: '1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111'" NO_ENDPOINT },
	{ "web ingress tcp 1.2.3.4:65536 5.6.7.8:1", "SOURCE: '65536' is no port, 0 to 65535" },
	{ "web ingress tcp 1.2.3.4: 5.6.7.8:1", "SOURCE: '' is no port, 0 to 65535" },
	{ "web ingress tcp 1.2.3.4 5.6.7.8", "DESTINATION: the port is missing, as in 10.0.0.62:443" },
	{ "web ingress tcp ::1 ::2", "DESTINATION: the port is missing, as in [2001:db8::62]:443" },
	{ "web ingress gre 1.2.3.4:5 5.6.7.8", "SOURCE: gre has no ports; leave :5 out" },
	{ "web ingress icmp 1.2.3.4 5.6.7.8:9", "DESTINATION: icmp has no ports; leave :9 out" },
	{ "web ingress tcp 1.2.3.4 [::1]:2",
	  "DESTINATION: [::1]:2 is IPv6 and 1.2.3.4 is IPv4; a packet has one family" },
};

static void refuses(void **state)
{
	struct question question;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_refused(faults[i][0], faults[i][1]);
	assert_int_equal(parse(&question, "\n", "web ingress tcp 1.2.3.4 5.6.7.8:1"), -EINVAL);
	assert_string_equal(err.text, "web: no [interface] is configured; -c FILE names the configuration");
	assert_int_equal(parse(&question,
			       "[interface a]\n[interface b]\n[interface c]\n[interface d]\n[interface e]\n"
			       "[interface f]\n[interface g]\n[interface h]\n",
			       "web ingress tcp 1.2.3.4 5.6.7.8:1"),
			 -EINVAL);
	assert_string_equal(err.text,
			    "web: there is no [interface] of that name or interface-id; there are: a, b, c, d, e, "
			    "f and 2 more");
}

static void answers(void **state)
{
	struct question asked = ask("web egress tcp 10.0.0.62:40000 1.2.3.4:443"), answer;

	(void)state;
	assert_true(question_answer(&answer, &asked));
	assert_int_equal(answer.direction, FLOW_INGRESS);
	assert_int_equal(answer.packet.source_port, 443);
	assert_int_equal(answer.packet.destination_port, 40000);
	assert_memory_equal(&answer.packet.source, &asked.packet.destination, 16);
	assert_memory_equal(&answer.packet.destination, &asked.packet.source, 16);
	assert_int_equal(answer.packet.tcp_flags, FLOW_TCP_SYN | FLOW_TCP_SYN_ACK);
	asked = ask("web ingress icmp 1.2.3.4 10.0.0.62");
	assert_true(question_answer(&answer, &asked));
	assert_int_equal(answer.direction, FLOW_EGRESS);
	assert_int_equal(answer.packet.icmp_type, 0);
	assert_int_equal(answer.packet.icmp_identifier, asked.packet.icmp_identifier);
	assert_true(answer.packet.is_echo);
	asked = ask("web ingress icmpv6/135 ::1 ::2");
	assert_true(question_answer(&answer, &asked));
	assert_int_equal(answer.packet.icmp_type, 136);
	asked = ask("web ingress icmp/0 1.2.3.4 10.0.0.62");
	assert_false(question_answer(&answer, &asked));
	asked = ask("web ingress icmp/3/1 1.2.3.4 10.0.0.62");
	assert_false(question_answer(&answer, &asked));
	asked = ask("web ingress esp 1.2.3.4 10.0.0.62");
	assert_true(question_answer(&answer, &asked));
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(tcp), TEST(other_spellings), TEST(icmp), TEST(refuses),
					    TEST(answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
