#include "logs/json.h"

#include <string.h>

#include "logs/token.h"

/* The depth of elements of an object's list. */
enum { LIST_IN_OBJECT = 2 };

static bool is_list_name(const struct log_json_scan *scan)
{
	static const char *const names[] = { "events", "logEvents" };

	for (size_t i = 0; i < 2; i++)
		if (scan->name_length == strlen(names[i]) && memcmp(scan->name, names[i], scan->name_length) == 0)
			return true;
	return false;
}

static size_t end_value(struct log_json_scan *scan, size_t length)
{
	scan->in_value = scan->in_string = scan->is_escaped = scan->is_word = false;
	scan->depth = scan->base;
	scan->is_value = true;
	return length;
}

/* A newline where a value does not end: is it broken? */
static bool breaks(const struct log_json_scan *scan)
{
	return scan->in_string || scan->is_word || (scan->is_by_line && scan->base == 0);
}

static void in_string(struct log_json_scan *scan, char byte)
{
	if (scan->is_escaped) {
		scan->is_escaped = false;
	} else if (byte == '\\') {
		scan->is_escaped = true;
	} else if (byte == '"') {
		scan->in_string = false;
		return;
	}
	if (scan->name_length < sizeof(scan->name))
		scan->name[scan->name_length++] = byte;
}

/* Is `byte` the bracket that opens a list of values, in an object that is one by itself? */
static bool opens_list(struct log_json_scan *scan, char byte)
{
	if (log_token_is_blank(byte))
		return false;
	if (byte == '[' && scan->after == LOG_JSON_COLON)
		return scan->base == 0 && scan->depth == 1;
	scan->after = byte == ':' && scan->after == LOG_JSON_NAME && is_list_name(scan) ? LOG_JSON_COLON
											: LOG_JSON_NO_NAME;
	return false;
}

/* One byte outside strings, at whatever depth. */
static void count_depth(struct log_json_scan *scan, char byte)
{
	if (byte == '"') {
		scan->in_string = true;
		scan->name_length = 0;
		scan->after = LOG_JSON_NAME;
	} else if (byte == '{' || byte == '[') {
		scan->depth++;
	} else if ((byte == '}' || byte == ']') && scan->depth > 0) {
		scan->depth--;
	}
}

/* A bracket between values: it begins or ends their list. False: it is none, or wrong there. */
static bool take_bracket(struct log_json_scan *scan, char byte)
{
	if (byte == '[' && scan->base == 0) {
		scan->base = scan->depth = 1;
		return true;
	}
	if (byte != ']' || scan->base == 0)
		return false;
	scan->in_rest = scan->base == LIST_IN_OBJECT;
	scan->depth = scan->in_rest ? 1 : 0;
	scan->base = 0;
	return true;
}

/* Ends what is no value of JSON: in a list with the list's own comma or bracket. */
static size_t end_word(struct log_json_scan *scan, char byte, size_t length)
{
	end_value(scan, length);
	take_bracket(scan, byte);
	return length;
}

/* Inside a value. Its length once it ends; that of what stands before its list, if it has one. */
static size_t walk_value(struct log_json_scan *scan, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		scan->has_newline |= at[i] == '\n';
		if (at[i] == '\n' && breaks(scan))
			return end_value(scan, i + 1);
		if (scan->is_word && scan->base > 0 && (at[i] == ',' || at[i] == ']'))
			return end_word(scan, at[i], i + 1);
		if (scan->is_word)
			continue;
		if (scan->in_string) {
			in_string(scan, at[i]);
		} else if (opens_list(scan, at[i])) {
			scan->base = scan->depth = LIST_IN_OBJECT;
			scan->in_value = false;
			return i + 1;
		} else {
			count_depth(scan, at[i]);
		}
		if (!scan->in_string && scan->depth == scan->base && !log_token_is_blank(at[i])) {
			scan->is_by_line |= scan->base == 0 && !scan->has_newline;
			return end_value(scan, i + 1);
		}
	}
	return 0;
}

/* Behind a list, up to the end of its object. All that is there is taken. */
static size_t walk_rest(struct log_json_scan *scan, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (at[i] == '\n' && scan->in_string)
			scan->in_string = false;
		else if (scan->in_string)
			in_string(scan, at[i]);
		else
			count_depth(scan, at[i]);
		if (!scan->in_string && scan->depth == 0) {
			scan->in_rest = false;
			return i + 1;
		}
	}
	return length;
}

/* Between values, up to where one begins. All that is there is taken. */
static size_t walk_between(struct log_json_scan *scan, const char *at, size_t length)
{
	size_t i = 0;

	for (; i < length && !scan->in_rest; i++)
		if (!log_token_is_blank(at[i]) && at[i] != ',' && !take_bracket(scan, at[i]))
			break;
	if (i < length && !scan->in_rest) {
		scan->in_value = true;
		scan->is_word = !strchr("{[\"", at[i]);
		scan->has_newline = false;
		scan->after = LOG_JSON_NO_NAME;
	}
	return i;
}

size_t log_json_scan(struct log_json_scan *scan, const char *at, size_t length)
{
	size_t taken;

	scan->is_value = false;
	if (scan->in_rest)
		return walk_rest(scan, at, length);
	if (scan->in_value)
		return walk_value(scan, at, length);
	taken = walk_between(scan, at, length);
	return taken > 0 || !scan->in_value ? taken : walk_value(scan, at, length);
}
