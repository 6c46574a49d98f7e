/* Groups and ACLs that are named, wherever they come from. */
#include "cli/mentions.h"

#include "check.h"

#include <errno.h>

static struct error err;

static void checks(void **state)
{
	char web[] = "sg-web", db[] = "sg-db", acl[] = "acl-a";
	struct flow_security_group groups[] = { { .name = web }, { .name = db } };
	struct flow_network_acl acls[] = { { .name = acl } };
	struct mentions_known known = { groups, 0, acls, 0 };
	struct mentions mentions = { 0 };

	(void)state;
	assert_int_equal(mentions_check(&mentions, &known, &err), 0);
	assert_int_equal(mentions_add(&mentions, "a.ini:1", "[interface x]: security-groups", false, "sg-db", &err), 0);
	assert_int_equal(mentions_add(&mentions, "a.ini:2", "[interface x]: network-acl", true, "acl-a", &err), 0);
	assert_int_equal(mentions_check(&mentions, &known, &err), -EINVAL);
	assert_string_equal(err.text, "a.ini:1: [interface x]: security-groups: there is no [security-group sg-db]");
	known.group_count = 1;
	assert_int_equal(mentions_check(&mentions, &known, &err), -EINVAL);
	known.group_count = 2;
	assert_int_equal(mentions_check(&mentions, &known, &err), -EINVAL);
	assert_string_equal(err.text, "a.ini:2: [interface x]: network-acl: there is no [network-acl acl-a]");
	known.acl_count = 1;
	assert_int_equal(mentions_check(&mentions, &known, &err), 0);
	assert_int_equal(mentions_add(&mentions, "a.ini:3", "[defaults]: network-acl", true, "sg-web", &err), 0);
	assert_int_equal(mentions_check(&mentions, &known, &err), -EINVAL);
	assert_string_equal(err.text, "a.ini:3: [defaults]: network-acl: there is no [network-acl sg-web]; there is a "
				      "[security-group sg-web]");
	mentions_clear(&mentions);
	assert_int_equal(mentions.count, 0);
	mentions_clear(&mentions);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(checks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
