#include "output/parquet.h"

#include "parquetfile.h"

#include <arpa/inet.h>
#include <errno.h>

#include "output/encoder.h"

static char account[] = "123456789010", ids[2][8] = { "eni-1", "eni-2" }, vpc[] = "vpc-1", dash[] = "-",
	    tag[] = "caf\xc3\xa9", path[] = "3", word[] = "WORD", huge[] = "99999999999",
	    bad[] = "a\xff"
		    "b";

static const struct flow_interface interfaces[] = {
	{ .identity = { [FLOW_ACCOUNT_ID] = account,
			[FLOW_INTERFACE_ID] = ids[0],
			[FLOW_VPC_ID] = vpc,
			[FLOW_SUBNET_ID] = dash,
			[FLOW_INSTANCE_TAG] = tag } },
	{ .identity = { [FLOW_ACCOUNT_ID] = account, [FLOW_INTERFACE_ID] = ids[1] } },
	/* Read back. */
	{ .identity = { [FLOW_INTERFACE_ID] = ids[1] },
	  .unknown = FLOW_UNKNOWN_BYTES | FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_TYPE,
	  .carried = { [FLOW_CARRIED_TRAFFIC_PATH] = path, [FLOW_CARRIED_SOURCE_SERVICE] = word } },
};

static uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Records of all kinds, one behind another; `spread`: how many different addresses and counts. */
static struct flow_record record_of(uint32_t number, uint32_t spread)
{
	static const char *const services[] = { NULL, "AMAZON", "S3" };
	uint32_t state = number * 2654435761U, pick = noise(&state);
	struct flow_record record = {
		.interface_number = pick % 16 == 0 ? 2 : pick % 8 == 0,
		.status = pick % 31 == 0   ? FLOW_NODATA
			  : pick % 37 == 0 ? FLOW_SKIPDATA
					   : FLOW_OK,
		.family = pick % 3 == 0 ? FLOW_IPV6 : FLOW_IPV4,
		.protocol = pick % 2 ? 6 : 17,
		.tcp_flags = (uint8_t)(pick % 8),
		.action = pick % 5 == 0 ? FLOW_REJECT : FLOW_ACCEPT,
		.direction = (uint8_t)(pick / 2 % 3),
		.traffic_path = (uint8_t)(pick % 9),
		.source_port = (uint16_t)noise(&state),
		.destination_port = 443,
		.start = 1700000000 + number / 100,
		.end = 1700000059 + number / 100,
		.packets = 1 + noise(&state) % spread,
		.bytes = (uint64_t)noise(&state) % spread << 16,
		.packet_source_service = services[noise(&state) % 3],
		.packet_destination_service = services[noise(&state) % 3],
	};
	uint32_t host = htonl(noise(&state) % spread * 2654435761U);

	record.interface = &interfaces[record.interface_number];
	memcpy(record.source.octets + (record.family == FLOW_IPV6 ? 12 : 0), &host, 4);
	memcpy(record.destination.octets, "\x0a\0\0\1", 4);
	record.packet_source = record.source;
	record.packet_destination = record.destination;
	return record;
}

/* What came out, and when to refuse more. */
struct sheet {
	struct output_buffer bytes;
	size_t most; /* 0: no bound */
};

static int take(void *ctx, const void *bytes, size_t size, struct error *err)
{
	struct sheet *sheet = ctx;

	if (sheet->most && sheet->bytes.length + size > sheet->most)
		return fail(err, ENOSPC, "sheet: full");
	output_buffer_append(&sheet->bytes, bytes, size);
	return 0;
}

static struct output_parquet *parquet_for(const char *text, enum output_codec codec, size_t group_bytes,
					  size_t group_rows)
{
	struct output_parquet_options options = { .codec = codec,
						  .group_bytes = group_bytes,
						  .group_rows = group_rows };
	struct output_parquet *parquet;
	struct output_format format;

	assert_int_equal(output_format_parse(&format, text, NULL), 0);
	options.format = &format;
	assert_int_equal(output_parquet_new(&parquet, &options, NULL), 0);
	return parquet;
}

/* Ends the file and reads it. */
static void finish(struct output_parquet *parquet, struct sheet *sheet, struct parquetfile *file)
{
	struct output_outlet outlet = { take, sheet };

	assert_int_equal(output_parquet_end(parquet, &outlet, NULL), 0);
	assert_int_equal(output_parquet_written(parquet), sheet->bytes.length);
	parquetfile_read(file, sheet->bytes.bytes, sheet->bytes.length);
	assert_int_equal(file->rows, output_parquet_rows(parquet));
	output_parquet_free(parquet);
	free(sheet->bytes.bytes);
	*sheet = (struct sheet){ 0 };
}

/* Holds a row against the line of text of its record. */
static void check_row(struct output_encoder *encoder, const struct parquetfile *file, const struct group *group,
		      size_t row, const struct flow_record *record)
{
	size_t room = output_encoder_room(encoder, record), column = 0;
	char *line = malloc(room + 1), *rest = line;

	assert_non_null(line);
	line[output_encoder_line(encoder, record, line)] = '\0';
	line[strlen(line) - 1] = '\0';
	for (char *value; (value = strsep(&rest, " ")) != NULL; column++) {
		const struct cell *cell = &group->cells[column * group->rows + row];

		assert_true(column < file->columns);
		if (strcmp(value, cell->text ? cell->text : "-") != 0)
			fail_msg("row %zu, %s: wanted %s, got %s", row, file->names[column], value,
				 cell->text ? cell->text : "null");
	}
	assert_int_equal(column, file->columns);
	free(line);
}

static void check_rows(const char *text, const struct parquetfile *file, uint32_t spread)
{
	struct output_encoder *encoder;
	struct output_format format;
	uint32_t number = 0;

	assert_int_equal(output_format_parse(&format, text, NULL), 0);
	assert_int_equal(output_encoder_new(&encoder, &format, OUTPUT_TEXT, NULL), 0);
	for (size_t i = 0; i < file->group_count; i++) {
		for (size_t row = 0; row < file->groups[i].rows; row++) {
			struct flow_record record = record_of(number++, spread);

			check_row(encoder, file, &file->groups[i], row, &record);
		}
	}
	assert_int_equal(number, file->rows);
	output_encoder_free(encoder);
}

static void add_rows(struct output_parquet *parquet, struct sheet *sheet, uint32_t rows, uint32_t spread)
{
	struct output_outlet outlet = { take, sheet };

	for (uint32_t i = 0; i < rows; i++) {
		struct flow_record record = record_of(i, spread);

		assert_int_equal(output_parquet_add(parquet, &record, &outlet, NULL), 0);
	}
}

static void check(const char *text, enum output_codec codec, uint32_t rows, uint32_t spread, size_t group_rows)
{
	struct output_parquet *parquet = parquet_for(text, codec, 0, group_rows);
	struct sheet sheet = { 0 };
	struct parquetfile file;

	add_rows(parquet, &sheet, rows, spread);
	finish(parquet, &sheet, &file);
	assert_int_equal(file.rows, rows);
	check_rows(text, &file, spread);
	parquetfile_free(&file);
}

static void all_fields_each_codec(void **state)
{
	(void)state;
	for (int codec = 0; codec < OUTPUT_CODEC_END; codec++) {
		if (output_codec_check((enum output_codec)codec, NULL) == 0)
			check("all", (enum output_codec)codec, 3000, 100, 0);
	}
}

static void few_rows(void **state)
{
	struct parquetfile file;
	struct sheet sheet = { 0 };

	(void)state;
	finish(parquet_for("all", OUTPUT_CODEC_GZIP, 0, 0), &sheet, &file);
	assert_int_equal(file.columns, 54);
	assert_int_equal(file.group_count, 0);
	assert_memory_equal(file.created_by, "eniflow version ", 16);
	parquetfile_free(&file);
	check("all", OUTPUT_CODEC_GZIP, 1, 1, 0);
	check("default", OUTPUT_CODEC_NONE, 9, 9, 0);
}

static void many_groups(void **state)
{
	struct output_parquet *parquet = parquet_for("default", OUTPUT_CODEC_NONE, 0, 100);
	struct sheet sheet = { 0 };
	struct parquetfile file;

	(void)state;
	add_rows(parquet, &sheet, 1950, 50);
	finish(parquet, &sheet, &file);
	assert_int_equal(file.group_count, 20);
	assert_int_equal(file.groups[0].rows, 100);
	assert_int_equal(file.groups[19].rows, 50);
	check_rows("default", &file, 50);
	parquetfile_free(&file);
}

/* A group ends at its bound of memory, which is one of its bytes in the file, too. */
static void bounded_memory(void **state)
{
	enum { BYTES = 200000, ROWS = 20000 };
	struct output_parquet *parquet = parquet_for("all", OUTPUT_CODEC_NONE, BYTES, 0);
	struct sheet sheet = { 0 };
	struct output_outlet outlet = { take, &sheet };
	struct parquetfile file;
	size_t held = 0;

	(void)state;
	assert_int_equal(output_parquet_held(parquet), 0);
	for (uint32_t i = 0; i < ROWS; i++) {
		struct flow_record record = record_of(i, 1 << 20);
		uint64_t before = output_parquet_written(parquet);

		held = output_parquet_held(parquet);
		assert_int_equal(output_parquet_add(parquet, &record, &outlet, NULL), 0);
		assert_true(output_parquet_held(parquet) < BYTES + 30000);
		if (output_parquet_written(parquet) != before)
			assert_in_range(output_parquet_written(parquet) - before, 1, held);
	}
	assert_int_equal(output_parquet_end_group(parquet, &outlet, NULL), 0);
	assert_int_equal(output_parquet_held(parquet), 0);
	finish(parquet, &sheet, &file);
	assert_in_range(file.group_count, 5, 100);
	check_rows("all", &file, 1 << 20);
	parquetfile_free(&file);
}

/* Few values become codes; where nearly each row has its own, they stand plain. Neither in pages of many megabytes. */
static void dictionary_overflow(void **state)
{
	const char *text = "srcaddr bytes protocol";
	struct output_parquet *parquet = parquet_for(text, OUTPUT_CODEC_NONE, 0, 0);
	struct sheet sheet = { 0 };
	struct parquetfile file;

	(void)state;
	add_rows(parquet, &sheet, 120000, 1 << 30);
	finish(parquet, &sheet, &file);
	assert_int_equal(file.group_count, 1);
	assert_false(file.groups[0].has_dictionary[0]);
	assert_in_range(file.groups[0].data_pages[0], 2, 4);
	assert_false(file.groups[0].has_dictionary[1]);
	assert_true(file.groups[0].has_dictionary[2]);
	assert_int_equal(file.groups[0].data_pages[2], 1);
	check_rows(text, &file, 1 << 30);
	parquetfile_free(&file);
}

static void check_name(const char *text, size_t column, const char *want)
{
	struct parquetfile file;
	struct sheet sheet = { 0 };

	finish(parquet_for(text, OUTPUT_CODEC_NONE, 0, 0), &sheet, &file);
	assert_true(column < file.columns);
	assert_string_equal(file.names[column], want);
	parquetfile_free(&file);
}

static void names(void **state)
{
	(void)state;
	check_name("all", 23, "sublocation_type");
	check_name("srcaddr end srcaddr srcaddr", 0, "srcaddr");
	check_name("srcaddr end srcaddr srcaddr", 2, "srcaddr_2");
	check_name("srcaddr end srcaddr srcaddr", 3, "srcaddr_3");
	/* Not the name of the field instance-tag-2. */
	check_name("instance-tag instance-tag instance-tag-2", 1, "instance_tag_3");
	check_name("instance-tag instance-tag instance-tag-2", 2, "instance_tag_2");
	check_name("instance-tag-2 instance-tag-2", 1, "instance_tag_2_2");
	check("srcaddr end srcaddr traffic-path", OUTPUT_CODEC_GZIP, 200, 20, 0);
}

/* Adds the record alone and gives the only row. */
static void one_row(struct parquetfile *file, const char *text, const struct flow_record *record)
{
	struct output_parquet *parquet = parquet_for(text, OUTPUT_CODEC_GZIP, 0, 0);
	struct sheet sheet = { 0 };

	assert_int_equal(output_parquet_add(parquet, record, &(struct output_outlet){ take, &sheet }, NULL), 0);
	finish(parquet, &sheet, file);
}

static void check_cell(const struct parquetfile *file, size_t column, const char *want)
{
	const struct cell *cell = &file->groups[0].cells[column];

	assert_string_equal(cell->text ? cell->text : "null", want);
}

/* Text that is no number that fits, a count beyond 2^63, and bytes that are no UTF-8. */
static void what_does_not_fit(void **state)
{
	struct flow_interface log = {
		.identity = { [FLOW_INSTANCE_TAG] = bad },
		.carried = { [FLOW_CARRIED_TRAFFIC_PATH] = word, [FLOW_CARRIED_ENCRYPTION_STATUS] = huge }
	};
	struct flow_record record = record_of(1, 10);
	struct parquetfile file;

	(void)state;
	record.interface = &log;
	record.status = FLOW_OK;
	record.packets = UINT64_MAX;
	record.bytes = INT64_MAX;
	record.start = INT64_MIN;
	one_row(&file, "traffic-path encryption-status instance-tag packets bytes start", &record);
	check_cell(&file, 0, "null");
	check_cell(&file, 1, "null");
	check_cell(&file, 2,
		   "a\xef\xbf\xbd"
		   "b");
	check_cell(&file, 3, "null");
	check_cell(&file, 4, "9223372036854775807");
	check_cell(&file, 5, "-9223372036854775808");
	parquetfile_free(&file);
}

/* The reader holds bounds against all cells; here they stand in no order, with signs and bytes beyond 0x7f. */
static void bounds_out_of_order(void **state)
{
	static const int64_t times[] = { 5, -7, 300, -300, 0 };
	static char texts[][8] = { "b", "a", "\xc3\xa9", "aa", "B" };
	struct output_parquet *parquet = parquet_for("start end vpc-id", OUTPUT_CODEC_GZIP, 0, 0);
	struct sheet sheet = { 0 };
	struct parquetfile file;

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct flow_interface interface = { .identity = { [FLOW_VPC_ID] = texts[i] } };
		struct flow_record record = { .interface = &interface, .interface_number = i };

		record.start = times[i];
		record.end = -times[i];
		assert_int_equal(output_parquet_add(parquet, &record, &(struct output_outlet){ take, &sheet }, NULL),
				 0);
	}
	finish(parquet, &sheet, &file);
	assert_string_equal(file.groups[0].cells[3].text, "-300");
	assert_string_equal(file.groups[0].cells[12].text, "\xc3\xa9");
	parquetfile_free(&file);
}

static void long_strings_have_no_bounds(void **state)
{
	char text[5000];
	struct flow_interface interface = { .identity = { [FLOW_VPC_ID] = text } };
	struct flow_record record = { .interface = &interface };
	struct parquetfile file;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	one_row(&file, "vpc-id", &record);
	check_cell(&file, 0, text);
	parquetfile_free(&file);
}

static void the_same_bytes(void **state)
{
	struct sheet sheets[2];

	(void)state;
	memset(sheets, 0, sizeof(sheets));
	for (int i = 0; i < 2; i++) {
		struct output_parquet *parquet = parquet_for("all", OUTPUT_CODEC_GZIP, 0, 700);

		add_rows(parquet, &sheets[i], 2000, 500);
		assert_int_equal(output_parquet_end(parquet, &(struct output_outlet){ take, &sheets[i] }, NULL), 0);
		output_parquet_free(parquet);
	}
	assert_int_equal(sheets[0].bytes.length, sheets[1].bytes.length);
	assert_memory_equal(sheets[0].bytes.bytes, sheets[1].bytes.bytes, sheets[0].bytes.length);
	free(sheets[0].bytes.bytes);
	free(sheets[1].bytes.bytes);
}

/* Wherever the outlet fails, its answer comes back, and then again and again. */
static void failing_outlet(void **state)
{
	(void)state;
	for (size_t most = 1; most < 8000; most += 611) {
		struct output_parquet *parquet = parquet_for("default", OUTPUT_CODEC_GZIP, 0, 50);
		struct sheet sheet = { .most = most };
		struct output_outlet outlet = { take, &sheet };
		struct error err = { "" };

		for (uint32_t i = 0; i < 300; i++) {
			struct flow_record record = record_of(i, 1000);

			output_parquet_add(parquet, &record, &outlet, NULL);
		}
		assert_int_equal(output_parquet_end(parquet, &outlet, &err), -ENOSPC);
		assert_string_equal(err.text, "sheet: full");
		sheet.most = 0;
		assert_int_equal(output_parquet_end_group(parquet, &outlet, &err), -ENOSPC);
		output_parquet_free(parquet);
		free(sheet.bytes.bytes);
	}
}

static void given_up(void **state)
{
	struct output_parquet *parquet = parquet_for("all", OUTPUT_CODEC_GZIP, 0, 0);
	struct sheet sheet = { 0 };

	(void)state;
	add_rows(parquet, &sheet, 100, 10);
	assert_int_equal(sheet.bytes.length, 0);
	output_parquet_free(parquet);
	output_parquet_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_fields_each_codec),
		TEST(few_rows),
		TEST(many_groups),
		TEST(bounded_memory),
		TEST(dictionary_overflow),
		TEST(names),
		TEST(what_does_not_fit),
		TEST(bounds_out_of_order),
		TEST(long_strings_have_no_bounds),
		TEST(the_same_bytes),
		TEST(failing_outlet),
		TEST(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
