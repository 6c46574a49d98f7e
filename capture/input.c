#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/decompress.h"

enum {
	FIRST_BLOCK = 16 * 1024, /* of each file: thousands may be open and wait for their turn */
	BLOCK = 256 * 1024,      /* once it is read on */
	MAGIC_MOST = 6,          /* bytes that tell a compression */
};

struct input_state {
	char *name;
	int fd, wake_fd;
	bool stream;
	bool ended;              /* the descriptor is; a fault ends the input as well */
	uint8_t *buffer;         /* holds at..end */
	size_t capacity;         /* of `buffer` */
	bool was_filled;         /* by the last read */
	uint64_t filled;         /* bytes that have ever entered `buffer` */
	uint64_t consumed, size; /* of the file on the disk */
	const char *compression; /* its name, or NULL */
	struct capture_decompress *decompress;
	uint8_t *raw; /* compressed bytes; holds raw_at..raw_end */
	const uint8_t *raw_at, *raw_end;
	int fault_code; /* errno value; 0: none */
	char fault[256];
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

static ssize_t set_fault(struct input_state *state, int code, const char *what, uint64_t at, const char *why)
{
	state->fault_code = code;
	snprintf(state->fault, sizeof(state->fault), "%s at byte %llu%s%s", what, (unsigned long long)at,
		 why ? ": " : "", why ? why : "");
	return 0;
}

/* 1: a read would not block. -EAGAIN, -EINTR: as capture_input_fill(). */
static int await(const struct input_state *state, bool wait, struct error *err)
{
	struct pollfd fds[2] = {
		{ .fd = state->fd, .events = POLLIN },
		{ .fd = wait ? state->wake_fd : -1, .events = POLLIN }, /* poll passes over -1 */
	};

	while (poll(fds, 2, wait ? -1 : 0) < 0)
		if (errno != EINTR)
			return 1; /* what is wrong, the read will say */
	if (fds[1].revents)
		return fail(err, EINTR, "%s: interrupted while waiting for it", state->name);
	return fds[0].revents ? 1 : -EAGAIN;
}

/* Reads what there is, up to `room` bytes. How many; 0: the end or a fault; -EAGAIN, -EINTR. */
static ssize_t read_some(struct input_state *state, uint8_t *out, size_t room, bool wait, struct error *err)
{
	for (;;) {
		int ret = state->stream ? await(state, wait, err) : 1;
		ssize_t n;

		if (ret < 0)
			return ret;
		n = read(state->fd, out, room);
		if (n > 0) {
			state->consumed += (uint64_t)n;
			return n;
		}
		if (n == 0) {
			state->ended = true;
			return 0;
		}
		if (errno != EINTR && !(errno == EAGAIN && state->stream))
			return set_fault(state, errno, "it cannot be read", state->consumed, strerror(errno));
	}
}

static ssize_t set_compression_fault(struct input_state *state, const char *what, const char *why)
{
	uint64_t left = (uint64_t)(state->raw_end - state->raw_at);
	char sentence[64];

	snprintf(sentence, sizeof(sentence), "the %s data %s", state->compression, what);
	return set_fault(state, EINVAL, sentence, state->consumed - left, why);
}

/* As read_some(), of decompressed bytes. */
static ssize_t decompress_some(struct input_state *state, uint8_t *out, size_t room, bool wait, struct error *err)
{
	for (;;) {
		struct capture_piece piece = { state->raw_at, state->raw_end, out, out + room };
		const char *why;
		int ret = capture_decompress_run(state->decompress, &piece, &why);
		ssize_t n;

		state->raw_at = piece.in;
		if (ret == -ENOMEM)
			return fail_memory(err, state->name);
		if (ret < 0)
			set_compression_fault(state, "cannot be decoded", why);
		if (piece.out > out || ret < 0)
			return piece.out - out;

		n = state->ended ? 0 : read_some(state, state->raw, FIRST_BLOCK, wait, err);
		if (n < 0 || state->fault_code)
			return n;
		if (n == 0)
			return capture_decompress_is_whole(state->decompress)
				       ? 0
				       : set_compression_fault(state, "is cut off", NULL);
		state->raw_at = state->raw;
		state->raw_end = state->raw + n;
	}
}

static int grow(struct input_state *state, struct error *err)
{
	size_t capacity = state->capacity ? 2 * state->capacity : FIRST_BLOCK;
	uint8_t *larger = realloc(state->buffer, capacity);

	if (!larger)
		return fail_memory(err, state->name);
	state->buffer = larger;
	state->capacity = capacity;
	state->was_filled = false;
	return 0;
}

/* Moves what is in the buffer to its front. A buffer that is full grows, or one that is small and was filled by the
 * last read. */
static int make_room(struct capture_input *input, struct error *err)
{
	struct input_state *state = input->state;
	size_t have = (size_t)(input->end - input->at);

	if (have > 0 && input->at != state->buffer)
		memmove(state->buffer, input->at, have);
	if (have == state->capacity || (state->was_filled && state->capacity < BLOCK))
		if (grow(state, err) < 0)
			return -ENOMEM;
	input->at = state->buffer;
	input->end = state->buffer + have;
	return 0;
}

/* Reads or decompresses what fits behind `end`. 1: something. 0: the end. -EAGAIN, -EINTR, -ENOMEM. */
static int add_some(struct capture_input *input, bool wait, struct error *err)
{
	struct input_state *state = input->state;
	size_t have = (size_t)(input->end - state->buffer);
	size_t room = state->capacity - have;
	uint8_t *out = state->buffer + have;
	ssize_t n = 0;

	if (state->fault_code)
		return 0;
	if (state->decompress)
		n = decompress_some(state, out, room, wait, err);
	else if (!state->ended)
		n = read_some(state, out, room, wait, err);
	if (n <= 0)
		return (int)n;
	state->was_filled = (size_t)n == room;
	state->filled += (uint64_t)n;
	input->end += n;
	return 1;
}

int capture_input_fill(struct capture_input *input, size_t need, bool wait, struct error *err)
{
	while ((size_t)(input->end - input->at) < need) {
		int ret = make_room(input, err);

		if (ret == 0)
			ret = add_some(input, wait, err);
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

/* Descriptor and kind of what lies at `path`. */
static int open_path(struct input_state *state, const char *path, struct error *err)
{
	struct stat status;

	if (strcmp(path, "-") == 0)
		state->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else /* not to wait for a FIFO's writer: await() does, and can be woken */
		state->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (state->fd < 0 && errno == EMFILE)
		return fail(err, EMFILE,
			    "%s cannot be opened, too many files are: raise the limit (ulimit -n), or merge some first",
			    state->name);
	if (state->fd < 0 || fstat(state->fd, &status) < 0)
		return fail_errno(err, "%s cannot be opened", state->name);
	if (S_ISDIR(status.st_mode))
		return fail(err, EISDIR, "%s is a directory: name the captures in it, as %s/*", state->name,
			    state->name);

	state->stream = !S_ISREG(status.st_mode);
	if (!state->stream) {
		state->size = (uint64_t)status.st_size;
		posix_fadvise(state->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return 0;
}

/* What has been read so far is compressed: it becomes what is decompressed into a new buffer. */
static int start_decompression(struct capture_input *input, const struct magic *magic, struct error *err)
{
	struct input_state *state = input->state;

	state->raw = state->buffer;
	state->raw_at = input->at;
	state->raw_end = input->end;
	state->buffer = NULL;
	state->capacity = 0;
	state->filled = 0;
	state->compression = magic->name;
	input->at = input->end = NULL;
	return capture_decompress_new(&state->decompress, magic->compression, err);
}

/* Reads the first bytes, and sees whether they are compressed. */
static int begin(struct capture_input *input, const char *path, struct error *err)
{
	struct input_state *state = input->state;
	bool is_stdin = strcmp(path, "-") == 0;
	const struct magic *magic;
	int ret = capture_input_fill(input, MAGIC_MOST, true, err);

	if (ret < 0)
		return ret;
	if (state->fault_code)
		return fail(err, state->fault_code, "%s: %s", state->name, state->fault);

	magic = find_magic(input);
	if (!magic)
		return 0;
	if (magic->compression == CAPTURE_PLAIN)
		return fail(err, EINVAL,
			    "%s is %s-compressed: decompress it first, or pipe it: %s%s%s | eniflow read -",
			    state->name, magic->name, magic->command, is_stdin ? "" : " ", is_stdin ? "" : path);
	return start_decompression(input, magic, err);
}

int capture_input_open(struct capture_input *input, const char *path, int wake_fd, struct error *err)
{
	struct input_state *state = calloc(1, sizeof(*state));
	int ret;

	*input = (struct capture_input){ .state = state };
	if (!state)
		return fail_memory(err, path);
	state->fd = -1;
	state->wake_fd = wake_fd;
	state->name = strdup(strcmp(path, "-") == 0 ? "standard input" : path);
	ret = state->name ? open_path(state, path, err) : fail_memory(err, path);
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
	if (state->fd >= 0)
		close(state->fd);
	capture_decompress_free(state->decompress);
	free(state->raw);
	free(state->buffer);
	free(state->name);
	free(state);
	*input = (struct capture_input){ 0 };
}

uint64_t capture_input_offset(const struct capture_input *input)
{
	return input->state->filled - (uint64_t)(input->end - input->at);
}

const char *capture_input_fault(const struct capture_input *input)
{
	return input->state->fault_code ? input->state->fault : NULL;
}

const char *capture_input_name(const struct capture_input *input)
{
	return input->state->name;
}

const char *capture_input_compression(const struct capture_input *input)
{
	return input->state->compression;
}

bool capture_input_is_stream(const struct capture_input *input)
{
	return input->state->stream;
}

uint64_t capture_input_consumed(const struct capture_input *input)
{
	return input->state->consumed;
}

uint64_t capture_input_size(const struct capture_input *input)
{
	return input->state->size;
}
