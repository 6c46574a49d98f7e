/* The report for people: as a whole at several widths, and what is said where there is little to say. */
#include "compare/text.h"

#include "check.h"

#include <errno.h>
#include <string.h>

#include "compare/sample.h"

static struct compare_interface interfaces[3];
static struct compare_finding findings[SAMPLE_FINDINGS];
static char *remarks[] = { sample_remark };
static struct compare_result result;
static struct compare_report_options options;

static int setup(void **state)
{
	(void)state;
	interfaces[0] = sample_interface();
	sample_findings(findings);
	result = (struct compare_result){ .interval = 60,
					  .offset = 3.25,
					  .offset_flows = 118,
					  .interfaces = interfaces,
					  .interface_count = 1,
					  .findings = findings,
					  .finding_count = SAMPLE_FINDINGS,
					  .remarks = remarks,
					  .remark_count = 1 };
	options = (struct compare_report_options){ .log = "fl-0abc.log.gz", .capture = "web.pcap", .version = "1.2.3" };
	return 0;
}

static void assert_text(const char *expected)
{
	char *text = sample_written(compare_text, &result, &options);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_says(const char *part, bool says)
{
	char *text = sample_written(compare_text, &result, &options);

	if (!strstr(text, part) == says)
		fail_msg("%s '%s' in:\n%s", says ? "no" : "there is", part, text);
	free(text);
}

static void without_limit(void **state)
{
	(void)state;
	assert_text("fl-0abc.log.gz against web.pcap; times are UTC, intervals are 60 s\n"
		    "clock offset: 3.25 s, as estimated from 118 flows; it is added to the capture's times\n"
		    "\n"
		    "eni-1235b8ca123456789 (eth0)   2026-11-20 10:00:00 .. 10:02:59 in both\n"
		    "  flows         1,204 agree (12 by bytes alone)   1 differs   1 only in the log   1 only in "
		    "the capture   1 rejected before the capture   (14 at the edges not judged)\n"
		    "  packets     812,345 log      812,391 capture      -46\n"
		    "  bytes    91,234,567 log   91,238,000 capture   -3,433\n"
		    "  1 record of the log set aside at the edges\n"
		    "  SKIPDATA in 1 interval, from 2026-11-20 10:01:00\n"
		    "  no line in the log of 2 intervals, the first from 2026-11-20 10:01:00\n"
		    "DIFFER        tcp 10.0.0.62:443 <- 203.0.113.9:51022   log 118 pkts 9,120 B   capture 120 "
		    "pkts 9,224 B   -2 pkts, -104 B   after-close: 118 of 120 packets before the FIN\n"
		    "LOG ONLY      udp [2001:db8::62]:53 -> [2001:db8:ffff:ffff:ffff:ffff:ffff:9]:65535   log 1 "
		    "pkt 60 B   unexplained: nothing explains it\n"
		    "CAPTURE ONLY  icmp 203.0.113.9 to 10.0.0.62   capture 1 pkt 60 B   unexplained: nothing "
		    "explains it\n"
		    "REJECTED      tcp 10.0.0.62:443 <- 203.0.113.9:51022   log REJECT 3 pkts 120 B   other: there "
		    "is another reason\n"
		    "\n"
		    "Note: The capture is cut off.\n"
		    "\n"
		    "log and capture differ: 3 flows\n");
}

static void at_80_columns(void **state)
{
	(void)state;
	options.width = 80;
	assert_text("fl-0abc.log.gz against web.pcap; times are UTC, intervals are 60 s\n"
		    "clock offset: 3.25 s, as estimated from 118 flows; it is added to the capture's\n"
		    "    times\n"
		    "\n"
		    "eni-1235b8ca123456789 (eth0)   2026-11-20 10:00:00 .. 10:02:59 in both\n"
		    "  flows         1,204 agree (12 by bytes alone)   1 differs   1 only in the log\n"
		    "           1 only in the capture   1 rejected before the capture\n"
		    "           (14 at the edges not judged)\n"
		    "  packets     812,345 log      812,391 capture      -46\n"
		    "  bytes    91,234,567 log   91,238,000 capture   -3,433\n"
		    "  1 record of the log set aside at the edges\n"
		    "  SKIPDATA in 1 interval, from 2026-11-20 10:01:00\n"
		    "  no line in the log of 2 intervals, the first from 2026-11-20 10:01:00\n"
		    "DIFFER        tcp 10.0.0.62:443 <- 203.0.113.9:51022   log 118 pkts 9,120 B\n"
		    "              capture 120 pkts 9,224 B   -2 pkts, -104 B   after-close: 118 of\n"
		    "              120 packets before the FIN\n"
		    "LOG ONLY      udp [2001:db8::62]:53\n"
		    "              -> [2001:db8:ffff:ffff:ffff:ffff:ffff:9]:65535   log 1 pkt 60 B\n"
		    "              unexplained: nothing explains it\n"
		    "CAPTURE ONLY  icmp 203.0.113.9 to 10.0.0.62   capture 1 pkt 60 B   unexplained:\n"
		    "              nothing explains it\n"
		    "REJECTED      tcp 10.0.0.62:443 <- 203.0.113.9:51022   log REJECT 3 pkts 120 B\n"
		    "              other: there is another reason\n"
		    "\n"
		    "Note: The capture is cut off.\n"
		    "\n"
		    "log and capture differ: 3 flows\n");
}

static void at_40_columns(void **state)
{
	(void)state;
	options.width = 40;
	assert_text("fl-0abc.log.gz against web.pcap; times\n"
		    "    are UTC, intervals are 60 s\n"
		    "clock offset: 3.25 s, as estimated from\n"
		    "    118 flows; it is added to the\n"
		    "    capture's times\n"
		    "\n"
		    "eni-1235b8ca123456789 (eth0)\n"
		    "    2026-11-20 10:00:00 .. 10:02:59 in\n"
		    "    both\n"
		    "  flows         1,204 agree\n"
		    "           (12 by bytes alone)\n"
		    "           1 differs   1 only in the log\n"
		    "           1 only in the capture\n"
		    "           1 rejected before the capture\n"
		    "           (14 at the edges not judged)\n"
		    "  packets     812,345 log\n"
		    "           812,391 capture      -46\n"
		    "  bytes    91,234,567 log\n"
		    "           91,238,000 capture   -3,433\n"
		    "  1 record of the log set aside at the\n"
		    "    edges\n"
		    "  SKIPDATA in 1 interval, from\n"
		    "    2026-11-20 10:01:00\n"
		    "  no line in the log of 2 intervals, the\n"
		    "    first from 2026-11-20 10:01:00\n"
		    "DIFFER        tcp 10.0.0.62:443\n"
		    "    <- 203.0.113.9:51022   log 118 pkts\n"
		    "    9,120 B   capture 120 pkts 9,224 B\n"
		    "    -2 pkts, -104 B   after-close: 118\n"
		    "    of 120 packets before the FIN\n"
		    "LOG ONLY      udp [2001:db8::62]:53\n"
		    "    -> [2001:db8:ffff:ffff:ffff:ffff:ffff:9]:65535\n"
		    "    log 1 pkt 60 B   unexplained:\n"
		    "    nothing explains it\n"
		    "CAPTURE ONLY  icmp 203.0.113.9\n"
		    "    to 10.0.0.62   capture 1 pkt 60 B\n"
		    "    unexplained: nothing explains it\n"
		    "REJECTED      tcp 10.0.0.62:443\n"
		    "    <- 203.0.113.9:51022\n"
		    "    log REJECT 3 pkts 120 B   other:\n"
		    "    there is another reason\n"
		    "\n"
		    "Note: The capture is cut off.\n"
		    "\n"
		    "log and capture differ: 3 flows\n");
}

/* No line is longer unless it is one value, and none ends in a blank. */
static void every_width(void **state)
{
	(void)state;
	for (options.width = 0; options.width <= 200; options.width++) {
		char *text = sample_written(compare_text, &result, &options);

		for (char *line = text; *line; line = strchr(line, '\n') + 1) {
			size_t length = strcspn(line, "\n"), indent = strspn(line, " ");

			assert_true(length == 0 || line[length - 1] != ' ');
			if (options.width > 60)
				assert_true(length <= options.width);
			else if (options.width > 0 && length > options.width)
				assert_true(length - indent < 64);
		}
		assert_null(strchr(text, '\001'));
		assert_null(strchr(text, '\033'));
		free(text);
	}
}

static void colours(void **state)
{
	char *plain = sample_written(compare_text, &result, &options), *coloured, *to;

	(void)state;
	options.is_coloured = true;
	coloured = to = sample_written(compare_text, &result, &options);
	assert_non_null(strstr(coloured, "\n\033[31mDIFFER\033[0m        tcp "));
	assert_non_null(strstr(coloured, "\n\033[33mLOG ONLY\033[0m      udp "));
	assert_non_null(strstr(coloured, "\n\033[31mlog and capture differ\033[0m: 3 flows\n"));
	/* but for the colours it is the same */
	for (const char *at = coloured; *at; at++) {
		if (*at == '\033')
			at = strchr(at, 'm');
		else
			*to++ = *at;
	}
	*to = '\0';
	assert_string_equal(coloured, plain);
	free(plain);
	free(coloured);
}

static void agreement(void **state)
{
	(void)state;
	interfaces[0] = (struct compare_interface){ .id = sample_id,
						    .device = sample_device,
						    .is_judged = true,
						    .start = 1795168800,
						    .end = 1795168859,
						    .flows = { [COMPARE_AGREES] = 1 },
						    .sums = { { 5, 300 }, { 5, 300 } } };
	result.finding_count = result.remark_count = 0;
	result.agrees = true;
	result.offset = 0;
	assert_text("fl-0abc.log.gz against web.pcap; times are UTC, intervals are 60 s\n"
		    "clock offset: 0 s, as estimated from 118 flows\n"
		    "\n"
		    "eni-1235b8ca123456789 (eth0)   2026-11-20 10:00:00 .. 10:00:59 in both\n"
		    "  flows      1 agrees\n"
		    "  packets    5 log     5 capture   0\n"
		    "  bytes    300 log   300 capture   0\n"
		    "\n"
		    "log and capture agree\n");
	options.is_coloured = true;
	assert_says("\n\033[32mlog and capture agree\033[0m\n", true);
}

static void huge_numbers(void **state)
{
	(void)state;
	interfaces[0].sums[COMPARE_LOG] = (struct compare_sums){ UINT64_MAX, UINT64_MAX };
	interfaces[0].sums[COMPARE_CAPTURE] = (struct compare_sums){ 0, 1 };
	findings[0].sums[COMPARE_LOG][FLOW_ACCEPT] = findings[0].held[COMPARE_LOG] = (struct compare_sums){
		UINT64_MAX, UINT64_MAX
	};
	findings[0].sums[COMPARE_CAPTURE][FLOW_ACCEPT] = findings[0].held[COMPARE_CAPTURE] = (struct compare_sums){ 1,
														    0 };
	assert_says("\n"
		    "  packets  18,446,744,073,709,551,615 log   0 capture   +18,446,744,073,709,551,615\n"
		    "  bytes    18,446,744,073,709,551,615 log   1 capture   +18,446,744,073,709,551,614\n",
		    true);
	assert_says("   log 18,446,744,073,709,551,615 pkts 18,446,744,073,709,551,615 B   capture 1 pkt 0 B   "
		    "+18,446,744,073,709,551,614 pkts, +18,446,744,073,709,551,615 B   after-close: ",
		    true);
}

static void offsets(void **state)
{
	(void)state;
	assert_says("\nclock offset: 3.25 s, as estimated from 118 flows; it is added to the capture's times\n", true);
	result.offset_flows = 1;
	assert_says("\nclock offset: 3.25 s, as estimated from 1 flow; it is", true);
	result.offset = -2;
	result.is_offset_given = true;
	assert_says("\nclock offset: -2 s, as given; it is added to the capture's times\n", true);
	result.offset = 0;
	result.is_offset_given = false;
	result.offset_flows = 0;
	assert_says("\nclock offset: 0 s, since no flow tells another\n", true);
}

static void actions(void **state)
{
	(void)state;
	/* the log has rejected what the capture counts */
	findings[0].sums[COMPARE_LOG][FLOW_ACCEPT] = (struct compare_sums){ 0, 0 };
	findings[0].sums[COMPARE_LOG][FLOW_REJECT] = (struct compare_sums){ 120, 9224 };
	findings[0].held[COMPARE_LOG] = (struct compare_sums){ 120, 9224 };
	assert_says("   log REJECT 120 pkts 9,224 B   capture ACCEPT 120 pkts 9,224 B   the same sums   after-close: ",
		    true);
	findings[0].sums[COMPARE_LOG][FLOW_ACCEPT] = findings[0].held[COMPARE_LOG] = (struct compare_sums){ 1, 40 };
	findings[0].sums[COMPARE_LOG][FLOW_REJECT] = (struct compare_sums){ 2, 80 };
	findings[0].sums[COMPARE_CAPTURE][FLOW_ACCEPT] = findings[0].held[COMPARE_CAPTURE] = (struct compare_sums){
		2, 80
	};
	assert_says("   log ACCEPT 1 pkt 40 B + REJECT 2 pkts 80 B   capture ACCEPT 2 pkts 80 B   -1 pkt, -40 B   ",
		    true);
	/* one differs alone */
	findings[0].held[COMPARE_CAPTURE].bytes = 40;
	assert_says("   capture ACCEPT 2 pkts 80 B   -1 pkt   after-close: ", true);
	findings[0].held[COMPARE_CAPTURE] = (struct compare_sums){ 1, 39 };
	assert_says("   capture ACCEPT 2 pkts 80 B   +1 B   after-close: ", true);
}

/* What the log does not say is no difference, and no figure. */
static void fields_that_are_missing(void **state)
{
	(void)state;
	assert_says("not compared", false);
	result.unknown = FLOW_UNKNOWN_BYTES;
	assert_says("\nnot in the log, and not compared: bytes\n\neni-", true);
	assert_says("\n  bytes ", false);
	assert_says("\n  packets  812,345 log   812,391 capture   -46\n", true);
	assert_says("   log 118 pkts   capture 120 pkts   -2 pkts   after-close: ", true);
	result.unknown = FLOW_UNKNOWN_PACKETS | FLOW_UNKNOWN_SRCPORT;
	assert_says("\nnot in the log, and not compared: srcport, packets\n", true);
	assert_says("\n  packets ", false);
	assert_says("   log 9,120 B   capture 9,224 B   -104 B   after-close: ", true);
	findings[0].held[COMPARE_LOG].bytes = findings[0].held[COMPARE_CAPTURE].bytes;
	assert_says("   log 9,120 B   capture 9,224 B   the same sums   after-close: ", true);
}

static void limits(void **state)
{
	(void)state;
	options.findings = 4;
	assert_says("--limit", false);
	options.findings = 3;
	assert_says("\nREJECTED", false); /* what is no difference goes first, */
	assert_says("\nCAPTURE ONLY", true);
	assert_says("\n\nand 1 flow more: --limit 0 lists all\n", true);
	options.findings = 1;
	assert_says("\nDIFFER", true);
	assert_says("\nLOG ONLY", false);
	assert_says("\n\nand 3 flows more: --limit 0 lists all\n", true);
	/* whosever it is */
	interfaces[1] = interfaces[0];
	result.interface_count = 2;
	findings[0].verdict = COMPARE_UNSEEN;
	findings[1].verdict = COMPARE_UNSEEN;
	findings[2].key.interface = findings[3].key.interface = 1;
	assert_says("\nREJECTED", false);
	assert_says("\nCAPTURE ONLY", true);
	assert_says("\n\nand 3 flows more: --limit 0 lists all\n", true);
}

static void each_below_its_interface(void **state)
{
	char *text, *second;

	(void)state;
	interfaces[1] = interfaces[0];
	interfaces[1].id = sample_device;
	interfaces[1].device = NULL;
	interfaces[1].is_judged = false;
	interfaces[2] = interfaces[0];
	result.interface_count = 3;
	findings[1].key.interface = findings[2].key.interface = findings[3].key.interface = 2;
	text = sample_written(compare_text, &result, &options);
	second = strstr(text, "\neth0   only in the log\n\neni-");
	assert_non_null(second);
	assert_true(strstr(text, "\nDIFFER") < second);
	assert_true(strstr(text, "\nLOG ONLY") > second);
	free(text);
}

/* The judged one comes last, and is not among those left out. */
static void very_many_of_one_side(void **state)
{
	enum { MANY = 40 };
	static struct compare_interface many[MANY];

	(void)state;
	for (size_t i = 0; i < MANY - 1; i++)
		many[i] = (struct compare_interface){ .id = sample_device };
	many[MANY - 1] = interfaces[0];
	for (size_t i = 0; i < result.finding_count; i++)
		findings[i].key.interface = MANY - 1;
	result.interfaces = many;
	result.interface_count = MANY;
	assert_says("\nand 34 interfaces more in one of them alone\n", true);
	assert_says("\nDIFFER", true);
	assert_says("in both\n", true);
}

/* With interfaces of these ids and devices ("-": none), of which none is judged. */
static void assert_nothing(const char *first, const char *second, const char *heading, const char *reason)
{
	static char id[] = "eni-1", device[] = "eth0", unnamed[] = "";
	const char *kinds[] = { first, second };
	char expected[256];

	result.interface_count = 0;
	for (size_t i = 0; i < 2 && kinds[i]; i++)
		interfaces[result.interface_count++] = (struct compare_interface){
			.id = strstr(kinds[i], "id") ? id : NULL,
			.device = strstr(kinds[i], "device")    ? device
				  : strstr(kinds[i], "unnamed") ? unnamed
								: NULL,
		};
	snprintf(expected, sizeof(expected), "%s\nnothing was compared: %s\n", heading, reason);
	assert_says(expected, true);
}

static void nothing(void **state)
{
	(void)state;
	result.finding_count = result.remark_count = 0;
	assert_nothing(NULL, NULL, "\n", "both are empty");
	assert_nothing("id", NULL, "\n\neni-1   only in the log\n", "there are no packets in the capture");
	assert_nothing("device", NULL, "\n\neth0   only in the capture\n", "there are no records in the log");
	assert_nothing("id", "unnamed",
		       "\n\neni-1   only in the log\n\npackets of no known device   only in the capture\n",
		       "no interface of the log is in the capture");
	assert_nothing("id, device", NULL, "\n\neni-1 (eth0)   no time in both\n",
		       "log and capture have no time in common");
	assert_nothing("id, unnamed", NULL, "\n\neni-1   no time in both\n", "log and capture have no time in common");
	interfaces[0].is_judged = true;
	assert_says("\nnothing was compared: in the time that is in both, no flow can be judged\n", true);
	options.is_coloured = true;
	assert_says("\n\033[33mnothing was compared\033[0m: in", true);
}

static void names_are_harmless(void **state)
{
	static char id[] = "eni\033[2J 1", device[] = "a\nb\xff", remark[] = "\rIt is \033]0;x\007.",
		    detail[] = "\b\x01.";

	(void)state;
	interfaces[0].id = id;
	interfaces[0].device = device;
	remarks[0] = remark;
	findings[0].detail = detail;
	options.log = "x\x7f";
	options.capture = "\xc2\x9b"
			  "2J";
	assert_says("\neni\\x1b[2J 1 (a\\x0ab\\xff)   2026", true);
	assert_says("\nNote: \\x0dIt is \\x1b]0;x\\x07.\n", true);
	assert_says("after-close: \\x08\\x01.\n", true);
	assert_says("x\\x7f against \\xc2\\x9b2J; times", true);
	assert_says("\033", false);
	remarks[0] = sample_remark;
}

static void an_unwritable_stream_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct error err = { "" };

	(void)state;
	if (!full)
		skip();
	assert_int_equal(compare_text(full, &result, &options, &err), -ENOSPC);
	assert_string_equal(err.text, "report: cannot be written: No space left on device");
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_limit, setup),
		cmocka_unit_test_setup(at_80_columns, setup),
		cmocka_unit_test_setup(at_40_columns, setup),
		cmocka_unit_test_setup(every_width, setup),
		cmocka_unit_test_setup(colours, setup),
		cmocka_unit_test_setup(agreement, setup),
		cmocka_unit_test_setup(huge_numbers, setup),
		cmocka_unit_test_setup(offsets, setup),
		cmocka_unit_test_setup(actions, setup),
		cmocka_unit_test_setup(fields_that_are_missing, setup),
		cmocka_unit_test_setup(limits, setup),
		cmocka_unit_test_setup(each_below_its_interface, setup),
		cmocka_unit_test_setup(very_many_of_one_side, setup),
		cmocka_unit_test_setup(nothing, setup),
		cmocka_unit_test_setup(names_are_harmless, setup),
		cmocka_unit_test_setup(an_unwritable_stream_is_told, setup),
	};

	return cmocka_run_group_tests_name("compare/text", tests, NULL, NULL);
}
