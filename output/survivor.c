#include "output/survivor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "output/gzip.h"

enum { BLOCK = 64 * 1024, LONGEST_LINE = 1 << 20, GZIP_HEADER = 16 };

/* ---- plain ---- */

int output_survivor_look_plain(struct output_survivor *out, int fd, const char *name, struct error *err)
{
	off_t size = lseek(fd, 0, SEEK_END), at = size;
	char block[BLOCK];

	*out = (struct output_survivor){ .whole = size };
	if (size < 0)
		return fail_errno(err, "%s: its size", name);
	while (at > 0 && size - at < LONGEST_LINE) {
		size_t length = at < BLOCK ? (size_t)at : BLOCK;
		ssize_t got = pread(fd, block, length, at - (off_t)length);
		const char *end;

		if (got < 0)
			return fail_errno(err, "%s: cannot be read", name);
		if ((size_t)got < length)
			return fail(err, EIO, "%s: it became shorter while it was read", name);
		at -= (off_t)length;
		end = memrchr(block, '\n', length);
		if (end) {
			out->whole = at + (end + 1 - block);
			break;
		}
		out->whole = at;
	}
	out->lost = size - out->whole;
	if (out->lost > 0)
		out->state = out->lost < LONGEST_LINE ? OUTPUT_SURVIVOR_CUT_OFF : OUTPUT_SURVIVOR_DAMAGED;
	return 0;
}

/* ---- Parquet ---- */

int output_survivor_has_parquet_end(int fd, const char *name, struct error *err)
{
	/* "PAR1", what the file holds, the description of that, its length in four bytes, "PAR1". */
	static const char magic[4] = "PAR1";
	off_t size = lseek(fd, 0, SEEK_END);
	unsigned char end[8], begin[4];
	uint32_t length;

	if (size < 0)
		return fail_errno(err, "%s: its size", name);
	if (size < (off_t)(sizeof(begin) + sizeof(end)))
		return 0;
	if (pread(fd, begin, sizeof(begin), 0) != sizeof(begin) ||
	    pread(fd, end, sizeof(end), size - (off_t)sizeof(end)) != sizeof(end))
		return fail_errno(err, "%s: cannot be read", name);
	length = (uint32_t)end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
	return memcmp(begin, magic, sizeof(magic)) == 0 && memcmp(end + 4, magic, sizeof(magic)) == 0 && length > 0 &&
	       length <= size - (off_t)(sizeof(begin) + sizeof(end));
}

/* ---- gzip ---- */

/* Text comes out of a gzip file by the piece. */
struct reading {
	int fd;
	const char *name;
	z_stream stream;
	int64_t at;      /* bytes of the file that were inflated */
	int64_t members; /* ... when the last member was whole */
	bool is_inside;  /* a member has begun */
	bool is_damaged;
	bool has_more; /* of the text, than there was room for */
	unsigned char in[BLOCK], out[BLOCK];
};

static int reading_new(struct reading **out, int fd, int64_t from, const char *name, struct error *err)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading || inflateInit2(&reading->stream, MAX_WBITS + GZIP_HEADER) != Z_OK) {
		free(reading);
		return fail_memory(err, name);
	}
	reading->fd = fd;
	reading->name = name;
	reading->at = reading->members = from;
	*out = reading;
	return lseek(fd, (off_t)from, SEEK_SET) < 0 ? fail_errno(err, "%s: cannot be read", name) : 0;
}

static void reading_free(struct reading *reading)
{
	if (reading)
		inflateEnd(&reading->stream);
	free(reading);
}

/* Returns 1 when there is some input, 0 at the end of the file. */
static int fill(struct reading *reading, struct error *err)
{
	ssize_t got;

	if (reading->stream.avail_in > 0 || reading->has_more)
		return 1;
	do
		got = read(reading->fd, reading->in, sizeof(reading->in));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail_errno(err, "%s: cannot be read", reading->name);
	reading->stream.next_in = reading->in;
	reading->stream.avail_in = (uInt)got;
	return got > 0;
}

/* The next text: how many bytes stand in `out` (perhaps none); -1 at the end. */
static int64_t read_text(struct reading *reading, struct error *err, int *failure)
{
	z_stream *stream = &reading->stream;
	uInt before;
	int ret;

	ret = reading->is_damaged ? 0 : fill(reading, err);
	*failure = ret < 0 ? ret : 0;
	if (ret <= 0)
		return -1;
	before = stream->avail_in;
	stream->next_out = reading->out;
	stream->avail_out = sizeof(reading->out);
	reading->is_inside = true;
	ret = inflate(stream, Z_SYNC_FLUSH);
	reading->at += before - stream->avail_in;
	reading->has_more = ret == Z_OK && stream->avail_out == 0;
	if (ret == Z_STREAM_END) {
		reading->members = reading->at;
		reading->is_inside = false;
		inflateReset(stream);
	} else if (ret != Z_OK && ret != Z_BUF_ERROR) {
		reading->is_damaged = true;
	}
	return (int64_t)(sizeof(reading->out) - stream->avail_out);
}

/* Counts text behind the whole members, and lines. */
static void look_at(struct output_survivor *out, const unsigned char *text, size_t length, int64_t *behind)
{
	const unsigned char *at = text;
	const unsigned char *end = text + length;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		out->lines++;
		out->rest = *behind + (at - text);
	}
	*behind += (int64_t)length;
}

int output_survivor_look_gzip(struct output_survivor *out, int fd, const char *name, struct error *err)
{
	struct reading *reading = NULL;
	int64_t length, behind = 0;
	int ret = reading_new(&reading, fd, 0, name, err);

	*out = (struct output_survivor){ 0 };
	if (!reading)
		return ret;
	while (ret == 0 && (length = read_text(reading, err, &ret)) >= 0) {
		look_at(out, reading->out, (size_t)length, &behind);
		if (!reading->is_inside && !reading->is_damaged)
			behind = out->rest = 0;
	}
	if (ret == 0) {
		off_t size = lseek(fd, 0, SEEK_END);

		out->whole = reading->members;
		if (reading->is_damaged)
			out->lost = size - (out->rest > 0 ? reading->at : reading->members);
		if (reading->is_damaged)
			out->state = OUTPUT_SURVIVOR_DAMAGED;
		else if (reading->is_inside)
			out->state = OUTPUT_SURVIVOR_CUT_OFF;
	}
	reading_free(reading);
	return ret;
}

int output_survivor_begins_gzip(int fd, const char *text, size_t length, const char *name, struct error *err)
{
	struct reading *reading = NULL;
	int64_t got;
	int ret = reading_new(&reading, fd, 0, name, err);

	if (!reading)
		return ret;
	while (ret == 0 && length > 0 && (got = read_text(reading, err, &ret)) >= 0) {
		size_t compared = (size_t)got < length ? (size_t)got : length;

		if (memcmp(reading->out, text, compared) != 0)
			break;
		text += compared;
		length -= compared;
	}
	reading_free(reading);
	return ret < 0 ? ret : length == 0;
}

struct target {
	int fd;
	const char *name;
};

static int write_to(void *ctx, const void *bytes, size_t size, struct error *err)
{
	const struct target *target = ctx;
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(target->fd, at, size);

		if (written < 0 && errno != EINTR)
			return fail_errno(err, "%s: what can be read of it cannot be written", target->name);
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

static int copy_whole(int64_t left, int fd, struct target *target, struct error *err)
{
	char block[BLOCK];

	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail_errno(err, "%s: cannot be read", target->name);
	while (left > 0) {
		ssize_t got = read(fd, block, left < BLOCK ? (size_t)left : BLOCK);
		int ret;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? fail_errno(err, "%s: cannot be read", target->name)
				       : fail(err, EIO, "%s: it became shorter while it was read", target->name);
		ret = write_to(target, block, (size_t)got, err);
		if (ret < 0)
			return ret;
		left -= got;
	}
	return 0;
}

/* The lines behind the whole members, as a member. */
static int copy_rest(const struct output_survivor *survivor, int fd, struct target *target, struct error *err)
{
	struct output_outlet outlet = { write_to, target };
	struct output_compressor *gzip = NULL;
	struct reading *reading = NULL;
	int64_t left = survivor->rest, length;
	int ret = output_gzip_new(&gzip, err);

	if (ret == 0)
		ret = reading_new(&reading, fd, survivor->whole, target->name, err);
	while (ret == 0 && reading && left > 0 && (length = read_text(reading, err, &ret)) >= 0) {
		if (length > left)
			length = left;
		left -= length;
		ret = gzip->push(gzip, reading->out, (size_t)length, left > 0 ? OUTPUT_MORE : OUTPUT_END, &outlet, err);
	}
	if (ret == 0 && left > 0)
		ret = fail(err, EIO, "%s: it changed while it was read", target->name);
	reading_free(reading);
	output_compressor_free(gzip);
	return ret;
}

int output_survivor_copy_gzip(const struct output_survivor *survivor, int fd, int to, const char *name,
			      struct error *err)
{
	struct target target = { to, name };
	int ret = copy_whole(survivor->whole, fd, &target, err);

	if (ret == 0 && survivor->rest > 0)
		ret = copy_rest(survivor, fd, &target, err);
	if (ret == 0 && fsync(to) < 0)
		ret = fail_errno(err, "%s: what can be read of it cannot be written to disk", name);
	return ret;
}
