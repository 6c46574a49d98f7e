/* cli/inspect.h - `eniflow inspect`: what captures hold, and the [interface] sections that would fit them. */
#ifndef ENIFLOW_CLI_INSPECT_H
#define ENIFLOW_CLI_INSPECT_H

#include "cli/settings.h"

/* Runs the command on each file by itself; returns the exit status. All that is to be said has been printed. */
int inspect_command(const struct settings *settings);

#endif
