#include "output/hold.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECE_LEAST = 512, PIECE_MOST = 16 * 1024 };

/* A reader at work makes room within the first of these; all together are no more than the second. */
enum { WAIT_MS = 20, WAIT_MS_MOST = 250 };

struct output_hold_piece {
	struct output_hold_piece *next;
	size_t length, room;
	char bytes[];
};

/* There may be many holds with little in each. */
static size_t piece_room(size_t wanted)
{
	if (wanted < PIECE_LEAST)
		return PIECE_LEAST;
	return wanted < PIECE_MOST ? wanted : PIECE_MOST;
}

static struct output_hold_piece *add_piece(struct output_hold *hold, size_t wanted)
{
	size_t room = piece_room(wanted);
	struct output_hold_piece *piece = malloc(sizeof(*piece) + room);

	if (!piece)
		return NULL;
	piece->room = room;
	piece->next = NULL;
	piece->length = 0;
	if (hold->last)
		hold->last->next = piece;
	else
		hold->first = piece;
	hold->last = piece;
	return piece;
}

int output_hold_append(struct output_hold *hold, const void *bytes, size_t size, struct error *err)
{
	const char *at = bytes;

	while (size > 0) {
		struct output_hold_piece *piece = hold->last;
		size_t taken;

		if (!piece || piece->length == piece->room)
			piece = add_piece(hold, size);
		if (!piece)
			return fail_memory(err, "records that wait to be written");
		taken = size < piece->room - piece->length ? size : piece->room - piece->length;
		memcpy(piece->bytes + piece->length, at, taken);
		piece->length += taken;
		hold->length += taken;
		at += taken;
		size -= taken;
	}
	return 0;
}

int output_hold_prepend(struct output_hold *hold, const void *bytes, size_t size, struct error *err)
{
	struct output_hold before = { .has_lines = hold->has_lines, .has_reader = hold->has_reader };
	struct output_hold_piece *first = hold->first;
	int ret = output_hold_append(&before, bytes, size, err);

	if (ret < 0 || !before.last) {
		output_hold_clear(&before);
		return ret;
	}
	if (!first) {
		*hold = before;
		return 0;
	}
	/* What is read begins in the first piece alone: those behind it must be full of what is kept. */
	memmove(first->bytes, first->bytes + hold->start, first->length - hold->start);
	first->length -= hold->start;
	hold->start = 0;
	before.last->next = first;
	hold->first = before.first;
	hold->length += before.length;
	return 0;
}

static void drop_first(struct output_hold *hold)
{
	struct output_hold_piece *piece = hold->first;

	hold->first = piece->next;
	if (!hold->first)
		hold->last = NULL;
	hold->start = 0;
	free(piece);
}

static void release(struct output_hold *hold, size_t size)
{
	hold->length -= size;
	hold->sent -= size;
	while (hold->first && size >= hold->first->length - hold->start) {
		size -= hold->first->length - hold->start;
		drop_first(hold);
	}
	hold->start += size;
}

/* What of the bytes just written, the last ones that are sent, need not be kept any more. */
static void forget_written(struct output_hold *hold, const char *bytes, size_t size)
{
	const char *end = hold->has_lines ? memrchr(bytes, '\n', size) : bytes + size - 1;

	hold->sent += size;
	if (end)
		release(hold, hold->sent - (size_t)(bytes + size - 1 - end));
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How many of `wanted` bytes can be written without being made to wait. A blocking descriptor may be shared with others,
 * so it stays one; but where a pipe has room at all, it has room for PIPE_BUF bytes. */
static size_t room_for(const struct output_hold *hold, int fd, size_t wanted, int64_t until_ms)
{
	struct pollfd asked = { .fd = fd, .events = POLLOUT };

	if (!hold->has_reader)
		return wanted;
	if (poll(&asked, 1, 0) == 0 && (now_ms() >= until_ms || poll(&asked, 1, WAIT_MS) <= 0))
		return 0;
	return wanted < PIPE_BUF ? wanted : PIPE_BUF;
}

int output_hold_write(struct output_hold *hold, int fd)
{
	int64_t until_ms = hold->has_reader ? now_ms() + WAIT_MS_MOST : 0;

	while (hold->length > hold->sent) {
		struct output_hold_piece *piece = hold->first;
		size_t offset = hold->start + hold->sent, room;
		ssize_t ret;

		for (; offset >= piece->length; piece = piece->next)
			offset -= piece->length;
		room = room_for(hold, fd, piece->length - offset, until_ms);
		if (room == 0)
			return -EAGAIN;
		ret = write(fd, piece->bytes + offset, room);
		if (ret > 0) {
			forget_written(hold, piece->bytes + offset, (size_t)ret);
		} else if (ret == 0 || errno != EINTR) {
			return ret == 0 ? -EAGAIN : -errno;
		}
	}
	return 0;
}

void output_hold_rewind(struct output_hold *hold)
{
	hold->sent = 0;
}

void output_hold_clear(struct output_hold *hold)
{
	while (hold->first)
		drop_first(hold);
	hold->start = hold->length = hold->sent = 0;
}
