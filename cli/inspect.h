/* cli/inspect.h - `eniflow inspect`: what captures hold, and the [interface] sections that would fit them. */
#ifndef ENIFLOW_CLI_INSPECT_H
#define ENIFLOW_CLI_INSPECT_H

#include "cli/settings.h"

/* Runs the command on each file by itself. Returns the exit status, or -errno with a sentence still to be said. */
int inspect_command(const struct settings *settings, struct error *err);

#endif
