/* The command line: spellings, what wins over what, and usage errors. */
#include "cli/options.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct error err;
static char config_path[] = "/tmp/eniflow-options-XXXXXX";

/* Cuts the line at blanks; ~ in an argument stands for one, CONFIG for the path of the configuration. */
static int parse_for(enum command command, struct settings *settings, const char *line, const struct notices *notices)
{
	char text[512], *argv[64], *rest = NULL;
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		for (char *tilde = word; (tilde = strchr(tilde, '~'));)
			*tilde = ' ';
		argv[argc++] = strcmp(word, "CONFIG") == 0 ? config_path : word;
	}
	argv[argc] = NULL;
	err.text[0] = '\0';
	return options_to_settings(settings, command, argc, argv, notices, &err);
}

static struct settings parse(const char *line)
{
	struct settings settings;

	assert_int_equal(parse_for(COMMAND_READ, &settings, line, NULL), 0);
	return settings;
}

static void assert_usage(enum command command, const char *line, const char *sentence)
{
	struct settings settings;

	assert_int_equal(parse_for(command, &settings, line, NULL), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void write_config(const char *text)
{
	FILE *file = fopen(config_path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void short_ones(void **state)
{
	struct settings s = parse("read -f version~end -o out.csv -i600 -s vpc-id=v -j 2 -q a.pcap");

	(void)state;
	assert_int_equal(s.format.count, 2);
	assert_string_equal(s.output, "out.csv");
	assert_int_equal(s.encoding, OUTPUT_CSV);
	assert_int_equal(s.interval, 600);
	assert_string_equal(s.defaults.identity[FLOW_VPC_ID], "v");
	assert_int_equal(s.threads, 2);
	assert_true(s.quiet);
	assert_int_equal(s.file_count, 1);
	settings_free(&s);
	s = parse("read -qi 7 -t json -");
	assert_true(s.quiet);
	assert_int_equal(s.interval, 7);
	assert_int_equal(s.encoding, OUTPUT_JSON);
	settings_free(&s);
}

static void long_ones(void **state)
{
	struct settings s = parse("read a.pcap --format=v5 --output out --type csv --interval=5 --header --filter tcp "
				  "--exclude none --timestamps window --decapsulate vxlan,gre --max-flows 9 --on-full "
				  "skip --max-connections 5 --tcp-timeout 6 --tcp-closed-timeout 7 --udp-timeout 8 "
				  "--udp-stream-timeout 9 --other-timeout=10 --set region=r --set az-id=a=b --threads "
				  "3 --quiet --summary json "
				  "--check-config --show-config");

	(void)state;
	assert_int_equal(s.format.count, 29);
	assert_string_equal(s.output, "out");
	assert_int_equal(s.encoding, OUTPUT_CSV);
	assert_int_equal(s.interval, 5);
	assert_int_equal(s.header, 1);
	assert_string_equal(s.filter, "tcp");
	assert_false(s.exclude_aws);
	assert_true(s.window_times);
	assert_int_equal(s.tunnels, CAPTURE_VXLAN | CAPTURE_GRE);
	assert_int_equal(s.max_flows, 9);
	assert_true(s.skip_when_full);
	assert_int_equal(s.max_connections, 5);
	assert_int_equal(s.tcp_timeout, 6);
	assert_int_equal(s.tcp_closed_timeout, 7);
	assert_int_equal(s.udp_timeout, 8);
	assert_int_equal(s.udp_stream_timeout, 9);
	assert_int_equal(s.other_timeout, 10);
	assert_string_equal(s.defaults.identity[FLOW_REGION], "r");
	assert_string_equal(s.defaults.identity[FLOW_AZ_ID], "a=b");
	assert_int_equal(s.threads, 3);
	assert_true(s.quiet && s.check_config && s.show_config);
	assert_int_equal(s.summary, SUMMARY_JSON);
	settings_free(&s);
}

static void the_last_wins(void **state)
{
	struct settings s = parse(
		"read -i 5 --header -i 6 --no-header -s vpc-id=a -s vpc-id= --filter tcp --filter= a");

	(void)state;
	assert_int_equal(s.interval, 6);
	assert_int_equal(s.header, 0);
	assert_null(s.defaults.identity[FLOW_VPC_ID]);
	assert_null(s.filter);
	settings_free(&s);
}

static void operands(void **state)
{
	struct settings s = parse("read b.pcap eth0=a.pcap ./x=y.pcap dir/x=y - e=f=g -- -q");

	(void)state;
	assert_int_equal(s.file_count, 7);
	assert_null(s.files[0].name);
	assert_string_equal(s.files[0].path, "b.pcap");
	assert_string_equal(s.files[1].name, "eth0");
	assert_string_equal(s.files[1].path, "a.pcap");
	assert_null(s.files[2].name);
	assert_string_equal(s.files[2].path, "./x=y.pcap");
	assert_null(s.files[3].name);
	assert_string_equal(s.files[4].path, "-");
	assert_string_equal(s.files[5].name, "e");
	assert_string_equal(s.files[5].path, "f=g");
	assert_string_equal(s.files[6].path, "-q");
	assert_false(s.quiet);
	settings_free(&s);
}

/* Interface over --set over [defaults]; options over [eniflow], also in front of -c. */
static void precedence(void **state)
{
	struct settings s;

	(void)state;
	write_config("[eniflow]\ninterval = 600\ntimestamps = window\nfilter = tcp\ndecapsulate = gre\n"
		     "[defaults]\nvpc-id = d\nregion = d\naz-id = d\n"
		     "[interface a]\nvpc-id = a\n");
	s = parse("read -i 7 --filter= -s vpc-id=s --set=region=s -c CONFIG a.pcap --decapsulate=");
	assert_int_equal(s.interval, 7);
	assert_true(s.window_times);
	assert_null(s.filter);
	assert_int_equal(s.tunnels, 0);
	assert_string_equal(s.interfaces[0].identity[FLOW_VPC_ID], "a");
	assert_string_equal(s.interfaces[0].identity[FLOW_REGION], "s");
	assert_string_equal(s.interfaces[0].identity[FLOW_AZ_ID], "d");
	assert_string_equal(s.defaults.identity[FLOW_VPC_ID], "s");
	settings_free(&s);
}

static void config_faults(void **state)
{
	char expected[128];
	struct settings s;

	(void)state;
	write_config("[eniflow]\nquite = yes\n");
	snprintf(expected, sizeof(expected), "%s:2: quite: there is no such key in [eniflow]; the nearest: quiet",
		 config_path);
	assert_usage(COMMAND_READ, "read -c CONFIG a.pcap", expected);
	assert_int_equal(parse_for(COMMAND_READ, &s, "read -c /nonexistent/x a.pcap", NULL), -ENOENT);
	assert_string_equal(err.text, "/nonexistent/x: cannot be read: No such file or directory");
	assert_usage(COMMAND_READ, "read -c CONFIG --config=CONFIG a",
		     "--config: given twice; see eniflow read --help");
	write_config("");
	s = parse("read -c CONFIG a.pcap");
	settings_free(&s);
}

static void help(void **state)
{
	struct settings s;

	(void)state;
	for (int command = 0; command < COMMAND_END; command++) {
		assert_int_equal(parse_for((enum command)command, &s, "x -h --bogus", NULL), 0);
		assert_true(s.help);
		settings_free(&s);
	}
	s = parse("read --help -i0");
	assert_true(s.help);
	settings_free(&s);
}

#define SEE_READ "; see eniflow read --help"

static const char *const faults[][2] = {
	{ "read --intervall 5 a", "--intervall: there is no such option; the nearest: --interval" SEE_READ },
	{ "read --inter=5 a",
	  "--inter: there is no such option; the nearest: --filter or --interval" SEE_READ }, /* not spelt out */
	{ "read --inter 5 a", "--inter: there is no such option; the nearest: --filter or --interval" SEE_READ },
	{ "read --quie a", "--quie: there is no such option; the nearest: --quiet" SEE_READ },
	{ "read --zzzzzzz a", "--zzzzzzz: there is no such option" SEE_READ },
	{ "read --he a", "--he: there is no such option; the nearest: --set, --help or --header" SEE_READ },
	{ "read --quiet -xq a", "-x: there is no such option" SEE_READ },
	{ "read -qx a", "-x: there is no such option" SEE_READ },
	{ "read --quiet=no a", "--quiet=no: this option takes no value" SEE_READ },
	{ "read a --interval", "--interval: its value is missing" SEE_READ },
	{ "read a -qi", "-i: its value is missing" SEE_READ },
	{ "read a -i abc", "--interval: 'abc' is not a whole number from 1 to 86400" SEE_READ },
	{ "read a -t avro", "--type: 'avro' is not one of text|json|csv|parquet|ocsf" SEE_READ },
	{ "read a --kafka linger.ms", "--kafka: 'linger.ms' is not NAME=VALUE" SEE_READ },
	{ "read a --compression lzo", "--compression: 'lzo' is not one of gzip|zstd|snappy|none" SEE_READ },
	{ "read a --max-file-size 1", "--max-file-size: '1' is not a size from 1M to 16G" SEE_READ },
	{ "read a -s vpc-id=a~b",
	  "--set vpc-id: byte 2 of the value is white space or a control character; percent-encode "
	  "it (%20)" SEE_READ },
	{ "read a -s vpc-id", "--set: 'vpc-id' is not FIELD=VALUE" SEE_READ },
	{ "read", "no FILE is given; - is standard input" SEE_READ },
	{ "read -q", "no FILE is given; - is standard input" SEE_READ },
	{ "read - eth0=-", "eth0=-: standard input can be read only once" SEE_READ },
	{ "read =a.pcap", "=a.pcap: the name before = is empty; a file of that name is ./=a.pcap" SEE_READ },
	{ "read eth0=", "'eth0=': the name of a file is missing" SEE_READ },
};

static void usage(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_usage(COMMAND_READ, faults[i][0], faults[i][1]);
	assert_usage(COMMAND_INSPECT, "inspect", "no FILE is given; - is standard input; see eniflow inspect --help");
	assert_usage(COMMAND_INSPECT, "inspect -q a",
		     "--quiet: this option belongs to eniflow read, capture and compare; see eniflow inspect --help");
	assert_usage(COMMAND_EXPLAIN, "explain", "INTERFACE is missing; see eniflow explain --help");
	assert_usage(COMMAND_EXPLAIN, "explain web", "ingress|egress is missing; see eniflow explain --help");
	assert_usage(COMMAND_EXPLAIN, "explain web ingress tcp 1.2.3.4:5",
		     "DESTINATION is missing; see eniflow explain --help");
	assert_usage(COMMAND_EXPLAIN, "explain web ingress tcp 1.2.3.4:5 1.2.3.4:6 x",
		     "x: stands behind DESTINATION, the last argument; see eniflow explain --help");
	assert_usage(COMMAND_EXPLAIN, "explain -i 60 web ingress tcp 1.2.3.4:5 1.2.3.4:6",
		     "--interval: this option belongs to eniflow read and capture; see eniflow explain --help");
	assert_usage(COMMAND_FIELDS, "fields a", "a: eniflow fields takes no arguments; see eniflow fields --help");
}

static struct settings parse_capture(const char *line)
{
	struct settings settings;

	assert_int_equal(parse_for(COMMAND_CAPTURE, &settings, line, NULL), 0);
	return settings;
}

static void capture(void **state)
{
	struct settings s = parse_capture(
		"capture eth0 --backend nflog --promiscuous -i 5 --user nobody wg0 --metrics "
		"m.prom --duration 9 --kernel-flows 1024 --ring-size 1M --hold-size=1G --nflog-groups 8=accept "
		"--flow-log-id fl-00000000 -o out.log -s vpc-id=v -j 1 -q -- -dash");

	(void)state;
	assert_int_equal(s.command, COMMAND_CAPTURE);
	assert_int_equal(s.device_count, 3);
	assert_string_equal(s.devices[0], "eth0");
	assert_string_equal(s.devices[1], "wg0");
	assert_string_equal(s.devices[2], "-dash");
	assert_int_equal(s.file_count, 0);
	assert_int_equal(s.backend, BACKEND_NFLOG);
	assert_true(s.promiscuous && s.quiet);
	assert_int_equal(s.interval, 5);
	assert_string_equal(s.user, "nobody");
	assert_string_equal(s.metrics, "m.prom");
	assert_int_equal(s.duration, 9);
	assert_int_equal(s.ring_size, 1 << 20);
	assert_int_equal(s.hold_size, 1 << 30);
	assert_int_equal(s.kernel_flows, 1024);
	assert_int_equal(s.nflog_groups[0].number, 8);
	assert_string_equal(s.flow_log_id, "fl-00000000");
	settings_free(&s);
}

/* Those of the command line win over those of the file; read minds neither. */
static void devices(void **state)
{
	struct settings s;

	(void)state;
	write_config("[eniflow]\ndevices = eth0, eth1\nring-size = 1M\n");
	s = parse_capture("capture -c CONFIG");
	assert_int_equal(s.device_count, 2);
	assert_string_equal(s.devices[1], "eth1");
	settings_free(&s);
	s = parse_capture("capture -c CONFIG all --ring-size 2M");
	assert_int_equal(s.device_count, 1);
	assert_string_equal(s.devices[0], "all");
	assert_int_equal(s.ring_size, 2 << 20);
	settings_free(&s);
	s = parse("read -c CONFIG a.pcap");
	assert_int_equal(s.file_count, 1);
	settings_free(&s);
	s = parse_capture("capture --check-config");
	settings_free(&s);
}

#define SEE_CAPTURE "; see eniflow capture --help"

static void misplaced(void **state)
{
	static const char *const rows[][2] = {
		{ "capture", "no DEVICE is given; name devices, or all" SEE_CAPTURE },
		{ "capture eth0 eth0", "eth0: given twice" SEE_CAPTURE },
		{ "capture eth0 any", "any: stands for many devices; no other one may be named beside it" },
		{ "capture --promiscous eth0",
		  "--promiscous: there is no such option; the nearest: --promiscuous" SEE_CAPTURE },
		{ "capture --devices=eth0", "--devices: a key of the configuration alone; devices stand behind the "
					    "options of eniflow capture" SEE_CAPTURE },
		{ "capture --ring-size 1 eth0", "--ring-size: '1' is not a size from 256K to 2G" SEE_CAPTURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_usage(COMMAND_CAPTURE, rows[i][0], rows[i][1]);
	for (size_t i = 0; i < OPTION_END; i++) {
		const struct settings_option *row = &settings_options[i];
		char line[64], sentence[128];

		if (row->commands != 1U << COMMAND_CAPTURE)
			continue;
		snprintf(line, sizeof(line), "read a %s%s", row->name, row->argument ? "=1" : "");
		snprintf(sentence, sizeof(sentence), "%s: this option belongs to eniflow capture" SEE_READ, row->name);
		assert_usage(COMMAND_READ, line, sentence);
	}
}

static struct settings parse_compare(const char *line)
{
	struct settings settings;

	assert_int_equal(parse_for(COMMAND_COMPARE, &settings, line, NULL), 0);
	return settings;
}

static void compare(void **state)
{
	struct settings s = parse_compare("compare a.log --json b.log --offset -5 --tolerance bytes=0.25%,packets=3 "
					  "--html x.html --limit 0 -q -s vpc-id=v -j 1 -- eth0=c.pcap -d.pcap");

	(void)state;
	assert_int_equal(s.log_count, 2);
	assert_string_equal(s.logs[1].path, "b.log");
	assert_int_equal(s.file_count, 2);
	assert_string_equal(s.files[0].name, "eth0");
	assert_string_equal(s.files[1].path, "-d.pcap");
	assert_true(s.comparison.json && s.quiet && s.comparison.has_offset);
	assert_int_equal(s.comparison.offset, -5);
	assert_int_equal(s.comparison.packets_tolerance, 3);
	assert_true(s.comparison.bytes_tolerance == 0.25);
	assert_string_equal(s.comparison.html, "x.html");
	assert_int_equal(s.comparison.limit, 0);
	settings_free(&s);
	s = parse_compare("compare --offset +3600 --offset=auto --tolerance packets=9 --tolerance bytes=100% --html a "
			  "--html b - -- c");
	assert_false(s.comparison.has_offset);
	assert_int_equal(s.comparison.packets_tolerance, 0); /* the last one says all */
	assert_true(s.comparison.bytes_tolerance == 100);
	assert_string_equal(s.comparison.html, "b");
	assert_int_equal(s.comparison.limit, 50);
	settings_free(&s);
	s = parse_compare("compare --check-config");
	settings_free(&s);
}

#define SEE_COMPARE "; see eniflow compare --help"

static void compare_faults(void **state)
{
	static const char *const rows[][2] = {
		{ "compare", "no LOG is given; logs stand before --, captures behind it" SEE_COMPARE },
		{ "compare a b", "no CAPTURE is given; captures stand behind --, logs before it" SEE_COMPARE },
		{ "compare a --", "no CAPTURE is given; captures stand behind --, logs before it" SEE_COMPARE },
		{ "compare -- b", "no LOG is given; logs stand before --, captures behind it" SEE_COMPARE },
		{ "compare - -- -", "-: standard input can be read only once" SEE_COMPARE },
		{ "compare --offset 1.5 a -- b",
		  "--offset: '1.5' is neither whole seconds, such as 3600 or -5, nor auto" SEE_COMPARE },
		{ "compare --offset -- a",
		  "--offset: '--' is neither whole seconds, such as 3600 or -5, nor auto" SEE_COMPARE },
		{ "compare --tolerance 5 a -- b", "--tolerance: '5' is neither packets=N nor bytes=N%" SEE_COMPARE },
		{ "compare --tolerance bytes=5 a -- b",
		  "--tolerance: '5' is not a percentage, such as 1% or 0.5%" SEE_COMPARE },
		{ "compare --tolerance bytes=100.1% a -- b", "--tolerance: '100.1%' is more than 100%" SEE_COMPARE },
		{ "compare --tolerance bytes=1.% a -- b",
		  "--tolerance: '1.%' is not a percentage, such as 1% or 0.5%" SEE_COMPARE },
		{ "compare --html - a -- b", "--html: standard output is the other report's; name a file" SEE_COMPARE },
		{ "compare --html= a -- b", "--html: the name of a file is missing" SEE_COMPARE },
		{ "compare -i 60 a -- b", "--interval: this option belongs to eniflow read and capture" SEE_COMPARE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_usage(COMMAND_COMPARE, rows[i][0], rows[i][1]);
}

/* As on SIGHUP: the same command line, and what the file says by then. */
static void again(void **state)
{
	char name[] = "capture", c[] = "-c", device[] = "eth0", quiet[] = "-q", dashes[] = "--", other[] = "-q";
	char *argv[] = { name, device, c, config_path, quiet, dashes, other, NULL };
	struct settings first, second;

	(void)state;
	write_config("[eniflow]\ninterval = 5\n");
	assert_int_equal(options_to_settings(&first, COMMAND_CAPTURE, 7, argv, NULL, &err), 0);
	assert_ptr_equal(argv[1], device); /* stands where it stood */
	write_config("[eniflow]\ninterval = 6\n");
	assert_int_equal(options_read_again(&second, &first, NULL, &err), 0);
	assert_int_equal(first.interval, 5);
	assert_int_equal(second.interval, 6);
	assert_int_equal(second.command, COMMAND_CAPTURE);
	assert_int_equal(second.device_count, 2);
	assert_string_equal(second.devices[0], "eth0");
	assert_string_equal(second.devices[1], "-q");
	assert_true(second.quiet);
	settings_free(&second);
	write_config("[eniflow]\ninterval = x\n");
	assert_int_equal(options_read_again(&second, &first, NULL, &err), -EINVAL);
	settings_free(&first);
}

/* --set with a field that describes a flow, a mistyped one, and one that is none at all. */
static void set_faults(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse_for(COMMAND_READ, &s, "read -s srcaddr=1.2.3.4 a", NULL), -EINVAL);
	assert_non_null(strstr(err.text, "--set: 'srcaddr' is no field that describes an interface, as vpc-id"));
	assert_int_equal(parse_for(COMMAND_READ, &s, "read -s vpcid=x a", NULL), -EINVAL);
	assert_non_null(strstr(err.text, "no field 'vpcid' that describes an interface; the nearest: vpc-id; see"));
	assert_int_equal(parse_for(COMMAND_READ, &s, "read -s zzz a", NULL), -EINVAL);
	assert_non_null(strstr(err.text, "--set: 'zzz' is not FIELD=VALUE"));
}

static void without_files(void **state)
{
	struct settings s = parse("read --check-config");

	(void)state;
	assert_int_equal(s.file_count, 0);
	settings_free(&s);
	s = parse("read --show-config");
	settings_free(&s);
	assert_int_equal(parse_for(COMMAND_FIELDS, &s, "fields", NULL), 0);
	settings_free(&s);
	assert_int_equal(parse_for(COMMAND_EXPLAIN, &s, "explain --check-config", NULL), 0);
	assert_int_equal(s.operand_count, 0);
	settings_free(&s);
	assert_int_equal(parse_for(COMMAND_EXPLAIN, &s, "explain web ingress tcp 1.2.3.4:5 [::1]:6", NULL), 0);
	assert_int_equal(s.operand_count, 5);
	assert_string_equal(s.operands[0], "web");
	assert_string_equal(s.operands[4], "[::1]:6");
	assert_int_equal(s.file_count, 0);
	settings_free(&s);
	assert_int_equal(parse_for(COMMAND_INSPECT, &s, "inspect a b", NULL), 0);
	assert_int_equal(s.file_count, 2);
	settings_free(&s);
}

static void count(void *ctx, const char *sentence)
{
	assert_non_null(sentence);
	++*(int *)ctx;
}

static void remarks(void **state)
{
	int heard = 0;
	const struct notices notices = { count, &heard };
	struct settings s;

	(void)state;
	assert_int_equal(parse_for(COMMAND_READ, &s, "read a", &notices), 0);
	settings_free(&s);
	assert_int_equal(heard, 0);
	assert_int_equal(parse_for(COMMAND_READ, &s, "read -f version~srcaddr a", &notices), 0);
	settings_free(&s);
	assert_true(heard > 0);
}

static int make_config(void **state)
{
	int fd = mkstemp(config_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_config(void **state)
{
	(void)state;
	return remove(config_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(short_ones),    TEST(long_ones), TEST(the_last_wins), TEST(operands),       TEST(precedence),
		TEST(config_faults), TEST(help),      TEST(usage),         TEST(set_faults),     TEST(capture),
		TEST(devices),       TEST(misplaced), TEST(compare),       TEST(compare_faults), TEST(again),
		TEST(without_files), TEST(remarks),
	};

	return cmocka_run_group_tests(tests, make_config, remove_config);
}
