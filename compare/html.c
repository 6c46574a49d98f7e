#include "compare/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cause.h"
#include "compare/markup.h"
#include "compare/page.h"
#include "compare/phrase.h"
#include "compare/timeline.h"
#include "flow/observation.h"
#include "flow/origin.h"
#include "output/protocol.h"

/* What a page can hold and still be opened. All the rest is in --json. */
enum { LISTED = 2000, DRAWN = 20, NAMED = 200, REMARKS_OPEN = 4 };

struct page {
	FILE *out;
	const struct compare_result *result;
	const struct compare_report_options *options;
	size_t listed; /* findings */
	size_t flows[COMPARE_VERDICTS];
	int64_t start, end; /* of all that was judged */
	size_t judged;      /* interfaces */
};

static const struct verdict {
	const char *class, *name;
} verdicts[COMPARE_VERDICTS] = {
	[COMPARE_AGREES] = { "agrees", "Agrees" },
	[COMPARE_DIFFERS] = { "differs", "Differs" },
	[COMPARE_LOG_ONLY] = { "log-only", "Log only" },
	[COMPARE_CAPTURE_ONLY] = { "capture-only", "Capture only" },
	[COMPARE_EDGE] = { "edge", "Edge" },
	[COMPARE_UNSEEN] = { "unseen", "Rejected" },
};

static void put(const struct page *page, const char *markup)
{
	fputs(markup, page->out);
}

static void put_text(const struct page *page, const char *text)
{
	compare_markup_text(page->out, text);
}

static void put_count(const struct page *page, uint64_t count)
{
	compare_markup_count(page->out, count);
}

/* "1 flow", "1,204 flows" */
static void put_counted(const struct page *page, uint64_t count, const char *one, const char *many)
{
	put_count(page, count);
	putc(' ', page->out);
	put(page, count == 1 ? one : many);
}

static void put_protocol(const struct page *page, uint8_t number)
{
	char name[OUTPUT_PROTOCOL_NAME_SIZE];

	put(page, output_protocol_name(number, name));
}

/* An interface by the name that a person knows. */
static void put_name(const struct page *page, const struct compare_interface *interface)
{
	const char *device = interface->device ? interface->device : "";

	put_text(page, interface->id ? interface->id : *device ? device : "(without a name)");
}

static bool has_packets(const struct page *page)
{
	return !(page->result->unknown & FLOW_UNKNOWN_PACKETS);
}

static bool has_bytes(const struct page *page)
{
	return !(page->result->unknown & FLOW_UNKNOWN_BYTES);
}

static size_t judged_flows(const size_t flows[static COMPARE_VERDICTS])
{
	return flows[COMPARE_AGREES] + flows[COMPARE_DIFFERS] + flows[COMPARE_LOG_ONLY] + flows[COMPARE_CAPTURE_ONLY];
}

static size_t faulty_flows(const size_t flows[static COMPARE_VERDICTS])
{
	return judged_flows(flows) - flows[COMPARE_AGREES];
}

/* --- the head --- */

static void put_head(const struct page *page)
{
	put(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		  "<meta http-equiv=\"Content-Security-Policy\" content=\"");
	put(page, compare_page_policy);
	put(page,
	    "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n<title>");
	put(page, page->result->agrees ? "Agree: " : page->judged ? "Differ: " : "Not compared: ");
	put_text(page, page->options->log);
	put(page, " and ");
	put_text(page, page->options->capture);
	put(page, "</title>\n<style>");
	put(page, compare_page_style);
	put(page, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n");
}

static void put_one_kind(const struct page *page, size_t count, const char *what, bool *is_first)
{
	if (!count)
		return;
	put(page, *is_first ? " \xe2\x80\x93 " : ", ");
	put_count(page, count);
	putc(' ', page->out);
	put(page, what);
	*is_first = false;
}

static void put_verdict(const struct page *page)
{
	size_t judged = judged_flows(page->flows);
	bool is_first = true;

	if (!page->judged) {
		put(page, "<p class=\"verdict nothing\"><strong>Nothing could be compared.</strong> "
			  "Log and capture have no interface with time in common.</p>\n");
		return;
	}
	if (page->result->agrees) {
		put(page, "<p class=\"verdict good\"><strong>They agree.</strong> ");
		put_counted(page, judged, "flow was judged, and it is", "flows were judged, and all are");
		put(page, " the same in both.</p>\n");
		return;
	}
	put(page, "<p class=\"verdict bad\"><strong>They differ.</strong> ");
	put_count(page, faulty_flows(page->flows));
	put(page, " of ");
	put_counted(page, judged, "flow", "flows");
	put_one_kind(page, page->flows[COMPARE_DIFFERS], "with other counts or actions", &is_first);
	put_one_kind(page, page->flows[COMPARE_LOG_ONLY], "only in the log", &is_first);
	put_one_kind(page, page->flows[COMPARE_CAPTURE_ONLY], "only in the capture", &is_first);
	put(page, ".</p>\n");
}

static void put_offset(const struct page *page)
{
	const struct compare_result *result = page->result;

	char seconds[COMPARE_PHRASE_TIME];

	compare_phrase_seconds(seconds, result->offset < 0 ? -result->offset : result->offset);
	if (strcmp(seconds, "0") == 0)
		put(page, "None");
	else
		fprintf(page->out, "Capture %s\xc2\xa0s %s", seconds, result->offset > 0 ? "behind" : "ahead");
	put(page, " <span class=\"aside\">");
	if (result->is_offset_given) {
		put(page, "as given");
	} else if (result->offset_flows) {
		put(page, "estimated from ");
		put_counted(page, result->offset_flows, "flow", "flows");
	} else {
		put(page, "since no flow tells another");
	}
	put(page, "</span>");
}

/* What the log has no column of. */
static void put_unknown(const struct page *page)
{
	const char *name = compare_phrase_unknown(page->result, 0);

	if (!name)
		return;
	put(page, "<div><dt>Not in the log, and not compared</dt><dd>");
	for (size_t i = 0; (name = compare_phrase_unknown(page->result, i)) != NULL; i++) {
		put(page, i ? ", " : "");
		put(page, name);
	}
	put(page, "</dd></div>\n");
}

static void put_facts(const struct page *page)
{
	put(page, "<dl class=\"facts\">\n<div><dt>Log</dt><dd>");
	put_text(page, page->options->log);
	put(page, "</dd></div>\n<div><dt>Capture</dt><dd>");
	put_text(page, page->options->capture);
	put(page, "</dd></div>\n<div><dt>Time in both (UTC)</dt><dd>");
	if (page->judged)
		compare_markup_span(page->out, page->start, page->end);
	else
		put(page, "None");
	put(page, "</dd></div>\n<div><dt>Clock offset</dt><dd>");
	put_offset(page);
	fprintf(page->out, "</dd></div>\n<div><dt>Interval of the log</dt><dd>%" PRIu32 "\xc2\xa0s</dd></div>\n",
		page->result->interval);
	put_unknown(page);
	put(page, "<div><dt>Made by</dt><dd>eniflow ");
	put_text(page, page->options->version);
	put(page, "</dd></div>\n</dl>\n");
}

static void put_remark_list(const struct page *page, size_t from, size_t to)
{
	put(page, "<ul>\n");
	for (size_t i = from; i < to; i++) {
		put(page, "<li>");
		put_text(page, page->result->remarks[i]);
		put(page, "</li>\n");
	}
	put(page, "</ul>\n");
}

static void put_remarks(const struct page *page)
{
	size_t count = page->result->remark_count, open = count <= REMARKS_OPEN + 1 ? count : REMARKS_OPEN;

	if (!count)
		return;
	put(page, "<section class=\"remarks\" aria-labelledby=\"remarks\">\n<h2 id=\"remarks\">Remarks</h2>\n");
	put_remark_list(page, 0, open);
	if (open < count) {
		fprintf(page->out, "<details><summary>%zu more</summary>\n", count - open);
		put_remark_list(page, open, count);
		put(page, "</details>\n");
	}
	put(page, "</section>\n");
}

/* --- interfaces --- */

static void put_tile(const struct page *page, size_t count, const char *class, const char *name, const char *aside)
{
	fprintf(page->out, "<div class=\"tile %s%s\"><dt>%s</dt><dd>", class, count ? "" : " zero", name);
	put_count(page, count);
	put(page, aside);
	put(page, "</dd></div>\n");
}

static void put_tiles(const struct page *page, const struct compare_interface *interface)
{
	const size_t *flows = interface->flows;
	char aside[80] = "";

	if (interface->by_bytes)
		snprintf(aside, sizeof(aside), " <span class=\"aside\">%zu by bytes</span>", interface->by_bytes);
	put(page, "<dl class=\"tiles\" aria-label=\"Flows\">\n");
	put_tile(page, flows[COMPARE_AGREES], "agrees", "Flows that agree", aside);
	put_tile(page, flows[COMPARE_DIFFERS], "differs", "Differ", "");
	put_tile(page, flows[COMPARE_LOG_ONLY], "log-only", "Only in the log", "");
	put_tile(page, flows[COMPARE_CAPTURE_ONLY], "capture-only", "Only in the capture", "");
	put_tile(page, flows[COMPARE_EDGE], "edge", "Not judged (edges)", "");
	put_tile(page, flows[COMPARE_UNSEEN], "unseen", "Rejected before", "");
	put(page, "</dl>\n");
}

static void put_sum_row(const struct page *page, const char *name, uint64_t log, uint64_t capture)
{
	fprintf(page->out, "<tr><th scope=\"row\">%s</th><td>", name);
	put_count(page, log);
	put(page, "</td><td>");
	put_count(page, capture);
	fprintf(page->out, "</td><td class=\"%s\">", log == capture ? "same" : "other");
	compare_markup_difference(page->out, log, capture);
	put(page, "</td></tr>\n");
}

static void put_sums(const struct page *page, const struct compare_interface *interface)
{
	const struct compare_sums *log = &interface->sums[COMPARE_LOG], *capture = &interface->sums[COMPARE_CAPTURE];

	put(page, "<div class=\"sums\"><table class=\"numbers\">\n<caption>Of the flows "
		  "judged</caption>\n<thead><tr><td></td><th scope=\"col\">Log"
		  "</th><th scope=\"col\">Capture</th><th scope=\"col\">Difference</th></tr></thead>\n<tbody>\n");
	if (has_packets(page))
		put_sum_row(page, "Packets", log->packets, capture->packets);
	if (has_bytes(page))
		put_sum_row(page, "Bytes", log->bytes, capture->bytes);
	put(page, "</tbody></table></div>\n");
}

static void put_interface(const struct page *page, size_t number)
{
	const struct compare_interface *interface = &page->result->interfaces[number];

	fprintf(page->out, "<section class=\"card interface\" aria-labelledby=\"i%zu\">\n<h2 id=\"i%zu\"><bdi>", number,
		number);
	put_name(page, interface);
	put(page, "</bdi></h2>\n<p class=\"where\">");
	if (interface->device && *interface->device) {
		put(page, "Captured at <bdi>");
		put_text(page, interface->device);
		put(page, "</bdi>. ");
	}
	put(page, "In both: ");
	compare_markup_span(page->out, interface->start, interface->end);
	put(page, " UTC.");
	if (interface->edge_records) {
		putc(' ', page->out);
		put_counted(page, interface->edge_records, "record", "records");
		put(page, " of the log set aside at the ends.");
	}
	put(page, "</p>\n<div class=\"account\">\n");
	put_tiles(page, interface);
	if (has_packets(page) || has_bytes(page))
		put_sums(page, interface);
	put(page, "</div>\n");
	if (interface->interval_count)
		compare_timeline_write(page->out, page->result, number);
	put(page, "</section>\n");
}

/* Those that differ are drawn first of all; the others while there is room. */
static bool is_drawn(const struct compare_interface *interface, size_t *faulty_room, size_t *good_room)
{
	size_t *room = faulty_flows(interface->flows) ? faulty_room : good_room;

	if (!interface->is_judged || !*room)
		return false;
	(*room)--;
	return true;
}

static void put_undrawn(const struct page *page, size_t count)
{
	if (!count)
		return;
	put(page, "<p class=\"note\">");
	put_counted(page, count, "more interface was compared; it is", "more interfaces were compared; they are");
	put(page, " not drawn here. All of them: <code>eniflow compare --json</code>.</p>\n");
}

static void put_interfaces(const struct page *page)
{
	size_t faulty = 0, faulty_room, good_room, undrawn = 0;

	for (size_t i = 0; i < page->result->interface_count; i++) {
		const struct compare_interface *interface = &page->result->interfaces[i];

		faulty += interface->is_judged && faulty_flows(interface->flows);
	}
	faulty_room = faulty < DRAWN ? faulty : DRAWN;
	good_room = DRAWN - faulty_room;
	for (size_t i = 0; i < page->result->interface_count; i++) {
		const struct compare_interface *interface = &page->result->interfaces[i];

		if (is_drawn(interface, &faulty_room, &good_room))
			put_interface(page, i);
		else
			undrawn += interface->is_judged;
	}
	put_undrawn(page, undrawn);
}

static const char *why_not(const struct compare_interface *interface)
{
	if (!interface->id)
		return "only in the capture";
	return interface->device ? "in both, at no time in common" : "only in the log";
}

static void put_unjudged(const struct page *page)
{
	size_t count = page->result->interface_count - page->judged, named = 0;

	if (!count)
		return;
	put(page, "<section class=\"card\" aria-labelledby=\"unjudged\">\n<h2 id=\"unjudged\">Not compared</h2>\n<ul "
		  "class=\"names\">\n");
	for (size_t i = 0; i < page->result->interface_count && named < NAMED; i++) {
		const struct compare_interface *interface = &page->result->interfaces[i];

		if (interface->is_judged)
			continue;
		put(page, "<li><bdi>");
		put_name(page, interface);
		fprintf(page->out, "</bdi> <span class=\"aside\">%s</span></li>\n", why_not(interface));
		named++;
	}
	put(page, "</ul>\n");
	if (named < count) {
		put(page, "<p class=\"note\">and ");
		put_count(page, count - named);
		put(page, " more: <code>eniflow compare --json</code> names all.</p>\n");
	}
	put(page, "</section>\n");
}

/* --- findings --- */

static void put_cause_row(const struct page *page, enum compare_cause cause, size_t count, size_t most)
{
	put(page, "<tr><th scope=\"row\">");
	put_text(page, compare_cause_sentence(cause));
	put(page, "</th><td><span class=\"count\">");
	put_count(page, count);
	fprintf(page->out,
		"</span><svg width=\"100%%\" height=\"10\" aria-hidden=\"true\"><rect class=\"%s\" width=\"%.4g%%\" "
		"height=\"10\" "
		"rx=\"2\"/></svg></td></tr>\n",
		cause == COMPARE_UNEXPLAINED ? "unexplained" : "explained", 100 * (double)count / (double)most);
}

/* How often each cause is found, over all findings, the most frequent first; the length of a box tells, too. */
static void put_causes(const struct page *page)
{
	size_t counts[COMPARE_CAUSES] = { 0 }, most = 0;

	for (size_t i = 0; i < page->result->finding_count; i++)
		counts[page->result->findings[i].cause]++;
	put(page, "<h3 id=\"why\">Likeliest causes</h3>\n<table class=\"causes\" aria-labelledby=\"why\">\n<thead "
		  "class=\"unshown\">"
		  "<tr><th scope=\"col\">Cause</th><th scope=\"col\">Flows</th></tr></thead>\n<tbody>\n");
	for (;;) {
		int next = 0;

		for (int cause = 1; cause < COMPARE_CAUSES; cause++)
			next = counts[cause] > counts[next] ? cause : next;
		if (!counts[next])
			break;
		most = most ? most : counts[next];
		put_cause_row(page, (enum compare_cause)next, counts[next], most);
		counts[next] = 0;
	}
	put(page, "</tbody></table>\n");
}

static void open_filter(const struct page *page, const char *id, const char *label)
{
	fprintf(page->out,
		"<div><label for=\"by-%s\">%s</label><select id=\"by-%s\" data-by=\"%s\"><option "
		"value=\"\">All</option>",
		id, label, id, id);
}

static void close_filter(const struct page *page)
{
	put(page, "</select></div>\n");
}

static void open_option(const struct page *page, size_t value)
{
	fprintf(page->out, "<option value=\"%zu\">", value);
}

static void close_option(const struct page *page, size_t count)
{
	put(page, " (");
	put_count(page, count);
	put(page, ")</option>");
}

static void put_value_filters(const struct page *page)
{
	size_t verdict[COMPARE_VERDICTS] = { 0 }, cause[COMPARE_CAUSES] = { 0 }, protocol[256] = { 0 };

	for (size_t i = 0; i < page->listed; i++) {
		const struct compare_finding *finding = &page->result->findings[i];

		verdict[finding->verdict]++;
		cause[finding->cause]++;
		protocol[finding->key.protocol]++;
	}
	open_filter(page, "verdict", "Verdict");
	for (size_t i = 0; i < COMPARE_VERDICTS; i++) {
		if (!verdict[i])
			continue;
		open_option(page, i);
		put(page, verdicts[i].name);
		close_option(page, verdict[i]);
	}
	close_filter(page);
	open_filter(page, "cause", "Cause");
	for (size_t i = 0; i < COMPARE_CAUSES; i++) {
		if (!cause[i])
			continue;
		open_option(page, i);
		put_text(page, compare_cause_sentence((enum compare_cause)i));
		close_option(page, cause[i]);
	}
	close_filter(page);
	open_filter(page, "protocol", "Protocol");
	for (size_t i = 0; i < sizeof(protocol) / sizeof(*protocol); i++) {
		if (!protocol[i])
			continue;
		open_option(page, i);
		put_protocol(page, (uint8_t)i);
		close_option(page, protocol[i]);
	}
	close_filter(page);
}

/* Findings stand by interface, so that those of one are neighbours. */
static void put_interface_filter(const struct page *page)
{
	const struct compare_finding *findings = page->result->findings;

	open_filter(page, "interface", "Interface");
	for (size_t i = 0, next; i < page->listed; i = next) {
		for (next = i; next < page->listed && findings[next].key.interface == findings[i].key.interface;)
			next++;
		open_option(page, findings[i].key.interface);
		put_name(page, &page->result->interfaces[findings[i].key.interface]);
		close_option(page, next - i);
	}
	close_filter(page);
}

static void put_filters(const struct page *page)
{
	put(page, "<form class=\"filters\" id=\"filters\" aria-label=\"Filter the findings\" hidden>\n");
	put_value_filters(page);
	if (page->result->interface_count > 1)
		put_interface_filter(page);
	put(page, "<div><label for=\"by-text\">Address or port</label><input id=\"by-text\" type=\"search\" "
		  "autocomplete=\"off\" "
		  "spellcheck=\"false\"></div>\n<div><button type=\"reset\">Show all</button></div>\n</form>\n"
		  "<p id=\"shown\" role=\"status\">");
	put_counted(page, page->listed, "finding", "findings");
	put(page, "</p>\n");
}

/* Sorted by family, then by the number that the address is, then by port. */
static void put_end(const struct page *page, const struct compare_key *key, bool source)
{
	const struct flow_address *address = source ? &key->source : &key->destination;
	char text[COMPARE_PHRASE_ENDPOINT];

	fprintf(page->out, "<td class=\"address\" data-key=\"%u", key->family);
	for (int i = 0; i < (key->family == FLOW_IPV6 ? 16 : 4); i++)
		fprintf(page->out, "%02x", address->octets[i]);
	fprintf(page->out, "%04x\">%s</td>", source ? key->source_port : key->destination_port,
		compare_phrase_endpoint(text, key, source));
}

static uint64_t amount(const struct compare_sums *sums, bool is_bytes)
{
	return is_bytes ? sums->bytes : sums->packets;
}

/* What each side has, and by how much what was held against each other differs. */
static void put_numbers(const struct page *page, const struct compare_finding *finding, bool is_bytes)
{
	uint64_t log = amount(&finding->held[COMPARE_LOG], is_bytes);
	uint64_t capture = amount(&finding->held[COMPARE_CAPTURE], is_bytes);

	for (int side = 0; side < COMPARE_SIDES; side++) {
		const struct compare_sums *sums = finding->sums[side];
		uint64_t all = amount(&sums[FLOW_ACCEPT], is_bytes) + amount(&sums[FLOW_REJECT], is_bytes);

		fprintf(page->out, "<td data-key=\"%" PRIu64 "\">", all);
		put_count(page, all);
		put(page, "</td>");
	}
	if (!log && !capture) { /* nothing was */
		put(page, "<td class=\"same\" data-key=\"0\">\xe2\x80\x93</td>");
		return;
	}
	fprintf(page->out, "<td class=\"%s\" data-key=\"%s%" PRIu64 "\">", log == capture ? "same" : "other",
		log < capture ? "-" : "", log > capture ? log - capture : capture - log);
	compare_markup_difference(page->out, log, capture);
	put(page, "</td>");
}

/* What one side's actions are: "ACCEPT", "REJECT", "ACCEPT 10, REJECT 3". */
static void put_action(const struct page *page, const struct compare_sums sums[static FLOW_REJECT + 1])
{
	if (sums[FLOW_ACCEPT].packets && sums[FLOW_REJECT].packets) {
		put(page, "ACCEPT ");
		put_count(page, sums[FLOW_ACCEPT].packets);
		put(page, ", REJECT ");
		put_count(page, sums[FLOW_REJECT].packets);
	} else {
		put(page, sums[FLOW_REJECT].packets ? "REJECT" : sums[FLOW_ACCEPT].packets ? "ACCEPT" : "none");
	}
}

/* Said only where not all is ACCEPT. */
static void put_actions(const struct page *page, const struct compare_finding *finding)
{
	if (!finding->sums[COMPARE_LOG][FLOW_REJECT].packets && !finding->sums[COMPARE_CAPTURE][FLOW_REJECT].packets)
		return;
	put(page, "<p class=\"aside\">Action: log ");
	put_action(page, finding->sums[COMPARE_LOG]);
	put(page, "; capture ");
	put_action(page, finding->sums[COMPARE_CAPTURE]);
	put(page, "</p>");
}

static void put_cause(const struct page *page, const struct compare_finding *finding)
{
	fprintf(page->out, "<td class=\"cause\" data-key=\"%02u\"><p>", finding->cause);
	put_text(page, compare_cause_sentence(finding->cause));
	put(page, "</p>");
	if (finding->detail && *finding->detail) {
		put(page, "<p class=\"aside\">");
		put_text(page, finding->detail);
		put(page, "</p>");
	}
	put_actions(page, finding);
	put(page, "</td>");
}

static void put_direction(const struct page *page, uint8_t direction)
{
	if (direction == FLOW_INGRESS)
		put(page, " <span class=\"aside\">in</span>");
	else if (direction == FLOW_EGRESS)
		put(page, " <span class=\"aside\">out</span>");
}

static void put_finding(const struct page *page, const struct compare_finding *finding, bool has_interfaces)
{
	const struct compare_key *key = &finding->key;

	fprintf(page->out,
		"<tr data-verdict=\"%u\" data-cause=\"%u\" data-protocol=\"%u\" data-interface=\"%" PRIu32 "\">"
		"<td data-key=\"%u\"><span class=\"badge %s\">%s</span></td>",
		finding->verdict, finding->cause, key->protocol, key->interface, finding->verdict,
		verdicts[finding->verdict].class, verdicts[finding->verdict].name);
	put_cause(page, finding);
	put(page, "<td>");
	put_protocol(page, key->protocol);
	put_direction(page, key->direction);
	put(page, "</td>");
	put_end(page, key, true);
	put_end(page, key, false);
	if (has_packets(page))
		put_numbers(page, finding, false);
	if (has_bytes(page))
		put_numbers(page, finding, true);
	fprintf(page->out, "<td class=\"when\" data-key=\"%" PRId64 "\">", finding->start);
	compare_markup_span(page->out, finding->start, finding->end);
	put(page, "</td>");
	if (has_interfaces) {
		put(page, "<td class=\"name\"><bdi>");
		put_name(page, &page->result->interfaces[key->interface]);
		put(page, "</bdi></td>");
	}
	put(page, "</tr>\n");
}

static void put_column(const struct page *page, const char *kind, const char *span, const char *name)
{
	fprintf(page->out, "<th scope=\"col\" data-sort=\"%s\"%s>%s</th>", kind, span, name);
}

static void put_three_columns(const struct page *page, const char *what)
{
	static const char *const names[] = { "Log", "Capture", "Difference" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		fprintf(page->out, "<th scope=\"col\" data-sort=\"number\" data-of=\"%s\">%s</th>", what, names[i]);
}

static void put_finding_table(const struct page *page)
{
	bool has_interfaces = page->result->interface_count > 1;

	put(page, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"findings\"><table "
		  "class=\"findings numbers\" "
		  "id=\"table\">\n<thead><tr>");
	put_column(page, "number", " rowspan=\"2\"", "Verdict");
	put_column(page, "number", " rowspan=\"2\"", "Likeliest cause");
	put_column(page, "text", " rowspan=\"2\"", "Protocol");
	put_column(page, "text", " rowspan=\"2\"", "Source");
	put_column(page, "text", " rowspan=\"2\"", "Destination");
	if (has_packets(page))
		put(page, "<th scope=\"colgroup\" colspan=\"3\">Packets</th>");
	if (has_bytes(page))
		put(page, "<th scope=\"colgroup\" colspan=\"3\">Bytes</th>");
	put_column(page, "number", " rowspan=\"2\"", "Time (UTC)");
	if (has_interfaces)
		put_column(page, "text", " rowspan=\"2\"", "Interface");
	put(page, "</tr>\n<tr>");
	if (has_packets(page))
		put_three_columns(page, "packets");
	if (has_bytes(page))
		put_three_columns(page, "bytes");
	put(page, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < page->listed; i++)
		put_finding(page, &page->result->findings[i], has_interfaces);
	put(page, "</tbody></table></div>\n<p class=\"none\" id=\"none\" hidden>No finding is like that.</p>\n");
}

static void put_no_findings(const struct page *page)
{
	put(page, page->result->agrees ? "<p class=\"calm\">Nothing to look into: each flow that could be judged is in "
					 "both, with the same counts.</p>\n"
				       : "<p class=\"calm\">There is nothing to list.</p>\n");
}

static void put_findings(const struct page *page)
{
	size_t count = page->result->finding_count;

	put(page, "<section class=\"card\" aria-labelledby=\"findings\">\n<h2 id=\"findings\" "
		  "tabindex=\"-1\">Findings</h2>\n");
	if (!count) {
		put_no_findings(page);
	} else {
		put_causes(page);
		put(page, "<h3>Flow by flow</h3>\n");
		if (page->listed < count) {
			put(page, "<p class=\"note\">The first ");
			put_count(page, page->listed);
			put(page, " of ");
			put_count(page, count);
			put(page, " are listed here. All of them: <code>eniflow compare --json</code>.</p>\n");
		}
		put_filters(page);
		put_finding_table(page);
	}
	put(page, "</section>\n");
}

static void survey(struct page *page)
{
	for (size_t i = 0; i < page->result->interface_count; i++) {
		const struct compare_interface *interface = &page->result->interfaces[i];

		for (int verdict = 0; verdict < COMPARE_VERDICTS; verdict++)
			page->flows[verdict] += interface->flows[verdict];
		if (!interface->is_judged)
			continue;
		if (!page->judged || interface->start < page->start)
			page->start = interface->start;
		if (!page->judged || interface->end > page->end)
			page->end = interface->end;
		page->judged++;
	}
	page->listed = page->result->finding_count < LISTED ? page->result->finding_count : LISTED;
}

int compare_html(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err)
{
	struct page page = { .out = out, .result = result, .options = options };

	survey(&page);
	put_head(&page);
	put(&page, "<header>\n<p class=\"product\">eniflow compare</p>\n<h1>Flow log against packet capture</h1>\n");
	put_verdict(&page);
	put_facts(&page);
	put(&page, "</header>\n<main>\n");
	compare_timeline_patterns(out);
	put_remarks(&page);
	put_interfaces(&page);
	put_unjudged(&page);
	put_findings(&page);
	put(&page, "</main>\n<script>");
	put(&page, compare_page_script);
	put(&page, "</script>\n</body>\n</html>\n");
	if (fflush(out) == EOF || ferror(out))
		return fail_errno(err, "write the page");
	return 0;
}
