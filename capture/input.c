#include "capture/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/ahead.h"
#include "capture/feed.h"

enum {
	FIRST_BLOCK = 16 * 1024, /* of each file: thousands may be open and wait for their turn */
	BLOCK = 256 * 1024,      /* once it is read on */
	PAGE = 4096,             /* reads go to a multiple of it: so copying is quickest */
	AHEAD_FROM = 128 * 1024, /* so much was decoded before a thread is worth its start */
	MAGIC_MOST = 6,          /* bytes that tell a compression */
};

struct input_state {
	char *name;
	int wake_fd;
	unsigned ahead_most; /* threads that may decode ahead, in the process */
	struct capture_feed feed;
	struct capture_ahead *ahead; /* takes what the feed yields; NULL: we do */
	uint8_t *buffer;             /* holds at..end, unless a block of `ahead` does */
	size_t capacity;             /* of `buffer` */
	bool in_block;               /* one does */
	bool was_filled;             /* the buffer, by the last read */
	uint64_t filled;             /* bytes that have ever come in */
};

/* What compressed files begin with, and who can read those that we cannot. */
static const struct magic {
	const char *bytes;
	size_t length;
	const char *name, *command;
	enum capture_compression compression; /* CAPTURE_PLAIN: not read here */
} magics[] = {
	{ "\x1f\x8b", 2, "gzip", "gzip -dc", CAPTURE_GZIP },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc", CAPTURE_ZSTD },
	{ "\x50\x2a\x4d\x18", 4, "zstd", "zstd -dc", CAPTURE_ZSTD }, /* begins with a frame to skip, as pzstd's do */
	{ "\xfd"
	  "7zXZ",
	  6, "xz", "xz -dc", CAPTURE_PLAIN },
	{ "BZh", 3, "bzip2", "bzip2 -dc", CAPTURE_PLAIN },
	{ "\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc", CAPTURE_PLAIN },
	{ "LZIP", 4, "lzip", "lzip -dc", CAPTURE_PLAIN },
	{ "\x1f\x9d", 2, "compress", "gzip -dc", CAPTURE_PLAIN },
	{ "PK\x03\x04", 4, "zip", "unzip -p", CAPTURE_PLAIN },
	{ "7z\xbc\xaf\x27\x1c", 6, "7z", "7z x -so", CAPTURE_PLAIN },
};

static const struct magic *find_magic(const struct capture_input *input)
{
	size_t length = (size_t)(input->end - input->at);

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magics[i].length <= length && memcmp(input->at, magics[i].bytes, magics[i].length) == 0)
			return &magics[i];
	return NULL;
}

/* ---- the buffer ---- */

/* How much room to read into. A small buffer that was filled doubles; one that is large enough only where a quarter of
 * it would not be free. */
static size_t wanted_room(const struct input_state *state)
{
	if (state->capacity == 0)
		return FIRST_BLOCK;
	return state->was_filled && state->capacity < BLOCK ? state->capacity : state->capacity / 4;
}

/* Sees to `room` bytes behind at..end in the buffer. What must be moved for it comes to end at a whole page. */
static int make_room(struct capture_input *input, size_t room, struct error *err)
{
	struct input_state *state = input->state;
	size_t have = (size_t)(input->end - input->at), start = (have + PAGE - 1) / PAGE * PAGE;
	size_t capacity = state->capacity ? state->capacity : FIRST_BLOCK;
	uint8_t *buffer = state->buffer;

	if (buffer && !state->in_block && (size_t)(buffer + capacity - input->end) >= room)
		return 0;
	while (capacity < start + room)
		capacity *= 2;
	if (!buffer || capacity > state->capacity) {
		buffer = aligned_alloc(PAGE, capacity);
		if (!buffer)
			return fail_memory(err, state->name);
	}
	if (have > 0)
		memmove(buffer + start - have, input->at, have);
	if (buffer != state->buffer)
		free(state->buffer);
	state->buffer = buffer;
	state->capacity = capacity;
	state->in_block = false;
	input->at = buffer + start - have;
	input->end = buffer + start;
	return 0;
}

/* Who asks a stream for what is there at once gets that. A compressed file may yield nothing for gigabytes. */
static int wake_of(const struct input_state *state, bool wait)
{
	return wait || !state->feed.stream ? state->wake_fd : -1;
}

/* Reads or decompresses what fits behind `end`. 1: something. 0: the end. -EAGAIN, -EINTR, -ENOMEM. */
static int read_on(struct capture_input *input, bool wait, struct error *err)
{
	struct input_state *state = input->state;
	int ret = make_room(input, wanted_room(state), err);
	uint8_t *out;
	size_t room;
	ssize_t n;

	if (ret < 0)
		return ret;
	out = state->buffer + (input->end - state->buffer);
	room = (size_t)(state->buffer + state->capacity - input->end);
	state->was_filled = false;
	n = capture_feed_take(&state->feed, out, room, wait, wake_of(state, wait), err);
	if (n <= 0)
		return (int)n;
	state->was_filled = (size_t)n == room;
	state->filled += (uint64_t)n;
	input->end += n;
	return 1;
}

/* Takes the next block that was decoded ahead. What is left goes in front of it; where there is more than fits there,
 * both go into the buffer. Answers as read_on(). */
static int take_block(struct capture_input *input, bool wait, struct error *err)
{
	struct input_state *state = input->state;
	const uint8_t *at = input->at, *end = input->end;
	bool gathers = end - at > CAPTURE_AHEAD_REST;
	size_t length;
	int ret = gathers ? make_room(input, CAPTURE_AHEAD_BLOCK, err) : 0;

	if (ret < 0)
		return ret;
	if (gathers)
		at = end;
	length = (size_t)(end - at);
	ret = capture_ahead_next(state->ahead, &at, &end, wait, wake_of(state, wait), err);
	if (ret <= 0)
		return ret;
	length = (size_t)(end - at) - length;
	state->filled += length;
	if (gathers) {
		memcpy(state->buffer + (input->end - state->buffer), at, length);
		input->end += length;
	} else {
		input->at = at;
		input->end = end;
		state->in_block = true;
	}
	return 1;
}

int capture_input_fill(struct capture_input *input, size_t need, bool wait, struct error *err)
{
	struct input_state *state = input->state;

	while ((size_t)(input->end - input->at) < need) {
		int ret;

		if (!state->ahead && state->ahead_most > 0 && state->feed.decompress && state->filled >= AHEAD_FROM)
			state->ahead = capture_ahead_start(&state->feed, state->ahead_most);
		ret = state->ahead ? take_block(input, wait, err) : read_on(input, wait, err);
		if (ret <= 0)
			return ret;
	}
	return 1;
}

int capture_input_skip(struct capture_input *input, uint64_t *left, bool wait, struct error *err)
{
	for (;;) {
		uint64_t have = (uint64_t)(input->end - input->at);
		uint64_t n = have < *left ? have : *left;
		int ret;

		input->at += n;
		*left -= n;
		if (*left == 0)
			return 1;
		ret = capture_input_fill(input, 1, wait, err);
		if (ret <= 0)
			return ret;
	}
}

/* ---- opening ---- */

/* What has been read so far is compressed: it becomes what is decompressed into a new buffer. */
static int start_decompression(struct capture_input *input, const struct magic *magic, struct error *err)
{
	struct input_state *state = input->state;
	uint8_t *raw = state->buffer;
	size_t length = (size_t)(input->end - input->at);

	state->buffer = NULL;
	state->capacity = 0;
	state->filled = 0;
	input->at = input->end = NULL;
	return capture_feed_decompress(&state->feed, magic->compression, magic->name, raw, length, err);
}

/* Reads the first bytes, and sees whether they are compressed. */
static int begin(struct capture_input *input, const char *path, struct error *err)
{
	struct input_state *state = input->state;
	const struct capture_feed *feed = &state->feed;
	bool is_stdin = strcmp(path, "-") == 0;
	const struct magic *magic;
	int ret = capture_input_fill(input, MAGIC_MOST, true, err);

	if (ret < 0)
		return ret;
	if (feed->fault_code)
		return fail(err, feed->fault_code, "%s: %s", state->name, feed->fault);

	magic = find_magic(input);
	if (!magic)
		return 0;
	if (magic->compression == CAPTURE_PLAIN)
		return fail(err, EINVAL,
			    "%s is %s-compressed: decompress it first, or pipe it: %s%s%s | eniflow read -",
			    state->name, magic->name, magic->command, is_stdin ? "" : " ", is_stdin ? "" : path);
	return start_decompression(input, magic, err);
}

int capture_input_open(struct capture_input *input, const struct capture_input_options *options, struct error *err)
{
	struct input_state *state = calloc(1, sizeof(*state));
	const char *path = options->path;
	int ret;

	*input = (struct capture_input){ .state = state };
	if (!state)
		return fail_memory(err, path);
	state->feed.fd = -1;
	state->wake_fd = options->wake_fd;
	state->ahead_most = options->ahead;
	state->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
	ret = state->name ? capture_feed_open(&state->feed, path, state->name, err) : fail_memory(err, path);
	if (ret == 0)
		ret = begin(input, path, err);
	if (ret < 0)
		capture_input_close(input);
	return ret;
}

void capture_input_close(struct capture_input *input)
{
	struct input_state *state = input->state;

	if (!state)
		return;
	capture_ahead_stop(state->ahead);
	capture_feed_close(&state->feed);
	free(state->buffer);
	free(state->name);
	free(state);
	*input = (struct capture_input){ 0 };
}

/* ---- what is known of it ---- */

uint64_t capture_input_offset(const struct capture_input *input)
{
	return input->state->filled - (uint64_t)(input->end - input->at);
}

const char *capture_input_fault(const struct capture_input *input)
{
	const struct input_state *state = input->state;

	if (state->ahead && !capture_ahead_has_ended(state->ahead))
		return NULL;
	return state->feed.fault_code ? state->feed.fault : NULL;
}

const char *capture_input_name(const struct capture_input *input)
{
	return input->state->name;
}

const char *capture_input_compression(const struct capture_input *input)
{
	return input->state->feed.compression;
}

bool capture_input_is_stream(const struct capture_input *input)
{
	return input->state->feed.stream;
}

uint64_t capture_input_consumed(const struct capture_input *input)
{
	const struct input_state *state = input->state;

	return state->ahead ? capture_ahead_consumed(state->ahead) : state->feed.consumed;
}

uint64_t capture_input_size(const struct capture_input *input)
{
	return input->state->feed.size;
}
