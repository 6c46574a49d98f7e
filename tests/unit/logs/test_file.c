/* The shapes in which a file can hold its lines. */
#include "logs/file.h"

#include "reading.h"

#include <errno.h>
#include <zlib.h>

#define ONE "2 123456789010 eni-0a 198.51.100.23 10.20.1.7 41822 443 6 14 2310 1718000041 1718000077 ACCEPT OK"
#define TWO "2 123456789010 eni-0b 10.20.1.7 10.20.1.8 53 54012 17 1 44 1718000063 1718000063 REJECT OK"

/* The text holds ONE and TWO, and nothing else. */
static void assert_both(const char *text)
{
	struct reading reading = read_text(text);

	if (reading.opened < 0)
		fail_msg("%s", reading.err.text);
	for (size_t i = 0; i < reading.notice_count; i++)
		fail_msg("%s", reading.notices[i]);
	assert_int_equal(reading.count, 2);
	assert_address(&reading.records[0].source, "198.51.100.23");
	assert_int_equal(reading.records[0].bytes, 2310);
	assert_string_equal(reading.records[0].origin->identity[FLOW_INTERFACE_ID], "eni-0a");
	assert_int_equal(reading.records[1].destination_port, 54012);
	assert_int_equal(reading.records[1].action, FLOW_REJECT);
	assert_string_equal(reading.records[1].origin->identity[FLOW_INTERFACE_ID], "eni-0b");
	assert_false(reading.state.is_damaged);
	log_files_close(reading.files);
}

static void text_is_read_however_it_is_spaced(void **state)
{
	(void)state;
	assert_both(HEADER ONE "\n" TWO "\n");
	assert_both(ONE "\n" TWO);
	assert_both("\xef\xbb\xbf" HEADER ONE "\r\n\r\n  " TWO "  \r\n");
	assert_both(HEADER ONE "\n" HEADER TWO "\n");
	assert_both("2024-06-10T06:14:00.000Z " ONE "\n2024-06-10T06:14:00.000Z " TWO "\n");
	assert_both("2024-06-10T06:14:00+00:00 eni-0a-all " ONE "\n2024-06-10T06:14:00+00:00 eni-0b-all " TWO "\n");
}

static void csv_is_read(void **state)
{
	(void)state;
	assert_both("\"version\",\"account_id\",\"interface_id\",\"srcaddr\",\"dstaddr\",\"srcport\",\"dstport\","
		    "\"protocol\","
		    "\"packets\",\"bytes\",\"start\",\"end\",\"action\",\"log_status\"\r\n"
		    "\"2\",\"123456789010\",\"eni-0a\",\"198.51.100.23\",\"10.20.1.7\",\"41822\",\"443\",\"6\",\"14\","
		    "\"2310\","
		    "\"1718000041\",\"1718000077\",\"ACCEPT\",\"OK\"\r\n"
		    "2,,eni-0b,10.20.1.7,10.20.1.8,53,54012,17,1,44,1718000063,1718000063,REJECT,OK\r\n");
	assert_both("timestamp,message\n1718000041000," ONE "\n1718000041000,\"" TWO "\n\"\n");
	assert_both("@message\n" ONE "\n" TWO "\n");
}

static void json_is_read(void **state)
{
	(void)state;
	assert_both("{\"message\": \"" ONE "\"}\n{\"message\": \"" TWO "\"}\n");
	assert_both("{\"message\":\"" ONE "\"}{\"message\":\"" TWO "\"}");
	assert_both("{\"agent\": {\"version\": \"8\"}, \"message\": \"" ONE "\"}\n{\"@message\": \"" TWO "\\n\"}\n");
	assert_both("{\n  \"events\": [\n    {\n      \"message\": \"" ONE "\"\n    },\n    {\"message\": \"" TWO
		    "\"}\n  ],\n  \"nextToken\": \"]}\"\n}\n");
	assert_both("{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"message\":\"CWL CONTROL MESSAGE: x\"}]}\n"
		    "{\"logEvents\":[{\"message\":\"" ONE "\"},{\"message\":\"" TWO "\"}]}\n");
	assert_both("[\"" ONE "\",\n\"" TWO "\"]");
	assert_both("{\"start\": 1718000041, \"end\": 1718000077, \"srcaddr\": \"198.51.100.23\", \"bytes\": \"2310\", "
		    "\"interface_id\": \"eni-0a\", \"dstport\": null}\n"
		    "{\"interface-id\": \"eni-0b\", \"dstport\": 54012, \"action\": \"REJECT\", \"start\": 1, \"end\": "
		    "2}\n");
}

static void a_broken_line_of_json_costs_that_line(void **state)
{
	struct reading reading = read_text("{\"message\": \"" ONE "\"}\n{\"message\": \"" TWO "\n{\"message\": \"" TWO
					   "\"}\n{\"start\": true}\n[1.5]\n");

	(void)state;
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.state.unreadable, 3);
	assert_non_null(strstr(reading.notices[0], "FILE: line 2: is not JSON: "));
	assert_string_equal(reading.notices[1], "FILE: line 4: start is no string or whole number; it is passed over");
	assert_int_equal(reading.notice_count, 3);
	log_files_close(reading.files);
}

static void a_transit_gateways_attachment_is_its_interface(void **state)
{
	struct reading reading = read_text(
		"version resource-type tgw-id tgw-attachment-id srcaddr dstaddr start end log-status "
		"packets-lost-no-route\n"
		"6 TransitGateway tgw-1 tgw-attach-2 10.0.0.1 10.0.0.2 1 2 OK 0\n");

	(void)state;
	assert_int_equal(reading.count, 1);
	assert_string_equal(reading.records[0].origin->identity[FLOW_INTERFACE_ID], "tgw-attach-2");
	assert_true(reading.records[0].origin->unknown & FLOW_UNKNOWN_ACTION);
	assert_int_equal(reading.notice_count, 0);
	log_files_close(reading.files);
}

static void what_is_passed_over_is_told_once(void **state)
{
	struct reading reading = read_text("start end srcaddr colour interface-id shape\n"
					   "1 2 10.0.0.1 red eni-0a round\n"
					   "1 2 10.0.0.1 red eni-0a round more and more\n"
					   "start end srcaddr colour interface-id shape\n"
					   "1 2 10.0.0.1 red eni-0a round more\n");

	(void)state;
	assert_int_equal(reading.count, 3);
	assert_int_equal(reading.notice_count, 2);
	assert_string_equal(reading.notices[0],
			    "FILE: line 1: some columns are no field of a flow log; passed over: colour, shape");
	assert_string_equal(reading.notices[1],
			    "FILE: line 3: has more values than columns; such values are passed over");
	log_files_close(reading.files);
}

static void only_the_first_unreadable_lines_are_told(void **state)
{
	struct reading reading = read_text(HEADER ONE "\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n" TWO "\n");

	(void)state;
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.state.unreadable, 12);
	assert_int_equal(reading.notice_count, 6);
	assert_string_equal(reading.notices[4], "FILE: line 7: has 1 value for 14 columns; it is passed over");
	assert_string_equal(reading.notices[5], "further lines that cannot be read are only counted");
	log_files_close(reading.files);
}

static void a_file_without_a_readable_line_is_none(void **state)
{
	struct reading reading = read_text(HEADER "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n");

	(void)state;
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text, "FILE is no flow log that can be read: none of its first 10 lines is; "
					      "line 2: has 1 value for 14 columns");
}

static void the_rest_of_a_line_is_passed_over(void **state)
{
	struct reading reading = read_text("443 6 14 2310 1718000041 1718000077 ACCEPT OK\n" ONE "\n" TWO "\n");

	(void)state;
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.state.unreadable, 1);
	assert_string_equal(reading.notices[0],
			    "FILE: line 1: has 8 values: the rest of a line, it seems; it is passed over");
	log_files_close(reading.files);
}

static void a_rest_alone_is_no_log(void **state)
{
	static const char *const texts[] = { "443 6 14 2310 1718000041 1718000077 ACCEPT OK\n",
					     "443 6 14 2310 1718000041 1718000077 ACCEPT OK\n6 9 OK\n" };
	static const char *const wanted[] = { "FILE: line 1 has 8 values", "FILE: line 2 has 3 values" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reading reading = read_text(texts[i]);

		assert_int_equal(reading.opened, -EINVAL);
		assert_memory_equal(reading.err.text, wanted[i], strlen(wanted[i]));
		assert_non_null(strstr(reading.err.text, "say it with --log-format"));
	}
}

/* However much of it comes at once. */
static void assert_passed_over(size_t length)
{
	char *text = calloc(1, length + 1024);
	struct reading reading;

	assert_non_null(text);
	strcpy(text, HEADER ONE "\n");
	memset(text + strlen(text), 'x', length);
	strcat(text, "\n" TWO "\n");
	reading = read_text(text);
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.state.unreadable, 1);
	assert_string_equal(reading.notices[0], "FILE: line 3: is longer than 64 KiB; it is passed over");
	log_files_close(reading.files);
	free(text);
}

static void a_long_line_is_passed_over(void **state)
{
	(void)state;
	assert_passed_over(LOG_LINE_MOST + 1);
	assert_passed_over(3 * LOG_LINE_MOST);
}

static void a_cut_off_file_is_read_to_where_it_is_cut(void **state)
{
	uint8_t packed[1024];
	uLongf length = sizeof(packed);
	struct reading reading = { 0 };
	const struct notices notices = { reading_tell, &reading };
	char path[64];
	struct source_file source = { .path = path };
	z_stream stream = { .next_in = (Bytef *)HEADER ONE "\n" TWO "\n",
			    .avail_in = sizeof(HEADER ONE "\n" TWO "\n") - 1,
			    .next_out = packed,
			    .avail_out = sizeof(packed) };

	(void)state;
	assert_int_equal(deflateInit2(&stream, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	length = stream.total_out;
	deflateEnd(&stream);
	snprintf(path, sizeof(path), "%s/0", reading_folder);
	reading_write(path, packed, length - 20);
	reading_run(&reading,
		    &(struct log_files_options){ .files = &source, .count = 1, .wake_fd = -1, .notices = &notices });
	assert_int_equal(reading.count, 1);
	assert_true(reading.state.is_damaged);
	assert_true(reading.state.is_compressed);
	assert_int_equal(reading.notice_count, 1);
	log_files_close(reading.files);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_read_however_it_is_spaced),
		TEST(csv_is_read),
		TEST(json_is_read),
		TEST(a_broken_line_of_json_costs_that_line),
		TEST(a_transit_gateways_attachment_is_its_interface),
		TEST(what_is_passed_over_is_told_once),
		TEST(only_the_first_unreadable_lines_are_told),
		TEST(a_file_without_a_readable_line_is_none),
		TEST(the_rest_of_a_line_is_passed_over),
		TEST(a_rest_alone_is_no_log),
		TEST(a_long_line_is_passed_over),
		TEST(a_cut_off_file_is_read_to_where_it_is_cut),
	};

	return cmocka_run_group_tests(tests, make_reading_folder, remove_reading_folder);
}
