/* cli/message.h - the one place where the program speaks on standard error, and how it ends. */
#ifndef ENIFLOW_CLI_MESSAGE_H
#define ENIFLOW_CLI_MESSAGE_H

#include "flow/error.h"

/* The exit statuses: of `read` and `inspect`, and of `compare` (interface.md). */
enum exit_status { EXIT_WHOLE = 0, EXIT_AGREE = 0, EXIT_DAMAGED = 1, EXIT_DIFFER = 1, EXIT_NOTHING = 2 };

/* "eniflow: <sentence>"; for the journal, here as below, the sentence alone behind the mark of its priority. A progress
 * line that stands there is wiped first. */
void message_error(const struct error *err);

/* "eniflow: warning: <sentence>", for what a room tells: at once, or kept until message_tell_kept(). What is wrong with
 * a file is kept, so that it stands behind the records that could be read. */
extern const struct notices message_warnings, message_kept_warnings;
void message_tell_kept(void);

/* "eniflow: <sentence>", of what is nothing to worry about. */
extern const struct notices message_remarks;

/* Has all arrived that was printed on standard output with stdio? Returns 0 or -errno. */
int message_flush_stdout(struct error *err);

#endif
