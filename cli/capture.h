/* cli/capture.h - the command `capture`: watches live devices until it is stopped. */
#ifndef ENIFLOW_CLI_CAPTURE_H
#define ENIFLOW_CLI_CAPTURE_H

#include "cli/settings.h"

/* Takes over `settings`, which settings_check() has passed. The order is: open all, drop privileges, close the sandbox,
 * loop. Returns an exit status or -errno with its sentence. */
int capture_command(struct settings *settings, struct error *err);

#endif
