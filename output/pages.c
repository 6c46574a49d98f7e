#include "output/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "output/addrtext.h"
#include "output/hybrid.h"

enum {
	PAGE_SIZE = 1 << 20, /* bytes, about */
	LENGTH_SIZE = 4,     /* what stands before a string, and before the levels of a page */
	RANGE_MOST = 1024    /* the longest string that statistics show */
};

/* One column on its way. */
struct job {
	struct output_pages *pages;
	const struct output_values *values;
	struct output_chunk *chunk;
	const struct output_outlet *outlet;
	size_t distinct;
	bool has_codes;
	unsigned width; /* of a code, in bits */
};

static void put_text(struct output_buffer *out, const char *text, size_t length)
{
	output_buffer_little(out, length, LENGTH_SIZE);
	output_buffer_append(out, text, length);
}

static void put_address(struct output_buffer *out, const char *octets, size_t length)
{
	char text[OUTPUT_IPV6_ROOM];
	const uint8_t *address = (const uint8_t *)octets;
	const char *end = length == 4 ? output_addrtext_ipv4(text, address) : output_addrtext_ipv6(text, address);

	put_text(out, text, (size_t)(end - text));
}

static void put_value(struct output_buffer *out, const struct output_values *values, uint32_t code)
{
	size_t length;
	const char *bytes;

	if (values->type != OUTPUT_STRING) {
		output_buffer_little(out, (uint64_t)output_dictionary_number_at(values->dictionary, code),
				     values->type == OUTPUT_INT32 ? 4 : 8);
		return;
	}
	bytes = output_dictionary_bytes_at(values->dictionary, code, &length);
	if (values->is_address)
		put_address(out, bytes, length);
	else
		put_text(out, bytes, length);
}

/* The distinct values, plain, one behind another, and where each starts. */
static void render(struct job *job)
{
	struct output_pages *pages = job->pages;

	pages->plain.length = 0;
	pages->starts.length = 0;
	for (size_t code = 0; code <= job->distinct; code++) {
		uint32_t start = (uint32_t)pages->plain.length;

		output_buffer_append(&pages->starts, (const char *)&start, sizeof(start));
		if (code < job->distinct)
			put_value(&pages->plain, job->values, (uint32_t)code);
	}
}

static const char *plain_at(const struct output_pages *pages, size_t code, size_t *length)
{
	const uint32_t *starts = (const uint32_t *)(const void *)pages->starts.bytes;

	*length = starts[code + 1] - starts[code];
	return pages->plain.bytes + starts[code];
}

/* Strings go by their bytes without sign, the shorter first where one begins with the other; numbers by value. */
static int compare(const struct output_values *values, const struct output_pages *pages, size_t one, size_t other)
{
	size_t lengths[2];
	const char *texts[2];
	int order;

	if (values->type != OUTPUT_STRING) {
		int64_t a = output_dictionary_number_at(values->dictionary, (uint32_t)one);
		int64_t b = output_dictionary_number_at(values->dictionary, (uint32_t)other);

		return (a > b) - (a < b);
	}
	texts[0] = plain_at(pages, one, &lengths[0]);
	texts[1] = plain_at(pages, other, &lengths[1]);
	order = memcmp(texts[0] + LENGTH_SIZE, texts[1] + LENGTH_SIZE,
		       (lengths[0] < lengths[1] ? lengths[0] : lengths[1]) - LENGTH_SIZE);
	return order ? order : (lengths[0] > lengths[1]) - (lengths[0] < lengths[1]);
}

static void find_range(struct job *job)
{
	size_t least = 0, greatest = 0, head = job->values->type == OUTPUT_STRING ? LENGTH_SIZE : 0;
	struct output_range *range = &job->chunk->range;

	for (size_t code = 1; code < job->distinct; code++) {
		if (compare(job->values, job->pages, code, least) < 0)
			least = code;
		if (compare(job->values, job->pages, code, greatest) > 0)
			greatest = code;
	}
	range->least = plain_at(job->pages, least, &range->least_length) + head;
	range->greatest = plain_at(job->pages, greatest, &range->greatest_length) + head;
	range->least_length -= head;
	range->greatest_length -= head;
	if (range->least_length > RANGE_MOST || range->greatest_length > RANGE_MOST)
		*range = (struct output_range){ 0 };
}

/* Bytes of the rows' values, plain. */
static uint64_t plain_size(const struct job *job)
{
	const struct output_values *values = job->values;
	uint64_t size = 0;
	size_t length;

	if (!values->codes && job->distinct == 1)
		return (uint64_t)job->pages->plain.length * values->rows;
	for (size_t i = 0; values->codes && i < values->rows; i++) {
		if (values->codes[i] < 0)
			continue;
		plain_at(job->pages, (size_t)values->codes[i], &length);
		size += length;
	}
	return size;
}

static size_t count_nulls(const struct output_values *values)
{
	size_t nulls = 0;

	if (!values->codes)
		return values->same < 0 ? values->rows : 0;
	for (size_t i = 0; i < values->rows; i++)
		nulls += values->codes[i] < 0;
	return nulls;
}

/* Codes, or plain values? gzip and zstd take two thirds of values, and hardly anything of codes. */
static void choose(struct job *job)
{
	bool is_strong = job->pages->codec == OUTPUT_CODEC_GZIP || job->pages->codec == OUTPUT_CODEC_ZSTD;
	uint64_t codes;

	job->width = output_hybrid_width((uint32_t)job->distinct);
	if (job->distinct == 0)
		return;
	codes = job->values->codes ? (job->values->rows - job->chunk->nulls) * job->width / 8 : 0;
	if (is_strong)
		codes *= 3;
	job->has_codes = job->distinct == 1 || job->pages->plain.length + codes <= plain_size(job);
}

/* Sends out the body as a page. */
static int write_page(struct job *job, bool is_dictionary, size_t count, struct error *err)
{
	struct output_pages *pages = job->pages;
	struct output_page page = {
		.is_dictionary = is_dictionary, .has_codes = job->has_codes, .values = count, .size = pages->body.length
	};
	int ret;

	pages->packed.length = 0;
	pages->head.length = 0;
	ret = output_packer_pack(job->pages->packer, pages->body.bytes, pages->body.length, &pages->packed, err);
	if (ret < 0)
		return ret;
	page.packed = pages->packed.length;
	page.crc = (uint32_t)crc32(0, (const unsigned char *)pages->packed.bytes, (uInt)page.packed);
	output_metadata_page(&pages->head, &page);
	if (pages->head.failed || pages->body.failed)
		return fail_memory(err, "page");
	ret = job->outlet->write(job->outlet->ctx, pages->head.bytes, pages->head.length, err);
	if (ret == 0)
		ret = job->outlet->write(job->outlet->ctx, pages->packed.bytes, page.packed, err);
	pages->offset += pages->head.length + page.packed;
	job->chunk->size += pages->head.length + page.size;
	job->chunk->packed += pages->head.length + page.packed;
	return ret;
}

static int write_dictionary(struct job *job, struct error *err)
{
	struct output_pages *pages = job->pages;

	job->chunk->dictionary_offset = pages->offset;
	pages->body.length = 0;
	output_buffer_append(&pages->body, pages->plain.bytes, pages->plain.length);
	return write_page(job, true, job->distinct, err);
}

/* Definition levels of the rows: 1 where there is a value. */
static void put_levels(struct job *job, const int32_t *codes, size_t rows, size_t nulls)
{
	struct output_buffer *body = &job->pages->body, *scratch = &job->pages->scratch;
	size_t begin = body->length;
	uint32_t *levels;

	output_buffer_little(body, 0, LENGTH_SIZE);
	scratch->length = 0;
	levels = nulls && nulls < rows ? (uint32_t *)(void *)output_buffer_room(scratch, rows * sizeof(*levels)) : NULL;
	if (levels) {
		for (size_t i = 0; i < rows; i++)
			levels[i] = codes[i] >= 0;
		output_hybrid_put(body, levels, rows, 1);
	} else {
		output_hybrid_repeat(body, nulls == 0, rows, 1);
	}
	body->failed |= scratch->failed;
	for (size_t i = 0; !body->failed && i < LENGTH_SIZE; i++)
		body->bytes[begin + i] = (char)((body->length - begin - LENGTH_SIZE) >> 8 * i);
}

static void put_codes(struct job *job, const int32_t *codes, size_t rows, size_t nulls)
{
	struct output_buffer *body = &job->pages->body, *scratch = &job->pages->scratch;
	uint32_t *present;
	size_t count = 0;

	output_buffer_little(body, job->width, 1);
	if (!codes) {
		output_hybrid_repeat(body, (uint32_t)job->values->same, rows, job->width);
		return;
	}
	scratch->length = 0;
	present = (uint32_t *)(void *)output_buffer_room(scratch, (rows - nulls) * sizeof(*present));
	if (!present)
		body->failed = true;
	for (size_t i = 0; present && i < rows; i++) {
		if (codes[i] >= 0)
			present[count++] = (uint32_t)codes[i];
	}
	output_hybrid_put(body, present, count, job->width);
}

static void put_plain(struct job *job, const int32_t *codes, size_t rows)
{
	for (size_t i = 0; codes && i < rows; i++) {
		size_t length;
		const char *value;

		if (codes[i] < 0)
			continue;
		value = plain_at(job->pages, (size_t)codes[i], &length);
		output_buffer_append(&job->pages->body, value, length);
	}
}

/* How many rows from this one on make a page; of them are null: *nulls. */
static size_t page_rows(const struct job *job, size_t first, size_t *nulls)
{
	const struct output_values *values = job->values;
	uint64_t bits = 0;
	size_t row = first, length;

	*nulls = values->same < 0 && !values->codes ? values->rows : 0;
	if (!values->codes)
		return values->rows;
	for (; row < values->rows && bits < (uint64_t)8 * PAGE_SIZE; row++) {
		bits++;
		if (values->codes[row] < 0) {
			++*nulls;
		} else if (job->has_codes) {
			bits += job->width;
		} else {
			plain_at(job->pages, (size_t)values->codes[row], &length);
			bits += 8 * length;
		}
	}
	return row - first;
}

static int write_rows(struct job *job, size_t first, size_t rows, size_t nulls, struct error *err)
{
	const int32_t *codes = job->values->codes ? job->values->codes + first : NULL;

	job->pages->body.length = 0;
	put_levels(job, codes, rows, nulls);
	if (job->has_codes)
		put_codes(job, codes, rows, nulls);
	else
		put_plain(job, codes, rows);
	if (job->pages->body.failed)
		return fail_memory(err, "page");
	job->chunk->pages++;
	return write_page(job, false, rows, err);
}

int output_pages_write(struct output_pages *pages, const struct output_values *values, struct output_chunk *chunk,
		       const struct output_outlet *outlet, struct error *err)
{
	struct job job = { .pages = pages, .values = values, .chunk = chunk, .outlet = outlet };
	size_t rows, nulls;
	int ret = 0;

	*chunk = (struct output_chunk){
		.name = values->name, .type = values->type, .codec = pages->codec, .values = values->rows
	};
	chunk->nulls = count_nulls(values);
	job.distinct = values->dictionary->count;
	render(&job);
	if (pages->plain.failed || pages->starts.failed)
		return fail_memory(err, "page");
	choose(&job);
	if (job.distinct > 0)
		find_range(&job);
	if (job.has_codes)
		ret = write_dictionary(&job, err);
	chunk->data_offset = pages->offset;
	for (size_t first = 0; ret == 0 && first < values->rows; first += rows) {
		rows = page_rows(&job, first, &nulls);
		ret = write_rows(&job, first, rows, nulls, err);
	}
	return ret;
}

void output_pages_clear(struct output_pages *pages)
{
	struct output_buffer *buffers[] = { &pages->plain, &pages->starts, &pages->scratch,
					    &pages->body,  &pages->packed, &pages->head };

	for (size_t i = 0; i < sizeof(buffers) / sizeof(*buffers); i++) {
		free(buffers[i]->bytes);
		*buffers[i] = (struct output_buffer){ 0 };
	}
}
