#include "compare/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cause.h"
#include "compare/lines.h"
#include "compare/phrase.h"

/* Columns: the labels of an interface's figures, those of findings, and a terminal too narrow to indent by as much. */
enum { FIGURES = 9, LABELS = 12, NARROW = 60, NARROW_INDENT = 4 };

enum { SINGLES = 5 }; /* so many interfaces that are on one side alone are named */

/* COMPARE_GLUE, in a string. */
#define GLUE "\001"

enum colour { PLAIN, RED = 31, GREEN = 32, YELLOW = 33 };

/* What is written: the line that is put together now, and the lines it was broken into. */
struct page {
	FILE *out;
	const struct compare_report_options *options;
	const struct compare_result *result;
	struct output_buffer line, broken;
	size_t differences, unseen; /* so many findings of each kind may still be listed */
	size_t hidden;              /* so many were not */
};

/* ---- lines ---- */

static void put(struct page *page, const char *format, ...) ENIFLOW_PRINTF(2, 3);
static void put(struct page *page, const char *format, ...)
{
	char text[512]; /* nothing of an unknown length: those are names */
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	output_buffer_put(&page->line, text);
}

/* Out of a file or from a user; `one`: its blanks are no places to break a line at. */
static void put_name(struct page *page, const char *name, bool one)
{
	size_t begin = page->line.length;

	compare_phrase_safe(&page->line, name);
	for (size_t i = begin; one && i < page->line.length; i++)
		if (page->line.bytes[i] == ' ')
			page->line.bytes[i] = COMPARE_GLUE;
}

/* A phrase that stays in one line. */
static void put_whole(struct page *page, const char *phrase)
{
	put_name(page, phrase, true);
}

static void put_coloured(struct page *page, enum colour colour, const char *text)
{
	if (page->options->is_coloured && colour != PLAIN)
		put(page, "\033[%dm%s\033[0m", (int)colour, text);
	else
		put(page, "%s", text);
}

static void end_line(struct page *page, unsigned indent)
{
	page->broken.length = 0;
	compare_lines(&page->broken, page->line.bytes, page->line.length, page->options->width, indent);
	page->broken.failed |= page->line.failed;
	page->line.length = 0;
	if (!page->broken.failed)
		fwrite(page->broken.bytes, 1, page->broken.length, page->out);
}

/* "1 flow", "1,204 flows" */
static void put_count(struct page *page, uint64_t count, const char *one, const char *several)
{
	char number[COMPARE_PHRASE_NUMBER];

	put(page, "%s" GLUE, compare_phrase_number(number, count));
	put_whole(page, count == 1 ? one : several);
}

/* ---- the beginning ---- */

static void put_title(struct page *page)
{
	put_name(page, page->options->log, true);
	put(page, " against ");
	put_name(page, page->options->capture, true);
	put(page, "; times are UTC");
	if (page->result->interval > 0)
		put(page, ", intervals are %u" GLUE "s", page->result->interval);
	end_line(page, NARROW_INDENT);
}

static void put_offset(struct page *page)
{
	const struct compare_result *result = page->result;
	char seconds[COMPARE_PHRASE_TIME];

	compare_phrase_seconds(seconds, result->offset);
	put(page, "clock offset: %s" GLUE "s, ", seconds);
	if (result->is_offset_given) {
		put(page, "as given");
	} else if (result->offset_flows > 0) {
		put(page, "as estimated from ");
		put_count(page, result->offset_flows, "flow", "flows");
	} else {
		put(page, "since no flow tells another");
	}
	if (strcmp(seconds, "0") != 0)
		put(page, "; it is added to the capture's times");
	end_line(page, NARROW_INDENT);
}

static void put_unknown(struct page *page)
{
	const char *name = compare_phrase_unknown(page->result, 0);

	if (!name)
		return;
	put(page, "not in the log, and not compared: %s", name);
	for (size_t i = 1; (name = compare_phrase_unknown(page->result, i)) != NULL; i++)
		put(page, ", %s", name);
	end_line(page, NARROW_INDENT);
}

static bool has_packets(const struct page *page)
{
	return !(page->result->unknown & FLOW_UNKNOWN_PACKETS);
}

static bool has_bytes(const struct page *page)
{
	return !(page->result->unknown & FLOW_UNKNOWN_BYTES);
}

/* ---- an interface ---- */

static void put_heading(struct page *page, const struct compare_interface *interface)
{
	char span[2 * COMPARE_PHRASE_TIME];

	fputc('\n', page->out);
	if (interface->id)
		put_name(page, interface->id, true);
	if (interface->device && *interface->device) {
		put(page, "%s", interface->id ? " (" : "");
		put_name(page, interface->device, true);
		put(page, "%s", interface->id ? ")" : "");
	} else if (!interface->id) {
		put(page, "packets of no known device");
	}
	if (!interface->device)
		put(page, "   only in the log");
	else if (!interface->id)
		put(page, "   only in the capture");
	else if (!interface->is_judged)
		put(page, "   no time in both");
	else
		put(page, "   %s in both", compare_phrase_span(span, interface->start, interface->end));
	end_line(page, NARROW_INDENT);
}

/* Of the three columns of figures, so that they stand below each other. */
struct widths {
	int first, second, difference;
};

static void widen(int *width, const char *number)
{
	int length = (int)strlen(number);

	if (*width < length)
		*width = length;
}

static void widen_for(struct widths *widths, uint64_t log, uint64_t capture)
{
	char number[COMPARE_PHRASE_NUMBER];

	widen(&widths->first, compare_phrase_number(number, log));
	widen(&widths->second, compare_phrase_number(number, capture));
	widen(&widths->difference, compare_phrase_difference(number, log, capture));
}

static void put_part(struct page *page, uint64_t count, const char *one, const char *several)
{
	if (count == 0)
		return;
	put(page, "   ");
	put_count(page, count, one, several);
}

static void put_flows(struct page *page, const struct compare_interface *interface, const struct widths *widths)
{
	const size_t *flows = interface->flows;
	char number[COMPARE_PHRASE_NUMBER];

	put(page, "  %-*s%*s" GLUE "%s", FIGURES, "flows", widths->first,
	    compare_phrase_number(number, flows[COMPARE_AGREES]), flows[COMPARE_AGREES] == 1 ? "agrees" : "agree");
	if (interface->by_bytes > 0) {
		put(page, " (");
		put_count(page, interface->by_bytes, "by bytes alone)", "by bytes alone)");
	}
	put_part(page, flows[COMPARE_DIFFERS], "differs", "differ");
	put_part(page, flows[COMPARE_LOG_ONLY], "only in the log", "only in the log");
	put_part(page, flows[COMPARE_CAPTURE_ONLY], "only in the capture", "only in the capture");
	put_part(page, flows[COMPARE_UNSEEN], "rejected before the capture", "rejected before the capture");
	if (flows[COMPARE_EDGE] > 0) {
		put(page, "   (");
		put_count(page, flows[COMPARE_EDGE], "at the edges not judged)", "at the edges not judged)");
	}
	end_line(page, FIGURES + 2);
}

static void put_sums(struct page *page, const char *label, uint64_t log, uint64_t capture, const struct widths *widths)
{
	char number[COMPARE_PHRASE_NUMBER];

	put(page, "  %-*s%*s" GLUE "log", FIGURES, label, widths->first, compare_phrase_number(number, log));
	put(page, "   %*s" GLUE "capture", widths->second, compare_phrase_number(number, capture));
	put(page, "   %*s", widths->difference, compare_phrase_difference(number, log, capture));
	end_line(page, FIGURES + 2);
}

/* So many intervals are of a kind, the first of them `first`. */
static void put_intervals(struct page *page, const char *what, size_t count, int64_t first)
{
	char time[COMPARE_PHRASE_TIME];

	if (count == 0)
		return;
	put(page, "  %s ", what);
	put_count(page, count, "interval", "intervals");
	put(page, count == 1 ? ", from " : ", the first from ");
	put_whole(page, compare_phrase_time(time, first));
	end_line(page, NARROW_INDENT);
}

static void put_gaps(struct page *page, const struct compare_interface *interface)
{
	size_t skipped = 0, missing = 0;
	int64_t first_skipped = 0, first_missing = 0;

	for (size_t i = 0; i < interface->interval_count; i++) {
		const struct compare_interval *interval = &interface->intervals[i];

		if (interval->is_skipped && skipped++ == 0)
			first_skipped = interval->start;
		if (interval->is_missing && missing++ == 0)
			first_missing = interval->start;
	}
	put_intervals(page, "SKIPDATA in", skipped, first_skipped);
	put_intervals(page, "no line in the log of", missing, first_missing);
}

static void put_figures(struct page *page, const struct compare_interface *interface)
{
	const struct compare_sums *log = &interface->sums[COMPARE_LOG], *capture = &interface->sums[COMPARE_CAPTURE];
	char number[COMPARE_PHRASE_NUMBER];
	struct widths widths = { 0 };

	widen(&widths.first, compare_phrase_number(number, interface->flows[COMPARE_AGREES]));
	if (has_packets(page))
		widen_for(&widths, log->packets, capture->packets);
	if (has_bytes(page))
		widen_for(&widths, log->bytes, capture->bytes);
	put_flows(page, interface, &widths);
	if (has_packets(page))
		put_sums(page, "packets", log->packets, capture->packets, &widths);
	if (has_bytes(page))
		put_sums(page, "bytes", log->bytes, capture->bytes, &widths);
	if (interface->edge_records > 0) {
		put(page, "  ");
		put_count(page, interface->edge_records, "record", "records");
		put(page, " of the log set aside at the edges");
		end_line(page, NARROW_INDENT);
	}
	put_gaps(page, interface);
}

/* ---- findings ---- */

static const struct label {
	const char *text;
	enum colour colour;
} labels[COMPARE_VERDICTS] = {
	[COMPARE_AGREES] = { "AGREES", GREEN },      [COMPARE_DIFFERS] = { "DIFFER", RED },
	[COMPARE_LOG_ONLY] = { "LOG ONLY", YELLOW }, [COMPARE_CAPTURE_ONLY] = { "CAPTURE ONLY", YELLOW },
	[COMPARE_EDGE] = { "EDGE", PLAIN },          [COMPARE_UNSEEN] = { "REJECTED", PLAIN },
};

/* "tcp A <- B", which may be broken before the arrow alone. */
static void put_flow(struct page *page, const struct compare_key *key)
{
	char flow[COMPARE_PHRASE_FLOW], *blank;

	compare_phrase_flow(flow, key);
	blank = strchr(flow, ' ');
	*blank = COMPARE_GLUE;
	blank = strchr(strchr(blank, ' ') + 1, ' ');
	*blank = COMPARE_GLUE;
	put(page, "%s", flow);
}

static void put_amounts(struct page *page, const struct compare_sums *sums)
{
	if (has_packets(page))
		put_count(page, sums->packets, "pkt", "pkts");
	put(page, has_packets(page) && has_bytes(page) ? " " : "");
	if (has_bytes(page))
		put_count(page, sums->bytes, "B", "B");
}

/* "   log 118 pkts 9,120 B"; actions are named where a packet was rejected on either side. */
static void put_side(struct page *page, const struct compare_finding *finding, enum compare_side side)
{
	const struct compare_sums *accepted = &finding->sums[side][FLOW_ACCEPT],
				  *rejected = &finding->sums[side][FLOW_REJECT];
	bool named = finding->sums[COMPARE_LOG][FLOW_REJECT].packets > 0 ||
		     finding->sums[COMPARE_CAPTURE][FLOW_REJECT].packets > 0;

	put(page, "   %s" GLUE, side == COMPARE_LOG ? "log" : "capture");
	if (!named || accepted->packets > 0 || rejected->packets == 0) {
		put(page, "%s", named ? "ACCEPT" GLUE : "");
		put_amounts(page, accepted);
	}
	if (rejected->packets > 0) {
		put(page, "%sREJECT" GLUE, accepted->packets > 0 ? " + " : "");
		put_amounts(page, rejected);
	}
}

static void put_difference(struct page *page, const struct compare_finding *finding)
{
	const struct compare_sums *log = &finding->held[COMPARE_LOG], *capture = &finding->held[COMPARE_CAPTURE];
	bool other_packets = has_packets(page) && log->packets != capture->packets,
	     other_bytes = has_bytes(page) && log->bytes != capture->bytes;
	char packets[COMPARE_PHRASE_NUMBER], bytes[COMPARE_PHRASE_NUMBER];

	compare_phrase_difference(packets, log->packets, capture->packets);
	compare_phrase_difference(bytes, log->bytes, capture->bytes);
	put(page, "   ");
	if (other_packets)
		put(page, "%s" GLUE "%s%s", packets, strcmp(packets + 1, "1") == 0 ? "pkt" : "pkts",
		    other_bytes ? ", " : "");
	if (other_bytes)
		put(page, "%s" GLUE "B", bytes);
	if (!other_packets && !other_bytes)
		put(page, "the same sums");
}

/* "   skipdata: the log says so of 60 seconds"; without a detail, what the word means. */
static void put_cause(struct page *page, const struct compare_finding *finding)
{
	enum compare_cause cause = (enum compare_cause)finding->cause;

	put(page, "   %s: ", compare_cause_name(cause));
	put_name(page, finding->detail ? finding->detail : compare_cause_sentence(cause), false);
}

static void put_finding(struct page *page, const struct compare_finding *finding)
{
	const struct label *label = &labels[finding->verdict];
	bool wide = page->options->width == 0 || page->options->width >= NARROW;

	put_coloured(page, label->colour, label->text);
	put(page, "%*s", (int)(LABELS + 2 - strlen(label->text)), "");
	put_flow(page, &finding->key);
	if (finding->verdict != COMPARE_CAPTURE_ONLY)
		put_side(page, finding, COMPARE_LOG);
	if (finding->verdict != COMPARE_LOG_ONLY && finding->verdict != COMPARE_UNSEEN)
		put_side(page, finding, COMPARE_CAPTURE);
	if (finding->verdict == COMPARE_DIFFERS)
		put_difference(page, finding);
	put_cause(page, finding);
	end_line(page, wide ? LABELS + 2 : NARROW_INDENT);
}

static bool is_difference(const struct compare_finding *finding)
{
	return finding->verdict == COMPARE_DIFFERS || finding->verdict == COMPARE_LOG_ONLY ||
	       finding->verdict == COMPARE_CAPTURE_ONLY;
}

/* Differences come before what is no difference, whosever it is. */
static void share_limit(struct page *page)
{
	const struct compare_result *result = page->result;
	size_t limit = page->options->findings > 0 ? page->options->findings : SIZE_MAX, differences = 0;

	for (size_t i = 0; i < result->finding_count; i++)
		differences += is_difference(&result->findings[i]);
	page->differences = differences < limit ? differences : limit;
	page->unseen = limit - page->differences;
}

/* Those of an interface, from the `at`th on. Where they end. */
static size_t put_findings(struct page *page, size_t interface, size_t at)
{
	const struct compare_result *result = page->result;

	for (; at < result->finding_count && result->findings[at].key.interface == interface; at++) {
		size_t *left = is_difference(&result->findings[at]) ? &page->differences : &page->unseen;

		if (*left == 0) {
			page->hidden++;
			continue;
		}
		--*left;
		put_finding(page, &result->findings[at]);
	}
	return at;
}

/* ---- the end ---- */

static void put_hidden(struct page *page)
{
	if (page->hidden == 0)
		return;
	fputc('\n', page->out);
	put(page, "and ");
	put_count(page, page->hidden, "flow", "flows");
	put(page, " more: --limit" GLUE "0 lists all");
	end_line(page, NARROW_INDENT);
}

static void put_remarks(struct page *page)
{
	if (page->result->remark_count > 0)
		fputc('\n', page->out);
	for (size_t i = 0; i < page->result->remark_count; i++) {
		put(page, "Note: ");
		put_name(page, page->result->remarks[i], false);
		end_line(page, NARROW_INDENT);
	}
}

/* Why nothing was judged. */
static const char *reason(const struct compare_result *result)
{
	bool logged = false, captured = false, paired = false, judged = false;

	for (size_t i = 0; i < result->interface_count; i++) {
		const struct compare_interface *interface = &result->interfaces[i];

		logged |= interface->id != NULL;
		captured |= interface->device != NULL;
		paired |= interface->id && interface->device;
		judged |= interface->is_judged;
	}
	if (judged)
		return "in the time that is in both, no flow can be judged";
	if (paired)
		return "log and capture have no time in common";
	if (!logged)
		return captured ? "there are no records in the log" : "both are empty";
	return captured ? "no interface of the log is in the capture" : "there are no packets in the capture";
}

static void put_verdict(struct page *page)
{
	uint64_t flows = 0;

	for (size_t i = 0; i < page->result->interface_count; i++) {
		const size_t *of = page->result->interfaces[i].flows;

		flows += of[COMPARE_DIFFERS] + of[COMPARE_LOG_ONLY] + of[COMPARE_CAPTURE_ONLY];
	}
	fputc('\n', page->out);
	if (page->result->agrees) {
		put_coloured(page, GREEN, "log and capture agree");
	} else if (flows > 0) {
		put_coloured(page, RED, "log and capture differ");
		put(page, ": ");
		put_count(page, flows, "flow", "flows");
	} else {
		put_coloured(page, YELLOW, "nothing was compared");
		put(page, ": %s", reason(page->result));
	}
	end_line(page, NARROW_INDENT);
}

/* Those on one side alone have nothing else to show: of very many only the first are named. */
static void put_interfaces(struct page *page)
{
	const struct compare_result *result = page->result;
	size_t finding = 0, singles[COMPARE_SIDES] = { 0 }, unnamed = 0;

	for (size_t i = 0; i < result->interface_count; i++) {
		const struct compare_interface *interface = &result->interfaces[i];
		bool is_single = !interface->id || !interface->device;

		if (is_single && ++singles[interface->id ? COMPARE_LOG : COMPARE_CAPTURE] > SINGLES) {
			unnamed++;
			continue;
		}
		put_heading(page, interface);
		if (interface->is_judged)
			put_figures(page, interface);
		finding = put_findings(page, i, finding);
	}
	if (unnamed == 0)
		return;
	fputc('\n', page->out);
	put(page, "and ");
	put_count(page, unnamed, "interface", "interfaces");
	put(page, " more in one of them alone");
	end_line(page, NARROW_INDENT);
}

int compare_text(FILE *out, const struct compare_result *result, const struct compare_report_options *options,
		 struct error *err)
{
	struct page page = { .out = out, .options = options, .result = result };
	bool failed;

	share_limit(&page);
	put_title(&page);
	put_offset(&page);
	put_unknown(&page);
	put_interfaces(&page);
	put_hidden(&page);
	put_remarks(&page);
	put_verdict(&page);
	failed = page.broken.failed;
	free(page.line.bytes);
	free(page.broken.bytes);
	if (failed)
		return fail_memory(err, "the report");
	if (fflush(out) < 0)
		return fail_errno(err, "report: cannot be written");
	/* Why it failed before is known no more. */
	return ferror(out) ? fail(err, EIO, "report: cannot be written") : 0;
}
