#include "logs/chunk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#include "logs/spool.h"
#include "logs/token.h"
#include "logs/unpack.h"

enum {
	LOOK = 64 * 1024,               /* that is read for a header, and with it mostly the page */
	HEADER_MOST = 16 * 1024 * 1024, /* one may hold the least and the greatest value */
	SLACK = 8,                      /* behind a page: an end mark must fit there */
};

static int damaged(const struct log_chunk *chunk, const char *why, struct error *err)
{
	return fail(err, EBADMSG, "the page at byte %" PRIu64 ", of column %s, is damaged: %s", chunk->page_at,
		    log_token_show(chunk->leaf->name, chunk->leaf->name_length).text, why);
}

static int ends_early(const struct log_chunk *chunk, struct error *err)
{
	return damaged(chunk, "it ends inside its values", err);
}

/* Sees to that much room, and keeps what is there. */
static int grow(struct log_chunk *chunk, struct log_chunk_bytes *bytes, size_t need, struct error *err)
{
	uint8_t *grown;

	if (need <= bytes->room)
		return 0;
	if (need - bytes->room > *chunk->memory)
		return fail(err, ENOTSUP,
			    "the page at byte %" PRIu64 ", of column %s, takes more memory than a file may (%d MiB)",
			    chunk->page_at, log_token_show(chunk->leaf->name, chunk->leaf->name_length).text,
			    LOG_CHUNK_MEMORY_MOST >> 20);
	grown = realloc(bytes->bytes, need);
	if (!grown)
		return fail_memory(err, "a Parquet page");
	*chunk->memory -= need - bytes->room;
	bytes->bytes = grown;
	bytes->room = need;
	return 0;
}

/* Sees to that much room, and forgets what was there. */
static int make_room(struct log_chunk *chunk, struct log_chunk_bytes *bytes, size_t need, struct error *err)
{
	if (need <= bytes->room)
		return 0;
	*chunk->memory += bytes->room;
	free(bytes->bytes);
	*bytes = (struct log_chunk_bytes){ NULL, 0 };
	return grow(chunk, bytes, need, err);
}

void log_chunk_begin(struct log_chunk *chunk, int fd, size_t *memory, const struct log_leaf *leaf,
		     const struct log_place *place)
{
	chunk->fd = fd;
	chunk->memory = memory;
	chunk->leaf = leaf;
	chunk->codec = place->codec;
	chunk->at = chunk->page_at = place->at;
	chunk->end = place->at + place->size;
	chunk->values = place->values;
	chunk->left = 0;
	chunk->raw_length = 0;
	chunk->entry_count = 0;
	chunk->marked = NULL;
}

void log_chunk_free(struct log_chunk *chunk)
{
	free(chunk->raw.bytes);
	free(chunk->unpacked.bytes);
	free(chunk->words.bytes);
	free(chunk->entries.bytes);
	free(chunk->joined.bytes);
	*chunk = (struct log_chunk){ 0 };
}

/* ---- bytes of the file ---- */

static int read_at(const struct log_chunk *chunk, uint8_t *out, size_t length, uint64_t at, struct error *err)
{
	int ret = log_spool_read(chunk->fd, out, length, at);

	if (ret < 0)
		return damaged(chunk, ret == -ENODATA ? "the file ends before it" : "it cannot be read", err);
	return 0;
}

/* Brings `need` bytes of the page into `raw`; they are in the chunk. NULL: no. */
static uint8_t *bring(struct log_chunk *chunk, size_t need, int *ret, struct error *err)
{
	uint64_t left = chunk->end - chunk->at;
	size_t length = need > LOOK ? need : LOOK;

	if (chunk->at >= chunk->raw_at && chunk->at - chunk->raw_at <= chunk->raw_length &&
	    chunk->raw_length - (chunk->at - chunk->raw_at) >= need)
		return chunk->raw.bytes + (chunk->at - chunk->raw_at);
	length = length > left ? (size_t)left : length;
	chunk->raw_length = 0;
	*ret = make_room(chunk, &chunk->raw, length + SLACK, err);
	if (*ret == 0)
		*ret = read_at(chunk, chunk->raw.bytes, length, chunk->at, err);
	if (*ret < 0)
		return NULL;
	chunk->raw_at = chunk->at;
	chunk->raw_length = length;
	return chunk->raw.bytes;
}

/* ---- end marks ---- */

static void unmark(struct log_chunk *chunk)
{
	if (chunk->marked)
		*chunk->marked = chunk->behind;
	chunk->marked = NULL;
}

static void mark(struct log_chunk *chunk, uint8_t *at)
{
	chunk->marked = at;
	chunk->behind = *at;
	*at = '\0';
}

/* ---- dictionaries ---- */

static uint32_t read_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t read_u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

static size_t width_of(const struct log_leaf *leaf)
{
	return leaf->type == LOG_LEAF_INT32 ? 4 : 8;
}

/* A number as the column's type has it. */
static void set_number(const struct log_leaf *leaf, uint64_t number, struct log_value *out)
{
	if (leaf->type == LOG_LEAF_INT32)
		number = leaf->is_unsigned ? (uint32_t)number : (uint64_t)(int32_t)(uint32_t)number;
	out->kind = LOG_VALUE_NUMBER;
	out->is_negative = !leaf->is_unsigned && (int64_t)number < 0;
	out->number = number;
}

static uint64_t plain_number(const struct log_leaf *leaf, const uint8_t *at)
{
	return leaf->type == LOG_LEAF_INT32 ? read_u32(at) : read_u64(at);
}

/* The dictionary's numbers; they are in `words`. */
static bool index_numbers(struct log_chunk *chunk, size_t length, uint64_t count, struct log_value *entries)
{
	size_t width = width_of(chunk->leaf);

	if (count > length / width)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		set_number(chunk->leaf, plain_number(chunk->leaf, chunk->words.bytes + i * width), &entries[i]);
	}
	return true;
}

/* The dictionary's texts: each gets its end mark where the length of the next one stood. */
static bool index_texts(struct log_chunk *chunk, size_t length, uint64_t count, struct log_value *entries)
{
	uint8_t *at = chunk->words.bytes, *end = at + length;

	if (count > length / sizeof(uint32_t))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		size_t size;

		if ((size_t)(end - at) < sizeof(uint32_t))
			return false;
		size = read_u32(at);
		*at = '\0';
		at += sizeof(uint32_t);
		if (size > (size_t)(end - at))
			return false;
		entries[i] = (struct log_value){ .kind = LOG_VALUE_TEXT, .text = { (char *)at, size } };
		at += size;
	}
	*at = '\0';
	return true;
}

static int index_dictionary(struct log_chunk *chunk, const struct log_page *page, struct error *err)
{
	bool is_text = chunk->leaf->type == LOG_LEAF_BYTES;
	struct log_value *entries;
	int ret;

	if (page->encoding != LOG_ENCODING_PLAIN && page->encoding != LOG_ENCODING_PLAIN_DICTIONARY)
		return damaged(chunk, "it is a dictionary that is not plain", err);
	if (page->values >
	    page->unpacked / sizeof(uint32_t)) /* a number, or the length of a text, takes that at least */
		return ends_early(chunk, err);
	ret = make_room(chunk, &chunk->entries, page->values * sizeof(*entries), err);
	if (ret < 0)
		return ret;
	entries = (struct log_value *)(void *)chunk->entries.bytes;
	if (!(is_text ? index_texts : index_numbers)(chunk, page->unpacked, page->values, entries))
		return ends_early(chunk, err);
	chunk->entry_count = page->values;
	return 0;
}

/* ---- pages ---- */

/* Unpacks into `room`, which gets room for it. */
static int unpack(struct log_chunk *chunk, unsigned codec, const uint8_t *block, size_t packed, size_t length,
		  struct log_chunk_bytes *room, struct error *err)
{
	const char *why;
	int ret;

	if (length > log_unpack_most(codec, packed))
		return damaged(chunk, "its length cannot be", err);
	if (length > LOG_CHUNK_PAGE_MOST)
		return fail(err, ENOTSUP, "the page at byte %" PRIu64 " has %zu MiB, more than is read (%d MiB)",
			    chunk->page_at, length >> 20, LOG_CHUNK_PAGE_MOST >> 20);
	ret = make_room(chunk, room, length + SLACK, err);
	if (ret < 0)
		return ret;
	why = log_unpack(codec, block, packed, room->bytes, length);
	return why ? damaged(chunk, why, err) : 0;
}

static int load_dictionary(struct log_chunk *chunk, const struct log_page *page, const uint8_t *body, struct error *err)
{
	int ret = unpack(chunk, chunk->codec, body, page->packed, page->unpacked, &chunk->words, err);

	return ret < 0 ? ret : index_dictionary(chunk, page, err);
}

static int begin_places(struct log_chunk *chunk, struct error *err)
{
	if (chunk->value == chunk->page_end)
		return ends_early(chunk, err);
	if (*chunk->value > LOG_HYBRID_WIDEST)
		return damaged(chunk, "its places in the dictionary are wider than any", err);
	log_hybrid_begin(&chunk->places, chunk->value + 1, chunk->page_end, *chunk->value);
	return 0;
}

static int begin_delta(struct log_chunk *chunk, struct log_delta *delta, struct error *err)
{
	const uint8_t *end = NULL;

	if (log_delta_begin(delta, chunk->value, chunk->page_end))
		end = log_delta_end(delta);
	if (!end)
		return damaged(chunk, "its numbers cannot be read", err);
	chunk->value += end - chunk->value;
	return 0;
}

static int refuse_encoding(const struct log_chunk *chunk, int64_t encoding, struct error *err)
{
	const char *name = log_page_encoding_name(encoding);

	return fail(err, ENOTSUP,
		    "the page at byte %" PRIu64 ", of column %s, has an encoding that is not read here: %s",
		    chunk->page_at, log_token_show(chunk->leaf->name, chunk->leaf->name_length).text,
		    name ? name : "one without a name");
}

/* The values begin at `value`. A page that holds nothing but nulls may have no values at all. */
static int begin_values(struct log_chunk *chunk, int64_t encoding, struct error *err)
{
	bool is_text = chunk->leaf->type == LOG_LEAF_BYTES, is_empty = chunk->value == chunk->page_end;
	int ret = 0;

	chunk->encoding = encoding;
	if (encoding == LOG_ENCODING_PLAIN)
		return 0;
	if (encoding == LOG_ENCODING_PLAIN_DICTIONARY || encoding == LOG_ENCODING_RLE_DICTIONARY) {
		chunk->encoding = LOG_ENCODING_RLE_DICTIONARY;
		log_hybrid_begin(&chunk->places, chunk->value, chunk->page_end, 0);
		return is_empty ? 0 : begin_places(chunk, err);
	}
	if (is_empty && (encoding == LOG_ENCODING_DELTA || encoding == LOG_ENCODING_DELTA_LENGTHS ||
			 encoding == LOG_ENCODING_DELTA_BYTES)) {
		chunk->encoding = LOG_ENCODING_PLAIN;
		return 0;
	}
	if (encoding == LOG_ENCODING_DELTA && !is_text)
		return begin_delta(chunk, &chunk->numbers, err);
	if (encoding != LOG_ENCODING_DELTA_LENGTHS && encoding != LOG_ENCODING_DELTA_BYTES)
		return refuse_encoding(chunk, encoding, err);
	if (!is_text)
		return refuse_encoding(chunk, encoding, err);
	chunk->joined_length = 0;
	if (encoding == LOG_ENCODING_DELTA_BYTES)
		ret = begin_delta(chunk, &chunk->prefixes, err);
	return ret < 0 ? ret : begin_delta(chunk, &chunk->lengths, err);
}

/* Levels with their length before them, then values; all packed together. */
static int load_data(struct log_chunk *chunk, const struct log_page *page, uint8_t *body, struct error *err)
{
	uint32_t length;
	int ret = 0;

	if (chunk->codec != LOG_CODEC_NONE) {
		ret = unpack(chunk, chunk->codec, body, page->packed, page->unpacked, &chunk->unpacked, err);
		if (ret < 0)
			return ret;
		body = chunk->unpacked.bytes;
	} else if (page->packed != page->unpacked) {
		return damaged(chunk, "its two lengths differ", err);
	}
	chunk->value = body;
	chunk->page_end = body + page->unpacked;
	if (!chunk->leaf->is_optional)
		return begin_values(chunk, page->encoding, err);
	if (page->levels_encoding != LOG_ENCODING_RLE)
		return refuse_encoding(chunk, page->levels_encoding, err);
	if (page->unpacked < sizeof(length))
		return ends_early(chunk, err);
	length = read_u32(body);
	body += sizeof(length);
	if (length > (size_t)(chunk->page_end - body))
		return ends_early(chunk, err);
	log_hybrid_begin(&chunk->levels, body, body + length, 1);
	chunk->value = body + length;
	return begin_values(chunk, page->encoding, err);
}

/* Levels as they are, then values, packed or not. */
static int load_data_2(struct log_chunk *chunk, const struct log_page *page, uint8_t *body, struct error *err)
{
	unsigned codec = page->is_plain ? LOG_CODEC_NONE : chunk->codec;
	uint32_t packed, unpacked;
	int ret = 0;

	if (page->levels > page->packed || page->levels > page->unpacked)
		return ends_early(chunk, err);
	packed = page->packed - page->levels;
	unpacked = page->unpacked - page->levels;
	log_hybrid_begin(&chunk->levels, body, body + page->levels, 1);
	chunk->value = body + page->levels;
	if (codec == LOG_CODEC_NONE && packed != unpacked)
		return damaged(chunk, "its two lengths differ", err);
	/* Nothing but nulls: some write no block for it, others one of nothing. */
	if (codec != LOG_CODEC_NONE && unpacked > 0) {
		ret = unpack(chunk, codec, chunk->value, packed, unpacked, &chunk->unpacked, err);
		if (ret < 0)
			return ret;
		chunk->value = chunk->unpacked.bytes;
	}
	chunk->page_end = chunk->value + unpacked;
	return begin_values(chunk, page->encoding, err);
}

/* Reads the header of the next page, whose length it answers, or what is wrong. */
static ptrdiff_t read_header(struct log_chunk *chunk, struct log_page *page, struct error *err)
{
	uint64_t left = chunk->end - chunk->at;
	size_t need = left < LOOK ? (size_t)left : LOOK / 4;

	chunk->page_at = chunk->at;
	if (left == 0)
		return damaged(chunk, "its column ends before its values do", err);
	for (;;) {
		int ret = 0;
		const uint8_t *bytes = bring(chunk, need, &ret, err);
		ptrdiff_t length;

		if (!bytes)
			return ret;
		length = log_page_read(page, bytes, need);
		if (length > 0)
			return length;
		if (length < 0 || need == left || need >= HEADER_MOST)
			return damaged(chunk, "its header cannot be read", err);
		need = left / 2 < need ? (size_t)left : 2 * need;
	}
}

static int begin_data(struct log_chunk *chunk, const struct log_page *page, uint8_t *body, struct error *err)
{
	if (page->values > chunk->values)
		return damaged(chunk, "it has more values than its column", err);
	chunk->values -= page->values;
	chunk->left = page->values;
	if (page->values == 0)
		return 0;
	return page->type == LOG_PAGE_DATA ? load_data(chunk, page, body, err) : load_data_2(chunk, page, body, err);
}

static int load_page(struct log_chunk *chunk, struct error *err)
{
	struct log_page page = { 0 };
	ptrdiff_t header;
	uint8_t *body;
	int ret = 0;

	unmark(chunk);
	header = read_header(chunk, &page, err);
	if (header < 0)
		return (int)header;
	if (page.packed > chunk->end - chunk->at - (uint64_t)header)
		return damaged(chunk, "it reaches beyond its column", err);
	body = bring(chunk, (size_t)header + page.packed, &ret, err);
	if (!body)
		return ret;
	body += header;
	if (page.has_crc && crc32_z(0, body, page.packed) != page.crc)
		return damaged(chunk, "its checksum is another", err);
	chunk->at += (uint64_t)header + page.packed;
	if (page.type == LOG_PAGE_DICTIONARY)
		return load_dictionary(chunk, &page, body, err);
	if (page.type == LOG_PAGE_DATA || page.type == LOG_PAGE_DATA_2)
		return begin_data(chunk, &page, body, err);
	return 0;
}

/* ---- values ---- */

static int next_plain_number(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	size_t width = width_of(chunk->leaf);

	if ((size_t)(chunk->page_end - chunk->value) < width)
		return ends_early(chunk, err);
	set_number(chunk->leaf, plain_number(chunk->leaf, chunk->value), out);
	chunk->value += width;
	return 0;
}

/* Takes the next `length` bytes as text. */
static int take_text(struct log_chunk *chunk, uint64_t length, struct log_value *out, struct error *err)
{
	if (length > (uint64_t)(chunk->page_end - chunk->value))
		return ends_early(chunk, err);
	out->kind = LOG_VALUE_TEXT;
	out->text = (struct log_text){ (char *)chunk->value, (size_t)length };
	chunk->value += length;
	mark(chunk, chunk->value);
	return 0;
}

static int next_plain_text(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	uint32_t length;

	unmark(chunk);
	if ((size_t)(chunk->page_end - chunk->value) < sizeof(length))
		return ends_early(chunk, err);
	length = read_u32(chunk->value);
	chunk->value += sizeof(length);
	return take_text(chunk, length, out, err);
}

static int next_of_dictionary(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	const struct log_value *entries = (const struct log_value *)(const void *)chunk->entries.bytes;
	uint32_t place;

	if (!log_hybrid_next(&chunk->places, &place))
		return ends_early(chunk, err);
	if (place >= chunk->entry_count)
		return damaged(chunk, "a value is not in its dictionary", err);
	*out = entries[place];
	return 0;
}

static int next_delta_number(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	int64_t number;

	if (!log_delta_next(&chunk->numbers, &number))
		return ends_early(chunk, err);
	set_number(chunk->leaf, (uint64_t)number, out);
	return 0;
}

static int next_text_by_length(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	int64_t length;

	unmark(chunk);
	if (!log_delta_next(&chunk->lengths, &length) || length < 0)
		return ends_early(chunk, err);
	return take_text(chunk, (uint64_t)length, out, err);
}

/* The beginning of the value before, and what stands in the page. No value is longer than all that stand there. */
static int next_joined_text(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	size_t room = (size_t)(chunk->page_end - chunk->value), most;
	int64_t prefix, length;
	int ret = 0;

	if (!log_delta_next(&chunk->prefixes, &prefix) || !log_delta_next(&chunk->lengths, &length) || prefix < 0 ||
	    (uint64_t)prefix > chunk->joined_length || length < 0 || (uint64_t)length > room)
		return ends_early(chunk, err);
	most = (size_t)prefix + (size_t)length + 1;
	if (most > chunk->joined.room)
		ret = grow(chunk, &chunk->joined, 2 * most, err);
	if (ret < 0)
		return ret;
	memcpy(chunk->joined.bytes + prefix, chunk->value, (size_t)length);
	chunk->joined.bytes[most - 1] = '\0';
	chunk->joined_length = most - 1;
	chunk->value += length;
	out->kind = LOG_VALUE_TEXT;
	out->text = (struct log_text){ (char *)chunk->joined.bytes, most - 1 };
	return 0;
}

static int next_value(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	switch (chunk->encoding) {
	case LOG_ENCODING_RLE_DICTIONARY:
		return next_of_dictionary(chunk, out, err);
	case LOG_ENCODING_DELTA:
		return next_delta_number(chunk, out, err);
	case LOG_ENCODING_DELTA_LENGTHS:
		return next_text_by_length(chunk, out, err);
	case LOG_ENCODING_DELTA_BYTES:
		return next_joined_text(chunk, out, err);
	default:
		return chunk->leaf->type == LOG_LEAF_BYTES ? next_plain_text(chunk, out, err)
							   : next_plain_number(chunk, out, err);
	}
}

int log_chunk_next(struct log_chunk *chunk, struct log_value *out, struct error *err)
{
	uint32_t level = 1;

	while (chunk->left == 0) {
		int ret = load_page(chunk, err);

		if (ret < 0)
			return ret;
	}
	chunk->left--;
	if (chunk->leaf->is_optional && !log_hybrid_next(&chunk->levels, &level))
		return ends_early(chunk, err);
	if (level == 0) {
		out->kind = LOG_VALUE_NONE;
		return 0;
	}
	return next_value(chunk, out, err);
}
