/* The report for programs: every member, and that it stays JSON whatever names are in it. */
#include "compare/json.h"

#include "check.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "compare/sample.h"

static struct compare_interface interfaces[2];
static struct compare_finding findings[SAMPLE_FINDINGS];
static char *remarks[] = { sample_remark, sample_remark };
static struct compare_result result;
static struct compare_report_options options;

static int setup(void **state)
{
	(void)state;
	interfaces[0] = sample_interface();
	interfaces[1] = (struct compare_interface){ .device = sample_device };
	sample_findings(findings);
	result = (struct compare_result){ .interval = 60,
					  .offset = -3.25,
					  .offset_flows = 118,
					  .interfaces = interfaces,
					  .interface_count = 2,
					  .findings = findings,
					  .finding_count = SAMPLE_FINDINGS,
					  .remarks = remarks,
					  .remark_count = 2 };
	options = (struct compare_report_options){ .log = "fl-0abc.log.gz", .capture = "web.pcap", .version = "1.2.3" };
	return 0;
}

/* As jansson, which is none of ours, reads it. */
static json_t *read_back(void)
{
	char *text = sample_written(compare_json, &result, &options);
	json_error_t why;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (!root)
		fail_msg("%s at %d in:\n%s", why.text, why.position, text);
	free(text);
	return root;
}

static void whole(void **state)
{
	char *text;

	(void)state;
	result.finding_count = 2;
	text = sample_written(compare_json, &result, &options);
	assert_string_equal(
		text, "{\"eniflow_compare\": 1, \"version\": \"1.2.3\", \"agrees\": false, \"log\": "
		      "\"fl-0abc.log.gz\", \"capture\": \"web.pcap\", \"interval_seconds\": 60, \"offset\": "
		      "{\"seconds\": -3.25, \"source\": \"estimated\", \"flows\": 118}, \"not_compared\": [],\n"
		      "\"interfaces\": [\n"
		      "{\"interface_id\": \"eni-1235b8ca123456789\", \"device\": \"eth0\", \"judged\": true, "
		      "\"start\": 1795168800, \"end\": 1795168979, \"flows\": {\"agree\": 1204, \"differ\": 1, "
		      "\"log_only\": 1, \"capture_only\": 1, \"edge\": 14, \"rejected_unseen\": 1, \"agree_by_bytes\": "
		      "12}, \"packets\": {\"log\": 812345, \"capture\": 812391}, \"bytes\": {\"log\": 91234567, "
		      "\"capture\": 91238000}, \"edge_records\": 1, \"intervals\": [{\"start\": 1795168800, "
		      "\"packets\": {\"log\": 500, \"capture\": 502}, \"bytes\": {\"log\": 60000, \"capture\": 60104}, "
		      "\"agreeing\": 700, \"differing\": 1, \"skipdata\": false, \"missing\": false}, {\"start\": "
		      "1795168860, \"packets\": {\"log\": 0, \"capture\": 40}, \"bytes\": {\"log\": 0, \"capture\": "
		      "5000}, \"agreeing\": 0, \"differing\": 2, \"skipdata\": true, \"missing\": true}, {\"start\": "
		      "1795168920, \"packets\": {\"log\": 0, \"capture\": 44}, \"bytes\": {\"log\": 0, \"capture\": "
		      "5500}, \"agreeing\": 0, \"differing\": 2, \"skipdata\": false, \"missing\": true}]},\n"
		      "{\"interface_id\": null, \"device\": \"eth0\", \"judged\": false, \"start\": null, \"end\": "
		      "null, \"flows\": {\"agree\": 0, \"differ\": 0, \"log_only\": 0, \"capture_only\": 0, \"edge\": "
		      "0, \"rejected_unseen\": 0, \"agree_by_bytes\": 0}, \"packets\": {\"log\": 0, \"capture\": 0}, "
		      "\"bytes\": {\"log\": 0, \"capture\": 0}, \"edge_records\": 0, \"intervals\": []}],\n"
		      "\"findings\": [\n"
		      "{\"verdict\": \"differ\", \"cause\": \"after-close\", \"explanation\": \"packets came after the "
		      "connection was closed\", \"detail\": \"118 of 120 packets before the FIN\", \"interface_id\": "
		      "\"eni-1235b8ca123456789\", \"device\": \"eth0\", \"protocol\": 6, \"srcaddr\": \"203.0.113.9\", "
		      "\"srcport\": 51022, \"dstaddr\": \"10.0.0.62\", \"dstport\": 443, \"direction\": \"ingress\", "
		      "\"start\": 1795168801, \"end\": 1795168859, \"log\": {\"accept\": {\"packets\": 118, \"bytes\": "
		      "9120}, \"reject\": {\"packets\": 0, \"bytes\": 0}, \"tcp_flags\": 3}, \"capture\": {\"accept\": "
		      "{\"packets\": 120, \"bytes\": 9224}, \"reject\": {\"packets\": 0, \"bytes\": 0}, \"tcp_flags\": "
		      "19}, \"compared\": {\"packets\": {\"log\": 118, \"capture\": 120}, \"bytes\": {\"log\": 9120, "
		      "\"capture\": 9224}}},\n"
		      "{\"verdict\": \"log-only\", \"cause\": \"unexplained\", \"explanation\": \"nothing explains "
		      "it\", \"detail\": null, \"interface_id\": \"eni-1235b8ca123456789\", \"device\": \"eth0\", "
		      "\"protocol\": 17, \"srcaddr\": \"2001:db8::62\", \"srcport\": 53, \"dstaddr\": "
		      "\"2001:db8:ffff:ffff:ffff:ffff:ffff:9\", \"dstport\": 65535, \"direction\": \"egress\", "
		      "\"start\": 1795168802, \"end\": 1795168803, \"log\": {\"accept\": {\"packets\": 1, \"bytes\": "
		      "60}, \"reject\": {\"packets\": 0, \"bytes\": 0}, \"tcp_flags\": 0}, \"capture\": {\"accept\": "
		      "{\"packets\": 0, \"bytes\": 0}, \"reject\": {\"packets\": 0, \"bytes\": 0}, \"tcp_flags\": 0}, "
		      "\"compared\": {\"packets\": {\"log\": 1, \"capture\": 0}, \"bytes\": {\"log\": 60, \"capture\": "
		      "0}}}],\n"
		      "\"remarks\": [\n"
		      "\"The capture is cut off.\",\n"
		      "\"The capture is cut off.\"]}\n");
	free(text);
}

static void other_findings(void **state)
{
	char *text = sample_written(compare_json, &result, &options);
	const char *captured = strstr(text, "{\"verdict\": \"capture-only\", "),
		   *rejected = strstr(text, "{\"verdict\": \"rejected-unseen\", ");

	(void)state;
	assert_true(captured && rejected && captured < rejected);
	assert_non_null(strstr(captured, "\"protocol\": 1, \"srcaddr\": \"203.0.113.9\""));
	assert_non_null(strstr(captured, "\"direction\": null, "));
	assert_non_null(strstr(rejected, "\"log\": {\"accept\": {\"packets\": 0, \"bytes\": 0}, "
					 "\"reject\": {\"packets\": 3, \"bytes\": 120}, \"tcp_flags\": 0}"));
	free(text);
}

static void least(void **state)
{
	char *text;

	(void)state;
	result = (struct compare_result){ .agrees = true };
	text = sample_written(compare_json, &result, &options);
	assert_string_equal(text, "{\"eniflow_compare\": 1, \"version\": \"1.2.3\", \"agrees\": true, "
				  "\"log\": \"fl-0abc.log.gz\", \"capture\": \"web.pcap\", \"interval_seconds\": 0, "
				  "\"offset\": {\"seconds\": 0, \"source\": \"none\", \"flows\": 0}, "
				  "\"not_compared\": [],\n"
				  "\"interfaces\": [],\n"
				  "\"findings\": [],\n"
				  "\"remarks\": []}\n");
	free(text);
}

static void offset_sources(void **state)
{
	json_t *root;

	(void)state;
	result.is_offset_given = true;
	result.offset = 3600;
	root = read_back();
	assert_string_equal(json_string_value(json_object_get(json_object_get(root, "offset"), "source")), "given");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "offset"), "seconds")), 3600);
	json_decref(root);
}

static void fields_that_are_missing(void **state)
{
	json_t *root, *names;

	(void)state;
	result.unknown = FLOW_UNKNOWN_SRCPORT | FLOW_UNKNOWN_DSTPORT | FLOW_UNKNOWN_TCP_FLAGS;
	root = read_back();
	names = json_object_get(root, "not_compared");
	assert_int_equal(json_array_size(names), 2);
	assert_string_equal(json_string_value(json_array_get(names, 0)), "srcport");
	assert_string_equal(json_string_value(json_array_get(names, 1)), "dstport");
	json_decref(root);
}

static void names_stay_json(void **state)
{
	static char id[] = "a\"\\\n\033\xff", device[] = "caf\xc3\xa9", detail[] = "\x01\xc0\xaf", remark[] = "\"";
	json_t *root, *interface, *finding;

	(void)state;
	interfaces[0].id = id;
	interfaces[0].device = device;
	findings[0].detail = detail;
	remarks[1] = remark;
	options.log = "\t\xed\xa0\x80";
	root = read_back();
	interface = json_array_get(json_object_get(root, "interfaces"), 0);
	assert_string_equal(json_string_value(json_object_get(interface, "interface_id")),
			    "a\"\\\n\033\xef\xbf\xbd"); /* U+FFFD */
	assert_string_equal(json_string_value(json_object_get(interface, "device")), device);
	finding = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(finding, "detail")), "\x01\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(json_string_value(json_array_get(json_object_get(root, "remarks"), 1)), "\"");
	assert_string_equal(json_string_value(json_object_get(root, "log")), "\t\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(root);
	remarks[1] = sample_remark;
}

static void huge_numbers(void **state)
{
	char *text;

	(void)state;
	findings[0].sums[COMPARE_LOG][FLOW_REJECT] = (struct compare_sums){ UINT64_MAX, UINT64_MAX };
	interfaces[0].sums[COMPARE_LOG].bytes = UINT64_MAX;
	text = sample_written(compare_json, &result, &options);
	assert_non_null(
		strstr(text, "\"reject\": {\"packets\": 18446744073709551615, \"bytes\": 18446744073709551615}"));
	assert_non_null(strstr(text, "\"bytes\": {\"log\": 18446744073709551615, \"capture\": 91238000}"));
	free(text);
}

/* A line each, so that other tools can pick some. */
static void findings_are_lines(void **state)
{
	char *text = sample_written(compare_json, &result, &options);
	size_t lines = 0;

	(void)state;
	for (char *line = text; *line; line = strchr(line, '\n') + 1)
		lines += strncmp(line, "{\"verdict\": ", strlen("{\"verdict\": ")) == 0;
	assert_int_equal(lines, SAMPLE_FINDINGS);
	free(text);
}

static void an_unwritable_stream_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct error err = { "" };

	(void)state;
	if (!full)
		skip();
	assert_int_equal(compare_json(full, &result, &options, &err), -ENOSPC);
	assert_string_equal(err.text, "report: cannot be written: No space left on device");
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whole, setup),
		cmocka_unit_test_setup(other_findings, setup),
		cmocka_unit_test_setup(least, setup),
		cmocka_unit_test_setup(offset_sources, setup),
		cmocka_unit_test_setup(fields_that_are_missing, setup),
		cmocka_unit_test_setup(names_stay_json, setup),
		cmocka_unit_test_setup(huge_numbers, setup),
		cmocka_unit_test_setup(findings_are_lines, setup),
		cmocka_unit_test_setup(an_unwritable_stream_is_told, setup),
	};

	return cmocka_run_group_tests_name("compare/json", tests, NULL, NULL);
}
