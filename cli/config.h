/* cli/config.h - the configuration file, into settings.
 *
 * [eniflow] takes the options by their long names, [defaults] what describes every interface, [interface NAME] one
 * interface, [route CIDR] a traffic-path, [security-group NAME] and [network-acl NAME] rules. [eniflow] and [defaults]
 * may stand several times and then go on; the others of the same name may not. Nothing is passed over: what is unknown,
 * or not in this version, is an error with file and line. Source: interface.md; semantics section 13, 24. */
#ifndef ENIFLOW_CLI_CONFIG_H
#define ENIFLOW_CLI_CONFIG_H

#include <stdio.h>

#include "cli/settings.h"

/* Puts what the file says over `settings`, which are fresh from settings_init(). An empty value is as if the key
 * were not there. A relative path of the output or of metrics is taken from the file's folder. Returns 0, -EINVAL, -ENOMEM, or why the
 * file cannot be read; the settings are to be freed in any case. */
int config_read(struct settings *settings, const char *path, struct error *err);

/* The same from an open file, which stays open; `path` is what it is called. */
int config_read_stream(struct settings *settings, FILE *file, const char *path, struct error *err);

#endif
