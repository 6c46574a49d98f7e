/* cli/show.h - the configuration in force, as an INI file that reads back to the same. */
#ifndef ENIFLOW_CLI_SHOW_H
#define ENIFLOW_CLI_SHOW_H

#include <stdio.h>

#include "cli/settings.h"

/* Writes settings that settings_check() has passed. What has no default to name (header, filter, decapsulate,
 * threads) is left out while it is unset; a relative output path is written as an absolute one, so that it means the
 * same file wherever the configuration lies. Returns 0; -EINVAL: a value (too long for a line, with ; behind a
 * blank, ...) cannot stand in a configuration file; or -errno: `out` cannot be written. */
int show_settings(FILE *out, const struct settings *settings, struct error *err);

#endif
