#include "logs/token.h"

#include <ctype.h>
#include <string.h>

size_t log_token_count(const char *at, const char *end)
{
	size_t count = 0;

	for (at = log_token_next(at, end); at < end; at = log_token_next(at + log_token_length(at, end), end))
		count++;
	return count;
}

bool log_token_is_time(const char *token, size_t length)
{
	static const char form[] = "0000-00-00T00:00";

	if (length < sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)token[i]) : token[i] != form[i])
			return false;
	return true;
}

struct log_token_shown log_token_show(const char *token, size_t length)
{
	static const char more[] = "...";
	struct log_token_shown out = { "" };
	size_t most = sizeof(out.text) - sizeof(more), shown = length < most ? length : most;

	for (size_t i = 0; i < shown; i++)
		out.text[i] = token[i] >= ' ' && token[i] <= '~' ? token[i] : '?';
	if (shown < length)
		memcpy(out.text + shown, more, sizeof(more));
	return out;
}
