/* cli/compare.h - `eniflow compare`: a flow log held against captures of the same traffic. */
#ifndef ENIFLOW_CLI_COMPARE_H
#define ENIFLOW_CLI_COMPARE_H

#include "cli/settings.h"

/* Reads both, compares, reports. Returns the exit status: 0 they agree, 1 they differ, 2 there was nothing to compare; or
 * -errno. */
int compare_command(const struct settings *settings, struct error *err);

#endif
