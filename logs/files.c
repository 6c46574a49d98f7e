#include "logs/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "logs/file.h"

/* One of the run's files. Those on a disk are looked into, closed, and opened again when it is their turn: there may be
 * more of them than descriptors. */
struct part {
	char *path;
	struct log_file *file; /* a stream's, or NULL */
	int64_t start;         /* of its first record; INT64_MAX: it has none */
	size_t number;         /* its place on the command line */
};

struct log_files {
	struct log_run run;
	struct output_format format;
	bool has_format;
	int wake_fd;
	unsigned ahead;
	struct part *parts; /* in the order of reading */
	size_t count, at;
	uint64_t consumed; /* of the parts before `at` */
};

/* ---- looking into a file ---- */

static bool is_on_disk(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int open_part(struct log_files *files, struct part *part, struct capture_input *input, struct log_run *run,
		     struct error *err)
{
	const struct log_file_options options = {
		.path = part->path,
		.input = input,
		.wake_fd = files->wake_fd,
		.ahead = files->ahead,
		.format = files->has_format ? &files->format : NULL,
		.run = run,
	};

	return log_file_open(&part->file, &options, err);
}

static void note(struct log_files *files, struct part *part)
{
	const struct capture_input *input = log_file_input(part->file);
	const struct log_record *first = log_file_first(part->file);

	part->start = first ? first->start : INT64_MAX;
	files->run.state.is_stream |= capture_input_is_stream(input);
	files->run.state.is_compressed |= capture_input_compression(input) != NULL;
}

/* Reads its first record as if it were not read: what there is to tell and count comes when it is its turn. */
static int look_into(struct log_files *files, struct part *part, struct capture_input *input, struct error *err)
{
	struct log_run run = { 0 };
	int ret = log_origins_new(&run.origins, err);

	if (ret < 0)
		return ret;
	ret = open_part(files, part, input, &run, err);
	if (ret == 0) {
		note(files, part);
		files->run.state.size += capture_input_size(log_file_input(part->file));
		log_file_close(part->file);
		part->file = NULL;
	}
	log_origins_free(run.origins);
	return ret;
}

static int add_part(struct log_files *files, const struct source_file *source, struct error *err)
{
	struct part *part = &files->parts[files->count];
	int ret;

	if (source->name)
		return fail(err, EINVAL,
			    "%s=%s: a flow log says itself which interfaces its lines are of: give it without %s=",
			    source->name, source->path, source->name);
	*part = (struct part){ .path = strdup(source->path), .number = files->count };
	files->count++;
	if (!part->path)
		return fail_memory(err, source->path);
	if (is_on_disk(part->path))
		return look_into(files, part, source->input, err);
	ret = open_part(files, part, source->input, &files->run, err);
	if (ret == 0)
		note(files, part);
	return ret;
}

static int by_start(const void *left, const void *right)
{
	const struct part *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* Inputs that were opened for us are ours, whatever became of those before them. */
static void close_inputs(const struct log_files_options *options)
{
	for (size_t i = 0; i < options->count; i++) {
		struct capture_input *input = options->files[i].input;

		if (!input)
			continue;
		capture_input_close(input);
		*input = (struct capture_input){ 0 };
	}
}

static int check_format(const struct output_format *format, struct error *err)
{
	if (!format ||
	    (memchr(format->fields, FIELD_START, format->count) && memchr(format->fields, FIELD_END, format->count)))
		return 0;
	return fail(err, EINVAL,
		    "--log-format: start and end must be among its fields: without them no record has a time");
}

static int open_all(struct log_files *files, const struct log_files_options *options, struct error *err)
{
	int ret;

	files->parts = calloc(options->count ? options->count : 1, sizeof(*files->parts));
	if (!files->parts)
		return fail_memory(err, "flow logs");
	ret = log_origins_new(&files->run.origins, err);
	if (ret == 0)
		ret = check_format(options->format, err);
	for (size_t i = 0; ret == 0 && i < options->count; i++)
		ret = add_part(files, &options->files[i], err);
	return ret;
}

int log_files_open(struct log_files **out, const struct log_files_options *options, struct error *err)
{
	struct log_files *files = calloc(1, sizeof(*files));
	int ret;

	if (!files) {
		close_inputs(options);
		return fail_memory(err, "flow logs");
	}
	files->run.notices = options->notices;
	files->wake_fd = options->wake_fd;
	files->ahead = options->ahead;
	files->has_format = options->format != NULL;
	if (options->format)
		files->format = *options->format;
	ret = open_all(files, options, err);
	close_inputs(options);
	if (ret < 0) {
		log_files_close(files);
		return ret;
	}
	qsort(files->parts, files->count, sizeof(*files->parts), by_start);
	*out = files;
	return 0;
}

void log_files_close(struct log_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; files->parts && i < files->count; i++) {
		log_file_close(files->parts[i].file);
		free(files->parts[i].path);
	}
	free(files->parts);
	log_origins_free(files->run.origins);
	free(files);
}

/* ---- reading ---- */

/* Sees to the file whose turn it is being open. 1; 0: there is none; or a negative errno. */
static int turn(struct log_files *files, struct error *err)
{
	struct part *part = &files->parts[files->at];
	int ret;

	if (files->at == files->count)
		return 0;
	if (part->file)
		return 1;
	ret = open_part(files, part, NULL, &files->run, err);
	return ret < 0 ? ret : 1;
}

static void end_turn(struct log_files *files)
{
	struct part *part = &files->parts[files->at++];

	files->consumed += log_file_consumed(part->file);
	log_file_close(part->file);
	part->file = NULL;
}

int log_files_read(struct log_files *files, struct log_record *records, size_t room, bool wait, struct error *err)
{
	for (;;) {
		int ret = turn(files, err);

		if (ret <= 0)
			return ret;
		ret = log_file_read(files->parts[files->at].file, records, room, wait, err);
		if (ret != 0)
			return ret;
		end_turn(files);
	}
}

void log_files_state(const struct log_files *files, struct log_files_state *out)
{
	const struct part *part = &files->parts[files->at];

	*out = files->run.state;
	out->consumed = files->consumed;
	if (files->at < files->count && part->file)
		out->consumed += log_file_consumed(part->file);
	if (out->is_stream)
		out->size = 0;
}

const struct flow_origin *log_files_origin(const struct log_files *files, size_t number)
{
	return log_origins_get(files->run.origins, number);
}
