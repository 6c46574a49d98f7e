#include "flow/policy.h"

#include <errno.h>

#include "policy_rig.h"

enum { SYN = FLOW_TCP_SYN, ANSWER = FLOW_TCP_SYN | FLOW_TCP_SYN_ACK, FIN = FLOW_TCP_FIN, RST = FLOW_TCP_RST };

static const char us[] = "172.31.16.139", home[] = "203.0.113.12";

/* One interface, 0, with our address. */
static void start_with(const char *groups, const char *acl)
{
	add_interface("eni", us, groups, acl);
	start_policy();
}

/* ---- AWS's examples ---- */

static void start_ping(const char *ingress, const char *acl_egress)
{
	add_group("sg-ping", ingress, "allow tcp 443 0.0.0.0/0");
	add_acl("acl-ping", "100 allow icmp 0.0.0.0/0", acl_egress);
	start_with("sg-ping", "acl-ping");
}

static void test_ping_whose_reply_the_acl_drops(void **state)
{
	(void)state;
	start_ping("allow icmp 0.0.0.0/0", "100 deny icmp 0.0.0.0/0; 200 allow all 0.0.0.0/0");
	for (int i = 0; i < 4; i++) {
		echo(home, us, 8, 77);
		assert_true(comes_to(0));
		echo(us, home, 0, 77);
		assert_false(goes_from(0));
	}
	finish_policy();
}

static void test_ping_that_both_accept(void **state)
{
	(void)state;
	start_ping("allow icmp 0.0.0.0/0", "100 allow icmp 0.0.0.0/0");
	echo(home, us, 8, 77);
	assert_true(comes_to(0));
	echo(us, home, 0, 77);
	assert_true(goes_from(0));
	echo(us, home, 0, 78); /* another ping's */
	assert_false(goes_from(0));
	finish_policy();
}

static void test_ping_that_the_group_denies(void **state)
{
	(void)state;
	start_ping("allow tcp 22 0.0.0.0/0", "100 allow icmp 0.0.0.0/0");
	echo(home, us, 8, 77);
	assert_false(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 0);
	finish_policy();
}

static void test_ssh_and_not_rdp(void **state)
{
	(void)state;
	add_group("sg-ssh", "allow tcp 22 0.0.0.0/0", NULL);
	start_with("sg-ssh", NULL);
	tcp("172.31.16.139", 20641, "172.31.16.21", 22, 0);
	assert_true(comes_to(0));
	tcp("172.31.9.69", 49761, "172.31.9.12", 3389, 0);
	assert_false(comes_to(0));
	finish_policy();
}

/* ---- who has a policy ---- */

static void test_without_a_policy_all_is_accepted(void **state)
{
	(void)state;
	add_group("sg-none", "", "");
	add_interface("free", us, "", NULL);
	add_interface("shut", us, "sg-none", NULL);
	start_policy();
	tcp(home, 1, us, 2, SYN);
	assert_false(flow_policy_is_for(rig.policy, 0));
	assert_true(comes_to(0));
	assert_true(flow_policy_is_for(rig.policy, 1));
	assert_false(comes_to(1));
	assert_false(goes_from(1));
	assert_false(flow_policy_is_for(rig.policy, 2)); /* an implicit one */
	assert_true(comes_to(2));
	assert_int_equal(flow_policy_judge(rig.policy, 1, FLOW_UNKNOWN, &rig.packet, 0, NULL), FLOW_ACCEPT);
	assert_int_equal(flow_policy_tracked(rig.policy), 0);
	finish_policy();
}

/* ---- rules ---- */

static void test_rules_of_all_groups_count_together(void **state)
{
	(void)state;
	add_group("sg-web", "allow tcp 443 0.0.0.0/0", "");
	add_group("sg-admin", "allow tcp 22 203.0.113.0/24", "allow udp 53 10.0.0.2/32");
	start_with("sg-web sg-admin", NULL);
	tcp("198.51.100.7", 1000, us, 443, SYN);
	assert_true(comes_to(0));
	tcp("198.51.100.7", 1000, us, 22, SYN);
	assert_false(comes_to(0));
	tcp(home, 1000, us, 22, SYN);
	assert_true(comes_to(0));
	udp(us, 1000, "10.0.0.2", 53);
	assert_true(goes_from(0));
	udp(us, 1000, "10.0.0.3", 53);
	assert_false(goes_from(0));
	finish_policy();
}

static void test_lowest_number_of_an_acl_decides(void **state)
{
	(void)state;
	add_acl("acl",
		"300 allow tcp 0.0.0.0/0; 200 deny tcp 80-90 0.0.0.0/0; 100 allow tcp 85 0.0.0.0/0; "
		"400 deny udp 0.0.0.0/0; 400 allow udp 0.0.0.0/0",
		"");
	start_with("", "acl");
	tcp(home, 1000, us, 79, SYN);
	assert_true(comes_to(0));
	tcp(home, 1000, us, 80, SYN);
	assert_false(comes_to(0));
	tcp(home, 1000, us, 85, SYN);
	assert_true(comes_to(0));
	udp(home, 1000, us, 85); /* of equal numbers the first one given */
	assert_false(comes_to(0));
	echo(home, us, 8, 1); /* nothing matches */
	assert_false(comes_to(0));
	tcp(us, 85, home, 1000, ANSWER); /* no state in an ACL */
	assert_false(goes_from(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 0);
	finish_policy();
}

/* A rule about a group is about the addresses of the interfaces that name it, also its own. */
static void test_rules_about_groups(void **state)
{
	(void)state;
	add_group("sg-db", "allow tcp 5432 sg-app; allow tcp 7000 sg-db", "");
	add_group("sg-app", "", "allow tcp 5432 sg-db");
	add_interface("db-1", "10.0.0.1 2001:db8::1", "sg-db", NULL);
	add_interface("db-2", "10.0.0.2", "sg-db", NULL);
	add_interface("app", "10.0.0.3 10.0.0.4", "sg-app", NULL);
	start_policy();
	tcp("10.0.0.4", 1000, "10.0.0.1", 5432, SYN);
	assert_true(goes_from(2));
	assert_true(comes_to(0));
	tcp("10.0.0.5", 1000, "10.0.0.1", 5432, SYN);
	assert_false(comes_to(0));
	tcp("10.0.0.4", 1000, "10.0.0.5", 5432, SYN);
	assert_false(goes_from(2));
	tcp("2001:db8::1", 1000, "2001:db8::2", 7000, SYN);
	assert_true(comes_to(1));
	tcp("10.0.0.1", 1000, "10.0.0.1", 7000, SYN);
	assert_true(comes_to(0));
	tcp("10.0.0.3", 1000, "10.0.0.1", 7000, SYN);
	assert_false(comes_to(0));
	finish_policy();
}

static void assert_refused(const char *sentence)
{
	assert_int_equal(try_policy(), -EINVAL);
	assert_null(rig.policy);
	assert_string_equal(rig.err.text, sentence);
	finish_policy();
}

static void test_names_that_nothing_has(void **state)
{
	(void)state;
	add_interface("web", us, "sg-web", NULL);
	assert_refused("interface web: there is no security group sg-web");

	add_interface("web", us, "", "acl-web");
	assert_refused("interface web: there is no network ACL acl-web");

	add_group("sg-web", "allow tcp 443 sg-lb", NULL);
	assert_refused("security group sg-web: its rule \"allow tcp 443 sg-lb\" names security group sg-lb, "
		       "which there is not");

	add_group("sg-web", "", NULL);
	add_group("sg-app", "", NULL);
	add_group("sg-web", "", NULL);
	assert_refused("security group sg-web: there are two of that name");

	add_acl("acl", "", "");
	add_acl("acl", "", "");
	assert_refused("network ACL acl: there are two of that name");
}

/* ---- state ---- */

/* All egress to the world, and no ingress but to port 22. */
static void start_stateful(void)
{
	add_group("sg",
		  "allow tcp 22 0.0.0.0/0; allow udp 4500 0.0.0.0/0; allow 47 0.0.0.0/0; allow icmp 8/any 0.0.0.0/0",
		  "allow tcp 443 0.0.0.0/0; allow udp 53 0.0.0.0/0; allow tcp 443 ::/0");
	start_with("sg", NULL);
}

static void test_answers_pass(void **state)
{
	(void)state;
	start_stateful();
	tcp(us, 1000, home, 443, SYN);
	assert_true(goes_from(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_true(comes_to(0));
	tcp(home, 443, us, 1001, ANSWER);
	assert_false(comes_to(0));
	tcp("203.0.113.13", 443, us, 1000, ANSWER);
	assert_false(comes_to(0));
	udp(home, 443, us, 1000);
	assert_false(comes_to(0));
	tcp("2001:db8::1", 1000, "2001:db8::2", 443, SYN);
	assert_true(goes_from(0));
	tcp("2001:db8::2", 443, "2001:db8::1", 1000, ANSWER);
	assert_true(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 2);
	finish_policy();
}

static void test_state_belongs_to_an_interface(void **state)
{
	(void)state;
	add_group("sg", "", "allow tcp 443 0.0.0.0/0");
	add_interface("a", us, "sg", NULL);
	add_interface("b", us, "sg", NULL);
	start_policy();
	tcp(us, 1000, home, 443, SYN);
	assert_true(goes_from(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_false(comes_to(1));
	assert_true(comes_to(0));
	finish_policy();
}

/* Protocols without ports are known by their addresses alone. */
static void test_what_has_no_ports(void **state)
{
	(void)state;
	start_stateful();
	packet(47, home, 0, us, 0);
	assert_true(comes_to(0));
	packet(47, us, 0, home, 0);
	assert_true(goes_from(0));
	wait_for(600);
	assert_true(goes_from(0));
	wait_for(601);
	assert_false(goes_from(0));
	packet(50, us, 0, home, 0);
	assert_false(goes_from(0));
	finish_policy();
}

static void test_udp_is_forgotten(void **state)
{
	(void)state;
	start_stateful();
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	wait_for(30);
	udp(home, 53, us, 1000);
	assert_true(comes_to(0)); /* it is a stream now */
	wait_for(180);
	assert_true(comes_to(0));
	rig.time_ns += 180 * SECOND + 1;
	assert_false(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 0);

	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	wait_for(20);
	assert_true(goes_from(0));
	rig.time_ns += 30 * SECOND + 1;
	udp(home, 53, us, 1000);
	assert_false(comes_to(0));
	finish_policy();
}

static void open_tcp(void)
{
	tcp(us, 1000, home, 443, SYN);
	assert_true(goes_from(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_true(comes_to(0));
}

static void test_tcp_stays_for_five_days(void **state)
{
	(void)state;
	start_stateful();
	open_tcp();
	wait_for(432000);
	tcp(home, 443, us, 1000, 0);
	assert_true(comes_to(0));
	tcp(home, 443, us, 1000, FIN); /* one side's alone */
	assert_true(comes_to(0));
	assert_true(comes_to(0));
	wait_for(432000);
	assert_true(comes_to(0));
	wait_for(432001);
	assert_false(comes_to(0));
	finish_policy();
}

static void test_both_fins_close(void **state)
{
	(void)state;
	start_stateful();
	open_tcp();
	tcp(home, 443, us, 1000, FIN);
	assert_true(comes_to(0));
	tcp(us, 1000, home, 443, FIN);
	assert_true(goes_from(0));
	wait_for(10);
	tcp(home, 443, us, 1000, 0);
	assert_true(comes_to(0)); /* a last ACK, which refreshes it */
	wait_for(10);
	assert_true(comes_to(0));
	wait_for(11);
	assert_false(comes_to(0));
	finish_policy();
}

static void test_a_reset_closes(void **state)
{
	(void)state;
	start_stateful();
	open_tcp();
	tcp(home, 443, us, 1000, RST);
	assert_true(comes_to(0));
	wait_for(11);
	assert_false(comes_to(0));
	finish_policy();
}

static void test_a_syn_forgets_what_is_closed(void **state)
{
	(void)state;
	start_stateful();
	open_tcp();
	tcp(home, 443, us, 1000, SYN); /* matches what is open */
	assert_true(comes_to(0));
	tcp(home, 443, us, 1000, RST);
	assert_true(comes_to(0));
	tcp(home, 443, us, 1000, ANSWER); /* opens nothing */
	assert_true(comes_to(0));
	tcp(home, 443, us, 1000, SYN);
	assert_false(comes_to(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_false(comes_to(0));
	open_tcp();
	wait_for(1000);
	assert_true(comes_to(0)); /* the new one is open */
	finish_policy();
}

/* A packet that goes through the interface is seen twice, and is still one way. */
static void test_ways_are_those_of_the_connection(void **state)
{
	(void)state;
	add_group("sg", "allow udp 0.0.0.0/0; allow tcp 0.0.0.0/0",
		  "allow udp 2000 0.0.0.0/0; allow tcp 2000 0.0.0.0/0");
	start_with("sg", NULL);
	udp("10.0.0.1", 1000, "10.0.0.2", 2000);
	assert_true(comes_to(0));
	assert_true(goes_from(0));
	tcp("10.0.0.1", 1000, "10.0.0.2", 2000, FIN);
	assert_true(comes_to(0));
	assert_true(goes_from(0));
	wait_for(31);
	tcp("10.0.0.2", 2000, "10.0.0.1", 1000, 0);
	assert_true(goes_from(0)); /* not closed */
	udp("10.0.0.2", 2000, "10.0.0.1", 1000);
	assert_false(goes_from(0)); /* no stream */
	finish_policy();
}

/* Time that runs backwards is no idle time, and it is the packet read last that counts. */
static void test_time_that_runs_backwards(void **state)
{
	(void)state;
	start_stateful();
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	wait_for(-500);
	udp(home, 53, us, 1000);
	assert_true(comes_to(0));
	wait_for(181);
	assert_false(comes_to(0));
	finish_policy();
}

/* ---- ICMP errors ---- */

static void test_errors_pass_with_what_they_quote(void **state)
{
	(void)state;
	start_stateful();
	udp(us, 1000, home, 53);
	error_from(home);
	assert_false(comes_to(0)); /* about nothing known */
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	error_from("198.51.100.1"); /* any router on the way */
	assert_true(comes_to(0));
	udp(us, 1001, home, 53);
	error_from(home);
	assert_false(comes_to(0));
	udp(home, 1000, us, 4500); /* and the other way round */
	assert_true(comes_to(0));
	error_from(us);
	assert_true(goes_from(0));
	finish_policy();
}

/* It is neither a packet of the connection nor one of its own. */
static void test_errors_leave_no_trace(void **state)
{
	(void)state;
	start_stateful();
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	error_from(home);
	wait_for(20);
	assert_true(comes_to(0));
	wait_for(11);
	assert_false(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 0);
	finish_policy();

	add_group("sg", "allow icmp 0.0.0.0/0", "");
	start_with("sg", NULL);
	tcp(us, 1000, home, 443, 0);
	error_from(home);
	assert_true(comes_to(0)); /* by a rule */
	tcp(home, 443, us, 1000, 0);
	assert_false(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 0);
	finish_policy();
}

static void test_an_error_may_quote_an_echo(void **state)
{
	(void)state;
	start_stateful();
	echo(home, us, 8, 5);
	assert_true(comes_to(0));
	error_from(us);
	assert_true(goes_from(0));
	echo(home, us, 8, 6);
	error_from(us);
	assert_false(goes_from(0));
	finish_policy();
}

/* Its own verdict, not that of the connection it quotes. */
static void test_the_acl_looks_at_the_error(void **state)
{
	(void)state;
	add_group("sg", "", "allow udp 53 0.0.0.0/0");
	add_acl("acl", "100 allow udp 0.0.0.0/0", "100 allow all 0.0.0.0/0");
	start_with("sg", "acl");
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	udp(home, 53, us, 1000);
	assert_true(comes_to(0));
	udp(us, 1000, home, 53);
	error_from(home);
	assert_false(comes_to(0));
	finish_policy();
}

/* ---- groups and an ACL ---- */

static void test_what_the_acl_denies_on_ingress_reaches_no_group(void **state)
{
	(void)state;
	add_group("sg", "allow tcp 22 0.0.0.0/0", "allow icmp 8/any 0.0.0.0/0");
	add_acl("acl", "100 deny tcp 22 0.0.0.0/0; 200 deny icmp 0/1 0.0.0.0/0; 300 allow all 0.0.0.0/0",
		"100 allow all 0.0.0.0/0");
	start_with("sg", "acl");
	tcp(home, 1000, us, 22, SYN);
	assert_false(comes_to(0));
	tcp(us, 22, home, 1000, ANSWER);
	assert_false(goes_from(0)); /* nothing was made known */
	assert_int_equal(flow_policy_tracked(rig.policy), 0);

	echo(us, home, 8, 5);
	assert_true(goes_from(0));
	wait_for(500);
	echo(home, us, 0, 5);
	rig.packet.icmp_code = 1;
	assert_false(comes_to(0)); /* refreshes nothing */
	wait_for(101);
	rig.packet.icmp_code = 0;
	assert_false(comes_to(0));
	finish_policy();
}

static void test_what_the_acl_denies_on_egress_is_known_to_the_groups(void **state)
{
	(void)state;
	add_group("sg", "", "allow tcp 443 0.0.0.0/0");
	add_acl("acl", "100 allow all 0.0.0.0/0", "100 deny all 0.0.0.0/0");
	start_with("sg", "acl");
	tcp(us, 1000, home, 443, SYN);
	assert_false(goes_from(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_true(comes_to(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 1);
	finish_policy();
}

/* What is kept of an ACL's verdicts is kept by way and direction, and not of ICMP, which has types. */
static void test_the_acl_is_asked_about_every_kind_of_packet(void **state)
{
	(void)state;
	add_group("sg", "allow all 0.0.0.0/0", NULL);
	add_acl("acl", "100 deny icmp 0/any 0.0.0.0/0; 200 deny tcp 2000 0.0.0.0/0; 300 allow all 0.0.0.0/0",
		"100 deny tcp 1000 0.0.0.0/0; 200 allow all 0.0.0.0/0");
	start_with("sg", "acl");
	for (int i = 0; i < 3; i++) {
		echo(home, us, 8, 1);
		assert_true(comes_to(0));
		echo(home, us, 0, 1);
		assert_false(comes_to(0));
		tcp("10.0.0.1", 1000, "10.0.0.2", 2000, 0);
		assert_false(comes_to(0));
		assert_true(goes_from(0));
		tcp("10.0.0.2", 2000, "10.0.0.1", 1000, 0);
		assert_true(comes_to(0));
		assert_false(goes_from(0));
	}
	finish_policy();
}

/* ---- limits ---- */

static void test_at_the_bound_the_oldest_go(void **state)
{
	(void)state;
	add_group("sg", "", "allow udp 53 0.0.0.0/0; allow tcp 443 0.0.0.0/0");
	rig.options.connections.most = 2;
	start_with("sg", NULL);
	for (uint16_t port = 1; port <= 2; port++) {
		tcp(us, port, home, 443, SYN);
		assert_true(goes_from(0));
	}
	tcp(home, 443, us, 1, ANSWER);
	assert_true(comes_to(0));
	tcp(us, 3, home, 443, SYN);
	assert_true(goes_from(0));
	assert_int_equal(flow_policy_tracked(rig.policy), 2);
	assert_int_equal(flow_policy_forgotten(rig.policy), 1);
	tcp(home, 443, us, 2, ANSWER);
	assert_false(comes_to(0));
	tcp(home, 443, us, 1, ANSWER);
	assert_true(comes_to(0));

	udp(us, 1, home, 53); /* 3 goes, too */
	assert_true(goes_from(0));
	assert_int_equal(flow_policy_forgotten(rig.policy), 2);
	wait_for(31);
	udp(us, 2, home, 53); /* the place of what has expired */
	assert_true(goes_from(0));
	assert_int_equal(flow_policy_forgotten(rig.policy), 2);
	tcp(home, 443, us, 1, ANSWER);
	assert_true(comes_to(0));
	finish_policy();
}

static void test_times_can_be_set(void **state)
{
	(void)state;
	rig.options.connections.udp = 5;
	rig.options.connections.tcp = 7;
	start_stateful();
	udp(us, 1000, home, 53);
	assert_true(goes_from(0));
	open_tcp();
	wait_for(6);
	udp(home, 53, us, 1000);
	assert_false(comes_to(0));
	tcp(home, 443, us, 1000, ANSWER);
	assert_true(comes_to(0));
	wait_for(8);
	assert_false(comes_to(0));
	finish_policy();

	rig.options.connections.most = 1u << 31;
	add_interface("eni", us, "", NULL);
	assert_refused("connections: no more than 2^30 can be tracked");
}

/* ---- why ---- */

static struct flow_reason why(enum flow_direction direction, bool track)
{
	struct flow_reason reason;
	enum flow_action action = flow_policy_explain(rig.policy, 0, direction, &rig.packet, rig.time_ns, track,
						      &reason);

	assert_int_equal(action, reason.action);
	return reason;
}

static void test_reasons(void **state)
{
	struct flow_reason reason;

	(void)state;
	add_group("sg-none", "", "");
	add_group("sg-web", "allow tcp 80 0.0.0.0/0; allow tcp 443 0.0.0.0/0", "");
	add_acl("acl", "100 deny tcp 80 0.0.0.0/0; 200 allow tcp 0.0.0.0/0", "100 allow all 0.0.0.0/0");
	start_with("sg-none sg-web", "acl");

	tcp(home, 1000, us, 443, SYN);
	reason = why(FLOW_INGRESS, false);
	assert_int_equal(reason.action, FLOW_ACCEPT);
	assert_true(reason.has_groups && reason.has_acl && reason.groups_allow && reason.acl_allows);
	assert_false(reason.by_state || reason.by_default);
	assert_ptr_equal(reason.group, &rig.groups[1]);
	assert_string_equal(reason.group_rule->words, "allow tcp 443 0.0.0.0/0");
	assert_ptr_equal(reason.acl, &rig.acls[0]);
	assert_string_equal(reason.acl_rule->words, "200 allow tcp 0.0.0.0/0");
	assert_int_equal(flow_policy_tracked(rig.policy), 0);

	tcp(us, 443, home, 1000, ANSWER);
	reason = why(FLOW_EGRESS, false);
	assert_int_equal(reason.action, FLOW_REJECT);
	assert_true(reason.has_groups && !reason.groups_allow && !reason.acl_allows && !reason.acl_rule);
	assert_null(reason.group);

	tcp(home, 1000, us, 443, SYN);
	why(FLOW_INGRESS, true);
	assert_int_equal(flow_policy_tracked(rig.policy), 1);
	assert_false(why(FLOW_INGRESS, false).by_state); /* a rule allows it, too */
	tcp(us, 443, home, 1000, ANSWER);
	reason = why(FLOW_EGRESS, false);
	assert_int_equal(reason.action, FLOW_ACCEPT);
	assert_true(reason.groups_allow && reason.by_state && !reason.group && !reason.group_rule);

	tcp(home, 1000, us, 80, SYN);
	reason = why(FLOW_INGRESS, false);
	assert_int_equal(reason.action, FLOW_REJECT);
	assert_true(!reason.acl_allows && !reason.groups_allow && !reason.group);
	assert_string_equal(reason.acl_rule->words, "100 deny tcp 80 0.0.0.0/0");

	udp(home, 1000, us, 80);
	reason = why(FLOW_INGRESS, false);
	assert_true(!reason.acl_allows && reason.acl && !reason.acl_rule);
	finish_policy();
}

static void test_reasons_where_little_is_limited(void **state)
{
	struct flow_reason reason;

	(void)state;
	add_group("sg", "", NULL);
	start_with("sg", NULL);
	tcp(us, 1000, home, 443, SYN);
	reason = why(FLOW_EGRESS, false);
	assert_int_equal(reason.action, FLOW_ACCEPT);
	assert_true(reason.by_default && reason.groups_allow && !reason.group_rule && !reason.has_acl);
	assert_ptr_equal(reason.group, &rig.groups[0]);
	reason = why(FLOW_UNKNOWN, false);
	assert_int_equal(reason.action, FLOW_ACCEPT);
	assert_true(reason.has_groups && !reason.groups_allow);
	finish_policy();

	start_with("", NULL);
	tcp(us, 1000, home, 443, SYN);
	reason = why(FLOW_EGRESS, true);
	assert_int_equal(reason.action, FLOW_ACCEPT);
	assert_false(reason.has_groups || reason.has_acl);
	finish_policy();
}

/* ---- by the batch ---- */

/* All is looked up before any of it is judged: what was found may be gone by then, and more may have come. */
static void test_looking_ahead(void **state)
{
	struct flow_policy_ahead ahead[3];
	struct flow_observation packets[3];

	(void)state;
	start_stateful();
	udp(us, 1000, home, 53);
	packets[0] = rig.packet;
	udp(home, 53, us, 1000);
	packets[1] = packets[2] = rig.packet;
	for (int i = 0; i < 3; i++)
		flow_policy_prefetch(rig.policy, 0, &packets[i], &ahead[i]);
	for (int i = 0; i < 3; i++)
		flow_policy_guess(rig.policy, 0, i == 0 ? FLOW_EGRESS : FLOW_INGRESS, &packets[i], &ahead[i]);
	assert_int_equal(flow_policy_judge(rig.policy, 0, FLOW_EGRESS, &packets[0], 0, &ahead[0]), FLOW_ACCEPT);
	assert_int_equal(flow_policy_judge(rig.policy, 0, FLOW_INGRESS, &packets[1], SECOND, &ahead[1]), FLOW_ACCEPT);
	flow_policy_guess(rig.policy, 0, FLOW_INGRESS, &packets[1], &ahead[1]);
	assert_int_equal(flow_policy_judge(rig.policy, 0, FLOW_INGRESS, &packets[2], 900 * SECOND, &ahead[2]),
			 FLOW_REJECT);
	assert_int_equal(flow_policy_judge(rig.policy, 0, FLOW_INGRESS, &packets[1], SECOND, &ahead[1]), FLOW_REJECT);
	finish_policy();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ping_whose_reply_the_acl_drops),
		TEST(test_ping_that_both_accept),
		TEST(test_ping_that_the_group_denies),
		TEST(test_ssh_and_not_rdp),
		TEST(test_without_a_policy_all_is_accepted),
		TEST(test_rules_of_all_groups_count_together),
		TEST(test_lowest_number_of_an_acl_decides),
		TEST(test_rules_about_groups),
		TEST(test_names_that_nothing_has),
		TEST(test_answers_pass),
		TEST(test_state_belongs_to_an_interface),
		TEST(test_what_has_no_ports),
		TEST(test_udp_is_forgotten),
		TEST(test_tcp_stays_for_five_days),
		TEST(test_both_fins_close),
		TEST(test_a_reset_closes),
		TEST(test_a_syn_forgets_what_is_closed),
		TEST(test_ways_are_those_of_the_connection),
		TEST(test_time_that_runs_backwards),
		TEST(test_errors_pass_with_what_they_quote),
		TEST(test_errors_leave_no_trace),
		TEST(test_an_error_may_quote_an_echo),
		TEST(test_the_acl_looks_at_the_error),
		TEST(test_what_the_acl_denies_on_ingress_reaches_no_group),
		TEST(test_what_the_acl_denies_on_egress_is_known_to_the_groups),
		TEST(test_the_acl_is_asked_about_every_kind_of_packet),
		TEST(test_at_the_bound_the_oldest_go),
		TEST(test_times_can_be_set),
		TEST(test_reasons),
		TEST(test_reasons_where_little_is_limited),
		TEST(test_looking_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
