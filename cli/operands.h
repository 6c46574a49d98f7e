/* cli/operands.h - the files that stand on the command line: what each of them is, told by its content, and those in
 * folders. */
#ifndef ENIFLOW_CLI_OPERANDS_H
#define ENIFLOW_CLI_OPERANDS_H

#include "capture/files.h"
#include "output/format.h"

enum operand_kind {
	OPERAND_CAPTURE,
	OPERAND_LOG,
	OPERAND_EMPTY,   /* no bytes at all: it may be either */
	OPERAND_NEITHER, /* opening it as a capture says what is wrong with it */
};

struct operands_options {
	const struct source_file *files;
	size_t count;
	const struct output_format *log_format; /* of --log-format, or NULL: any text is a flow log then */
	int wake_fd;
	unsigned ahead; /* as in capture/input.h */
	const struct notices *notices;
};

/* Zeroed, there are none. */
struct operands {
	/* For source_open_files() or source_open_logs(). Captures and streams are open; logs that are files are to be opened
	 * by their paths. */
	struct source_file *files;
	enum operand_kind *kinds;
	struct capture_input *inputs; /* of those that are open */
	char **paths;                 /* those that were found in folders; else NULL */
	size_t count, room;
};

/* Opens each file and looks at its first bytes; waits for those of a stream. A folder stands for the flow logs in it and
 * below, in the order of their paths; other files there are told of and passed over. Returns 0, or -errno: a file
 * that cannot be read, a folder without any flow log. operands_close() in any case. */
int operands_open(struct operands *out, const struct operands_options *options, struct error *err);

/* What is still open, and everything else; leaves it zeroed. */
void operands_close(struct operands *operands);

/* The first of a kind; NULL: there is none. */
const struct source_file *operands_first(const struct operands *operands, enum operand_kind kind);

/* Are all of them flow logs? 1, or 0: none is; -EINVAL: captures are among them. */
int operands_are_logs(const struct operands *operands, struct error *err);

#endif
