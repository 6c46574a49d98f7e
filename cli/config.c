#include "cli/config.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/aws_keys.h"
#include "cli/delivery.h"
#include "cli/inifile.h"
#include "cli/interface_keys.h"
#include "cli/parse.h"
#include "cli/policy_keys.h"
#include "output/nearest.h"

enum section {
	SECTION_NONE,
	SECTION_ENIFLOW,
	SECTION_DEFAULTS,
	SECTION_INTERFACE,
	SECTION_ROUTE,
	SECTION_GROUP,
	SECTION_ACL,
	SECTION_AWS,
	SECTION_END
};

static const struct {
	const char *word, *example; /* NULL: it takes no name */
} sections[SECTION_END] = {
	[SECTION_ENIFLOW] = { "eniflow", NULL },
	[SECTION_DEFAULTS] = { "defaults", NULL },
	[SECTION_INTERFACE] = { "interface", "eth0" },
	[SECTION_ROUTE] = { "route", "10.0.0.0/16" },
	[SECTION_GROUP] = { "security-group", "sg-web" },
	[SECTION_ACL] = { "network-acl", "acl-private" },
	[SECTION_AWS] = { "aws", NULL },
};

/* A name that is known, but not here. */
struct refused {
	const char *name, *why;
};

static const struct refused refused_options[] = {
	{ "no-header", "write header = no" },
	{ "set", "write FIELD = VALUE in [defaults]" },
	{ "kafka", "write kafka.NAME = VALUE, such as kafka.sasl.username = eniflow" },
	{ "config", "an option of the command line alone" },
	{ "check-config", "an option of the command line alone" },
	{ "show-config", "an option of the command line alone" },
	{ "help", "an option of the command line alone" },
	{ NULL, NULL },
};

struct config {
	struct settings *settings;
	const char *path;
	enum section section;
	/* The lines where keys first stood; 0: not yet. */
	unsigned eniflow_lines[SETTING_END], defaults_lines[KEY_END], interface_lines[KEY_END];
	unsigned aws_lines[AWS_KEY_END];
	unsigned *interfaces; /* the lines of their sections */
	unsigned route_line, path_line;
	char *joined[SETTING_END]; /* the lines so far of what takes several, with blanks between */
	struct flow_route route;
	struct policy_keys policies;
};

static int unknown(const char *kind, const char *name, const char *const *known, size_t count, struct error *err)
{
	char nearest[128];

	output_nearest(name, strlen(name), known, count, nearest, sizeof(nearest));
	return fail(err, EINVAL, "%s: there is no such %s%s%s", name, kind, *nearest ? "; the nearest: " : "", nearest);
}

/* Fails if the name is one of those; else 0. */
static int refuse(const struct refused *list, const char *name, struct error *err)
{
	for (; list->name; list++)
		if (strcmp(list->name, name) == 0)
			return fail(err, EINVAL, "%s: %s", name, list->why);
	return 0;
}

/* Notes that a key stands in this line. Only a list may stand again or go on. */
static int once(unsigned *first, unsigned line, const char *key, bool list, bool continues, struct error *err)
{
	if (*first == 0) {
		*first = line;
		return 0;
	}
	if (list)
		return 0;
	if (continues)
		return fail(err, EINVAL, "%s: takes one line; this one is indented, which continues line %u", key,
			    *first);
	return fail(err, EINVAL, "%s: given twice; first on line %u", key, *first);
}

/* ---- [eniflow] ---- */

/* Appends a line of a value that takes several. */
static int join(char **text, const char *key, const char *line, struct error *err)
{
	char *joined;

	if (!*line)
		return 0;
	if (asprintf(&joined, "%s%s%s", *text ? *text : "", *text ? " " : "", line) < 0)
		return fail_memory(err, key);
	free(*text);
	*text = joined;
	return 0;
}

/* The key's value takes several lines, and is put when all of them are there. */
static bool is_joined(enum settings_key key)
{
	return key == SETTING_FORMAT || key == SETTING_LOG_FORMAT || key == SETTING_FILTER || key == SETTING_DEVICES ||
	       key == SETTING_NFLOG_GROUPS;
}

/* Is the value of this key a path, which may be relative? */
static bool is_relative(enum settings_key key, const char *value)
{
	if (key == SETTING_OUTPUT)
		return value[0] != '/' && strcmp(value, "-") != 0 && strncmp(value, "kafka:", 6) != 0;
	if (key == SETTING_ANONYMIZE)
		return value[0] != '/';
	return key == SETTING_METRICS && value[0] != '/' && settings_is_metrics_file(value);
}

/* A path of the file's is relative to the file's folder. */
static int put_eniflow(const struct config *config, enum settings_key key, const char *name, const char *value,
		       struct error *err)
{
	const char *slash = strrchr(config->path, '/');
	char *path;
	int ret;

	if (!slash || !is_relative(key, value))
		return settings_put(config->settings, key, name, value, err);
	if (asprintf(&path, "%.*s/%s", (int)(slash - config->path), config->path, value) < 0)
		return fail_memory(err, name);
	ret = settings_put(config->settings, key, name, path, err);
	free(path);
	return ret;
}

static int find_setting(const char *name, struct error *err)
{
	const char *names[SETTING_END];
	size_t count = 0;
	int ret = refuse(refused_options, name, err);

	for (size_t i = 0; i < OPTION_END && ret == 0; i++) {
		if (settings_options[i].key >= SETTING_END)
			continue;
		names[count] = settings_options[i].name + strlen("--");
		if (strcmp(names[count++], name) == 0)
			return settings_options[i].key;
	}
	return ret < 0 ? ret : unknown("key in [eniflow]", name, names, count, err);
}

/* kafka.NAME: a property of librdkafka. */
static int kafka_pair(const struct config *config, const char *name, const char *value, bool continues,
		      struct error *err)
{
	const char *property = name + strlen(DELIVERY_KAFKA_KEY);

	if (continues)
		return fail(err, EINVAL, "%s: takes one line; this one is indented, which continues the one before",
			    name);
	if (delivery_has_kafka(config->settings, property))
		return fail(err, EINVAL, "%s: given twice", name);
	return delivery_put_kafka(config->settings, name, property, value, err);
}

static int eniflow_pair(struct config *config, unsigned line, const char *name, const char *value, bool continues,
			struct error *err)
{
	bool is_kafka = strncmp(name, DELIVERY_KAFKA_KEY, strlen(DELIVERY_KAFKA_KEY)) == 0;
	int key = is_kafka ? SETTING_END : find_setting(name, err);
	int ret;

	if (is_kafka)
		return kafka_pair(config, name, value, continues, err);
	if (key < 0)
		return key;
	ret = once(&config->eniflow_lines[key], line, name, is_joined((enum settings_key)key), continues, err);
	if (ret < 0 || !*value)
		return ret;
	if (is_joined((enum settings_key)key))
		return join(&config->joined[key], name, value, err);
	return put_eniflow(config, (enum settings_key)key, name, value, err);
}

static int put_joined(const struct config *config, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < OPTION_END && ret == 0; i++) {
		enum settings_key key = settings_options[i].key;

		if (key >= SETTING_END || !config->joined[key])
			continue;
		ret = settings_put(config->settings, key, settings_options[i].name + strlen("--"), config->joined[key],
				   err);
		if (ret < 0)
			return inifile_place(err, config->path, config->eniflow_lines[key], ret);
	}
	return ret;
}

static void free_joined(const struct config *config)
{
	for (int key = 0; key < SETTING_END; key++)
		free(config->joined[key]);
}

/* ---- [interface NAME] and [defaults] ---- */

/* Notes which group or ACL the key has just named; of the groups those from number `from` on. */
static int mention(struct config *config, unsigned line, const struct flow_interface *interface, enum interface_key key,
		   size_t from, struct error *err)
{
	struct mentions *mentions = &config->settings->mentions;
	char who[256], *place;
	int ret = 0;

	if (asprintf(&place, "%s:%u", config->path, line) < 0)
		return fail_memory(err, config->path);
	snprintf(who, sizeof(who), "[%s%s]: %s", interface->name ? "interface " : "defaults",
		 interface->name ? interface->name : "", interface_keys_name(key));
	if (key == KEY_NETWORK_ACL)
		ret = mentions_add(mentions, place, who, true, interface->network_acl, err);
	else
		for (size_t i = from; i < interface->security_group_count && ret == 0; i++)
			ret = mentions_add(mentions, place, who, false, interface->security_groups[i], err);
	free(place);
	return ret;
}

static int interface_pair(struct config *config, unsigned line, const char *name, const char *value, bool continues,
			  struct error *err)
{
	struct settings *settings = config->settings;
	bool defaults = config->section == SECTION_DEFAULTS;
	unsigned *lines = defaults ? config->defaults_lines : config->interface_lines;
	struct flow_interface *interface = defaults ? &settings->defaults
						    : &settings->interfaces[settings->interface_count - 1];
	size_t groups = interface->security_group_count;
	int key = interface_keys_find(name, defaults, err);
	int ret;

	if (key < 0)
		return key;
	ret = once(&lines[key], line, name, interface_keys_is_list((enum interface_key)key), continues, err);
	if (ret < 0 || !*value)
		return ret;
	ret = interface_keys_put(interface, (enum interface_key)key, value, err);
	if (ret == 0 && (key == KEY_SECURITY_GROUPS || key == KEY_NETWORK_ACL))
		ret = mention(config, line, interface, (enum interface_key)key, groups, err);
	return ret;
}

static int begin_interface(struct config *config, unsigned line, const char *name, struct error *err)
{
	struct settings *settings = config->settings;
	size_t count = settings->interface_count;
	struct flow_interface *grown;
	unsigned *lines;

	for (size_t i = 0; i < count; i++)
		if (strcmp(settings->interfaces[i].name, name) == 0)
			return fail(err, EINVAL, "[interface %s]: given twice; first on line %u", name,
				    config->interfaces[i]);
	lines = realloc(config->interfaces, (count + 1) * sizeof(*lines));
	if (!lines)
		return fail_memory(err, "interfaces");
	config->interfaces = lines;
	grown = realloc(settings->interfaces, (count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, "interfaces");
	settings->interfaces = grown;
	grown[count] = (struct flow_interface){ .name = strdup(name) };
	if (!grown[count].name)
		return fail_memory(err, "interfaces");
	lines[count] = line;
	settings->interface_count++;
	memset(config->interface_lines, 0, sizeof(config->interface_lines));
	return 0;
}

/* ---- [route CIDR] ---- */

static int begin_route(struct config *config, unsigned line, const char *name, struct error *err)
{
	config->route = (struct flow_route){ 0 };
	config->route_line = line;
	config->path_line = 0;
	return parse_prefix("route", name, &config->route.prefix, err);
}

static int route_pair(struct config *config, unsigned line, const char *name, const char *value, bool continues,
		      struct error *err)
{
	static const char *const known[] = { "traffic-path" };
	uint64_t path;
	int ret;

	if (strcmp(name, known[0]) != 0)
		return unknown("key in [route]", name, known, 1, err);
	ret = once(&config->path_line, line, name, false, continues, err);
	if (ret < 0 || !*value)
		return ret;
	ret = parse_number(name, value, 1, 8, &path, err);
	if (ret == 0)
		config->route.traffic_path = (uint8_t)path;
	return ret;
}

static int end_route(struct config *config, struct error *err)
{
	int ret;

	if (config->route.traffic_path == 0)
		ret = fail(err, EINVAL, "[route]: its traffic-path is missing");
	else
		ret = flow_routes_add(&config->settings->routes, &config->route, err);
	if (ret == -EEXIST)
		ret = fail(err, EINVAL, "[route]: there is one for this prefix already");
	return ret < 0 ? inifile_place(err, config->path, config->route_line, ret) : 0;
}

/* ---- [aws] ---- */

static int aws_pair(struct config *config, unsigned line, const char *name, const char *value, bool continues,
		    struct error *err)
{
	int key = aws_keys_find(name, err);
	int ret;

	if (key < 0)
		return key;
	ret = once(&config->aws_lines[key], line, name, aws_keys_is_list(key), continues, err);
	if (ret < 0 || !*value)
		return ret;
	return aws_keys_put(&config->settings->aws.files, key, value, config->path, err);
}

/* ---- the file ---- */

/* A section ends, and with it what it says is whole. */
static int end_section(struct config *config, struct error *err)
{
	enum section ended = config->section;

	config->section = SECTION_NONE;
	if (ended == SECTION_ROUTE)
		return end_route(config, err);
	return ended == SECTION_GROUP || ended == SECTION_ACL ? policy_keys_end(&config->policies, err) : 0;
}

/* The section whose name begins with that word; `name` is what follows it. */
static int find_section(const char *word, const char *name, struct error *err)
{
	const char *known[SECTION_END];
	size_t count = 0;

	for (int i = SECTION_ENIFLOW; i < SECTION_END; i++) {
		const char *example = sections[i].example;

		known[count++] = sections[i].word;
		if (strcmp(sections[i].word, word) != 0)
			continue;
		if (example && !*name)
			return fail(err, EINVAL, "[%s]: a name is missing, as in [%s %s]", word, word, example);
		if (!example && *name)
			return fail(err, EINVAL, "[%s %s]: [%s] takes no name", word, name, word);
		return i;
	}
	return unknown("section", word, known, count, err);
}

static int begin_section(struct config *config, unsigned line, const char *text, struct error *err)
{
	size_t length = strcspn(text, " \t");
	const char *name = text + length + strspn(text + length, " \t");
	char *word = strndup(text, length);
	int ret = word ? find_section(word, name, err) : fail_memory(err, config->path);

	free(word);
	if (ret < 0)
		return ret;
	config->section = (enum section)ret;
	switch (config->section) {
	case SECTION_INTERFACE:
		return begin_interface(config, line, name, err);
	case SECTION_ROUTE:
		return begin_route(config, line, name, err);
	case SECTION_GROUP:
	case SECTION_ACL:
		return policy_keys_begin(&config->policies, config->section == SECTION_ACL, line, name, err);
	default:
		return 0;
	}
}

static int on_section(void *ctx, unsigned line, const char *text, struct error *err)
{
	struct config *config = ctx;
	int ret = end_section(config, err);

	if (ret < 0)
		return ret;
	ret = begin_section(config, line, text, err);
	return ret < 0 ? inifile_place(err, config->path, line, ret) : 0;
}

static int take_pair(struct config *config, unsigned line, const char *key, const char *value, bool continues,
		     struct error *err)
{
	switch (config->section) {
	case SECTION_ENIFLOW:
		return eniflow_pair(config, line, key, value, continues, err);
	case SECTION_DEFAULTS:
	case SECTION_INTERFACE:
		return interface_pair(config, line, key, value, continues, err);
	case SECTION_ROUTE:
		return route_pair(config, line, key, value, continues, err);
	case SECTION_GROUP:
	case SECTION_ACL:
		return policy_keys_pair(&config->policies, line, key, value, err);
	case SECTION_AWS:
		return aws_pair(config, line, key, value, continues, err);
	default:
		return fail(err, EINVAL, "%s: stands in no section; begin with a line such as [eniflow]", key);
	}
}

static int on_pair(void *ctx, unsigned line, const char *key, const char *value, bool continues, struct error *err)
{
	struct config *config = ctx;
	int ret = take_pair(config, line, key, value, continues, err);

	return ret < 0 ? inifile_place(err, config->path, line, ret) : 0;
}

int config_read_stream(struct settings *settings, FILE *file, const char *path, struct error *err)
{
	static const struct inifile_handler handler = { on_section, on_pair };
	struct config config = { .settings = settings,
				 .path = path,
				 .policies = { .settings = settings, .path = path } };
	int ret = inifile_read(file, path, &handler, &config, err);

	if (ret == 0)
		ret = end_section(&config, err);
	if (ret == 0)
		ret = put_joined(&config, err);
	policy_keys_free(&config.policies);
	free_joined(&config);
	free(config.interfaces);
	return ret;
}

int config_read(struct settings *settings, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	int ret;

	if (!file)
		return fail_errno(err, "%s: cannot be read", path);
	ret = config_read_stream(settings, file, path, err);
	fclose(file);
	return ret;
}
