/* capture/pcap.h - the classic format: a header of 24 bytes, then records.
 *
 * Microseconds, nanoseconds and Kuznetzov's longer record headers, in both byte orders. Behind capture/file.h, whose
 * words for return values hold here too. */
#ifndef ENIFLOW_CAPTURE_PCAP_H
#define ENIFLOW_CAPTURE_PCAP_H

#include "capture/file.h"
#include "capture/reader.h"

enum { CAPTURE_PCAP_HEADER = 24 };

struct capture_pcap {
	enum byte_order order;
	uint32_t header; /* bytes before a record's frame */
	uint16_t minor_version;
	uint32_t unit_ns; /* of a time's second half */
	const struct flow_point *point;
	bool appeared; /* the capture point has been handed on */
	struct capture_file_interface about;
	char format[48];
};

/* Do these first bytes belong to such a file? */
bool capture_pcap_begins(const uint8_t magic[static 4]);

/* Reads the file header, of which CAPTURE_PCAP_HEADER bytes are in the input. 0, -EINVAL or -ENOMEM. */
int capture_pcap_open(struct capture_pcap *pcap, struct capture_reader *reader, struct error *err);

int capture_pcap_read(struct capture_pcap *pcap, struct capture_reader *reader, struct capture_item *items, size_t room,
		      bool wait, struct error *err);

#endif
