/* logs/chunk.h - the values of one column of a Parquet file in one row group, one by one.
 *
 * Sources: parquet.thrift and Encodings.md of the Parquet format. Read: data pages of versions 1 and 2; PLAIN, dictionaries,
 * DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY; INT32, INT64 and BYTE_ARRAY; levels of RLE, of columns
 * that are not nested. In memory are a page at a time, packed and unpacked, and the dictionary. What a length claims is
 * believed only as far as the file, or the codec, can hold it; and as a few bytes can become many, the columns of a file
 * share what memory it may take. */
#ifndef ENIFLOW_LOGS_CHUNK_H
#define ENIFLOW_LOGS_CHUNK_H

#include "logs/delta.h"
#include "logs/footer.h"
#include "logs/hybrid.h"
#include "logs/page.h"
#include "logs/row.h"

enum {
	LOG_CHUNK_PAGE_MOST = 256 * 1024 * 1024,    /* bytes of a page, unpacked; larger ones are not read */
	LOG_CHUNK_MEMORY_MOST = 1024 * 1024 * 1024, /* what the columns of a file take together */
};

enum log_value_kind { LOG_VALUE_NONE, LOG_VALUE_NUMBER, LOG_VALUE_TEXT };

struct log_value {
	uint8_t kind;     /* enum log_value_kind */
	bool is_negative; /* of a number: it is, as an int64_t */
	union {
		uint64_t number;
		struct log_text text; /* an end mark stands behind it; valid until the next value */
	};
};

/* Grows only. */
struct log_chunk_bytes {
	uint8_t *bytes;
	size_t room;
};

/* Zeroed, it reads nothing. Private. */
struct log_chunk {
	int fd;
	size_t *memory; /* bytes that the file's columns may still take */
	const struct log_leaf *leaf;
	unsigned codec;
	uint64_t at, end;           /* of the file: the next page, and where the last one ends */
	uint64_t page_at;           /* the page that is read */
	uint64_t values;            /* of pages to come */
	uint64_t left;              /* of this page */
	struct log_chunk_bytes raw; /* as in the file, from `raw_at` on */
	uint64_t raw_at;
	size_t raw_length;
	struct log_chunk_bytes unpacked; /* the page */
	struct log_chunk_bytes words;    /* the dictionary's page, and what is made of it */
	struct log_chunk_bytes entries;
	uint64_t entry_count;
	int64_t encoding;
	struct log_hybrid levels, places;
	struct log_delta numbers, prefixes, lengths;
	uint8_t *value, *page_end;     /* of the page: what is not read */
	uint8_t *marked, behind;       /* where an end mark was put, and what stood there; NULL: nowhere */
	struct log_chunk_bytes joined; /* of DELTA_BYTE_ARRAY: the value */
	size_t joined_length;
};

/* Begins with the first value there; takes one that has read before, too. `leaf` and `memory` outlive the reading; what the
 * chunk takes is counted down from `memory`, LOG_CHUNK_MEMORY_MOST at first. */
void log_chunk_begin(struct log_chunk *chunk, int fd, size_t *memory, const struct log_leaf *leaf,
		     const struct log_place *place);

/* The next value; there is one. 0; -EBADMSG: the column is damaged from here on; -ENOTSUP; -ENOMEM; `err` says it without
 * the file's name. */
int log_chunk_next(struct log_chunk *chunk, struct log_value *out, struct error *err);

/* Takes a zeroed one. */
void log_chunk_free(struct log_chunk *chunk);

#endif
