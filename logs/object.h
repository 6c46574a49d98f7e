/* logs/object.h - a value of JSON that is a record, or has the line of one in its member `message`. */
#ifndef ENIFLOW_LOGS_OBJECT_H
#define ENIFLOW_LOGS_OBJECT_H

#include "logs/row.h"

struct json_t; /* of jansson */

struct log_object {
	const char *line;    /* a string, or that of the member `message` (or `@message`); NULL: members are fields */
	size_t length;       /* of the line; an end mark follows */
	struct json_t *root; /* owned */
	char numbers[LOG_COLUMN_UNKNOWN + 1][24]; /* as text, by column */
};

/* Parses the value. False: it is none, or no object or string, as the row's `fault` says; then nothing is to be freed. */
bool log_object_parse(struct log_object *object, const char *at, size_t length, struct log_row *row);
void log_object_free(struct log_object *object);

/* Takes the members that are fields, strings or whole numbers, into a row that has begun; null is "-". What the row keeps
 * of them is valid until the object is freed. False: one cannot be read, as `fault` says. */
bool log_object_take(struct log_object *object, struct log_row *row);

#endif
