#include "logs/thrift.h"

enum { DEEPEST = 24, VARINT_MOST = 10 };

static void skip_value(struct log_thrift *thrift, unsigned type, int depth);

static size_t left(const struct log_thrift *thrift)
{
	return (size_t)(thrift->end - thrift->at);
}

/* Always 0. */
static uint8_t fail_at_end(struct log_thrift *thrift)
{
	thrift->failed = thrift->ended = true;
	thrift->at = thrift->end;
	return 0;
}

static uint8_t fail_as_wrong(struct log_thrift *thrift)
{
	thrift->failed = true;
	thrift->at = thrift->end;
	return 0;
}

static uint8_t next_byte(struct log_thrift *thrift)
{
	if (thrift->failed)
		return 0;
	return thrift->at < thrift->end ? *thrift->at++ : fail_at_end(thrift);
}

static void pass(struct log_thrift *thrift, uint64_t n)
{
	if (n > left(thrift))
		fail_at_end(thrift);
	else
		thrift->at += n;
}

uint64_t log_thrift_varint(struct log_thrift *thrift)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_MOST; i++) {
		uint8_t byte = next_byte(thrift);

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return thrift->failed ? 0 : value;
	}
	return fail_as_wrong(thrift);
}

static int64_t zigzag(struct log_thrift *thrift)
{
	uint64_t value = log_thrift_varint(thrift);

	return (int64_t)(value >> 1 ^ -(value & 1));
}

bool log_thrift_next(struct log_thrift *thrift, struct log_thrift_field *field)
{
	uint8_t head = next_byte(thrift);

	if (thrift->failed || head == 0)
		return false;
	field->type = head & 0x0f;
	if (head >> 4)
		field->id += head >> 4;
	else
		field->id = (int16_t)zigzag(thrift);
	if (field->type < LOG_THRIFT_TRUE || field->type > LOG_THRIFT_UUID || field->id > INT16_MAX)
		fail_as_wrong(thrift);
	return !thrift->failed;
}

/* The head of a list: the number of its elements and their type. */
static uint64_t list_head(struct log_thrift *thrift, unsigned *type)
{
	uint8_t head = next_byte(thrift);
	uint64_t count = head >> 4;

	*type = head & 0x0f;
	return count == 15 ? log_thrift_varint(thrift) : count;
}

static void skip_list(struct log_thrift *thrift, int depth)
{
	unsigned type;
	uint64_t count = list_head(thrift, &type);

	for (; count > 0 && !thrift->failed; count--) {
		/* In a list a truth takes a byte. */
		if (type == LOG_THRIFT_TRUE || type == LOG_THRIFT_FALSE)
			next_byte(thrift);
		else
			skip_value(thrift, type, depth);
	}
}

static void skip_map(struct log_thrift *thrift, int depth)
{
	uint64_t count = log_thrift_varint(thrift);
	uint8_t types = count > 0 ? next_byte(thrift) : 0;

	for (; count > 0 && !thrift->failed; count--) {
		unsigned key = types >> 4, value = types & 0x0f;

		skip_value(thrift, key <= LOG_THRIFT_FALSE ? LOG_THRIFT_BYTE : key, depth);
		skip_value(thrift, value <= LOG_THRIFT_FALSE ? LOG_THRIFT_BYTE : value, depth);
	}
}

static void skip_struct(struct log_thrift *thrift, int depth)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field))
		skip_value(thrift, field.type, depth);
}

static void skip_value(struct log_thrift *thrift, unsigned type, int depth)
{
	if (depth == DEEPEST || thrift->failed) {
		fail_as_wrong(thrift);
		return;
	}
	switch (type) {
	case LOG_THRIFT_TRUE:
	case LOG_THRIFT_FALSE:
		break;
	case LOG_THRIFT_BYTE:
		next_byte(thrift);
		break;
	case LOG_THRIFT_I16:
	case LOG_THRIFT_I32:
	case LOG_THRIFT_I64:
		log_thrift_varint(thrift);
		break;
	case LOG_THRIFT_DOUBLE:
		pass(thrift, 8);
		break;
	case LOG_THRIFT_BYTES:
		pass(thrift, log_thrift_varint(thrift));
		break;
	case LOG_THRIFT_LIST:
	case LOG_THRIFT_SET:
		skip_list(thrift, depth + 1);
		break;
	case LOG_THRIFT_MAP:
		skip_map(thrift, depth + 1);
		break;
	case LOG_THRIFT_STRUCT:
		skip_struct(thrift, depth + 1);
		break;
	case LOG_THRIFT_UUID:
		pass(thrift, 16);
		break;
	default:
		fail_as_wrong(thrift);
	}
}

void log_thrift_skip(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	skip_value(thrift, field->type, 0);
}

int64_t log_thrift_int(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	if (field->type == LOG_THRIFT_BYTE)
		return (int8_t)next_byte(thrift);
	if (field->type >= LOG_THRIFT_I16 && field->type <= LOG_THRIFT_I64)
		return zigzag(thrift);
	return fail_as_wrong(thrift);
}

bool log_thrift_bool(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	if (field->type > LOG_THRIFT_FALSE)
		fail_as_wrong(thrift);
	return field->type == LOG_THRIFT_TRUE;
}

const uint8_t *log_thrift_bytes(struct log_thrift *thrift, const struct log_thrift_field *field, size_t *length)
{
	const uint8_t *bytes;
	uint64_t n = 0;

	if (field->type == LOG_THRIFT_BYTES)
		n = log_thrift_varint(thrift);
	else
		fail_as_wrong(thrift);
	bytes = thrift->at;
	pass(thrift, n);
	*length = thrift->failed ? 0 : (size_t)n;
	return bytes;
}

size_t log_thrift_structs(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	unsigned type = 0;
	uint64_t count = field->type == LOG_THRIFT_LIST ? list_head(thrift, &type) : fail_as_wrong(thrift);

	if (thrift->failed || count == 0)
		return 0;
	if (type != LOG_THRIFT_STRUCT)
		return fail_as_wrong(thrift);
	return count > left(thrift) ? fail_at_end(thrift) : (size_t)count;
}

bool log_thrift_struct(struct log_thrift *thrift, const struct log_thrift_field *field)
{
	if (field->type != LOG_THRIFT_STRUCT)
		fail_as_wrong(thrift);
	return !thrift->failed;
}
