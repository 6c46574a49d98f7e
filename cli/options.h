/* cli/options.h - the command line, into settings. */
#ifndef ENIFLOW_CLI_OPTIONS_H
#define ENIFLOW_CLI_OPTIONS_H

#include "cli/command.h"
#include "cli/settings.h"

/* Reads argv (argv[0] is the command's name, NULL stands at its end) and the file that --config
 * names; options win over the file wherever they stand, the last of several over those before it. `notices` (may be
 * NULL) hears remarks on the format and on rules. --help ends the reading: `out->help` is then set, and the rest stays
 * as it is by default. Without --check-config and --show-config, read and inspect want files, explain its operands,
 * capture devices, which may stand in the configuration; those on the command line win.
 * Long options must be spelt out, so that a new one never changes what an old command line means.
 *
 * Returns 0, and `out` is to be freed; or -EINVAL, -ENOMEM, or why the configuration cannot be read, with nothing to
 * free. */
int options_to_settings(struct settings *out, enum command command, int argc, char **argv,
			const struct notices *notices, struct error *err);

/* Reads the same command line, and the files that it names as they are now, into `out`; `settings` stay as they are.
 * Returns as options_to_settings(), whose argv must still be there. */
int options_read_again(struct settings *out, const struct settings *settings, const struct notices *notices,
		       struct error *err);

#endif
