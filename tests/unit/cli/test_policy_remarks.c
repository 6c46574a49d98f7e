/* What is told of rules that are allowed, and yet most likely a slip. */
#include "cli/policy_remarks.h"

#include "config_text.h"

static struct error err;
static char heard[2048];

static void hear(void *ctx, const char *sentence)
{
	(void)ctx;
	snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s\n", sentence);
}

static void assert_remarks(const char *text, const char *expected)
{
	const struct notices notices = { hear, NULL };
	struct settings s;

	heard[0] = '\0';
	assert_int_equal(config_text(&s, text, &err), 0);
	policy_remarks(&s, &notices);
	assert_string_equal(heard, expected);
	settings_free(&s);
}

#define USER "[interface u]\naddress = 10.0.0.1\nsecurity-groups = sg-a\n"

static void nothing(void **state)
{
	(void)state;
	assert_remarks("\n", "");
	assert_remarks("[interface a]\n", "");
	assert_remarks(USER "[security-group sg-a]\ningress = allow icmp from 0.0.0.0/0\n  allow icmpv6 from ::/0\n"
			    "  allow tcp from sg-a\negress = none\n",
		       "");
	assert_remarks("[defaults]\nnetwork-acl = a\n[network-acl a]\n[interface b]\n", "");
}

static void nobody_judged(void **state)
{
	static const char sentence[] = "no [interface] names a security group or network ACL, so nothing is rejected: "
				       "security-groups and network-acl are its keys\n";

	(void)state;
	assert_remarks("[interface a]\n[security-group sg-a]\n", sentence);
	assert_remarks("[network-acl a]\n[defaults]\nnetwork-acl = a\n", sentence);
}

static void empty_egress(void **state)
{
	(void)state;
	assert_remarks(
		USER "[security-group sg-a]\negress =\n",
		"x/y.ini:5: [security-group sg-a]: an egress without a value is as if it were not there, so that "
		"all egress is allowed; egress = none allows nothing\n");
}

static void wrong_icmp(void **state)
{
	(void)state;
	assert_remarks(USER "[security-group sg-a]\ningress = allow icmp 8 from ::/0\n",
		       "x/y.ini:5: allow icmp 8 from ::/0: matches nothing; icmp is a protocol of IPv4, icmpv6 one of "
		       "IPv6\n");
	assert_remarks(USER "[security-group sg-a]\n[network-acl a]\ningress = 1 allow icmpv6 from 10.0.0.0/8\n"
			    "  2 deny icmp from ::/0\n  3 deny icmp from ::/0\n",
		       "x/y.ini:6: 1 allow icmpv6 from 10.0.0.0/8: matches nothing; icmp is a protocol of IPv4, icmpv6 "
		       "one of IPv6; so with 2 rules more\n");
}

static void no_members(void **state)
{
	(void)state;
	assert_remarks(USER
		       "[interface b]\nsecurity-groups = sg-b\n[security-group sg-a]\ningress = allow tcp from sg-b\n"
		       "[security-group sg-b]\n",
		       "x/y.ini:7: allow tcp from sg-b: matches nothing; no [interface] that has an address names this "
		       "group\n");
	/* rules that nobody is judged by */
	assert_remarks(USER "[security-group sg-a]\n[security-group sg-b]\ningress = allow tcp from sg-b\n", "");
}

static void group_in_acl(void **state)
{
	(void)state;
	assert_remarks(USER "[security-group sg-a]\n[network-acl a]\ningress = 1 allow tcp from sg-a\n"
			    "egress = 1 allow tcp to sg-a\n",
		       "x/y.ini:6: 1 allow tcp from sg-a: AWS's network ACLs take no security groups; here it stands "
		       "for the addresses of its members; so with 1 rule more\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),    TEST(nobody_judged), TEST(empty_egress),
		TEST(wrong_icmp), TEST(no_members),    TEST(group_in_acl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
