#include "output/metadata.h"

enum { FORMAT_VERSION = 1 }; /* what the specification tells writers to say */

/* As the specification numbers them. */
enum { PAGE_OF_ROWS = 0, PAGE_OF_DICTIONARY = 2 };
enum { PLAIN = 0, RLE = 3, RLE_DICTIONARY = 8 };
enum { INT32 = 1, INT64 = 2, BYTE_ARRAY = 6 };
enum { OPTIONAL = 1 };
enum { UTF8 = 0, INT_32 = 17, INT_64 = 18 };

static const uint8_t codecs[] = {
	[OUTPUT_CODEC_NONE] = 0, [OUTPUT_CODEC_SNAPPY] = 1, [OUTPUT_CODEC_GZIP] = 2, [OUTPUT_CODEC_ZSTD] = 6
};

static const struct {
	uint8_t physical, converted;
} types[] = {
	[OUTPUT_INT32] = { INT32, INT_32 },
	[OUTPUT_INT64] = { INT64, INT_64 },
	[OUTPUT_STRING] = { BYTE_ARRAY, UTF8 },
};

/* DictionaryPageHeader */
static void put_dictionary(struct output_thrift *thrift, const struct output_page *page)
{
	output_thrift_begin(thrift, 7);
	output_thrift_i32(thrift, 1, (int32_t)page->values);
	output_thrift_i32(thrift, 2, PLAIN);
	output_thrift_end(thrift);
}

/* DataPageHeader */
static void put_rows(struct output_thrift *thrift, const struct output_page *page)
{
	output_thrift_begin(thrift, 5);
	output_thrift_i32(thrift, 1, (int32_t)page->values);
	output_thrift_i32(thrift, 2, page->has_codes ? RLE_DICTIONARY : PLAIN);
	output_thrift_i32(thrift, 3, RLE); /* definition levels */
	output_thrift_i32(thrift, 4, RLE); /* repetition levels, of which there are none */
	output_thrift_end(thrift);
}

/* PageHeader */
void output_metadata_page(struct output_buffer *out, const struct output_page *page)
{
	struct output_thrift thrift = output_thrift_of(out);

	output_thrift_i32(&thrift, 1, page->is_dictionary ? PAGE_OF_DICTIONARY : PAGE_OF_ROWS);
	output_thrift_i32(&thrift, 2, (int32_t)page->size);
	output_thrift_i32(&thrift, 3, (int32_t)page->packed);
	output_thrift_i32(&thrift, 4, (int32_t)page->crc);
	if (page->is_dictionary)
		put_dictionary(&thrift, page);
	else
		put_rows(&thrift, page);
	output_thrift_end(&thrift);
}

/* Statistics. Those that are told are exact. */
static void put_statistics(struct output_thrift *thrift, const struct output_chunk *chunk)
{
	const struct output_range *range = &chunk->range;

	output_thrift_begin(thrift, 12);
	output_thrift_i64(thrift, 3, (int64_t)chunk->nulls);
	if (range->least) {
		output_thrift_binary(thrift, 5, range->greatest, range->greatest_length);
		output_thrift_binary(thrift, 6, range->least, range->least_length);
		output_thrift_bool(thrift, 7, true);
		output_thrift_bool(thrift, 8, true);
	}
	output_thrift_end(thrift);
}

/* PageEncodingStats */
static void put_page_count(struct output_thrift *thrift, int32_t page, int32_t encoding, size_t count)
{
	output_thrift_begin(thrift, 0);
	output_thrift_i32(thrift, 1, page);
	output_thrift_i32(thrift, 2, encoding);
	output_thrift_i32(thrift, 3, (int32_t)count);
	output_thrift_end(thrift);
}

static void put_page_counts(struct output_thrift *thrift, const struct output_chunk *chunk)
{
	bool has_dictionary = chunk->dictionary_offset;

	output_thrift_list(thrift, 13, OUTPUT_THRIFT_STRUCT, has_dictionary ? 2 : 1);
	if (has_dictionary)
		put_page_count(thrift, PAGE_OF_DICTIONARY, PLAIN, 1);
	put_page_count(thrift, PAGE_OF_ROWS, has_dictionary ? RLE_DICTIONARY : PLAIN, chunk->pages);
}

static void put_encodings(struct output_thrift *thrift, const struct output_chunk *chunk)
{
	bool has_dictionary = chunk->dictionary_offset;

	output_thrift_list(thrift, 2, OUTPUT_THRIFT_I32, has_dictionary ? 3 : 2);
	output_thrift_i32(thrift, 0, PLAIN);
	output_thrift_i32(thrift, 0, RLE);
	if (has_dictionary)
		output_thrift_i32(thrift, 0, RLE_DICTIONARY);
}

/* ColumnChunk, and in it ColumnMetaData */
void output_metadata_chunk(struct output_thrift *thrift, const struct output_chunk *chunk)
{
	output_thrift_begin(thrift, 0);
	output_thrift_i64(thrift, 2, 0); /* there is no metadata outside the footer */
	output_thrift_begin(thrift, 3);
	output_thrift_i32(thrift, 1, types[chunk->type].physical);
	put_encodings(thrift, chunk);
	output_thrift_list(thrift, 3, OUTPUT_THRIFT_BINARY, 1);
	output_thrift_string(thrift, 0, chunk->name);
	output_thrift_i32(thrift, 4, codecs[chunk->codec]);
	output_thrift_i64(thrift, 5, (int64_t)chunk->values);
	output_thrift_i64(thrift, 6, (int64_t)chunk->size);
	output_thrift_i64(thrift, 7, (int64_t)chunk->packed);
	output_thrift_i64(thrift, 9, (int64_t)chunk->data_offset);
	if (chunk->dictionary_offset)
		output_thrift_i64(thrift, 11, (int64_t)chunk->dictionary_offset);
	put_statistics(thrift, chunk);
	put_page_counts(thrift, chunk);
	output_thrift_end(thrift);
	output_thrift_end(thrift);
}

/* RowGroup */
void output_metadata_begin_group(struct output_thrift *thrift, size_t columns)
{
	output_thrift_list(thrift, 1, OUTPUT_THRIFT_STRUCT, columns);
}

void output_metadata_end_group(struct output_thrift *thrift, uint64_t offset, uint64_t size, uint64_t packed,
			       size_t rows, size_t number)
{
	output_thrift_i64(thrift, 2, (int64_t)size);
	output_thrift_i64(thrift, 3, (int64_t)rows);
	output_thrift_i64(thrift, 5, (int64_t)offset);
	output_thrift_i64(thrift, 6, (int64_t)packed);
	if (number <= INT16_MAX)
		output_thrift_i16(thrift, 7, (int16_t)number);
	output_thrift_end(thrift);
}

/* LogicalType: StringType, or IntType */
static void put_logical_type(struct output_thrift *thrift, enum output_type type)
{
	output_thrift_begin(thrift, 10);
	output_thrift_begin(thrift, type == OUTPUT_STRING ? 1 : 10);
	if (type != OUTPUT_STRING) {
		output_thrift_i8(thrift, 1, type == OUTPUT_INT32 ? 32 : 64);
		output_thrift_bool(thrift, 2, true);
	}
	output_thrift_end(thrift);
	output_thrift_end(thrift);
}

/* SchemaElement */
static void put_column(struct output_thrift *thrift, const struct output_column_name *column)
{
	output_thrift_begin(thrift, 0);
	output_thrift_i32(thrift, 1, types[column->type].physical);
	output_thrift_i32(thrift, 3, OPTIONAL);
	output_thrift_string(thrift, 4, column->name);
	output_thrift_i32(thrift, 6, types[column->type].converted);
	put_logical_type(thrift, column->type);
	output_thrift_end(thrift);
}

static void put_schema(struct output_thrift *thrift, const struct output_column_name *columns, size_t count)
{
	output_thrift_list(thrift, 2, OUTPUT_THRIFT_STRUCT, count + 1);
	output_thrift_begin(thrift, 0);
	output_thrift_string(thrift, 4, "schema");
	output_thrift_i32(thrift, 5, (int32_t)count);
	output_thrift_end(thrift);
	for (size_t i = 0; i < count; i++)
		put_column(thrift, &columns[i]);
}

/* ColumnOrder: TypeDefinedOrder, for each column */
static void put_orders(struct output_thrift *thrift, size_t count)
{
	output_thrift_list(thrift, 7, OUTPUT_THRIFT_STRUCT, count);
	for (size_t i = 0; i < count; i++) {
		output_thrift_begin(thrift, 0);
		output_thrift_begin(thrift, 1);
		output_thrift_end(thrift);
		output_thrift_end(thrift);
	}
}

/* FileMetaData */
void output_metadata_file(struct output_buffer *out, const struct output_column_name *columns, size_t count,
			  uint64_t rows, const struct output_buffer *groups, size_t group_count)
{
	struct output_thrift thrift = output_thrift_of(out);

	output_thrift_i32(&thrift, 1, FORMAT_VERSION);
	put_schema(&thrift, columns, count);
	output_thrift_i64(&thrift, 3, (int64_t)rows);
	output_thrift_list(&thrift, 4, OUTPUT_THRIFT_STRUCT, group_count);
	if (group_count > 0)
		output_buffer_append(out, groups->bytes, groups->length);
	output_thrift_string(&thrift, 6, "eniflow version " ENIFLOW_VERSION);
	put_orders(&thrift, count);
	output_thrift_end(&thrift);
}
