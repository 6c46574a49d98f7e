/* cli/command.h - the commands of the program. */
#ifndef ENIFLOW_CLI_COMMAND_H
#define ENIFLOW_CLI_COMMAND_H

#include "flow/error.h"

enum command {
	COMMAND_READ,
	COMMAND_CAPTURE,
	COMMAND_COMPARE,
	COMMAND_INSPECT,
	COMMAND_EXPLAIN,
	COMMAND_FIELDS,
	COMMAND_END
};

struct command_row {
	const char *name;
	const char *arguments; /* behind the name in "Usage:" */
	const char *summary;   /* one line of `eniflow --help` */
};

extern const struct command_row command_rows[COMMAND_END];

/* The command of that name, or -EINVAL with the nearest one or the list of all. */
int command_find(const char *name, struct error *err);

#endif
