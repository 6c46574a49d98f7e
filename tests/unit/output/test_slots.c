/* Records below a directory: output/slots.h, by itself where its bounds are made small, else by way of output/writer.h. */
#include "output/slots.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "output/layout.h"
#include "output/writer.h"
#include "told.h"
#include "tree.h"

static char accounts[][16] = { "111111111111", "222222222222", "../../etc" };
static char ireland[] = "eu-west-1";
static const struct flow_interface interfaces[] = {
	{ .identity = { [FLOW_ACCOUNT_ID] = accounts[0] } },
	{ .identity = { [FLOW_ACCOUNT_ID] = accounts[1], [FLOW_REGION] = ireland } },
	{ .identity = { [FLOW_ACCOUNT_ID] = accounts[2] } },
	{ .identity = { [FLOW_ACCOUNT_ID] = accounts[0] } },
};

static const char header[] = "account-id packets end log-status\n";

static struct output_writer *writer_with(const struct output_writer_options *options)
{
	struct output_writer_options given = *options;
	struct output_writer *writer = NULL;
	struct output_format format;
	struct error err;
	char path[8300];

	told_clear();
	assert_int_equal(output_format_parse(&format, "account-id packets end log-status", NULL), 0);
	given.format = &format;
	given.notices = &told_notices;
	given.interval = 60;
	given.flow_log_id = "fl-1";
	snprintf(path, sizeof(path), "%s/", in_folder("logs"));
	if (output_writer_open(&writer, path, &given, &err) != 0)
		fail_msg("%s", err.text);
	return writer;
}

static const struct output_writer_options plain = { .header = -1 }, sensor = { .header = -1, .live = true };

static void put(struct output_writer *writer, uint32_t interface, uint64_t packets, int64_t end)
{
	struct flow_record record = { .interface = &interfaces[interface],
				      .interface_number = interface,
				      .family = FLOW_IPV4,
				      .packets = packets,
				      .start = end,
				      .end = end };
	struct flow_sink sink = output_writer_sink(writer);
	struct error err;

	if (sink.record(sink.ctx, &record, &err) != 0)
		fail_msg("%s", err.text);
}

static void end_window(struct output_writer *writer, int64_t until)
{
	struct flow_sink sink = output_writer_sink(writer);
	struct error err;

	if (sink.window_end(sink.ctx, until, &err) != 0)
		fail_msg("%s", err.text);
}

static void finish(struct output_writer *writer)
{
	struct error err;

	if (output_writer_finish(writer, &err) != 0)
		fail_msg("%s", err.text);
}

static struct output_state state_of(const struct output_writer *writer)
{
	struct output_state state;

	output_writer_state(writer, &state);
	return state;
}

/* File number `at` of those below logs/AWSLogs. */
static void check_file(size_t at, const char *name, const char *before, const char *want)
{
	const char *text = tree_text(tree_files[at]);

	if (!strstr(tree_files[at], name))
		fail_msg("%s is not in %s", name, tree_files[at]);
	assert_memory_equal(text, before, strlen(before));
	assert_string_equal(text + strlen(before), want);
}

static size_t look(void)
{
	return tree_look("logs/AWSLogs");
}

static void limit_files(rlim_t most)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_file_for_each_account_region_and_slot(void **state)
{
	struct output_writer *writer = writer_with(&plain);

	(void)state;
	put(writer, 0, 1, 299);
	put(writer, 1, 2, 10);
	put(writer, 2, 3, 20);
	put(writer, 0, 4, 300); /* ends with the slot: belongs to the next one */
	put(writer, 3, 5, 299);
	assert_int_equal(look(), 0);
	finish(writer);
	assert_int_equal(look(), 4);
	check_file(
		0,
		"/%2E%2E%2F%2E%2E%2Fetc/vpcflowlogs/us-east-1/1970/01/01/%2E%2E%2F%2E%2E%2Fetc_vpcflowlogs_us-east-1_",
		header, "../../etc 3 20 OK\n");
	check_file(1,
		   "/111111111111/vpcflowlogs/us-east-1/1970/01/01/"
		   "111111111111_vpcflowlogs_us-east-1_fl-1_19700101T0000Z_",
		   header, "111111111111 1 299 OK\n111111111111 5 299 OK\n");
	check_file(2, "_19700101T0005Z_", header, "111111111111 4 300 OK\n");
	check_file(3, "/222222222222/vpcflowlogs/eu-west-1/1970/01/01/", header, "222222222222 2 10 OK\n");
	assert_int_equal(tree_look("logs"), 4);
}

static void files_appear_when_their_slot_has_passed(void **state)
{
	struct output_writer *writer = writer_with(&plain);
	struct error err;

	(void)state;
	put(writer, 0, 1, 100);
	end_window(writer, 240);
	assert_int_equal(look(), 0);
	put(writer, 0, 2, 299);
	put(writer, 0, 3, 300);
	end_window(writer, 300);
	assert_int_equal(look(), 1);
	check_file(0, "T0000Z_", header, "111111111111 1 100 OK\n111111111111 2 299 OK\n");
	assert_int_equal(state_of(writer).files, 1);
	/* No window closes, though more than a minute has passed since it should have. */
	assert_int_equal(output_writer_tick(writer, 719, &err), 0);
	assert_int_equal(look(), 1);
	assert_int_equal(output_writer_tick(writer, 720, &err), 0);
	assert_int_equal(look(), 2);
	put(writer, 0, 4, 800);
	assert_int_equal(output_writer_reopen(writer, &err), 0);
	assert_int_equal(look(), 3);
	finish(writer);
	assert_int_equal(look(), 3);
}

/* As logrotate or an administrator may: what was begun is finished in the folder of before, the rest is found by name. */
static void a_folder_that_was_moved_is_made_again(void **state)
{
	struct output_writer *writer = writer_with(&sensor);
	struct error err;
	char from[128], to[128];

	(void)state;
	put(writer, 0, 1, 100);
	end_window(writer, 120);
	snprintf(from, sizeof(from), "%s", in_folder("logs"));
	snprintf(to, sizeof(to), "%s", in_folder("moved"));
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(output_writer_reopen(writer, &err), 0);
	put(writer, 0, 2, 160);
	finish(writer);
	assert_int_equal(look(), 1);
	check_file(0, "T0000Z_", header, "111111111111 2 160 OK\n");
	assert_int_equal(tree_look("moved/AWSLogs"), 1);
	check_file(0, "T0000Z_", header, "111111111111 1 100 OK\n");
}

static void time_that_goes_backwards(void **state)
{
	struct output_writer *writer = writer_with(&plain);

	(void)state;
	put(writer, 0, 1, 100);
	end_window(writer, 300);
	put(writer, 0, 2, 400);
	end_window(writer, 420);
	put(writer, 0, 3, 101);
	end_window(writer, 120);
	put(writer, 0, 4, 420);
	finish(writer);
	assert_int_equal(look(), 3);
	assert_non_null(strstr(tree_files[0], "T0000Z_"));
	assert_non_null(strstr(tree_files[1], "T0000Z_"));
	check_file(2, "T0005Z_", header, "111111111111 2 400 OK\n111111111111 4 420 OK\n");
}

/* Nothing in names or bytes comes from anywhere but the records. */
static void the_same_files_again(void **state)
{
	static char first[1 << 16];
	char name[4352] = "", bytes[1 << 16];
	size_t length = 0;

	(void)state;
	for (int run = 0; run < 2; run++) {
		struct output_writer *writer = writer_with(&plain);

		for (int i = 0; i < 1000; i++)
			put(writer, 0, (uint64_t)i, 7);
		finish(writer);
		assert_int_equal(look(), 1);
		if (run == 0) {
			length = content(tree_files[0], first, sizeof(first));
			strcpy(name, tree_files[0]);
			unlink(name);
			continue;
		}
		assert_string_equal(name, tree_files[0]);
		assert_int_equal(content(name, bytes, sizeof(bytes)), length);
		assert_memory_equal(bytes, first, length);
	}
	finish(writer_with(&plain));
	assert_int_equal(look(), 1);
}

static void other_encodings(void **state)
{
	struct output_writer *writer = writer_with(
		&(struct output_writer_options){ .header = -1, .encoding = OUTPUT_JSON });

	(void)state;
	put(writer, 0, 1, 2);
	finish(writer);
	writer = writer_with(&(struct output_writer_options){ .header = -1, .encoding = OUTPUT_CSV });
	put(writer, 1, 1, 2);
	finish(writer);
	writer = writer_with(&(struct output_writer_options){ .header = 0 });
	put(writer, 2, 1, 2);
	finish(writer);
	assert_int_equal(look(), 3);
	check_file(0, ".log.gz", "", "../../etc 1 2 OK\n");
	check_file(1, ".json.gz", "",
		   "{\"account-id\":\"111111111111\",\"packets\":1,\"end\":2,\"log-status\":\"OK\"}\n");
	check_file(2, ".csv.gz", "account-id,packets,end,log-status\n", "222222222222,1,2,OK\n");
}

/* What a killed run left goes into the folders that are in force now. */
static void folders_of_all_shapes(void **state)
{
	static const char *const folders[] = {
		"/AWSLogs/111111111111/vpcflowlogs/us-east-1/1970/01/01/1111",
		"/AWSLogs/111111111111/vpcflowlogs/us-east-1/1970/01/01/00/1111",
		"/AWSLogs/aws-account-id=111111111111/aws-service=vpcflowlogs/aws-region=us-east-1/year=1970/month=01/"
		"day=01/1111",
		"/AWSLogs/aws-account-id=111111111111/aws-service=vpcflowlogs/aws-region=us-east-1/year=1970/month=01/"
		"day=01/hour=00/1111",
	};

	(void)state;
	for (unsigned layout = 0; layout < 4; layout++) {
		struct output_writer *writer = writer_with(&sensor);

		put(writer, 0, 1, 10);
		end_window(writer, 60);
		output_writer_abandon(writer);
		writer = writer_with(&(struct output_writer_options){ .header = -1, .layout = layout });
		put(writer, 0, 2, 10);
		finish(writer);
		assert_int_equal(look(), 2);
		for (size_t i = 0; i < 2; i++)
			assert_non_null(strstr(tree_files[i], folders[layout]));
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

static void an_abandoned_run_leaves_nothing_unfinished(void **state)
{
	struct output_writer *writer = writer_with(&(struct output_writer_options){ .flush_windows = true });

	(void)state;
	put(writer, 0, 1, 2);
	end_window(writer, 60);
	assert_int_equal(tree_look("logs"), 2); /* with the lock */
	output_writer_abandon(writer);
	assert_int_equal(tree_look("logs"), 0);
}

static void not_live_a_full_disk_ends_the_run(void **state)
{
	struct output_writer *writer = writer_with(&plain);
	struct error err = { "" };

	(void)state;
	put(writer, 0, 1, 2);
	limit_files(10);
	assert_int_equal(output_writer_finish(writer, &err), -EFBIG);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(err.text, "cannot be written: File too large"));
	assert_int_equal(tree_look("logs"), 0);
}

static void live_a_full_disk_is_waited_for(void **state)
{
	(void)state;
	for (rlim_t room = 0; room < 120; room += 5) {
		struct output_writer *writer = writer_with(&sensor);
		struct error err;

		limit_files(room);
		put(writer, 0, 1, 100);
		end_window(writer, 120);
		put(writer, 0, 2, 130);
		put(writer, 1, 3, 130);
		end_window(writer, 180);
		end_window(writer, 300); /* complete, but not written */
		put(writer, 0, 4, 310);
		end_window(writer, 360);
		limit_files(RLIM_INFINITY);
		if (!state_of(writer).is_writable) {
			assert_non_null(strstr(told, "cannot be written: File too large; up to 65536 bytes"));
			assert_int_equal(output_writer_tick(writer, 361, &err), 0);
			assert_non_null(strstr(told, "records can be written again; none were lost"));
		}
		assert_int_equal(state_of(writer).waiting, 0);
		assert_int_equal(state_of(writer).files, 2);
		finish(writer);
		assert_int_equal(look(), 3);
		check_file(0, "T0000Z", header, "111111111111 1 100 OK\n111111111111 2 130 OK\n");
		check_file(1, "T0005Z", header, "111111111111 4 310 OK\n");
		check_file(2, "T0000Z", header, "222222222222 3 130 OK\n");
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

static void live_loss_is_told_in_its_slot(void **state)
{
	struct output_writer *writer = writer_with(&sensor);
	struct error err;
	uint64_t dropped;
	char want[256];

	(void)state;
	limit_files(0);
	for (uint64_t i = 0; i < 10000; i++)
		put(writer, 0, i, 100);
	put(writer, 1, 1, 119);
	end_window(writer, 120);
	dropped = state_of(writer).dropped;
	assert_in_range(dropped, 3000, 9999);
	assert_in_range(state_of(writer).waiting, 1, 65536);
	put(writer, 0, 1, 130);
	limit_files(RLIM_INFINITY);
	told_clear();
	assert_int_equal(output_writer_tick(writer, 130, &err), 0);
	snprintf(want, sizeof(want), "records can be written again; %d were lost meanwhile", (int)dropped);
	assert_non_null(strstr(told, want));
	finish(writer);
	assert_int_equal(look(), 2);
	assert_non_null(strstr(tree_text(tree_files[0]), "\n111111111111 0 100 OK\n"));
	assert_non_null(strstr(tree_text(tree_files[0]), "\n111111111111 - 120 SKIPDATA\n"));
	check_file(1, "222222222222", header, "222222222222 - 120 SKIPDATA\n");
}

static void live_what_cannot_be_finished_stays(void **state)
{
	struct output_writer *writer = writer_with(&sensor);
	struct error err = { "" };

	(void)state;
	put(writer, 0, 1, 100);
	end_window(writer, 120);
	limit_files(0);
	put(writer, 0, 2, 130);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(err.text, "1 files still cannot be finished: "));
	assert_int_equal(look(), 0);
	finish(writer_with(&sensor));
	assert_non_null(strstr(told, "left 1 files unfinished; they are finished now, with 2 lines"));
	assert_int_equal(look(), 1);
	check_file(0, "T0000Z", header, "111111111111 1 100 OK\n");
}

static void a_killed_sensor_loses_the_open_window_at_most(void **state)
{
	int ends[2], status;
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct output_writer *writer = writer_with(&sensor);

		put(writer, 0, 1, 100);
		put(writer, 1, 2, 100);
		end_window(writer, 120);
		put(writer, 0, 3, 130);
		end_window(writer, 180);
		for (uint64_t i = 0; i < 20000; i++)
			put(writer, 0, 99, 190); /* some of them reach the disk, and some do not */
		if (write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(look(), 0);
	finish(writer_with(&sensor));
	assert_int_equal(look(), 2);
	assert_non_null(strstr(tree_text(tree_files[0]), "111111111111 1 100 OK\n111111111111 3 130 OK\n"));
	assert_string_equal(strrchr(tree_text(tree_files[0]), '\n'), "\n");
	check_file(1, "222222222222", header, "222222222222 2 100 OK\n");
	assert_int_equal(tree_look("logs"), 2);
}

static void removed_before_it_was_finished(void **state)
{
	struct output_writer *writer = writer_with(&sensor);
	struct error err;

	(void)state;
	put(writer, 0, 1, 100);
	end_window(writer, 120);
	assert_int_equal(tree_look("logs"), 2);
	for (size_t i = 0; i < tree_count; i++)
		if (strstr(tree_files[i], ".unfinished"))
			unlink(tree_files[i]);
	end_window(writer, 300);
	assert_non_null(strstr(told, ".unfinished: was removed before it was finished; the records in it are lost"));
	assert_int_equal(state_of(writer).dropped, 1);
	put(writer, 0, 2, 310);
	end_window(writer, 600);
	assert_int_equal(look(), 1);
	assert_int_equal(state_of(writer).dropped, 1);
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	assert_string_equal(err.text,
			    "1 records in all were lost with files that were removed before they were finished");
}

static void the_whole_folder_is_removed(void **state)
{
	struct output_writer *writer = writer_with(&sensor);
	struct error err;

	(void)state;
	put(writer, 0, 1, 100);
	put(writer, 0, 2, 110);
	end_window(writer, 120);
	put(writer, 1, 3, 130);
	remove_tree(NULL);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(state_of(writer).dropped, 0); /* it is not known yet */
	assert_int_equal(output_writer_finish(writer, &err), -EIO);
	assert_non_null(strstr(told, ".unfinished: was removed before it was finished; the records in it are lost"));
}

/* ---- small bounds ---- */

static struct output_trouble trouble;

static struct output_encoder *encoder;

static struct output_place *slots_of(struct output_slots_options options, const char *fields)
{
	struct output_place *slots = NULL;
	struct output_format format;
	struct error err;
	char path[8300];

	assert_int_equal(output_format_parse(&format, fields, NULL), 0);
	assert_int_equal(output_encoder_new(&encoder, &format, OUTPUT_TEXT, &err), 0);
	options.interval = 60;
	options.flow_log_id = "fl-1";
	options.suffix = "log.gz";
	options.encoder = encoder;
	options.has_header = true;
	options.trouble = &trouble;
	trouble = (struct output_trouble){ .most = 1 << 20 };
	snprintf(path, sizeof(path), "%s/", in_folder("logs"));
	if (output_slots_open(&slots, path, &options, &err) != 0)
		fail_msg("%s", err.text);
	return slots;
}

static void put_packets(struct output_place *slots, const struct flow_interface *interface, uint32_t number,
			uint64_t packets)
{
	struct flow_record record = { .interface = interface, .interface_number = number, .packets = packets };
	struct error err;

	if (slots->kind->put(slots, &record, &err) != 1)
		fail_msg("%s", err.text);
}

static int finish_slots(struct output_place *slots, struct error *err)
{
	int ret = slots->kind->finish(slots, err);

	output_encoder_free(encoder);
	return ret;
}

/* Many who take turns, and few files that may be open: each has one file with all of its lines. */
static void more_accounts_than_open_files(void **state)
{
	enum { ACCOUNTS = 50, ROUNDS = 20 };
	static char names[ACCOUNTS][16];
	static struct flow_interface many[ACCOUNTS];
	struct output_place *slots = slots_of((struct output_slots_options){ .most_open = 3 }, "packets");
	char want[ROUNDS * 8] = "", line[16];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		snprintf(line, sizeof(line), "%d\n", round);
		strcat(want, line);
		for (uint32_t i = 0; i < ACCOUNTS; i++) {
			snprintf(names[i], sizeof(names[i]), "%012u", i);
			many[i].identity[FLOW_ACCOUNT_ID] = names[i];
			put_packets(slots, &many[i], i, (uint64_t)round);
		}
	}
	assert_int_equal(finish_slots(slots, NULL), 0);
	assert_int_equal(look(), ACCOUNTS);
	for (size_t i = 0; i < ACCOUNTS; i++)
		check_file(i, names[i], "packets\n", want);
}

/* A file that is not open just then: what it took later is not lost with it, and no empty file appears. */
static void removed_while_it_rests(void **state)
{
	const char id[][4] = { "101", "102" };
	struct flow_interface two[2] = { { .identity = { [FLOW_ACCOUNT_ID] = (char *)id[0] } },
					 { .identity = { [FLOW_ACCOUNT_ID] = (char *)id[1] } } };
	struct output_place *slots;
	struct output_state state_then;
	struct error err;

	(void)state;
	for (int then = 0; then < 2; then++) {
		slots = slots_of((struct output_slots_options){ .live = true, .most_open = 1 }, "packets");
		put_packets(slots, &two[0], 0, 1);
		put_packets(slots, &two[0], 0, 2);
		put_packets(slots, &two[1], 1, 3);
		tree_look("logs");
		for (size_t i = 0; i < tree_count; i++)
			if (strstr(tree_files[i], "/101_"))
				assert_int_equal(unlink(tree_files[i]), 0);
		if (then == 1)
			put_packets(slots, &two[0], 0, 4);
		assert_int_equal(slots->kind->reopen(slots, &err), 0);
		state_then = (struct output_state){ 0 };
		slots->kind->state(slots, &state_then);
		assert_int_equal(state_then.dropped, 2);
		assert_int_equal(look(), 1 + then);
		if (then == 1)
			check_file(0, "101", "", "4\n");
		check_file((size_t)then, "102", "packets\n", "3\n");
		assert_int_equal(finish_slots(slots, &err), -EIO);
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

/* Addresses at random, which hardly compress, and a bound that they pass: several files, none of them larger. */
static void large_files_are_divided(void **state)
{
	enum { MOST = 1500000, LINES = 50000 };
	static const char fields[] = "srcaddr dstaddr pkt-srcaddr pkt-dstaddr";
	struct output_place *slots = slots_of((struct output_slots_options){ .most_bytes = MOST }, fields);
	struct flow_record one = { .interface = &interfaces[0], .family = FLOW_IPV6 };
	struct flow_address *const addresses[] = { &one.source, &one.destination, &one.packet_source,
						   &one.packet_destination };
	int lines = 0;

	(void)state;
	srandom(3);
	for (int i = 0; i < LINES; i++) {
		for (size_t k = 0; k < 4 * sizeof(one.source.octets); k++)
			addresses[k % 4]->octets[k / 4] = (uint8_t)(16 + random() % 240);
		assert_int_equal(slots->kind->put(slots, &one, NULL), 1);
	}
	assert_int_equal(finish_slots(slots, NULL), 0);
	assert_in_range(look(), 3, 6);
	for (size_t i = 0; i < tree_count; i++) {
		struct stat status;
		gzFile file = gzopen(tree_files[i], "rb");
		char line[256];

		assert_int_equal(stat(tree_files[i], &status), 0);
		assert_in_range(status.st_size, 1, MOST);
		assert_non_null(gzgets(file, line, sizeof(line)));
		assert_memory_equal(line, fields, strlen(fields));
		while (gzgets(file, line, sizeof(line)))
			lines++;
		gzclose(file);
	}
	assert_int_equal(lines, LINES);
}

/* ---- Parquet ---- */

static const struct output_writer_options columns = { .encoding = OUTPUT_PARQUET,
						      .header = -1,
						      .codec = OUTPUT_CODEC_NONE },
					  column_sensor = { .encoding = OUTPUT_PARQUET,
							    .header = -1,
							    .codec = OUTPUT_CODEC_NONE,
							    .live = true };

static int gather(void *ctx, const void *bytes, size_t size, struct error *err)
{
	(void)err;
	output_buffer_append(ctx, bytes, size);
	return 0;
}

/* The file is one of these rows: packets of interface 0 and their ends, up to one of packets 0. */
static void check_rows(size_t at, const char *name, uint64_t (*rows)[2])
{
	static char bytes[1 << 20];
	struct output_buffer want = { 0 };
	struct output_outlet outlet = { gather, &want };
	struct output_format format;
	struct output_parquet_options options = { .format = &format, .codec = OUTPUT_CODEC_NONE };
	struct output_parquet *parquet;
	struct error err;

	assert_int_equal(output_format_parse(&format, "account-id packets end log-status", NULL), 0);
	assert_int_equal(output_parquet_new(&parquet, &options, &err), 0);
	for (; (*rows)[0] > 0; rows++) {
		struct flow_record record = { .interface = &interfaces[0],
					      .family = FLOW_IPV4,
					      .packets = (*rows)[0],
					      .start = (int64_t)(*rows)[1],
					      .end = (int64_t)(*rows)[1] };

		assert_int_equal(output_parquet_add(parquet, &record, &outlet, &err), 0);
	}
	assert_int_equal(output_parquet_end(parquet, &outlet, &err), 0);
	output_parquet_free(parquet);
	if (!strstr(tree_files[at], name))
		fail_msg("%s is not in %s", name, tree_files[at]);
	assert_int_equal(content(tree_files[at], bytes, sizeof(bytes)), want.length);
	assert_memory_equal(bytes, want.bytes, want.length);
	free(want.bytes);
}

static void rows_appear_when_their_slot_has_passed(void **state)
{
	(void)state;
	for (int live = 0; live < 2; live++) {
		struct output_writer *writer = writer_with(live ? &column_sensor : &columns);

		put(writer, 0, 1, 100);
		end_window(writer, 240);
		put(writer, 0, 2, 299);
		put(writer, 0, 3, 300);
		assert_int_equal(look(), 0);
		assert_true(state_of(writer).waiting > 0);
		end_window(writer, 300);
		assert_int_equal(look(), 1);
		check_rows(0, "T0000Z_", (uint64_t[][2]){ { 1, 100 }, { 2, 299 }, { 0 } });
		put(writer, 0, 4, 101); /* too late for that file */
		assert_int_equal(state_of(writer).files, 1);
		finish(writer);
		assert_int_equal(look(), 3);
		assert_non_null(strstr(tree_files[0], ".log.parquet"));
		assert_non_null(strstr(tree_files[1], "T0000Z_"));
		check_rows(2, "T0005Z_", (uint64_t[][2]){ { 3, 300 }, { 0 } });
		assert_int_equal(tree_look("logs"), 3);
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

static void rows_wait_for_a_full_disk(void **state)
{
	(void)state;
	for (rlim_t room = 0; room < 400; room += 50) {
		struct output_writer *writer = writer_with(&column_sensor);
		struct error err;

		limit_files(room);
		put(writer, 0, 1, 100);
		end_window(writer, 120);
		assert_true(state_of(writer).is_writable); /* nothing was to be written yet */
		put(writer, 0, 2, 130);
		end_window(writer, 300);
		put(writer, 0, 3, 310);
		limit_files(RLIM_INFINITY);
		if (!state_of(writer).is_writable) {
			assert_non_null(strstr(told, "cannot be written: File too large; up to 65536 bytes"));
			assert_int_equal(look(), 0);
			assert_int_equal(output_writer_tick(writer, 311, &err), 0);
			assert_non_null(strstr(told, "records can be written again; none were lost"));
		} else {
			assert_true(room > 100);
		}
		assert_int_equal(state_of(writer).files, 1);
		finish(writer);
		assert_int_equal(look(), 2);
		check_rows(0, "T0000Z", (uint64_t[][2]){ { 1, 100 }, { 2, 130 }, { 0 } });
		check_rows(1, "T0005Z", (uint64_t[][2]){ { 3, 310 }, { 0 } });
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

static void lost_rows_are_told(void **state)
{
	struct output_writer *writer = writer_with(&column_sensor);
	struct output_state now;
	struct error err;

	(void)state;
	limit_files(0);
	srandom(5);
	for (uint64_t i = 0; i < 50000; i++)
		put(writer, 0, (uint64_t)random() << 20, 100 + (int64_t)i % 20);
	end_window(writer, 120);
	now = state_of(writer);
	assert_false(now.is_writable);
	assert_in_range(now.dropped, 1000, 49999);
	assert_int_equal(now.records[FLOW_OK] + now.dropped, 50000);
	limit_files(RLIM_INFINITY);
	told_clear();
	assert_int_equal(output_writer_tick(writer, 130, &err), 0);
	assert_non_null(strstr(told, "were lost meanwhile"));
	assert_int_equal(state_of(writer).records[FLOW_SKIPDATA], 1);
	finish(writer);
	assert_int_equal(look(), 1);
}

static void not_live_rows_end_with_a_full_disk(void **state)
{
	struct output_writer *writer = writer_with(&columns);
	struct error err = { "" };

	(void)state;
	put(writer, 0, 1, 2);
	limit_files(10);
	assert_int_equal(output_writer_finish(writer, &err), -EFBIG);
	limit_files(RLIM_INFINITY);
	assert_non_null(strstr(err.text, "cannot be written: File too large"));
	assert_int_equal(tree_look("logs"), 0);
}

static struct output_place *columns_of(struct output_slots_options options, size_t group_rows)
{
	static struct output_format format;
	static struct output_parquet_options parquet;
	struct output_place *slots = NULL;
	struct error err;
	char path[8300];

	assert_int_equal(output_format_parse(&format, "srcaddr dstaddr pkt-srcaddr pkt-dstaddr packets", NULL), 0);
	parquet = (struct output_parquet_options){ .format = &format,
						   .codec = OUTPUT_CODEC_GZIP,
						   .group_rows = group_rows };
	options.interval = 60;
	options.flow_log_id = "fl-1";
	options.suffix = "log.parquet";
	options.parquet = &parquet;
	options.notices = &told_notices;
	options.trouble = &trouble;
	encoder = NULL;
	told_clear();
	trouble = (struct output_trouble){ .most = 1 << 20 };
	snprintf(path, sizeof(path), "%s/", in_folder("logs"));
	if (output_slots_open(&slots, path, &options, &err) != 0)
		fail_msg("%s", err.text);
	return slots;
}

static void check_parquet(const char *path, size_t most)
{
	static char bytes[1 << 22];
	size_t length = content(path, bytes, sizeof(bytes));

	assert_in_range(length, 12, most);
	assert_memory_equal(bytes, "PAR1", 4);
	assert_memory_equal(bytes + length - 4, "PAR1", 4);
}

static void large_parquet_is_divided(void **state)
{
	enum { MOST = 1000000, ROWS = 60000 };
	struct output_place *slots = columns_of((struct output_slots_options){ .most_bytes = MOST }, 0);
	struct flow_record one = { .interface = &interfaces[0], .family = FLOW_IPV6 };
	struct flow_address *const addresses[] = { &one.source, &one.destination, &one.packet_source,
						   &one.packet_destination };

	(void)state;
	srandom(3);
	for (int i = 0; i < ROWS; i++) {
		for (size_t k = 0; k < 4 * sizeof(one.source.octets); k++)
			addresses[k % 4]->octets[k / 4] = (uint8_t)(16 + random() % 240);
		assert_int_equal(slots->kind->put(slots, &one, NULL), 1);
	}
	assert_int_equal(slots->records[FLOW_OK], ROWS);
	assert_int_equal(finish_slots(slots, NULL), 0);
	assert_in_range(look(), 4, 30);
	for (size_t i = 0; i < tree_count; i++)
		check_parquet(tree_files[i], MOST);
}

/* The rows of many files at once become groups before they take more memory than they may. */
static void memory_of_rows_is_bounded(void **state)
{
	enum { ACCOUNTS = 8, ROWS = 40000, MOST = 400000 };
	static char names[ACCOUNTS][16];
	static struct flow_interface many[ACCOUNTS];
	struct output_place *slots = columns_of((struct output_slots_options){ .most_rows = MOST, .most_open = 6 }, 0);
	struct output_state now;

	(void)state;
	for (uint32_t i = 0; i < ROWS; i++) {
		snprintf(names[i % ACCOUNTS], sizeof(names[0]), "%012u", i % ACCOUNTS);
		many[i % ACCOUNTS].identity[FLOW_ACCOUNT_ID] = names[i % ACCOUNTS];
		put_packets(slots, &many[i % ACCOUNTS], i % ACCOUNTS, i);
		slots->kind->state(slots, &now);
		assert_in_range(now.waiting, 0, 2 * MOST);
		i += i % 7 == 0 ? ACCOUNTS - 1 : 0; /* some take more than others */
	}
	assert_int_equal(finish_slots(slots, NULL), 0);
	assert_int_equal(look(), ACCOUNTS);
	for (size_t i = 0; i < tree_count; i++)
		check_parquet(tree_files[i], 1 << 22);
}

/* Files that take turns are what they would be one after the other: no row becomes a group of its own. */
static void parquet_rests_with_its_rows(void **state)
{
	enum { ACCOUNTS = 5, ROWS = 500 };
	static char names[ACCOUNTS][16];
	static struct flow_interface many[ACCOUNTS];
	static char bytes[2][1 << 16];
	size_t length[2][ACCOUNTS];

	(void)state;
	for (size_t turn = 0; turn < 2; turn++) {
		struct output_place *slots = columns_of(
			(struct output_slots_options){ .live = turn == 1, .most_open = turn == 0 ? ACCOUNTS : 1 }, 0);

		for (uint32_t i = 0; i < ROWS; i++) {
			snprintf(names[i % ACCOUNTS], sizeof(names[0]), "%012u", i % ACCOUNTS);
			many[i % ACCOUNTS].identity[FLOW_ACCOUNT_ID] = names[i % ACCOUNTS];
			put_packets(slots, &many[i % ACCOUNTS], 1000 * (i % ACCOUNTS), i);
		}
		assert_int_equal(finish_slots(slots, NULL), 0);
		assert_int_equal(look(), ACCOUNTS);
		for (size_t i = 0; i < ACCOUNTS; i++)
			length[turn][i] = content(tree_files[i], bytes[turn], sizeof(bytes[turn]));
		assert_memory_equal(bytes[0], bytes[turn], length[turn][ACCOUNTS - 1]);
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
	assert_memory_equal(length[0], length[1], sizeof(length[0]));
}

/* Of a Parquet file the beginning of which is gone all is lost, and what comes later begins another one. */
static void removed_parquet(void **state)
{
	const char id[][4] = { "101", "102" };
	struct flow_interface two[2] = { { .identity = { [FLOW_ACCOUNT_ID] = (char *)id[0] } },
					 { .identity = { [FLOW_ACCOUNT_ID] = (char *)id[1] } } };

	(void)state;
	for (int then = 0; then < 2; then++) {
		/* Each row is a group, and so written at once. */
		struct output_place *slots = columns_of(
			(struct output_slots_options){ .live = true, .most_open = 1, .most_rows = 1 }, 0);
		struct output_state now = { 0 };
		struct error err;

		put_packets(slots, &two[0], 0, 1);
		put_packets(slots, &two[1], 1, 2); /* the first one rests */
		tree_look("logs");
		for (size_t i = 0; i < tree_count; i++)
			if (strstr(tree_files[i], "/101_"))
				assert_int_equal(unlink(tree_files[i]), 0);
		put_packets(slots, &two[0], 0, 3);
		if (then == 1) {
			put_packets(slots, &two[1], 1, 4); /* rests again: that the file is gone is found out now */
			put_packets(slots, &two[0], 0, 5);
		}
		assert_int_equal(slots->kind->reopen(slots, &err), 0);
		slots->kind->state(slots, &now);
		assert_int_equal(now.dropped, 2);
		assert_int_equal(now.waiting, 0);
		assert_non_null(strstr(told, "was removed before it was finished"));
		assert_int_equal(look(), 1 + then);
		for (size_t i = 0; i < tree_count; i++)
			check_parquet(tree_files[i], 1 << 20);
		assert_int_equal(finish_slots(slots, &err), -EIO);
		remove_tree(NULL);
		assert_int_equal(mkdir(folder, 0700), 0);
	}
}

/* Rows that were written nowhere yet are not lost with the folder: they go where it is when it is opened anew. */
static void removed_before_the_first_group(void **state)
{
	struct output_place *slots = columns_of((struct output_slots_options){ .live = true }, 0);
	struct output_state now = { 0 };

	(void)state;
	put_packets(slots, &interfaces[0], 0, 1);
	remove_tree(NULL);
	assert_int_equal(mkdir(folder, 0700), 0);
	put_packets(slots, &interfaces[0], 0, 2);
	assert_int_equal(slots->kind->reopen(slots, NULL), 0);
	slots->kind->state(slots, &now);
	assert_int_equal(now.dropped, 0);
	assert_int_equal(now.files, 1);
	assert_int_equal(now.waiting, 0);
	assert_int_equal(look(), 1);
	check_parquet(tree_files[0], 1 << 20);
	assert_int_equal(finish_slots(slots, NULL), 0);
}

/* What has no end is removed, with its name; nothing else is. */
static void what_a_killed_run_left_of_parquet(void **state)
{
	struct output_place *slots = columns_of((struct output_slots_options){ .live = true }, 1);

	(void)state;
	put_packets(slots, &interfaces[0], 0, 1);
	put_packets(slots, &interfaces[0], 0, 2);
	put_packets(slots, &interfaces[0], 0, 3);
	slots->kind->abandon(slots);
	assert_int_equal(tree_look("logs"), 1);
	write_file(in_folder("logs/.eniflow-unfinished/notes"), "somebody's");
	slots = columns_of((struct output_slots_options){ .live = true }, 1);
	assert_non_null(strstr(told, "Z.log.parquet."));
	assert_non_null(strstr(told, ": a Parquet file without its end, of which nothing can be read"));
	assert_int_equal(finish_slots(slots, NULL), 0);
	assert_int_equal(tree_look("logs"), 1);
	assert_non_null(strstr(tree_files[0], "/notes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(a_file_for_each_account_region_and_slot),
		IN_TREE(files_appear_when_their_slot_has_passed),
		IN_TREE(a_folder_that_was_moved_is_made_again),
		IN_TREE(time_that_goes_backwards),
		IN_TREE(the_same_files_again),
		IN_TREE(other_encodings),
		IN_TREE(folders_of_all_shapes),
		IN_TREE(an_abandoned_run_leaves_nothing_unfinished),
		IN_TREE(not_live_a_full_disk_ends_the_run),
		IN_TREE(live_a_full_disk_is_waited_for),
		IN_TREE(live_loss_is_told_in_its_slot),
		IN_TREE(live_what_cannot_be_finished_stays),
		IN_TREE(a_killed_sensor_loses_the_open_window_at_most),
		IN_TREE(removed_before_it_was_finished),
		IN_TREE(the_whole_folder_is_removed),
		IN_TREE(more_accounts_than_open_files),
		IN_TREE(removed_while_it_rests),
		IN_TREE(large_files_are_divided),
		IN_TREE(rows_appear_when_their_slot_has_passed),
		IN_TREE(rows_wait_for_a_full_disk),
		IN_TREE(lost_rows_are_told),
		IN_TREE(not_live_rows_end_with_a_full_disk),
		IN_TREE(large_parquet_is_divided),
		IN_TREE(memory_of_rows_is_bounded),
		IN_TREE(parquet_rests_with_its_rows),
		IN_TREE(removed_parquet),
		IN_TREE(removed_before_the_first_group),
		IN_TREE(what_a_killed_run_left_of_parquet),
	};

	return cmocka_run_group_tests_name("output/slots", tests, NULL, NULL);
}
