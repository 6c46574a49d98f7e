/* output/stream.h - lines on their way to one descriptor: gathered, compressed, and kept while they cannot be written.
 *
 * Nothing here is lost by a write that fails; the next one goes on where it failed. */
#ifndef ENIFLOW_OUTPUT_STREAM_H
#define ENIFLOW_OUTPUT_STREAM_H

#include <stdint.h>

#include "output/compressor.h"
#include "output/hold.h"

/* Zeroed, it is one of plain lines. Set `compression`, and `waiting` where several streams share a bound. */
struct output_stream {
	enum output_compression compression;
	size_t *waiting; /* grows and shrinks by output_stream_waiting(); or NULL */
	/* The rest is the stream's. */
	struct output_hold hold;
	struct output_compressor *compressor; /* NULL: at rest, or plain */
	bool is_behind;                       /* the compressor holds bytes back */
	char *buffer;
	size_t used, size;
	uint64_t packed; /* bytes that came out of the compressor since the stream began */
};

/* Gives back all memory; what was not written is gone. */
void output_stream_clear(struct output_stream *stream);

/* Is there room for a line of `size` bytes without output_stream_pack()? */
bool output_stream_has_room(const struct output_stream *stream, size_t size);

/* Room for a line; then output_stream_commit() what was written there. Packs what is there, where it must. NULL: out of
 * memory, with its sentence. */
char *output_stream_reserve(struct output_stream *stream, size_t size, struct error *err);
void output_stream_commit(struct output_stream *stream, size_t size);

/* Takes bytes that are no lines and are not compressed, ready to be written; for a stream that has no lines at all. Returns
 * 0 or -ENOMEM. */
int output_stream_append(struct output_stream *stream, const void *bytes, size_t size, struct error *err);

/* Makes the committed lines ready to be written. OUTPUT_END also gives back what memory the stream needs only while
 * lines come; others may follow: they begin another member or frame. Returns 0 or -errno: out of memory. */
int output_stream_pack(struct output_stream *stream, enum output_push then, struct error *err);

/* Writes what is packed, as output_hold_write(). */
int output_stream_write(struct output_stream *stream, int fd);

/* Bytes in memory that are not written yet. */
size_t output_stream_waiting(const struct output_stream *stream);

#endif
