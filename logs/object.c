#include "logs/object.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "logs/token.h"

static bool set_line(struct log_object *object, const json_t *string)
{
	object->line = json_string_value(string);
	object->length = json_string_length(string);
	return true;
}

static bool find_line(struct log_object *object, struct log_row *row)
{
	const json_t *message;

	if (json_is_string(object->root))
		return set_line(object, object->root);
	if (!json_is_object(object->root))
		return log_row_fault(row, "is no object of JSON");
	if (json_object_get(object->root, "class_uid"))
		return log_row_fault(row,
				     "is an event of OCSF, which is not read back; write json, csv or text for that");
	message = json_object_get(object->root, "message");
	if (!message)
		message = json_object_get(object->root, "@message");
	if (json_is_string(message))
		set_line(object, message);
	return true;
}

bool log_object_parse(struct log_object *object, const char *at, size_t length, struct log_row *row)
{
	json_error_t error;

	object->line = NULL;
	object->root = json_loadb(at, length, JSON_DECODE_ANY, &error);
	if (!object->root)
		return log_row_fault(row, "is not JSON: %s", log_token_show(error.text, strlen(error.text)).text);
	if (find_line(object, row))
		return true;
	log_object_free(object);
	return false;
}

void log_object_free(struct log_object *object)
{
	json_decref(object->root);
	object->root = NULL;
}

/* The value as text; NULL: it is of no kind that a field's is. */
static const char *text_of(struct log_object *object, unsigned column, const json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_null(value))
		return "";
	if (!json_is_integer(value))
		return NULL;
	snprintf(object->numbers[column], sizeof(object->numbers[column]), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(value));
	return object->numbers[column];
}

bool log_object_take(struct log_object *object, struct log_row *row)
{
	const char *name, *text, *attachment = NULL;
	bool has_interface = false;
	json_t *value;

	json_object_foreach(object->root, name, value)
	{
		unsigned column = log_column_find(name, strlen(name));

		if (column >= FIELD_END_OF_LIST && column != LOG_COLUMN_ATTACHMENT)
			continue;
		text = text_of(object, column, value);
		if (!text)
			return log_row_fault(row, "%s is no string or whole number",
					     log_token_show(name, strlen(name)).text);
		has_interface |= column == FIELD_INTERFACE_ID;
		if (column == LOG_COLUMN_ATTACHMENT)
			attachment = text;
		else if (!log_row_take_whole(row, (uint8_t)column, text, strlen(text)))
			return false;
	}
	return has_interface || !attachment ||
	       log_row_take_whole(row, FIELD_INTERFACE_ID, attachment, strlen(attachment));
}
