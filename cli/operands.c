#include "cli/operands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/file.h"
#include "capture/pcap.h"
#include "cli/folders.h"
#include "logs/sniff.h"

static bool grow(struct operands *operands)
{
	size_t room = operands->room ? 2 * operands->room : 16;
	struct source_file *files = realloc(operands->files, room * sizeof(*files));
	struct capture_input *inputs;
	enum operand_kind *kinds;
	char **paths;

	if (!files)
		return false;
	operands->files = files;
	kinds = realloc(operands->kinds, room * sizeof(*kinds));
	if (!kinds)
		return false;
	operands->kinds = kinds;
	inputs = realloc(operands->inputs, room * sizeof(*inputs));
	if (!inputs)
		return false;
	operands->inputs = inputs;
	paths = realloc(operands->paths, room * sizeof(char *));
	if (!paths)
		return false;
	operands->paths = paths;
	operands->room = room;
	return true;
}

/* Reads the first bytes, and tells by them. An enum operand_kind, or -errno. */
static int look(struct capture_input *input, const struct operands_options *options, struct error *err)
{
	int ret = capture_input_fill(input, CAPTURE_PCAP_HEADER, true, err);

	if (ret < 0)
		return ret;
	if (input->at == input->end && !capture_input_fault(input))
		return OPERAND_EMPTY;
	if (capture_file_begins(input))
		return OPERAND_CAPTURE;
	ret = log_sniff_wait(input, options->log_format != NULL, err);
	if (ret < 0)
		return ret;
	return ret ? OPERAND_LOG : OPERAND_NEITHER;
}

/* One that can be opened again is, when it is its turn: there may be thousands. */
static bool is_to_be_closed(const struct capture_input *input, int kind, bool is_standard_input)
{
	if (kind < 0)
		return true;
	return kind == OPERAND_LOG && !is_standard_input && !capture_input_is_stream(input);
}

/* Opens a file and adds it; `found` is its path if a folder had it, taken over on success. An enum operand_kind, or
 * -errno. */
static int add(struct operands *operands, const struct source_file *file, char *found,
	       const struct operands_options *options, struct error *err)
{
	const struct capture_input_options how = { file->path, options->wake_fd, options->ahead };
	struct capture_input input = { 0 };
	bool passed_over;
	int kind;

	if (operands->count == operands->room && !grow(operands))
		return fail_memory(err, "files");
	kind = capture_input_open(&input, &how, err);
	if (kind == 0)
		kind = look(&input, options, err);
	passed_over = found && (kind == OPERAND_CAPTURE || kind == OPERAND_NEITHER);
	if (passed_over || is_to_be_closed(&input, kind, !found && file->path && strcmp(file->path, "-") == 0))
		capture_input_close(&input);
	if (passed_over || kind < 0)
		return kind;
	operands->files[operands->count] = (struct source_file){ .name = file->name, .path = file->path };
	operands->kinds[operands->count] = (enum operand_kind)kind;
	operands->inputs[operands->count] = input;
	operands->paths[operands->count++] = found;
	return kind;
}

/* Files in a folder that cannot be read are told of, as those that are no flow logs are. */
static int add_found(struct operands *operands, char **path, const struct operands_options *options, struct error *err)
{
	const struct source_file file = { .path = *path };
	struct error why;
	int kind = add(operands, &file, *path, options, &why);

	if (kind == -EINTR || kind == -ENOMEM)
		return fail(err, -kind, "%s", why.text);
	if (kind < 0)
		notify(options->notices, "%s; it is passed over", why.text);
	else if (kind == OPERAND_LOG || kind == OPERAND_EMPTY)
		*path = NULL;
	else
		notify(options->notices, "%s is no flow log; it is passed over", *path);
	return 0;
}

static int add_folder(struct operands *operands, const struct source_file *folder,
		      const struct operands_options *options, struct error *err)
{
	size_t before = operands->count;
	struct folder_files found;
	int ret;

	if (folder->name)
		return fail(err, EINVAL, "%s=%s: a folder stands for the flow logs in it, which have no device",
			    folder->name, folder->path);
	ret = folders_list(&found, folder->path, err);
	for (size_t i = 0; ret >= 0 && i < found.count; i++)
		ret = add_found(operands, &found.paths[i], options, err);
	folders_free(&found);
	if (ret >= 0 && operands->count == before)
		return fail(err, EINVAL, "%s: there is no flow log in this folder; captures in it are named one by one",
			    folder->path);
	return ret;
}

int operands_open(struct operands *out, const struct operands_options *options, struct error *err)
{
	int ret = 0;

	*out = (struct operands){ 0 };
	for (size_t i = 0; ret >= 0 && i < options->count; i++) {
		const struct source_file *file = &options->files[i];

		ret = folders_is_one(file->path) ? add_folder(out, file, options, err)
						 : add(out, file, NULL, options, err);
	}
	for (size_t i = 0; i < out->count; i++)
		out->files[i].input = out->inputs[i].state ? &out->inputs[i] : NULL;
	return ret < 0 ? ret : 0;
}

void operands_close(struct operands *operands)
{
	for (size_t i = 0; i < operands->count; i++) {
		capture_input_close(&operands->inputs[i]);
		free(operands->paths[i]);
	}
	free(operands->files);
	free(operands->kinds);
	free(operands->inputs);
	free(operands->paths);
	*operands = (struct operands){ 0 };
}

const struct source_file *operands_first(const struct operands *operands, enum operand_kind kind)
{
	for (size_t i = 0; i < operands->count; i++)
		if (operands->kinds[i] == kind)
			return &operands->files[i];
	return NULL;
}

int operands_are_logs(const struct operands *operands, struct error *err)
{
	const struct source_file *log = operands_first(operands, OPERAND_LOG);
	const struct source_file *capture = operands_first(operands, OPERAND_CAPTURE);

	if (log && capture)
		return fail(err, EINVAL,
			    "%s is a flow log and %s a capture: eniflow read takes one kind at a time, and eniflow "
			    "compare holds one against the other",
			    log->path, capture->path);
	return log != NULL;
}
