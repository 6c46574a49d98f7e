/* cli/findings.h - what a capture holds, as text for people. */
#ifndef ENIFLOW_CLI_FINDINGS_H
#define ENIFLOW_CLI_FINDINGS_H

#include <stdio.h>

#include "capture/survey.h"

/* Writes what a finished survey of the file found. `whole`: the file was read to its end. */
void findings_print(FILE *out, const struct capture_file *file, const struct capture_survey *survey, bool whole);

#endif
