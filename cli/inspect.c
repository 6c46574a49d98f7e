#include "cli/inspect.h"

#include <errno.h>

#include "capture/pcap.h"
#include "cli/findings.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/sections.h"
#include "cli/seed.h"
#include "cli/stop.h"
#include "logs/sniff.h"

/* What one file is held by. Zeroed, nothing is open. */
struct inspection {
	struct capture_points *points;
	struct capture_survey *survey;
	struct capture_file *file;
};

static void inspection_free(struct inspection *inspection)
{
	capture_file_close(inspection->file);
	capture_survey_free(inspection->survey);
	capture_points_free(inspection->points);
}

/* Opens the input, if it is no flow log: those have commands of their own. */
static int refuse_log(struct capture_input *input, const char *path, int wake_fd, struct error *err)
{
	const struct capture_input_options options = { path, wake_fd, 0 };
	int ret = capture_input_open(input, &options, err);

	if (ret == 0)
		ret = capture_input_fill(input, CAPTURE_PCAP_HEADER, true, err);
	if (ret >= 0)
		ret = capture_file_begins(input) ? 0 : log_sniff_wait(input, false, err);
	if (ret > 0)
		ret = fail(err, EINVAL,
			   "%s is a flow log, not a capture: eniflow read reads it, and eniflow compare holds it "
			   "against a capture",
			   capture_input_name(input));
	if (ret < 0)
		capture_input_close(input);
	return ret < 0 ? ret : 0;
}

static int inspection_open(struct inspection *inspection, const struct source_file *file, int wake_fd,
			   struct error *err)
{
	struct capture_input input = { 0 };
	struct capture_file_options options = {
		.path = file->path,
		.input = &input,
		.point_name = file->name,
		.wake_fd = wake_fd,
		.notices = &message_kept_warnings,
	};
	uint64_t seed;
	int ret;

	ret = seed_random(&seed, err);
	if (ret >= 0)
		ret = capture_survey_new(&inspection->survey, seed, err);
	if (ret >= 0)
		ret = capture_points_new(&inspection->points, err);
	if (ret < 0)
		return ret;
	options.points = inspection->points;
	ret = refuse_log(&input, file->path, wake_fd, err);
	return ret < 0 ? ret : capture_file_open(&inspection->file, &options, err);
}

/* Reads to the end, or until somebody asks to stop. 1: there would be more. */
static int survey_file(struct inspection *inspection, struct error *err)
{
	const struct capture_input *input = capture_file_input(inspection->file);
	struct capture_item item;
	unsigned turns = 0;
	int ret;

	while (!stop_asked()) {
		ret = capture_file_next(inspection->file, &item, true, err);
		if (ret > 0)
			ret = capture_survey_add(inspection->survey, &item, err);
		else if (ret == 0)
			return 0;
		if (ret < 0 && ret != -EINTR)
			return ret;
		if (turns++ % 4096 == 0)
			progress_show(capture_input_consumed(input), capture_input_size(input));
	}
	return 1;
}

/* One file. Returns the exit status for it, or -errno. */
static int inspect(struct sections *sections, const struct source_file *file, int wake_fd, bool first,
		   struct error *err)
{
	struct inspection inspection = { 0 };
	int more, status = EXIT_WHOLE, ret = inspection_open(&inspection, file, wake_fd, err);

	if (ret < 0)
		goto cleanup;
	ret = more = survey_file(&inspection, err);
	progress_wipe();
	if (ret < 0)
		goto cleanup;
	capture_survey_finish(inspection.survey);
	if (!first)
		putchar('\n');
	findings_print(stdout, inspection.file, inspection.survey, !more);
	ret = sections_print(sections, stdout, file->path, inspection.survey, err);
	if (ret >= 0)
		ret = message_flush_stdout(err);
	if (capture_file_is_damaged(inspection.file))
		status = EXIT_DAMAGED;
cleanup:
	inspection_free(&inspection);
	return ret < 0 ? ret : status;
}

/* A file that cannot be read ends nothing: the others are told of. Output that cannot be written ends all. */
static bool is_of_file(int ret)
{
	return ret < 0 && ret != -EINTR && ret != -EPIPE && ret != -ENOMEM && !ferror(stdout);
}

int inspect_command(const struct settings *settings, struct error *err)
{
	struct sections sections = { 0 };
	int worst = EXIT_WHOLE, ret, wake_fd;
	bool printed = false;

	ret = wake_fd = stop_catch(err);
	if (!settings->quiet)
		progress_start(false);
	for (size_t i = 0; ret >= 0 && i < settings->file_count && !stop_asked(); i++) {
		ret = inspect(&sections, &settings->files[i], wake_fd, !printed, err);
		printed |= ret >= 0;
		message_tell_kept();
		if (is_of_file(ret)) {
			message_error(err);
			ret = EXIT_NOTHING;
		}
		if (ret > worst)
			worst = ret;
	}
	sections_free(&sections);
	return ret < 0 && !(ret == -EINTR && stop_asked()) ? ret : worst;
}
