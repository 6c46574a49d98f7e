/* compare/gather.h - fills the ledgers: a log from its lines, a capture through the same meter as any other, in windows of a
 * second. */
#ifndef ENIFLOW_COMPARE_GATHER_H
#define ENIFLOW_COMPARE_GATHER_H

#include "compare/ledger.h"
#include "flow/meter.h"
#include "logs/files.h"

/* How keys are made, so that both sides' are the same: found out from the log. */
struct compare_terms {
	bool has_packet_addresses; /* every record of the log has both */
	bool has_directions;       /* every record of the log has one */
	/* The log's own: where the capture lacks directions, compare_capture_finish() takes them out of its keys, too. */
	struct compare_ledger *log;
};

/* A batch of the log's lines into its ledger; then, once all are read, closes it and says the terms. */
struct compare_log_gatherer;
int compare_log_new(struct compare_log_gatherer **out, struct compare_ledger *ledger, struct error *err);
int compare_log_add(struct compare_log_gatherer *gatherer, const struct log_record *records, size_t count,
		    struct error *err);
int compare_log_finish(struct compare_log_gatherer *gatherer, struct compare_terms *terms, struct error *err);
void compare_log_free(struct compare_log_gatherer *gatherer);

/* The sink for a meter of one-second windows that shows packet addresses and directions; and what the meter is not told:
 * call compare_capture_see() with each batch of observations before the meter gets it. */
struct compare_capture_gatherer;
int compare_capture_new(struct compare_capture_gatherer **out, struct compare_ledger *ledger,
			const struct compare_terms *terms, uint64_t seed, struct error *err);
struct flow_sink compare_capture_sink(struct compare_capture_gatherer *gatherer);
int compare_capture_see(struct compare_capture_gatherer *gatherer, const struct flow_observation *items, size_t count,
			struct error *err);
int compare_capture_finish(struct compare_capture_gatherer *gatherer, struct error *err);
void compare_capture_free(struct compare_capture_gatherer *gatherer);

#endif
