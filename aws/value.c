#include "aws/value.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_MOST = 512, SHOWN_MOST = 60 };

/* ---- faults ---- */

void aws_value_place(const struct aws_value *value, char *out, size_t size)
{
	size_t length;

	if (!value->parent) {
		*out = '\0';
		return;
	}
	aws_value_place(value->parent, out, size);
	length = strlen(out);
	if (value->name)
		snprintf(out + length, size - length, "%s%s", length ? "." : "", value->name);
	else
		snprintf(out + length, size - length, "[%zu]", value->index);
}

/* Keeps a fault, if it is the first. */
static void keep(const struct aws_value *value, int code, const char *sentence)
{
	struct aws_document *document = value->document;
	char place[PLACE_MOST];

	if (document->fault < 0)
		return;
	aws_value_place(value, place, sizeof(place));
	document->fault = fail(document->err, code, "%s: %s%s%s", document->path, place, *place ? ": " : "", sentence);
}

void aws_value_missing(const struct aws_value *value)
{
	keep(value, EINVAL, "is missing");
}

void aws_value_memory(const struct aws_value *value)
{
	keep(value, ENOMEM, "out of memory");
}

/* What stands there: its kind. */
static const char *kind_of(const struct json_t *json)
{
	static const char *const kinds[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a number with a fraction or exponent",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return json ? kinds[json_typeof(json)] : "nothing";
}

/* Or a string or number as it is written; a long one is cut. */
static void describe(const struct json_t *json, bool by_value, char out[static SHOWN_MOST])
{
	char *text = NULL;

	if (by_value && (json_is_string(json) || json_is_integer(json)))
		text = json_dumps(json, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	if (snprintf(out, SHOWN_MOST, "%s", text ? text : kind_of(json)) >= SHOWN_MOST)
		memcpy(out + SHOWN_MOST - 4, "...", 4);
	free(text);
}

static void wrong(const struct aws_value *value, const char *expected, bool by_value)
{
	char sentence[PLACE_MOST], there[SHOWN_MOST];

	if (value->document->fault < 0)
		return;
	describe(value->json, by_value, there);
	snprintf(sentence, sizeof(sentence), "%s is expected, there is %s", expected, there);
	keep(value, EINVAL, sentence);
}

void aws_value_wrong(const struct aws_value *value, const char *expected)
{
	wrong(value, expected, true);
}

/* Is it of that kind? What is not there is not, without being a fault. */
static bool is_kind(const struct aws_value *value, bool right, const char *expected)
{
	if (value->json && !right)
		wrong(value, expected, false);
	return value->json && right;
}

/* ---- the way ---- */

struct aws_value aws_value_root(struct aws_document *document)
{
	return (struct aws_value){ .document = document, .json = document->root };
}

struct aws_value aws_value_member(const struct aws_value *object, const char *name)
{
	struct aws_value member = { .document = object->document, .parent = object, .name = name };

	if (is_kind(object, json_is_object(object->json), "an object"))
		member.json = json_object_get(object->json, name);
	if (json_is_null(member.json))
		member.json = NULL;
	return member;
}

struct aws_value aws_value_need(const struct aws_value *object, const char *name)
{
	struct aws_value member = aws_value_member(object, name);

	if (!member.json)
		aws_value_missing(&member);
	return member;
}

size_t aws_value_count(const struct aws_value *array)
{
	if (!is_kind(array, json_is_array(array->json), "an array") || array->document->fault < 0)
		return 0;
	return json_array_size(array->json);
}

struct aws_value aws_value_item(const struct aws_value *array, size_t index)
{
	return (struct aws_value){
		.document = array->document,
		.parent = array,
		.index = index,
		.json = json_array_get(array->json, index),
	};
}

/* ---- its end ---- */

const char *aws_value_text(struct aws_value value)
{
	return is_kind(&value, json_is_string(value.json), "a string") ? json_string_value(value.json) : NULL;
}

bool aws_value_number(struct aws_value value, int64_t least, int64_t most, int64_t *out)
{
	char expected[80];
	json_int_t number;

	if (!is_kind(&value, json_is_integer(value.json), "an integer"))
		return false;
	number = json_integer_value(value.json);
	if (number < least || number > most) {
		snprintf(expected, sizeof(expected), "an integer from %" PRId64 " to %" PRId64, least, most);
		wrong(&value, expected, true);
		return false;
	}
	*out = number;
	return true;
}

bool aws_value_flag(struct aws_value value)
{
	return is_kind(&value, json_is_boolean(value.json), "true or false") && json_is_true(value.json);
}
