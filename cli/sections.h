/* cli/sections.h - [interface] sections that fit a capture, to paste into a configuration file and look over. */
#ifndef ENIFLOW_CLI_SECTIONS_H
#define ENIFLOW_CLI_SECTIONS_H

#include <stdio.h>

#include "capture/hosts.h"

/* The sections written so far in a run: what they are called and whom they are about. */
struct sections {
	struct section *items;
	size_t count, room;
};

void sections_free(struct sections *sections);

/* Writes the sections for a file that was captured from `path` and surveyed. Returns 0 or -ENOMEM. */
int sections_print(struct sections *sections, FILE *out, const char *path, const struct capture_survey *survey,
		   struct error *err);

#endif
