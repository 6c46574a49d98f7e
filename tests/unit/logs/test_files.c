#include "logs/files.h"

#include "reading.h"

#include <errno.h>

static const char three[] = HEADER
	"2 123456789010 eni-0a 198.51.100.23 10.20.1.7 41822 443 6 14 2310 1718000041 1718000077 ACCEPT OK\n"
	"2 123456789010 eni-0b 2001:db8::1 2001:db8::2 53 54012 17 1 44 1718000063 1718000063 REJECT OK\n"
	"2 123456789010 eni-0a - - - - - - - 1718000100 1718000160 - NODATA\n";

static void lines_become_records(void **state)
{
	struct reading reading = read_text(three);
	const struct log_record *records = reading.records;

	(void)state;
	assert_int_equal(reading.opened, 0);
	assert_int_equal(reading.count, 3);
	assert_int_equal(records[0].family, FLOW_IPV4);
	assert_address(&records[0].source, "198.51.100.23");
	assert_address(&records[0].destination, "10.20.1.7");
	assert_address(&records[0].packet_source, "198.51.100.23");
	assert_address(&records[0].packet_destination, "10.20.1.7");
	assert_int_equal(records[0].source_port, 41822);
	assert_int_equal(records[0].destination_port, 443);
	assert_int_equal(records[0].protocol, 6);
	assert_int_equal(records[0].packets, 14);
	assert_int_equal(records[0].bytes, 2310);
	assert_int_equal(records[0].start, 1718000041);
	assert_int_equal(records[0].end, 1718000077);
	assert_int_equal(records[0].action, FLOW_ACCEPT);
	assert_int_equal(records[1].family, FLOW_IPV6);
	assert_int_equal(records[1].action, FLOW_REJECT);
	assert_address(&records[1].source, "2001:db8::1");
	assert_int_equal(records[2].status, FLOW_NODATA);
	assert_int_equal(records[2].end, 1718000160);
	assert_int_equal(reading.notice_count, 0);
	log_files_close(reading.files);
}

static void origins_are_shared_and_numbered(void **state)
{
	struct reading reading = read_text(three);
	const struct flow_origin *origin = log_files_origin(reading.files, 0);
	const unsigned unknown = FLOW_UNKNOWN_TCP_FLAGS | FLOW_UNKNOWN_PKT_SRCADDR | FLOW_UNKNOWN_PKT_DSTADDR;

	(void)state;
	assert_ptr_equal(reading.records[0].origin, origin);
	assert_ptr_equal(reading.records[2].origin, origin);
	assert_int_equal(origin->unknown, unknown);
	assert_string_equal(origin->identity[FLOW_ACCOUNT_ID], "123456789010");
	assert_string_equal(origin->identity[FLOW_INTERFACE_ID], "eni-0a");
	assert_null(origin->identity[FLOW_VPC_ID]);
	assert_ptr_equal(reading.records[1].origin, log_files_origin(reading.files, 1));
	assert_int_equal(reading.records[1].origin->number, 1);
	assert_int_equal(reading.records[1].origin->kin, 1);
	assert_null(log_files_origin(reading.files, 2));
	log_files_close(reading.files);
}

static void the_account_of_lines_adds_up(void **state)
{
	struct reading reading = read_text(HEADER "2 1 eni-0a - - - - - - - 100 160 - SKIPDATA\n"
						  "2 1 eni-0a - - - - - - - 160 220 - NODATA\n"
						  "\n"
						  "2 1 eni-0a 10.0.0.1 10.0.0.2 1 70000 6 1 40 220 230 ACCEPT OK\n"
						  "2 1 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 220 230 ACCEPT OK\n"
						  "2 1 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 40 220\n");

	(void)state;
	assert_int_equal(reading.count, 3);
	assert_int_equal(reading.state.lines, 5);
	assert_int_equal(reading.state.records[FLOW_OK], 1);
	assert_int_equal(reading.state.records[FLOW_NODATA], 1);
	assert_int_equal(reading.state.records[FLOW_SKIPDATA], 1);
	assert_int_equal(reading.state.unreadable, 2);
	assert_true(reading.state.is_damaged);
	assert_int_equal(reading.notice_count, 2);
	assert_string_equal(reading.notices[0], "FILE: line 5: dstport 70000 is more than 65535; it is passed over");
	assert_string_equal(reading.notices[1], "FILE: line 7: has 11 values for 14 columns; it is passed over");
	log_files_close(reading.files);
}

static void files_are_read_in_the_order_of_their_first_records(void **state)
{
	const char *const texts[] = {
		"2 1 eni-0a - - - - - - - 300 360 - NODATA\n",
		HEADER,
		"2 1 eni-0b - - - - - - - 100 160 - NODATA\n2 1 eni-0b - - - - - - - 400 460 - NODATA\n",
		"2 1 eni-0c - - - - - - - 300 360 - NODATA\n",
	};
	struct reading reading = read_texts(texts, 4, NULL);

	(void)state;
	assert_int_equal(reading.count, 4);
	assert_int_equal(reading.records[0].start, 100);
	assert_int_equal(reading.records[1].start, 400);
	assert_string_equal(reading.records[2].origin->identity[FLOW_INTERFACE_ID], "eni-0a");
	assert_string_equal(reading.records[3].origin->identity[FLOW_INTERFACE_ID], "eni-0c");
	assert_int_equal(reading.records[0].origin->number, 0);
	assert_int_equal(reading.state.size, strlen(texts[0]) + strlen(texts[1]) + strlen(texts[2]) + strlen(texts[3]));
	assert_int_equal(reading.state.consumed, reading.state.size);
	log_files_close(reading.files);
}

static void columns_that_nothing_explains_are_an_error(void **state)
{
	struct reading reading = read_text("5 1 b c d e f g h i j k l m n eni-0a OK\n");

	(void)state;
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text,
			    "FILE: line 1 has 17 values, and no line of field names says what they are; say it with "
			    "--log-format 'NAMES', or a preset that has as many: transit-gateway");
	reading = read_text("5 1 b eni-0a c d OK OK\n");
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text,
			    "FILE: line 1 has 8 values, and no line of field names says what they are; "
			    "say it with --log-format 'NAMES'");
}

static void a_format_explains_them(void **state)
{
	const char *text = "100 eni-0a 160 7\n";
	struct reading reading = read_texts(&text, 1, "start interface-id end packets");

	(void)state;
	assert_int_equal(reading.count, 1);
	assert_int_equal(reading.records[0].packets, 7);
	assert_int_equal(reading.records[0].end, 160);
	log_files_close(reading.files);
}

static void without_times_there_is_no_record(void **state)
{
	const char *text = "eni-0a 7\n";
	struct reading reading = read_texts(&text, 1, "interface-id packets");

	(void)state;
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text, "--log-format: start and end must be among its fields: without them no "
					      "record has a time");
	reading = read_text("interface-id srcaddr packets\neni-0a 10.0.0.1 7\n");
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text,
			    "FILE: line 1 names no start or no end among its columns, and without them no "
			    "record has a time");
}

static void other_text_is_no_flow_log(void **state)
{
	struct reading reading = read_text("Dear reader,\nthis is a letter.\n");

	(void)state;
	assert_int_equal(reading.opened, -EINVAL);
	assert_string_equal(reading.err.text, "FILE is no flow log: its first lines are no record, and name no fields");
}

static void an_empty_file_has_no_records(void **state)
{
	struct reading reading = read_text("");

	(void)state;
	assert_int_equal(reading.opened, 0);
	assert_int_equal(reading.count, 0);
	assert_false(reading.state.is_damaged);
	log_files_close(reading.files);
}

static void a_name_before_a_file_is_an_error(void **state)
{
	const struct source_file file = { .name = "eth0", .path = "x.log" };
	struct log_files *files;
	struct error err;

	(void)state;
	assert_int_equal(
		log_files_open(&files, &(struct log_files_options){ .files = &file, .count = 1, .wake_fd = -1 }, &err),
		-EINVAL);
	assert_string_equal(err.text, "eth0=x.log: a flow log says itself which interfaces its lines are of: give it "
				      "without eth0=");
}

static void an_open_input_is_taken_over(void **state)
{
	struct reading reading = { 0 };
	struct capture_input input;
	char path[64];
	struct source_file source = { .path = path, .input = &input };

	(void)state;
	snprintf(path, sizeof(path), "%s/0", reading_folder);
	reading_write(path, three, strlen(three));
	assert_int_equal(capture_input_open(&input, &(struct capture_input_options){ path, -1, 0 }, &reading.err), 0);
	reading_run(&reading, &(struct log_files_options){ .files = &source, .count = 1, .wake_fd = -1 });
	assert_int_equal(reading.count, 3);
	assert_null(input.state);
	log_files_close(reading.files);
	unlink(path);
}

static void a_pipe_is_read_as_it_comes(void **state)
{
	struct log_record records[4];
	struct log_files *files;
	struct source_file source = { 0 };
	struct log_files_state account;
	struct error err;
	char path[32];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	source.path = path;
	assert_int_equal(write(ends[1], three, 250), 250);
	assert_int_equal(log_files_open(&files,
					&(struct log_files_options){ .files = &source, .count = 1, .wake_fd = -1 },
					&err),
			 0);
	assert_int_equal(log_files_read(files, records, 4, true, &err), 1);
	assert_int_equal(log_files_read(files, records, 4, false, &err), -EAGAIN);
	assert_int_equal(write(ends[1], three + 250, strlen(three) - 250), strlen(three) - 250);
	assert_int_equal(log_files_read(files, records, 4, true, &err), 2);
	assert_int_equal(records[1].status, FLOW_NODATA);
	close(ends[1]);
	assert_int_equal(log_files_read(files, records, 4, true, &err), 0);
	log_files_state(files, &account);
	assert_true(account.is_stream);
	assert_int_equal(account.size, 0);
	log_files_close(files);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_become_records),
		TEST(origins_are_shared_and_numbered),
		TEST(the_account_of_lines_adds_up),
		TEST(files_are_read_in_the_order_of_their_first_records),
		TEST(columns_that_nothing_explains_are_an_error),
		TEST(a_format_explains_them),
		TEST(without_times_there_is_no_record),
		TEST(other_text_is_no_flow_log),
		TEST(an_empty_file_has_no_records),
		TEST(a_name_before_a_file_is_an_error),
		TEST(an_open_input_is_taken_over),
		TEST(a_pipe_is_read_as_it_comes),
	};

	return cmocka_run_group_tests(tests, make_reading_folder, remove_reading_folder);
}
