/* cli/fields.h - `eniflow fields`: every field of a record, as a table for people. */
#ifndef ENIFLOW_CLI_FIELDS_H
#define ENIFLOW_CLI_FIELDS_H

#include <stdio.h>

/* Name, first record version that has it, type (as in AWS's Parquet files), meaning; a line of titles on top.
 * Meanings that are too long for 120 columns go on below themselves. */
void fields_print(FILE *out);

#endif
