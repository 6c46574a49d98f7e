/* Defaults, single settings, and what is judged of the whole. */
#include "cli/settings.h"

#include "config_text.h"

#include <errno.h>

static struct error err;

static int start(void **state)
{
	static struct settings settings;

	*state = &settings;
	return settings_init(&settings, &err);
}

static int end(void **state)
{
	settings_free(*state);
	settings_free(*state); /* leaves it zeroed */
	return 0;
}

static void assert_wrong(struct settings *s, enum settings_key key, const char *value, const char *sentence)
{
	assert_int_equal(settings_put(s, key, "here", value, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void put(struct settings *s, enum settings_key key, const char *value)
{
	assert_int_equal(settings_put(s, key, "here", value, &err), 0);
}

static void defaults(void **state)
{
	const struct settings *s = *state;

	assert_string_equal(s->format_text, "default");
	assert_int_equal(s->format.count, 14);
	assert_string_equal(s->output, "-");
	assert_int_equal(s->interval, 60);
	assert_int_equal(s->header, -1);
	assert_int_equal(s->max_flows, 4194304);
	assert_int_equal(s->max_connections, 1048576);
	assert_int_equal(s->tcp_timeout, 432000);
	assert_int_equal(s->tcp_closed_timeout, 10);
	assert_int_equal(s->udp_timeout, 30);
	assert_int_equal(s->udp_stream_timeout, 180);
	assert_int_equal(s->other_timeout, 600);
	assert_int_equal(s->threads, 0);
	assert_true(s->exclude_aws);
	assert_false(s->window_times || s->skip_when_full || s->quiet || s->encoding_set);
	assert_null(s->filter);
}

static void takes(void **state)
{
	struct settings *s = *state;

	put(s, SETTING_FORMAT, "version srcaddr");
	assert_int_equal(s->format.count, 2);
	assert_string_equal(s->format_text, "version srcaddr");
	put(s, SETTING_OUTPUT, "a/b.json.gz");
	assert_string_equal(s->output, "a/b.json.gz");
	put(s, SETTING_INTERVAL, "86400");
	assert_int_equal(s->interval, 86400);
	put(s, SETTING_HEADER, "no");
	assert_int_equal(s->header, 0);
	put(s, SETTING_FILTER, "tcp");
	assert_string_equal(s->filter, "tcp");
	put(s, SETTING_FILTER, "");
	assert_null(s->filter);
	put(s, SETTING_EXCLUDE, "none");
	assert_false(s->exclude_aws);
	put(s, SETTING_TIMESTAMPS, "window");
	assert_true(s->window_times);
	put(s, SETTING_DECAPSULATE, "gre,vxlan");
	assert_int_equal(s->tunnels, CAPTURE_GRE | CAPTURE_VXLAN);
	put(s, SETTING_DECAPSULATE, "");
	assert_int_equal(s->tunnels, 0);
	put(s, SETTING_MAX_FLOWS, "2147483648");
	assert_int_equal(s->max_flows, UINT64_C(2147483648));
	put(s, SETTING_ON_FULL, "skip");
	assert_true(s->skip_when_full);
	put(s, SETTING_MAX_CONNECTIONS, "1073741824");
	assert_int_equal(s->max_connections, 1073741824);
	put(s, SETTING_TCP_TIMEOUT, "350");
	put(s, SETTING_TCP_CLOSED_TIMEOUT, "1");
	put(s, SETTING_UDP_TIMEOUT, "2");
	put(s, SETTING_UDP_STREAM_TIMEOUT, "3");
	put(s, SETTING_OTHER_TIMEOUT, "31536000");
	assert_int_equal(s->tcp_timeout, 350);
	assert_int_equal(s->tcp_closed_timeout, 1);
	assert_int_equal(s->udp_timeout, 2);
	assert_int_equal(s->udp_stream_timeout, 3);
	assert_int_equal(s->other_timeout, 31536000);
	put(s, SETTING_THREADS, "256");
	assert_int_equal(s->threads, 256);
	put(s, SETTING_QUIET, "on");
	assert_true(s->quiet);
	put(s, SETTING_SUMMARY, "json");
	assert_int_equal(s->summary, SUMMARY_JSON);
	put(s, SETTING_TYPE, "csv");
	assert_int_equal(s->encoding, OUTPUT_CSV);
	assert_true(s->encoding_set);
}

static void refuses(void **state)
{
	struct settings *s = *state;

	assert_wrong(s, SETTING_INTERVAL, "0", "here: '0' is not a whole number from 1 to 86400");
	assert_wrong(s, SETTING_MAX_FLOWS, "2147483649",
		     "here: '2147483649' is not a whole number from 1 to 2147483648");
	assert_wrong(s, SETTING_MAX_CONNECTIONS, "1073741825",
		     "here: '1073741825' is not a whole number from 1 to 1073741824");
	assert_wrong(s, SETTING_TCP_TIMEOUT, "0", "here: '0' is not a whole number from 1 to 31536000");
	assert_wrong(s, SETTING_OTHER_TIMEOUT, "31536001", "here: '31536001' is not a whole number from 1 to 31536000");
	assert_wrong(s, SETTING_THREADS, "257", "here: '257' is not a whole number from 1 to 256");
	assert_wrong(s, SETTING_TYPE, "avro", "here: 'avro' is not one of text|json|csv|parquet|ocsf");
	assert_wrong(s, SETTING_EXCLUDE, "AWS", "here: 'AWS' is not one of aws|none");
	assert_wrong(s, SETTING_DECAPSULATE, "vxlan erspan", "here: 'erspan' is not one of vxlan|geneve|gre");
	assert_wrong(s, SETTING_OUTPUT, "", "here: no destination is given; - is standard output");
	assert_int_equal(settings_put(s, SETTING_FORMAT, "here", "version scraddr", &err), -EINVAL);
	assert_non_null(strstr(err.text, "srcaddr"));
	assert_string_equal(s->format_text, "default");
	assert_int_equal(s->tunnels, 0);
}

static void identities(void **state)
{
	struct settings *s = *state;

	for (int i = 0; i < FLOW_IDENTITY_END; i++) {
		const char *name = settings_identity_name((enum flow_identity)i);

		assert_int_equal(settings_identity_find(name, strlen(name)), i);
	}
	assert_int_equal(settings_identity_find("srcaddr", 7), -1);
	assert_int_equal(settings_identity_find("vpc-idx", 6), FLOW_VPC_ID);
	assert_int_equal(settings_put_identity(&s->defaults, FLOW_VPC_ID, "vpc-id", "vpc-1", &err), 0);
	assert_string_equal(s->defaults.identity[FLOW_VPC_ID], "vpc-1");
	assert_int_equal(settings_put_identity(&s->defaults, FLOW_VPC_ID, "vpc-id", "vpc 1", &err), -EINVAL);
	assert_string_equal(s->defaults.identity[FLOW_VPC_ID], "vpc-1");
	assert_int_equal(settings_put_identity(&s->defaults, FLOW_VPC_ID, "vpc-id", "", &err), 0);
	assert_null(s->defaults.identity[FLOW_VPC_ID]);
}

static void inherits(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s,
				     "[interface a]\nvpc-id = vpc-a\nsubnet-cidr = 10.9.1.0/24\n"
				     "[interface b]\nvpc-id =\n"
				     "[defaults]\nvpc-id = vpc-d\nregion = r\n"
				     "vpc-cidr = 10.0.0.0/16, 10.1.0.0/16\nsubnet-cidr = 10.0.1.0/24 10.0.2.0/24\n",
				     &err),
			 0);
	assert_string_equal(s.interfaces[0].identity[FLOW_VPC_ID], "vpc-a");
	assert_string_equal(s.interfaces[0].identity[FLOW_REGION], "r");
	assert_int_equal(s.interfaces[0].vpc_cidr_count, 2);
	assert_int_equal(s.interfaces[0].subnet_cidr_count, 1);
	assert_int_equal(s.interfaces[0].subnet_cidrs[0].base.octets[1], 9);
	assert_string_equal(s.interfaces[1].identity[FLOW_VPC_ID], "vpc-d");
	assert_int_equal(s.interfaces[1].subnet_cidr_count, 2);
	assert_null(s.interfaces[1].identity[FLOW_ACCOUNT_ID]); /* its default is flow_interfaces_add()'s */
	settings_free(&s);
}

static void assert_pair(const char *a, const char *b, const char *sentence)
{
	struct settings s;
	char text[512];

	snprintf(text, sizeof(text), "[interface a]\n%s\n[interface b]\n%s\n", a, b);
	if (sentence) {
		assert_int_equal(config_text(&s, text, &err), -EINVAL);
		assert_string_equal(err.text, sentence);
		return;
	}
	assert_int_equal(config_text(&s, text, &err), 0);
	settings_free(&s);
}

static void tells_apart(void **state)
{
	static const char mac[] = "[interface a] and [interface b] have the same mac on device eth0";
	static const char address[] =
		"[interface a] and [interface b] have the same address on device eth0; give both their mac";

	(void)state;
	assert_pair("device = eth0\nmac = 02:00:00:00:00:01", "device = eth0\nmac = 02-00-00-00-00-01", mac);
	assert_pair("device = eth0\nmac = 02:00:00:00:00:01", "device = eth0\nmac = 02:00:00:00:00:02", NULL);
	assert_pair("device = eth0\nmac = 02:00:00:00:00:01", "device = eth1\nmac = 02:00:00:00:00:01", NULL);
	assert_pair("mac = 02:00:00:00:00:01", "mac = 02:00:00:00:00:01", NULL); /* devices a and b */
	assert_pair("mac = 02:00:00:00:00:01", "device = a\nmac = 02:00:00:00:00:01",
		    "[interface a] and [interface b] have the same mac on device a");
	assert_pair("device = eth0\nvni = 1\nmac = 02:00:00:00:00:01",
		    "device = eth0\nvni = 2\nmac = 02:00:00:00:00:01", NULL);
	assert_pair("device = eth0\naddress = 10.0.0.1", "device = eth0\naddress = ::1, 10.0.0.1", address);
	assert_pair("device = eth0\naddress = 10.0.0.1\nmac = 02:00:00:00:00:01",
		    "device = eth0\naddress = 10.0.0.1\nmac = 02:00:00:00:00:02", NULL);
	assert_pair("device = eth0", "device = eth0", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults, start, end),
		cmocka_unit_test_setup_teardown(takes, start, end),
		cmocka_unit_test_setup_teardown(refuses, start, end),
		cmocka_unit_test_setup_teardown(identities, start, end),
		TEST(inherits),
		TEST(tells_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
