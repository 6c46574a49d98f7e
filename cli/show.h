/* cli/show.h - the configuration in force, as an INI file that reads back to the same. */
#ifndef ENIFLOW_CLI_SHOW_H
#define ENIFLOW_CLI_SHOW_H

#include <stdio.h>

#include "cli/settings.h"

/* Writes settings that settings_check() has passed; of [eniflow] the keys that are options of their command. What has no default to name (header, filter, decapsulate,
 * threads, devices, user, ...) is left out while it is unset; a relative path of the output or metrics is written as an absolute one, so that it means the
 * same file wherever the configuration lies. Returns 0; -EINVAL: a value (too long for a line, with ; behind a
 * blank, ...) cannot stand in a configuration file; or -errno: `out` cannot be written. */
int show_settings(FILE *out, const struct settings *settings, struct error *err);

/* Do both say the same, so that what was made of one holds for the other? With files of [aws] they never do, since what
 * stands in those is not compared. Returns 1 or 0; or as show_settings(). */
int show_same(const struct settings *a, const struct settings *b, struct error *err);

#endif
