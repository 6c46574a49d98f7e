/* tests/unit/logs/reading.h - texts read as the files of a flow log. */
#ifndef ENIFLOW_TESTS_UNIT_LOGS_READING_H
#define ENIFLOW_TESTS_UNIT_LOGS_READING_H

#include "check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logs/files.h"

enum { READING_RECORDS = 64, READING_FILES = 4, READING_NOTICES = 12 };

#define HEADER                                                                                                         \
	"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "     \
	"log-status\n"

/* What came of reading; log_files_close(files) ends it. */
struct reading {
	struct log_files *files; /* NULL: they could not be opened */
	int opened, ended;
	struct log_record records[READING_RECORDS];
	size_t count;
	char notices[READING_NOTICES][ERROR_MAX]; /* as they are told, with FILE for the path */
	size_t notice_count;
	struct log_files_state state;
	struct error err; /* with FILE for the path */
};

/* Where the files of a test are; made by make_reading_folder(). */
static char reading_folder[32];

static inline int make_reading_folder(void **state)
{
	(void)state;
	strcpy(reading_folder, "/tmp/eniflow-logs-XXXXXX");
	return mkdtemp(reading_folder) ? 0 : -1;
}

static inline int remove_reading_folder(void **state)
{
	(void)state;
	return rmdir(reading_folder);
}

/* Replaces the folder, and what follows in the file's name, by FILE. */
static inline void reading_hide_path(char *text)
{
	char *at = strstr(text, reading_folder), *end;

	if (!at)
		return;
	end = at + strlen(reading_folder) + 2;
	memcpy(at, "FILE", 4);
	memmove(at + 4, end, strlen(end) + 1);
}

static inline void reading_tell(void *ctx, const char *sentence)
{
	struct reading *reading = ctx;
	char *text = reading->notices[reading->notice_count];

	assert_true(reading->notice_count < READING_NOTICES);
	reading->notice_count++;
	snprintf(text, ERROR_MAX, "%s", sentence);
	reading_hide_path(text);
}

static inline void reading_write(const char *path, const void *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static inline void reading_run(struct reading *reading, const struct log_files_options *options)
{
	reading->opened = log_files_open(&reading->files, options, &reading->err);
	reading_hide_path(reading->err.text);
	if (reading->opened < 0)
		return;
	while ((reading->ended = log_files_read(reading->files, reading->records + reading->count,
						READING_RECORDS - reading->count, true, &reading->err)) > 0) {
		reading->count += (size_t)reading->ended;
		assert_true(reading->count < READING_RECORDS);
	}
	assert_int_equal(reading->ended, 0);
	log_files_state(reading->files, &reading->state);
}

/* Reads texts as one file each; `format` is that of --log-format, or NULL. */
static inline struct reading read_texts(const char *const *texts, size_t count, const char *format)
{
	static struct reading reading; /* too large for the stack of a test */
	char paths[READING_FILES][64];
	struct source_file sources[READING_FILES] = { { 0 } };
	const struct notices notices = { reading_tell, &reading };
	struct log_files_options options = { .files = sources, .count = count, .wake_fd = -1, .notices = &notices };
	struct output_format columns;

	memset(&reading, 0, sizeof(reading));
	if (format) {
		assert_int_equal(output_format_parse(&columns, format, &reading.err), 0);
		options.format = &columns;
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%zu", reading_folder, i);
		reading_write(paths[i], texts[i], strlen(texts[i]));
		sources[i].path = paths[i];
	}
	reading_run(&reading, &options);
	for (size_t i = 0; i < count; i++)
		unlink(paths[i]);
	return reading;
}

static inline struct reading read_text(const char *text)
{
	return read_texts(&text, 1, NULL);
}

/* Is the record's address that one? */
static inline void assert_address(const struct flow_address *address, const char *text)
{
	struct flow_address wanted = { 0 };

	assert_int_equal(inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, wanted.octets), 1);
	assert_memory_equal(address, &wanted, sizeof(wanted));
}

#endif
