/* capture/survey.h - what a capture file holds: facts, gathered frame by frame in bounded memory.
 *
 * What they mean is for others: capture/hosts.h finds whose capture it is. */
#ifndef ENIFLOW_CAPTURE_SURVEY_H
#define ENIFLOW_CAPTURE_SURVEY_H

#include "capture/file.h"
#include "capture/tally.h"

/* One capture point. Bytes are those of whole frames as they were on the wire. */
struct capture_survey_point {
	const struct flow_point *point; /* NULL: of frames that are not decoded */
	uint64_t frames, bytes;
	uint64_t kinds
		[FLOW_UNSUPPORTED]; /* by enum flow_kind: FLOW_PACKET, FLOW_NON_IP, FLOW_TRUNCATED, FLOW_MALFORMED */
	uint64_t ipv4, ipv6;        /* packets */
	uint64_t words[FLOW_EGRESS + 1]; /* frames by enum flow_direction, as the capture itself tells it */
	uint64_t unicast;                /* frames with MACs that were sent to one station */
	uint64_t cut;                    /* frames of which not all was captured */
	uint64_t lost;                   /* packets dropped, as the capture tells */
	uint64_t early;                  /* frames with an earlier time than the frame before them */
	int64_t most_early_ns;
	int64_t first_ns, last_ns; /* least and greatest time; 0 without frames */
	int64_t before_ns;         /* time of the last frame added */
};

/* What is tallied, and which parts of a key it is by; the group is the number of the capture point. */
enum capture_survey_tally {
	SURVEY_PROTOCOLS, /* packets, by number: the protocol */
	SURVEY_TYPES,     /* frames without IP, by number: as capture_neighbour_type() has it, or SURVEY_NO_TYPE */
	SURVEY_LINKS,     /* frames that are not decoded, by number: the link type; all in group 0 */
	SURVEY_TALKS,     /* packets, by family and both addresses, whichever way they went */
	SURVEY_MACS,      /* frames to one station, by MAC */
	SURVEY_ADDRESSES, /* packets, by family, address, and the MAC of their frame at its end (zeros: they have none) */
	SURVEY_END
};

enum { SURVEY_NO_TYPE = UINT16_MAX };

/* The counts of an entry of the others. */
enum { SURVEY_FRAMES };                /* of the first three */
enum { SURVEY_PACKETS, SURVEY_BYTES }; /* of SURVEY_TALKS */

/* The counts of an entry of the last two. */
enum capture_survey_end {
	SURVEY_SENT,                    /* it was the source */
	SURVEY_RECEIVED,                /* it was the destination of a frame to one station */
	SURVEY_OUT,                     /* it was the source of what the capture says went out */
	SURVEY_IN,                      /* it was the destination of what the capture says came in */
	SURVEY_BEHIND,                  /* of a MAC: addresses that it sent from */
	SURVEY_CLAIMED = SURVEY_BEHIND, /* of an address: the station claimed it as its own (capture/neighbour.h) */
};

struct capture_survey;

/* `seed` is random. */
int capture_survey_new(struct capture_survey **out, uint64_t seed, struct error *err);
void capture_survey_free(struct capture_survey *survey);

/* Adds what capture_file_next() read from the file. Returns 0 or -ENOMEM. */
int capture_survey_add(struct capture_survey *survey, const struct capture_item *item, struct error *err);

/* Nothing more is to be added: what follows can be asked. */
void capture_survey_finish(struct capture_survey *survey);

/* The capture points of the file by their numbers, which begin at 0. */
const struct capture_survey_point *capture_survey_points(const struct capture_survey *survey, size_t *count);

/* The frames of link types that are not decoded: how many, how large, and when. */
const struct capture_survey_point *capture_survey_undecoded(const struct capture_survey *survey);

/* The entries of a tally for one capture point, those seen most first. */
const struct capture_tally_entry *capture_survey_entries(const struct capture_survey *survey,
							 enum capture_survey_tally tally, uint32_t point,
							 size_t *count);

/* How many keys of a tally found no room, in all capture points together (capture_tally_forgotten()). */
uint64_t capture_survey_forgotten(const struct capture_survey *survey, enum capture_survey_tally tally);

/* Can an interface have this address as its own to show in a flow log? Not groups, nothing unspecified or
 * link-local. */
bool capture_survey_is_host(enum flow_family family, const struct flow_address *address);

#endif
