#include "output/parquet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "output/pages.h"
#include "output/utf8.h"
#include "output/value.h"

enum { GROUP_BYTES = 32 << 20, GROUP_ROWS = 131072 };
enum { NAME_SIZE = 48 }; /* of the longest name with a number behind it */

static const char mark[] = "PAR1";
enum { MARK_SIZE = sizeof(mark) - 1 };

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

/* What a column has in the group at hand. */
struct column {
	char name[NAME_SIZE];
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

struct patterns {
	uint32_t of[OUTPUT_VALUE_VARIANTS]; /* the pattern's number plus 1; 0: none yet */
};

/* Those of interfaces with neighbouring numbers. A group has few of very many interfaces where there are many files. */
enum { NEIGHBOUR_BITS = 4, NEIGHBOURS = 1 << NEIGHBOUR_BITS };

struct neighbours {
	struct patterns of[NEIGHBOURS];
};

/* The rows in memory. */
struct group {
	size_t rows, held, differing;
	struct pattern **patterns;
	size_t pattern_count, pattern_room;
	struct neighbours **interfaces; /* by their numbers' upper bits; NULL: none of them has rows */
	size_t neighbours_count;
	struct output_buffer runs; /* struct run each */
};

struct output_parquet {
	struct output_format format;
	enum output_codec codec;
	size_t group_bytes, group_rows;
	uint64_t seed;
	struct column *columns;
	struct group group;
	struct output_pages pages;
	struct output_buffer groups; /* what the footer says of those that are written */
	size_t group_count;
	uint64_t rows;
	int failed; /* the first failure's code, 0 as long as all is well */
	struct error failure;
};

static size_t count_of(const struct output_parquet *parquet)
{
	return parquet->format.count;
}

/* Is it taken, by a field's own name or by a column before? */
static bool is_taken(const struct output_parquet *parquet, const char *name, size_t before)
{
	char field[NAME_SIZE];

	for (size_t i = 0; i < before; i++) {
		if (strcmp(parquet->columns[i].name, name) == 0)
			return true;
	}
	snprintf(field, sizeof(field), "%s", name);
	for (char *at = field; *at; at++)
		*at = *at == '_' ? '-' : *at;
	return output_field_find(field, strlen(field)) >= 0;
}

/* The field's name with underscores; where it stands twice, with the next number that makes no other's name of it. */
static void name_column(struct output_parquet *parquet, size_t number)
{
	struct column *column = &parquet->columns[number];
	char plain[NAME_SIZE - 8];
	bool is_first = true;

	snprintf(plain, sizeof(plain), "%s", output_fields[column->field].name);
	for (char *at = plain; *at; at++)
		*at = *at == '-' ? '_' : *at;
	for (size_t i = 0; i < number; i++)
		is_first &= parquet->columns[i].field != column->field;
	snprintf(column->name, sizeof(column->name), "%s", plain);
	for (unsigned n = 2; !is_first && is_taken(parquet, column->name, number); n++)
		snprintf(column->name, sizeof(column->name), "%s_%u", plain, n);
}

static int prepare(struct output_parquet *parquet, const struct output_parquet_options *options, struct error *err)
{
	parquet->format = *options->format;
	parquet->codec = options->codec;
	parquet->group_bytes = options->group_bytes ? options->group_bytes : GROUP_BYTES;
	parquet->group_rows = options->group_rows ? options->group_rows : GROUP_ROWS;
	if (parquet->group_rows > INT32_MAX)
		parquet->group_rows = INT32_MAX;
	if (getrandom(&parquet->seed, sizeof(parquet->seed), 0) != sizeof(parquet->seed))
		return fail_errno(err, "random numbers");
	parquet->columns = calloc(count_of(parquet), sizeof(*parquet->columns));
	if (!parquet->columns)
		return fail_memory(err, "Parquet");
	for (size_t i = 0; i < count_of(parquet); i++) {
		parquet->columns[i].field = parquet->format.fields[i];
		parquet->columns[i].dictionary.seed = parquet->seed;
		name_column(parquet, i);
	}
	return output_codec_check(parquet->codec, err);
}

int output_parquet_new(struct output_parquet **out, const struct output_parquet_options *options, struct error *err)
{
	struct output_parquet *parquet = calloc(1, sizeof(*parquet));
	int ret = parquet ? prepare(parquet, options, err) : fail_memory(err, "Parquet");

	if (ret < 0)
		output_parquet_free(parquet);
	else
		*out = parquet;
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

static void clear_group(struct output_parquet *parquet)
{
	struct group *group = &parquet->group;

	for (size_t i = 0; i < group->pattern_count; i++)
		pattern_free(group->patterns[i]);
	free(group->patterns);
	for (size_t i = 0; i < group->neighbours_count; i++)
		free(group->interfaces[i]);
	free(group->interfaces);
	free(group->runs.bytes);
	*group = (struct group){ 0 };
	for (size_t i = 0; parquet->columns && i < count_of(parquet); i++) {
		struct column *column = &parquet->columns[i];

		output_dictionary_clear(&column->dictionary);
		free(column->codes.bytes);
		column->codes = (struct output_buffer){ 0 };
		column->is_address = column->differs = column->has_constant = column->has_rows = false;
	}
}

void output_parquet_free(struct output_parquet *parquet)
{
	if (!parquet)
		return;
	clear_group(parquet);
	output_pages_clear(&parquet->pages);
	output_packer_free(parquet->pages.packer);
	free(parquet->groups.bytes);
	free(parquet->columns);
	free(parquet);
}

/* The first failure is the answer from then on: what follows it would be a file with a hole. */
static int answer(const struct output_parquet *parquet, struct error *err)
{
	if (parquet->failed && err)
		*err = parquet->failure;
	return parquet->failed;
}

static int32_t number_code(struct output_parquet *parquet, struct column *column, int64_t value)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_number(&column->dictionary, value);

	parquet->group.held += (column->dictionary.count - before) * (size_t)COST_NUMBER;
	return code;
}

static int32_t address_code(struct output_parquet *parquet, struct column *column, const void *octets, size_t length)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_bytes(&column->dictionary, octets, length);

	parquet->group.held += (column->dictionary.count - before) * (size_t)COST_ADDRESS;
	return code;
}

/* It stands in the dictionary, and may stand twice in the footer. */
static int32_t bytes_code(struct output_parquet *parquet, struct column *column, const char *bytes, size_t length)
{
	uint32_t before = column->dictionary.count;
	int32_t code = output_dictionary_bytes(&column->dictionary, bytes, length);

	parquet->group.held += (column->dictionary.count - before) * (COST_TEXT + 3 * length);
	return code;
}

/* What is no UTF-8 is replaced, as in JSON: readers refuse a file with other strings. */
static int32_t text_code(struct output_parquet *parquet, struct column *column, const char *text)
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
		code = bytes_code(parquet, column, valid.bytes ? valid.bytes : "", valid.length);
	free(valid.bytes);
	return code;
}

/* The text as a number that fits the column; a log read back can have any text there. */
static int32_t digits_code(struct output_parquet *parquet, struct column *column, const char *text)
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
	return number_code(parquet, column, value);
}

/* The code of what is constant for records like this. */
static int32_t constant_code(struct output_parquet *parquet, struct column *column, const struct flow_record *record)
{
	const char *text;

	if (column->field == FIELD_VERSION)
		return number_code(parquet, column, parquet->format.version);
	text = output_value_constant(column->field, record);
	if (!text)
		return OUTPUT_DICTIONARY_NONE;
	if (output_fields[column->field].type == OUTPUT_STRING)
		return text_code(parquet, column, text);
	return digits_code(parquet, column, text);
}

/* Returns false for want of memory. */
static bool fill_constant(struct output_parquet *parquet, struct pattern *pattern, size_t number,
			  const struct flow_record *record)
{
	struct column *column = &parquet->columns[number];
	int32_t code = constant_code(parquet, column, record);

	pattern->constants[number] = code;
	pattern->is_constant[number] = true;
	if (!column->has_constant)
		column->constant = code;
	if (column->constant != code && !column->differs) {
		column->differs = true;
		parquet->group.differing++;
	}
	column->has_constant = true;
	return code != OUTPUT_DICTIONARY_MEMORY;
}

static bool fill(struct output_parquet *parquet, struct pattern *pattern, const struct flow_record *record)
{
	for (size_t i = 0; i < count_of(parquet); i++) {
		struct column *column = &parquet->columns[i];
		struct output_value value = output_value_of(column->field, record);

		if (value.kind == OUTPUT_VALUE_CONSTANT) {
			if (!fill_constant(parquet, pattern, i, record))
				return false;
			continue;
		}
		pattern->parts[pattern->part_count++] = (struct part){ value.kind, value.offset, (uint16_t)i };
		column->has_rows = true;
		column->is_address |= value.kind == OUTPUT_VALUE_IPV4 || value.kind == OUTPUT_VALUE_IPV6;
	}
	return true;
}

static struct pattern *pattern_new(struct output_parquet *parquet, const struct flow_record *record)
{
	size_t count = count_of(parquet);
	struct pattern *pattern = calloc(1, sizeof(*pattern) + count * sizeof(struct part));

	if (!pattern)
		return NULL;
	pattern->constants = calloc(count, sizeof(*pattern->constants));
	pattern->is_constant = calloc(count, sizeof(*pattern->is_constant));
	if (!pattern->constants || !pattern->is_constant || !fill(parquet, pattern, record)) {
		pattern_free(pattern);
		return NULL;
	}
	return pattern;
}

static bool has_neighbours_room(struct group *group, size_t place)
{
	size_t count = place + 1 + place / 2;
	struct neighbours **interfaces;

	if (place < group->neighbours_count)
		return true;
	interfaces = realloc(group->interfaces, count * sizeof(struct neighbours *));
	if (!interfaces)
		return false;
	memset(interfaces + group->neighbours_count, 0,
	       (count - group->neighbours_count) * sizeof(struct neighbours *));
	group->interfaces = interfaces;
	group->neighbours_count = count;
	return true;
}

/* NULL: out of memory. */
static struct patterns *patterns_of(struct group *group, uint32_t interface)
{
	size_t place = interface >> NEIGHBOUR_BITS;

	if (!has_neighbours_room(group, place))
		return NULL;
	if (!group->interfaces[place]) {
		group->interfaces[place] = calloc(1, sizeof(struct neighbours));
		if (!group->interfaces[place])
			return NULL;
		group->held += sizeof(struct neighbours);
	}
	return &group->interfaces[place]->of[interface % NEIGHBOURS];
}

static bool has_pattern_room(struct group *group)
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

/* The record's pattern, plus 1; 0: out of memory. */
static uint32_t pattern_of(struct output_parquet *parquet, const struct flow_record *record)
{
	struct group *group = &parquet->group;
	struct patterns *patterns = patterns_of(group, record->interface_number);
	uint32_t *slot;

	if (!patterns || !has_pattern_room(group))
		return 0;
	slot = &patterns->of[output_value_variant(record)];
	if (!*slot) {
		struct pattern *pattern = pattern_new(parquet, record);

		if (!pattern)
			return 0;
		group->held += sizeof(*pattern) + count_of(parquet) * (sizeof(struct part) + sizeof(int32_t) + 1);
		group->patterns[group->pattern_count++] = pattern;
		*slot = (uint32_t)group->pattern_count;
	}
	return *slot;
}

static void add_to_run(struct output_parquet *parquet, uint32_t pattern)
{
	struct output_buffer *runs = &parquet->group.runs;
	struct run *last = runs->length ? (struct run *)(void *)(runs->bytes + runs->length) - 1 : NULL;

	if (last && last->pattern == pattern) {
		last->rows++;
		return;
	}
	output_buffer_append(runs, (const char *)&(struct run){ pattern, 1 }, sizeof(struct run));
	parquet->group.held += COST_RUN + parquet->group.differing * COST_RUN_COLUMN;
}

/* What a value in the record is: its code. */
static int32_t code_of(struct output_parquet *parquet, struct column *column, const struct part *part,
		       const struct flow_record *record)
{
	const uint8_t *value = (const uint8_t *)record + part->offset;
	const char *service;
	uint64_t count;
	uint16_t port;
	int64_t time;

	switch (part->kind) {
	case OUTPUT_VALUE_OCTET:
		return number_code(parquet, column, *value);
	case OUTPUT_VALUE_PORT:
		memcpy(&port, value, sizeof(port));
		return number_code(parquet, column, port);
	case OUTPUT_VALUE_COUNT:
		memcpy(&count, value, sizeof(count));
		return count > INT64_MAX ? OUTPUT_DICTIONARY_NONE : number_code(parquet, column, (int64_t)count);
	case OUTPUT_VALUE_TIME:
		memcpy(&time, value, sizeof(time));
		return number_code(parquet, column, time);
	case OUTPUT_VALUE_PATH:
		return *value ? number_code(parquet, column, *value) : OUTPUT_DICTIONARY_NONE;
	case OUTPUT_VALUE_SERVICE:
		memcpy(&service, value, sizeof(service));
		return service ? bytes_code(parquet, column, service, strlen(service)) : OUTPUT_DICTIONARY_NONE;
	case OUTPUT_VALUE_IPV4:
		return address_code(parquet, column, value, 4);
	case OUTPUT_VALUE_IPV6:
		return address_code(parquet, column, value, 16);
	default:
		__builtin_unreachable();
	}
}

static bool add_values(struct output_parquet *parquet, const struct pattern *pattern, const struct flow_record *record)
{
	bool failed = false;

	for (size_t i = 0; i < pattern->part_count; i++) {
		const struct part *part = &pattern->parts[i];
		struct column *column = &parquet->columns[part->column];
		int32_t code = code_of(parquet, column, part, record);

		output_buffer_append(&column->codes, (const char *)&code, sizeof(code));
		failed |= code == OUTPUT_DICTIONARY_MEMORY || column->codes.failed;
	}
	parquet->group.held += pattern->part_count * COST_CODE;
	return !failed;
}

static int take(struct output_parquet *parquet, const struct flow_record *record, struct error *err)
{
	uint32_t pattern;

	if (parquet->group.rows == 0)
		parquet->group.held += count_of(parquet) * COST_COLUMN;
	pattern = pattern_of(parquet, record);
	if (pattern == 0)
		return fail_memory(err, "Parquet");
	add_to_run(parquet, pattern - 1);
	if (!add_values(parquet, parquet->group.patterns[pattern - 1], record) || parquet->group.runs.failed)
		return fail_memory(err, "Parquet");
	parquet->group.rows++;
	parquet->rows++;
	return 0;
}

int output_parquet_add(struct output_parquet *parquet, const struct flow_record *record,
		       const struct output_outlet *outlet, struct error *err)
{
	const struct group *group = &parquet->group;

	if (group->rows >= parquet->group_rows || group->held >= parquet->group_bytes)
		output_parquet_end_group(parquet, outlet, NULL);
	if (!parquet->failed)
		parquet->failed = take(parquet, record, &parquet->failure);
	return answer(parquet, err);
}

/* The codes of all rows of a column, in `out`. Returns false for want of memory. */
static bool collect(const struct output_parquet *parquet, size_t number, struct output_buffer *out)
{
	const struct group *group = &parquet->group;
	const struct run *runs = (const struct run *)(const void *)group->runs.bytes;
	const int32_t *codes = (const int32_t *)(const void *)parquet->columns[number].codes.bytes;
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

static int write_column(struct output_parquet *parquet, size_t number, struct output_buffer *scratch,
			struct output_chunk *chunk, const struct output_outlet *outlet, struct error *err)
{
	const struct column *column = &parquet->columns[number];
	struct output_values values = { .name = column->name,
					.type = (enum output_type)output_fields[column->field].type,
					.is_address = column->is_address,
					.dictionary = &column->dictionary,
					.same = column->constant,
					.rows = parquet->group.rows };

	if (column->has_rows && !column->has_constant) {
		values.codes = (const int32_t *)(const void *)column->codes.bytes;
	} else if (column->has_rows || column->differs) {
		if (!collect(parquet, number, scratch))
			return fail_memory(err, "Parquet");
		values.codes = (const int32_t *)(const void *)scratch->bytes;
	}
	return output_pages_write(&parquet->pages, &values, chunk, outlet, err);
}

static int write_columns(struct output_parquet *parquet, struct output_buffer *scratch,
			 const struct output_outlet *outlet, struct error *err)
{
	struct output_thrift thrift = output_thrift_of(&parquet->groups);
	uint64_t begin = parquet->pages.offset, size = 0;
	int ret = 0;

	output_metadata_begin_group(&thrift, count_of(parquet));
	for (size_t i = 0; ret == 0 && i < count_of(parquet); i++) {
		struct output_chunk chunk = { 0 };

		ret = write_column(parquet, i, scratch, &chunk, outlet, err);
		if (ret == 0) {
			output_metadata_chunk(&thrift, &chunk);
			size += chunk.size;
		}
	}
	output_metadata_end_group(&thrift, begin, size, parquet->pages.offset - begin, parquet->group.rows,
				  parquet->group_count++);
	if (ret == 0 && parquet->groups.failed)
		return fail_memory(err, "Parquet");
	return ret;
}

/* The mark stands before the first group. */
static int begin_file(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err)
{
	if (parquet->pages.offset > 0)
		return 0;
	parquet->pages.offset = MARK_SIZE;
	return outlet->write(outlet->ctx, mark, MARK_SIZE, err);
}

static int write_group(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err)
{
	struct output_buffer scratch = { 0 };
	int ret = begin_file(parquet, outlet, err);

	parquet->pages.codec = parquet->codec;
	if (ret == 0) {
		parquet->pages.packer = output_packer_new(parquet->codec, err);
		ret = parquet->pages.packer ? 0 : -ENOMEM;
	}
	if (ret == 0)
		ret = write_columns(parquet, &scratch, outlet, err);
	free(scratch.bytes);
	output_packer_free(parquet->pages.packer);
	parquet->pages.packer = NULL;
	output_pages_clear(&parquet->pages);
	return ret;
}

int output_parquet_end_group(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err)
{
	if (!parquet->failed && parquet->group.rows > 0) {
		parquet->failed = write_group(parquet, outlet, &parquet->failure);
		clear_group(parquet);
	}
	return answer(parquet, err);
}

/* The footer with what stands behind it: its length, and the mark. */
static void put_footer(const struct output_parquet *parquet, struct output_buffer *footer)
{
	struct output_column_name names[OUTPUT_FORMAT_MOST];
	char length[4];

	for (size_t i = 0; i < count_of(parquet); i++) {
		const struct column *column = &parquet->columns[i];

		names[i].name = column->name;
		names[i].type = (enum output_type)output_fields[column->field].type;
	}
	output_metadata_file(footer, names, count_of(parquet), parquet->rows, &parquet->groups, parquet->group_count);
	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (char)(footer->length >> 8 * i);
	output_buffer_append(footer, length, sizeof(length));
	output_buffer_append(footer, mark, MARK_SIZE);
}

static int write_footer(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err)
{
	struct output_buffer footer = { 0 };
	int ret;

	put_footer(parquet, &footer);
	ret = footer.failed ? fail_memory(err, "Parquet")
			    : outlet->write(outlet->ctx, footer.bytes, footer.length, err);
	parquet->pages.offset += footer.length;
	free(footer.bytes);
	return ret;
}

int output_parquet_end(struct output_parquet *parquet, const struct output_outlet *outlet, struct error *err)
{
	output_parquet_end_group(parquet, outlet, NULL);
	if (!parquet->failed)
		parquet->failed = begin_file(parquet, outlet, &parquet->failure);
	if (!parquet->failed)
		parquet->failed = write_footer(parquet, outlet, &parquet->failure);
	return answer(parquet, err);
}

size_t output_parquet_held(const struct output_parquet *parquet)
{
	return parquet->group.held;
}

uint64_t output_parquet_rows(const struct output_parquet *parquet)
{
	return parquet->rows;
}

uint64_t output_parquet_written(const struct output_parquet *parquet)
{
	return parquet->pages.offset;
}
