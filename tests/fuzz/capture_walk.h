/* tests/fuzz/capture_walk.h - any bytes, read as a capture file in two ways: as a file, and as a pipe that hands them
 * on in pieces. Both must yield the same items, and every item must keep what capture/file.h promises. */
#ifndef ENIFLOW_TESTS_FUZZ_CAPTURE_WALK_H
#define ENIFLOW_TESTS_FUZZ_CAPTURE_WALK_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/file.h"

#define WALK_CHECK(condition) ((condition) ? (void)0 : walk_failed(#condition, __LINE__))

static void walk_failed(const char *condition, int line)
{
	fprintf(stderr, "line %d: not so: %s\n", line, condition);
	abort();
}

/* What came of one way of reading. */
struct walk {
	int opened, ended;
	uint64_t items, digest;
	unsigned notices;
	bool damaged;
};

static void walk_digest(struct walk *walk, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < length; i++)
		walk->digest = (walk->digest ^ at[i]) * 0x100000001b3;
}

static void walk_tell(void *ctx, const char *sentence)
{
	struct walk *walk = ctx;

	walk->notices++;
	WALK_CHECK(strlen(sentence) > 10 && strlen(sentence) < ERROR_MAX - 1);
}

static void walk_item(struct walk *walk, const struct capture_item *item)
{
	uint64_t numbers[] = { item->kind,     item->point,    item->link_type,         item->supported, item->word,
			       item->captured, item->original, (uint64_t)item->time_ns, item->lost };

	walk->items++;
	walk_digest(walk, numbers, sizeof(numbers));
	switch (item->kind) {
	case CAPTURE_FRAME:
		WALK_CHECK(item->captured <= CAPTURE_FRAME_MOST && item->captured <= item->original);
		WALK_CHECK(item->time_ns >= 0 && item->word <= FLOW_EGRESS);
		WALK_CHECK(item->supported || item->lost == 0);
		walk_digest(walk, item->bytes, item->captured);
		break;
	case CAPTURE_POINT:
		WALK_CHECK(item->appeared->number == item->point);
		walk_digest(walk, item->appeared->name, strlen(item->appeared->name));
		break;
	case CAPTURE_LOSS:
		WALK_CHECK(item->lost > 0);
		break;
	}
}

static void walk_interfaces(const struct capture_file *file)
{
	const struct capture_file_interface *interface;

	for (size_t i = 0; (interface = capture_file_interface(file, i)); i++)
		WALK_CHECK(memchr(interface->resolution, 0, sizeof(interface->resolution)));
}

static struct walk walk_descriptor(int fd, uint64_t most)
{
	struct walk walk = { .digest = 0xcbf29ce484222325 };
	const struct notices notices = { walk_tell, &walk };
	struct capture_file_options options = { .wake_fd = -1, .notices = &notices };
	struct capture_file *file;
	struct capture_item item;
	struct error err = { "" };
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	options.path = path;
	WALK_CHECK(capture_points_new(&options.points, &err) == 0);
	walk.opened = capture_file_open(&file, &options, &err);
	if (walk.opened == 0) {
		while ((walk.ended = capture_file_next(file, &item, true, &err)) > 0) {
			walk_item(&walk, &item);
			WALK_CHECK(walk.items <= most);
		}
		WALK_CHECK(walk.ended == 0 && capture_file_next(file, &item, true, &err) == 0);
		walk.damaged = capture_file_is_damaged(file);
		WALK_CHECK(!walk.damaged || walk.notices > 0);
		walk_interfaces(file);
		capture_file_close(file);
	} else {
		WALK_CHECK(strlen(err.text) > 10);
	}
	capture_points_free(options.points);
	close(fd);
	return walk;
}

/* A pipe that holds the bytes in at most 16 pieces, each of which one read returns. */
static int walk_pipe(const uint8_t *bytes, size_t length)
{
	size_t piece = length / 15 + 1;
	int ends[2];

	WALK_CHECK(pipe2(ends, O_DIRECT) == 0);
	for (size_t at = 0; at < length; at += piece) {
		size_t n = length - at < piece ? length - at : piece;

		WALK_CHECK(write(ends[1], bytes + at, n) == (ssize_t)n);
	}
	close(ends[1]);
	return ends[0];
}

static void capture_walk(const uint8_t *bytes, size_t length)
{
	const size_t longest = 48 * 1024;
	int fd = memfd_create("capture", MFD_CLOEXEC);
	bool gzip = length > 0 && bytes[0] == 0x1f;
	bool zstd = length > 0 && (bytes[0] == 0x28 || bytes[0] == 0x50); /* of a frame, of one to skip */
	struct walk file, stream;

	WALK_CHECK(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	file = walk_descriptor(fd, gzip || zstd ? UINT64_MAX : length);
	if (length > longest)
		return;
	stream = walk_descriptor(walk_pipe(bytes, length), UINT64_MAX);
	/* Where libzstd meets a fault it forgets what that call had decoded, and where a call ends follows the
	 * pieces. */
	if (zstd && (file.damaged || file.opened < 0 || stream.opened < 0))
		return;
	WALK_CHECK(file.opened == stream.opened && file.ended == stream.ended);
	WALK_CHECK(file.items == stream.items && file.digest == stream.digest);
	WALK_CHECK(file.notices == stream.notices && file.damaged == stream.damaged);
}

#endif
