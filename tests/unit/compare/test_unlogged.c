/* Traffic that AWS does not log. */
#include "compare/unlogged.h"

#include "compare/cause_rig.h"

static void assert_only_in_the_capture(struct compare_key key, const char *detail)
{
	(void)rig_down(NULL);
	(void)rig_up(NULL);
	sees(&key, 10, 5, 500);
	ask(&key);
	if (detail)
		assert_cause("not-logged", detail);
	else
		assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
}

static void services_with_addresses_of_their_own(void **state)
{
	(void)state;
	assert_only_in_the_capture(key_of(TCP, "10.0.0.5", 1000, "169.254.169.254", 80),
				   "instance metadata at 169.254.169.254");
	assert_only_in_the_capture(key_of(TCP, "fd00:ec2::254", 80, "2001:db8::5", 1000),
				   "instance metadata at fd00:ec2::254");
	assert_only_in_the_capture(key_of(UDP, "169.254.169.123", 123, "10.0.0.5", 123),
				   "the Amazon Time Sync Service at 169.254.169.123");
	assert_only_in_the_capture(key_of(UDP, "10.0.0.5", 1000, "169.254.169.253", 53), "DNS at 169.254.169.253");
	assert_only_in_the_capture(key_of(TCP, "10.0.0.5", 1000, "169.254.169.250", 1688),
				   "Windows activation at 169.254.169.250");
	assert_only_in_the_capture(key_of(UDP, "0.0.0.0", 68, "255.255.255.255", 67),
				   "DHCP from or to 255.255.255.255");
}

static void what_looks_like_the_vpc_s_own(void **state)
{
	(void)state;
	assert_only_in_the_capture(key_of(UDP, "10.0.1.5", 1000, "10.0.0.2", 53),
				   "DNS at 10.0.0.2, which looks like the Amazon DNS server; set vpc-cidr");
	assert_only_in_the_capture(key_of(TCP, "172.31.0.2", 53, "172.31.4.5", 1000),
				   "DNS at 172.31.0.2, which looks like the Amazon DNS server; set vpc-cidr");
	assert_only_in_the_capture(key_of(1, "10.0.1.5", 0, "10.0.1.1", 0),
				   "to 10.0.1.1, which looks like the router of the VPC; set subnet-cidr");
}

static void near_misses(void **state)
{
	(void)state;
	assert_only_in_the_capture(key_of(UDP, "10.0.1.5", 1000, "10.0.0.3", 53), NULL);
	assert_only_in_the_capture(key_of(UDP, "10.0.1.5", 1000, "10.0.0.2", 54), NULL);
	assert_only_in_the_capture(key_of(UDP, "10.0.1.5", 1000, "4.2.2.2", 53), NULL);
	assert_only_in_the_capture(key_of(UDP, "172.15.0.5", 1000, "172.15.0.2", 53), NULL);
	assert_only_in_the_capture(key_of(1, "10.0.1.5", 0, "10.0.0.1", 0), NULL); /* not its own subnet's */
	assert_only_in_the_capture(key_of(1, "10.0.1.1", 0, "10.0.1.5", 0), NULL); /* AWS logs the answers */
	assert_only_in_the_capture(key_of(1, "203.0.113.5", 0, "203.0.113.1", 0), NULL);
	assert_only_in_the_capture(key_of(TCP, "10.0.0.5", 1000, "169.254.169.250", 80), NULL);
	assert_only_in_the_capture(key_of(UDP, "2001:db8::5", 1000, "2001:db8::2", 53), NULL);
}

/* Other such traffic is in the log: so this one should be. */
static void a_log_that_has_it(void **state)
{
	const struct compare_key key = key_of(UDP, "10.0.1.5", 1000, "10.0.0.2", 53);
	const struct compare_key other = key_of(UDP, "10.0.1.5", 1001, "10.0.0.2", 53);

	(void)state;
	sees(&key, 10, 1, 60);
	sees(&other, 10, 1, 60);
	record(&other, 10, 10, 1, 60);
	ask(&key);
	assert_int_equal(rig.finding.cause, COMPARE_MISSING_RECORDS);
}

static void another_port_in_the_log_says_nothing(void **state)
{
	const struct compare_key key = key_of(UDP, "10.0.1.5", 1000, "10.0.0.2", 53);
	const struct compare_key other = key_of(UDP, "10.0.1.5", 1001, "10.0.0.2", 54);

	(void)state;
	sees(&key, 10, 1, 60);
	sees(&other, 10, 1, 60);
	record(&other, 10, 10, 1, 60);
	ask(&key);
	assert_int_equal(rig.finding.cause, COMPARE_NOT_LOGGED);
}

static void left_out_of_the_capture(void **state)
{
	const struct compare_key key = key_of(UDP, "10.0.1.5", 1000, "10.0.0.2", 53);

	(void)state;
	record(&key, 10, 10, 1, 60);
	assert_asked(&key, "unexplained", NULL);
	rig.options.is_excluding = true;
	assert_asked(&key, "not-logged",
		     "DNS at 10.0.0.2, which looks like the Amazon DNS server; the capture was read without it: "
		     "--exclude aws");
}

static void what_is_on_both_sides_is_logged(void **state)
{
	const struct compare_key key = key_of(TCP, "10.0.0.5", 1000, "169.254.169.254", 80);

	(void)state;
	record(&key, 10, 10, 1, 60);
	sees(&key, 10, 2, 120);
	assert_asked(&key, "unexplained", "all of it in the record of 10:00:10 to 10:00:10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(services_with_addresses_of_their_own),
		RIGGED(what_looks_like_the_vpc_s_own),
		RIGGED(near_misses),
		RIGGED(a_log_that_has_it),
		RIGGED(another_port_in_the_log_says_nothing),
		RIGGED(left_out_of_the_capture),
		RIGGED(what_is_on_both_sides_is_logged),
	};

	return cmocka_run_group_tests_name("compare/unlogged", tests, NULL, NULL);
}
