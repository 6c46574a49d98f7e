/* logs/page.h - what stands before each page of a Parquet file.
 *
 * Source: parquet.thrift of the Parquet format (PageHeader). Pure; any bytes may be read. */
#ifndef ENIFLOW_LOGS_PAGE_H
#define ENIFLOW_LOGS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As the format numbers them. */
enum log_page_type { LOG_PAGE_DATA, LOG_PAGE_INDEX, LOG_PAGE_DICTIONARY, LOG_PAGE_DATA_2 };

enum log_encoding {
	LOG_ENCODING_PLAIN = 0,
	LOG_ENCODING_PLAIN_DICTIONARY = 2,
	LOG_ENCODING_RLE = 3,
	LOG_ENCODING_BIT_PACKED = 4,
	LOG_ENCODING_DELTA = 5,
	LOG_ENCODING_DELTA_LENGTHS = 6,
	LOG_ENCODING_DELTA_BYTES = 7,
	LOG_ENCODING_RLE_DICTIONARY = 8,
	LOG_ENCODING_SPLIT = 9
};

struct log_page {
	int64_t type;              /* enum log_page_type, or another number */
	uint32_t unpacked, packed; /* bytes behind the header, with and without compression */
	uint32_t values;           /* nulls included */
	int64_t encoding;          /* enum log_encoding, or another number */
	int64_t levels_encoding;   /* of version 1 */
	uint32_t levels;           /* of version 2: bytes of the levels, which are not compressed */
	bool is_plain;             /* of version 2: nor is the rest */
	bool has_crc;
	uint32_t crc; /* CRC-32 of the packed bytes */
};

/* Reads a header. Its length; 0: it does not end in these bytes; -1: it is none. */
ptrdiff_t log_page_read(struct log_page *out, const uint8_t *bytes, size_t length);

/* "PLAIN", "BYTE_STREAM_SPLIT", ...; NULL: it has no name. */
const char *log_page_encoding_name(int64_t encoding);

#endif
