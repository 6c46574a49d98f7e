/* Files that are put together here: two rows of start, end and an optional srcaddr, plain and not compressed. */
#include "logs/parquet.h"

#include "reading.h"

#include <errno.h>

enum { ROOM = 2048 };

struct making {
	uint8_t bytes[ROOM];
	size_t length;
};

static void put(struct making *making, const void *bytes, size_t length)
{
	assert_true(making->length + length <= ROOM);
	memcpy(making->bytes + making->length, bytes, length);
	making->length += length;
}

static void put_byte(struct making *making, unsigned byte)
{
	put(making, &(uint8_t){ (uint8_t)byte }, 1);
}

static void put_varint(struct making *making, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		put_byte(making, 0x80 | (unsigned)(value & 0x7f));
	put_byte(making, (unsigned)value);
}

/* A field of a struct, `more` behind the one before, with a number. */
static void put_int(struct making *making, unsigned more, unsigned type, int64_t value)
{
	put_byte(making, more << 4 | type);
	put_varint(making, 2 * (uint64_t)value);
}

static void put_text(struct making *making, unsigned more, const char *text)
{
	put_byte(making, more << 4 | 8);
	put_varint(making, strlen(text));
	put(making, text, strlen(text));
}

static void put_u32(struct making *making, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		put_byte(making, value >> 8 * i & 0xff);
}

static void put_u64(struct making *making, uint64_t value)
{
	put_u32(making, (uint32_t)value);
	put_u32(making, (uint32_t)(value >> 32));
}

/* PageHeader: a data page with so many plain values. */
static void put_page(struct making *making, const struct making *body, int values)
{
	put_int(making, 1, 5, 0);
	put_int(making, 1, 5, (int64_t)body->length);
	put_int(making, 1, 5, (int64_t)body->length);
	put_byte(making, 2 << 4 | 12);
	put_int(making, 1, 5, values);
	put_int(making, 1, 5, 0);
	put_int(making, 1, 5, 3);
	put_int(making, 1, 5, 3);
	put_byte(making, 0);
	put_byte(making, 0);
	put(making, body->bytes, body->length);
}

static void put_leaf(struct making *making, unsigned type, unsigned repetition, const char *name)
{
	put_int(making, 1, 5, type);
	put_int(making, 2, 5, repetition);
	put_text(making, 1, name);
	put_byte(making, 0);
}

static void put_chunk(struct making *making, size_t at, size_t end, unsigned codec)
{
	put_byte(making, 3 << 4 | 12);
	put_int(making, 4, 5, codec);
	put_int(making, 1, 6, 2);
	put_int(making, 2, 6, (int64_t)(end - at));
	put_int(making, 2, 6, (int64_t)at);
	put_byte(making, 0);
	put_byte(making, 0);
}

struct plan {
	const char *names[3];
	unsigned address_type, codec;
	uint64_t end; /* of the second row */
};

static const struct plan good = { { "start", "end", "srcaddr" }, 6, 0, 1600000040 };

static void put_times(struct making *making, uint64_t first, uint64_t second)
{
	struct making body = { .length = 0 };

	put_u64(&body, first);
	put_u64(&body, second);
	put_page(making, &body, 2);
}

static void put_addresses(struct making *making)
{
	struct making body = { .length = 0 };

	put_u32(&body, 2);
	put_byte(&body, 0x03); /* a group of eight levels, of which two count: null, then not */
	put_byte(&body, 0x02);
	put_u32(&body, 8);
	put(&body, "10.0.0.1", 8);
	put_page(making, &body, 2);
}

static struct making make(const struct plan *plan)
{
	struct making making = { .length = 0 };
	size_t places[4] = { 4 }, footer;

	put(&making, "PAR1", 4);
	put_times(&making, 1600000020, 1600000030);
	places[1] = making.length;
	put_times(&making, 1600000021, plan->end);
	places[2] = making.length;
	put_addresses(&making);
	places[3] = footer = making.length;
	put_int(&making, 1, 5, 1);
	put_byte(&making, 1 << 4 | 9); /* the schema: a root and three leaves */
	put_byte(&making, 4 << 4 | 12);
	put_text(&making, 4, "root");
	put_int(&making, 1, 5, 3);
	put_byte(&making, 0);
	put_leaf(&making, 2, 0, plan->names[0]);
	put_leaf(&making, 2, 0, plan->names[1]);
	put_leaf(&making, plan->address_type, 1, plan->names[2]);
	put_int(&making, 1, 6, 2);
	put_byte(&making, 1 << 4 | 9); /* one row group of three columns */
	put_byte(&making, 1 << 4 | 12);
	put_byte(&making, 1 << 4 | 9);
	put_byte(&making, 3 << 4 | 12);
	for (int i = 0; i < 3; i++)
		put_chunk(&making, places[i], places[i + 1], plan->codec);
	put_int(&making, 2, 6, 2);
	put_byte(&making, 0);
	put_byte(&making, 0);
	put_u32(&making, (uint32_t)(making.length - footer));
	put(&making, "PAR1", 4);
	return making;
}

static struct reading read_made(const uint8_t *bytes, size_t length)
{
	static struct reading reading;
	const struct notices notices = { reading_tell, &reading };
	struct source_file source = { 0 };
	const struct log_files_options options = { .files = &source, .count = 1, .wake_fd = -1, .notices = &notices };
	char path[64];

	memset(&reading, 0, sizeof(reading));
	snprintf(path, sizeof(path), "%s/0", reading_folder);
	source.path = path;
	reading_write(path, bytes, length);
	reading_run(&reading, &options);
	unlink(path);
	return reading;
}

static struct reading read_plan(const struct plan *plan)
{
	const struct making making = make(plan);

	return read_made(making.bytes, making.length);
}

static void rows_are_records(void **state)
{
	struct reading reading = read_plan(&good);

	(void)state;
	assert_string_equal(reading.err.text, "");
	assert_int_equal(reading.opened, 0);
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.notice_count, 0);
	assert_int_equal(reading.records[0].start, 1600000020);
	assert_int_equal(reading.records[0].end, 1600000021);
	assert_true(reading.records[0].origin->unknown & FLOW_UNKNOWN_SRCADDR);
	assert_int_equal(reading.records[1].start, 1600000030);
	assert_address(&reading.records[1].source, "10.0.0.1");
	log_files_close(reading.files);
}

static void a_row_that_cannot_be_read_is_told_by_its_number(void **state)
{
	struct plan plan = good;
	struct reading reading;

	(void)state;
	plan.end = 1600000029;
	reading = read_plan(&plan);
	assert_int_equal(reading.count, 1);
	assert_int_equal(reading.state.unreadable, 1);
	assert_string_equal(reading.notices[0],
			    "FILE: row 2: start 1600000030 is after end 1600000029; it is passed over");
	log_files_close(reading.files);
}

static void what_cannot_be_read_is_refused_with_its_reason(void **state)
{
	struct plan plan = good;
	struct reading reading;

	(void)state;
	plan.names[0] = "begin";
	reading = read_plan(&plan);
	assert_int_equal(reading.opened, -EINVAL);
	assert_non_null(strstr(reading.err.text, "FILE names no start or no end"));

	plan = good;
	plan.address_type = 7;
	reading = read_plan(&plan);
	assert_int_equal(reading.opened, -ENOTSUP);
	assert_non_null(strstr(reading.err.text, "column srcaddr is of type FIXED_LEN_BYTE_ARRAY"));

	plan = good;
	plan.codec = 4;
	reading = read_plan(&plan);
	assert_int_equal(reading.opened, -ENOTSUP);
	assert_non_null(strstr(reading.err.text, "column start is compressed with brotli"));
}

static void an_unknown_column_is_told_and_passed_over(void **state)
{
	struct plan plan = good;
	struct reading reading;

	(void)state;
	plan.names[2] = "weather";
	plan.address_type = 5; /* nothing of it is read */
	reading = read_plan(&plan);
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.notice_count, 1);
	assert_string_equal(reading.notices[0], "FILE: a column is no field of a flow log; passed over: weather");
	log_files_close(reading.files);
}

static void a_file_that_is_cut_off_is_told(void **state)
{
	const struct making making = make(&good);

	(void)state;
	for (size_t length = 5; length < making.length; length++) {
		struct reading reading = read_made(making.bytes, length);

		assert_int_equal(reading.opened, 0);
		assert_int_equal(reading.count, 0);
		assert_true(reading.state.is_damaged);
		assert_int_equal(reading.notice_count, 1);
		log_files_close(reading.files);
	}
}

/* Whatever a bit says, reading ends, and with no more rows than there are. */
static void no_damage_is_a_crash(void **state)
{
	struct making making = make(&good);

	(void)state;
	for (size_t bit = 32; bit < 8 * making.length; bit++) {
		struct reading reading;

		making.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		reading = read_made(making.bytes, making.length);
		making.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(reading.count <= 2);
		assert_true(reading.opened < 0 || !reading.state.is_damaged || reading.notice_count > 0);
		if (reading.opened == 0)
			log_files_close(reading.files);
	}
}

static void a_damaged_page_ends_the_file_behind_what_was_read(void **state)
{
	struct making making = make(&good);
	uint8_t *address = memmem(making.bytes, making.length, "10.0.0.1", 8);
	struct reading reading;

	(void)state;
	assert_non_null(address);
	address[-4] = 9; /* the length of the text: one byte more than is there */
	reading = read_made(making.bytes, making.length);
	assert_int_equal(reading.count, 1);
	assert_true(reading.state.is_damaged);
	assert_int_equal(reading.notice_count, 1);
	assert_non_null(strstr(reading.notices[0], "of column srcaddr, is damaged: it ends inside its values; row 2 "
						   "and what follows it is lost"));
	log_files_close(reading.files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_are_records),
		TEST(a_row_that_cannot_be_read_is_told_by_its_number),
		TEST(what_cannot_be_read_is_refused_with_its_reason),
		TEST(an_unknown_column_is_told_and_passed_over),
		TEST(a_file_that_is_cut_off_is_told),
		TEST(no_damage_is_a_crash),
		TEST(a_damaged_page_ends_the_file_behind_what_was_read),
	};

	return cmocka_run_group_tests(tests, make_reading_folder, remove_reading_folder);
}
