/* eniflow: packets in, VPC flow log records out. Finds the command and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/capture.h"
#include "cli/compare.h"
#include "cli/delivery.h"
#include "cli/explain.h"
#include "cli/fields.h"
#include "cli/help.h"
#include "cli/inspect.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/policies.h"
#include "cli/read.h"
#include "cli/show.h"
#include "cli/stop.h"
#include "daemon/metrics_outlet.h"

/* --check-config: what only opening would tell is tried too, as far as it does nothing. */
static int check(const struct settings *settings, struct error *err)
{
	struct capture_filter *filter = NULL;
	struct policies policies;
	int ret = settings->filter ? capture_filter_new(&filter, settings->filter, err) : 0;

	capture_filter_free(filter);
	if (ret >= 0 && settings->metrics)
		ret = daemon_metrics_outlet_check(settings->metrics, err);
	if (ret >= 0)
		ret = policies_open(&policies, settings, err);
	if (ret >= 0)
		policies_close(&policies);
	if (ret >= 0)
		puts("The configuration is well.");
	return ret;
}

/* Is a log to be written, or to be judged whether it could be? */
static bool needs_key(enum command command, const struct settings *settings)
{
	return (command == COMMAND_READ || command == COMMAND_CAPTURE) && !settings->help && !settings->show_config;
}

static int run_command(enum command command, struct settings *settings, struct error *err)
{
	int ret = needs_key(command, settings) ? delivery_read_key(settings, NULL, err) : 0;

	if (ret < 0)
		return ret;
	if (settings->help)
		help_command(stdout, command);
	else if (settings->check_config)
		return check(settings, err);
	else if (settings->show_config)
		return show_settings(stdout, settings, err);
	else if (command == COMMAND_READ)
		return read_command(settings, err);
	else if (command == COMMAND_CAPTURE)
		return capture_command(settings, err);
	else if (command == COMMAND_COMPARE)
		return compare_command(settings, err);
	else if (command == COMMAND_INSPECT)
		return inspect_command(settings, err);
	else if (command == COMMAND_EXPLAIN)
		return explain_command(settings, err);
	else
		fields_print(stdout);
	return EXIT_WHOLE;
}

/* argv[0] is the command's name. */
static int run(int argc, char **argv, struct error *err)
{
	struct settings settings;
	int ret, command = command_find(argv[0], err);

	if (command < 0)
		return command;
	ret = options_to_settings(&settings, (enum command)command, argc, argv, &message_warnings, err);
	if (ret < 0)
		return ret;
	ret = run_command((enum command)command, &settings, err);
	settings_free(&settings);
	return ret;
}

/* Files are not opened where a standard stream is closed, or they would be taken for it. What stands there instead can
 * only be used the wrong way round, so that using it stays an error. */
static void keep_streams_apart(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	struct error err;
	int ret = EXIT_WHOLE;

	keep_streams_apart();
	if (argc < 2) {
		help_program(stderr);
		return EXIT_NOTHING;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		help_program(stdout);
	else if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		help_version(stdout);
	else
		ret = run(argc - 1, argv + 1, &err);
	if (ret >= 0) {
		int flushed = message_flush_stdout(&err);

		ret = flushed < 0 ? flushed : ret;
	}
	if (ret == -EPIPE)
		stop_by_closed_pipe();
	if (ret < 0) {
		message_error(&err);
		return EXIT_NOTHING;
	}
	return ret;
}
