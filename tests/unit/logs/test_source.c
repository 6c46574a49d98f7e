/* Flow logs as a source: the order of what the meter is told. The lines come from the test, in place of files. */
#include "logs/source.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const struct log_record *records;
	size_t count, at;
	size_t once; /* so many at a time at the most, then -EAGAIN once */
	bool is_stream, is_closed, gap;
	int answer; /* of opening */
} fake;

int log_files_open(struct log_files **out, const struct log_files_options *options, struct error *err)
{
	(void)options;
	if (fake.answer < 0)
		return fail(err, -fake.answer, "x.log is no flow log");
	*out = (struct log_files *)&fake;
	return 0;
}

void log_files_close(struct log_files *files)
{
	fake.is_closed |= files != NULL;
}

int log_files_read(struct log_files *files, struct log_record *records, size_t room, bool wait, struct error *err)
{
	size_t count = fake.count - fake.at;

	(void)files;
	(void)err;
	if (fake.gap && !wait) {
		fake.gap = false;
		return -EAGAIN;
	}
	count = count < room ? count : room;
	if (fake.once) {
		count = count < fake.once ? count : fake.once;
		fake.gap = true;
	}
	memcpy(records, fake.records + fake.at, count * sizeof(*records));
	fake.at += count;
	return (int)count;
}

void log_files_state(const struct log_files *files, struct log_files_state *out)
{
	(void)files;
	*out = (struct log_files_state){
		.lines = fake.at, .is_damaged = fake.at > 1, .is_stream = fake.is_stream, .consumed = fake.at, .size = 9
	};
}

const struct flow_origin *log_files_origin(const struct log_files *files, size_t number)
{
	(void)files;
	(void)number;
	return NULL;
}

static const struct flow_origin a = { .number = 0, .kin = 0, .identity = { [FLOW_INTERFACE_ID] = "eni-a" } };
static const struct flow_origin b = { .number = 7, .kin = 7 };

static struct log_record line(const struct flow_origin *origin, enum flow_status status, int64_t start)
{
	return (struct log_record){
		.origin = origin,
		.status = (uint8_t)status,
		.family = FLOW_IPV4,
		.protocol = 6,
		.tcp_flags = 2,
		.action = FLOW_REJECT,
		.direction = FLOW_INGRESS,
		.source_port = 1000,
		.destination_port = 443,
		.start = start,
		.end = start + 20,
		.packets = 3,
		.bytes = 180,
		.source = { { 1 } },
		.destination = { { 2 } },
		.packet_source = { { 3 } },
		.packet_destination = { { 4 } },
	};
}

static struct source *open_lines(const struct log_record *records, size_t count)
{
	const struct log_files_options options = { 0 };
	struct source *source = NULL;
	struct error err;

	fake.records = records;
	fake.count = count;
	assert_int_equal(source_open_logs(&source, &options, 60, &err), 0);
	return source;
}

/* What a batch says, such as "point 0 60, 60+20 of 0, ". */
static void print(FILE *out, const struct source_batch *batch)
{
	for (size_t i = 0; i < batch->length; i++) {
		const struct flow_observation *item = &batch->items[i];
		long long first = item->first_ns / 1000000000, last = item->last_ns / 1000000000;

		if (item->kind == FLOW_POINT)
			fprintf(out, "point %u %lld, ", item->appeared->number, first);
		else if (item->kind == FLOW_TIME)
			fprintf(out, "time %lld, ", first);
		else if (item->kind == FLOW_LOSS)
			fprintf(out, "loss of %u, ", item->point);
		else
			fprintf(out, "%lld+%lld of %u, ", first, last - first, item->point);
	}
}

static void assert_read(struct source *source, size_t room, const char *expected)
{
	struct flow_observation items[8];
	struct source_batch batch = { items, room, 0 };
	struct error err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int more;

	do {
		more = source_read(source, &batch, &err);
		assert_true(more >= 0);
		print(out, &batch);
	} while (more > 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static int anew(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	return 0;
}

static void test_order(void **state)
{
	const struct log_record lines[] = {
		line(&a, FLOW_OK, 130),     line(&b, FLOW_SKIPDATA, 60), line(&a, FLOW_OK, 70),
		line(&a, FLOW_NODATA, 180), line(&a, FLOW_OK, 60),
	};

	(void)state;
	for (size_t room = 1; room <= 8; room++) {
		struct source *source;

		anew(NULL);
		source = open_lines(lines, 5);
		assert_read(source, room,
			    "point 7 60, time 60, loss of 7, point 0 60, 70+20 of 0, 60+20 of 0, 130+20 of 0, "
			    "time 180, ");
		source_close(source);
		assert_true(fake.is_closed);
	}
}

static void test_a_record_as_observation(void **state)
{
	const struct log_record lines[] = { line(&a, FLOW_OK, 130) };
	struct source *source = open_lines(lines, 1);
	struct flow_observation items[8];
	struct source_batch batch = { items, 8, 0 };
	struct error err;

	(void)state;
	assert_int_equal(source_read(source, &batch, &err), 0);
	assert_int_equal(batch.length, 2);
	assert_ptr_equal(items[0].appeared->origin, &a);
	assert_string_equal(items[0].appeared->name, "eni-a");
	assert_int_equal(items[0].first_ns, 120 * INT64_C(1000000000));
	assert_int_equal(items[1].kind, FLOW_PACKET);
	assert_int_equal(items[1].family, FLOW_IPV4);
	assert_true(items[1].protocol == 6 && items[1].tcp_flags == 2);
	assert_true(items[1].verdict == FLOW_REJECT && items[1].word == FLOW_INGRESS);
	assert_true(items[1].source_port == 1000 && items[1].destination_port == 443);
	assert_true(items[1].packets == 3 && items[1].bytes == 180 && items[1].lost == 0);
	assert_true(!items[1].has_macs && !items[1].has_quote && items[1].tuple_hash == 0);
	assert_int_equal(items[1].record_addresses.source.octets[0], 1);
	assert_int_equal(items[1].record_addresses.destination.octets[0], 2);
	assert_int_equal(items[1].source.octets[0], 3);
	assert_int_equal(items[1].destination.octets[0], 4);
	source_close(source);
}

/* Records of a file wait for its end; those of a stream for so long, and no line is waited for while one is due. */
static void test_streams_do_not_wait_for_ever(void **state)
{
	const struct log_record lines[] = {
		line(&a, FLOW_OK, 60),
		line(&a, FLOW_OK, 960),
		line(&a, FLOW_OK, 961),
		line(&a, FLOW_OK, 70),
	};
	struct flow_observation items[8];
	struct source_batch batch = { items, 8, 0 };
	struct source *source;
	struct error err;

	(void)state;
	fake.is_stream = true;
	fake.once = 1;
	source = open_lines(lines, 4);
	assert_true(source_is_stream(source));
	assert_int_equal(source_read(source, &batch, &err), 1);
	assert_int_equal(fake.at, 3);
	assert_int_equal(batch.length, 2);
	assert_int_equal(items[1].first_ns, 60 * INT64_C(1000000000));
	source_stop(source);
	assert_read(source, 8, "960+20 of 0, 961+20 of 0, ");
	source_close(source);
}

static void test_what_its_files_say(void **state)
{
	const struct log_record lines[] = { line(&a, FLOW_OK, 60), line(&a, FLOW_OK, 61) };
	struct source *source = open_lines(lines, 2);
	struct source_progress progress;
	struct log_files_state files;

	(void)state;
	assert_false(source_is_damaged(source) || source_is_stream(source) || source_is_compressed(source));
	assert_read(source, 8, "point 0 60, 60+20 of 0, 61+20 of 0, ");
	assert_true(source_is_damaged(source));
	source_progress(source, &progress);
	assert_true(progress.consumed == 2 && progress.size == 9);
	source_logs_state(source, &files);
	assert_int_equal(files.lines, 2);
	source_close(source);
}

static void test_what_is_no_log(void **state)
{
	const struct log_files_options options = { 0 };
	struct source *source = NULL;
	struct error err;

	(void)state;
	fake.answer = -EINVAL;
	assert_int_equal(source_open_logs(&source, &options, 60, &err), -EINVAL);
	assert_string_equal(err.text, "x.log is no flow log");
	assert_null(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, anew),
		cmocka_unit_test_setup(test_a_record_as_observation, anew),
		cmocka_unit_test_setup(test_streams_do_not_wait_for_ever, anew),
		cmocka_unit_test_setup(test_what_its_files_say, anew),
		cmocka_unit_test_setup(test_what_is_no_log, anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
