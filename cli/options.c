#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/comparison.h"
#include "cli/config.h"
#include "cli/delivery.h"
#include "cli/policy_remarks.h"
#include "cli/question.h"
#include "cli/sensor.h"
#include "output/nearest.h"

struct given {
	const struct settings_option *option;
	const char *value; /* NULL: it takes none */
};

/* What stands on the command line, before anything is made of it. */
struct command_line {
	enum command command;
	char **argv;
	struct given *given;
	size_t count;
	char **operands; /* with room for all of argv */
	size_t operand_count;
	size_t behind; /* so many operands stand before a "--"; those behind it are of another kind for compare */
	const char *config;
	bool help;
};

/* What getopt_long() calls option number i of settings_options, and what getopt() calls its letter. */
enum { OPERAND = 1, LONG_BASE = 256 };

static int usage(const struct command_line *line, struct error *err, const char *what, const char *sentence)
{
	return fail(err, EINVAL, "%s: %s; see eniflow %s --help", what, sentence, command_rows[line->command].name);
}

static bool is_for(const struct settings_option *option, enum command command)
{
	return option->commands >> command & 1U;
}

static int unknown_option(const struct command_line *line, const char *argument, struct error *err)
{
	size_t length = strcspn(argument, "=");
	const char *names[OPTION_END];
	char nearest[128];
	size_t count = 0;

	for (size_t i = 0; i < OPTION_END; i++)
		if (is_for(&settings_options[i], line->command))
			names[count++] = settings_options[i].name;
	output_nearest(argument, length, names, count, nearest, sizeof(nearest));
	return fail(err, EINVAL, "%.*s: there is no such option%s%s; see eniflow %s --help", (int)length, argument,
		    *nearest ? "; the nearest: " : "", nearest, command_rows[line->command].name);
}

static const struct settings_option *option_of(int answer)
{
	for (size_t i = 0; i < OPTION_END; i++)
		if (answer == LONG_BASE + (int)i || answer == settings_options[i].letter)
			return &settings_options[i];
	return NULL;
}

/* What getopt_long() answered '?' or ':' to: a long option is the argument before optind, a letter may be amid
 * others. */
static int refused(const struct command_line *line, int answer, struct error *err)
{
	char letter[] = { '-', (char)optopt, '\0' };
	const char *what = optopt >= LONG_BASE ? line->argv[optind - 1] : letter;

	if (answer == ':')
		return usage(line, err, what, "its value is missing");
	if (optopt >= LONG_BASE)
		return usage(line, err, what, "this option takes no value");
	if (optopt == 0)
		return unknown_option(line, line->argv[optind - 1], err);
	return usage(line, err, letter, "there is no such option");
}

/* getopt_long() takes the beginning of a long option's name for the whole: undo that. */
static int check_spelling(const struct command_line *line, const char *name, struct error *err)
{
	const char *at = line->argv[optarg && optarg == line->argv[optind - 1] ? optind - 2 : optind - 1];

	if (strcspn(at, "=") == strlen(name))
		return 0;
	return unknown_option(line, at, err);
}

/* The option is another command's, or none's. */
static int misplaced(const struct command_line *line, const struct settings_option *option, struct error *err)
{
	char sentence[128] = "this option belongs to eniflow";
	unsigned left = option->commands;

	if (!option->commands)
		return usage(line, err, option->name,
			     "a key of the configuration alone; devices stand behind the options of eniflow capture");
	for (int i = 0; left; i++) {
		size_t length = strlen(sentence);
		const char *before = left == option->commands ? " " : left >> i == 1 ? " and " : ", ";

		if (!is_for(option, (enum command)i))
			continue;
		left &= ~(1U << i);
		snprintf(sentence + length, sizeof(sentence) - length, "%s%s", before, command_rows[i].name);
	}
	return usage(line, err, option->name, sentence);
}

static int take(struct command_line *line, const struct settings_option *option, struct error *err)
{
	struct given *grown;

	if (option->key == OPTION_HELP) {
		line->help = true;
		return 0;
	}
	if (!is_for(option, line->command))
		return misplaced(line, option, err);
	if (option->key == OPTION_CONFIG) {
		if (line->config)
			return usage(line, err, option->name, "given twice");
		line->config = optarg;
		return 0;
	}
	grown = realloc(line->given, (line->count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, "options");
	grown[line->count++] = (struct given){ option, optarg };
	line->given = grown;
	return 0;
}

/* Has getopt_long() walk through argv, in its order. */
static int collect(struct command_line *line, int argc, struct error *err)
{
	struct option long_options[OPTION_END + 1] = { 0 };
	char letters[2 * OPTION_END + 3] = "-:"; /* -: operands come in their turn, as options of letter OPERAND */
	char *letter = letters + 2;

	for (size_t i = 0; i < OPTION_END; i++) {
		const struct settings_option *option = &settings_options[i];

		long_options[i] = (struct option){ option->name + strlen("--"),
						   option->argument ? required_argument : no_argument, NULL,
						   LONG_BASE + (int)i };
		if (option->letter) {
			*letter++ = option->letter;
			if (option->argument)
				*letter++ = ':';
		}
	}
	optind = 0; /* starts anew, for glibc and musl alike */
	opterr = 0;
	while (!line->help) {
		int answer = getopt_long(argc, line->argv, letters, long_options, NULL);
		const struct settings_option *option = option_of(answer);
		int ret = 0;

		if (answer == -1)
			break;
		if (answer == OPERAND) {
			line->operands[line->operand_count++] = optarg;
			continue;
		}
		if (!option)
			return refused(line, answer, err);
		if (answer >= LONG_BASE)
			ret = check_spelling(line, option->name, err);
		if (ret == 0)
			ret = take(line, option, err);
		if (ret < 0)
			return ret;
	}
	line->behind = line->operand_count;
	while (!line->help && optind < argc)
		line->operands[line->operand_count++] = line->argv[optind++];
	return 0;
}

static int not_an_identity(const char *name, size_t length, struct error *err)
{
	const char *names[FLOW_IDENTITY_END];
	char nearest[128];

	for (int i = 0; i < FLOW_IDENTITY_END; i++)
		names[i] = settings_identity_name((enum flow_identity)i);
	output_nearest(name, length, names, FLOW_IDENTITY_END, nearest, sizeof(nearest));
	if (*nearest)
		return fail(err, EINVAL, "--set: there is no field '%.*s' that describes an interface; the nearest: %s",
			    (int)length, name, nearest);
	return fail(err, EINVAL,
		    "--set: '%.*s' is no field that describes an interface, as vpc-id, subnet-id or instance-id do; "
		    "`eniflow fields` lists all",
		    (int)length, name);
}

static int put_set(struct settings *settings, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	size_t length = equals ? (size_t)(equals - value) : strlen(value);
	int identity = settings_identity_find(value, length);
	char what[64];

	if (!equals)
		return fail(err, EINVAL, "--set: '%s' is not FIELD=VALUE", value);
	if (identity < 0)
		return not_an_identity(value, length, err);
	snprintf(what, sizeof(what), "--set %.*s", (int)length, value);
	return settings_put_identity(&settings->defaults, (enum flow_identity)identity, what, equals + 1, err);
}

static int put_kafka(struct settings *settings, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	char *name;
	int ret;

	if (!equals)
		return fail(err, EINVAL, "--kafka: '%s' is not NAME=VALUE", value);
	name = strndup(value, (size_t)(equals - value));
	if (!name)
		return fail_memory(err, "--kafka");
	ret = delivery_put_kafka(settings, "--kafka", name, equals + 1, err);
	free(name);
	return ret;
}

static int put(struct settings *settings, const struct given *given, struct error *err)
{
	const struct settings_option *option = given->option;

	switch (option->key) {
	case OPTION_NO_HEADER:
		settings->header = 0;
		return 0;
	case OPTION_SET:
		return put_set(settings, given->value, err);
	case OPTION_KAFKA:
		return put_kafka(settings, given->value, err);
	case OPTION_OFFSET:
		return comparison_put_offset(settings, option->name, given->value, err);
	case OPTION_TOLERANCE:
		return comparison_put_tolerance(settings, option->name, given->value, err);
	case OPTION_HTML:
		return comparison_put_html(settings, option->name, given->value, err);
	case OPTION_LIMIT:
		return comparison_put_limit(settings, option->name, given->value, err);
	case OPTION_JSON:
		settings->comparison.json = true;
		return 0;
	case OPTION_CHECK_CONFIG:
		settings->check_config = true;
		return 0;
	case OPTION_SHOW_CONFIG:
		settings->show_config = true;
		return 0;
	default:
		return settings_put(settings, option->key, option->name, given->value ? given->value : "yes", err);
	}
}

/* FILE, or NAME=FILE if there is no / before the =. */
static int read_file(struct source_file *out, const char *operand, bool *standard_input, struct error *err)
{
	size_t length = strcspn(operand, "=/");
	bool named = operand[length] == '=', dash;
	const char *path = named ? operand + length + 1 : operand;
	char *own_path, *own_name;

	if (named && length == 0)
		return fail(err, EINVAL, "%s: the name before = is empty; a file of that name is ./%s", operand,
			    operand);
	if (!*path)
		return fail(err, EINVAL, "'%s': the name of a file is missing", operand);
	dash = strcmp(path, "-") == 0;
	if (dash && *standard_input)
		return fail(err, EINVAL, "%s: standard input can be read only once", operand);
	*standard_input |= dash;
	own_path = strdup(path);
	own_name = named ? strndup(operand, length) : NULL;
	if (!own_path || (named && !own_name)) {
		free(own_path);
		free(own_name);
		return fail_memory(err, "files");
	}
	*out = (struct source_file){ .name = own_name, .path = own_path };
	return 0;
}

static int read_files(struct source_file **files, size_t *count, char **operands, size_t operand_count,
		      bool *standard_input, struct error *err)
{
	int ret = 0;

	*files = calloc(operand_count + 1, sizeof(**files));
	if (!*files)
		return fail_memory(err, "files");
	for (size_t i = 0; i < operand_count && ret == 0; i++) {
		ret = read_file(&(*files)[*count], operands[i], standard_input, err);
		*count += ret == 0;
	}
	return ret;
}

static int add_files(struct settings *settings, enum command command, char **operands, size_t count, struct error *err)
{
	bool standard_input = false;

	if (command == COMMAND_FIELDS)
		return count == 0 ? 0 : fail(err, EINVAL, "%s: eniflow fields takes no arguments", operands[0]);
	if (count == 0 && !settings->check_config && !settings->show_config)
		return fail(err, EINVAL, "no FILE is given; - is standard input");
	return read_files(&settings->files, &settings->file_count, operands, count, &standard_input, err);
}

/* The first `log_count` operands stand before the "--". */
static int add_sides(struct settings *settings, char **operands, size_t count, size_t log_count, struct error *err)
{
	bool idle = (settings->check_config || settings->show_config) && count == 0, standard_input = false;
	int ret;

	if (log_count == 0 && !idle)
		return fail(err, EINVAL, "no LOG is given; logs stand before --, captures behind it");
	if (log_count == count && !idle)
		return fail(err, EINVAL, "no CAPTURE is given; captures stand behind --, logs before it");
	ret = read_files(&settings->logs, &settings->log_count, operands, log_count, &standard_input, err);
	if (ret == 0)
		ret = read_files(&settings->files, &settings->file_count, operands + log_count, count - log_count,
				 &standard_input, err);
	return ret;
}

static int add_operands(struct settings *settings, char **operands, size_t count, struct error *err)
{
	bool idle = settings->check_config || settings->show_config;

	if (idle && count == 0)
		return 0;
	if (count < QUESTION_OPERANDS)
		return fail(err, EINVAL, "%s is missing", question_operands[count]);
	if (count > QUESTION_OPERANDS)
		return fail(err, EINVAL, "%s: stands behind DESTINATION, the last argument",
			    operands[QUESTION_OPERANDS]);
	settings->operands = calloc(count, sizeof(*settings->operands));
	if (!settings->operands)
		return fail_memory(err, "options");
	for (; settings->operand_count < count; settings->operand_count++) {
		char *copy = strdup(operands[settings->operand_count]);

		if (!copy)
			return fail_memory(err, "options");
		settings->operands[settings->operand_count] = copy;
	}
	return 0;
}

/* Those of the command line in place of those of the file. */
static int add_devices(struct settings *settings, char **operands, size_t count, struct error *err)
{
	bool idle = settings->check_config || settings->show_config;

	if (count > 0)
		return sensor_set_devices(settings, operands, count, err);
	if (settings->device_count == 0 && !idle)
		return fail(err, EINVAL, "no DEVICE is given; name devices, or all");
	return 0;
}

static int add_arguments(struct settings *settings, const struct command_line *line, struct error *err)
{
	switch (line->command) {
	case COMMAND_EXPLAIN:
		return add_operands(settings, line->operands, line->operand_count, err);
	case COMMAND_CAPTURE:
		return add_devices(settings, line->operands, line->operand_count, err);
	case COMMAND_COMPARE:
		return add_sides(settings, line->operands, line->operand_count, line->behind, err);
	default:
		return add_files(settings, line->command, line->operands, line->operand_count, err);
	}
}

/* The file first, then the options over it, then what stands behind them. */
static int fill(struct settings *settings, const struct command_line *line, struct error *err)
{
	int ret = line->config ? config_read(settings, line->config, err) : 0;
	struct error why;

	if (ret < 0)
		return ret;
	if (line->config && !(settings->config = strdup(line->config)))
		return fail_memory(err, "options");
	for (size_t i = 0; i < line->count && ret == 0; i++)
		ret = put(settings, &line->given[i], &why);
	if (ret == 0)
		ret = add_arguments(settings, line, &why);
	if (ret == -EINVAL)
		return fail(err, EINVAL, "%s; see eniflow %s --help", why.text, command_rows[line->command].name);
	return ret < 0 ? fail(err, -ret, "%s", why.text) : settings_check(settings, err);
}

/* Everything but the remarks. */
static int read_all(struct settings *out, struct command_line *line, int argc, struct error *err)
{
	int ret = collect(line, argc, err);

	out->help = line->help;
	if (ret == 0 && !line->help)
		ret = fill(out, line, err);
	free(line->given);
	return ret;
}

static void remark(const struct settings *settings, const struct notices *notices)
{
	if (settings->help)
		return;
	if (settings->command == COMMAND_READ || settings->command == COMMAND_CAPTURE)
		settings_remarks(settings, notices);
	else if (settings->command == COMMAND_COMPARE || settings->command == COMMAND_EXPLAIN)
		policy_remarks(settings, notices);
}

int options_to_settings(struct settings *out, enum command command, int argc, char **argv,
			const struct notices *notices, struct error *err)
{
	struct command_line line = { .command = command, .argv = argv };
	int ret = settings_init(out, err);

	if (ret < 0)
		return ret;
	out->command = command;
	out->argc = argc;
	out->argv = argv;
	line.operands = calloc((size_t)argc + 1, sizeof(*line.operands));
	ret = line.operands ? read_all(out, &line, argc, err) : fail_memory(err, "options");
	free(line.operands);
	if (ret < 0)
		settings_free(out);
	else
		remark(out, notices);
	return ret;
}

int options_read_again(struct settings *out, const struct settings *settings, const struct notices *notices,
		       struct error *err)
{
	return options_to_settings(out, settings->command, settings->argc, settings->argv, notices, err);
}
