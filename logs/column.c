#include "logs/column.h"

#include <ctype.h>
#include <string.h>

enum { NAME_MOST = 40 };

/* A name without what makes no difference. */
struct plain_name {
	char text[NAME_MOST];
	size_t length;
};

/* Names beside those of the catalogue, plain. */
static const struct {
	const char *name;
	uint8_t column;
	bool is_field;
} others[] = {
	{ "message", LOG_COLUMN_MESSAGE, false },
	{ "@message", LOG_COLUMN_MESSAGE, false },
	{ "starttime", FIELD_START, true },
	{ "endtime", FIELD_END, true },
	{ "tgwattachmentid", LOG_COLUMN_ATTACHMENT, true },
	{ "resourcetype", LOG_COLUMN_PASSED, true },
	{ "timestamp", LOG_COLUMN_PASSED, false },
	{ "time", LOG_COLUMN_PASSED, false },
	{ "exporttimestamp", LOG_COLUMN_PASSED, false },
	{ "ingestiontime", LOG_COLUMN_PASSED, false },
	{ "logstreamname", LOG_COLUMN_PASSED, false },
	{ "eventid", LOG_COLUMN_PASSED, false },
};

/* What the names of others begin with that are passed over, plain. */
static const struct {
	const char *text;
	bool is_field;
} beginnings[] = { { "tgw", true }, { "packetslost", true }, { "@", false } };

/* False: it is longer than any that is known. */
static bool make_plain(struct plain_name *out, const char *name, size_t length)
{
	out->length = 0;
	for (size_t i = 0; i < length; i++) {
		if (name[i] == '-' || name[i] == '_')
			continue;
		if (out->length == NAME_MOST)
			return false;
		out->text[out->length++] = (char)tolower((unsigned char)name[i]);
	}
	return true;
}

/* Does the catalogue's name say the same? It is in small letters, with dashes. */
static bool is_plain_of(const struct plain_name *plain, const char *name)
{
	size_t at = 0;

	for (; *name; name++) {
		if (*name == '-')
			continue;
		if (at == plain->length || plain->text[at++] != *name)
			return false;
	}
	return at == plain->length;
}

static int find_field(const struct plain_name *plain)
{
	for (int id = 0; id < FIELD_END_OF_LIST; id++)
		if (is_plain_of(plain, output_fields[id].name))
			return id;
	return -1;
}

static int find_other(const struct plain_name *plain, bool *is_field)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (is_plain_of(plain, others[i].name)) {
			*is_field = others[i].is_field;
			return others[i].column;
		}
	}
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		size_t length = strlen(beginnings[i].text);

		if (plain->length > length && memcmp(plain->text, beginnings[i].text, length) == 0) {
			*is_field = beginnings[i].is_field;
			return LOG_COLUMN_PASSED;
		}
	}
	return -1;
}

static unsigned find(const char *name, size_t length, bool *is_field)
{
	struct plain_name plain;
	int column;

	*is_field = false;
	if (!make_plain(&plain, name, length) || plain.length == 0)
		return LOG_COLUMN_UNKNOWN;
	column = find_field(&plain);
	if (column >= 0) {
		*is_field = true;
		return (unsigned)column;
	}
	column = find_other(&plain, is_field);
	return column < 0 ? LOG_COLUMN_UNKNOWN : (unsigned)column;
}

unsigned log_column_find(const char *name, size_t length)
{
	bool is_field;

	return find(name, length, &is_field);
}

bool log_column_is_field(const char *name, size_t length)
{
	bool is_field;

	find(name, length, &is_field);
	return is_field;
}
