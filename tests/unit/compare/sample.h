/* tests/unit/compare/sample.h - results to be reported, and words for their causes that do not change with the real ones. */
#ifndef ENIFLOW_TESTS_UNIT_COMPARE_SAMPLE_H
#define ENIFLOW_TESTS_UNIT_COMPARE_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "compare/cause.h"
#include "compare/report.h"

const char *compare_cause_name(enum compare_cause cause)
{
	return cause == COMPARE_UNEXPLAINED ? "unexplained" : cause == COMPARE_AFTER_CLOSE ? "after-close" : "other";
}

const char *compare_cause_sentence(enum compare_cause cause)
{
	return cause == COMPARE_UNEXPLAINED   ? "nothing explains it"
	       : cause == COMPARE_AFTER_CLOSE ? "packets came after the connection was closed"
					      : "there is another reason";
}

/* 203.0.113.9:51022 to 10.0.0.62:443, of the first interface */
static const struct compare_key sample_in = {
	.source_port = 51022,
	.destination_port = 443,
	.protocol = 6,
	.family = FLOW_IPV4,
	.direction = FLOW_INGRESS,
	.source = { { 203, 0, 113, 9 } },
	.destination = { { 10, 0, 0, 62 } },
};

/* [2001:db8::62]:53 to [2001:db8:ffff:ffff:ffff:ffff:ffff:9]:65535, of the first interface */
static const struct compare_key sample_out = {
	.source_port = 53,
	.destination_port = 65535,
	.protocol = 17,
	.family = FLOW_IPV6,
	.direction = FLOW_EGRESS,
	.source = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x62 } },
	.destination = { { 0x20, 0x01, 0x0d, 0xb8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 9 } },
};

/* Names and phrases are only read, but the result's are not const. */
static char sample_id[] = "eni-1235b8ca123456789", sample_device[] = "eth0",
	    sample_detail[] = "118 of 120 packets before the FIN", sample_remark[] = "The capture is cut off.";

static struct compare_interval sample_intervals[] = {
	{ 1795168800, { { 500, 60000 }, { 502, 60104 } }, 700, 1, false, false },
	{ 1795168860, { { 0, 0 }, { 40, 5000 } }, 0, 2, true, true },
	{ 1795168920, { { 0, 0 }, { 44, 5500 } }, 0, 2, false, true },
};

/* One with all that there is. */
static struct compare_interface sample_interface(void)
{
	return (struct compare_interface){
		.id = sample_id,
		.device = sample_device,
		.is_judged = true,
		.start = 1795168800,
		.end = 1795168979,
		.flows = { [COMPARE_AGREES] = 1204,
			   [COMPARE_DIFFERS] = 1,
			   [COMPARE_LOG_ONLY] = 1,
			   [COMPARE_CAPTURE_ONLY] = 1,
			   [COMPARE_EDGE] = 14,
			   [COMPARE_UNSEEN] = 1 },
		.by_bytes = 12,
		.sums = { { 812345, 91234567 }, { 812391, 91238000 } },
		.edge_records = 1,
		.intervals = sample_intervals,
		.interval_count = 3,
	};
}

enum { SAMPLE_FINDINGS = 4 };

/* One of each kind. */
static void sample_findings(struct compare_finding findings[static SAMPLE_FINDINGS])
{
	findings[0] = (struct compare_finding){
		.verdict = COMPARE_DIFFERS,
		.cause = COMPARE_AFTER_CLOSE,
		.key = sample_in,
		.start = 1795168801,
		.end = 1795168859,
		.sums = { { { 118, 9120 } }, { { 120, 9224 } } },
		.held = { { 118, 9120 }, { 120, 9224 } },
		.tcp_flags = { 3, 19 },
		.detail = sample_detail,
	};
	findings[1] = (struct compare_finding){ .verdict = COMPARE_LOG_ONLY,
						.key = sample_out,
						.start = 1795168802,
						.end = 1795168803,
						.sums = { { { 1, 60 } } },
						.held = { { 1, 60 } } };
	findings[2] = findings[1];
	findings[2].verdict = COMPARE_CAPTURE_ONLY;
	findings[2].key = sample_in;
	findings[2].key.protocol = 1;
	findings[2].key.direction = FLOW_UNKNOWN;
	findings[2].sums[COMPARE_CAPTURE][FLOW_ACCEPT] = findings[2].sums[COMPARE_LOG][FLOW_ACCEPT];
	findings[2].sums[COMPARE_LOG][FLOW_ACCEPT] = (struct compare_sums){ 0, 0 };
	findings[2].held[COMPARE_CAPTURE] = findings[2].held[COMPARE_LOG];
	findings[2].held[COMPARE_LOG] = (struct compare_sums){ 0, 0 };
	findings[3] = (struct compare_finding){ .verdict = COMPARE_UNSEEN,
						.cause = COMPARE_REJECTED_BEFORE,
						.key = sample_in,
						.start = 1795168802,
						.end = 1795168803,
						.sums = { { [FLOW_REJECT] = { 3, 120 } } } };
}

typedef int sample_report_fn(FILE *out, const struct compare_result *result,
			     const struct compare_report_options *options, struct error *err);

/* What the report writes; the caller frees it. */
static char *sample_written(sample_report_fn *report, const struct compare_result *result,
			    const struct compare_report_options *options)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct error err = { "" };

	assert_non_null(out);
	assert_int_equal(report(out, result, options, &err), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(fclose(out), 0);
	return text;
}

#endif
