/* capture/pcapng.h - the newer format: sections of blocks, which describe interfaces and carry their packets.
 *
 * Interpreted are section headers, interface descriptions and statistics, enhanced, simple and obsolete packet
 * blocks; all other blocks are skipped. Behind capture/file.h, whose words for return values hold here too. */
#ifndef ENIFLOW_CAPTURE_PCAPNG_H
#define ENIFLOW_CAPTURE_PCAPNG_H

#include "capture/file.h"
#include "capture/pcapng_block.h"
#include "capture/pcapng_interface.h"
#include "capture/reader.h"

enum {
	CAPTURE_PCAPNG_TYPES_TOLD = 16,
	CAPTURE_PCAPNG_LISTED_MOST = 1024, /* interfaces of sections that have ended: an endless stream may have many */
};

/* Zeroed, it is at the beginning of a file. */
struct capture_pcapng {
	struct pcapng_framing framing;
	/* What the file has described; those of the section from `section` on. */
	struct pcapng_interface *interfaces;
	size_t count, room, section;
	/* What is told once a file: kinds of broken blocks, by bit; link types that are not decoded. */
	unsigned told;
	uint32_t types_told[CAPTURE_PCAPNG_TYPES_TOLD];
	size_t types_told_count;
};

void capture_pcapng_close(struct capture_pcapng *pcapng);

int capture_pcapng_read(struct capture_pcapng *pcapng, struct capture_reader *reader, struct capture_item *items,
			size_t room, bool wait, struct error *err);

/* As capture_file_interface(). */
const struct capture_file_interface *capture_pcapng_interface(const struct capture_pcapng *pcapng, size_t index);

#endif
