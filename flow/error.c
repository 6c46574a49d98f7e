#include "flow/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int fail(struct error *err, int code, const char *format, ...)
{
	va_list args;

	if (err) {
		va_start(args, format);
		vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
	}
	return -code;
}

int fail_errno(struct error *err, const char *format, ...)
{
	int code = errno;
	va_list args;

	if (err) {
		int used;

		va_start(args, format);
		used = vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
		if (used >= 0 && (size_t)used < sizeof(err->text))
			snprintf(err->text + used, sizeof(err->text) - (size_t)used, ": %s", strerror(code));
	}
	return -code;
}

int fail_memory(struct error *err, const char *what)
{
	return fail(err, ENOMEM, "%s: out of memory", what);
}

void notify(const struct notices *notices, const char *format, ...)
{
	char sentence[ERROR_MAX];
	va_list args;

	if (!notices || !notices->tell)
		return;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	notices->tell(notices->ctx, sentence);
}
