#include "output/group.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "output/utf8.h"
#include "output/value.h"

/* What things take in memory or in the file, whichever is more. */
enum {
	COST_COLUMN = 512,   /* heads of its pages, and what the footer says of it */
	COST_CODE = 4,       /* of a value that stands in the record, with its level */
	COST_NUMBER = 20,    /* a distinct number, with its slot */
	COST_TEXT = 24,      /* a distinct text, and as much again for each of its bytes */
	COST_ADDRESS = 64,   /* a distinct address, which becomes text */
	COST_RUN = 8,        /* rows of one pattern */
	COST_RUN_COLUMN = 16 /* a run, in a column that it changes */
};

struct column {
	uint8_t field;
	bool is_address, differs; /* differs: patterns have not all the same constant */
	bool has_constant, has_rows;
	int32_t constant; /* of the first pattern that has one */
	struct output_dictionary dictionary;
	struct output_buffer codes; /* int32_t each: of the rows whose patterns have it not constant */
};

/* A value that stands in the record, and the column that it goes to. */
struct part {
	uint8_t kind, offset;
	uint16_t column;
};

/* Records of one interface and variant. */
struct pattern {
	int32_t *constants; /* codes by column; of a column in `parts` it says nothing */
	bool *is_constant;  /* by column */
	size_t part_count;
	struct part parts[];
};

/* Rows one behind another that share a pattern. */
struct run {
	uint32_t pattern, rows;
};

struct output_group {
	const struct output_format *format;
	struct column *columns;
	size_t rows, held, differing;
	struct output_dictionary kinds; /* interfaces with variants: their codes are the numbers of patterns */
	struct pattern **patterns;
	size_t pattern_count, pattern_room;
	struct output_buffer runs; /* struct run each */
};

static size_t count_of(const struct output_group *group)
{
	return group->format->count;
}

static int prepare(struct output_group *group, const struct output_format *format, struct error *err)
{
	uint64_t seed;

	group->format = format;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return fail_errno(err, "random numbers");
	group->columns = calloc(count_of(group), sizeof(*group->columns));
	if (!group->columns)
		return fail_memory(err, "Parquet");
	group->kinds.seed = seed;
	for (size_t i = 0; i < count_of(group); i++) {
		group->columns[i].field = format->fields[i];
		group->columns[i].dictionary.seed = seed;
	}
	return 0;
}

int output_group_new(struct output_group **out, const struct output_format *format, struct error *err)
{
	struct output_group *group = calloc(1, sizeof(*group));
	int ret = group ? prepare(group, format, err) : fail_memory(err, "Parquet");

	if (ret < 0)
		output_group_free(group);
	else
		*out = group;
	return ret;
}

static void pattern_free(struct pattern *pattern)
{
	if (pattern) {
		free(pattern->constants);
		free(pattern->is_constant);
	}
	free(pattern);
}

void output_group_clear(struct output_group *group)
{
	for (size_t i = 0; i < group->pattern_count; i++)
		pattern_free(group->patterns[i]);
	free(group->patterns);
	group->patterns = NULL;
	group->pattern_count = group->pattern_room = 0;
	free(group->runs.bytes);
	group->runs = (struct output_buffer){ 0 };
	output_dictionary_clear(&group->kinds);
	group->rows = group->held = group->differing = 0;
	for (size_t i = 0; group->columns && i < count_of(group); i++) {
		struct column *column = &group->columns[i];

		output_dictionary_clear(&column->dictionary);
		free(column->codes.bytes);
		column->codes = (struct output_buffer){ 0 };
		column->is_address = column->differs = column->has_constant = column->has_rows = false;
	}
}

void output_group_free(struct output_group *group)
{
	if (!group)
		return;
	output_group_clear(group);
	free(group->columns);
	free(group);
}

static int32_t number_code(struct output_group *group, struct column *column, int64_t value)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_number(&column->dictionary, value);

	group->held += (column->dictionary.count - before) * (size_t)COST_NUMBER;
	return code;
}

static int32_t address_code(struct output_group *group, struct column *column, const void *octets, size_t length)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_bytes(&column->dictionary, octets, length);

	group->held += (column->dictionary.count - before) * (size_t)COST_ADDRESS;
	return code;
}

/* It stands in the dictionary, and may stand twice in the footer. */
static int32_t bytes_code(struct output_group *group, struct column *column, const char *bytes, size_t length)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_bytes(&column->dictionary, bytes, length);

	group->held += (column->dictionary.count - before) * (COST_TEXT + 3 * length);
	return code;
}

/* What is no UTF-8 is replaced, as in JSON: readers refuse a file with other strings. */
static int32_t text_code(struct output_group *group, struct column *column, const char *text)
{
	struct output_buffer valid = { 0 };
	int32_t code = OUTPUT_DICTIONARY_MEMORY;

	while (*text) {
		const char *next = text;

		if (output_utf8_next(&next) < 0) {
			output_buffer_put(&valid, "\xef\xbf\xbd");
			next = text + 1;
		} else {
			output_buffer_append(&valid, text, (size_t)(next - text));
		}
		text = next;
	}
	if (!valid.failed)
		code = bytes_code(group, column, valid.bytes ? valid.bytes : "", valid.length);
	free(valid.bytes);
	return code;
}

/* The text as a number that fits the column; a log read back can have any text there. */
static int32_t digits_code(struct output_group *group, struct column *column, const char *text)
{
	bool is_narrow = output_fields[column->field].type == OUTPUT_INT32;
	int64_t most = is_narrow ? INT32_MAX : INT64_MAX, value = 0;

	if (!*text)
		return OUTPUT_DICTIONARY_NONE;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > (most - (*text - '0')) / 10)
			return OUTPUT_DICTIONARY_NONE;
		value = value * 10 + (*text - '0');
	}
	return number_code(group, column, value);
}

/* The code of what is constant for records like this. */
static int32_t constant_code(struct output_group *group, struct column *column, const struct flow_record *record)
{
	const char *text;

	if (column->field == FIELD_VERSION)
		return number_code(group, column, group->format->version);
	text = output_value_constant(column->field, record);
	if (!text)
		return OUTPUT_DICTIONARY_NONE;
	if (output_fields[column->field].type == OUTPUT_STRING)
		return text_code(group, column, text);
	return digits_code(group, column, text);
}

/* Returns false for want of memory. */
static bool fill_constant(struct output_group *group, struct pattern *pattern, size_t number,
			  const struct flow_record *record)
{
	struct column *column = &group->columns[number];
	int32_t code = constant_code(group, column, record);

	pattern->constants[number] = code;
	pattern->is_constant[number] = true;
	if (!column->has_constant)
		column->constant = code;
	if (column->constant != code && !column->differs) {
		column->differs = true;
		group->differing++;
	}
	column->has_constant = true;
	return code != OUTPUT_DICTIONARY_MEMORY;
}

static bool fill(struct output_group *group, struct pattern *pattern, const struct flow_record *record)
{
	for (size_t i = 0; i < count_of(group); i++) {
		struct column *column = &group->columns[i];
		struct output_value value = output_value_of(column->field, record);

		if (value.kind == OUTPUT_VALUE_CONSTANT) {
			if (!fill_constant(group, pattern, i, record))
				return false;
			continue;
		}
		pattern->parts[pattern->part_count++] = (struct part){ value.kind, value.offset, (uint16_t)i };
		column->has_rows = true;
		column->is_address |= value.kind == OUTPUT_VALUE_IPV4 || value.kind == OUTPUT_VALUE_IPV6;
	}
	return true;
}

static struct pattern *pattern_new(struct output_group *group, const struct flow_record *record)
{
	size_t count = count_of(group);
	struct pattern *pattern = calloc(1, sizeof(*pattern) + count * sizeof(struct part));

	if (!pattern)
		return NULL;
	pattern->constants = calloc(count, sizeof(*pattern->constants));
	pattern->is_constant = calloc(count, sizeof(*pattern->is_constant));
	if (!pattern->constants || !pattern->is_constant || !fill(group, pattern, record)) {
		pattern_free(pattern);
		return NULL;
	}
	return pattern;
}

static bool has_pattern_room(struct output_group *group)
{
	size_t room = group->pattern_room ? group->pattern_room * 2 : 16;
	struct pattern **patterns;

	if (group->pattern_count < group->pattern_room)
		return true;
	patterns = realloc(group->patterns, room * sizeof(struct pattern *));
	if (!patterns)
		return false;
	group->patterns = patterns;
	group->pattern_room = room;
	return true;
}

/* The number of the record's pattern; -1: out of memory. */
static int32_t pattern_of(struct output_group *group, const struct flow_record *record)
{
	int64_t kind = (int64_t)record->interface_number * OUTPUT_VALUE_VARIANTS +
		       (int64_t)output_value_variant(record);
	int32_t number = output_dictionary_number(&group->kinds, kind);
	struct pattern *pattern;

	if (number < 0 || (size_t)number < group->pattern_count)
		return number < 0 ? -1 : number;
	pattern = has_pattern_room(group) ? pattern_new(group, record) : NULL;
	if (!pattern)
		return -1;
	group->held += sizeof(*pattern) + COST_NUMBER + count_of(group) * (sizeof(struct part) + sizeof(int32_t) + 1);
	group->patterns[group->pattern_count++] = pattern;
	return number;
}

static void add_to_run(struct output_group *group, uint32_t pattern)
{
	struct output_buffer *runs = &group->runs;
	struct run *last = runs->length ? (struct run *)(void *)(runs->bytes + runs->length) - 1 : NULL;

	if (last && last->pattern == pattern) {
		last->rows++;
		return;
	}
	output_buffer_append(runs, (const char *)&(struct run){ pattern, 1 }, sizeof(struct run));
	group->held += COST_RUN + group->differing * COST_RUN_COLUMN;
}

/* What a value in the record is: its code. */
static int32_t code_of(struct output_group *group, struct column *column, const struct part *part,
		       const struct flow_record *record)
{
	const uint8_t *value = (const uint8_t *)record + part->offset;
	const char *service;
	uint64_t count;
	uint16_t port;
	int64_t time;

	switch (part->kind) {
	case OUTPUT_VALUE_OCTET:
		return number_code(group, column, *value);
	case OUTPUT_VALUE_PORT:
		memcpy(&port, value, sizeof(port));
		return number_code(group, column, port);
	case OUTPUT_VALUE_COUNT:
		memcpy(&count, value, sizeof(count));
		return count > INT64_MAX ? OUTPUT_DICTIONARY_NONE : number_code(group, column, (int64_t)count);
	case OUTPUT_VALUE_TIME:
		memcpy(&time, value, sizeof(time));
		return number_code(group, column, time);
	case OUTPUT_VALUE_PATH:
		return *value ? number_code(group, column, *value) : OUTPUT_DICTIONARY_NONE;
	case OUTPUT_VALUE_SERVICE:
		memcpy(&service, value, sizeof(service));
		return service ? bytes_code(group, column, service, strlen(service)) : OUTPUT_DICTIONARY_NONE;
	case OUTPUT_VALUE_IPV4:
		return address_code(group, column, value, 4);
	case OUTPUT_VALUE_IPV6:
		return address_code(group, column, value, 16);
	default:
		__builtin_unreachable();
	}
}

static bool add_values(struct output_group *group, const struct pattern *pattern, const struct flow_record *record)
{
	bool failed = false;

	for (size_t i = 0; i < pattern->part_count; i++) {
		const struct part *part = &pattern->parts[i];
		struct column *column = &group->columns[part->column];
		int32_t code = code_of(group, column, part, record);

		output_buffer_append(&column->codes, (const char *)&code, sizeof(code));
		failed |= code == OUTPUT_DICTIONARY_MEMORY || column->codes.failed;
	}
	group->held += pattern->part_count * COST_CODE;
	return !failed;
}

bool output_group_add(struct output_group *group, const struct flow_record *record)
{
	int32_t pattern = pattern_of(group, record);

	if (pattern < 0)
		return false;
	if (group->rows == 0)
		group->held += count_of(group) * COST_COLUMN;
	add_to_run(group, (uint32_t)pattern);
	if (!add_values(group, group->patterns[pattern], record) || group->runs.failed)
		return false;
	group->rows++;
	return true;
}

/* The codes of all rows of a column, in `out`. Returns false for want of memory. */
static bool collect(const struct output_group *group, size_t number, struct output_buffer *out)
{
	const struct run *runs = (const struct run *)(const void *)group->runs.bytes;
	const int32_t *codes = (const int32_t *)(const void *)group->columns[number].codes.bytes;
	int32_t *to;

	out->length = 0;
	to = (int32_t *)(void *)output_buffer_room(out, group->rows * sizeof(*to));
	if (!to)
		return false;
	for (size_t i = 0; i < group->runs.length / sizeof(*runs); i++) {
		const struct pattern *pattern = group->patterns[runs[i].pattern];
		size_t rows = runs[i].rows;

		if (pattern->is_constant[number]) {
			for (size_t row = 0; row < rows; row++)
				to[row] = pattern->constants[number];
		} else {
			memcpy(to, codes, rows * sizeof(*to));
			codes += rows;
		}
		to += rows;
	}
	return true;
}

bool output_group_values(const struct output_group *group, size_t number, struct output_buffer *scratch,
			 struct output_values *out)
{
	const struct column *column = &group->columns[number];

	*out = (struct output_values){ .type = (enum output_type)output_fields[column->field].type,
				       .is_address = column->is_address,
				       .dictionary = &column->dictionary,
				       .same = column->constant,
				       .rows = group->rows };
	if (column->has_rows && !column->has_constant) {
		out->codes = (const int32_t *)(const void *)column->codes.bytes;
	} else if (column->has_rows || column->differs) {
		if (!collect(group, number, scratch))
			return false;
		out->codes = (const int32_t *)(const void *)scratch->bytes;
	}
	return true;
}

size_t output_group_rows(const struct output_group *group)
{
	return group->rows;
}

size_t output_group_held(const struct output_group *group)
{
	return group->held;
}
