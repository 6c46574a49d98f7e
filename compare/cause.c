#include "compare/cause.h"

#include <inttypes.h>
#include <string.h>

#include "compare/elsewhere.h"
#include "compare/timing.h"
#include "compare/unlogged.h"

/* Under so many flows of the capture, nothing is said of the interface as a whole. */
enum { FLOWS_LEAST = 4 };

/* Does either side know that the flow, or what the log rejects of it, was on its way out? The capture point was before
 * that. */
static bool is_egress(const struct compare_lack *lack)
{
	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		const struct compare_flow *flow = lack->about->flows[side];
		const struct compare_part *parts = lack->about->ledgers[side]->parts;

		for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE; at = parts[at].next)
			if (parts[at].direction == FLOW_EGRESS &&
			    (side == COMPARE_CAPTURE || parts[at].action == FLOW_REJECT))
				return true;
	}
	return lack->finding->key.direction == FLOW_EGRESS;
}

/* The capture has just what was accepted. */
static int rejected_before(struct compare_lack *lack, struct error *err)
{
	const struct compare_sums *log = lack->finding->sums[COMPARE_LOG];
	struct compare_sums capture = compare_sums_total(lack->finding->sums[COMPARE_CAPTURE]);

	(void)err;
	if ((log[FLOW_REJECT].packets == 0 && log[FLOW_REJECT].bytes == 0) || is_egress(lack) ||
	    !compare_lack_same(lack, &log[FLOW_ACCEPT], &capture))
		return 0;
	compare_lack_say(lack, "the log rejects %s, which did not reach the capture point",
			 compare_packets(log[FLOW_REJECT].packets).text);
	return 1;
}

/* Fewer than one flow of twenty is in the log as well. */
static int wrong_interface(struct compare_lack *lack, struct error *err)
{
	size_t shared = lack->about->shared, all = shared + lack->about->unshared;

	(void)err;
	if (all < FLOWS_LEAST || shared * 20 >= all)
		return 0;
	compare_lack_say(lack, "%zu of the %zu flows of the capture are in the log of this interface", shared, all);
	return 1;
}

/* Without lines that stood there before, the log has what the capture has. */
static int duplicated(struct compare_lack *lack, struct error *err)
{
	struct compare_sums twice = { 0 }, rest = lack->finding->held[COMPARE_LOG];
	size_t lines = 0;

	(void)err;
	for (size_t i = 0; i < lack->about->entry_counts[COMPARE_LOG]; i++) {
		const struct compare_entry *entry = &lack->about->entries[COMPARE_LOG][i];

		if (!entry->is_duplicate || !compare_lack_holds(lack, COMPARE_LOG, entry))
			continue;
		compare_sums_add(&twice, &entry->sums);
		lines++;
	}
	if (!compare_lack_is(lack, COMPARE_LOG, &twice))
		return 0;
	rest.packets -= twice.packets;
	if (lines == 1)
		compare_lack_say(lack, "the same line stands in the log twice: %s without the second",
				 compare_packets(rest.packets).text);
	else
		compare_lack_say(lack, "%zu lines stand in the log that stood there before: %s without them", lines,
				 compare_packets(rest.packets).text);
	return 1;
}

/* Several packets were captured as one: headers are missing, and nothing else. */
static int super_packets(struct compare_lack *lack, struct error *err)
{
	enum { HEADERS_LEAST = 20, HEADERS_MOST = 120, SEGMENT_LEAST = 88 }; /* the last: Linux's least MSS */
	const struct compare_flow *flow = lack->about->flows[COMPARE_CAPTURE];
	struct compare_sums more;
	struct compare_sums log = lack->finding->held[COMPARE_LOG], capture = lack->finding->held[COMPARE_CAPTURE];

	(void)err;
	if (!flow || flow->largest <= COMPARE_LONG || lack->packets <= 0 || capture.packets == 0)
		return 0;
	more = compare_lack_surplus(lack, COMPARE_LOG);
	if (more.packets > capture.bytes / SEGMENT_LEAST)
		return 0;
	log.packets = capture.packets;
	if (!compare_lack_same(lack, &log, &capture) &&
	    (lack->bytes < 0 || more.bytes < more.packets * HEADERS_LEAST || more.bytes > more.packets * HEADERS_MOST))
		return 0;
	compare_lack_say(lack, "the capture holds a packet of %" PRIu32 " bytes: %s fewer, and %s", flow->largest,
			 compare_packets(more.packets).text,
			 lack->bytes == 0 ? "just as many bytes" : "so many bytes fewer as their headers have");
	return 1;
}

static int rules(struct compare_lack *lack, struct error *err)
{
	const struct compare_options *options = lack->about->options;
	const struct compare_sums *log = lack->finding->sums[COMPARE_LOG];
	const struct compare_sums *capture = lack->finding->sums[COMPARE_CAPTURE];
	const struct compare_interface *interface = &lack->about->result->interfaces[lack->finding->key.interface];
	struct compare_sums all[COMPARE_SIDES] = { compare_sums_total(log), compare_sums_total(capture) };

	(void)err;
	if (!options->has_verdicts || !compare_lack_same(lack, &all[COMPARE_LOG], &all[COMPARE_CAPTURE]) ||
	    compare_lack_same(lack, &log[FLOW_REJECT], &capture[FLOW_REJECT]))
		return 0;
	if (options->rules)
		options->rules->explain(options->rules->ctx, lack->finding, interface, lack->detail,
					sizeof(lack->detail));
	if (!lack->detail[0])
		compare_lack_say(lack, "the log rejects %s, the rules %s",
				 compare_packets(log[FLOW_REJECT].packets).text,
				 compare_packets(capture[FLOW_REJECT].packets).text);
	return 1;
}

/* In the order in which they are asked, which is the enum's: but for the first, which is what is left. */
static const struct {
	const char *name, *sentence;
	int (*accounts)(struct compare_lack *lack, struct error *err);
} causes[COMPARE_CAUSES] = {
	[COMPARE_UNEXPLAINED] = { "unexplained", "nothing in the data explains it", compare_timing_locate },
	[COMPARE_REJECTED_BEFORE] = { "rejected-before", "rejected before it reached the capture point",
				      rejected_before },
	[COMPARE_TRANSLATED] = { "translated", "the same flow stands under another address (NAT)",
				 compare_elsewhere_translated },
	[COMPARE_WRONG_INTERFACE] = { "wrong-interface", "the capture seems to be of another interface",
				      wrong_interface },
	[COMPARE_NOT_LOGGED] = { "not-logged", "traffic that AWS does not log", compare_unlogged },
	[COMPARE_SKIPDATA] = { "skipdata", "the log says SKIPDATA for this time", compare_timing_skipped },
	[COMPARE_MISSING_INTERVAL] = { "missing-interval", "the log has no line of the interface for this time",
				       compare_timing_missing_interval },
	[COMPARE_DUPLICATED] = { "duplicated", "lines stand in the log twice", duplicated },
	[COMPARE_SUPER_PACKETS] = { "super-packets", "several packets were captured as one (GRO or TSO)",
				    super_packets },
	[COMPARE_CAPTURE_DROPS] = { "capture-drops", "the capture lost packets at this time", compare_timing_drops },
	[COMPARE_FRAGMENTS] = { "fragments", "fragments are counted under other ports", compare_elsewhere_fragments },
	[COMPARE_AFTER_CLOSE] = { "after-close", "packets after the connection was closed",
				  compare_timing_after_close },
	[COMPARE_TIME_EDGE] = { "time-edge", "at an end of the time in both", compare_timing_edge },
	[COMPARE_MISSING_RECORDS] = { "missing-records", "the log has other lines of this time, and not these",
				      compare_timing_missing_records },
	[COMPARE_RULES] = { "rules", "the action is another than the rules give", rules },
};

/* The first that accounts for the difference, with its detail. */
static int first_that_accounts(struct compare_lack *lack, struct error *err)
{
	for (int cause = COMPARE_UNEXPLAINED + 1; cause < COMPARE_CAUSES; cause++) {
		int ret = causes[cause].accounts(lack, err);

		if (ret != 0)
			return ret < 0 ? ret : cause;
		lack->detail[0] = '\0';
	}
	causes[COMPARE_UNEXPLAINED].accounts(lack, err);
	return COMPARE_UNEXPLAINED;
}

int compare_cause_find(const struct compare_case *about, struct compare_finding *finding, struct error *err)
{
	struct compare_lack lack;
	int cause;

	compare_lack_init(&lack, about, finding);
	cause = first_that_accounts(&lack, err);
	if (cause < 0)
		return cause;
	finding->detail = lack.detail[0] ? strdup(lack.detail) : NULL;
	if (lack.detail[0] && !finding->detail)
		return fail_memory(err, "a finding");
	finding->cause = (uint8_t)cause;
	if (cause == COMPARE_REJECTED_BEFORE)
		finding->verdict = COMPARE_UNSEEN;
	else if (cause == COMPARE_TIME_EDGE)
		finding->verdict = COMPARE_EDGE;
	else if (cause == COMPARE_SUPER_PACKETS)
		finding->verdict = COMPARE_AGREES;
	return 0;
}

const char *compare_cause_name(enum compare_cause cause)
{
	return causes[cause].name;
}

const char *compare_cause_sentence(enum compare_cause cause)
{
	return causes[cause].sentence;
}
