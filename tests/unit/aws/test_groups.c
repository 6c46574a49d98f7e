#include "aws/groups.h"

#include "reading.h"

/* All groups, a line each: NAME, then their rules' words, behind "in" and "out". */
static const char *all_text(const struct flow_security_group *groups, size_t count)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < count; i++) {
		reading_append(out, size, "%s\n%sout\n%s", groups[i].name, words_text(&groups[i].ingress),
			       words_text(&groups[i].egress));
		assert_true(groups[i].limits_egress);
	}
	return out;
}

static void a_full_file(void **state)
{
	struct reading reading;
	const struct flow_security_group *groups;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_SECURITY_GROUPS, "describe-security-groups.json");
	groups = reading.account.groups;
	assert_string_equal(all_text(groups, reading.account.group_count),
			    "sg-0aaaaaaaaaaaaaaa1\n"
			    "allow tcp 443 from 0.0.0.0/0\n"
			    "allow tcp 443 from 203.0.113.77/24\n"
			    "allow tcp 443 from 2001:db8::/32\n"
			    "allow icmp 8/* from 203.0.113.0/24\n"
			    "allow 50 from 198.51.100.0/24\n"
			    "out\n"
			    "allow all to 0.0.0.0/0\n"
			    "allow all to ::/0\n"
			    "sg-0aaaaaaaaaaaaaaa2\n"
			    "allow tcp 8000-8100 from pl-0123456789abcdef0\n"
			    "out\n"
			    "sg-0aaaaaaaaaaaaaaa3\n"
			    "allow tcp 5432 from sg-0aaaaaaaaaaaaaaa1\n"
			    "allow tcp 5432 from sg-0aaaaaaaaaaaaaaa9\n"
			    "allow all from sg-0aaaaaaaaaaaaaaa3\n"
			    "out\n"
			    "allow tcp 443 to pl-6ca54005\n");
	assert_string_equal(rule_text(&groups[0].ingress.items[0]), "allow 0 6 443-443 -1/-1 0.0.0.0/0");
	assert_string_equal(rule_text(&groups[0].ingress.items[1]), "allow 0 6 443-443 -1/-1 203.0.113.0/24");
	assert_string_equal(rule_text(&groups[0].ingress.items[3]), "allow 0 1 0-65535 8/-1 203.0.113.0/24");
	assert_string_equal(rule_text(&groups[0].ingress.items[4]), "allow 0 50 0-65535 -1/-1 198.51.100.0/24");
	assert_string_equal(rule_text(&groups[0].egress.items[1]), "allow 0 -1 0-65535 -1/-1 ::/0");
	assert_string_equal(rule_text(&groups[1].ingress.items[0]), "allow 0 6 8000-8100 -1/-1 pl-0123456789abcdef0");
	assert_string_equal(rule_text(&groups[2].ingress.items[2]), "allow 0 -1 0-65535 -1/-1 sg-0aaaaaaaaaaaaaaa3");
	assert_string_equal(strrchr(groups[2].ingress.items[1].place, '/') + 1,
			    "describe-security-groups.json: SecurityGroups[2].IpPermissions[0].UserIdGroupPairs[1]");
	reading_end(&reading);
}

static void a_full_file_of_rules(void **state)
{
	struct reading reading;
	const struct aws_group_rule *rules;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_SECURITY_GROUP_RULES, "describe-security-group-rules.json");
	rules = reading.account.rules;
	assert_int_equal(reading.account.rule_count, 4);
	assert_string_equal(rules[0].group, "sg-0aaaaaaaaaaaaaaa1");
	assert_string_equal(rules[0].rule.words, "allow tcp 80 from 0.0.0.0/0");
	assert_string_equal(rules[1].rule.words, "allow icmpv6 from ::/0");
	assert_string_equal(rule_text(&rules[1].rule), "allow 0 58 0-65535 -1/-1 ::/0");
	assert_true(rules[2].egress);
	assert_string_equal(rules[2].rule.words, "allow all to sg-0aaaaaaaaaaaaaaa3");
	assert_string_equal(rules[3].rule.words, "allow udp 53 to pl-0123456789abcdef0");
	assert_string_equal(rule_text(&rules[3].rule), "allow 0 17 53-53 -1/-1 pl-0123456789abcdef0");
	assert_string_equal(strrchr(rules[3].rule.place, '/') + 1,
			    "describe-security-group-rules.json: SecurityGroupRules[3]");
	reading_end(&reading);
}

static void give_back(struct flow_security_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		flow_security_group_clear(&groups[i]);
	free(groups);
}

/* A group that both describe has the rules of the newer file alone; one of either stays. */
static void both_files_together(void **state)
{
	struct flow_security_group *groups;
	struct reading reading;
	size_t count;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_SECURITY_GROUPS, "describe-security-groups.json");
	reading_file(&reading, AWS_SECURITY_GROUP_RULES, "describe-security-group-rules.json");
	assert_int_equal(aws_groups_take(&reading.account, &groups, &count, &reading.err), 0);
	assert_string_equal(all_text(groups, count), "sg-0aaaaaaaaaaaaaaa1\n"
						     "allow tcp 80 from 0.0.0.0/0\n"
						     "out\n"
						     "allow all to sg-0aaaaaaaaaaaaaaa3\n"
						     "sg-0aaaaaaaaaaaaaaa5\n"
						     "allow icmpv6 from ::/0\n"
						     "out\n"
						     "allow udp 53 to pl-0123456789abcdef0\n"
						     "sg-0aaaaaaaaaaaaaaa2\n"
						     "allow tcp 8000-8100 from pl-0123456789abcdef0\n"
						     "out\n"
						     "sg-0aaaaaaaaaaaaaaa3\n"
						     "allow tcp 5432 from sg-0aaaaaaaaaaaaaaa1\n"
						     "allow tcp 5432 from sg-0aaaaaaaaaaaaaaa9\n"
						     "allow all from sg-0aaaaaaaaaaaaaaa3\n"
						     "out\n"
						     "allow tcp 443 to pl-6ca54005\n");
	give_back(groups, count);
	reading_end(&reading);
}

static void of_two_groups_of_one_id_the_first_counts(void **state)
{
	struct flow_security_group *groups;
	struct reading reading;
	size_t count;

	(void)state;
	reading_begin(&reading);
	for (int i = 0; i < 3; i++)
		assert_int_equal(reading_text(&reading, AWS_SECURITY_GROUPS,
					      i == 0 ? "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\"}]}"
						     : "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", "
						       "\"IpPermissions\": [{\"IpProtocol\": \"-1\", \"IpRanges\": "
						       "[{\"CidrIp\": \"0.0.0.0/0\"}]}]}]}"),
				 0);
	assert_int_equal(aws_groups_take(&reading.account, &groups, &count, &reading.err), 0);
	assert_string_equal(all_text(groups, count), "sg-1\nout\n");
	give_back(groups, count);
	reading_end(&reading);
}

static void without_files_there_are_no_groups(void **state)
{
	struct flow_security_group *groups;
	struct reading reading;
	size_t count;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(aws_groups_take(&reading.account, &groups, &count, &reading.err), 0);
	assert_int_equal(count, 0);
	give_back(groups, count);
	reading_end(&reading);
}

/* The traffic of a permission, as the numbers of its rule. */
static void assert_traffic(const char *members, const char *numbers, const char *words)
{
	struct reading reading;
	char json[512], expected[80];
	const struct flow_rule *rule;

	reading_begin(&reading);
	snprintf(json, sizeof(json),
		 "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [{%s, \"IpRanges\": [{\"CidrIp\": "
		 "\"0.0.0.0/0\"}]}]}]}",
		 members);
	assert_int_equal(reading_text(&reading, AWS_SECURITY_GROUPS, json), 0);
	rule = &reading.account.groups[0].ingress.items[0];
	snprintf(expected, sizeof(expected), "allow 0 %s 0.0.0.0/0", numbers);
	assert_string_equal(rule_text(rule), expected);
	snprintf(expected, sizeof(expected), "allow %s from 0.0.0.0/0", words);
	assert_string_equal(rule->words, expected);
	reading_end(&reading);
}

static void traffic(void **state)
{
	(void)state;
	assert_traffic("\"IpProtocol\": \"-1\", \"FromPort\": -1, \"ToPort\": -1", "-1 0-65535 -1/-1", "all");
	assert_traffic("\"IpProtocol\": \"-1\", \"FromPort\": 0, \"ToPort\": 0", "-1 0-65535 -1/-1", "all");
	assert_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": 0, \"ToPort\": 65535", "6 0-65535 -1/-1", "tcp");
	assert_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": -1, \"ToPort\": -1", "6 0-65535 -1/-1", "tcp");
	assert_traffic("\"IpProtocol\": \"6\"", "6 0-65535 -1/-1", "tcp");
	assert_traffic("\"IpProtocol\": \"udp\", \"FromPort\": 0, \"ToPort\": 0", "17 0-0 -1/-1", "udp 0");
	assert_traffic("\"IpProtocol\": \"icmp\", \"FromPort\": -1, \"ToPort\": -1", "1 0-65535 -1/-1", "icmp");
	assert_traffic("\"IpProtocol\": \"icmp\", \"FromPort\": 3, \"ToPort\": 4", "1 0-65535 3/4", "icmp 3/4");
	assert_traffic("\"IpProtocol\": \"icmp\"", "1 0-65535 -1/-1", "icmp");
	assert_traffic("\"IpProtocol\": \"58\", \"FromPort\": 128, \"ToPort\": 0", "58 0-65535 128/0", "icmpv6 128/0");
	/* of other protocols all, whatever ports stand there */
	assert_traffic("\"IpProtocol\": \"132\", \"FromPort\": 7, \"ToPort\": 7", "132 0-65535 -1/-1", "132");
	assert_traffic("\"IpProtocol\": \"0\", \"FromPort\": \"x\"", "0 0-65535 -1/-1", "0");
}

static void assert_wrong_traffic(const char *members, const char *sentence)
{
	char json[512], expected[512];

	snprintf(json, sizeof(json), "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [{%s}]}]}",
		 members);
	snprintf(expected, sizeof(expected), "x.json: SecurityGroups[0].IpPermissions[0]%s", sentence);
	assert_fault(AWS_SECURITY_GROUPS, json, expected);
}

static void wrong_traffic(void **state)
{
	(void)state;
	assert_wrong_traffic("", ".IpProtocol: is missing");
	assert_wrong_traffic("\"IpProtocol\": \"all\"",
			     ".IpProtocol: a protocol (tcp, udp, icmp, icmpv6, 0 to 255, -1) is expected, there is "
			     "\"all\"");
	assert_wrong_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": \"443\", \"ToPort\": 443",
			     ".FromPort: an integer is expected, there is a string");
	assert_wrong_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": 443", ".ToPort: is missing");
	assert_wrong_traffic("\"IpProtocol\": \"tcp\", \"ToPort\": 443", ".FromPort: is missing");
	assert_wrong_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": 65536, \"ToPort\": 65537",
			     ".FromPort: an integer from -1 to 65535 is expected, there is 65536");
	assert_wrong_traffic("\"IpProtocol\": \"tcp\", \"FromPort\": 9, \"ToPort\": 8",
			     ".ToPort: a port that is not below the first of the range is expected, there is 8");
	assert_wrong_traffic("\"IpProtocol\": \"udp\", \"FromPort\": -1, \"ToPort\": 8",
			     ".FromPort: a port is expected, there is -1");
	assert_wrong_traffic("\"IpProtocol\": \"icmp\", \"FromPort\": 256",
			     ".FromPort: an integer from -1 to 255 is expected, there is 256");
	assert_wrong_traffic("\"IpProtocol\": \"-1\", \"Ipv6Ranges\": [{\"CidrIpv6\": \"10.0.0.0/8\"}]",
			     ".Ipv6Ranges[0].CidrIpv6: an IPv6 CIDR like 2001:db8::/56 is expected, there is "
			     "\"10.0.0.0/8\"");
	assert_wrong_traffic("\"IpProtocol\": \"-1\", \"IpRanges\": [{}]", ".IpRanges[0].CidrIp: is missing");
}

/* A peer that is nobody: a group of EC2-Classic, or one that is gone. */
static void a_pair_without_group_is_no_rule(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	assert_int_equal(
		reading_text(&reading, AWS_SECURITY_GROUPS,
			     "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [{\"IpProtocol\": "
			     "\"-1\", \"UserIdGroupPairs\": [{\"UserId\": \"1\"}]}]}]}"),
		0);
	assert_int_equal(reading.account.groups[0].ingress.count, 0);
	assert_int_equal(reading_text(&reading, AWS_SECURITY_GROUP_RULES,
				      "{\"SecurityGroupRules\": [{\"GroupId\": \"sg-1\", \"IsEgress\": false, "
				      "\"IpProtocol\": \"-1\"}]}"),
			 0);
	assert_int_equal(reading.account.rule_count, 0);
	reading_end(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_file),
		TEST(a_full_file_of_rules),
		TEST(both_files_together),
		TEST(of_two_groups_of_one_id_the_first_counts),
		TEST(without_files_there_are_no_groups),
		TEST(traffic),
		TEST(wrong_traffic),
		TEST(a_pair_without_group_is_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
