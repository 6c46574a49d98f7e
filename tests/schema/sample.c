/* Writes a report as JSON: schema_sample CASE. `all` has every verdict, cause, and kind of interface. */
#include <stdio.h>
#include <string.h>

#include "compare/cause.h"
#include "compare/json.h"

static char id[] = "eni-1235b8ca123456789", device[] = "eth0", nameless[] = "", damaged[] = "\xff\"\n",
	    remark[] = "It is.";
static char *remarks[] = { remark, damaged };

static const struct compare_report_options options = { .log = "fl.log", .capture = "a.pcap", .version = "1.2.3" };

static struct compare_interval intervals[] = {
	{ 1795168800, { { 5, 600 }, { UINT64_MAX, UINT64_MAX } }, 1, UINT32_MAX, false, false },
	{ 1795168860, { { 0, 0 }, { 0, 0 } }, 0, 0, true, true },
};

static struct compare_interface interfaces[] = {
	{ .id = id,
	  .device = device,
	  .is_judged = true,
	  .start = 1795168800,
	  .end = 1795168919,
	  .flows = { 1, 2, 3, 4, 5, 6 },
	  .by_bytes = 1,
	  .sums = { { 5, 600 }, { UINT64_MAX, UINT64_MAX } },
	  .edge_records = 7,
	  .intervals = intervals,
	  .interval_count = 2 },
	{ .id = damaged },
	{ .device = nameless },
};

static const uint8_t verdicts[] = { COMPARE_DIFFERS, COMPARE_LOG_ONLY, COMPARE_CAPTURE_ONLY, COMPARE_UNSEEN };

/* Each cause once, with verdicts, families, directions and the rest in turn. */
static void make(struct compare_finding findings[static COMPARE_CAUSES])
{
	for (unsigned i = 0; i < COMPARE_CAUSES; i++) {
		findings[i] = (struct compare_finding){
			.verdict = verdicts[i % sizeof(verdicts)],
			.cause = (uint8_t)i,
			.key = { .protocol = i % 2 ? 6 : 255,
				 .family = i % 3 ? FLOW_IPV4 : FLOW_IPV6,
				 .direction = (uint8_t)(i % (FLOW_EGRESS + 1)),
				 .source_port = i % 2 ? UINT16_MAX : 0 },
			.start = 1795168800,
			.end = 1795168800 + i,
			.sums = { { { 1, 2 }, { UINT64_MAX, UINT64_MAX } }, { { 3, 4 }, { 5, 6 } } },
			.held = { { 1, 2 }, { UINT64_MAX, 4 } },
			.tcp_flags = { 19, UINT8_MAX },
			.detail = i % 2 ? damaged : NULL,
		};
	}
}

int main(int argc, char **argv)
{
	struct compare_finding findings[COMPARE_CAUSES];
	struct compare_result all = { .interval = 60,
				      .offset = -1.5,
				      .offset_flows = 3,
				      .interfaces = interfaces,
				      .interface_count = 3,
				      .findings = findings,
				      .finding_count = COMPARE_CAUSES,
				      .remarks = remarks,
				      .remark_count = 2 },
			      none = { .unknown = FLOW_UNKNOWN_BYTES, .agrees = true, .is_offset_given = true };
	struct error err;

	make(findings);
	return argc != 2 || compare_json(stdout, strcmp(argv[1], "all") == 0 ? &all : &none, &options, &err) < 0;
}
