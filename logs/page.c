#include "logs/page.h"

#include "logs/thrift.h"

/* A length; a negative one becomes one that nothing has. */
static uint32_t read_length(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	int64_t value = log_thrift_int(thrift, field);

	if (value < 0 || value > INT32_MAX)
		thrift->failed = true;
	return thrift->failed ? 0 : (uint32_t)value;
}

/* DataPageHeader and DictionaryPageHeader begin alike. */
static void read_data(struct log_thrift *thrift, struct log_page *page)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 1)
			page->values = read_length(thrift, &field);
		else if (field.id == 2)
			page->encoding = log_thrift_int(thrift, &field);
		else if (field.id == 3 && field.type == LOG_THRIFT_I32)
			page->levels_encoding = log_thrift_int(thrift, &field);
		else
			log_thrift_skip(thrift, &field);
	}
}

static void read_data_2(struct log_thrift *thrift, struct log_page *page)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 1)
			page->values = read_length(thrift, &field);
		else if (field.id == 4)
			page->encoding = log_thrift_int(thrift, &field);
		else if (field.id == 5)
			page->levels = read_length(thrift, &field);
		else if (field.id == 6)
			thrift->failed |= read_length(thrift, &field) > 0; /* of lists, which are not read */
		else if (field.id == 7)
			page->is_plain = !log_thrift_bool(thrift, &field);
		else
			log_thrift_skip(thrift, &field);
	}
}

static void read_crc(struct log_thrift *thrift, const struct log_thrift_field *field, struct log_page *page)
{
	page->has_crc = true;
	page->crc = (uint32_t)log_thrift_int(thrift, field);
}

ptrdiff_t log_page_read(struct log_page *out, const uint8_t *bytes, size_t length)
{
	struct log_thrift thrift = { .at = bytes, .end = bytes + length };
	struct log_thrift_field field = { 0 };

	*out = (struct log_page){ .type = -1, .encoding = -1, .levels_encoding = LOG_ENCODING_RLE };
	while (log_thrift_next(&thrift, &field)) {
		if (field.id == 1)
			out->type = log_thrift_int(&thrift, &field);
		else if (field.id == 2)
			out->unpacked = read_length(&thrift, &field);
		else if (field.id == 3)
			out->packed = read_length(&thrift, &field);
		else if (field.id == 4)
			read_crc(&thrift, &field, out);
		else if ((field.id == 5 || field.id == 7) && log_thrift_struct(&thrift, &field))
			read_data(&thrift, out);
		else if (field.id == 8 && log_thrift_struct(&thrift, &field))
			read_data_2(&thrift, out);
		else
			log_thrift_skip(&thrift, &field);
	}
	if (thrift.ended)
		return 0;
	return thrift.failed || out->type < 0 ? -1 : thrift.at - bytes;
}

const char *log_page_encoding_name(int64_t encoding)
{
	static const char *const names[] = {
		[LOG_ENCODING_PLAIN] = "PLAIN",
		[LOG_ENCODING_PLAIN_DICTIONARY] = "PLAIN_DICTIONARY",
		[LOG_ENCODING_RLE] = "RLE",
		[LOG_ENCODING_BIT_PACKED] = "BIT_PACKED",
		[LOG_ENCODING_DELTA] = "DELTA_BINARY_PACKED",
		[LOG_ENCODING_DELTA_LENGTHS] = "DELTA_LENGTH_BYTE_ARRAY",
		[LOG_ENCODING_DELTA_BYTES] = "DELTA_BYTE_ARRAY",
		[LOG_ENCODING_RLE_DICTIONARY] = "RLE_DICTIONARY",
		[LOG_ENCODING_SPLIT] = "BYTE_STREAM_SPLIT",
	};

	return encoding >= 0 && encoding <= LOG_ENCODING_SPLIT ? names[encoding] : NULL;
}
