/* cli/folders.h - the files in folders. */
#ifndef ENIFLOW_CLI_FOLDERS_H
#define ENIFLOW_CLI_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

/* Paths, each from malloc. Zeroed, there are none. */
struct folder_files {
	char **paths;
	size_t count, room;
};

/* Is there a folder of that name? */
bool folders_is_one(const char *path);

/* The files in a folder and those below it, by their paths in alphabetical order, byte by byte. Names that begin with a
 * dot are passed over, and links to folders. Returns 0 or -errno, then with nothing to free. */
int folders_list(struct folder_files *out, const char *path, struct error *err);
void folders_free(struct folder_files *files);

#endif
