/* cli/explain.h - `eniflow explain`: the verdict on a packet that begins a connection, and on its answer; and the rules
 * that give it, or how near each came. */
#ifndef ENIFLOW_CLI_EXPLAIN_H
#define ENIFLOW_CLI_EXPLAIN_H

#include <stdio.h>

#include "cli/question.h"

/* Writes the explanation, which begins with ACCEPT or REJECT. Returns 0; or what flow_policy_new() answers, before
 * anything is written. */
int explain(FILE *out, const struct settings *settings, const struct question *question, struct error *err);

/* The command: the settings' operands, to standard output. Returns the exit status, whatever the verdict EXIT_WHOLE; or
 * -errno. */
int explain_command(const struct settings *settings, struct error *err);

#endif
