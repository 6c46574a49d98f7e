/* A reader of Parquet files for tests, apart from all that writes them: flat schemas of optional columns, data pages of
 * version 1. Every cell becomes text, "-" for null. */
#ifndef ENIFLOW_TESTS_UNIT_OUTPUT_PARQUETFILE_H
#define ENIFLOW_TESTS_UNIT_OUTPUT_PARQUETFILE_H

#include "check.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#endif
#if ENIFLOW_HAVE_SNAPPY
#include <snappy-c.h>
#endif

struct span {
	const uint8_t *at, *end;
};

/* A cell: its text and, for statistics, what it is in the file. */
struct cell {
	char *text; /* NULL: null */
	size_t length;
	int64_t number;
};

struct group {
	size_t rows;
	struct cell *cells; /* rows by columns, column after column */
	size_t *data_pages; /* by column */
	bool *has_dictionary;
};

struct parquetfile {
	size_t columns, group_count;
	int64_t rows;
	char (*names)[64];
	int64_t *types; /* 1 INT32, 2 INT64, 6 BYTE_ARRAY */
	char created_by[64];
	struct group *groups;
};

static uint64_t take_varint(struct span *in)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		assert_true(in->at < in->end && shift < 64);
		value |= (uint64_t)(*in->at & 0x7f) << shift;
		if (!(*in->at++ & 0x80))
			return value;
	}
}

static int64_t take_zigzag(struct span *in)
{
	uint64_t value = take_varint(in);

	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static uint64_t take_little(struct span *in, size_t size)
{
	uint64_t value = 0;

	assert_true((size_t)(in->end - in->at) >= size);
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)in->at[i] << 8 * i;
	in->at += size;
	return value;
}

static struct span take_span(struct span *in, size_t size)
{
	struct span out = { in->at, in->at + size };

	assert_true((size_t)(in->end - in->at) >= size);
	in->at += size;
	return out;
}

/* The next field's type, 0 at the end of the structure; *id is that of the field before. */
static unsigned take_head(struct span *in, int64_t *id)
{
	unsigned byte = (unsigned)take_little(in, 1);

	if (byte == 0)
		return 0;
	*id = byte >> 4 ? *id + (byte >> 4) : take_zigzag(in);
	return byte & 15;
}

static size_t take_list(struct span *in, unsigned *type)
{
	unsigned byte = (unsigned)take_little(in, 1);

	*type = byte & 15;
	return byte >> 4 == 15 ? take_varint(in) : byte >> 4;
}

static void skip_value(struct span *in, unsigned type)
{
	int64_t id = 0;
	unsigned inner;

	switch (type) {
	case 1:
	case 2:
		return;
	case 3:
		take_little(in, 1);
		return;
	case 4:
	case 5:
	case 6:
		take_varint(in);
		return;
	case 8:
		take_span(in, take_varint(in));
		return;
	case 9:
		for (size_t count = take_list(in, &inner); count > 0; count--)
			skip_value(in, inner);
		return;
	case 12:
		while ((inner = take_head(in, &id)) != 0)
			skip_value(in, inner);
		return;
	default:
		fail_msg("a Thrift type of %u", type);
	}
}

/* Where the field's value begins, in a structure that begins at `in`; `at` NULL: it is not there. */
static struct span field(struct span in, int64_t wanted)
{
	int64_t id = 0;
	unsigned type;

	while ((type = take_head(&in, &id)) != 0) {
		if (id == wanted)
			return in;
		skip_value(&in, type);
	}
	return (struct span){ NULL, NULL };
}

static int64_t number_field(struct span in, int64_t id)
{
	struct span value = field(in, id);

	assert_non_null(value.at);
	return take_zigzag(&value);
}

static struct span binary_field(struct span in, int64_t id)
{
	struct span value = field(in, id);

	return value.at ? take_span(&value, take_varint(&value)) : value;
}

/* The structures of a list, one by one: *in stands behind the one that is returned. */
static struct span take_struct(struct span *in)
{
	struct span out = *in;

	skip_value(in, 12);
	return out;
}

static uint8_t *unpack(int64_t codec, struct span packed, size_t size)
{
	uint8_t *out = malloc(size + 1);

	assert_non_null(out);
	if (codec == 2) {
		z_stream stream = { .next_in = packed.at,
				    .avail_in = (uInt)(packed.end - packed.at),
				    .next_out = out,
				    .avail_out = (uInt)size + 1 };

		assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
		assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
		assert_int_equal(stream.total_out, size);
		inflateEnd(&stream);
#if ENIFLOW_HAVE_ZSTD
	} else if (codec == 6) {
		assert_int_equal(ZSTD_decompress(out, size, packed.at, (size_t)(packed.end - packed.at)), size);
#endif
#if ENIFLOW_HAVE_SNAPPY
	} else if (codec == 1) {
		size_t got = size;

		assert_int_equal(
			snappy_uncompress((const char *)packed.at, (size_t)(packed.end - packed.at), (char *)out, &got),
			SNAPPY_OK);
		assert_int_equal(got, size);
#endif
	} else {
		assert_int_equal(codec, 0);
		assert_int_equal(packed.end - packed.at, size);
		memcpy(out, packed.at, size);
	}
	return out;
}

/* The RLE / bit-packing hybrid: so many numbers of that width. */
static void read_hybrid(struct span *in, unsigned width, uint32_t *out, size_t count)
{
	for (size_t done = 0; done < count;) {
		uint64_t head = take_varint(in), run = head >> 1;

		assert_true(run > 0);
		if (!(head & 1)) {
			uint32_t value = (uint32_t)take_little(in, (width + 7) / 8);

			assert_true(run <= count - done);
			for (; run > 0; run--)
				out[done++] = value;
			continue;
		}
		struct span packed = take_span(in, run * width);
		for (size_t i = 0; i < run * 8; i++) {
			uint32_t value = 0;

			for (size_t bit = 0; bit < width; bit++)
				value |= (uint32_t)(packed.at[(i * width + bit) / 8] >> (i * width + bit) % 8 & 1)
					 << bit;
			if (done < count)
				out[done++] = value;
			else
				assert_int_equal(value, 0);
		}
	}
}

static struct cell take_cell(struct span *in, int64_t type)
{
	struct cell cell = { 0 };
	char digits[32];

	if (type == 6) {
		struct span text = take_span(in, take_little(in, 4));

		cell.length = (size_t)(text.end - text.at);
		cell.text = calloc(1, cell.length + 1);
		assert_non_null(cell.text);
		memcpy(cell.text, text.at, cell.length);
		return cell;
	}
	cell.number = type == 1 ? (int32_t)take_little(in, 4) : (int64_t)take_little(in, 8);
	cell.length = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, cell.number);
	cell.text = strdup(digits);
	assert_non_null(cell.text);
	return cell;
}

static struct cell copy_cell(const struct cell *cell)
{
	struct cell copy = *cell;

	copy.text = calloc(1, cell->length + 1);
	assert_non_null(copy.text);
	memcpy(copy.text, cell->text, cell->length);
	return copy;
}

struct words {
	struct cell *cells;
	size_t count;
};

/* One data page's cells. */
static void read_rows(struct span body, int64_t encoding, int64_t type, const struct words *words, struct cell *cells,
		      size_t rows)
{
	struct span levels = take_span(&body, take_little(&body, 4));
	uint32_t *numbers = calloc(2 * rows, sizeof(*numbers)), *codes = numbers + rows;
	size_t present = 0, next = 0;

	assert_non_null(numbers);
	read_hybrid(&levels, 1, numbers, rows);
	assert_ptr_equal(levels.at, levels.end);
	for (size_t i = 0; i < rows; i++)
		present += numbers[i];
	if (encoding == 8) {
		unsigned width = (unsigned)take_little(&body, 1);

		assert_in_range(width, 1, 32);
		read_hybrid(&body, width, codes, present);
	}
	for (size_t i = 0; i < rows; i++) {
		if (!numbers[i])
			continue;
		if (encoding == 8) {
			assert_true(codes[next] < words->count);
			cells[i] = copy_cell(&words->cells[codes[next++]]);
		} else {
			assert_int_equal(encoding, 0);
			cells[i] = take_cell(&body, type);
		}
	}
	assert_ptr_equal(body.at, body.end);
	free(numbers);
}

static int order_of(const struct cell *one, const struct cell *other, int64_t type)
{
	int order;

	if (type != 6)
		return (one->number > other->number) - (one->number < other->number);
	order = memcmp(one->text, other->text, one->length < other->length ? one->length : other->length);
	return order ? order : (one->length > other->length) - (one->length < other->length);
}

static void check_bound(struct span told, const struct cell *cell, int64_t type)
{
	if (type != 6) {
		size_t size = type == 1 ? 4 : 8;

		assert_int_equal(told.end - told.at, size);
		assert_int_equal(type == 1 ? (int32_t)take_little(&told, size) : (int64_t)take_little(&told, size),
				 cell->number);
		return;
	}
	assert_int_equal(told.end - told.at, cell->length);
	assert_memory_equal(told.at, cell->text, cell->length);
}

/* Are they what the cells say? Bounds of long strings may be missing. */
static void check_statistics(struct span statistics, const struct cell *cells, size_t rows, int64_t type)
{
	const struct cell *least = NULL, *greatest = NULL;
	struct span most = binary_field(statistics, 5), lowest = binary_field(statistics, 6);
	size_t nulls = 0;

	for (size_t i = 0; i < rows; i++) {
		if (!cells[i].text) {
			nulls++;
			continue;
		}
		if (!least || order_of(&cells[i], least, type) < 0)
			least = &cells[i];
		if (!greatest || order_of(&cells[i], greatest, type) > 0)
			greatest = &cells[i];
	}
	assert_int_equal(number_field(statistics, 3), nulls);
	if (!least || least->length > 1024 || greatest->length > 1024) {
		assert_null(most.at);
		assert_null(lowest.at);
		return;
	}
	assert_non_null(most.at);
	assert_non_null(lowest.at);
	check_bound(most, greatest, type);
	check_bound(lowest, least, type);
}

/* A column chunk: all its pages, one behind another. */
static void read_chunk(struct span file, struct span chunk, struct parquetfile *out, struct group *group, size_t column)
{
	struct span meta = field(chunk, 3), first = field(meta, 11), name;
	int64_t type = number_field(meta, 1), codec = number_field(meta, 4), data = number_field(meta, 9);
	int64_t begin = first.at ? take_zigzag(&first) : data, size = 0;
	struct cell *cells = group->cells + column * group->rows;
	struct words words = { 0 };
	struct span in = { file.at + begin, file.at + begin + number_field(meta, 7) };
	size_t rows = 0;
	unsigned inner;

	name = field(meta, 3);
	assert_int_equal(take_list(&name, &inner), 1);
	name = take_span(&name, take_varint(&name));
	assert_int_equal(name.end - name.at, strlen(out->names[column]));
	assert_memory_equal(name.at, out->names[column], strlen(out->names[column]));
	assert_int_equal(type, out->types[column]);
	assert_int_equal(number_field(meta, 5), group->rows);
	while (in.at < in.end) {
		bool is_rows = in.at - file.at >= data;
		const uint8_t *head_at = in.at;
		struct span head = take_struct(&in), packed = take_span(&in, (size_t)number_field(head, 3)), body;
		struct span inside = field(head, is_rows ? 5 : 7);
		size_t count = (size_t)number_field(inside, 1);
		uint8_t *bytes = unpack(codec, packed, (size_t)number_field(head, 2));

		size += packed.at - head_at + number_field(head, 2);
		body = (struct span){ bytes, bytes + number_field(head, 2) };
		assert_int_equal(number_field(head, 1), is_rows ? 0 : 2);
		assert_int_equal((uint32_t)number_field(head, 4), crc32(0, packed.at, (uInt)(packed.end - packed.at)));
		if (is_rows) {
			assert_true(count <= group->rows - rows);
			read_rows(body, number_field(inside, 2), type, &words, cells + rows, count);
			rows += count;
			group->data_pages[column]++;
		} else {
			assert_null(words.cells);
			words = (struct words){ calloc(count, sizeof(*words.cells)), count };
			for (size_t i = 0; i < count; i++)
				words.cells[i] = take_cell(&body, type);
			assert_ptr_equal(body.at, body.end);
			group->has_dictionary[column] = true;
		}
		free(bytes);
	}
	assert_int_equal(rows, group->rows);
	assert_int_equal(number_field(meta, 6), size);
	check_statistics(field(meta, 12), cells, group->rows, type);
	for (size_t i = 0; i < words.count; i++)
		free(words.cells[i].text);
	free(words.cells);
}

static void read_group(struct span file, struct span in, struct parquetfile *out, struct group *group)
{
	struct span chunks = field(in, 1);
	unsigned inner;

	group->rows = (size_t)number_field(in, 3);
	group->cells = calloc(group->rows * out->columns, sizeof(*group->cells));
	group->data_pages = calloc(out->columns, sizeof(*group->data_pages));
	group->has_dictionary = calloc(out->columns, sizeof(*group->has_dictionary));
	assert_int_equal(take_list(&chunks, &inner), out->columns);
	for (size_t i = 0; i < out->columns; i++)
		read_chunk(file, take_struct(&chunks), out, group, i);
}

static void read_schema(struct span list, struct parquetfile *out)
{
	unsigned inner;
	size_t count = take_list(&list, &inner);

	assert_int_equal(number_field(list, 5), count - 1);
	take_struct(&list);
	out->columns = count - 1;
	out->names = calloc(count, sizeof(*out->names));
	out->types = calloc(count, sizeof(*out->types));
	for (size_t i = 0; i < out->columns; i++) {
		struct span column = take_struct(&list), name = binary_field(column, 4);
		static const int64_t converted[] = { [1] = 17, [2] = 18, [6] = 0 };

		snprintf(out->names[i], sizeof(out->names[i]), "%.*s", (int)(name.end - name.at), name.at);
		out->types[i] = number_field(column, 1);
		assert_int_equal(number_field(column, 3), 1);
		assert_int_equal(number_field(column, 6), converted[out->types[i]]);
		assert_non_null(field(field(column, 10), out->types[i] == 6 ? 1 : 10).at);
	}
}

/* Reads a whole file and checks what it says about itself against what is in it. */
static void parquetfile_read(struct parquetfile *out, const void *bytes, size_t size)
{
	struct span file = { bytes, (const uint8_t *)bytes + size }, footer, groups, orders, maker;
	unsigned inner;

	*out = (struct parquetfile){ 0 };
	assert_true(size >= 12);
	assert_memory_equal(file.at, "PAR1", 4);
	assert_memory_equal(file.end - 4, "PAR1", 4);
	footer = (struct span){ file.end - 8, file.end - 4 };
	footer.at = file.end - 8 - take_little(&footer, 4);
	assert_true(footer.at >= file.at + 4);
	footer.end = file.end - 8;
	assert_int_equal(number_field(footer, 1), 1);
	read_schema(field(footer, 2), out);
	out->rows = number_field(footer, 3);
	maker = binary_field(footer, 6);
	snprintf(out->created_by, sizeof(out->created_by), "%.*s", (int)(maker.end - maker.at), maker.at);
	orders = field(footer, 7);
	assert_int_equal(take_list(&orders, &inner), out->columns);
	groups = field(footer, 4);
	out->group_count = take_list(&groups, &inner);
	out->groups = calloc(out->group_count + 1, sizeof(*out->groups));
	for (size_t i = 0; i < out->group_count; i++)
		read_group(file, take_struct(&groups), out, &out->groups[i]);
}

static void parquetfile_free(struct parquetfile *file)
{
	for (size_t i = 0; i < file->group_count; i++) {
		for (size_t cell = 0; cell < file->groups[i].rows * file->columns; cell++)
			free(file->groups[i].cells[cell].text);
		free(file->groups[i].cells);
		free(file->groups[i].data_pages);
		free(file->groups[i].has_dictionary);
	}
	free(file->groups);
	free(file->names);
	free(file->types);
}

#endif
