/* compare/compare.h - holds a log against a capture: two ledgers in, one result out.
 *
 * Both sides must be read whole first: compare/gather.h. Sources of fairness: docs/compare.md. */
#ifndef ENIFLOW_COMPARE_COMPARE_H
#define ENIFLOW_COMPARE_COMPARE_H

#include "compare/result.h"

/* What the rules (security groups, network ACLs) say of a finding's flow, as one phrase with the rule in it. */
struct compare_rules {
	/* Writes the phrase; "" where no rules are known for the interface. */
	void (*explain)(void *ctx, const struct compare_finding *finding, const struct compare_interface *interface,
			char *out, size_t size);
	void *ctx;
};

struct compare_options {
	bool has_offset;
	int64_t offset; /* whole seconds to add to the capture's times */
	struct compare_tolerance tolerance;
	bool has_verdicts; /* the capture's actions are judged by rules; else every packet of it is ACCEPT */
	bool is_excluding; /* the capture was read with --exclude aws */
	const struct compare_rules *rules; /* or NULL */
};

/* `log` and `capture` are closed ledgers; they must not change while the result is in use. 0 or -ENOMEM. */
int compare_ledgers(struct compare_result **out, const struct compare_ledger *log, const struct compare_ledger *capture,
		    const struct compare_options *options, struct error *err);

#endif
