/* cli/aws_section.h - what [aws] of the configuration brings: its files, and what they add. */
#ifndef ENIFLOW_CLI_AWS_SECTION_H
#define ENIFLOW_CLI_AWS_SECTION_H

#include "aws/supplement.h"

/* Zeroed, there is no [aws]. */
struct aws_section {
	struct aws_files files;           /* as configured (cli/aws_keys.h) */
	struct aws_supplement supplement; /* what is the account's alone, once it is added */
	char **remarks;                   /* what was found on the way, a sentence each */
	size_t remark_count;
};

/* Reads the files and adds what they say to the configuration; without files, nothing. Returns what aws_account_read()
 * and aws_supplement_add() say. */
int aws_section_add(struct aws_section *section, const struct aws_configuration *configuration, struct error *err);

/* Tells what was found on the way. */
void aws_section_remarks(const struct aws_section *section, const struct notices *notices);

void aws_section_free(struct aws_section *section);

#endif
