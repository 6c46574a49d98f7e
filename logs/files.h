/* logs/files.h - flow logs as files: lines in, records out, one file after another.
 *
 * What is understood (told by content, file by file, whatever its name):
 * - plain, gzip, zstd (capture/input.h);
 * - AWS's text: values between blanks, any run of them; with a line of field names first (S3), where names may have
 *   dashes or underscores, stand in any order, and be any subset; or without one (CloudWatch Logs), where `format` says
 *   what the columns are, and 14 of them need no word. A later line of names begins another layout. Names of no known
 *   field are columns that are passed over, told once; so are values behind the last column;
 * - the same lines behind a time (CloudWatch's export to S3), or a time and the name of a log stream (aws logs tail);
 * - CSV (RFC 4180) with a header: fields as columns (Athena, eniflow), or lines in a column `message` or `@message`
 *   (CloudWatch's console and Insights);
 * - JSON, one value a line or one value a file: objects whose `message` is the line; CloudWatch's `logEvents` and
 *   `events` lists of them; or objects with fields as members (eniflow's own);
 * - Parquet (logs/parquet.h), whose rows are told by their number as lines are; a file of it that ends early or is damaged
 *   is told, and what was read before stays. From a pipe, or compressed as a whole, it is first copied into a temporary
 *   file;
 * - "-" and, in CSV and JSON, nothing at all and null: there is no value. `unknown` is an account-id like others. Times
 *   above 99,999,999,999 are milliseconds. CR before the newline, a byte order mark, blank lines, no last newline.
 * A line that cannot be read is counted and passed over; of each run the first few are told with file, line and reason.
 * So is a first line that is the rest of one that was cut off, where lines of the default format follow. */
#ifndef ENIFLOW_LOGS_FILES_H
#define ENIFLOW_LOGS_FILES_H

#include "capture/files.h"
#include "logs/record.h"
#include "output/format.h"

struct log_files;

struct log_files_options {
	const struct source_file *files; /* their names (NAME=FILE) have no meaning for a log, and are an error */
	size_t count;
	const struct output_format *format; /* of --log-format: columns of lines that no header explains; or NULL */
	int wake_fd;                        /* readable: stop waiting; -1: none */
	unsigned ahead;                     /* as in capture/input.h */
	const struct notices *notices;
};

/* Looks into every file, so that one that is no flow log is told before any output; they are then read in the order of
 * their first records' times, ties by their order here. Options and the strings in them may go after the call. Returns 0
 * or -errno: -EINVAL for a file that is no flow log, or whose columns nothing explains (the sentence names --log-format),
 * or that has no start or end. */
int log_files_open(struct log_files **out, const struct log_files_options *options, struct error *err);
void log_files_close(struct log_files *files);

/* Reads on, `room` records at the most: how many. 0: the end. -EAGAIN: `wait` is false and nothing is there yet (only
 * streams). -EINTR: woken. -ENOMEM. */
int log_files_read(struct log_files *files, struct log_record *records, size_t room, bool wait, struct error *err);

struct log_files_state {
	uint64_t lines;                      /* that were to be records: those below and the unreadable ones */
	uint64_t records[FLOW_SKIPDATA + 1]; /* by enum flow_status */
	uint64_t unreadable;
	bool is_damaged; /* the status is 1: a line or compressed data could not be read */
	bool is_stream, is_compressed;
	uint64_t consumed, size; /* bytes of the files as they lie on the disk, for progress; size 0: not known */
};

void log_files_state(const struct log_files *files, struct log_files_state *out);

/* The origins so far, by number; NULL behind the last. */
const struct flow_origin *log_files_origin(const struct log_files *files, size_t number);

#endif
