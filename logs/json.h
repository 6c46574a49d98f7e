/* logs/json.h - where the values of a JSON text begin and end, without a look at what they say.
 *
 * The text is values one behind the other, with anything blank or nothing between them, each on a line or on many. Of a
 * list, and of an object's list `logEvents` or `events`, each element is a value of its own, so that a document of any
 * size is read piece by piece. Text that breaks the rules ends with its line: what follows is read on. */
#ifndef ENIFLOW_LOGS_JSON_H
#define ENIFLOW_LOGS_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at the beginning. Private, but for what is said of them. */
struct log_json_scan {
	bool is_value; /* the piece that ended is a value; else it lay between values */
	size_t depth;  /* of lists and objects that are open; 0 at the end of a text that is whole */
	size_t base;   /* that of the values looked for */
	bool in_value; /* one has begun */
	bool in_rest;  /* behind such a list, of the object that it is in */
	bool in_string, is_escaped;
	bool is_word;     /* what has begun is no value of JSON: it ends with its line */
	bool has_newline; /* in the value */
	bool is_by_line;  /* a whole value has ended on its line, as then all must */
	char name[12];    /* the last string in an object, if it is short */
	size_t name_length;
	enum { LOG_JSON_NO_NAME, LOG_JSON_NAME, LOG_JSON_COLON } after;
};

/* Looks for the end of the next piece in the text, from where the last call stopped: that call's piece has been taken, or
 * it found no end, and then these bytes follow it. How many of these bytes belong to the piece; 0: its end is further on. */
size_t log_json_scan(struct log_json_scan *scan, const char *at, size_t length);

#endif
