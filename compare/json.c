#include "compare/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "compare/cause.h"
#include "compare/phrase.h"
#include "output/quote.h"

/* Written piece by piece: there may be millions of findings. Each interface and each finding is a line. */
struct page {
	FILE *out;
	struct output_buffer piece;
	bool failed; /* memory ran out */
};

/* ---- values ---- */

static void put(struct page *page, const char *format, ...) ENIFLOW_PRINTF(2, 3);
static void put(struct page *page, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(page->out, format, args);
	va_end(args);
}

static void put_text(struct page *page, const char *text)
{
	if (!text) {
		put(page, "null");
		return;
	}
	page->piece.length = 0;
	output_quote_json(&page->piece, text);
	page->failed |= page->piece.failed;
	if (!page->failed)
		fwrite(page->piece.bytes, 1, page->piece.length, page->out);
}

/* A name of ours, and a text behind it. */
static void put_member(struct page *page, const char *name, const char *text)
{
	put(page, "\"%s\": ", name);
	put_text(page, text);
	put(page, ", ");
}

static const char *truth(bool value)
{
	return value ? "true" : "false";
}

/* "packets" and "bytes", each of both sides. */
static void put_both_sums(struct page *page, const struct compare_sums sums[static COMPARE_SIDES])
{
	put(page,
	    "\"packets\": {\"log\": %" PRIu64 ", \"capture\": %" PRIu64 "}, \"bytes\": {\"log\": %" PRIu64
	    ", \"capture\": %" PRIu64 "}",
	    sums[COMPARE_LOG].packets, sums[COMPARE_CAPTURE].packets, sums[COMPARE_LOG].bytes,
	    sums[COMPARE_CAPTURE].bytes);
}

/* ---- interfaces ---- */

static void put_flows(struct page *page, const struct compare_interface *interface)
{
	const size_t *flows = interface->flows;

	put(page,
	    "\"flows\": {\"agree\": %zu, \"differ\": %zu, \"log_only\": %zu, \"capture_only\": %zu, \"edge\": %zu, "
	    "\"rejected_unseen\": %zu, \"agree_by_bytes\": %zu}, ",
	    flows[COMPARE_AGREES], flows[COMPARE_DIFFERS], flows[COMPARE_LOG_ONLY], flows[COMPARE_CAPTURE_ONLY],
	    flows[COMPARE_EDGE], flows[COMPARE_UNSEEN], interface->by_bytes);
}

static void put_interval(struct page *page, const struct compare_interval *interval)
{
	put(page, "{\"start\": %" PRId64 ", ", interval->start);
	put_both_sums(page, interval->sums);
	put(page, ", \"agreeing\": %" PRIu32 ", \"differing\": %" PRIu32 ", \"skipdata\": %s, \"missing\": %s}",
	    interval->agreeing, interval->differing, truth(interval->is_skipped), truth(interval->is_missing));
}

static void put_interface(struct page *page, const struct compare_interface *interface)
{
	put(page, "{");
	put_member(page, "interface_id", interface->id);
	put_member(page, "device", interface->device);
	put(page, "\"judged\": %s, ", truth(interface->is_judged));
	if (interface->is_judged)
		put(page, "\"start\": %" PRId64 ", \"end\": %" PRId64 ", ", interface->start, interface->end);
	else
		put(page, "\"start\": null, \"end\": null, ");
	put_flows(page, interface);
	put_both_sums(page, interface->sums);
	put(page, ", \"edge_records\": %zu, \"intervals\": [", interface->edge_records);
	for (size_t i = 0; i < interface->interval_count; i++) {
		put(page, i > 0 ? ", " : "");
		put_interval(page, &interface->intervals[i]);
	}
	put(page, "]}");
}

/* ---- findings ---- */

static const char *const verdicts[COMPARE_VERDICTS] = {
	[COMPARE_AGREES] = "agrees",     [COMPARE_DIFFERS] = "differ",
	[COMPARE_LOG_ONLY] = "log-only", [COMPARE_CAPTURE_ONLY] = "capture-only",
	[COMPARE_EDGE] = "edge",         [COMPARE_UNSEEN] = "rejected-unseen",
};

static void put_flow(struct page *page, const struct compare_key *key)
{
	static const char *const directions[] = { [FLOW_INGRESS] = "ingress", [FLOW_EGRESS] = "egress" };
	char address[COMPARE_PHRASE_ENDPOINT];

	put(page, "\"protocol\": %u, ", key->protocol);
	put_member(page, "srcaddr", compare_phrase_address(address, key, true));
	put(page, "\"srcport\": %u, ", key->source_port);
	put_member(page, "dstaddr", compare_phrase_address(address, key, false));
	put(page, "\"dstport\": %u, ", key->destination_port);
	put_member(page, "direction", directions[key->direction]);
}

static void put_side(struct page *page, const char *name, const struct compare_finding *finding, enum compare_side side)
{
	const struct compare_sums *sums = finding->sums[side];

	put(page,
	    "\"%s\": {\"accept\": {\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64
	    "}, \"reject\": {\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 "}, \"tcp_flags\": %u}",
	    name, sums[FLOW_ACCEPT].packets, sums[FLOW_ACCEPT].bytes, sums[FLOW_REJECT].packets,
	    sums[FLOW_REJECT].bytes, finding->tcp_flags[side]);
}

static void put_finding(struct page *page, const struct compare_result *result, const struct compare_finding *finding)
{
	enum compare_cause cause = (enum compare_cause)finding->cause;
	const struct compare_interface *interface = &result->interfaces[finding->key.interface];

	put(page, "{");
	put_member(page, "verdict", verdicts[finding->verdict]);
	put_member(page, "cause", compare_cause_name(cause));
	put_member(page, "explanation", compare_cause_sentence(cause));
	put_member(page, "detail", finding->detail);
	put_member(page, "interface_id", interface->id);
	put_member(page, "device", interface->device);
	put_flow(page, &finding->key);
	put(page, "\"start\": %" PRId64 ", \"end\": %" PRId64 ", ", finding->start, finding->end);
	put_side(page, "log", finding, COMPARE_LOG);
	put(page, ", ");
	put_side(page, "capture", finding, COMPARE_CAPTURE);
	put(page, ", \"compared\": {");
	put_both_sums(page, finding->held);
	put(page, "}}");
}

/* ---- the whole ---- */

static void put_head(struct page *page, const struct compare_result *result,
		     const struct compare_report_options *options)
{
	char seconds[COMPARE_PHRASE_TIME];

	put(page, "{\"eniflow_compare\": 1, ");
	put_member(page, "version", options->version);
	put(page, "\"agrees\": %s, ", truth(result->agrees));
	put_member(page, "log", options->log);
	put_member(page, "capture", options->capture);
	put(page,
	    "\"interval_seconds\": %" PRIu32 ", \"offset\": {\"seconds\": %s, \"source\": \"%s\", \"flows\": %zu}",
	    result->interval, compare_phrase_seconds(seconds, result->offset),
	    result->is_offset_given    ? "given"
	    : result->offset_flows > 0 ? "estimated"
				       : "none",
	    result->offset_flows);
	put(page, ", \"not_compared\": [");
	for (size_t i = 0; compare_phrase_unknown(result, i); i++) {
		put(page, i > 0 ? ", " : "");
		put_text(page, compare_phrase_unknown(result, i));
	}
	put(page, "]");
}

/* The items of a list stand in lines of their own. */
static void begin_item(struct page *page, size_t place)
{
	put(page, place > 0 ? ",\n" : "\n");
}

static void put_lists(struct page *page, const struct compare_result *result)
{
	put(page, ",\n\"interfaces\": [");
	for (size_t i = 0; i < result->interface_count; i++) {
		begin_item(page, i);
		put_interface(page, &result->interfaces[i]);
	}
	put(page, "],\n\"findings\": [");
	for (size_t i = 0; i < result->finding_count; i++) {
		begin_item(page, i);
		put_finding(page, result, &result->findings[i]);
	}
	put(page, "],\n\"remarks\": [");
	for (size_t i = 0; i < result->remark_count; i++) {
		begin_item(page, i);
		put_text(page, result->remarks[i]);
	}
	put(page, "]}\n");
}

int compare_json(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err)
{
	struct page page = { .out = out };

	put_head(&page, result, options);
	put_lists(&page, result);
	free(page.piece.bytes);
	if (page.failed)
		return fail_memory(err, "the report");
	if (fflush(out) < 0)
		return fail_errno(err, "report: cannot be written");
	/* Why it failed before is known no more. */
	return ferror(out) ? fail(err, EIO, "report: cannot be written") : 0;
}
