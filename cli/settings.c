#include "cli/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/backend.h"
#include "cli/comparison.h"
#include "cli/delivery.h"
#include "cli/parse.h"
#include "cli/policy_remarks.h"
#include "cli/sensor.h"
#include "flow/connections.h"

enum { CONNECTIONS_MOST = 1 << 30, TIMEOUT_MOST = 365 * 86400 /* seconds; of a duration too */ };

/* Which commands an option is for. */
enum {
	READ = 1 << COMMAND_READ,
	CAPTURE = 1 << COMMAND_CAPTURE,
	COMPARE = 1 << COMMAND_COMPARE,
	BOTH = READ | CAPTURE,
	PACKETS = BOTH | COMPARE,
	EVERY = (1 << COMMAND_END) - 1,
	NONE = 0,
};

/* clang-format off */
const struct settings_option settings_options[OPTION_END] = {
	{ OPTION_CONFIG, 'c', "--config", "FILE", "read this configuration; options win over it", EVERY },
	{ SETTING_FORMAT, 'f', "--format", "FORMAT", "preset, '${version} ${srcaddr} ...', or bare names of fields", BOTH },
	{ SETTING_LOG_FORMAT, 0, "--log-format", "FORMAT", "columns of flow logs that no line of names explains", READ | COMPARE },
	{ SETTING_OUTPUT, 'o', "--output", "DEST", "file (.gz, .zst), DIR/ as in S3, kafka:BROKERS/TOPIC, - (-)", BOTH },
	{ SETTING_TYPE, 't', "--type", "TYPE", "text, json, csv, parquet, ocsf (by DEST's suffix, else text)", BOTH },
	{ SETTING_COMPRESSION, 0, "--compression", "CODEC", "of Parquet: gzip, zstd, snappy or none (gzip)", BOTH },
	{ SETTING_INTERVAL, 'i', "--interval", "SECONDS", "aggregation interval, 1 to 86400 (60)", BOTH },
	{ SETTING_HEADER, 0, "--header", NULL, "write the line of field names, as files have it", BOTH },
	{ OPTION_NO_HEADER, 0, "--no-header", NULL, "leave it out, as standard output has it", BOTH },
	{ SETTING_FLOW_LOG_ID, 0, "--flow-log-id", "ID", "in file names below DIR/: fl- and 8 or 17 hex digits", BOTH },
	{ SETTING_HIVE, 0, "--hive-compatible-partitions", NULL, "Hive's names for folders below DIR/: year=YYYY/...", BOTH },
	{ SETTING_HOURLY, 0, "--per-hour-partition", NULL, "folders below DIR/ by hour, not by day", BOTH },
	{ SETTING_FILE_SIZE, 0, "--max-file-size", "SIZE", "of a file below DIR/, 1M to 16G (75 MB)", BOTH },
	{ OPTION_KAFKA, 0, "--kafka", "NAME=VALUE", "property of librdkafka; repeatable; secrets: file:, env:", BOTH },
	{ SETTING_ANONYMIZE, 0, "--anonymize", "KEYFILE", "replace every address by this key, prefixes kept", BOTH },
	{ SETTING_FILTER, 0, "--filter", "EXPR", "only packets that match this pcap-filter(7) expression", PACKETS },
	{ SETTING_EXCLUDE, 0, "--exclude", "aws|none", "leave out what AWS never logs, or nothing (aws)", PACKETS },
	{ SETTING_TIMESTAMPS, 0, "--timestamps", "packet|window", "what start and end are times of (packet)", BOTH },
	{ SETTING_DECAPSULATE, 0, "--decapsulate", "LIST", "open these tunnels: vxlan, geneve, gre", PACKETS },
	{ SETTING_MAX_FLOWS, 0, "--max-flows", "N", "most flows held at once, 1 to 2147483648 (4194304)", BOTH },
	{ SETTING_ON_FULL, 0, "--on-full", "flush|skip", "at that bound emit early, or skip and say SKIPDATA (flush)", BOTH },
	{ SETTING_MAX_CONNECTIONS, 0, "--max-connections", "N", "most connections that security groups track (1048576)", PACKETS },
	{ SETTING_TCP_TIMEOUT, 0, "--tcp-timeout", "SECONDS", "when they forget an idle TCP connection (432000)", PACKETS },
	{ SETTING_TCP_CLOSED_TIMEOUT, 0, "--tcp-closed-timeout", "SECONDS", "the same of one that is closed (10)", PACKETS },
	{ SETTING_UDP_TIMEOUT, 0, "--udp-timeout", "SECONDS", "the same of UDP packets in one direction (30)", PACKETS },
	{ SETTING_UDP_STREAM_TIMEOUT, 0, "--udp-stream-timeout", "SECONDS", "the same of UDP in both directions (180)", PACKETS },
	{ SETTING_OTHER_TIMEOUT, 0, "--other-timeout", "SECONDS", "the same of ICMP and all other protocols (600)", PACKETS },
	{ OPTION_SET, 's', "--set", "FIELD=VALUE", "identity field of every interface, such as vpc-id; repeatable", PACKETS },
	{ SETTING_THREADS, 'j', "--threads", "N", "worker threads, 1 to 256 (as many as help)", PACKETS },
	{ SETTING_BACKEND, 0, "--backend", BACKEND_NAMES, "how devices are watched; auto: ebpf, else pcap (auto)", CAPTURE },
	{ SETTING_PROMISCUOUS, 0, "--promiscuous", NULL, "take frames for other hosts too", CAPTURE },
	{ SETTING_RING_SIZE, 0, "--ring-size", "SIZE", "kernel buffer of each device, 256K to 2G (32M)", CAPTURE },
	{ SETTING_HOLD_SIZE, 0, "--hold-size", "SIZE", "records kept while they cannot be written, 1M to 16G (64M)", CAPTURE },
	{ SETTING_KERNEL_FLOWS, 0, "--kernel-flows", "N", "flows a second that backend ebpf has room for (131072)", CAPTURE },
	{ SETTING_NFLOG_GROUPS, 0, "--nflog-groups", "LIST", "of NFLOG, such as 7=accept,8=reject; else its prefix tells (7)", CAPTURE },
	{ SETTING_DURATION, 0, "--duration", "SECONDS", "stop by itself after so long, 1 to 31536000", CAPTURE },
	{ SETTING_USER, 0, "--user", "NAME", "run as this user once all is open", CAPTURE },
	{ SETTING_METRICS, 0, "--metrics", "WHERE", "for Prometheus: ADDR:PORT to serve at, or FILE.prom", CAPTURE },
	{ SETTING_DEVICES, 0, "--devices", "LIST", "devices to watch when the command line names none", NONE },
	{ OPTION_OFFSET, 0, "--offset", "SECONDS|auto", "the capture's clock is so much behind the log's (auto)", COMPARE },
	{ OPTION_TOLERANCE, 0, "--tolerance", "LIST", "so much more or less is the same: packets=N,bytes=N%", COMPARE },
	{ OPTION_JSON, 0, "--json", NULL, "report as JSON on standard output", COMPARE },
	{ OPTION_HTML, 0, "--html", "FILE", "write the report as a page, too", COMPARE },
	{ OPTION_LIMIT, 0, "--limit", "N", "list at most so many differences, 0 for all (50)", COMPARE },
	{ SETTING_QUIET, 'q', "--quiet", NULL, "no closing summary on standard error; of compare, no report", PACKETS },
	{ SETTING_SUMMARY, 0, "--summary", "text|json", "closing summary as a sentence or a JSON object (text)", BOTH },
	{ OPTION_CHECK_CONFIG, 0, "--check-config", NULL, "say whether all of this is well; do nothing else", EVERY },
	{ OPTION_SHOW_CONFIG, 0, "--show-config", NULL, "print the configuration in force; do nothing else", EVERY },
	{ OPTION_HELP, 'h', "--help", NULL, "print this help", EVERY },
};
/* clang-format on */

int settings_init(struct settings *settings, struct error *err)
{
	*settings = (struct settings){
		.interval = 60,
		.header = -1,
		.exclude_aws = true,
		.max_flows = 4194304,
		.max_connections = FLOW_CONNECTIONS_MOST,
		.tcp_timeout = FLOW_CONNECTION_TCP,
		.tcp_closed_timeout = FLOW_CONNECTION_CLOSED,
		.udp_timeout = FLOW_CONNECTION_UDP,
		.udp_stream_timeout = FLOW_CONNECTION_UDP_STREAM,
		.other_timeout = FLOW_CONNECTION_OTHER,
		.comparison = { .limit = COMPARISON_LIMIT },
		.output = strdup("-"),
	};
	if (settings->output && settings_put(settings, SETTING_FORMAT, "format", "default", err) == 0 &&
	    sensor_init(settings, err) == 0)
		return 0;
	settings_free(settings);
	return fail_memory(err, "settings");
}

static void free_files(struct source_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)files[i].name);
		free((char *)files[i].path);
	}
	free(files);
}

void settings_free(struct settings *settings)
{
	free(settings->format_text);
	free(settings->log_format_text);
	free(settings->filter);
	free(settings->config);
	free(settings->comparison.html);
	flow_interface_clear(&settings->defaults);
	for (size_t i = 0; i < settings->interface_count; i++)
		flow_interface_clear(&settings->interfaces[i]);
	free(settings->interfaces);
	flow_routes_clear(&settings->routes);
	for (size_t i = 0; i < settings->group_count; i++)
		flow_security_group_clear(&settings->groups[i]);
	free(settings->groups);
	for (size_t i = 0; i < settings->acl_count; i++)
		flow_network_acl_clear(&settings->acls[i]);
	free(settings->acls);
	mentions_clear(&settings->mentions);
	free(settings->empty_egress);
	free_files(settings->files, settings->file_count);
	free_files(settings->logs, settings->log_count);
	for (size_t i = 0; i < settings->operand_count; i++)
		free((char *)settings->operands[i]);
	free(settings->operands);
	aws_section_free(&settings->aws);
	delivery_free(settings);
	sensor_free(settings);
	*settings = (struct settings){ 0 };
}

static int put_format(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct output_format format;
	int ret = output_format_parse(&format, value, err); /* its sentences begin with "format" themselves */

	if (ret < 0)
		return ret;
	settings->format = format;
	return parse_copy(&settings->format_text, what, value, err);
}

static int put_log_format(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct error why;

	if (*value && output_format_parse(&settings->log_format, value, &why) < 0)
		return fail(err, EINVAL, "%s: %s", what, why.text);
	return parse_copy(&settings->log_format_text, what, *value ? value : NULL, err);
}

static int put_interval(struct settings *settings, const char *what, const char *value, struct error *err)
{
	uint64_t seconds;
	int ret = parse_number(what, value, 1, 86400, &seconds, err);

	if (ret == 0)
		settings->interval = (uint32_t)seconds;
	return ret;
}

static int put_header(struct settings *settings, const char *what, const char *value, struct error *err)
{
	bool on;
	int ret = parse_switch(what, value, &on, err);

	if (ret == 0)
		settings->header = on;
	return ret;
}

static int put_filter(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_copy(&settings->filter, what, *value ? value : NULL, err);
}

/* Is `value` the one of two choices whose place is `meant`? */
static int put_either(bool *slot, const char *what, const char *value, const char *choices, int meant,
		      struct error *err)
{
	int choice = parse_choice(what, value, choices, err);

	if (choice < 0)
		return choice;
	*slot = choice == meant;
	return 0;
}

static int put_exclude(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_either(&settings->exclude_aws, what, value, "aws|none", 0, err);
}

static int put_timestamps(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_either(&settings->window_times, what, value, "packet|window", 1, err);
}

static int put_on_full(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_either(&settings->skip_when_full, what, value, "flush|skip", 1, err);
}

static int add_tunnel(void *ctx, const char *what, const char *item, struct error *err)
{
	static const enum capture_tunnel tunnels[] = { CAPTURE_VXLAN, CAPTURE_GENEVE, CAPTURE_GRE };
	unsigned *set = ctx;
	int choice = parse_choice(what, item, "vxlan|geneve|gre", err);

	if (choice < 0)
		return choice;
	*set |= tunnels[choice];
	return 0;
}

static int put_decapsulate(struct settings *settings, const char *what, const char *value, struct error *err)
{
	unsigned set = 0;
	int ret = parse_list(what, value, add_tunnel, &set, err);

	if (ret == 0)
		settings->tunnels = set;
	return ret;
}

static int put_max_flows(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_number(what, value, 1, UINT64_C(1) << 31, &settings->max_flows, err);
}

static int put_max_connections(struct settings *settings, const char *what, const char *value, struct error *err)
{
	uint64_t most;
	int ret = parse_number(what, value, 1, CONNECTIONS_MOST, &most, err);

	if (ret == 0)
		settings->max_connections = (uint32_t)most;
	return ret;
}

static int put_timeout(uint32_t *slot, const char *what, const char *value, struct error *err)
{
	uint64_t seconds;
	int ret = parse_number(what, value, 1, TIMEOUT_MOST, &seconds, err);

	if (ret == 0)
		*slot = (uint32_t)seconds;
	return ret;
}

static int put_tcp_timeout(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->tcp_timeout, what, value, err);
}

static int put_tcp_closed_timeout(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->tcp_closed_timeout, what, value, err);
}

static int put_udp_timeout(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->udp_timeout, what, value, err);
}

static int put_udp_stream_timeout(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->udp_stream_timeout, what, value, err);
}

static int put_other_timeout(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->other_timeout, what, value, err);
}

static int put_threads(struct settings *settings, const char *what, const char *value, struct error *err)
{
	uint64_t threads;
	int ret = parse_number(what, value, 1, 256, &threads, err);

	if (ret == 0)
		settings->threads = (unsigned)threads;
	return ret;
}

static int put_quiet(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_switch(what, value, &settings->quiet, err);
}

static int put_summary(struct settings *settings, const char *what, const char *value, struct error *err)
{
	int choice = parse_choice(what, value, "text|json", err);

	if (choice < 0)
		return choice;
	settings->summary = choice == 1 ? SUMMARY_JSON : SUMMARY_TEXT;
	return 0;
}

/* ---- of a sensor ---- */

static int put_promiscuous(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_switch(what, value, &settings->promiscuous, err);
}

static int put_user(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_copy(&settings->user, what, *value ? value : NULL, err);
}

static int put_metrics(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_copy(&settings->metrics, what, *value ? value : NULL, err);
}

static int put_duration(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_timeout(&settings->duration, what, value, err);
}

static int put_ring_size(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_size(what, value, UINT64_C(256) << 10, UINT64_C(2) << 30, &settings->ring_size, err);
}

static int put_hold_size(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_size(what, value, UINT64_C(1) << 20, UINT64_C(16) << 30, &settings->hold_size, err);
}

int settings_put(struct settings *settings, enum settings_key key, const char *what, const char *value,
		 struct error *err)
{
	static int (*const put[SETTING_END])(struct settings *, const char *, const char *, struct error *) = {
		[SETTING_FORMAT] = put_format,
		[SETTING_LOG_FORMAT] = put_log_format,
		[SETTING_OUTPUT] = delivery_put_output,
		[SETTING_TYPE] = delivery_put_type,
		[SETTING_COMPRESSION] = delivery_put_compression,
		[SETTING_HIVE] = delivery_put_hive,
		[SETTING_HOURLY] = delivery_put_hourly,
		[SETTING_FILE_SIZE] = delivery_put_file_size,
		[SETTING_ANONYMIZE] = delivery_put_anonymize,
		[SETTING_INTERVAL] = put_interval,
		[SETTING_HEADER] = put_header,
		[SETTING_FILTER] = put_filter,
		[SETTING_EXCLUDE] = put_exclude,
		[SETTING_TIMESTAMPS] = put_timestamps,
		[SETTING_DECAPSULATE] = put_decapsulate,
		[SETTING_MAX_FLOWS] = put_max_flows,
		[SETTING_ON_FULL] = put_on_full,
		[SETTING_MAX_CONNECTIONS] = put_max_connections,
		[SETTING_TCP_TIMEOUT] = put_tcp_timeout,
		[SETTING_TCP_CLOSED_TIMEOUT] = put_tcp_closed_timeout,
		[SETTING_UDP_TIMEOUT] = put_udp_timeout,
		[SETTING_UDP_STREAM_TIMEOUT] = put_udp_stream_timeout,
		[SETTING_OTHER_TIMEOUT] = put_other_timeout,
		[SETTING_THREADS] = put_threads,
		[SETTING_QUIET] = put_quiet,
		[SETTING_SUMMARY] = put_summary,
		[SETTING_BACKEND] = sensor_put_backend,
		[SETTING_PROMISCUOUS] = put_promiscuous,
		[SETTING_USER] = put_user,
		[SETTING_METRICS] = put_metrics,
		[SETTING_DURATION] = put_duration,
		[SETTING_RING_SIZE] = put_ring_size,
		[SETTING_HOLD_SIZE] = put_hold_size,
		[SETTING_KERNEL_FLOWS] = sensor_put_kernel_flows,
		[SETTING_NFLOG_GROUPS] = sensor_put_groups,
		[SETTING_FLOW_LOG_ID] = delivery_put_flow_log_id,
		[SETTING_DEVICES] = sensor_put_devices,
	};

	return put[key](settings, what, value, err);
}

bool settings_is_metrics_file(const char *metrics)
{
	static const char suffix[] = ".prom";
	size_t length = strlen(metrics), wanted = strlen(suffix);

	return length >= wanted && strcmp(metrics + length - wanted, suffix) == 0;
}

const char *settings_identity_name(enum flow_identity identity)
{
	size_t field = 0;

	while (output_fields[field].identity != (int)identity)
		field++;
	return output_fields[field].name;
}

int settings_identity_find(const char *name, size_t length)
{
	int field = output_field_find(name, length);

	return field < 0 ? -1 : output_fields[field].identity;
}

int settings_put_identity(struct flow_interface *interface, enum flow_identity identity, const char *what,
			  const char *value, struct error *err)
{
	int ret = parse_word(what, value, err);

	return ret < 0 ? ret : parse_copy(&interface->identity[identity], what, *value ? value : NULL, err);
}

static bool share_address(const struct flow_interface *a, const struct flow_interface *b)
{
	for (size_t i = 0; i < a->address_count; i++)
		for (size_t j = 0; j < b->address_count; j++)
			if (a->addresses[i].family == b->addresses[j].family &&
			    flow_address_equal(&a->addresses[i].address, &b->addresses[j].address))
				return true;
	return false;
}

/* Every packet of one would be the other's as well, which is a slip. On different devices, or in tunnels of different
 * VNIs, it is not: a VLAN's device has the MAC of the one below it. */
static int check_pair(const struct flow_interface *a, const struct flow_interface *b, struct error *err)
{
	const char *device = a->device ? a->device : a->name;

	if (strcmp(device, b->device ? b->device : b->name) != 0 || a->has_vni != b->has_vni ||
	    (a->has_vni && a->vni != b->vni))
		return 0;
	if (a->has_mac && b->has_mac) {
		if (memcmp(a->mac, b->mac, sizeof(a->mac)) == 0)
			return fail(err, EINVAL, "[interface %s] and [interface %s] have the same mac on device %s",
				    a->name, b->name, device);
		return 0;
	}
	if (share_address(a, b))
		return fail(err, EINVAL,
			    "[interface %s] and [interface %s] have the same address on device %s; give both their mac",
			    a->name, b->name, device);
	return 0;
}

static int add_aws(struct settings *settings, struct error *err)
{
	const struct aws_configuration configuration = {
		.defaults = &settings->defaults,
		.routes = &settings->routes,
		.interfaces = &settings->interfaces,
		.interface_count = &settings->interface_count,
		.groups = &settings->groups,
		.group_count = &settings->group_count,
		.acls = &settings->acls,
		.acl_count = &settings->acl_count,
	};

	settings->own_interface_count = settings->interface_count;
	settings->own_group_count = settings->group_count;
	settings->own_acl_count = settings->acl_count;
	return aws_section_add(&settings->aws, &configuration, err);
}

static int check_mentions(const struct settings *settings, struct error *err)
{
	const struct mentions_known known = { settings->groups, settings->group_count, settings->acls,
					      settings->acl_count };

	return mentions_check(&settings->mentions, &known, err);
}

int settings_check(struct settings *settings, struct error *err)
{
	int ret = delivery_check(settings, err);

	for (size_t i = 0; i < settings->interface_count && ret == 0; i++) {
		ret = flow_interface_inherit(&settings->interfaces[i], &settings->defaults, err);
		for (size_t j = 0; j < i && ret == 0; j++)
			ret = check_pair(&settings->interfaces[j], &settings->interfaces[i], err);
	}
	if (ret == 0)
		ret = flow_routes_compile(&settings->routes, err);
	if (ret == 0)
		ret = add_aws(settings, err);
	if (ret == 0)
		ret = check_mentions(settings, err);
	return ret < 0 || settings->command != COMMAND_CAPTURE ? ret : sensor_check(settings, err);
}

const struct flow_security_group *settings_find_group(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->group_count; i++)
		if (strcmp(settings->groups[i].name, name) == 0)
			return &settings->groups[i];
	return NULL;
}

const struct flow_network_acl *settings_find_acl(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->acl_count; i++)
		if (strcmp(settings->acls[i].name, name) == 0)
			return &settings->acls[i];
	return NULL;
}

void settings_remarks(const struct settings *settings, const struct notices *notices)
{
	output_format_remarks(&settings->format, notices);
	aws_section_remarks(&settings->aws, notices);
	for (size_t i = 0; i < settings->interface_count; i++) {
		const struct flow_interface *interface = &settings->interfaces[i];

		if (interface->has_vni && !(settings->tunnels & (CAPTURE_VXLAN | CAPTURE_GENEVE)))
			notify(notices,
			       "[interface %s]: it takes the packets of VNI %" PRIu32
			       " alone, and no tunnel is opened: decapsulate = vxlan does that",
			       interface->name, interface->vni);
	}
	delivery_remarks(settings, notices);
	policy_remarks(settings, notices);
	if (settings->command == COMMAND_CAPTURE)
		sensor_remarks(settings, notices);
}
