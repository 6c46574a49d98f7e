/* flow/error.h - how a failure or a remark travels: as one finished sentence, which only cli/ prints.
 *
 * A function that can fail returns 0 or more on success and a negative errno on failure, and then `err` holds
 * the sentence: what, where (file, offset, line, option), what to do. It is written where it is best known and
 * passed up untouched. It starts with the thing it is about (a path, an option), not with "error", and ends
 * without a newline or full stop. */
#ifndef ENIFLOW_FLOW_ERROR_H
#define ENIFLOW_FLOW_ERROR_H

#include <stdarg.h>

#if defined(__GNUC__)
#define ENIFLOW_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define ENIFLOW_PRINTF(format_at, args_at)
#endif

enum { ERROR_MAX = 1024 };

struct error {
	char text[ERROR_MAX];
};

/* Writes the sentence into `err` (which may be NULL: then it is dropped) and returns -code. A sentence that does
 * not fit is cut. `code` is a positive errno value. */
int fail(struct error *err, int code, const char *format, ...) ENIFLOW_PRINTF(3, 4);

/* The same with ": " and the text of errno behind it; returns -errno as it was at the call. */
int fail_errno(struct error *err, const char *format, ...) ENIFLOW_PRINTF(2, 3);

/* "Out of memory" for `what`; returns -ENOMEM. */
int fail_memory(struct error *err, const char *what);

/* Where a room's remarks go: warnings that end nothing. `tell` gets one sentence, which it must copy if it keeps it. */
struct notices {
	void (*tell)(void *ctx, const char *sentence);
	void *ctx;
};

/* Tells a sentence; does nothing if `notices` or its `tell` is NULL. */
void notify(const struct notices *notices, const char *format, ...) ENIFLOW_PRINTF(2, 3);

#endif
