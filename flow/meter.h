/* flow/meter.h - sums observations into records by window: the heart of the program.
 *
 * Pure: no clock (time is that of the observations), no file, no text. Sources: semantics sections 5 to 10, and 13,
 * 16 to 20. Not for two threads at once. */
#ifndef ENIFLOW_FLOW_METER_H
#define ENIFLOW_FLOW_METER_H

#include "flow/exclusion.h"
#include "flow/policy.h"
#include "flow/record.h"
#include "flow/routes.h"
#include "flow/services.h"

/* Where every frame ended up (section 10): frames is the sum of the nine below it. */
struct flow_account {
	uint64_t frames;
	uint64_t counted, filtered, excluded, non_ip, truncated, malformed, unmatched, unsupported, skipped;
	uint64_t excluded_as[FLOW_EXCLUSION_END]; /* the parts of `excluded` */
	uint64_t records[FLOW_SKIPDATA + 1];      /* written, by enum flow_status */
	uint64_t windows;                         /* opened, with those that only gave NODATA */
	uint64_t late;                            /* packets older than the window they are counted in */
	uint64_t lost;             /* dropped before they reached us, as the source told; not `skipped` */
	uint64_t flushes;          /* early emissions of a full table */
	int64_t first_ns, last_ns; /* least and greatest time of a frame; 0 and 0 without frames */
};

struct flow_meter_options {
	uint32_t interval;   /* seconds, 1..86400 */
	uint64_t max_flows;  /* 1 to 2^31 */
	bool skip_when_full; /* --on-full skip */
	bool exclude_aws;
	bool window_times; /* --timestamps window */
	unsigned shown;    /* enum flow_shown, or-ed */
	uint64_t seed;     /* random, of the run: strangers choose the keys of the flow table */
	/* All below is the caller's, and must outlive the meter. */
	struct flow_policy *policy;           /* NULL: all is accepted */
	const struct flow_services *services; /* for pkt-src-aws-service and pkt-dst-aws-service; NULL: none */
	const struct flow_routes *routes;     /* for traffic-path; NULL: none */
	/* Those of the first interfaces by their numbers, where they are others; NULL: they are not. */
	const struct flow_routes *const *interface_routes;
	size_t interface_route_count;
};

struct flow_meter;

/* `interfaces`, `notices` (may be NULL) and what `sink` points to stay the caller's and must outlive the meter. */
int flow_meter_new(struct flow_meter **out, const struct flow_meter_options *options,
		   struct flow_interfaces *interfaces, const struct flow_sink *sink, const struct notices *notices,
		   struct error *err);
void flow_meter_free(struct flow_meter *meter);

/* Takes observations in the order of the input; they need to live during the call only. A capture point comes as
 * FLOW_POINT before anything else of it; times are 0 to INT64_MAX. Emits what closes on the way. Returns 0, or what a
 * sink or the memory answered; the meter is then of no more use.
 *
 * NODATA and SKIPDATA lines are cut to the time in which any of the interface's points was watched. Only frames and
 * FLOW_TIME move the windows: where a point comes or goes, or the clock is set, a FLOW_TIME of just before says how far
 * the windows went until then. */
int flow_meter_add(struct flow_meter *meter, const struct flow_observation *items, size_t count, struct error *err);

/* The input ended: closes the open window. */
int flow_meter_finish(struct flow_meter *meter, struct error *err);

/* Up to date after every flow_meter_add(); valid as long as the meter. */
const struct flow_account *flow_meter_account(const struct flow_meter *meter);

struct flow_meter_state {
	uint64_t flows;       /* in the table: those of the open window since it was last written out */
	uint64_t flows_most;  /* that there ever were at once */
	uint64_t flows_bound; /* max_flows */
};

void flow_meter_state(const struct flow_meter *meter, struct flow_meter_state *out);

#endif
