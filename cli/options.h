/* cli/options.h - the command line, into settings. */
#ifndef ENIFLOW_CLI_OPTIONS_H
#define ENIFLOW_CLI_OPTIONS_H

#include "cli/command.h"
#include "cli/settings.h"

/* Reads argv (argv[0] is the command's name; the order of the others may be changed) and the file that --config
 * names; options win over the file wherever they stand, the last of several over those before it. `notices` (may be
 * NULL) hears remarks on the format and on rules. --help ends the reading: `out->help` is then set, and the rest stays
 * as it is by default. Without --check-config and --show-config, read and inspect want files, explain its operands.
 * Long options must be spelt out, so that a new one never changes what an old command line means.
 *
 * Returns 0, and `out` is to be freed; or -EINVAL, -ENOMEM, or why the configuration cannot be read, with nothing to
 * free. */
int options_to_settings(struct settings *out, enum command command, int argc, char **argv,
			const struct notices *notices, struct error *err);

#endif
