/* output/staging.h - files below a directory while they are made, and how they get their place.
 *
 * They are made in DIR/.eniflow-unfinished, where no reader of logs looks, as STEM.SUFFIX.RUN-NUMBER.unfinished; RUN.lock
 * is locked as long as the run lives. A finished one is moved below DIR/AWSLogs under a name that no other file has
 * (output/layout.h). */
#ifndef ENIFLOW_OUTPUT_STAGING_H
#define ENIFLOW_OUTPUT_STAGING_H

#include <limits.h>
#include <stdbool.h>

#include "flow/error.h"

struct output_staging;

enum { OUTPUT_STAGING_NAME = NAME_MAX + 1 };

/* Makes the directory, if only it is missing, and locks a run of its own. Finished files get the folders of `layout`
 * (enum output_layout, or-ed). With `is_unique` they get names that no other run gives, here or on another machine, nor
 * this one again, so that files can be moved away and brought together; else the names depend on stems and the files
 * that are there alone. Returns -errno. */
int output_staging_open(struct output_staging **out, const char *directory, unsigned layout, bool is_unique,
			struct error *err);

/* Removes what the run needed and nobody else needs. Takes NULL. */
void output_staging_close(struct output_staging *staging);

/* Makes a file. Returns a descriptor that appends, and its name in `name`; or -errno. */
int output_staging_create(struct output_staging *staging, const char *stem, const char *suffix,
			  char name[static OUTPUT_STAGING_NAME], struct error *err);

/* Opens one of them again, to append. Returns a descriptor or -errno. */
int output_staging_reopen(struct output_staging *staging, const char *name, struct error *err);

/* The file is whole and synced: gives it its place, and syncs that. Returns 0; -ENOENT: it is
 * not there any more; another -errno, and it stays where it was made. */
int output_staging_publish(struct output_staging *staging, const char *name, struct error *err);

void output_staging_remove(struct output_staging *staging, const char *name);

/* Finishes what runs left that were killed: each whole line that can be read gets to its place. Says in a notice how
 * many, and what cannot be read; what cannot be finished now stays for the next run. A Parquet file without its end, of
 * which nothing can be read, is removed, and a notice names it. Returns 0, -ENOMEM. */
int output_staging_recover(struct output_staging *staging, const struct notices *notices, struct error *err);

#endif
