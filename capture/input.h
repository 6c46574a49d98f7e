/* capture/input.h - the bytes of one file, FIFO or standard input, decompressed, in order.
 *
 * Read in large blocks and walked there in place. gzip and zstd are told by content, not by name; several members or
 * frames behind each other are one stream, which a thread of its own can decode ahead (capture/ahead.h). Memory is
 * bounded by the blocks and the buffer: what a length field claims is never allocated, the buffer grows only as bytes
 * really arrive. A regular file is read and not mapped: copying into a block that stays in the processor's cache costs
 * less than the page faults and cache misses of a mapping (about half of it for short frames, a third for whole ones),
 * and a file cut short by somebody else is an end and not a SIGBUS. */
#ifndef ENIFLOW_CAPTURE_INPUT_H
#define ENIFLOW_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

/* `at` and `end` bound the bytes that are in the buffer and not yet skipped; read them, move only by the functions
 * below. They stay valid until the next capture_input_fill() on this input. */
struct capture_input {
	const uint8_t *at, *end;
	struct input_state *state; /* private */
};

struct capture_input_options {
	const char *path; /* "-": standard input; copied */
	int wake_fd;      /* readable: stop waiting; -1: none */
	/* Compressed bytes are decoded on a thread of its own, if there are enough to make it pay and fewer than so many
	 * such threads in the process. */
	unsigned ahead;
};

/* Opens the file and reads its first bytes; waits for those of a FIFO or standard input, until `wake_fd` becomes
 * readable: -EINTR. Returns 0, or a negative errno: no such file, a directory, no permission, a compression that this
 * build cannot read. `input` needs no close then. */
int capture_input_open(struct capture_input *input, const struct capture_input_options *options, struct error *err);

/* Takes a zeroed or a closed input, too. */
void capture_input_close(struct capture_input *input);

/* Brings at least `need` bytes into at..end (need: up to CAPTURE_INPUT_MOST).
 * 1: they are there. 0: the input ended (or its compressed content is damaged) with fewer, which are all in at..end.
 * -EAGAIN: `wait` is false and no byte is there yet. -EINTR: woken by `wake_fd`, which is only looked at where `wait`
 * is true, or a compressed file is read on. -ENOMEM. */
enum { CAPTURE_INPUT_MOST = 16 * 1024 * 1024 };
int capture_input_fill(struct capture_input *input, size_t need, bool wait, struct error *err);

/* The same for every frame: no call where they are there already. */
static inline int capture_input_need(struct capture_input *input, size_t need, bool wait, struct error *err)
{
	return need <= (size_t)(input->end - input->at) ? 1 : capture_input_fill(input, need, wait, err);
}

/* Moves behind `n` bytes, which are in the buffer. */
static inline void capture_input_take(struct capture_input *input, size_t n)
{
	input->at += n;
}

/* Moves behind `n` bytes, whether they are in the buffer or not; answers as capture_input_fill(), and can be called
 * again after -EAGAIN or -EINTR with what `*left` then says. */
int capture_input_skip(struct capture_input *input, uint64_t *left, bool wait, struct error *err);

/* How many (decompressed) bytes lie before `at`. */
uint64_t capture_input_offset(const struct capture_input *input);

/* After fill or skip said 0: NULL if that was a plain end, else a sentence about the compression or the read error that
 * ended it ("gzip data damaged at byte 4096"). Valid until close. */
const char *capture_input_fault(const struct capture_input *input);

/* The path it was opened by, or "standard input": what sentences about it begin with. */
const char *capture_input_name(const struct capture_input *input);

/* "gzip", "zstd", or NULL for plain bytes. */
const char *capture_input_compression(const struct capture_input *input);

/* A FIFO, terminal, socket or pipe: records are wanted as soon as their window closes. */
bool capture_input_is_stream(const struct capture_input *input);

/* For progress: bytes read of the file as it lies on the disk (not those that were only decoded ahead), and its size
 * (0: not known). */
uint64_t capture_input_consumed(const struct capture_input *input);
uint64_t capture_input_size(const struct capture_input *input);

#endif
