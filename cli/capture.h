/* cli/capture.h - `eniflow capture`: watches live devices until it is stopped. */
#ifndef ENIFLOW_CLI_CAPTURE_H
#define ENIFLOW_CLI_CAPTURE_H

#include "cli/settings.h"

/* Returns the exit status, or -errno with its sentence. */
int capture_command(const struct settings *settings, struct error *err);

#endif
