/* cli/help.h - what --help and --version say. */
#ifndef ENIFLOW_CLI_HELP_H
#define ENIFLOW_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

void help_program(FILE *out);
void help_command(FILE *out, enum command command);

/* "eniflow 0.1.0", then a line for each library and what it is for. */
void help_version(FILE *out);

#endif
