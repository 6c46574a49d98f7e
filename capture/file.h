/* capture/file.h - one capture file: its frames, and what it says between them.
 *
 * The format is told by content. Classic pcap (capture/pcap.h) and pcapng (capture/pcapng.h) stand behind it.
 * Sources: semantics section 12, section 13, 1 to 6. */
#ifndef ENIFLOW_CAPTURE_FILE_H
#define ENIFLOW_CAPTURE_FILE_H

#include "capture/cursor.h"
#include "capture/input.h"
#include "capture/points.h"
#include "flow/observation.h"

/* A frame with a captured length beyond this is not believed: it ends its file. */
enum { CAPTURE_FRAME_MOST = 256 * 1024 };

enum capture_item_kind {
	CAPTURE_FRAME, /* a frame */
	CAPTURE_POINT, /* from here on the point `appeared` is part of the input */
	CAPTURE_LOSS,  /* `lost` packets more were dropped at `point` */
};

struct capture_item {
	enum capture_item_kind kind;
	uint32_t point;     /* number of the capture point (of a frame: not for a link type that is not decoded) */
	uint32_t link_type; /* LINKTYPE_ number */
	bool supported;     /* the link type is one that is decoded (capture/link.h) */
	uint8_t word;       /* enum flow_direction, from epb_flags or the live socket */
	uint8_t verdict;    /* enum flow_action, of a live firewall; FLOW_ACCEPT from files */
	uint8_t segment_protocol; /* with segment_size: TCP or UDP, whichever cuts the load; 0: the packet's own */
	enum byte_order order;    /* of the file or section */
	uint32_t captured;        /* bytes at `bytes`; at most CAPTURE_FRAME_MOST */
	uint32_t original;        /* length on the wire; at least `captured` */
	/* Of a live frame that stands for several packets (GSO, GRO): see capture/segments.h. */
	uint16_t segment_size; /* load of each but the last; 0: the frame is what it seems */
	uint16_t segment_load; /* where in the frame the load begins; 0: behind the packet's own transport header */
	const uint8_t *bytes;  /* valid until the next call on the file */
	int64_t time_ns;       /* Unix time */
	uint64_t lost;         /* CAPTURE_LOSS; of a frame: epb_dropcount and its elder */
	const struct flow_point *appeared;
};

struct capture_file;

struct capture_file_options {
	const char *path;              /* "-": standard input */
	struct capture_input *input;   /* of struct source_file (capture/files.h), or NULL */
	const char *point_name;        /* of NAME=FILE, or NULL */
	int wake_fd;                   /* see capture_input_open(); -1: none */
	unsigned ahead;                /* as there */
	struct capture_points *points; /* where this file's capture points are numbered; outlives the file */
	const struct notices *notices; /* may be NULL; outlives the file */
};

/* Does the input begin as a capture does, with the magic of pcap or pcapng? Its first four bytes are in its buffer, or
 * all that there are. */
bool capture_file_begins(const struct capture_input *input);

/* Opens a file and reads its file header. A file of no bytes at all is a file that is damaged and ends at once.
 * Returns 0, or -errno when it cannot be read at all or is no capture (-EINVAL): a classic file of a link type that
 * is not decoded is named with its number and name, known magics of other formats are named. Waits for the header of
 * a stream; -EINTR: woken from that. Strings are copied. */
int capture_file_open(struct capture_file **out, const struct capture_file_options *options, struct error *err);
void capture_file_close(struct capture_file *file);

/* Reads on, `room` items at the most. How many were read; their bytes stay valid until the next call. 0: the end, of
 * the file or of what can be read of it. -EAGAIN: `wait` is false and nothing is there yet (only streams). -EINTR:
 * woken. -ENOMEM. */
int capture_file_read(struct capture_file *file, struct capture_item *items, size_t room, bool wait, struct error *err);

/* One item alone. */
static inline int capture_file_next(struct capture_file *file, struct capture_item *item, bool wait, struct error *err)
{
	return capture_file_read(file, item, 1, wait, err);
}

/* Has anything been damaged, cut off or passed over so far (status 1)? What it was went to the notices, with the
 * offset. */
bool capture_file_is_damaged(const struct capture_file *file);

/* The path, or "standard input". */
const char *capture_file_path(const struct capture_file *file);

/* "pcap, microseconds, little-endian", "pcapng"; "nothing" for a file of no bytes. */
const char *capture_file_format(const struct capture_file *file);

/* An interface that the file has described; a classic file is one. Strings are the file's, NULL where it says
 * nothing. */
struct capture_file_interface {
	const char *name; /* of its capture point */
	uint32_t link_type;
	uint32_t snaplen; /* 0: no limit */
	uint64_t lost;    /* packets dropped, as told so far */
	char *description, *hardware, *os;
	char resolution[16]; /* of its times: "microseconds", "2^-10 s", ... */
};

/* The interface of that index among all that the file has described so far, in whatever section; NULL behind the
 * last. Once ended sections have over a thousand, they are forgotten. Valid until the next call on the file. */
const struct capture_file_interface *capture_file_interface(const struct capture_file *file, size_t index);

/* The bytes behind it: compression, size, progress. */
const struct capture_input *capture_file_input(const struct capture_file *file);

#endif
