/* What else is said of a packet that is asked about. */
#include "cli/explain_notes.h"

#include "config_text.h"

#include <stdlib.h>

static struct error err;

static const char lab[] = "[defaults]\n"
			  "vpc-cidr = 10.0.0.0/16\n"
			  "[interface web]\n"
			  "address = 10.0.0.62, 2001:db8::62\n"
			  "security-groups = sg-a\n"
			  "[interface my db]\n"
			  "address = 10.0.1.20\n"
			  "interface-id = eni-db\n"
			  "security-groups = sg-a\n"
			  "[interface nat]\n"
			  "address = 10.0.0.220\n"
			  "[interface bare]\n"
			  "network-acl = b\n"
			  "[security-group sg-a]\n"
			  "[network-acl b]\n";

static void assert_notes(const char *more, const char *line, const char *expected)
{
	char text[1024], words[256], *rest = NULL, *said = NULL;
	const char *operands[QUESTION_OPERANDS];
	struct settings settings;
	struct question question;
	size_t length, count = 0;
	FILE *out = open_memstream(&said, &length);

	snprintf(text, sizeof(text), "%s%s", lab, more);
	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		operands[count++] = word;
	assert_int_equal(config_text(&settings, text, &err), 0);
	assert_int_equal(question_parse(&question, &settings, operands, &err), 0);
	assert_int_equal(explain_notes(out, &settings, &question, &err), 0);
	fclose(out);
	assert_string_equal(said, expected);
	free(said);
	settings_free(&settings);
}

static void nothing(void **state)
{
	(void)state;
	assert_notes("", "web ingress tcp 1.2.3.4:5 10.0.0.62:6", "");
	assert_notes("", "web egress icmpv6/128 2001:db8::62 2001:db8::1", "");
	assert_notes("", "web egress tcp 10.0.0.62:5 10.0.0.220:6", ""); /* which has no policy */
}

static void choices(void **state)
{
	(void)state;
	assert_notes("", "web ingress tcp 1.2.3.4 10.0.0.62:6",
		     "\nNote: SOURCE has no port; 49152 stands in, an ephemeral one\n");
	assert_notes("", "web ingress icmp 1.2.3.4 10.0.0.62",
		     "\nNote: PROTOCOL has no ICMP type; an echo request, 8/0, stands in\n");
}

static void addresses(void **state)
{
	(void)state;
	assert_notes("", "web ingress tcp 1.2.3.4:5 10.0.0.63:6", "\nNote: 10.0.0.63 is no address of web\n");
	assert_notes("", "web egress tcp 10.0.0.63:5 1.2.3.4:6", "\nNote: 10.0.0.63 is no address of web\n");
	assert_notes("", "web ingress tcp 10.0.0.62:5 1.2.3.4:6",
		     "\nNote: 10.0.0.62 is an address of web, so that the packet is its egress\n");
	assert_notes("", "web egress tcp 1.2.3.4:5 10.0.0.62:6",
		     "\nNote: 10.0.0.62 is an address of web, so that the packet is its ingress\n");
	assert_notes("", "web ingress udp 1.2.3.4:5 224.0.0.251:5353", "");
	assert_notes("", "web ingress udp 1.2.3.4:5 255.255.255.255:5353", "");
	assert_notes("", "bare ingress tcp 1.2.3.4:5 10.0.0.63:6",
		     "\nNote: bare has neither mac nor address; packets whose direction the capture does not tell are "
		     "not judged\n");
}

static void peers(void **state)
{
	(void)state;
	assert_notes("", "web egress icmp/8/0 10.0.0.62 10.0.1.20",
		     "\nNote: 10.0.1.20 is an address of my db, which judges the packet, too: eniflow explain eni-db "
		     "ingress icmp/8/0 10.0.0.62 10.0.1.20\n");
	assert_notes("", "eni-db ingress tcp 10.0.0.62:7 10.0.1.20:8",
		     "\nNote: 10.0.0.62 is an address of web, which judges the packet, too: eniflow explain web "
		     "egress tcp 10.0.0.62:7 10.0.1.20:8\n");
}

static void exclusions(void **state)
{
	(void)state;
	assert_notes("", "web egress tcp 10.0.0.62:5 169.254.169.254:80",
		     "\nNote: it is in no log: AWS leaves out packets to or from the instance metadata service, and so "
		     "does exclude = aws\n");
	assert_notes("", "web ingress udp 10.0.0.2:53 10.0.0.62:5",
		     "\nNote: it is in no log: AWS leaves out packets to or from the Amazon DNS server, and so does "
		     "exclude = aws\n");
	assert_notes("[eniflow]\nexclude = none\n", "web egress tcp 10.0.0.62:5 169.254.169.254:80", "");
}

static void several(void **state)
{
	(void)state;
	assert_notes("", "web ingress udp 169.254.169.123 10.0.0.63:6",
		     "\nNote: SOURCE has no port; 49152 stands in, an ephemeral one\n"
		     "Note: 10.0.0.63 is no address of web\n"
		     "Note: it is in no log: AWS leaves out packets to or from the time service, and so does exclude = "
		     "aws\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(nothing), TEST(choices),    TEST(addresses),
					    TEST(peers),   TEST(exclusions), TEST(several) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
