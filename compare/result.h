/* compare/result.h - what a comparison found: all that a report says. Plain data; reports only read it.
 *
 * Times are Unix seconds by the log's clock: those of the capture are moved by the offset between the two. */
#ifndef ENIFLOW_COMPARE_RESULT_H
#define ENIFLOW_COMPARE_RESULT_H

#include "compare/ledger.h"
#include "compare/sums.h"

enum compare_side { COMPARE_LOG, COMPARE_CAPTURE, COMPARE_SIDES };

/* What became of a flow. */
enum compare_verdict {
	COMPARE_AGREES,
	COMPARE_DIFFERS, /* it is in both, with other sums or another action */
	COMPARE_LOG_ONLY,
	COMPARE_CAPTURE_ONLY,
	COMPARE_EDGE,   /* not judged: all that is known of it lies too near the ends of the time in both */
	COMPARE_UNSEEN, /* rejected before it reached the capture point: not a difference, but listed */
	COMPARE_VERDICTS
};

/* Why it is so, most likely. The order is that in which they are asked (compare/cause.h), and that of docs/compare.md. */
enum compare_cause {
	COMPARE_UNEXPLAINED,      /* nothing in the data explains it */
	COMPARE_REJECTED_BEFORE,  /* rejected before the capture point */
	COMPARE_TRANSLATED,       /* NAT: the same flow stands under another address */
	COMPARE_WRONG_INTERFACE,  /* the capture is not of this interface */
	COMPARE_NOT_LOGGED,       /* traffic that AWS does not log */
	COMPARE_SKIPDATA,         /* the log says itself that records are missing then */
	COMPARE_MISSING_INTERVAL, /* the log has no line at all of the interface then */
	COMPARE_DUPLICATED,       /* lines stand in the log twice */
	COMPARE_SUPER_PACKETS,    /* GRO or TSO: several packets were captured as one */
	COMPARE_CAPTURE_DROPS,    /* the capture says itself that it lost packets then */
	COMPARE_FRAGMENTS,        /* fragments counted under other ports */
	COMPARE_AFTER_CLOSE,      /* packets after the connection was closed */
	COMPARE_TIME_EDGE,        /* at the ends of the time in both */
	COMPARE_MISSING_RECORDS,  /* the log has other lines of then, and not these */
	COMPARE_RULES,            /* the action is another than the rules give */
	COMPARE_CAUSES
};

/* A flow that does not simply agree. */
struct compare_finding {
	uint8_t verdict;        /* enum compare_verdict */
	uint8_t cause;          /* enum compare_cause */
	struct compare_key key; /* its interface: the place in the result's interfaces */
	int64_t start, end;     /* of what was compared */
	struct compare_sums sums[COMPARE_SIDES][FLOW_REJECT + 1]; /* by action */
	/* Of those, what was held against each other: the sums of one action or of both. */
	struct compare_sums held[COMPARE_SIDES];
	uint8_t tcp_flags[COMPARE_SIDES];
	char *detail; /* what the cause rests on, as a phrase: "118 of 120 packets before the FIN"; or NULL */
};

struct compare_interval {
	int64_t start;                           /* it is result->interval seconds long */
	struct compare_sums sums[COMPARE_SIDES]; /* of flows that were judged, each part at its record's interval */
	uint32_t agreeing, differing;            /* flows with packets in it */
	bool is_skipped;                         /* SKIPDATA in it */
	bool is_missing;                         /* the log has no line of it */
};

struct compare_interface {
	char *id;           /* in the log; NULL: it is only in the capture */
	char *device;       /* its capture point ("" for a classic file without a name); NULL: it is only in the log */
	bool is_judged;     /* it is in both, and some time is */
	int64_t start, end; /* the time in both, the last second included */
	size_t flows[COMPARE_VERDICTS];
	size_t by_bytes; /* of those that agree: by bytes, since the capture holds super-packets */
	struct compare_sums sums[COMPARE_SIDES]; /* of all flows judged */
	size_t edge_records;                     /* of the log, set aside at the ends */
	struct compare_interval *intervals;      /* one behind another from the first to the last; none if not judged */
	size_t interval_count;
};

struct compare_result {
	uint32_t interval;    /* seconds: the log's own, as it seems */
	unsigned unknown;     /* enum flow_unknown, or-ed: what no record of the log says, and so is not compared */
	double offset;        /* seconds that the capture's clock is behind the log's (added to its times) */
	bool is_offset_given; /* --offset; else estimated, or 0 where nothing tells */
	size_t offset_flows;  /* how many flows the estimate rests on; 0: none */
	struct compare_interface *interfaces; /* of the log in order of appearance, then those of the capture alone */
	size_t interface_count;
	/* By interface; there: differing ones by cause, then bytes that differ, most first; then by key; unseen ones last. */
	struct compare_finding *findings;
	size_t finding_count;
	char **remarks; /* whole sentences about the run: what was left out, and what to do */
	size_t remark_count;
	bool agrees; /* status 0: no flow differs or is in one only; something was judged */
};

void compare_result_free(struct compare_result *result);

/* Adds a finished sentence. 0 or -ENOMEM. */
int compare_result_remark(struct compare_result *result, struct error *err, const char *format, ...)
	ENIFLOW_PRINTF(3, 4);

#endif
