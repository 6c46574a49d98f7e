#include "aws/document.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- its bytes ---- */

enum { FIRST_ROOM = 64 * 1024 };

struct bytes {
	char *at;
	size_t length, room;
};

/* Makes room behind what is there. */
static int grow(struct bytes *bytes, const char *path, struct error *err)
{
	size_t room = bytes->room ? 2 * bytes->room : FIRST_ROOM;
	char *at;

	if (bytes->length < bytes->room)
		return 0;
	if (bytes->length >= AWS_DOCUMENT_MOST)
		return fail(err, EFBIG, "%s: has %d MiB or more, so it is no list of an account's", path,
			    AWS_DOCUMENT_MOST / (1024 * 1024));
	at = realloc(bytes->at, room);
	if (!at)
		return fail_memory(err, path);
	bytes->at = at;
	bytes->room = room;
	return 0;
}

static int read_all(struct bytes *bytes, FILE *file, const char *path, struct error *err)
{
	do {
		int ret = grow(bytes, path, err);

		if (ret < 0)
			return ret;
		bytes->length += fread(bytes->at + bytes->length, 1, bytes->room - bytes->length, file);
		if (ferror(file))
			return fail_errno(err, "%s: cannot be read", path);
	} while (!feof(file));
	return 0;
}

/* ---- what they say ---- */

static bool starts_with(const char *bytes, size_t length, const char *mark, size_t mark_length)
{
	return length >= mark_length && memcmp(bytes, mark, mark_length) == 0;
}

/* Replaces what a terminal might take for an order. */
static void defuse(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static int not_json(const char *path, json_error_t *error, struct error *err)
{
	const char *why;

	switch (json_error_code(error)) {
	case json_error_out_of_memory:
		return fail_memory(err, path);
	case json_error_invalid_utf8:
		why = "a byte here is not UTF-8";
		break;
	case json_error_premature_end_of_input:
		why = "the file ends in the middle";
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		why = "a string holds \\u0000";
		break;
	case json_error_stack_overflow:
		why = "nested too deep";
		break;
	default:
		defuse(error->text);
		why = error->text;
	}
	return fail(err, EINVAL, "%s: line %d, column %d: not JSON: %s", path, error->line, error->column, why);
}

int aws_document_parse(struct aws_document *document, const char *path, const char *bytes, size_t length,
		       struct error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	json_error_t error;
	json_t *root;

	if (starts_with(bytes, length, mark, 3)) {
		bytes += 3;
		length -= 3;
	}
	if (starts_with(bytes, length, "\xff\xfe", 2) || starts_with(bytes, length, "\xfe\xff", 2))
		return fail(err, EINVAL, "%s: is UTF-16, as PowerShell's > writes it; JSON is UTF-8", path);
	if (length == 0)
		return fail(err, EINVAL, "%s: is empty, as after an aws command that failed", path);
	root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root)
		return not_json(path, &error, err);
	*document = (struct aws_document){ .path = path, .root = root, .err = err };
	return 0;
}

int aws_document_read(struct aws_document *document, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct bytes bytes = { 0 };
	int ret;

	if (!file)
		return fail_errno(err, "%s: cannot be read", path);
	ret = read_all(&bytes, file, path, err);
	fclose(file);
	if (ret == 0)
		ret = aws_document_parse(document, path, bytes.at, bytes.length, err);
	free(bytes.at);
	return ret;
}

void aws_document_free(struct aws_document *document)
{
	json_decref(document->root);
	*document = (struct aws_document){ 0 };
}

const char *aws_document_library(void)
{
	return jansson_version_str();
}
