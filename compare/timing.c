#include "compare/timing.h"

#include "compare/midst.h"

enum { PROTOCOL_TCP = 6, CLOSING = FLOW_TCP_FIN | FLOW_TCP_RST };

static const struct compare_ledger_interface *interface_of(const struct compare_case *about, enum compare_side side)
{
	uint32_t number = about->interfaces[side];

	return number == COMPARE_NONE ? NULL : &about->ledgers[side]->interfaces[number];
}

int compare_timing_skipped(struct compare_lack *lack, struct error *err)
{
	const struct compare_ledger_interface *log = interface_of(lack->about, COMPARE_LOG);
	const struct compare_span *span;
	struct compare_sums inside;

	(void)err;
	if (!log || log->skipped.count == 0)
		return 0;
	inside = compare_lack_inside(lack, COMPARE_CAPTURE, &log->skipped, 0, 1);
	span = compare_lack_touched(lack, COMPARE_CAPTURE, &log->skipped, 0);
	if (!span || !compare_lack_within(lack, COMPARE_CAPTURE, &inside))
		return 0;
	compare_lack_say(lack, "the log says SKIPDATA from %s to %s; the capture has %s of this flow then",
			 compare_lack_clock(lack, span->start).text,
			 compare_lack_clock(lack, (int64_t)span->end + 1).text, compare_packets(inside.packets).text);
	return 1;
}

/* Is it at least the lower sum and at most the higher? For cuts that fall within a second. */
static bool is_between(const struct compare_lack *lack, const struct compare_sums *least,
		       const struct compare_sums *most)
{
	struct compare_sums surplus = compare_lack_surplus(lack, COMPARE_CAPTURE);

	return compare_lack_within(lack, COMPARE_CAPTURE, most) && least->packets > 0 &&
	       (!lack->has_packets || surplus.packets >= least->packets) &&
	       (!lack->has_bytes || surplus.bytes >= least->bytes);
}

int compare_timing_missing_interval(struct compare_lack *lack, struct error *err)
{
	const struct compare_spans *missing = lack->about->missing;
	struct compare_sums exactly, least, most;
	const struct compare_span *span;

	(void)err;
	if (!missing || missing->count == 0)
		return 0;
	exactly = compare_lack_inside(lack, COMPARE_CAPTURE, missing, 0, 0);
	least = compare_lack_inside(lack, COMPARE_CAPTURE, missing, 0, -1);
	most = compare_lack_inside(lack, COMPARE_CAPTURE, missing, 0, 1);
	span = compare_lack_touched(lack, COMPARE_CAPTURE, missing, 0);
	if (!span || !(compare_lack_is(lack, COMPARE_CAPTURE, &exactly) || is_between(lack, &least, &most)))
		return 0;
	compare_lack_say(lack, "the log has no line of this interface from %s to %s",
			 compare_lack_clock(lack, span->start).text,
			 compare_lack_clock(lack, (int64_t)span->end + 1).text);
	return 1;
}

int compare_timing_drops(struct compare_lack *lack, struct error *err)
{
	const struct compare_ledger_interface *capture = interface_of(lack->about, COMPARE_CAPTURE);
	int64_t offset = lack->about->offset;
	const struct compare_span *span;
	struct compare_sums inside;

	(void)err;
	if (!capture || capture->skipped.count == 0)
		return 0;
	inside = compare_lack_inside(lack, COMPARE_LOG, &capture->skipped, offset, 1);
	span = compare_lack_touched(lack, COMPARE_LOG, &capture->skipped, offset);
	if (!span || !compare_lack_within(lack, COMPARE_LOG, &inside))
		return 0;
	compare_lack_say(lack, "the capture lost packets from %s to %s, while this flow was there",
			 compare_lack_clock(lack, span->start + offset).text,
			 compare_lack_clock(lack, span->end + offset + 1).text);
	return 1;
}

/* The second, by the log's clock, in which a part of the flow in the capture has a FIN or RST first; INT64_MAX: none. */
static int64_t closing_of(const struct compare_case *about, const struct compare_flow *flow, uint8_t *flags)
{
	const struct compare_part *parts = about->ledgers[COMPARE_CAPTURE]->parts;

	for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE; at = parts[at].next)
		if (parts[at].tcp_flags & CLOSING) {
			*flags = parts[at].tcp_flags;
			return parts[at].start + about->offset;
		}
	return INT64_MAX;
}

/* Of the same connection, the other way. */
static const struct compare_flow *way_back(const struct compare_case *about, const struct compare_flow *flow)
{
	struct compare_key key = flow->key;

	key.source = flow->key.destination;
	key.destination = flow->key.source;
	key.source_port = flow->key.destination_port;
	key.destination_port = flow->key.source_port;
	if (key.direction != FLOW_UNKNOWN)
		key.direction = key.direction == FLOW_INGRESS ? FLOW_EGRESS : FLOW_INGRESS;
	return compare_ledger_find(about->ledgers[COMPARE_CAPTURE], &key);
}

/* Does a record of the log reach the second in which the connection was closed? Else the close itself is missing. */
static bool is_close_logged(const struct compare_case *about, int64_t closing)
{
	for (size_t i = 0; i < about->entry_counts[COMPARE_LOG]; i++)
		if (about->entries[COMPARE_LOG][i].end >= closing)
			return true;
	return false;
}

/* What is at stake: what the capture has more; or, if it has no more, what the log rejects of it. */
static bool late_packets(const struct compare_lack *lack, struct compare_sums *out)
{
	const struct compare_sums *log = lack->finding->sums[COMPARE_LOG];
	const struct compare_sums *capture = lack->finding->sums[COMPARE_CAPTURE];

	if (compare_lack_is_none(lack) && log[FLOW_REJECT].packets > capture[FLOW_REJECT].packets &&
	    log[FLOW_REJECT].bytes >= capture[FLOW_REJECT].bytes) {
		out->packets = log[FLOW_REJECT].packets - capture[FLOW_REJECT].packets;
		out->bytes = log[FLOW_REJECT].bytes - capture[FLOW_REJECT].bytes;
		return true;
	}
	if (!compare_lack_more(lack, COMPARE_CAPTURE))
		return false;
	*out = compare_lack_surplus(lack, COMPARE_CAPTURE);
	return true;
}

/* Are these packets without data, by their length? A TCP header is 20 to 60 bytes. */
static bool are_headers(const struct compare_key *key, const struct compare_sums *sums)
{
	uint64_t network = key->family == FLOW_IPV4 ? 20 : 40;

	return sums->packets > 0 && sums->bytes >= sums->packets * (network + 20) &&
	       sums->bytes <= sums->packets * (network + 60);
}

int compare_timing_after_close(struct compare_lack *lack, struct error *err)
{
	const struct compare_case *about = lack->about;
	const struct compare_flow *flow = about->flows[COMPARE_CAPTURE];
	struct compare_sums late, after = { 0 };
	bool is_own = true;
	uint8_t flags = 0;
	int64_t closing;

	(void)err;
	if (lack->finding->key.protocol != PROTOCOL_TCP || !flow || about->entry_counts[COMPARE_LOG] == 0 ||
	    !late_packets(lack, &late) || !are_headers(&flow->key, &late))
		return 0;
	closing = closing_of(about, flow, &flags);
	if (closing == INT64_MAX) {
		is_own = false;
		closing = closing_of(about, way_back(about, flow), &flags);
	}
	for (size_t i = 0; i < about->entry_counts[COMPARE_CAPTURE]; i++)
		if (about->entries[COMPARE_CAPTURE][i].start >= closing)
			compare_sums_add(&after, &about->entries[COMPARE_CAPTURE][i].sums);
	if (late.packets > after.packets || late.bytes > after.bytes || !is_close_logged(about, closing))
		return 0;
	compare_lack_say(lack, "%s without data%s; %s %s was at %s, and the capture has %s in that second and later",
			 compare_packets(late.packets).text,
			 compare_lack_is_none(lack) ? " that the log rejects" : " more",
			 is_own ? "its" : "the way back's", flags & FLOW_TCP_FIN ? "FIN" : "RST",
			 compare_lack_clock(lack, closing).text, compare_packets(after.packets).text);
	return 1;
}

/* What a side has of the flow at an end of the time in both. */
static struct compare_sums at_end(const struct compare_lack *lack, enum compare_side side, bool is_start)
{
	const struct compare_case *about = lack->about;
	struct compare_sums sums = { 0 };

	for (size_t i = 0; i < about->entry_counts[side]; i++) {
		const struct compare_entry *entry = &about->entries[side][i];
		bool is_near = is_start ? entry->start < about->start + COMPARE_LATENESS
					: entry->end > about->end - COMPARE_LATENESS;

		if (is_near && compare_lack_holds(lack, side, entry))
			compare_sums_add(&sums, &entry->sums);
	}
	return sums;
}

static bool goes_beyond(const struct compare_case *about, bool is_start)
{
	const int64_t *at = is_start ? about->begins : about->ends;
	int64_t apart = at[COMPARE_LOG] - at[COMPARE_CAPTURE];

	return apart > COMPARE_LATENESS || apart < -COMPARE_LATENESS;
}

int compare_timing_edge(struct compare_lack *lack, struct error *err)
{
	enum compare_side side = compare_lack_more(lack, COMPARE_LOG) ? COMPARE_LOG : COMPARE_CAPTURE;
	const struct compare_case *about = lack->about;
	const struct compare_midst flow = {
		.entries = { about->entries[COMPARE_LOG], about->entries[COMPARE_CAPTURE] },
		.counts = { about->entry_counts[COMPARE_LOG], about->entry_counts[COMPARE_CAPTURE] },
		.start = about->start,
		.end = about->end,
		.margin = about->interval + 2 * COMPARE_LATENESS,
	};

	(void)err;
	if (compare_midst_is_all(&flow))
		return 0;
	for (int is_start = 1; is_start >= 0; is_start--) {
		struct compare_sums near = at_end(lack, side, is_start);

		if (!goes_beyond(lack->about, is_start) || !compare_lack_within(lack, side, &near))
			continue;
		compare_lack_say(lack, "within %d s of %s, the %s second in both", COMPARE_LATENESS,
				 compare_lack_clock(lack, is_start ? lack->about->start : lack->about->end).text,
				 is_start ? "first" : "last");
		return 1;
	}
	return 0;
}

/* A walk through records and through parts of the capture side by side, both in order of time. Records are taken for so
 * many seconds longer at their beginnings and ends. */
struct walk {
	int64_t before, after;
	size_t at;
};

/* Does a record of the flow speak of that second? */
static bool is_recorded(const struct compare_case *about, const struct compare_entry *part, struct walk *walk)
{
	const struct compare_entry *records = about->entries[COMPARE_LOG];
	size_t count = about->entry_counts[COMPARE_LOG];

	while (walk->at < count && records[walk->at].end + walk->after < part->start)
		walk->at++;
	return walk->at < count && records[walk->at].start - walk->before <= part->end;
}

/* What the capture has in seconds of which no record speaks. */
struct unrecorded {
	/* `least` without what is within a second of a record; `most` with the part before and after it, if that is in the
	 * last or first second of a record, which may be cut in two. */
	struct compare_sums least, exactly, most;
	int64_t first, last; /* seconds of `exactly` */
};

static struct unrecorded unrecorded(const struct compare_case *about)
{
	static const struct compare_sums nothing;
	struct walk plain = { 0 }, widened = { .before = 1, .after = 1 }, later = { .before = -1 },
		    sooner = { .after = -1 };
	struct unrecorded out = { .first = INT64_MAX, .last = INT64_MIN };
	struct compare_sums cut = { 0 }; /* of the part before, if it may be */
	bool is_next = false;            /* to one that is not recorded */

	for (size_t i = 0; i < about->entry_counts[COMPARE_CAPTURE]; i++) {
		const struct compare_entry *part = &about->entries[COMPARE_CAPTURE][i];
		bool is_first = !is_recorded(about, part, &later), is_last = !is_recorded(about, part, &sooner);

		if (is_recorded(about, part, &plain)) {
			bool is_cut = is_next && is_first;

			if (is_cut)
				compare_sums_add(&out.most, &part->sums);
			cut = is_last && !is_cut ? part->sums : nothing;
			is_next = false;
			continue;
		}
		compare_sums_add(&out.most, &cut);
		cut = nothing;
		is_next = true;
		compare_sums_add(&out.exactly, &part->sums);
		compare_sums_add(&out.most, &part->sums);
		if (!is_recorded(about, part, &widened))
			compare_sums_add(&out.least, &part->sums);
		out.first = part->start < out.first ? part->start : out.first;
		out.last = part->end > out.last ? part->end : out.last;
	}
	return out;
}

int compare_timing_missing_records(struct compare_lack *lack, struct error *err)
{
	struct unrecorded found = unrecorded(lack->about);

	(void)err;
	if (!compare_lack_is(lack, COMPARE_CAPTURE, &found.exactly) && !is_between(lack, &found.least, &found.most))
		return 0;
	compare_lack_say(lack, "the log has no record of this flow from %s to %s, and other lines of that time",
			 compare_lack_clock(lack, found.first).text, compare_lack_clock(lack, found.last).text);
	return 1;
}

/* What the capture has in the seconds of a record. Records come in order of `start`; `*from` is the first part that is not
 * before all of them from now on, 0 at first. */
static struct compare_sums seen_during(const struct compare_case *about, const struct compare_entry *record,
				       size_t *from)
{
	const struct compare_entry *parts = about->entries[COMPARE_CAPTURE];
	size_t count = about->entry_counts[COMPARE_CAPTURE];
	struct compare_sums sums = { 0 };

	while (*from < count && parts[*from].start < record->start)
		(*from)++;
	for (size_t i = *from; i < count && parts[i].start <= record->end; i++)
		compare_sums_add(&sums, &parts[i].sums);
	return sums;
}

int compare_timing_locate(struct compare_lack *lack, struct error *err)
{
	enum { RECORDS_MOST = 1000 };
	const struct compare_case *about = lack->about;
	const struct compare_entry *found = NULL;
	size_t from = 0;

	(void)err;
	if (about->entry_counts[COMPARE_LOG] > RECORDS_MOST || about->entry_counts[COMPARE_CAPTURE] == 0)
		return 0;
	for (size_t i = 0; i < about->entry_counts[COMPARE_LOG]; i++) {
		const struct compare_entry *record = &about->entries[COMPARE_LOG][i];
		struct compare_sums seen = seen_during(about, record, &from);

		if (!compare_lack_holds(lack, COMPARE_LOG, record) ||
		    (record->sums.packets == seen.packets && record->sums.bytes == seen.bytes))
			continue;
		if (found || (int64_t)(record->sums.packets - seen.packets) != lack->packets ||
		    (int64_t)(record->sums.bytes - seen.bytes) != lack->bytes)
			return 0;
		found = record;
	}
	if (found)
		compare_lack_say(lack, "all of it in the record of %s to %s",
				 compare_lack_clock(lack, found->start).text,
				 compare_lack_clock(lack, found->end).text);
	return 0;
}
