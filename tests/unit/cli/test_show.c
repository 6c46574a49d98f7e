/* What --show-config prints reads back to the same settings, whatever they are. */
#include "cli/show.h"

#include "config_text.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct error err;

/* The text of --show-config; the caller's to free. */
static char *shown(const struct settings *settings)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	err.text[0] = '\0';
	if (show_settings(out, settings, &err) < 0) {
		fclose(out);
		free(text);
		return NULL;
	}
	fclose(out);
	return text;
}

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same_prefixes(const struct flow_prefix *a, size_t a_count, const struct flow_prefix *b,
				 size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++) {
		assert_int_equal(a[i].family, b[i].family);
		assert_int_equal(a[i].length, b[i].length);
		assert_true(flow_address_equal(&a[i].base, &b[i].base));
	}
}

static void assert_same_interface(const struct flow_interface *a, const struct flow_interface *b)
{
	assert_same_text(a->name, b->name);
	assert_same_text(a->device, b->device);
	assert_int_equal(a->has_mac, b->has_mac);
	assert_memory_equal(a->mac, b->mac, 6);
	assert_int_equal(a->has_vni, b->has_vni);
	assert_int_equal(a->vni, b->vni);
	assert_int_equal(a->address_count, b->address_count);
	for (size_t i = 0; i < a->address_count; i++) {
		assert_int_equal(a->addresses[i].family, b->addresses[i].family);
		assert_true(flow_address_equal(&a->addresses[i].address, &b->addresses[i].address));
	}
	assert_same_prefixes(a->vpc_cidrs, a->vpc_cidr_count, b->vpc_cidrs, b->vpc_cidr_count);
	assert_same_prefixes(a->subnet_cidrs, a->subnet_cidr_count, b->subnet_cidrs, b->subnet_cidr_count);
	assert_int_equal(a->security_group_count, b->security_group_count);
	for (size_t i = 0; i < a->security_group_count; i++)
		assert_same_text(a->security_groups[i], b->security_groups[i]);
	assert_same_text(a->network_acl, b->network_acl);
	for (size_t i = 0; i < FLOW_IDENTITY_END; i++)
		assert_same_text(a->identity[i], b->identity[i]);
}

static void assert_same_rules(const struct flow_rules *a, const struct flow_rules *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct flow_rule *x = &a->items[i], *y = &b->items[i];

		assert_int_equal(x->allow, y->allow);
		assert_int_equal(x->number, y->number);
		assert_int_equal(x->protocol, y->protocol);
		assert_int_equal(x->port_from, y->port_from);
		assert_int_equal(x->port_to, y->port_to);
		assert_int_equal(x->icmp_type, y->icmp_type);
		assert_int_equal(x->icmp_code, y->icmp_code);
		assert_same_prefixes(x->peers, x->peer_count, y->peers, y->peer_count);
		assert_same_text(x->group, y->group);
	}
}

static void assert_same_policies(const struct settings *a, const struct settings *b)
{
	assert_int_equal(a->group_count, b->group_count);
	for (size_t i = 0; i < a->group_count; i++) {
		assert_string_equal(a->groups[i].name, b->groups[i].name);
		assert_int_equal(a->groups[i].limits_egress, b->groups[i].limits_egress);
		assert_same_rules(&a->groups[i].ingress, &b->groups[i].ingress);
		assert_same_rules(&a->groups[i].egress, &b->groups[i].egress);
	}
	assert_int_equal(a->acl_count, b->acl_count);
	for (size_t i = 0; i < a->acl_count; i++) {
		assert_string_equal(a->acls[i].name, b->acls[i].name);
		assert_same_rules(&a->acls[i].ingress, &b->acls[i].ingress);
		assert_same_rules(&a->acls[i].egress, &b->acls[i].egress);
	}
}

static void assert_same_sensor(const struct settings *a, const struct settings *b)
{
	assert_int_equal(a->device_count, b->device_count);
	for (size_t i = 0; i < a->device_count; i++)
		assert_string_equal(a->devices[i], b->devices[i]);
	assert_int_equal(a->backend, b->backend);
	assert_int_equal(a->promiscuous, b->promiscuous);
	assert_int_equal(a->duration, b->duration);
	assert_int_equal(a->ring_size, b->ring_size);
	assert_int_equal(a->hold_size, b->hold_size);
	assert_int_equal(a->kernel_flows, b->kernel_flows);
	assert_int_equal(a->nflog_group_count, b->nflog_group_count);
	for (size_t i = 0; i < a->nflog_group_count; i++) {
		assert_int_equal(a->nflog_groups[i].number, b->nflog_groups[i].number);
		assert_int_equal(a->nflog_groups[i].action, b->nflog_groups[i].action);
	}
	assert_same_text(a->user, b->user);
	assert_same_text(a->metrics, b->metrics);
}

static void assert_same(const struct settings *a, const struct settings *b)
{
	assert_int_equal(a->format.count, b->format.count);
	assert_memory_equal(a->format.fields, b->format.fields, a->format.count);
	assert_int_equal(a->format.is_preset, b->format.is_preset);
	assert_same_text(a->output, b->output);
	assert_int_equal(a->encoding, b->encoding);
	assert_int_equal(a->interval, b->interval);
	assert_int_equal(a->header, b->header);
	assert_same_text(a->filter, b->filter);
	assert_int_equal(a->exclude_aws, b->exclude_aws);
	assert_int_equal(a->window_times, b->window_times);
	assert_int_equal(a->tunnels, b->tunnels);
	assert_int_equal(a->max_flows, b->max_flows);
	assert_int_equal(a->skip_when_full, b->skip_when_full);
	assert_int_equal(a->max_connections, b->max_connections);
	assert_int_equal(a->tcp_timeout, b->tcp_timeout);
	assert_int_equal(a->tcp_closed_timeout, b->tcp_closed_timeout);
	assert_int_equal(a->udp_timeout, b->udp_timeout);
	assert_int_equal(a->udp_stream_timeout, b->udp_stream_timeout);
	assert_int_equal(a->other_timeout, b->other_timeout);
	assert_same_policies(a, b);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->quiet, b->quiet);
	assert_int_equal(a->summary, b->summary);
	assert_same_text(a->flow_log_id, b->flow_log_id);
	assert_int_equal(a->codec, b->codec);
	assert_int_equal(a->layout, b->layout);
	assert_int_equal(a->file_size, b->file_size);
	if (a->command == COMMAND_CAPTURE)
		assert_same_sensor(a, b);
	assert_same_interface(&a->defaults, &b->defaults);
	assert_int_equal(a->interface_count, b->interface_count);
	for (size_t i = 0; i < a->interface_count; i++)
		assert_same_interface(&a->interfaces[i], &b->interfaces[i]);
	assert_int_equal(a->routes.count, b->routes.count);
	for (size_t i = 0; i < a->routes.count; i++) {
		assert_int_equal(a->routes.items[i].traffic_path, b->routes.items[i].traffic_path);
		assert_same_prefixes(&a->routes.items[i].prefix, 1, &b->routes.items[i].prefix, 1);
	}
}

/* Reads back what is shown of `settings`, and frees both. */
static void assert_round_trip(struct settings *settings)
{
	char *text = shown(settings), *again;
	struct settings back;

	assert_string_equal(err.text, "");
	assert_int_equal(config_text_for(settings->command, &back, text, &err), 0);
	assert_same(settings, &back);
	assert_int_equal(show_same(settings, &back, &err), 1);
	again = shown(&back);
	assert_string_equal(again, text);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 199);
	free(again);
	free(text);
	settings_free(&back);
	settings_free(settings);
}

static void defaults(void **state)
{
	struct settings s;
	char *text;

	(void)state;
	assert_int_equal(config_text(&s, "\n", &err), 0);
	text = shown(&s);
	assert_string_equal(text, "[eniflow]\n"
				  "format = default\n"
				  "output = -\n"
				  "type = text\n"
				  "interval = 60\n"
				  "exclude = aws\n"
				  "timestamps = packet\n"
				  "max-flows = 4194304\n"
				  "on-full = flush\n"
				  "max-connections = 1048576\n"
				  "tcp-timeout = 432000\n"
				  "tcp-closed-timeout = 10\n"
				  "udp-timeout = 30\n"
				  "udp-stream-timeout = 180\n"
				  "other-timeout = 600\n"
				  "quiet = no\n"
				  "summary = text\n"
				  "hive-compatible-partitions = no\n"
				  "per-hour-partition = no\n"
				  "\n[defaults]\n");
	free(text);
	assert_round_trip(&s);
}

#define SHOWN_SENSOR                                                                                                   \
	"flow-log-id = fl-0123abcd\n"                                                                                  \
	"hive-compatible-partitions = no\n"                                                                            \
	"per-hour-partition = no\n"                                                                                    \
	"devices = eth0, wg0\n"                                                                                        \
	"backend = nflog\n"                                                                                            \
	"promiscuous = yes\n"                                                                                          \
	"ring-size = 1536K\n"                                                                                          \
	"hold-size = 2G\n"                                                                                             \
	"kernel-flows = 2048\n"                                                                                        \
	"nflog-groups = 7=accept, 8=reject, 9\n"                                                                       \
	"duration = 9\n"                                                                                               \
	"user = nobody\n"                                                                                              \
	"metrics = /tmp/m.prom\n"                                                                                      \
	"\n[defaults]\n"

/* One file for both commands; each shows what it has. */
static void sensor(void **state)
{
	static const char text[] =
		"[eniflow]\ndevices = eth0\n  wg0\nbackend = nflog\npromiscuous = on\n"
		"ring-size = 1536KiB\nhold-size = 2048M\nkernel-flows = 2048\nnflog-groups = 7=accept\n 8=reject 9\n"
		"duration = 9\nuser = nobody\nmetrics = /tmp/m.prom\nflow-log-id = fl-0123abcd\n";
	struct settings s;
	char *said;

	(void)state;
	assert_int_equal(config_text_for(COMMAND_CAPTURE, &s, text, &err), 0);
	said = shown(&s);
	assert_non_null(said);
	assert_non_null(strstr(said, SHOWN_SENSOR));
	free(said);
	assert_round_trip(&s);
	assert_int_equal(config_text(&s, text, &err), 0);
	said = shown(&s);
	assert_non_null(strstr(said, "\nflow-log-id = fl-0123abcd\nhive-compatible-partitions = no\n"
				     "per-hour-partition = no\n\n[defaults]\n"));
	free(said);
	assert_round_trip(&s);
}

static void assert_differ(const char *a_text, const char *b_text)
{
	struct settings a, b;

	assert_int_equal(config_text_for(COMMAND_CAPTURE, &a, a_text, &err), 0);
	assert_int_equal(config_text_for(COMMAND_CAPTURE, &b, b_text, &err), 0);
	assert_int_equal(show_same(&a, &b, &err), 0);
	settings_free(&a);
	settings_free(&b);
}

static void same(void **state)
{
	static const char aws[] = "[aws]\nvpcs = " TEST_DATA "/aws/describe-vpcs.json\n";

	(void)state;
	assert_differ("[eniflow]\ninterval = 60\n", "[eniflow]\ninterval = 61\n");
	assert_differ("[eniflow]\ndevices = a b\n", "[eniflow]\ndevices = b a\n");
	assert_differ("[interface a]\n", "[interface a]\nvpc-id = x\n");
	assert_differ("[eniflow]\n", "[security-group a]\n");
	assert_differ(aws, aws); /* what is in the file may have changed */
}

/* Appends printf-like to the text of a configuration. */
static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text + strlen(text), 65536 - strlen(text), format, args);
	va_end(args);
}

/* Small numbers of our own, so that a failure comes again. */
static unsigned pick(unsigned below)
{
	static unsigned state = 1;

	state = state * 1103515245U + 12345U;
	return (state >> 16) % below;
}

/* Number 1 has the longest name that there can be. */
static void add_group_name(char *text, unsigned group)
{
	add(text, "sg-%0*u", group == 1 ? 125 : 1, group);
}

static void add_shared_keys(char *text)
{
	for (int i = 0; i < FLOW_IDENTITY_END; i++) {
		const char *name = settings_identity_name((enum flow_identity)i);

		if (pick(3) == 0) /* up to the longest line */
			add(text, "%s=%0*u\n", name, (int)(1 + pick(199 - 1 - (unsigned)strlen(name))), pick(1000));
	}
	for (unsigned n = pick(12), i = 0; i < n; i++)
		add(text, "vpc-cidr = 10.%u.0.0/16\n  2001:db8:%x::/48\n", pick(256), pick(65536));
	if (pick(2))
		add(text, "subnet-cidr = 10.0.%u.0/24\n", pick(256));
	if (pick(2)) {
		add(text, "security-groups = ");
		add_group_name(text, pick(2));
		add(text, ", sg-2\nnetwork-acl = acl.%u\n", pick(3));
	}
}

static void add_rules(char *text, bool acl, bool egress)
{
	static const char *const kinds[] = { "all",      "tcp 443",      "6 1024-65535", "udp 0",
					     "icmp 8/0", "icmpv6 3",     "icmp */0",     "icmpv6 */*",
					     "gre",      "sctp 0-65535", "200",          "udplite 65535" };

	for (unsigned n = pick(6), i = 0; i < n; i++) {
		if (i == 0 || pick(2))
			add(text, "%s =", egress ? "egress" : "ingress");
		add(text, "  ");
		if (acl)
			add(text, "%u ", 1 + pick(3000) * 10 + i);
		add(text, "%s %s %s ", acl && pick(2) ? "deny" : "allow", kinds[pick(sizeof(kinds) / sizeof(kinds[0]))],
		    egress ? "to" : "from");
		if (pick(3) == 0)
			add_group_name(text, pick(3));
		else
			add(text, pick(2) ? "10.%u.0.0/16" : "2001:db8:%u::/48", pick(256));
		add(text, "\n");
	}
}

static void add_policies(char *text)
{
	for (unsigned i = 0; i < 3; i++) {
		bool egress = pick(2);

		add(text, "[security-group ");
		add_group_name(text, i);
		add(text, "]\n");
		add_rules(text, false, false);
		if (egress)
			add_rules(text, false, true);
		else if (pick(2))
			add(text, "egress = %s\n", pick(2) ? "none" : "");
		add(text, "[network-acl acl.%u]\n", i);
		add_rules(text, true, false);
		add_rules(text, true, true);
	}
}

static void add_eniflow(char *text)
{
	add(text, "[eniflow]\nformat =\n");
	for (unsigned n = 1 + pick(60), i = 0; i < n; i++)
		add(text, "  %s\n", output_fields[pick(FIELD_END_OF_LIST)].name);
	add(text, "interval = %u\nmax-flows = %u\nquiet = %u\n", 1 + pick(32000), 1 + pick(32000), pick(2));
	add(text, "exclude = %s\ntimestamps = %s\n", pick(2) ? "aws" : "none", pick(2) ? "packet" : "window");
	add(text, "on-full = %s\nsummary = %s\n", pick(2) ? "flush" : "skip", pick(2) ? "text" : "json");
	if (pick(2))
		add(text, "output = /tmp/%u ;%u;%s\n", pick(9), pick(9), pick(2) ? ".json" : ".csv.gz");
	if (pick(2))
		add(text, "header = %u\nthreads = %u\n", pick(2), 1 + pick(256));
	if (pick(2))
		add(text,
		    "hive-compatible-partitions = %u\nper-hour-partition = %u\nmax-file-size = %uM\ncompression = %s\n",
		    pick(2), pick(2), 1 + pick(99), pick(2) ? "none" : "gzip");
	if (pick(2))
		add(text, "anonymize = %s%u.key\n", pick(2) ? "/" : "", pick(9));
	if (pick(2))
		add(text, "max-connections = %u\ntcp-timeout = %u\ntcp-closed-timeout = %u\nudp-timeout = %u\n",
		    1 + pick(9), 1 + pick(9), 1 + pick(9), 1 + pick(9));
	if (pick(2))
		add(text, "udp-stream-timeout = %u\nother-timeout = %u\n", 1 + pick(9), 1 + pick(9));
	if (pick(2))
		add(text, "decapsulate = %s%s %s\n", pick(2) ? "gre," : "", pick(2) ? "vxlan" : "",
		    pick(2) ? "geneve" : "");
	if (pick(2))
		add(text, "ring-size = %uM\nhold-size = %u\npromiscuous = %u\nmetrics = [::1]:%u\n", 1 + pick(2048),
		    1048576 + pick(9999), pick(2), pick(9999));
	if (pick(2))
		add(text, "duration = %u\nflow-log-id = fl-%08x\nuser = %u ; no\n", 1 + pick(9999), pick(32768),
		    pick(9));
	if (pick(2)) {
		add(text, "devices = ");
		for (unsigned n = pick(40), i = 0; i < n; i++)
			add(text, "%u;#=[]%s", i, pick(2) ? "\n  " : ",");
		add(text, "\nnflog-groups =\n");
		for (unsigned n = pick(40), i = 0; i < n; i++)
			add(text, "  %u%s\n", i, pick(2) ? "=reject" : pick(2) ? "=accept" : "");
	}
	if (pick(2))
		add(text, "filter = ");
	for (unsigned n = pick(40), i = 0; i < n && strstr(text, "filter"); i++)
		add(text, "host 10.0.0.%u or\n  ", pick(256));
	add(text, "\n");
}

/* Generated configurations, and what is shown of them. */
static void round_trips(void **state)
{
	static char text[65536];

	(void)state;
	for (int turn = 0; turn < 300; turn++) {
		enum command command = turn % 2 ? COMMAND_CAPTURE : COMMAND_READ;
		struct settings s;

		text[0] = '\0';
		add_eniflow(text);
		add(text, "[defaults]\n");
		add_shared_keys(text);
		for (unsigned n = pick(4), i = 0; i < n; i++) {
			add(text, "[interface %u name]\nmac = 02:00:00:00:00:%02x\n", i, pick(256));
			if (pick(2))
				add(text, "device = %u;]=\nvni = %u\n", i, pick(30000));
			for (unsigned j = pick(30); j > 0; j--)
				add(text, "address = 10.0.0.%u, 2001:db8::ffff:%x ::ffff:0.0.1.%u\n", j, j, j);
			add_shared_keys(text);
		}
		for (unsigned n = pick(4), i = 0; i < n; i++)
			add(text, "[route 10.%u.0.0/%u]\ntraffic-path = %u\n", i, 16 + pick(17), 1 + pick(8));
		add_policies(text);
		config_text_for(command, &s, text, &err);
		assert_string_equal(err.text, "");
		assert_round_trip(&s);
	}
}

static struct flow_rule prefix_list(bool empty)
{
	struct flow_rule rule = { .allow = true,
				  .protocol = 6,
				  .port_from = 443,
				  .port_to = 443,
				  .icmp_type = FLOW_RULE_ANY,
				  .icmp_code = FLOW_RULE_ANY };

	if (empty)
		return rule;
	rule.peers = calloc(2, sizeof(*rule.peers));
	assert_non_null(rule.peers);
	rule.peers[0] = (struct flow_prefix){ FLOW_IPV4, 8, { { 10 } } };
	rule.peers[1] = (struct flow_prefix){ FLOW_IPV6, 16, { { 0x20, 0x01 } } };
	rule.peer_count = 2;
	return rule;
}

/* What no line of a file says comes back as lines that mean the same. */
static void prefix_lists(void **state)
{
	struct flow_rule two = prefix_list(false), empty = prefix_list(true);
	struct settings s;
	char *text;

	(void)state;
	assert_int_equal(
		config_text(&s, "[security-group sg-a]\negress = none\n[security-group sg-b]\negress = none\n", &err),
		0);
	assert_int_equal(flow_rules_add(&s.groups[0].egress, &two, &err), 0);
	assert_int_equal(flow_rules_add(&s.groups[1].egress, &empty, &err), 0);
	text = shown(&s);
	assert_non_null(strstr(text, "\n[security-group sg-a]\n"
				     "egress = allow tcp 443 to 10.0.0.0/8\n"
				     "egress = allow tcp 443 to 2001::/16\n"
				     "\n[security-group sg-b]\n"
				     "egress = none\n"));
	free(text);
	settings_free(&s);
}

/* A relative path means the same file wherever the shown configuration lies. */
static void relative_output(void **state)
{
	char folder[] = "/tmp/eniflow-show-XXXXXX", expected[128], *before = getcwd(NULL, 0);
	struct settings s;
	char *text;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(settings_init(&s, &err), 0);
	assert_int_equal(settings_put(&s, SETTING_OUTPUT, "output", "a/out.log", &err), 0);
	assert_int_equal(settings_put(&s, SETTING_METRICS, "metrics", "a/m.prom", &err), 0);
	s.command = COMMAND_CAPTURE;
	text = shown(&s);
	snprintf(expected, sizeof(expected), "\noutput = %s/a/out.log\n", folder);
	assert_non_null(strstr(text, expected));
	snprintf(expected, sizeof(expected), "\nmetrics = %s/a/m.prom\n", folder);
	assert_non_null(strstr(text, expected));
	free(text);
	settings_free(&s);
	assert_int_equal(chdir(before), 0);
	rmdir(folder);
	free(before);
}

static void assert_cannot_be_shown(enum settings_key key, const char *value, const char *sentence)
{
	struct settings s;

	assert_int_equal(settings_init(&s, &err), 0);
	s.command = COMMAND_CAPTURE;
	assert_int_equal(settings_put(&s, key, "x", value, &err), 0);
	assert_null(shown(&s));
	assert_string_equal(err.text, sentence);
	settings_free(&s);
}

/* Options may say what a line of the file cannot. */
static void what_no_line_holds(void **state)
{
	char text[300] = "/", sentence[400];

	(void)state;
	assert_cannot_be_shown(SETTING_OUTPUT, "/a ;b",
			       "output: its value (5 bytes) cannot stand on a line of a configuration file");
	assert_cannot_be_shown(SETTING_OUTPUT, "/a ",
			       "output: its value (3 bytes) cannot stand on a line of a configuration file");
	assert_cannot_be_shown(SETTING_OUTPUT, "/a\nb",
			       "output: its value (4 bytes) cannot stand on a line of a configuration file");
	memset(text + 1, 'x', 250);
	assert_cannot_be_shown(SETTING_OUTPUT, text,
			       "output: its value (251 bytes) cannot stand on a line of a configuration file");
	snprintf(sentence, sizeof(sentence), "filter: '%s' cannot stand on a line of a configuration file", text);
	assert_cannot_be_shown(SETTING_FILTER, text, sentence);
	assert_cannot_be_shown(SETTING_DEVICES, ";x", "devices: ';x' cannot stand on a line of a configuration file");
	assert_cannot_be_shown(SETTING_USER, "a ;b",
			       "user: its value (4 bytes) cannot stand on a line of a configuration file");
	assert_cannot_be_shown(SETTING_METRICS, "a\n",
			       "metrics: its value (2 bytes) cannot stand on a line of a configuration file");
	assert_cannot_be_shown(SETTING_FILTER, "tcp ;x", "filter: ';x' cannot stand on a line of a configuration file");
}

static void full_disk(void **state)
{
	FILE *out = fopen("/dev/full", "w");
	struct settings s;

	(void)state;
	if (!out)
		skip();
	assert_int_equal(settings_init(&s, &err), 0);
	assert_int_equal(show_settings(out, &s, &err), -ENOSPC);
	assert_string_equal(err.text, "the configuration cannot be written: No space left on device");
	settings_free(&s);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults),           TEST(sensor),       TEST(same),
		TEST(round_trips),        TEST(prefix_lists), TEST(relative_output),
		TEST(what_no_line_holds), TEST(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
