/* cli/read.h - `eniflow read`: captures in, records out. */
#ifndef ENIFLOW_CLI_READ_H
#define ENIFLOW_CLI_READ_H

#include "cli/settings.h"

/* Runs the command; returns the exit status. All that is to be said has been printed. */
int read_command(const struct settings *settings);

#endif
