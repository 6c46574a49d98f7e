/* eniflow: packets in, VPC flow log records out. Finds the command and runs it. */
#include <errno.h>
#include <string.h>

#include "cli/fields.h"
#include "cli/help.h"
#include "cli/inspect.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/read.h"
#include "cli/show.h"
#include "cli/stop.h"

/* What was printed with stdio must have arrived. Returns the exit status. */
static int finish_stdout(void)
{
	struct error err;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_WHOLE;
	if (errno == EPIPE)
		stop_by_closed_pipe();
	fail_errno(&err, "standard output");
	message_error(&err);
	return EXIT_NOTHING;
}

/* --check-config: what only opening would tell is tried too, as far as it does nothing. */
static int check(const struct settings *settings, struct error *err)
{
	struct capture_filter *filter = NULL;
	int ret = settings->filter ? capture_filter_new(&filter, settings->filter, err) : 0;

	capture_filter_free(filter);
	if (ret >= 0)
		puts("The configuration is well.");
	return ret;
}

static int run_command(enum command command, const struct settings *settings, struct error *err)
{
	int ret = 0;

	if (settings->help)
		help_command(stdout, command);
	else if (settings->check_config)
		ret = check(settings, err);
	else if (settings->show_config)
		ret = show_settings(stdout, settings, err);
	else if (command == COMMAND_READ)
		return read_command(settings);
	else if (command == COMMAND_INSPECT)
		return inspect_command(settings);
	else
		fields_print(stdout);
	return ret < 0 ? ret : finish_stdout();
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct error err;
	int command, ret;

	if (argc < 2) {
		help_program(stderr);
		return EXIT_NOTHING;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_program(stdout);
		return finish_stdout();
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		help_version(stdout);
		return finish_stdout();
	}
	ret = command = command_find(argv[1], &err);
	if (ret >= 0)
		ret = options_to_settings(&settings, (enum command)command, argc - 1, argv + 1, &message_warnings,
					  &err);
	if (ret >= 0) {
		ret = run_command((enum command)command, &settings, &err);
		settings_free(&settings);
	}
	if (ret < 0) {
		message_error(&err);
		return EXIT_NOTHING;
	}
	return ret;
}
