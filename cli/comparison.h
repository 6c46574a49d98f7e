/* cli/comparison.h - the settings that only `eniflow compare` has.
 *
 * They answer 0, -EINVAL or -ENOMEM and leave the settings as they are on failure; `what` begins the sentence of an
 * error. */
#ifndef ENIFLOW_CLI_COMPARISON_H
#define ENIFLOW_CLI_COMPARISON_H

#include "cli/settings.h"

enum { COMPARISON_LIMIT = 50 }; /* of findings that are listed, unless it is given */

/* Whole seconds with or without a sign, or `auto`. */
int comparison_put_offset(struct settings *settings, const char *what, const char *value, struct error *err);

/* A list of packets=N and bytes=N%, where N of bytes may have decimals; what is not named is 0. */
int comparison_put_tolerance(struct settings *settings, const char *what, const char *value, struct error *err);

int comparison_put_html(struct settings *settings, const char *what, const char *value, struct error *err);
int comparison_put_limit(struct settings *settings, const char *what, const char *value, struct error *err);

#endif
