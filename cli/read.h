/* cli/read.h - `eniflow read`: captures in, records out. */
#ifndef ENIFLOW_CLI_READ_H
#define ENIFLOW_CLI_READ_H

#include "cli/settings.h"

/* Runs the command. Returns the exit status, or -errno with a sentence still to be said. */
int read_command(const struct settings *settings, struct error *err);

#endif
