#include "cli/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/amount.h"
#include "cli/aws_keys.h"
#include "cli/backend.h"
#include "cli/delivery.h"
#include "cli/inifile.h"
#include "cli/interface_keys.h"
#include "cli/listing.h"
#include "cli/rule_text.h"

enum { COLUMNS = 100 }; /* where long values are broken */

struct shown {
	FILE *out;
	size_t column; /* of the line that is being written */
};

/* A key whose value takes one line, whatever is in it. */
static int one_line(const struct shown *shown, const char *key, const char *value, struct error *err)
{
	size_t length = strlen(value);
	const char *equals = strlen(key) + strlen(" = ") + length <= INIFILE_LINE_MOST ? " = " : "=";

	if (!inifile_is_value(value) || strlen(key) + strlen(equals) + length > INIFILE_LINE_MOST)
		return fail(err, EINVAL, "%s: its value (%zu bytes) cannot stand on a line of a configuration file",
			    key, length);
	fprintf(shown->out, "%s%s%s\n", key, equals, value);
	return 0;
}

static void begin_words(struct shown *shown, const char *key)
{
	shown->column = (size_t)fprintf(shown->out, "%s =", key);
}

/* One word of a value that takes further lines. */
static void put_word(struct shown *shown, const char *word, size_t length)
{
	if (shown->column + 1 + length > COLUMNS) {
		fputs("\n ", shown->out);
		shown->column = 1;
	}
	shown->column += (size_t)fprintf(shown->out, " %.*s", (int)length, word);
}

/* A key whose value is words with blanks between, on as many lines as it needs. */
static int many_lines(struct shown *shown, const char *key, const char *value, struct error *err)
{
	static const char blanks[] = " \t\n\v\f\r";

	begin_words(shown, key);
	for (const char *at = value + strspn(value, blanks); *at; at += strspn(at, blanks)) {
		size_t length = strcspn(at, blanks);

		if (length > INIFILE_LINE_MOST - 2 || *at == ';' || *at == '#')
			return fail(err, EINVAL, "%s: '%.*s' cannot stand on a line of a configuration file", key,
				    (int)length, at);
		put_word(shown, at, length);
		at += length;
	}
	fputc('\n', shown->out);
	return 0;
}

enum { ITEM_ROOM = 2 + INIFILE_LINE_MOST };

static void put_item(struct shown *shown, const char *item, bool last)
{
	char word[ITEM_ROOM];
	int length = snprintf(word, sizeof(word), "%s%s", item, last ? "" : ",");

	put_word(shown, word, (size_t)length);
}

static void show_prefixes(struct shown *shown, const char *key, const struct flow_prefix *items, size_t count)
{
	char text[RULE_PREFIX_SIZE];

	if (count == 0)
		return;
	begin_words(shown, key);
	for (size_t i = 0; i < count; i++)
		put_item(shown, rule_text_prefix(text, &items[i]), i + 1 == count);
	fputc('\n', shown->out);
}

/* Made absolute, since it would be taken from the folder of the file that it is shown for. */
static int show_path(const struct shown *shown, const char *key, const char *relative, struct error *err)
{
	char *folder = getcwd(NULL, 0), *path;
	int ret;

	if (!folder)
		return fail_errno(err, "%s: %s: the working directory", key, relative);
	ret = asprintf(&path, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, relative);
	free(folder);
	if (ret < 0)
		return fail_memory(err, key);
	ret = one_line(shown, key, path, err);
	free(path);
	return ret;
}

static int show_output(const struct shown *shown, const char *output, struct error *err)
{
	if (output[0] == '/' || strcmp(output, "-") == 0 || strncmp(output, "kafka:", strlen("kafka:")) == 0)
		return one_line(shown, "output", output, err);
	return show_path(shown, "output", output, err);
}

static void show_tunnels(struct shown *shown, unsigned tunnels)
{
	if (tunnels == 0)
		return;
	begin_words(shown, "decapsulate");
	if (tunnels & CAPTURE_VXLAN)
		put_item(shown, "vxlan", tunnels == CAPTURE_VXLAN);
	if (tunnels & CAPTURE_GENEVE)
		put_item(shown, "geneve", !(tunnels & CAPTURE_GRE));
	if (tunnels & CAPTURE_GRE)
		put_item(shown, "gre", true);
	fputc('\n', shown->out);
}

static int show_devices(struct shown *shown, const struct settings *settings, struct error *err)
{
	if (settings->device_count == 0)
		return 0;
	begin_words(shown, "devices");
	for (size_t i = 0; i < settings->device_count; i++) {
		const char *device = settings->devices[i];

		if (!inifile_is_value(device) || device[0] == ';' || device[0] == '#')
			return fail(err, EINVAL, "devices: '%s' cannot stand on a line of a configuration file",
				    device);
		put_item(shown, device, i + 1 == settings->device_count);
	}
	fputc('\n', shown->out);
	return 0;
}

static void show_nflog_groups(struct shown *shown, const struct settings *settings)
{
	begin_words(shown, "nflog-groups");
	for (size_t i = 0; i < settings->nflog_group_count; i++) {
		const struct settings_nflog_group *group = &settings->nflog_groups[i];
		const char *action = group->action == FLOW_ACCEPT ? "=accept" : "=reject";
		char item[16];

		snprintf(item, sizeof(item), "%u%s", group->number, group->action < 0 ? "" : action);
		put_item(shown, item, i + 1 == settings->nflog_group_count);
	}
	fputc('\n', shown->out);
}

/* The keys of [eniflow] that capture alone has. */
static int show_sensor(struct shown *shown, const struct settings *settings, struct error *err)
{
	const char *metrics = settings->metrics;
	char size[AMOUNT_SIZE];
	int ret = show_devices(shown, settings, err);

	if (ret < 0)
		return ret;
	fprintf(shown->out, "backend = %s\n", backend_name(settings->backend));
	fprintf(shown->out, "promiscuous = %s\n", settings->promiscuous ? "yes" : "no");
	fprintf(shown->out, "ring-size = %s\n", amount_size(settings->ring_size, size));
	fprintf(shown->out, "hold-size = %s\n", amount_size(settings->hold_size, size));
	fprintf(shown->out, "kernel-flows = %" PRIu32 "\n", settings->kernel_flows);
	show_nflog_groups(shown, settings);
	if (settings->duration)
		fprintf(shown->out, "duration = %" PRIu32 "\n", settings->duration);
	if (settings->user)
		ret = one_line(shown, "user", settings->user, err);
	if (ret == 0 && metrics && metrics[0] != '/' && settings_is_metrics_file(metrics))
		ret = show_path(shown, "metrics", metrics, err);
	else if (ret == 0 && metrics)
		ret = one_line(shown, "metrics", metrics, err);
	return ret;
}

/* What of the log goes where, beside its destination and type. */
static int show_delivery(struct shown *shown, const struct settings *settings, struct error *err)
{
	const char *anonymize = settings->anonymize;
	FILE *out = shown->out;
	char size[AMOUNT_SIZE], key[INIFILE_LINE_MOST];
	int ret = 0;

	if (settings->codec_set)
		fprintf(out, "compression = %s\n", output_codec_name(settings->codec));
	if (settings->flow_log_id)
		fprintf(out, "flow-log-id = %s\n", settings->flow_log_id);
	fprintf(out, "hive-compatible-partitions = %s\n", settings->layout & OUTPUT_LAYOUT_HIVE ? "yes" : "no");
	fprintf(out, "per-hour-partition = %s\n", settings->layout & OUTPUT_LAYOUT_HOURLY ? "yes" : "no");
	if (settings->file_size)
		fprintf(out, "max-file-size = %s\n", amount_size(settings->file_size, size));
	if (anonymize && anonymize[0] != '/')
		ret = show_path(shown, "anonymize", anonymize, err);
	else if (anonymize)
		ret = one_line(shown, "anonymize", anonymize, err);
	for (size_t i = 0; ret == 0 && i < settings->kafka_count; i++) {
		snprintf(key, sizeof(key), DELIVERY_KAFKA_KEY "%s", settings->kafka[i].name);
		ret = one_line(shown, key, settings->kafka[i].value, err);
	}
	return ret;
}

static int show_eniflow(struct shown *shown, const struct settings *settings, struct error *err)
{
	FILE *out = shown->out;
	int ret;

	fputs("[eniflow]\n", out);
	ret = many_lines(shown, "format", settings->format_text, err);
	if (ret == 0 && settings->log_format_text)
		ret = many_lines(shown, "log-format", settings->log_format_text, err);
	if (ret == 0)
		ret = show_output(shown, settings->output, err);
	if (ret == 0 && settings->filter)
		ret = many_lines(shown, "filter", settings->filter, err);
	if (ret < 0)
		return ret;
	fprintf(out, "type = %s\n", delivery_type_name(settings->encoding));
	fprintf(out, "interval = %" PRIu32 "\n", settings->interval);
	if (settings->header >= 0)
		fprintf(out, "header = %s\n", settings->header ? "yes" : "no");
	fprintf(out, "exclude = %s\n", settings->exclude_aws ? "aws" : "none");
	fprintf(out, "timestamps = %s\n", settings->window_times ? "window" : "packet");
	show_tunnels(shown, settings->tunnels);
	fprintf(out, "max-flows = %" PRIu64 "\n", settings->max_flows);
	fprintf(out, "on-full = %s\n", settings->skip_when_full ? "skip" : "flush");
	fprintf(out, "max-connections = %" PRIu32 "\n", settings->max_connections);
	fprintf(out, "tcp-timeout = %" PRIu32 "\n", settings->tcp_timeout);
	fprintf(out, "tcp-closed-timeout = %" PRIu32 "\n", settings->tcp_closed_timeout);
	fprintf(out, "udp-timeout = %" PRIu32 "\n", settings->udp_timeout);
	fprintf(out, "udp-stream-timeout = %" PRIu32 "\n", settings->udp_stream_timeout);
	fprintf(out, "other-timeout = %" PRIu32 "\n", settings->other_timeout);
	if (settings->threads)
		fprintf(out, "threads = %u\n", settings->threads);
	fprintf(out, "quiet = %s\n", settings->quiet ? "yes" : "no");
	fprintf(out, "summary = %s\n", settings->summary == SUMMARY_JSON ? "json" : "text");
	ret = show_delivery(shown, settings, err);
	if (ret < 0)
		return ret;
	return settings->command == COMMAND_CAPTURE ? show_sensor(shown, settings, err) : 0;
}

/* The keys that [defaults] and [interface] share. */
static int show_shared(struct shown *shown, const struct flow_interface *interface, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < FLOW_IDENTITY_END && ret == 0; i++)
		if (interface->identity[i])
			ret = one_line(shown, settings_identity_name((enum flow_identity)i), interface->identity[i],
				       err);
	show_prefixes(shown, interface_keys_name(KEY_VPC_CIDR), interface->vpc_cidrs, interface->vpc_cidr_count);
	show_prefixes(shown, interface_keys_name(KEY_SUBNET_CIDR), interface->subnet_cidrs,
		      interface->subnet_cidr_count);
	if (interface->security_group_count > 0) {
		begin_words(shown, interface_keys_name(KEY_SECURITY_GROUPS));
		for (size_t i = 0; i < interface->security_group_count; i++)
			put_item(shown, interface->security_groups[i], i + 1 == interface->security_group_count);
		fputc('\n', shown->out);
	}
	if (interface->network_acl && ret == 0)
		ret = one_line(shown, interface_keys_name(KEY_NETWORK_ACL), interface->network_acl, err);
	return ret;
}

static int show_interface(struct shown *shown, const struct flow_interface *interface, struct error *err)
{
	char address[LISTING_ADDRESS_SIZE], mac[LISTING_MAC_SIZE];
	int ret = 0;

	fprintf(shown->out, "\n[interface %s]\n", interface->name);
	if (interface->device)
		ret = one_line(shown, interface_keys_name(KEY_DEVICE), interface->device, err);
	if (interface->has_mac)
		fprintf(shown->out, "%s = %s\n", interface_keys_name(KEY_MAC), listing_mac(mac, interface->mac));
	if (interface->address_count > 0) {
		begin_words(shown, interface_keys_name(KEY_ADDRESS));
		for (size_t i = 0; i < interface->address_count; i++) {
			const struct flow_host *host = &interface->addresses[i];

			put_item(shown, listing_address(address, host->family, &host->address),
				 i + 1 == interface->address_count);
		}
		fputc('\n', shown->out);
	}
	if (interface->has_vni)
		fprintf(shown->out, "%s = %" PRIu32 "\n", interface_keys_name(KEY_VNI), interface->vni);
	return ret < 0 ? ret : show_shared(shown, interface, err);
}

/* A line for each peer of each rule; whether there was any. */
static bool show_rules(const struct shown *shown, const struct flow_rules *rules, bool egress)
{
	char text[RULE_TEXT_SIZE];
	size_t lines = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct flow_rule *rule = &rules->items[i];

		for (size_t peer = 0; peer < (rule->group ? 1 : rule->peer_count); peer++, lines++)
			fprintf(shown->out, "%s = %s\n", rule_text_key(egress), rule_text(text, rule, egress, peer));
	}
	return lines > 0;
}

static void show_policies(const struct shown *shown, const struct settings *settings)
{
	for (size_t i = 0; i < settings->own_group_count; i++) {
		const struct flow_security_group *group = &settings->groups[i];

		fprintf(shown->out, "\n[security-group %s]\n", group->name);
		show_rules(shown, &group->ingress, false);
		if (group->limits_egress && !show_rules(shown, &group->egress, true))
			fprintf(shown->out, "%s = none\n", rule_text_key(true));
	}
	for (size_t i = 0; i < settings->own_acl_count; i++) {
		fprintf(shown->out, "\n[network-acl %s]\n", settings->acls[i].name);
		show_rules(shown, &settings->acls[i].ingress, false);
		show_rules(shown, &settings->acls[i].egress, true);
	}
}

static int show_aws(struct shown *shown, const struct aws_files *files, struct error *err)
{
	int ret = 0;

	if (files->count > 0)
		fputs("\n[aws]\n", shown->out);
	for (int key = 0; key < AWS_KEY_END && files->count > 0 && ret == 0; key++) {
		char *value;

		ret = aws_keys_value(files, key, &value, err);
		if (value && aws_keys_is_list(key))
			ret = many_lines(shown, aws_keys_name(key), value, err);
		else if (value)
			ret = one_line(shown, aws_keys_name(key), value, err);
		free(value);
	}
	return ret;
}

int show_settings(FILE *out, const struct settings *settings, struct error *err)
{
	struct shown shown = { .out = out };
	char text[RULE_PREFIX_SIZE];
	int ret = show_eniflow(&shown, settings, err);

	if (ret == 0) {
		fputs("\n[defaults]\n", out);
		ret = show_shared(&shown, &settings->defaults, err);
	}
	for (size_t i = 0; i < settings->own_interface_count && ret == 0; i++)
		ret = show_interface(&shown, &settings->interfaces[i], err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < settings->routes.count; i++)
		fprintf(out, "\n[route %s]\ntraffic-path = %u\n",
			rule_text_prefix(text, &settings->routes.items[i].prefix),
			settings->routes.items[i].traffic_path);
	show_policies(&shown, settings);
	ret = show_aws(&shown, &settings->aws.files, err);
	if (ret < 0)
		return ret;
	return fflush(out) < 0 || ferror(out) ? fail_errno(err, "the configuration cannot be written") : 0;
}

/* The text of --show-config in *out, which is the caller's to free. */
static int show_text(char **out, const struct settings *settings, struct error *err)
{
	size_t length;
	FILE *stream = open_memstream(out, &length);
	int ret;

	if (!stream)
		return fail_memory(err, "configuration");
	ret = show_settings(stream, settings, err);
	fclose(stream);
	if (ret < 0) {
		free(*out);
		*out = NULL;
	}
	return ret;
}

int show_same(const struct settings *a, const struct settings *b, struct error *err)
{
	char *a_text = NULL, *b_text = NULL;
	int ret;

	if (a->aws.files.count > 0 || b->aws.files.count > 0)
		return 0;
	ret = show_text(&a_text, a, err);
	if (ret == 0)
		ret = show_text(&b_text, b, err);
	if (ret == 0)
		ret = strcmp(a_text, b_text) == 0;
	free(a_text);
	free(b_text);
	return ret;
}
