/* logs/file.h - one file of a flow log: its records, one behind the other. */
#ifndef ENIFLOW_LOGS_FILE_H
#define ENIFLOW_LOGS_FILE_H

#include "capture/input.h"
#include "logs/run.h"

/* Bytes of a line, a row of CSV, or an object of JSON; longer ones cannot be read, and are not held. */
enum { LOG_LINE_MOST = 64 * 1024, LOG_OBJECT_MOST = 1024 * 1024 };

/* So many lines that cannot be read before the first that can, and the file is no flow log. */
enum { LOG_FILE_DOUBT = 10 };

struct log_file;

struct log_file_options {
	const char *path;            /* "-": standard input; copied */
	struct capture_input *input; /* opened already: taken over, and zeroed; or NULL */
	int wake_fd;
	unsigned ahead;
	const struct output_format *format; /* or NULL; copied */
	struct log_run *run;                /* outlives the file */
};

/* Opens the file and reads on to its first record, which is kept for log_file_read(). Returns 0 or a negative errno, as
 * log_files_open(). */
int log_file_open(struct log_file **out, const struct log_file_options *options, struct error *err);
void log_file_close(struct log_file *file);

/* As log_files_read(). */
int log_file_read(struct log_file *file, struct log_record *records, size_t room, bool wait, struct error *err);

/* The first record; NULL: there is none. Valid until the first read. */
const struct log_record *log_file_first(const struct log_file *file);

const struct capture_input *log_file_input(const struct log_file *file);

/* For progress: bytes read of the file as it lies on the disk. */
uint64_t log_file_consumed(const struct log_file *file);

#endif
