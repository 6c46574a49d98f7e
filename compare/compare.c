#include "compare/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "compare/coverage.h"
#include "compare/findings.h"
#include "compare/intervals.h"
#include "compare/kindred.h"
#include "compare/midst.h"
#include "compare/offset.h"
#include "compare/phrase.h"

enum {
	AHEAD = 16,        /* flows */
	AHEAD_STEPS = 128, /* parts of each */
	SINGLES_NAMED = 5, /* interfaces of a side that have no partner */
};

/* What the work on a comparison needs until its result is there. */
struct work {
	const struct compare_ledger *ledgers[COMPARE_SIDES];
	const struct compare_options *options;
	struct compare_result *result;
	size_t finding_room;
	struct compare_pairing pairing;
	struct compare_spans *missing; /* by interface of the log */
	uint32_t *phases;              /* the same */
	struct compare_judge *judge;
	struct compare_kindred *kindred;
	int64_t offset;
	bool is_exact; /* the log's times are those of the packets */
};

static const struct compare_ledger_interface *side_of(const struct work *work, const struct compare_pair *pair,
						      enum compare_side side)
{
	return &work->ledgers[side]->interfaces[pair->interfaces[side]];
}

/* ---- interfaces ---- */

/* False: out of memory. */
static bool copy_text(char **out, const char *text)
{
	*out = text ? strdup(text) : NULL;
	return *out || !text;
}

/* The log's first, then those that the capture alone has. */
static int list_interfaces(struct work *work, struct error *err)
{
	const struct compare_ledger *log = work->ledgers[COMPARE_LOG], *capture = work->ledgers[COMPARE_CAPTURE];
	struct compare_result *result = work->result;
	bool is_copied = true;

	result->interfaces = calloc(log->interface_count + capture->interface_count + 1, sizeof(*result->interfaces));
	if (!result->interfaces)
		return fail_memory(err, "interfaces to compare");
	for (size_t i = 0; i < log->interface_count; i++) {
		struct compare_interface *interface = &result->interfaces[result->interface_count++];
		uint32_t pair = work->pairing.pair_of[COMPARE_LOG][i];

		is_copied &= copy_text(&interface->id, log->interfaces[i].id ? log->interfaces[i].id : "-");
		if (pair != COMPARE_NONE)
			is_copied &= copy_text(&interface->device,
					       side_of(work, &work->pairing.pairs[pair], COMPARE_CAPTURE)->device);
	}
	for (size_t i = 0; i < capture->interface_count; i++)
		if (work->pairing.pair_of[COMPARE_CAPTURE][i] == COMPARE_NONE)
			is_copied &= copy_text(&result->interfaces[result->interface_count++].device,
					       capture->interfaces[i].device);
	return is_copied ? 0 : fail_memory(err, "interfaces to compare");
}

/* The time that is in both of a pair, if any is. */
static void set_time(const struct work *work, const struct compare_pair *pair)
{
	struct compare_interface *interface = &work->result->interfaces[pair->interfaces[COMPARE_LOG]];
	const struct compare_ledger_interface *log = side_of(work, pair, COMPARE_LOG);
	const struct compare_ledger_interface *capture = side_of(work, pair, COMPARE_CAPTURE);
	int64_t start = capture->start + work->offset, end = capture->end + work->offset;

	if (log->start > log->end || capture->start > capture->end)
		return;
	interface->start = start > log->start ? start : log->start;
	interface->end = end < log->end ? end : log->end;
	interface->is_judged = interface->start <= interface->end;
}

/* ---- flows ---- */

/* Counts a flow that was judged: of one with rejected packets that the capture cannot see, what was accepted. */
static void count_flow(struct work *work, struct compare_interface *interface, uint8_t verdict,
		       const struct compare_judgement *judgement)
{
	bool accepted_alone = verdict == COMPARE_UNSEEN;

	interface->flows[verdict]++;
	if (verdict == COMPARE_EDGE)
		return;
	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		compare_sums_add(&interface->sums[side], &judgement->sums[side][FLOW_ACCEPT]);
		if (!accepted_alone)
			compare_sums_add(&interface->sums[side], &judgement->sums[side][FLOW_REJECT]);
	}
	compare_intervals_add(interface, work->result->interval, judgement,
			      verdict == COMPARE_AGREES || verdict == COMPARE_UNSEEN, accepted_alone);
}

/* The sums of what a side has within so many seconds of another. */
static struct compare_sums sums_near(const struct compare_judgement *judgement, enum compare_side side, int64_t second,
				     int64_t margin)
{
	struct compare_sums sums = { 0 };

	for (size_t i = 0; i < judgement->counts[side]; i++) {
		const struct compare_entry *entry = &judgement->entries[side][i];

		if (entry->start <= second + margin && entry->end >= second - margin)
			compare_sums_add(&sums, &entry->sums);
	}
	return sums;
}

/* By how many seconds the log reaches beyond the capture where they begin or end; negative: the capture goes on. */
static int64_t beyond(const struct work *work, const struct compare_pair *pair, bool end)
{
	const struct compare_ledger_interface *log = side_of(work, pair, COMPARE_LOG);
	const struct compare_ledger_interface *capture = side_of(work, pair, COMPARE_CAPTURE);

	return end ? log->end - (capture->end + work->offset) : capture->start + work->offset - log->start;
}

/* What a side has near the ends of the time in both that may be of records or packets beyond them. Where times are
 * exact, nobody knows how much of the very second is in both in which one side ends and this one goes on. */
static struct compare_sums blurred(const struct work *work, const struct compare_pair *pair,
				   const struct compare_scope *scope, const struct compare_judgement *judgement,
				   enum compare_side side)
{
	struct compare_sums blurred = { 0 }, sums;

	for (int end = 0; end < 2; end++) {
		int64_t log_beyond = beyond(work, pair, end);

		if (log_beyond == 0 || (work->is_exact && (log_beyond > 0) != (side == COMPARE_LOG)))
			continue;
		sums = sums_near(judgement, side, end ? scope->end : scope->start, work->is_exact ? 0 : COMPARE_LATE);
		compare_sums_add(&blurred, &sums);
	}
	/* Where they are late, packets that were set aside may be of records that were not, and the other way round. */
	if (!work->is_exact)
		compare_sums_add(&blurred, side == COMPARE_LOG ? &judgement->aside : &judgement->lacking);
	return blurred;
}

/* Can all that one side has more be what nobody knows to be in both? */
static bool is_at_edge(const struct work *work, const struct compare_pair *pair, const struct compare_scope *scope,
		       const struct compare_judgement *judgement)
{
	const struct compare_sums *held = judgement->held;
	enum compare_side more = held[COMPARE_LOG].packets > held[COMPARE_CAPTURE].packets ? COMPARE_LOG
											   : COMPARE_CAPTURE;
	enum compare_side fewer = more == COMPARE_LOG ? COMPARE_CAPTURE : COMPARE_LOG;
	struct compare_sums edge = blurred(work, pair, scope, judgement, more);
	const struct compare_midst flow = {
		.entries = { judgement->entries[COMPARE_LOG], judgement->entries[COMPARE_CAPTURE] },
		.counts = { judgement->counts[COMPARE_LOG], judgement->counts[COMPARE_CAPTURE] },
		.start = scope->start,
		.end = scope->end,
		.margin = work->result->interval + 2 * COMPARE_LATE,
	};

	return held[more].packets > held[fewer].packets && held[more].bytes >= held[fewer].bytes &&
	       held[more].packets - held[fewer].packets <= edge.packets &&
	       held[more].bytes - held[fewer].bytes <= edge.bytes && !compare_midst_is_all(&flow);
}

static struct compare_finding finding_of(const struct compare_pair *pair, const struct compare_key *key,
					 const struct compare_judgement *judgement)
{
	struct compare_finding finding = {
		.verdict = (uint8_t)judgement->verdict,
		.key = *key,
		.start = judgement->start,
		.end = judgement->end,
	};

	finding.key.interface = pair->interfaces[COMPARE_LOG];
	memcpy(finding.sums, judgement->sums, sizeof(finding.sums));
	memcpy(finding.held, judgement->held, sizeof(finding.held));
	memcpy(finding.tcp_flags, judgement->tcp_flags, sizeof(finding.tcp_flags));
	return finding;
}

/* Why it is so; the finding's verdict may turn. */
static int find_cause(const struct work *work, const struct compare_pair *pair, const struct compare_scope *scope,
		      const struct compare_flow *const flows[static COMPARE_SIDES],
		      const struct compare_judgement *judgement, struct compare_finding *finding, struct error *err)
{
	struct compare_case about = {
		.offset = work->offset,
		.start = scope->start,
		.end = scope->end,
		.interval = work->result->interval,
		.missing = &work->missing[pair->interfaces[COMPARE_LOG]],
		.result = work->result,
		.shared = pair->shared,
		.unshared = pair->unshared,
		.options = work->options,
		.kindred = work->kindred,
	};

	for (size_t side = 0; side < COMPARE_SIDES; side++) {
		const struct compare_ledger_interface *interface = side_of(work, pair, (enum compare_side)side);
		int64_t offset = side == COMPARE_CAPTURE ? work->offset : 0;

		about.ledgers[side] = work->ledgers[side];
		about.interfaces[side] = pair->interfaces[side];
		about.flows[side] = flows[side];
		about.entries[side] = judgement->entries[side];
		about.entry_counts[side] = judgement->counts[side];
		about.begins[side] = interface->start + offset;
		about.ends[side] = interface->end + offset;
	}
	return compare_cause_find(&about, finding, err);
}

static bool is_listed(uint8_t verdict)
{
	return verdict == COMPARE_DIFFERS || verdict == COMPARE_LOG_ONLY || verdict == COMPARE_CAPTURE_ONLY ||
	       verdict == COMPARE_UNSEEN;
}

/* A flow that does not simply agree. */
static int find_out(struct work *work, const struct compare_pair *pair, const struct compare_scope *scope,
		    const struct compare_flow *const flows[static COMPARE_SIDES],
		    const struct compare_judgement *judgement, struct error *err)
{
	const struct compare_flow *flow = flows[COMPARE_LOG] ? flows[COMPARE_LOG] : flows[COMPARE_CAPTURE];
	struct compare_interface *interface = &work->result->interfaces[pair->interfaces[COMPARE_LOG]];
	struct compare_finding finding = finding_of(pair, &flow->key, judgement);
	int ret = find_cause(work, pair, scope, flows, judgement, &finding, err);

	if (ret < 0) {
		free(finding.detail);
		return ret;
	}
	count_flow(work, interface, finding.verdict, judgement);
	interface->by_bytes += finding.verdict == COMPARE_AGREES;
	if (finding.key.direction == FLOW_UNKNOWN)
		finding.key.direction = judgement->direction;
	ret = is_listed(finding.verdict) ? compare_findings_add(work->result, &work->finding_room, &finding, err) : 1;
	if (ret != 0)
		free(finding.detail);
	return ret < 0 ? ret : 0;
}

static int judge_flow(struct work *work, const struct compare_pair *pair,
		      const struct compare_flow *const flows[static COMPARE_SIDES], struct error *err)
{
	struct compare_interface *interface = &work->result->interfaces[pair->interfaces[COMPARE_LOG]];
	struct compare_scope scope = {
		.ledgers = { work->ledgers[COMPARE_LOG], work->ledgers[COMPARE_CAPTURE] },
		.offset = work->offset,
		.start = interface->start,
		.end = interface->end,
		.options = work->options,
	};
	struct compare_judgement judgement;

	if (!interface->is_judged)
		return 0;
	if (compare_judge_flow(work->judge, &scope, flows, &judgement, err) < 0)
		return -ENOMEM;
	interface->edge_records += judgement.edge_records;
	if (judgement.verdict == COMPARE_VERDICTS)
		return 0;
	if (judgement.verdict != COMPARE_AGREES && judgement.verdict != COMPARE_EDGE &&
	    is_at_edge(work, pair, &scope, &judgement))
		judgement.verdict = COMPARE_EDGE;
	if (judgement.verdict != COMPARE_AGREES && judgement.verdict != COMPARE_EDGE)
		return find_out(work, pair, &scope, flows, &judgement, err);
	count_flow(work, interface, (uint8_t)judgement.verdict, &judgement);
	return 0;
}

/* The parts of a flow lie far apart in memory, and each alone knows where the next one is. So those of the next flows are
 * asked for together, one of each flow in turn: the waiting for them overlaps. */
static void look_ahead(const struct compare_ledger *ledger, uint32_t chains[static AHEAD])
{
	bool is_done = false;

	for (size_t step = 0; step < AHEAD_STEPS && !is_done; step++) {
		is_done = true;
		for (size_t i = 0; i < AHEAD; i++) {
			if (chains[i] == COMPARE_NONE)
				continue;
			if (step > 0)
				chains[i] = ledger->parts[chains[i]].next;
			if (chains[i] == COMPARE_NONE)
				continue;
			__builtin_prefetch(&ledger->parts[chains[i]]);
			is_done = false;
		}
	}
}

/* Both sides of the log's flows from `from` on. */
static void look_at_pairs_ahead(const struct work *work, size_t from)
{
	const struct compare_ledger *log = work->ledgers[COMPARE_LOG], *capture = work->ledgers[COMPARE_CAPTURE];
	uint32_t chains[COMPARE_SIDES][AHEAD];

	for (size_t i = 0; i < AHEAD; i++) {
		uint32_t partner = from + i < log->flow_count ? work->pairing.partners[from + i] : COMPARE_NONE;

		chains[COMPARE_LOG][i] = from + i < log->flow_count ? log->flows[from + i].first : COMPARE_NONE;
		chains[COMPARE_CAPTURE][i] = partner != COMPARE_NONE ? capture->flows[partner].first : COMPARE_NONE;
	}
	look_ahead(log, chains[COMPARE_LOG]);
	look_ahead(capture, chains[COMPARE_CAPTURE]);
}

/* Those of the log, with their partners; then those that the capture alone has. */
static int judge_flows(struct work *work, struct error *err)
{
	const struct compare_ledger *log = work->ledgers[COMPARE_LOG], *capture = work->ledgers[COMPARE_CAPTURE];
	const struct compare_pairing *pairing = &work->pairing;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < log->flow_count; i++) {
		uint32_t pair = pairing->pair_of[COMPARE_LOG][log->flows[i].key.interface];
		const struct compare_flow *flows[COMPARE_SIDES] = { &log->flows[i] };

		if (i % AHEAD == 0)
			look_at_pairs_ahead(work, i);
		if (pairing->partners[i] != COMPARE_NONE)
			flows[COMPARE_CAPTURE] = &capture->flows[pairing->partners[i]];
		if (pair != COMPARE_NONE)
			ret = judge_flow(work, &pairing->pairs[pair], flows, err);
	}
	for (size_t i = 0; ret == 0 && i < capture->flow_count; i++) {
		uint32_t pair = pairing->pair_of[COMPARE_CAPTURE][capture->flows[i].key.interface];
		const struct compare_flow *flows[COMPARE_SIDES] = { NULL, &capture->flows[i] };

		if (pair != COMPARE_NONE && !pairing->has_partner[i])
			ret = judge_flow(work, &pairing->pairs[pair], flows, err);
	}
	return ret;
}

/* ---- remarks ---- */

static const char *id_of(const struct compare_ledger_interface *interface)
{
	return interface->id ? interface->id : "-";
}

static const char *device_of(const struct compare_ledger_interface *interface)
{
	return interface->device && *interface->device ? interface->device : "a file without a name";
}

static bool is_empty(const struct compare_ledger *ledger)
{
	for (size_t i = 0; i < ledger->interface_count; i++)
		if (ledger->interfaces[i].start <= ledger->interfaces[i].end)
			return false;
	return true;
}

static int remark_on_single(struct work *work, enum compare_side side, const struct compare_ledger_interface *interface,
			    struct error *err)
{
	if (side == COMPARE_LOG)
		return compare_result_remark(work->result, err,
					     "interface %s of the log is in no capture: its flows are not judged",
					     id_of(interface));
	return compare_result_remark(work->result, err,
				     "%s of the capture is no interface of the log: its flows are not judged; "
				     "interface-id in the configuration says which one it is",
				     device_of(interface));
}

/* What is on one side alone: the log of a whole VPC has very many of them beside the one that was captured. */
static int remark_on_singles(struct work *work, enum compare_side side, struct error *err)
{
	const struct compare_ledger *ledger = work->ledgers[side];
	size_t singles = 0;

	for (size_t i = 0; i < ledger->interface_count; i++) {
		if (work->pairing.pair_of[side][i] != COMPARE_NONE)
			continue;
		if (++singles <= SINGLES_NAMED && remark_on_single(work, side, &ledger->interfaces[i], err) < 0)
			return -ENOMEM;
	}
	if (singles <= SINGLES_NAMED)
		return 0;
	return compare_result_remark(work->result, err, "so it is with %zu interface%s more of the %s",
				     singles - SINGLES_NAMED, singles - SINGLES_NAMED == 1 ? "" : "s",
				     side == COMPARE_LOG ? "log" : "capture");
}

static int remark_on_time(struct work *work, const struct compare_pair *pair, struct error *err)
{
	const struct compare_ledger_interface *log = side_of(work, pair, COMPARE_LOG);
	const struct compare_ledger_interface *capture = side_of(work, pair, COMPARE_CAPTURE);
	char spans[COMPARE_SIDES][2 * COMPARE_PHRASE_TIME];

	if (work->result->interfaces[pair->interfaces[COMPARE_LOG]].is_judged || log->start > log->end ||
	    capture->start > capture->end)
		return 0;
	compare_phrase_span(spans[COMPARE_LOG], log->start, log->end);
	compare_phrase_span(spans[COMPARE_CAPTURE], capture->start + work->offset, capture->end + work->offset);
	return compare_result_remark(
		work->result, err,
		"log and capture of interface %s have no time in common: the log has %s, the capture "
		"%s (UTC); --offset sets how far their clocks are apart",
		id_of(log), spans[COMPARE_LOG], spans[COMPARE_CAPTURE]);
}

static int remark_on_pair(struct work *work, const struct compare_pair *pair, struct error *err)
{
	if (pair->shared == 0 && pair->unshared > 0) {
		int ret = compare_result_remark(work->result, err,
						"log and capture of interface %s have no flow in common",
						id_of(side_of(work, pair, COMPARE_LOG)));

		if (ret < 0)
			return ret;
	}
	return remark_on_time(work, pair, err);
}

static int remark_on_sides(struct work *work, struct error *err)
{
	const struct compare_ledger *log = work->ledgers[COMPARE_LOG];
	int ret = 0;

	if (is_empty(log))
		ret = compare_result_remark(work->result, err, "the log has no records: nothing can be judged");
	if (ret == 0 && is_empty(work->ledgers[COMPARE_CAPTURE]))
		ret = compare_result_remark(work->result, err, "the capture has no frames: nothing can be judged");
	if (ret == 0 && log->duplicates > 0)
		ret = compare_result_remark(
			work->result, err, "%zu record%s of the log stand%s in it before, value by value",
			log->duplicates, log->duplicates == 1 ? "" : "s", log->duplicates == 1 ? "s" : "");
	return ret;
}

static int remark(struct work *work, struct error *err)
{
	int ret = remark_on_sides(work, err);

	for (size_t i = 0; ret == 0 && i < work->pairing.count; i++)
		ret = remark_on_pair(work, &work->pairing.pairs[i], err);
	for (size_t side = 0; ret == 0 && side < COMPARE_SIDES; side++)
		ret = remark_on_singles(work, (enum compare_side)side, err);
	return ret;
}

/* ---- all of it ---- */

/* Something was judged, and nothing differs. */
static int conclude(struct compare_result *result, struct error *err)
{
	size_t judged = 0, edge = 0, wrong = 0;
	bool has_time = false;

	for (size_t i = 0; i < result->interface_count; i++) {
		const size_t *flows = result->interfaces[i].flows;

		has_time |= result->interfaces[i].is_judged;
		judged += flows[COMPARE_AGREES] + flows[COMPARE_UNSEEN];
		edge += flows[COMPARE_EDGE];
		wrong += flows[COMPARE_DIFFERS] + flows[COMPARE_LOG_ONLY] + flows[COMPARE_CAPTURE_ONLY];
	}
	result->agrees = has_time && wrong == 0 && (judged > 0 || edge == 0);
	if (has_time && wrong == 0 && judged == 0 && edge > 0)
		return compare_result_remark(result, err,
					     "all flows lie at the ends of the time in both: nothing was judged");
	return 0;
}

static int set_offset(struct work *work, struct error *err)
{
	struct compare_offset estimate;

	work->result->is_offset_given = work->options->has_offset;
	work->offset = work->options->offset;
	if (!work->options->has_offset) {
		if (compare_offset_estimate(&estimate, work->ledgers[COMPARE_LOG], work->ledgers[COMPARE_CAPTURE],
					    &work->pairing, err) < 0)
			return -ENOMEM;
		work->offset = estimate.seconds;
		work->result->offset_flows = estimate.flows;
	}
	work->result->offset = (double)work->offset;
	work->is_exact = compare_offset_is_exact(work->ledgers[COMPARE_LOG], work->ledgers[COMPARE_CAPTURE],
						 &work->pairing, work->offset);
	return 0;
}

static int make_intervals(struct work *work, const struct compare_pair *pair, struct error *err)
{
	uint32_t log = pair->interfaces[COMPARE_LOG], length = work->result->interval;
	struct compare_interface *interface = &work->result->interfaces[log];

	if (!interface->is_judged)
		return 0;
	if (compare_intervals_make(interface, length, work->phases[log], err) < 0)
		return -ENOMEM;
	compare_intervals_mark(interface, length, &side_of(work, pair, COMPARE_LOG)->skipped, &work->missing[log]);
	return 0;
}

static int prepare(struct work *work, struct error *err)
{
	const struct compare_ledger *log = work->ledgers[COMPARE_LOG];

	work->missing = calloc(log->interface_count + 1, sizeof(*work->missing));
	work->phases = calloc(log->interface_count + 1, sizeof(*work->phases));
	if (!work->missing || !work->phases) {
		fail_memory(err, "interfaces to compare");
		return -ENOMEM;
	}
	if (compare_judge_new(&work->judge, err) < 0 || compare_kindred_new(&work->kindred, work->ledgers, err) < 0 ||
	    compare_pairing_make(&work->pairing, work->ledgers, work->kindred, err) < 0 || set_offset(work, err) < 0)
		return -ENOMEM;
	work->result->unknown = log->unknown;
	work->result->interval = compare_intervals_length(log);
	compare_intervals_phases(work->phases, log, work->result->interval);
	return compare_coverage_find(work->missing, log, work->result->interval, err);
}

static int compare(struct work *work, struct error *err)
{
	if (prepare(work, err) < 0 || list_interfaces(work, err) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < work->pairing.count; i++) {
		set_time(work, &work->pairing.pairs[i]);
		if (make_intervals(work, &work->pairing.pairs[i], err) < 0)
			return -ENOMEM;
	}
	if (judge_flows(work, err) < 0 || remark(work, err) < 0)
		return -ENOMEM;
	compare_findings_sort(work->result);
	return conclude(work->result, err);
}

static void clear(struct work *work)
{
	for (size_t i = 0; work->missing && i < work->ledgers[COMPARE_LOG]->interface_count; i++)
		free(work->missing[i].items);
	free(work->missing);
	free(work->phases);
	compare_pairing_clear(&work->pairing);
	compare_judge_free(work->judge);
	compare_kindred_free(work->kindred);
}

int compare_ledgers(struct compare_result **out, const struct compare_ledger *log, const struct compare_ledger *capture,
		    const struct compare_options *options, struct error *err)
{
	struct work work = { .ledgers = { log, capture }, .options = options };
	int ret;

	work.result = calloc(1, sizeof(*work.result));
	if (!work.result)
		return fail_memory(err, "comparison");
	ret = compare(&work, err);
	clear(&work);
	if (ret < 0) {
		compare_result_free(work.result);
		return ret;
	}
	*out = work.result;
	return 0;
}
