/* tests/unit/compare/cause_rig.h - two small ledgers, and a flow of theirs as the comparison hands it over. */
#ifndef ENIFLOW_TESTS_UNIT_COMPARE_CAUSE_RIG_H
#define ENIFLOW_TESTS_UNIT_COMPARE_CAUSE_RIG_H

#include "check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cause.h"
#include "compare/kindred.h"

/* 2026-11-20 10:00:00; seconds of the rig are counted from there. */
#define RIG_TIME 1795168800

enum { TCP = 6, UDP = 17, ENTRIES_MOST = 64, RIG_LAST = 599 };

static struct rig {
	struct compare_ledger *ledgers[COMPARE_SIDES];
	struct compare_kindred *kindred;
	struct compare_interface interface;
	struct compare_result result;
	struct compare_options options;
	struct compare_spans missing;
	struct compare_entry entries[COMPARE_SIDES][ENTRIES_MOST];
	struct compare_case about;
	struct compare_finding finding;
} rig;

static int rig_up(void **state)
{
	(void)state;
	rig = (struct rig){ 0 };
	for (unsigned side = 0; side < COMPARE_SIDES; side++) {
		assert_int_equal(compare_ledger_new(&rig.ledgers[side], 1, NULL), 0);
		assert_int_equal(compare_ledger_interface(rig.ledgers[side], "eni-1", side ? "eth0" : NULL, NULL), 0);
	}
	rig.result = (struct compare_result){ .interval = 60, .interfaces = &rig.interface, .interface_count = 1 };
	rig.about = (struct compare_case){
		.ledgers = { rig.ledgers[COMPARE_LOG], rig.ledgers[COMPARE_CAPTURE] },
		.begins = { RIG_TIME, RIG_TIME },
		.ends = { RIG_TIME + RIG_LAST, RIG_TIME + RIG_LAST },
		.start = RIG_TIME,
		.end = RIG_TIME + RIG_LAST,
		.interval = 60,
		.missing = &rig.missing,
		.result = &rig.result,
		.shared = 10,
		.unshared = 2,
		.options = &rig.options,
	};
	return 0;
}

static int rig_down(void **state)
{
	(void)state;
	compare_kindred_free(rig.kindred);
	for (unsigned side = 0; side < COMPARE_SIDES; side++)
		compare_ledger_free(rig.ledgers[side]);
	free(rig.missing.items);
	free(rig.finding.detail);
	return 0;
}

#define RIGGED(function) cmocka_unit_test_setup_teardown(function, rig_up, rig_down)

static inline struct compare_key key_of(uint8_t protocol, const char *source, uint16_t source_port,
					const char *destination, uint16_t destination_port)
{
	struct compare_key key = {
		.protocol = protocol,
		.source_port = source_port,
		.destination_port = destination_port,
		.family = strchr(source, ':') ? FLOW_IPV6 : FLOW_IPV4,
	};
	int family = key.family == FLOW_IPV6 ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, source, key.source.octets), 1);
	assert_int_equal(inet_pton(family, destination, key.destination.octets), 1);
	return key;
}

static inline struct compare_key web(void)
{
	return key_of(TCP, "10.0.0.5", 40000, "203.0.113.9", 443);
}

static inline struct compare_flow *book(enum compare_side side, const struct compare_key *key, struct compare_part part)
{
	struct compare_flow *flow;

	part.start += RIG_TIME;
	part.end = part.end ? part.end + RIG_TIME : part.start;
	flow = compare_ledger_book(rig.ledgers[side], key, &part, NULL);
	assert_non_null(flow);
	return flow;
}

/* A record of the log. */
static inline struct compare_flow *record(const struct compare_key *key, uint32_t start, uint32_t end, uint64_t packets,
					  uint64_t bytes)
{
	return book(COMPARE_LOG, key,
		    (struct compare_part){ .start = start, .end = end, .packets = packets, .bytes = bytes });
}

static inline struct compare_flow *rejects(const struct compare_key *key, uint32_t start, uint32_t end,
					   uint64_t packets, uint64_t bytes)
{
	return book(COMPARE_LOG, key,
		    (struct compare_part){
			    .start = start, .end = end, .packets = packets, .bytes = bytes, .action = FLOW_REJECT });
}

/* A second of the capture. */
static inline struct compare_flow *sees(const struct compare_key *key, uint32_t second, uint64_t packets,
					uint64_t bytes)
{
	return book(COMPARE_CAPTURE, key, (struct compare_part){ .start = second, .packets = packets, .bytes = bytes });
}

static inline struct compare_flow *closes(const struct compare_key *key, uint32_t second, uint64_t packets,
					  uint64_t bytes, uint8_t flags)
{
	return book(COMPARE_CAPTURE, key,
		    (struct compare_part){ .start = second, .packets = packets, .bytes = bytes, .tcp_flags = flags });
}

static inline void span(struct compare_spans *spans, uint32_t start, uint32_t end)
{
	assert_int_equal(compare_spans_add(spans, RIG_TIME + start, RIG_TIME + end, NULL), 0);
}

static inline void add_entry(enum compare_side side, const struct compare_part *part)
{
	int64_t offset = side == COMPARE_CAPTURE ? rig.about.offset : 0;
	size_t at = rig.about.entry_counts[side]++;
	struct compare_sums *sums = &rig.finding.sums[side][part->action];

	assert_true(at < ENTRIES_MOST);
	rig.entries[side][at] = (struct compare_entry){
		.start = part->start + offset,
		.end = part->end + offset,
		.sums = { part->packets, part->bytes },
		.action = part->action,
		.tcp_flags = part->tcp_flags,
		.is_duplicate = part->is_duplicate,
	};
	sums->packets += part->packets;
	sums->bytes += part->bytes;
}

/* Takes the flow as it is in the ledgers, which are closed if they are not, and asks. `holds_rejects`: what the log
 * rejects is held against the capture, too. */
static inline void ask_holding(const struct compare_key *key, bool holds_rejects)
{
	if (!rig.kindred) {
		for (unsigned side = 0; side < COMPARE_SIDES; side++)
			assert_int_equal(compare_ledger_close(rig.ledgers[side], side == COMPARE_LOG, NULL), 0);
		assert_int_equal(compare_kindred_new(&rig.kindred, rig.about.ledgers, NULL), 0);
		rig.about.kindred = rig.kindred;
	}
	free(rig.finding.detail);
	rig.finding = (struct compare_finding){ .key = *key, .start = rig.about.start, .end = rig.about.end };
	for (unsigned side = 0; side < COMPARE_SIDES; side++) {
		const struct compare_sums *sums = rig.finding.sums[side];
		const struct compare_flow *flow = compare_ledger_find(rig.ledgers[side], key);

		rig.about.flows[side] = flow;
		rig.about.entries[side] = rig.entries[side];
		rig.about.entry_counts[side] = 0;
		for (uint32_t at = flow ? flow->first : COMPARE_NONE; at != COMPARE_NONE;
		     at = rig.ledgers[side]->parts[at].next)
			add_entry(side, &rig.ledgers[side]->parts[at]);
		rig.finding.held[side] = sums[FLOW_ACCEPT];
		if (holds_rejects) {
			rig.finding.held[side].packets += sums[FLOW_REJECT].packets;
			rig.finding.held[side].bytes += sums[FLOW_REJECT].bytes;
		}
	}
	rig.finding.verdict = COMPARE_DIFFERS;
	if (!rig.about.flows[COMPARE_LOG])
		rig.finding.verdict = COMPARE_CAPTURE_ONLY;
	else if (!rig.about.flows[COMPARE_CAPTURE])
		rig.finding.verdict = COMPARE_LOG_ONLY;
	assert_int_equal(compare_cause_find(&rig.about, &rig.finding, NULL), 0);
}

static inline void ask(const struct compare_key *key)
{
	ask_holding(key, true);
}

/* `detail`: NULL: there is none. */
static inline void assert_cause(const char *cause, const char *detail)
{
	assert_string_equal(compare_cause_name(rig.finding.cause), cause);
	if (detail && rig.finding.detail)
		assert_string_equal(rig.finding.detail, detail);
	else
		assert_ptr_equal(rig.finding.detail, detail);
}

static inline void assert_asked(const struct compare_key *key, const char *cause, const char *detail)
{
	ask(key);
	assert_cause(cause, detail);
}

#endif
