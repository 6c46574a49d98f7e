#include "aws/acls.h"

#include "reading.h"

static void a_full_file(void **state)
{
	struct reading reading;
	const struct flow_network_acl *acls;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_NETWORK_ACLS, "describe-network-acls.json");
	acls = reading.account.acls;
	assert_int_equal(reading.account.acl_count, 2);
	assert_string_equal(acls[0].name, "acl-0aaaaaaaaaaaaaaa1");
	assert_string_equal(words_text(&acls[0].egress), "100 allow all to 0.0.0.0/0\n");
	assert_string_equal(words_text(&acls[0].ingress), "90 deny tcp 22 from 203.0.113.0/24\n"
							  "100 allow icmp 8/* from 0.0.0.0/0\n"
							  "101 allow icmpv6 from 2001:db8::/32\n"
							  "110 allow udp 1024-65535 from 0.0.0.0/0\n");
	assert_string_equal(rule_text(&acls[0].ingress.items[0]), "deny 90 6 22-22 -1/-1 203.0.113.0/24");
	assert_string_equal(rule_text(&acls[0].ingress.items[1]), "allow 100 1 0-65535 8/-1 0.0.0.0/0");
	assert_string_equal(rule_text(&acls[0].ingress.items[2]), "allow 101 58 0-65535 -1/-1 2001:db8::/32");
	assert_string_equal(strrchr(acls[0].ingress.items[0].place, '/') + 1,
			    "describe-network-acls.json: NetworkAcls[0].Entries[3]");
	assert_string_equal(acls[1].name, "acl-0aaaaaaaaaaaaaaa2");
	assert_int_equal(acls[1].ingress.count + acls[1].egress.count, 0);
	assert_int_equal(reading.account.acl_of.count, 2);
	assert_string_equal(reading.account.acl_of.items[0].subnet, "subnet-aaaaaaaa012345678");
	assert_string_equal(reading.account.acl_of.items[1].subnet, "subnet-cccccccc012345678");
	assert_int_equal(reading.account.acl_of.items[1].number, 0);
	reading_end(&reading);
}

/* The one entry of an ACL: its words, "" for none. */
static void assert_entry(const char *members, const char *words)
{
	struct reading reading;
	char json[512];

	reading_begin(&reading);
	snprintf(json, sizeof(json), "{\"NetworkAcls\": [{\"NetworkAclId\": \"acl-1\", \"Entries\": [{%s}]}]}",
		 members);
	assert_int_equal(reading_text(&reading, AWS_NETWORK_ACLS, json), 0);
	assert_string_equal(words_text(&reading.account.acls[0].ingress), words);
	reading_end(&reading);
}

#define DENY(number, protocol)                                                                                         \
	"\"Egress\": false, \"CidrBlock\": \"10.0.0.0/8\", \"RuleAction\": \"deny\", \"RuleNumber\": " #number         \
	", \"Protocol\": \"" protocol "\""

static void entries(void **state)
{
	(void)state;
	assert_entry(DENY(1, "-1"), "1 deny all from 10.0.0.0/8\n");
	assert_entry(DENY(32766, "-1"), "32766 deny all from 10.0.0.0/8\n");
	assert_entry(DENY(32767, "-1"), ""); /* what an ACL does anyway */
	assert_entry(DENY(32768, "-1"), "");
	assert_entry(DENY(1, "17"), "1 deny udp from 10.0.0.0/8\n");
	assert_entry(DENY(1, "1"), "1 deny icmp from 10.0.0.0/8\n");
	assert_entry(DENY(1, "1") ", \"IcmpTypeCode\": {\"Type\": -1, \"Code\": 3}",
		     "1 deny icmp */3 from 10.0.0.0/8\n");
	assert_entry(DENY(1, "50") ", \"PortRange\": {\"From\": 1, \"To\": 2}", "1 deny 50 from 10.0.0.0/8\n");
}

static void assert_wrong_entry(const char *members, const char *sentence)
{
	char json[512], expected[512];

	snprintf(json, sizeof(json), "{\"NetworkAcls\": [{\"NetworkAclId\": \"acl-1\", \"Entries\": [{%s}]}]}",
		 members);
	snprintf(expected, sizeof(expected), "x.json: NetworkAcls[0].Entries[0]%s", sentence);
	assert_fault(AWS_NETWORK_ACLS, json, expected);
}

static void wrong_entries(void **state)
{
	(void)state;
	assert_wrong_entry("", ".Egress: is missing");
	assert_wrong_entry("\"Egress\": true, \"RuleAction\": \"accept\"",
			   ".RuleAction: allow or deny is expected, there is \"accept\"");
	assert_wrong_entry("\"Egress\": true, \"RuleAction\": \"allow\"", ".CidrBlock: is missing");
	assert_wrong_entry("\"Egress\": true, \"RuleAction\": \"allow\", \"Ipv6CidrBlock\": \"10.0.0.0/8\"",
			   ".Ipv6CidrBlock: an IPv6 CIDR like 2001:db8::/56 is expected, there is \"10.0.0.0/8\"");
	assert_wrong_entry("\"Egress\": true, \"RuleAction\": \"allow\", \"CidrBlock\": \"10.0.0.0/8\"",
			   ".RuleNumber: is missing");
	assert_wrong_entry(DENY(-1, "-1"), ".RuleNumber: an integer from 0 to 4294967295 is expected, there is -1");
	assert_wrong_entry(DENY(1, "6") ", \"PortRange\": {\"From\": 1}", ".PortRange.To: is missing");
	assert_wrong_entry(DENY(1, "6") ", \"PortRange\": [1, 2]",
			   ".PortRange: an object is expected, there is an array");
	assert_wrong_entry(DENY(1, "58") ", \"IcmpTypeCode\": {\"Type\": \"8\"}",
			   ".IcmpTypeCode.Type: an integer is expected, there is a string");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file),
		TEST(entries),
		TEST(wrong_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
