/* The sections of security groups and network ACLs: what they set, and every way in which they are refused. */
#include "cli/policy_keys.h"

#include "config_text.h"

#include <errno.h>

static struct error err;

static const char whole[] = "[security-group sg-web]\n"
			    "ingress = allow tcp 443 from 0.0.0.0/0   ; the world\n"
			    "  allow icmp from 203.0.113.0/24\n"
			    "ingress =\n"
			    "  allow tcp 22 from sg-web\n"
			    "[interface web]\n"
			    "security-groups = sg-web,\n"
			    "  sg-db\n"
			    "network-acl = acl-private\n"
			    "[interface other]\n"
			    "[network-acl acl-private]\n"
			    "egress = 200 allow all to 0.0.0.0/0\n"
			    "egress = 100 deny icmp to 0.0.0.0/0\n"
			    "ingress = 100 allow all from ::/0\n"
			    "[security-group sg-db]\n"
			    "egress = none\n"
			    "[security-group sg-out]\n"
			    "egress = allow udp to sg-db\n"
			    "[defaults]\n"
			    "security-groups = sg-out\n";

static void reads(void **state)
{
	const struct flow_security_group *web;
	const struct flow_network_acl *acl;
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s, whole, &err), 0);
	assert_int_equal(s.group_count, 3);
	web = settings_find_group(&s, "sg-web");
	assert_ptr_equal(web, &s.groups[0]);
	assert_int_equal(web->ingress.count, 3);
	assert_string_equal(web->ingress.items[0].words, "allow tcp 443 from 0.0.0.0/0");
	assert_string_equal(web->ingress.items[0].place, "x/y.ini:2");
	assert_string_equal(web->ingress.items[1].place, "x/y.ini:3");
	assert_string_equal(web->ingress.items[2].group, "sg-web");
	assert_string_equal(web->ingress.items[2].place, "x/y.ini:5");
	assert_false(web->limits_egress);
	assert_true(s.groups[1].limits_egress); /* none */
	assert_int_equal(s.groups[1].egress.count, 0);
	assert_true(s.groups[2].limits_egress);
	assert_int_equal(s.groups[2].egress.count, 1);
	assert_null(settings_find_group(&s, "acl-private"));
	acl = settings_find_acl(&s, "acl-private");
	assert_int_equal(acl->ingress.count, 1);
	assert_int_equal(acl->egress.count, 2);
	assert_int_equal(acl->egress.items[0].number, 200); /* as they were given */
	assert_null(settings_find_acl(&s, "sg-web"));
	assert_int_equal(s.interfaces[0].security_group_count, 2); /* its own list, not that of the defaults */
	assert_string_equal(s.interfaces[0].security_groups[1], "sg-db");
	assert_string_equal(s.interfaces[0].network_acl, "acl-private");
	assert_int_equal(s.interfaces[1].security_group_count, 1);
	assert_string_equal(s.interfaces[1].security_groups[0], "sg-out");
	assert_null(s.interfaces[1].network_acl);
	assert_null(s.empty_egress);
	settings_free(&s);
}

static void assert_empty_egress(const char *text, const char *expected)
{
	struct settings s;

	assert_int_equal(config_text(&s, text, &err), 0);
	if (expected)
		assert_string_equal(s.empty_egress, expected);
	else
		assert_null(s.empty_egress);
	assert_int_equal(s.groups[0].limits_egress, strstr(text, "none") || strstr(text, "allow"));
	settings_free(&s);
}

/* An empty value is unset, which is not what it looks like. */
static void empty_egress(void **state)
{
	(void)state;
	assert_empty_egress("[security-group sg-a]\negress =\n", "x/y.ini:2: [security-group sg-a]");
	assert_empty_egress("[security-group sg-a]\negress = ; nothing\n[security-group sg-b]\negress =\n",
			    "x/y.ini:2: [security-group sg-a]");
	assert_empty_egress("[security-group sg-a]\negress =\n  allow all to ::/0\n", NULL);
	assert_empty_egress("[security-group sg-a]\negress =\negress = none\n", NULL);
	assert_empty_egress("[security-group sg-a]\ningress =\n[network-acl a]\negress =\n", NULL);
}

#define NAME_32 "abcdefghijklmnopqrstuvwxyz012345"

static const char *const faults[][2] = {
	{ "[security-group]\n", "x/y.ini:1: [security-group]: a name is missing, as in [security-group sg-web]" },
	{ "[network-acl]\n", "x/y.ini:1: [network-acl]: a name is missing, as in [network-acl acl-private]" },
	{ "[security-group my group]\n",
	  "x/y.ini:1: [security-group my group]: the name is made of letters, digits, - _ and ., as in "
	  "[security-group sg-web]" },
	{ "[network-acl a,b]\n", "x/y.ini:1: [network-acl a,b]: the name is made of letters, digits, - _ and ., as in "
				 "[network-acl acl-private]" },
	{ "[network-acl " NAME_32 NAME_32 NAME_32 NAME_32 "x]\n",
	  "x/y.ini:1: [network-acl abcdefghijklmnop...]: the name has 129 bytes, more than 128" },
	{ "[security-group sg-a]\n[security-group sg-b]\n\n[security-group sg-a]\n",
	  "x/y.ini:4: [security-group sg-a]: given twice; first on line 1" },
	{ "[network-acl b]\n[network-acl a]\n[network-acl a]\n",
	  "x/y.ini:3: [network-acl a]: given twice; first on line 2" },
	{ "[security-group sg-a]\ningres = allow all from ::/0\n",
	  "x/y.ini:2: ingres: there is no such key in [security-group]; the nearest: ingress" },
	{ "[network-acl a]\nrules = 1 allow all from ::/0\n",
	  "x/y.ini:2: rules: there is no such key in [network-acl]; it has ingress and egress" },
	{ "[security-group sg-a]\ningress = allow all from ::/0\n  alow all from ::/0\n",
	  "x/y.ini:3: ingress: 'alow' stands where allow is expected" },
	{ "[security-group sg-a]\ningress = allow all to ::/0\n",
	  "x/y.ini:2: ingress: 'to': ingress rules take from, egress rules take to" },
	{ "[network-acl a]\ningress = 100 allow all from ::/0\negress = 100 allow all to ::/0\n"
	  "ingress = 200 deny all from ::/0\n  100 deny all from ::/0\n",
	  "x/y.ini:5: ingress: there is a rule of number 100 already, at x/y.ini:2" },
	{ "[security-group sg-a]\negress = none\n  allow all to ::/0\n",
	  "x/y.ini:3: egress: a rule stands beside the none on line 2" },
	{ "[network-acl a]\ningress = 1 allow all from ::/0\n\ningress = none\n",
	  "x/y.ini:4: ingress: none stands alone; there is a rule on line 2" },
	{ "[security-group sg-web]\n[security-group sg-db]\n[interface a]\nsecurity-groups = sg-db,\n  sg-wbe\n",
	  "x/y.ini:5: [interface a]: security-groups: there is no [security-group sg-wbe]; the nearest: sg-web or "
	  "sg-db" },
	{ "[defaults]\nsecurity-groups = sg-a\n",
	  "x/y.ini:2: [defaults]: security-groups: there is no [security-group sg-a]" },
	{ "[interface a]\nnetwork-acl = acl-1\n[network-acl acl-2]\n",
	  "x/y.ini:2: [interface a]: network-acl: there is no [network-acl acl-1]; the nearest: acl-2" },
	{ "[interface a]\nnetwork-acl = sg-a\n[security-group sg-a]\n",
	  "x/y.ini:2: [interface a]: network-acl: there is no [network-acl sg-a]; there is a [security-group sg-a]" },
	{ "[security-group sg-a]\negress = allow tcp to sg-aa\n",
	  "x/y.ini:2: [security-group sg-a]: egress: there is no [security-group sg-aa]; the nearest: sg-a" },
	{ "[network-acl a]\ningress = 1 allow tcp from sg-a\n",
	  "x/y.ini:2: [network-acl a]: ingress: there is no [security-group sg-a]" },
	{ "[security-group sg-a]\n[interface a]\nsecurity-groups = sg-a sg-a\n",
	  "x/y.ini:3: security-groups: sg-a stands twice in the list" },
	{ "[network-acl a]\n[interface a]\nnetwork-acl = a\nnetwork-acl = a\n",
	  "x/y.ini:4: network-acl: given twice; first on line 3" },
};

static void refuses(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		assert_int_equal(config_text(&s, faults[i][0], &err), -EINVAL);
		assert_string_equal(err.text, faults[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(reads), TEST(empty_egress), TEST(refuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
