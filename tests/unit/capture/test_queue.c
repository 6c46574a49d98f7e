/* A source read ahead gives what it gives by itself. */
#include "check.h"

#include "capture/files.h"
#include "capture/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES = 50000, FRAME = 14 }; /* more than the queue holds */

static char folder[] = "/tmp/eniflow-queue-XXXXXX";
static char path[96];

static void put_32(FILE *out, uint32_t value)
{
	const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
				   (uint8_t)(value >> 24) };

	fwrite(bytes, 1, sizeof(bytes), out);
}

static void put_header(FILE *out)
{
	static const uint32_t words[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put_32(out, words[i]);
}

/* ARP frames, one a second, of which the last may lack some bytes. */
static void write_capture(size_t lacking)
{
	static const uint8_t arp[FRAME] = { [12] = 0x08, [13] = 0x06 };
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	put_header(out);
	for (uint32_t i = 0; i < FRAMES; i++) {
		put_32(out, i);
		put_32(out, 0);
		put_32(out, FRAME);
		put_32(out, FRAME);
		fwrite(arp, 1, i + 1 < FRAMES ? FRAME : FRAME - lacking, out);
	}
	assert_int_equal(fclose(out), 0);
}

static struct source *open_source(int wake_fd)
{
	const struct source_file file = { .path = path };
	const struct source_files_options options = { .files = &file, .count = 1, .wake_fd = wake_fd };
	struct source *source = NULL;
	struct error err;

	assert_int_equal(source_open_files(&source, &options, &err), 0);
	return source;
}

static void gives_all_in_order(void **state)
{
	(void)state;
	for (size_t lacking = 0; lacking < 2; lacking++) {
		struct source *source;
		struct source_queue *queue;
		struct source_batch batch = { 0 };
		struct source_progress progress;
		int64_t next = -1; /* the capture point comes first */
		int more;

		write_capture(lacking);
		source = open_source(-1);
		assert_int_equal(source_queue_new(&queue, source, NULL), 0);
		do {
			more = source_queue_read(queue, &batch, NULL);
			assert_true(more >= 0);
			for (size_t i = 0; i < batch.length; i++, next++) {
				assert_int_equal(batch.items[i].kind, next < 0 ? FLOW_POINT : FLOW_NON_IP);
				if (next >= 0)
					assert_int_equal(batch.items[i].first_ns, next * INT64_C(1000000000));
			}
		} while (more > 0);
		assert_int_equal(next, FRAMES - (int64_t)lacking);
		source_queue_progress(queue, &progress);
		assert_int_equal(progress.consumed, progress.size);
		source_queue_free(queue);
		assert_int_equal(source_is_damaged(source), lacking != 0);
		source_close(source);
	}
}

static void ends_before_all_is_read(void **state)
{
	(void)state;
	write_capture(0);
	for (int batches = 0; batches < 3; batches++) {
		struct source *source = open_source(-1);
		struct source_queue *queue;
		struct source_batch batch;

		assert_int_equal(source_queue_new(&queue, source, NULL), 0);
		for (int i = 0; i < batches; i++)
			assert_int_equal(source_queue_read(queue, &batch, NULL), 1);
		source_queue_free(queue);
		source_close(source);
	}
	source_queue_free(NULL);
}

/* Nobody writes, until the wait is ended from outside. */
static void a_wait_for_a_stream_can_be_ended(void **state)
{
	char fifo[80];
	struct source *source;
	struct source_queue *queue;
	struct source_batch batch;
	FILE *writer;
	int wake[2];

	(void)state;
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	snprintf(path, sizeof(path), "%s", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(pipe(wake), 0);
	writer = fdopen(open(fifo, O_RDWR), "wb");
	assert_non_null(writer);
	put_header(writer);
	fflush(writer);
	source = open_source(wake[0]);
	assert_int_equal(source_queue_new(&queue, source, NULL), 0);
	assert_int_equal(source_queue_read(queue, &batch, NULL), 1);
	assert_int_equal(batch.length, 1);
	assert_int_equal(batch.items[0].kind, FLOW_POINT);
	assert_int_equal(write(wake[1], "", 1), 1);
	assert_int_equal(source_queue_read(queue, &batch, NULL), -EINTR);
	source_queue_free(queue);
	source_close(source);
	fclose(writer);
	close(wake[0]);
	close(wake[1]);
	unlink(fifo);
	snprintf(path, sizeof(path), "%s/capture.pcap", folder);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/capture.pcap", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_all_in_order),
		TEST(ends_before_all_is_read),
		TEST(a_wait_for_a_stream_can_be_ended),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
