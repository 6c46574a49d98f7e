/* logs/token.h - values between blanks. A blank is the space and every control character. */
#ifndef ENIFLOW_LOGS_TOKEN_H
#define ENIFLOW_LOGS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

static inline bool log_token_is_blank(char byte)
{
	return (unsigned char)byte <= ' ';
}

/* Where the next token begins, or `end`. */
static inline const char *log_token_next(const char *at, const char *end)
{
	while (at < end && log_token_is_blank(*at))
		at++;
	return at;
}

static inline size_t log_token_length(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && !log_token_is_blank(*at))
		at++;
	return (size_t)(at - start);
}

/* How many there are. */
size_t log_token_count(const char *at, const char *end);

/* Is it a time as CloudWatch puts it before a line: 2026-11-20T10:00:00..., whatever its end looks like? */
bool log_token_is_time(const char *token, size_t length);

/* A token as a sentence can show it: short, without what a terminal might take for an order. */
struct log_token_shown {
	char text[48];
};

struct log_token_shown log_token_show(const char *token, size_t length);

#endif
