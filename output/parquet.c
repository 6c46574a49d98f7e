#include "output/parquet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/group.h"

enum { GROUP_BYTES = 32 << 20, GROUP_ROWS = 131072 };
enum { NAME_SIZE = 48 }; /* of the longest name with a number behind it */

static const char mark[] = "PAR1";
enum { MARK_SIZE = sizeof(mark) - 1 };

struct column {
	char name[NAME_SIZE];
	uint8_t field;
};

struct output_parquet {
	struct output_format format;
	enum output_codec codec;
	size_t group_bytes, group_rows;
	struct column *columns;
	struct output_group *group;
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
	int ret;

	parquet->format = *options->format;
	parquet->codec = options->codec;
	parquet->group_bytes = options->group_bytes ? options->group_bytes : GROUP_BYTES;
	parquet->group_rows = options->group_rows ? options->group_rows : GROUP_ROWS;
	if (parquet->group_rows > INT32_MAX)
		parquet->group_rows = INT32_MAX;
	parquet->columns = calloc(count_of(parquet), sizeof(*parquet->columns));
	if (!parquet->columns)
		return fail_memory(err, "Parquet");
	for (size_t i = 0; i < count_of(parquet); i++) {
		parquet->columns[i].field = parquet->format.fields[i];
		name_column(parquet, i);
	}
	ret = output_codec_check(parquet->codec, err);
	return ret < 0 ? ret : output_group_new(&parquet->group, &parquet->format, err);
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

void output_parquet_free(struct output_parquet *parquet)
{
	if (!parquet)
		return;
	output_group_free(parquet->group);
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

int output_parquet_add(struct output_parquet *parquet, const struct flow_record *record,
		       const struct output_outlet *outlet, struct error *err)
{
	const struct output_group *group = parquet->group;

	if (output_group_rows(group) >= parquet->group_rows || output_group_held(group) >= parquet->group_bytes)
		output_parquet_end_group(parquet, outlet, NULL);
	if (!parquet->failed && !output_group_add(parquet->group, record))
		parquet->failed = fail_memory(&parquet->failure, "Parquet");
	parquet->rows += !parquet->failed;
	return answer(parquet, err);
}

static int write_column(struct output_parquet *parquet, size_t number, struct output_buffer *scratch,
			struct output_chunk *chunk, const struct output_outlet *outlet, struct error *err)
{
	struct output_values values;

	if (!output_group_values(parquet->group, number, scratch, &values))
		return fail_memory(err, "Parquet");
	values.name = parquet->columns[number].name;
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
	output_metadata_end_group(&thrift, begin, size, parquet->pages.offset - begin,
				  output_group_rows(parquet->group), parquet->group_count++);
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
	if (!parquet->failed && output_group_rows(parquet->group) > 0) {
		parquet->failed = write_group(parquet, outlet, &parquet->failure);
		output_group_clear(parquet->group);
	}
	return answer(parquet, err);
}

/* The footer with what stands behind it: its length, and the mark. */
static void put_footer(const struct output_parquet *parquet, struct output_buffer *footer)
{
	struct output_column_name names[OUTPUT_FORMAT_MOST];

	for (size_t i = 0; i < count_of(parquet); i++) {
		const struct column *column = &parquet->columns[i];

		names[i].name = column->name;
		names[i].type = (enum output_type)output_fields[column->field].type;
	}
	output_metadata_file(footer, names, count_of(parquet), parquet->rows, &parquet->groups, parquet->group_count);
	output_buffer_little(footer, footer->length, sizeof(uint32_t));
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
	return output_group_held(parquet->group);
}

uint64_t output_parquet_rows(const struct output_parquet *parquet)
{
	return parquet->rows;
}

uint64_t output_parquet_written(const struct output_parquet *parquet)
{
	return parquet->pages.offset;
}
