/* The command as a whole, on files in a folder of its own, with standard output in a file there. */
#include "cli/inspect.h"

#include "cli/message.h"

#include "capture/capture_bytes.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/eniflow-inspect-XXXXXX";
static char text[1 << 16]; /* what the last run printed */
static struct bytes bytes;

/* A packet from 10.0.0.1 to 10.0.0.2, and its answer; one from 10.0.0.1 to 10.0.0.3. Ethernet, UDP. */
static const uint8_t frames[3]
			   [42] = {
				   { 2,  0, 0, 0, 0, 2,  2,  0, 0, 0,  0, 1, 8, 0,  0x45, 0, 0,
				     28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0,    0, 2 },
				   { 2,  0, 0, 0, 0, 1,  2,  0, 0, 0,  0, 2, 8, 0,  0x45, 0, 0,
				     28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 2, 10, 0,    0, 1 },
				   { 2,  0, 0, 0, 0, 3,  2,  0, 0, 0,  0, 1, 8, 0,  0x45, 0, 0,
				     28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0,    0, 3 },
			   };

static void put_frame(uint32_t seconds, const uint8_t frame[static 42])
{
	put_number(&bytes, seconds, 4);
	put_number(&bytes, 0, 4);
	put_number(&bytes, 42, 4);
	put_number(&bytes, 42, 4);
	put(&bytes, frame, 42);
}

/* Writes the file, less its last `missing` bytes. */
static void write_capture(const char *name, size_t missing)
{
	FILE *file;

	bytes = (struct bytes){ .order = ORDER_LITTLE };
	put_pcap_header(&bytes, 0xa1b2c3d4, 1);
	put_frame(1700000000, frames[0]);
	put_frame(1700000182, frames[1]);
	put_frame(1700000181, frames[2]);
	file = fopen(name, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.at, 1, bytes.length - missing, file), bytes.length - missing);
	fclose(file);
}

/* Runs the command with standard output going to `out`; returns what it answers. */
static int inspect_to(const char *out, const struct source_file *files, size_t count)
{
	const struct settings settings = { .files = (struct source_file *)files, .file_count = count, .quiet = true };
	int file = open(out, O_RDWR | O_CREAT | O_TRUNC, 0600), kept = dup(STDOUT_FILENO), status;
	struct error err;
	ssize_t length;

	assert_true(file >= 0 && kept >= 0);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	status = inspect_command(&settings, &err);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	clearerr(stdout);
	length = pread(file, text, sizeof(text) - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	close(file);
	close(kept);
	return status;
}

static void a_capture_is_told_of_and_its_section(void **state)
{
	const struct source_file file = { .path = "web.pcap" };

	(void)state;
	write_capture("web.pcap", 0);
	assert_int_equal(inspect_to("out", &file, 1), EXIT_WHOLE);
	assert_string_equal(text, "web.pcap: pcap, microseconds, little-endian\n"
				  "  3 frames, 126 B on the wire, 2023-11-14 22:13:20 to 22:16:22 UTC (3 min 2 s)\n"
				  "  no device name (NAME=FILE gives one): Ethernet, snap length 65,535\n"
				  "    packets     3 IPv4\n"
				  "                3 UDP\n"
				  "    direction   not told by the capture itself\n"
				  "    disorder    1 earlier than the frame before, by 1 s at most\n"
				  "    interface   02:00:00:00:00:01, an end of 100 % of the frames to one station\n"
				  "    busiest        84 B  10.0.0.1 <-> 10.0.0.2, 2 packets\n"
				  "                   42 B  10.0.0.1 <-> 10.0.0.3, 1 packet\n"
				  "\n"
				  "; For a configuration file (eniflow read -c FILE), to look over:\n"
				  "\n"
				  "[interface web]\n"
				  "mac     = 02:00:00:00:00:01\n"
				  "address = 10.0.0.1\n");
}

static void a_name_given_to_the_file_names_the_section(void **state)
{
	const struct source_file file = { .name = "eth0", .path = "web.pcap" };

	(void)state;
	write_capture("web.pcap", 0);
	assert_int_equal(inspect_to("out", &file, 1), EXIT_WHOLE);
	assert_non_null(strstr(text, "\n  eth0: Ethernet"));
	assert_non_null(strstr(text, "\n[interface eth0]\nmac"));
}

static void what_was_read_of_a_damaged_file_is_told(void **state)
{
	const struct source_file file = { .path = "cut.pcap" };

	(void)state;
	write_capture("cut.pcap", 1);
	assert_int_equal(inspect_to("out", &file, 1), EXIT_DAMAGED);
	assert_non_null(strstr(text, "  2 frames, "));
}

static void a_file_that_cannot_be_read_hides_no_other(void **state)
{
	const struct source_file files[] = { { .path = "nowhere.pcap" },
					     { .path = "web.pcap" },
					     { .path = "cut.pcap" } };

	(void)state;
	write_capture("web.pcap", 0);
	write_capture("cut.pcap", 1);
	assert_int_equal(inspect_to("out", files, 3), EXIT_NOTHING);
	assert_int_equal(strncmp(text, "web.pcap: ", 10), 0);
	assert_non_null(strstr(text, "\n\ncut.pcap: "));
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
	const struct source_file file = { .path = "web.pcap" };

	(void)state;
	write_capture("web.pcap", 0);
	assert_int_equal(inspect_to("/dev/full", &file, 1), -ENOSPC);
}

static int enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
	(void)state;
	unlink("web.pcap");
	unlink("cut.pcap");
	unlink("out");
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_is_told_of_and_its_section),       TEST(a_name_given_to_the_file_names_the_section),
		TEST(what_was_read_of_a_damaged_file_is_told),    TEST(a_file_that_cannot_be_read_hides_no_other),
		TEST(output_that_cannot_be_written_is_a_failure),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
