#include "output/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "output/nearest.h"

static const char blanks[] = " \t\n\v\f\r";

struct preset {
	const char *name;
	const char *fields; /* bare names; NULL: the whole catalogue */
};

/* clang-format off */
static const struct preset presets[] = {
	{ "default",
	  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
	  "log-status" },
	{ "tcp-flags",
	  "version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport "
	  "pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status" },
	{ "nat",
	  "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr" },
	{ "transit-gateway",
	  "version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol "
	  "tcp-flags type pkt-srcaddr pkt-dstaddr action log-status" },
	{ "v5",
	  "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id subnet-id "
	  "instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags pkt-srcaddr "
	  "pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction log-status" },
	{ "console",
	  "account-id action az-id bytes dstaddr dstport end flow-direction instance-id interface-id log-status "
	  "packets pkt-dst-aws-service pkt-dstaddr pkt-src-aws-service pkt-srcaddr protocol region srcaddr srcport "
	  "start sublocation-id sublocation-type subnet-id tcp-flags traffic-path type version vpc-id" },
	{ "all", NULL },
};
/* clang-format on */

enum { PRESETS = sizeof(presets) / sizeof(presets[0]) };

/* What a field puts into the key of a record. */
static const uint8_t shown[FIELD_END_OF_LIST] = {
	[FIELD_PKT_SRCADDR] = FLOW_SHOWS_PACKET_SOURCE,
	[FIELD_PKT_DSTADDR] = FLOW_SHOWS_PACKET_DESTINATION,
	[FIELD_PKT_SRC_AWS_SERVICE] = FLOW_SHOWS_PACKET_SOURCE,
	[FIELD_PKT_DST_AWS_SERVICE] = FLOW_SHOWS_PACKET_DESTINATION,
	[FIELD_FLOW_DIRECTION] = FLOW_SHOWS_DIRECTION,
	[FIELD_TRAFFIC_PATH] = FLOW_SHOWS_DIRECTION | FLOW_SHOWS_PACKET_DESTINATION,
};

/* A part of the format string, and the column where it begins. */
struct word {
	const char *text;
	size_t length, column;
};

/* A word as a sentence can show it: short, and without control characters. */
struct quoted {
	char text[48];
};

static struct quoted quote(const struct word *word)
{
	static const char more[] = "...";
	struct quoted out = { "" };
	size_t most = sizeof(out.text) - sizeof(more), length = word->length < most ? word->length : most;

	for (size_t i = 0; i < length; i++)
		out.text[i] = word->text[i] >= ' ' && word->text[i] <= '~' ? word->text[i] : '?';
	if (length < word->length)
		memcpy(out.text + length, more, sizeof(more));
	return out;
}

static bool is_preset(const struct word *word, size_t n)
{
	return strlen(presets[n].name) == word->length && memcmp(presets[n].name, word->text, word->length) == 0;
}

static int unknown(const struct word *word, struct error *err)
{
	char nearest[128];

	for (size_t n = 0; n < PRESETS; n++) {
		if (is_preset(word, n))
			return fail(err, EINVAL, "format, column %zu: %s is a preset, not a field: it must stand alone",
				    word->column, presets[n].name);
	}
	output_field_nearest(word->text, word->length, nearest, sizeof(nearest));
	if (!*nearest) {
		const char *names[PRESETS];

		for (size_t n = 0; n < PRESETS; n++)
			names[n] = presets[n].name;
		output_nearest(word->text, word->length, names, PRESETS, nearest, sizeof(nearest));
		if (*nearest)
			return fail(err, EINVAL,
				    "format, column %zu: there is no field or preset '%s'; the nearest: %s",
				    word->column, quote(word).text, nearest);
		return fail(err, EINVAL, "format, column %zu: there is no field '%s'; `eniflow fields` lists them",
			    word->column, quote(word).text);
	}
	return fail(err, EINVAL, "format, column %zu: there is no field '%s'; the nearest: %s", word->column,
		    quote(word).text, nearest);
}

static void append(struct output_format *format, uint8_t id)
{
	const struct output_field *field = &output_fields[id];

	format->fields[format->count++] = id;
	format->shown |= shown[id];
	if (field->version > format->version)
		format->version = field->version;
}

static int add(struct output_format *format, const struct word *name, struct error *err)
{
	int id = output_field_find(name->text, name->length);

	if (id < 0)
		return unknown(name, err);
	if (format->count == OUTPUT_FORMAT_MOST)
		return fail(err, EINVAL, "format, column %zu: more than %d fields", name->column, OUTPUT_FORMAT_MOST);
	append(format, (uint8_t)id);
	return 0;
}

static struct word word_at(const char *text, const char *at)
{
	return (struct word){ at, strcspn(at, blanks), (size_t)(at - text) + 1 };
}

static int parse_bare(struct output_format *format, const char *text, struct error *err)
{
	for (const char *at = text + strspn(text, blanks); *at; at += strspn(at, blanks)) {
		struct word name = word_at(text, at);
		int ret = add(format, &name, err);

		if (ret < 0)
			return ret;
		at += name.length;
	}
	return 0;
}

/* What is wrong with the blank at `at` of an AWS format string, or NULL. */
static const char *misplaced(const char *text, const char *at)
{
	if (*at == '\t')
		return "a tab";
	if (*at != ' ')
		return "a line break";
	if (at == text)
		return "a space at the beginning";
	if (at[1] == '\0')
		return "a space at the end";
	return at[-1] == ' ' ? "a doubled space" : NULL;
}

static int check_blanks(const char *text, struct error *err)
{
	for (const char *at = text + strcspn(text, blanks); *at; at += 1 + strcspn(at + 1, blanks)) {
		const char *wrong = misplaced(text, at);

		if (wrong)
			return fail(
				err, EINVAL,
				"format, column %zu: %s; ${} fields have one space between them and none at the ends",
				(size_t)(at - text) + 1, wrong);
	}
	return 0;
}

/* Takes "${name}" at *at, and steps behind it. */
static int braced(struct output_format *format, const char *text, const char **at, struct error *err)
{
	struct word whole = word_at(text, *at), name = { *at + 2, 0, whole.column + 2 };

	if (strncmp(*at, "${", 2) != 0)
		return fail(err, EINVAL, "format, column %zu: '%s' is not in ${}; write all fields so, or none",
			    whole.column, quote(&whole).text);
	name.length = strcspn(name.text, "}$");
	if (name.text[name.length] != '}')
		return fail(err, EINVAL, "format, column %zu: '%s' lacks its closing brace", whole.column,
			    quote(&whole).text);
	if (name.length == 0)
		return fail(err, EINVAL, "format, column %zu: ${} names no field", whole.column);
	*at = name.text + name.length + 1;
	return add(format, &name, err);
}

static int parse_aws(struct output_format *format, const char *text, struct error *err)
{
	int ret = check_blanks(text, err);

	for (const char *at = text; ret == 0; at++) {
		ret = braced(format, text, &at, err);
		if (ret < 0 || *at == '\0')
			break;
		if (*at != ' ') {
			struct word rest = word_at(text, at);

			ret = fail(err, EINVAL, "format, column %zu: a space is missing before '%s'", rest.column,
				   quote(&rest).text);
		}
	}
	return ret;
}

const char *output_format_preset(size_t n, struct output_format *format)
{
	if (n >= PRESETS)
		return NULL;
	if (!format)
		return presets[n].name;
	*format = (struct output_format){ .is_preset = true };
	if (presets[n].fields)
		parse_bare(format, presets[n].fields, NULL);
	for (uint8_t id = 0; !presets[n].fields && id < FIELD_END_OF_LIST; id++)
		append(format, id);
	return presets[n].name;
}

int output_format_parse(struct output_format *out, const char *text, struct error *err)
{
	const char *first = text + strspn(text, blanks);
	struct word word = word_at(text, first);
	bool alone = first[word.length + strspn(first + word.length, blanks)] == '\0';

	*out = (struct output_format){ 0 };
	if (word.length == 0)
		return fail(err, EINVAL, "format: it is empty; name a preset, such as default, or fields");
	for (size_t n = 0; alone && n < PRESETS; n++) {
		if (is_preset(&word, n)) {
			output_format_preset(n, out);
			return 0;
		}
	}
	return strstr(text, "${") ? parse_aws(out, text, err) : parse_bare(out, text, err);
}

static bool equal(const struct output_format *a, const struct output_format *b)
{
	return a->count == b->count && memcmp(a->fields, b->fields, a->count) == 0;
}

/* Says so when the count is that of a preset by which readers choose a layout. None knows the whole catalogue's. */
static void remark_count(const struct output_format *format, const struct notices *notices)
{
	char names[64] = "";
	struct output_format preset;
	const char *name;

	for (size_t n = 0; (name = output_format_preset(n, &preset)); n++) {
		size_t used = strlen(names);

		if (preset.count == format->count && preset.count != FIELD_END_OF_LIST)
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? " or " : "", name);
	}
	if (*names)
		notify(notices,
		       "format: %zu fields, but not in the order of preset %s; readers that tell formats by their "
		       "number of fields will mistake one field for another",
		       format->count, names);
}

static void remark_missing(const struct output_format *format, const struct notices *notices)
{
	static const uint8_t wanted[] = { FIELD_START, FIELD_END, FIELD_LOG_STATUS };
	char names[64] = "";

	for (size_t i = 0; i < sizeof(wanted); i++) {
		size_t used = strlen(names);

		if (!memchr(format->fields, wanted[i], format->count))
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
				 output_fields[wanted[i]].name);
	}
	if (*names)
		notify(notices, "format: some readers of flow logs refuse records without these fields: %s", names);
}

void output_format_remarks(const struct output_format *format, const struct notices *notices)
{
	struct output_format preset;

	for (size_t n = 0; output_format_preset(n, &preset); n++) {
		if (equal(format, &preset))
			return;
	}
	remark_count(format, notices);
	remark_missing(format, notices);
}
