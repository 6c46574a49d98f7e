#include "cli/read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/delivery.h"
#include "cli/intake.h"
#include "cli/message.h"
#include "cli/metering.h"
#include "cli/operands.h"
#include "cli/progress.h"
#include "cli/seed.h"
#include "cli/stop.h"
#include "cli/summary.h"
#include "logs/source.h"

/* What one run holds. Zeroed, nothing is open. */
struct run {
	uint64_t seed; /* of all hashes */
	struct operands operands;
	bool of_logs; /* they are flow logs */
	struct intake intake;
	struct output_writer *writer;
	struct metering metering;
};

/* Rotated captures come by the thousand, and each stays open until its turn. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool is_file(const char *path, const struct stat *wanted)
{
	struct stat found;
	int ret = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &found) : stat(path, &found);

	return ret == 0 && found.st_dev == wanted->st_dev && found.st_ino == wanted->st_ino;
}

/* Records beside those they were made from would count twice, the next time that the folder is read. */
static int spare_folders(const struct settings *settings, const struct stat *output, struct error *err)
{
	for (size_t i = 0; i < settings->file_count; i++)
		if (is_file(settings->files[i].path, output))
			return fail(err, EINVAL, "%s: is one of the folders to read; name another one for the records",
				    settings->output);
	return 0;
}

/* The finished log would take the place of the file it was made from. */
static int spare_inputs(const struct run *run, const struct settings *settings, struct error *err)
{
	struct stat output;

	if (strcmp(settings->output, "-") == 0 || stat(settings->output, &output) < 0)
		return 0;
	if (S_ISDIR(output.st_mode))
		return spare_folders(settings, &output, err);
	if (!S_ISREG(output.st_mode))
		return 0;
	for (size_t i = 0; i < run->operands.count; i++)
		if (is_file(run->operands.files[i].path, &output))
			return fail(err, EINVAL, "%s: is one of the files to read; name another one for the records",
				    settings->output);
	return 0;
}

static int look_at_operands(struct run *run, const struct settings *settings, int wake_fd, struct error *err)
{
	const struct operands_options options = {
		.files = settings->files,
		.count = settings->file_count,
		.log_format = settings->log_format_text ? &settings->log_format : NULL,
		.wake_fd = wake_fd,
		.ahead = intake_decoders(settings),
		.notices = &message_kept_warnings,
	};
	int ret = operands_open(&run->operands, &options, err);

	if (ret >= 0)
		ret = operands_are_logs(&run->operands, err);
	run->of_logs = ret > 0;
	return ret;
}

static int open_logs(struct run *run, const struct settings *settings, int wake_fd, struct error *err)
{
	const struct log_files_options options = {
		.files = run->operands.files,
		.count = run->operands.count,
		.format = settings->log_format_text ? &settings->log_format : NULL,
		.wake_fd = wake_fd,
		.ahead = intake_decoders(settings),
		.notices = &message_kept_warnings,
	};

	if (settings->filter)
		return fail(err, EINVAL, "--filter: it needs packets, and %s is a flow log", options.files[0].path);
	if (settings->tunnels)
		return fail(err, EINVAL, "--decapsulate: it needs packets, and %s is a flow log",
			    options.files[0].path);
	return source_open_logs(&run->intake.source, &options, settings->interval, err);
}

/* What is neither a capture nor a flow log is opened alone: that it cannot be is what there is to say. */
static int open_captures(struct run *run, const struct settings *settings, int wake_fd, struct error *err)
{
	const struct source_file *neither = operands_first(&run->operands, OPERAND_NEITHER);
	struct source_files_options options = {
		.files = neither ? neither : run->operands.files,
		.count = neither ? 1 : run->operands.count,
		.filter = settings->filter,
		.tunnels = settings->tunnels,
		.wake_fd = wake_fd,
		.notices = &message_kept_warnings,
		.seed = run->seed,
		.ahead = intake_decoders(settings),
	};

	return source_open_files(&run->intake.source, &options, err);
}

static int open_source(struct run *run, const struct settings *settings, int wake_fd, struct error *err)
{
	if (run->of_logs && !operands_first(&run->operands, OPERAND_NEITHER))
		return open_logs(run, settings, wake_fd, err);
	return open_captures(run, settings, wake_fd, err);
}

static int open_metering(struct run *run, const struct settings *settings, struct error *err)
{
	struct flow_sink sink = output_writer_sink(run->writer);

	return metering_open(&run->metering, settings, NULL, run->seed, &sink, err);
}

/* Somebody asks to stop, and no lines wait in the source. One that a thread reads is not to be called now. */
static bool asks_to_end(struct run *run)
{
	if (!stop_asked())
		return false;
	if (!run->of_logs || run->intake.queue)
		return true;
	source_stop(run->intake.source);
	return false;
}

/* Pulls observations through the meter until the input ends or somebody asks to stop. */
static int pump(struct run *run, struct error *err)
{
	struct flow_observation items[SOURCE_BATCH];
	struct source_batch batch = { items, SOURCE_BATCH, 0 };
	int more;

	do {
		int ret;

		more = intake_pull(&run->intake, &batch, err);
		if (more < 0)
			return more;
		ret = flow_meter_add(run->metering.meter, batch.items, batch.length, err);
		if (ret < 0)
			return ret;
	} while (more > 0 && !asks_to_end(run));
	return flow_meter_finish(run->metering.meter, err);
}

static void run_free(struct run *run)
{
	intake_stop(&run->intake);
	output_writer_abandon(run->writer);
	metering_close(&run->metering);
	intake_close(&run->intake);
	operands_close(&run->operands);
}

/* From opening to the last record. Returns the exit status, or -errno with its sentence. */
static int run_read(struct run *run, const struct settings *settings, struct error *err)
{
	struct output_writer *writer;
	int ret, wake_fd = stop_catch(err);

	if (wake_fd < 0)
		return wake_fd;
	ret = seed_random(&run->seed, err);
	if (ret >= 0)
		ret = look_at_operands(run, settings, wake_fd, err);
	if (ret >= 0)
		ret = spare_inputs(run, settings, err);
	if (ret >= 0)
		ret = open_source(run, settings, wake_fd, err);
	if (ret >= 0)
		ret = delivery_open(&run->writer, settings, false, source_is_stream(run->intake.source), err);
	if (ret >= 0)
		ret = open_metering(run, settings, err);
	if (ret < 0)
		return ret;
	if (!settings->quiet)
		progress_start(strcmp(settings->output, "-") == 0);
	/* Lines of a stream that wait for others come out when it is stopped: nobody else has read them by then. */
	ret = run->of_logs && source_is_stream(run->intake.source) ? 0 : intake_start(&run->intake, settings, err);
	if (ret >= 0)
		ret = pump(run, err);
	intake_stop(&run->intake);
	progress_wipe();
	if (ret < 0)
		return ret;
	writer = run->writer;
	run->writer = NULL;
	ret = output_writer_finish(writer, err);
	if (ret < 0)
		return ret;
	return source_is_damaged(run->intake.source) ? EXIT_DAMAGED : EXIT_WHOLE;
}

static void close_logs_account(const struct run *run, const struct settings *settings,
			       const struct flow_account *account)
{
	struct log_files_state files = { 0 };

	if (run->intake.source)
		source_logs_state(run->intake.source, &files);
	if (settings->summary == SUMMARY_JSON)
		summary_logs_json(stderr, account, &files);
	else
		summary_logs_text(stderr, account, &files);
}

/* What is said behind the records. */
static void close_account(const struct run *run, const struct settings *settings)
{
	static const struct flow_account nothing;
	const struct flow_account *account = run->metering.meter ? flow_meter_account(run->metering.meter) : &nothing;

	metering_remarks(&run->metering, settings);
	if (settings->quiet)
		return;
	if (run->of_logs)
		close_logs_account(run, settings, account);
	else if (settings->summary == SUMMARY_JSON)
		summary_json(stderr, account);
	else
		summary_text(stderr, account);
}

int read_command(const struct settings *settings, struct error *err)
{
	struct run run = { 0 };
	int ret;

	allow_many_files();
	ret = run_read(&run, settings, err);
	message_tell_kept();
	if (ret == -EINTR && stop_asked()) /* before anything was open */
		ret = EXIT_WHOLE;
	if (ret >= 0)
		close_account(&run, settings);
	run_free(&run);
	return ret;
}
