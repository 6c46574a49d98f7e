/* capture/pcapng_block.h - the framing of pcapng: one block after the other, each whole in the buffer.
 *
 * Blocks of types that are not interpreted are skipped, however long they are. */
#ifndef ENIFLOW_CAPTURE_PCAPNG_BLOCK_H
#define ENIFLOW_CAPTURE_PCAPNG_BLOCK_H

#include "capture/cursor.h"
#include "capture/reader.h"

enum pcapng_block_type {
	PCAPNG_SECTION_HEADER = 0x0a0d0d0a, /* reads the same in both byte orders */
	PCAPNG_INTERFACE_DESCRIPTION = 1,
	PCAPNG_OBSOLETE_PACKET = 2,
	PCAPNG_SIMPLE_PACKET = 3,
	PCAPNG_INTERFACE_STATISTICS = 5,
	PCAPNG_ENHANCED_PACKET = 6,
};

/* Type, length and byte-order magic: what tells a file from one that is no capture. As long as the shortest block:
 * type, length, and the length again behind the body. */
enum { PCAPNG_HEADER = 12 };

/* A block that is whole in the buffer, and behind which the input stands. */
struct pcapng_block {
	uint32_t type, length;
	struct cursor body;
};

/* Where a file stands between blocks. Zeroed, it is at its beginning. */
struct pcapng_framing {
	enum byte_order order; /* of the section */
	bool skipping;         /* a block of this length from this byte on, of which so much is left */
	uint32_t skip_length;
	uint64_t skip_start, skip_left;
};

/* Judges the first section header, of which PCAPNG_HEADER bytes are in the input; one that is cut off behind these is
 * left to pcapng_block_next(). 0, -EINVAL, -EINTR or -ENOMEM. */
int pcapng_block_begin(struct capture_reader *reader, struct error *err);

/* Is the next block one that is interpreted, and whole in the buffer? Then pcapng_block_next() does not fill it. */
bool pcapng_block_is_there(const struct pcapng_framing *framing, const struct capture_reader *reader);

/* The next block, whose byte order then stands in `framing`. 1, or as capture_file_read(). */
int pcapng_block_next(struct pcapng_framing *framing, struct capture_reader *reader, struct pcapng_block *block,
		      bool wait, struct error *err);

/* At which byte of the file it began. */
uint64_t pcapng_block_start(const struct pcapng_block *block, const struct capture_reader *reader);

/* Ends the file at a block that has a `what` of `value`, behind which nothing can be read. Always 0, as
 * capture_file_read() then answers. */
int pcapng_block_stop(struct capture_reader *reader, uint64_t start, const char *what, uint32_t value);

#endif
