/* The configuration file: what it sets, and every way in which it is refused. */
#include "config_text.h"

#define AWS_DATA TEST_DATA "/aws/"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct error err;

static const char whole[] = "\xef\xbb\xbf; the example of the manual\r\n"
			    "[eniflow]                       ; any option by its long name\r\n"
			    "format = ${version} ${vpc-id} ${subnet-id}\r\n"
			    "  ${srcport} ${dstport} ; and more\r\n"
			    "\t${log-status}\r\n"
			    "interval = 600\n"
			    "output = logs/web.json\n"
			    "filter = tcp port 443\n"
			    "header = Yes\n"
			    "decapsulate = vxlan, gre\n"
			    "[defaults]\n"
			    "account-id = 123456789010\n"
			    "vpc-cidr   = 10.0.0.0/16        ; a list\n"
			    "[interface web]\n"
			    "device = eth0\n"
			    "mac = 02:11:22:33:44:55\n"
			    "address = 10.0.0.62, 10.0.0.63,\n"
			    "  2001:db8::62\n"
			    "address = 10.0.0.64\n"
			    "interface-id = eni-1235b8ca123456789\n"
			    "[eniflow]\n"
			    "filter = or udp\n"
			    "quiet = off\n"
			    "[route 10.40.0.0/16]\n"
			    "traffic-path = 1\n"
			    "[interface db]\n"
			    "[defaults]\n"
			    "region = r\n"
			    "[route 0.0.0.0/0]\n"
			    "traffic-path = 8";

static void reads(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s, whole, &err), 0);
	assert_string_equal(s.format_text, "${version} ${vpc-id} ${subnet-id} ${srcport} ${dstport} ${log-status}");
	assert_int_equal(s.format.count, 6);
	assert_int_equal(s.interval, 600);
	assert_string_equal(s.output, "x/logs/web.json"); /* from the file's folder */
	assert_int_equal(s.encoding, OUTPUT_JSON);
	assert_string_equal(s.filter, "tcp port 443 or udp");
	assert_int_equal(s.header, 1);
	assert_int_equal(s.tunnels, CAPTURE_VXLAN | CAPTURE_GRE);
	assert_int_equal(s.interface_count, 2);
	assert_string_equal(s.interfaces[0].name, "web");
	assert_string_equal(s.interfaces[0].device, "eth0");
	assert_int_equal(s.interfaces[0].address_count, 4);
	assert_string_equal(s.interfaces[0].identity[FLOW_ACCOUNT_ID], "123456789010");
	assert_string_equal(s.interfaces[1].name, "db");
	assert_null(s.interfaces[1].device);
	assert_string_equal(s.interfaces[1].identity[FLOW_REGION], "r");
	assert_int_equal(s.routes.count, 2);
	assert_int_equal(s.routes.items[0].traffic_path, 1);
	assert_int_equal(s.routes.items[1].traffic_path, 8);
	settings_free(&s);
}

static void unset(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s,
				     "[eniflow]\nformat =\n  version\n  end\nfilter =\noutput =\ninterval = ; none\n"
				     "[defaults]\nvpc-id =\n[interface a]\nmac =\naddress =\n",
				     &err),
			 0);
	assert_string_equal(s.format_text, "version end");
	assert_string_equal(s.output, "-");
	assert_int_equal(s.interval, 60);
	assert_null(s.filter);
	assert_null(s.defaults.identity[FLOW_VPC_ID]);
	assert_false(s.interfaces[0].has_mac);
	settings_free(&s);
}

/* The account's own come behind those of the configuration. */
static void files_of_an_account(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s,
				     "[aws]\nnetwork-interfaces = " AWS_DATA "describe-network-interfaces.json\n"
				     "security-groups =\n  " AWS_DATA "describe-security-groups.json\n"
				     "[interface web]\ninterface-id = eni-1235b8ca123456789\n"
				     "security-groups = sg-0aaaaaaaaaaaaaaa3, sg-own\n"
				     "[security-group sg-own]\n"
				     "ingress = allow all from sg-0aaaaaaaaaaaaaaa1\n"
				     "[aws]\nnetwork-acls = " AWS_DATA "describe-network-acls.json\n"
				     "interface-tag = cost centre\n",
				     &err),
			 0);
	assert_int_equal(s.own_interface_count, 1);
	assert_int_equal(s.interface_count, 5);
	assert_string_equal(s.interfaces[0].name, "web");
	assert_string_equal(s.interfaces[0].identity[FLOW_INSTANCE_ID], "i-01234567890123456");
	assert_string_equal(s.interfaces[0].identity[FLOW_INTERFACE_TAG], "Z%C3%BCrich");
	assert_int_equal(s.interfaces[0].security_group_count, 2);
	assert_string_equal(s.interfaces[0].network_acl, "acl-0aaaaaaaaaaaaaaa1");
	assert_int_equal(s.own_group_count, 1);
	assert_int_equal(s.group_count, 4);
	assert_string_equal(s.groups[0].name, "sg-own");
	assert_int_equal(s.own_acl_count, 0);
	assert_int_equal(s.acl_count, 2);
	assert_int_equal(s.aws.remark_count, 2);
	settings_free(&s);
}

/* What the file of that path says in one line of [eniflow]. */
static struct settings read_line(const char *path, const char *key, const char *value)
{
	char text[128];
	struct settings s;
	FILE *file;

	snprintf(text, sizeof(text), "[eniflow]\n%s = %s\n", key, value);
	file = fmemopen(text, strlen(text), "r");
	assert_int_equal(settings_init(&s, &err), 0);
	assert_int_equal(config_read_stream(&s, file, path, &err), 0);
	fclose(file);
	return s;
}

static void assert_output(const char *path, const char *value, const char *expected)
{
	struct settings s = read_line(path, "output", value);

	assert_string_equal(s.output, expected);
	settings_free(&s);
}

static void assert_metrics(const char *path, const char *value, const char *expected)
{
	struct settings s = read_line(path, "metrics", value);

	assert_string_equal(s.metrics, expected);
	settings_free(&s);
}

static void paths(void **state)
{
	(void)state;
	assert_output("web.ini", "out.log", "out.log");
	assert_output("/etc/web.ini", "out.log", "/etc/out.log");
	assert_output("/web.ini", "out.log", "/out.log");
	assert_output("a/web.ini", "../out.log", "a/../out.log");
	assert_output("a/web.ini", "/tmp/out.log", "/tmp/out.log");
	assert_output("a/web.ini", "-", "-");
	assert_metrics("/etc/web.ini", "m.prom", "/etc/m.prom");
	assert_metrics("/etc/web.ini", "/run/m.prom", "/run/m.prom");
	assert_metrics("/etc/web.ini", "127.0.0.1:9700", "127.0.0.1:9700");
}

/* What is wrong, and the sentence about it. */
static const char *const faults[][2] = {
	{ "[intrface web]\n", "x/y.ini:1: intrface: there is no such section; the nearest: interface" },
	{ "[eniflow]\nintervall = 60\n",
	  "x/y.ini:2: intervall: there is no such key in [eniflow]; the nearest: interval" },
	{ "[interface web]\nmacc = 02:11:22:33:44:55\n",
	  "x/y.ini:2: macc: there is no such key in [interface]; the nearest: mac" },
	{ "[defaults]\nvpc_id = x\n", "x/y.ini:2: vpc_id: there is no such key in [defaults]; the nearest: vpc-id" },
	{ "[route 10.0.0.0/8]\ntrafic-path = 1\n",
	  "x/y.ini:2: trafic-path: there is no such key in [route]; the nearest: traffic-path" },
	{ "interval = 60\n", "x/y.ini:1: interval: stands in no section; begin with a line such as [eniflow]" },
	{ "[eniflow web]\n", "x/y.ini:1: [eniflow web]: [eniflow] takes no name" },
	{ "[interface]\n", "x/y.ini:1: [interface]: a name is missing, as in [interface eth0]" },
	{ "[route]\n", "x/y.ini:1: [route]: a name is missing, as in [route 10.0.0.0/16]" },
	{ "[eniflow]\ninterval = 60\n\ninterval = 60\n", "x/y.ini:4: interval: given twice; first on line 2" },
	{ "[eniflow]\ninterval = 60\n[eniflow]\ninterval = 60\n", "x/y.ini:4: interval: given twice; first on line 2" },
	{ "[interface a]\nmac =\n  02:11:22:33:44:55\n",
	  "x/y.ini:3: mac: takes one line; this one is indented, which continues line 2" },
	{ "[interface a]\ndevice = x\n[interface b]\ndevice = x\n[interface a]\n",
	  "x/y.ini:5: [interface a]: given twice; first on line 1" },
	{ "[defaults]\nvpc-id = x\n[defaults]\nvpc-id = x\n", "x/y.ini:4: vpc-id: given twice; first on line 2" },
	{ "[route 10.0.0.0/8]\ntraffic-path = 1\ntraffic-path = 1\n",
	  "x/y.ini:3: traffic-path: given twice; first on line 2" },
	{ "[route 10.0.0.0/8]\ntraffic-path = 9\n", "x/y.ini:2: traffic-path: '9' is not a whole number from 1 to 8" },
	{ "[route 10.0.0.0/8]\n", "x/y.ini:1: [route]: its traffic-path is missing" },
	{ "[route 10.0.0.0/8]\ntraffic-path =\n\n[eniflow]\n", "x/y.ini:1: [route]: its traffic-path is missing" },
	{ "[route 10.0.0.1/8]\n", "x/y.ini:1: route: 10.0.0.1/8 has bits behind its length; write 10.0.0.0/8" },
	{ "[route 10.0.0.0/8]\ntraffic-path = 1\n[route 10.0.0.0/8]\ntraffic-path = 2\n",
	  "x/y.ini:3: [route]: there is one for this prefix already" },
	{ "[aws lab]\n", "x/y.ini:1: [aws lab]: [aws] takes no name" },
	{ "[aws]\nip-range = a\n", "x/y.ini:2: ip-range: there is no such key in [aws]; the nearest: ip-ranges" },
	{ "[aws]\ninterface-tag = a\n[aws]\ninterface-tag = b\n",
	  "x/y.ini:4: interface-tag: given twice; first on line 2" },
	{ "[aws]\nvpcs =\n  " AWS_DATA "describe-subnets.json\n",
	  AWS_DATA "describe-subnets.json: has no Vpcs; it is a file for the key subnets" },
	{ "[interface a]\nsecurity-groups = sg-0aaaaaaaaaaaaaaa9\n[aws]\nsecurity-groups = " AWS_DATA
	  "describe-security-groups.json\n",
	  "x/y.ini:2: [interface a]: security-groups: there is no [security-group sg-0aaaaaaaaaaaaaaa9]; "
	  "the nearest: sg-0aaaaaaaaaaaaaaa1, sg-0aaaaaaaaaaaaaaa2 or sg-0aaaaaaaaaaaaaaa3" },
	{ "[securitygroup sg-1]\n", "x/y.ini:1: securitygroup: there is no such section; the nearest: security-group" },
	{ "[acl a]\n", "x/y.ini:1: acl: there is no such section; the nearest: network-acl" },
	{ "[eniflow]\nmax-connections = 0\n",
	  "x/y.ini:2: max-connections: '0' is not a whole number from 1 to 1073741824" },
	{ "[eniflow]\nudp-timout = 30\n",
	  "x/y.ini:2: udp-timout: there is no such key in [eniflow]; the nearest: udp-timeout" },
	{ "[eniflow]\nbackend = bpf\n", "x/y.ini:2: backend: 'bpf' is not one of auto|pcap|packet|ebpf|nflog" },
	{ "[eniflow]\nquiet = 1\ndevices = eth0\n  eth1 eth0\n", "x/y.ini:3: devices: eth0: given twice" },
	{ "[eniflow]\nset = vpc-id=x\n", "x/y.ini:2: set: write FIELD = VALUE in [defaults]" },
	{ "[eniflow]\nno-header = yes\n", "x/y.ini:2: no-header: write header = no" },
	{ "[eniflow]\nconfig = x\n", "x/y.ini:2: config: an option of the command line alone" },
	{ "[eniflow]\ntype = xml\n", "x/y.ini:2: type: 'xml' is not one of text|json|csv|parquet|ocsf" },
	{ "[eniflow]\nkafka = linger.ms=5\n",
	  "x/y.ini:2: kafka: write kafka.NAME = VALUE, such as kafka.sasl.username = eniflow" },
	{ "[defaults]\nvpc-id = a b\n",
	  "x/y.ini:2: vpc-id: byte 2 of the value is white space or a control character; percent-encode it (%20)" },
	{ "[defaults]\nvpc-id = \xff\n", "x/y.ini:2: vpc-id: byte 1 of the value is not UTF-8; percent-encode it" },
	{ "[interface a]\naddress = 10.0.0.1\n  10.0.0.1\n", "x/y.ini:3: address: 10.0.0.1 stands twice in the list" },
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

/* The format's own sentences, with the line where the key first stands. */
static void format_fault(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s, "[eniflow]\nquiet = 1\nformat = version\n  scraddr\n", &err), -EINVAL);
	assert_int_equal(strncmp(err.text, "x/y.ini:3: format", 17), 0);
	assert_non_null(strstr(err.text, "srcaddr"));
}

static void from_disk(void **state)
{
	char folder[] = "/tmp/eniflow-config-XXXXXX", path[64], expected[128];
	struct settings s;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.ini", folder);
	snprintf(expected, sizeof(expected), "%s: cannot be read: No such file or directory", path);
	assert_int_equal(settings_init(&s, &err), 0);
	assert_int_equal(config_read(&s, path, &err), -ENOENT);
	assert_string_equal(err.text, expected);
	snprintf(expected, sizeof(expected), "%s: cannot be read: Is a directory", folder);
	assert_int_equal(config_read(&s, folder, &err), -EISDIR);
	assert_string_equal(err.text, expected);
	file = fopen(path, "w");
	fputs("[eniflow]\ninterval = 7\n", file);
	fclose(file);
	assert_int_equal(config_read(&s, path, &err), 0);
	assert_int_equal(s.interval, 7);
	settings_free(&s);
	remove(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads),   TEST(unset),        TEST(files_of_an_account), TEST(paths),
		TEST(refuses), TEST(format_fault), TEST(from_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
