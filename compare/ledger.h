/* compare/ledger.h - one side of a comparison: its interfaces, its flows, and of each flow what was booked when.
 *
 * Of a log each record is a part; of a capture, each second in which a flow has packets. So both can be cut where the
 * time that is in both begins and ends, whatever windows the log was made with. Memory: about 100 bytes a flow and 32
 * a part. Parts of a flow stand in runs, one behind the other, so that a walk along it reads memory in order; at
 * most half of the places is free. */
#ifndef ENIFLOW_COMPARE_LEDGER_H
#define ENIFLOW_COMPARE_LEDGER_H

#include "flow/error.h"
#include "flow/origin.h"
#include "flow/record.h"

/* What the packets of a flow agree on. No padding: hashed and compared as bytes. */
struct compare_key {
	uint32_t interface;                     /* of this side, by number */
	uint16_t source_port, destination_port; /* host order */
	uint8_t protocol;
	uint8_t family;    /* enum flow_family */
	uint8_t direction; /* enum flow_direction; FLOW_UNKNOWN unless both sides know it */
	uint8_t zero;
	struct flow_address source, destination; /* the packet's, where the log shows them; else srcaddr, dstaddr */
};
_Static_assert(sizeof(struct compare_key) == 44, "compared as bytes");

#define COMPARE_NONE UINT32_MAX /* no part, no flow, no interface */

struct compare_part {
	uint32_t next;       /* of the same flow, in order of `start`; or COMPARE_NONE */
	uint32_t start, end; /* Unix seconds, both included; what is later than 2106 is taken as 2106 */
	uint8_t action;      /* enum flow_action */
	uint8_t tcp_flags;
	uint8_t direction; /* enum flow_direction: also where the key leaves it out */
	bool is_duplicate; /* of a log: the same line stood in it before, value by value */
	uint64_t packets, bytes;
};

struct compare_flow {
	struct compare_key key;
	uint32_t first, last; /* its parts, in order of time once the ledger is closed */
	uint32_t last_start;  /* of its last part */
	uint32_t largest;     /* of a capture: bytes of its longest packet that is longer than COMPARE_LONG; else 0 */
	bool has_fragments;   /* of a capture */
	bool is_unsettled;    /* a part does not begin later than the one before: closing looks at it */
	uint8_t run, spare;   /* places of the last run of parts; those free behind the last part */
};
_Static_assert(sizeof(struct compare_flow) == 64, "a flow is a line of the cache");

/* An IP packet that may be several on the wire: longer than Ethernet's usual frames carry. */
enum { COMPARE_LONG = 1500 };

/* Seconds, both included, in which a log says SKIPDATA or NODATA, or a capture lost packets. */
struct compare_span {
	uint32_t start, end;
};

struct compare_spans {
	struct compare_span *items; /* in order of time once the ledger is closed */
	size_t count, room;
};

struct compare_ledger_interface {
	char *id;                             /* interface-id: of the log; of a capture, as its records would have it */
	char *device;                         /* of a capture: its capture point; of a log: NULL */
	bool is_configured;                   /* a section speaks of it, so that its id is meant */
	uint32_t start, end;                  /* of all its parts and spans; start > end: there are none */
	struct compare_spans skipped, silent; /* SKIPDATA (capture: losses), NODATA (log alone) */
};

struct compare_ledger {
	struct compare_ledger_interface *interfaces;
	size_t interface_count;
	struct compare_flow *flows; /* in order of first sight */
	size_t flow_count;
	struct compare_part *parts;  /* found by way of the flows: there are free ones between them */
	size_t part_count;           /* without those */
	uint32_t longest;            /* end less start, of all parts */
	struct compare_index *index; /* of flows by key */
	size_t duplicates;           /* parts that are */
	unsigned unknown;            /* enum flow_unknown, or-ed: what no record of a log says */
};

int compare_ledger_new(struct compare_ledger **out, uint64_t seed, struct error *err);
void compare_ledger_free(struct compare_ledger *ledger);

/* The interface of that id and device (either may be NULL; copied), made if it is new: its number, or -ENOMEM. */
int64_t compare_ledger_interface(struct compare_ledger *ledger, const char *id, const char *device, struct error *err);

/* Books a part (its `next` means nothing) of the flow with that key. The flow, valid until the next call; NULL: out of
 * memory. */
struct compare_flow *compare_ledger_book(struct compare_ledger *ledger, const struct compare_key *key,
					 const struct compare_part *part, struct error *err);

struct compare_booking {
	struct compare_key key;
	struct compare_part part;
};

enum { COMPARE_BOOKINGS = 64 };

/* Books up to COMPARE_BOOKINGS of them, in order; `flows[i]` becomes the number of the flow of
 * bookings[i].
 * While one is booked, what the next ones need comes from memory. 0 or -ENOMEM. */
int compare_ledger_book_all(struct compare_ledger *ledger, const struct compare_booking *bookings, size_t count,
			    uint32_t flows[static COMPARE_BOOKINGS], struct error *err);

/* The flow with that key, made if it is new: valid until the next call; NULL: out of memory. */
struct compare_flow *compare_ledger_flow(struct compare_ledger *ledger, const struct compare_key *key,
					 struct error *err);

/* Notes seconds of an interface. 0 or -ENOMEM. */
int compare_spans_add(struct compare_spans *spans, uint32_t start, uint32_t end, struct error *err);

/* Changes the keys of all flows: `change` is told each flow's number, from 0 on, and its key. Flows that then have the
 * same are one. The ledger has to be closed (again) afterwards. */
void compare_ledger_rekey(struct compare_ledger *ledger,
			  void (*change)(void *ctx, size_t flow, struct compare_key *key), void *ctx);

/* All is booked: puts parts and spans in order, tells the interfaces' times, and marks duplicates (`is_log`). 0 or
 * -ENOMEM. */
int compare_ledger_close(struct compare_ledger *ledger, bool is_log, struct error *err);

/* The flow with that key, or NULL. */
const struct compare_flow *compare_ledger_find(const struct compare_ledger *ledger, const struct compare_key *key);

#endif
