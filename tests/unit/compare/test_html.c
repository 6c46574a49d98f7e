#include "compare/html.h"

#include <errno.h>
#include <string.h>

#include "check.h"
#include "flow/origin.h"
#include "sample.h"

static const struct compare_report_options options = { .log = "fl-0abc.log.gz",
						       .capture = "web.pcap",
						       .version = "0.1.0" };

/* A result with all that there is; it owns nothing. */
static struct compare_result sample_result(struct compare_interface *interface,
					   struct compare_finding findings[static SAMPLE_FINDINGS])
{
	static char *remarks[] = { sample_remark };

	*interface = sample_interface();
	sample_findings(findings);
	return (struct compare_result){ .interval = 60,
					.offset = 2,
					.offset_flows = 34,
					.interfaces = interface,
					.interface_count = 1,
					.findings = findings,
					.finding_count = SAMPLE_FINDINGS,
					.remarks = remarks,
					.remark_count = 1 };
}

static void check_has(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("'%s' is not in:\n%s", part, page);
}

static void check_has_not(const char *page, const char *part)
{
	if (strstr(page, part))
		fail_msg("'%s' is in:\n%s", part, page);
}

/* --- is every element closed where it should be? --- */

enum { DEEPEST = 40, NAME = 24 };

static bool is_void(const char *name)
{
	static const char *const names[] = { "meta", "link", "input", "!DOCTYPE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Behind the tag at `at`, with its name and whether it closes itself. Attributes are in double quotes, or have no value. */
static const char *read_tag(const char *at, char name[static NAME], bool *is_closed)
{
	size_t length = (*at == '/') + strcspn(at + (*at == '/'), " />\n");

	assert_true(length > 0 && length < NAME);
	memcpy(name, at, length);
	name[length] = '\0';
	for (at += length; *at && *at != '>'; at++) {
		assert_int_not_equal(*at, '<');
		assert_int_not_equal(*at, '\'');
		if (*at == '"')
			at = strchr(at + 1, '"');
		assert_non_null(at);
	}
	assert_int_equal(*at, '>');
	*is_closed = at[-1] == '/';
	return at + 1;
}

static void check_well_formed(const char *page)
{
	char open[DEEPEST][NAME], name[NAME];
	int depth = 0;

	for (const char *at = page; (at = strchr(at, '<'));) {
		bool is_closed;

		at = read_tag(at + 1, name, &is_closed);
		if (*name == '/') {
			assert_true(depth > 0);
			assert_string_equal(name + 1, open[--depth]);
		} else if (!is_closed && !is_void(name)) {
			assert_true(depth < DEEPEST);
			strcpy(open[depth++], name);
			if (strcmp(name, "script") == 0 || strcmp(name, "style") == 0)
				at = strstr(at, strcmp(name, "script") == 0 ? "</script>" : "</style>");
		}
	}
	assert_int_equal(depth, 0);
}

/* No id twice, and each that is meant is there. */
static void check_ids(const char *page)
{
	static const char *const refers[] = { "aria-labelledby=\"", "aria-describedby=\"", " for=\"", "href=\"#" };
	char id[64];

	for (const char *at = page; (at = strstr(at, " id=\"")); at++) {
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 5, "\"") + 6, at);
		assert_null(strstr(at + 1, id));
	}
	for (size_t i = 0; i < sizeof(refers) / sizeof(*refers); i++) {
		for (const char *at = page; (at = strstr(at, refers[i])); at++) {
			const char *name = at + strlen(refers[i]);

			snprintf(id, sizeof(id), " id=\"%.*s", (int)strcspn(name, "\"") + 1, name);
			check_has(page, id);
		}
	}
}

static void the_page_is_well_formed(void **unused)
{
	struct compare_interface interface;
	struct compare_finding findings[SAMPLE_FINDINGS];
	struct compare_result result = sample_result(&interface, findings);
	char *page = sample_written(compare_html, &result, &options);

	(void)unused;
	assert_int_equal(strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32), 0);
	check_well_formed(page);
	check_ids(page);
	free(page);
}

/* The name of a file of the web in it would be one too many: SVG inside HTML needs no namespace. */
static void nothing_comes_from_outside(void **unused)
{
	struct compare_interface interface;
	struct compare_finding findings[SAMPLE_FINDINGS];
	struct compare_result result = sample_result(&interface, findings);
	char *page = sample_written(compare_html, &result, &options);

	(void)unused;
	check_has(page, "content=\"default-src 'none'; img-src data:; style-src 'sha256-");
	check_has_not(page, "unsafe");
	check_has_not(page, "//");
	check_has_not(page, "src=");
	check_has_not(page, "@import");
	check_has_not(page, " style=");
	check_has_not(page, " onclick=");
	free(page);
}

static void it_says_what_was_found(void **unused)
{
	struct compare_interface interface;
	struct compare_finding findings[SAMPLE_FINDINGS];
	struct compare_result result = sample_result(&interface, findings);
	char *page = sample_written(compare_html, &result, &options);

	(void)unused;
	check_has(page, "<strong>They differ.</strong> 3 of 1,207 flows \xe2\x80\x93 1 with other counts or actions, 1 "
			"only in the "
			"log, 1 only in the capture.");
	check_has(page, "Capture 2\xc2\xa0s behind <span class=\"aside\">estimated from 34 flows</span>");
	check_has(page, "<dt>Interval of the log</dt><dd>60\xc2\xa0s</dd>");
	check_has(page, "<dd>eniflow 0.1.0</dd>");
	check_has(page, "<li>The capture is cut off.</li>");
	check_has(page, ">203.0.113.9:51022</td>");
	check_has(page, ">[2001:db8:ffff:ffff:ffff:ffff:ffff:9]:65535</td>");
	check_has(page, "<td class=\"other\" data-key=\"-2\">\xe2\x88\x92"
			"2</td>");
	check_has(page, "118 of 120 packets before the FIN");
	check_has(page, "Action: log REJECT; capture none");
	free(page);
}

static void agreement_is_told_as_such(void **unused)
{
	struct compare_interface interface = sample_interface();
	struct compare_result result = {
		.interval = 60, .interfaces = &interface, .interface_count = 1, .agrees = true
	};
	char *page;

	(void)unused;
	memset(interface.flows, 0, sizeof(interface.flows));
	interface.flows[COMPARE_AGREES] = 1;
	page = sample_written(compare_html, &result, &options);
	check_well_formed(page);
	check_has(page, "<title>Agree: fl-0abc.log.gz and web.pcap</title>");
	check_has(page, "<strong>They agree.</strong> 1 flow was judged, and it is the same in both.");
	check_has(page, "Nothing to look into");
	check_has(page, "None <span class=\"aside\">since no flow tells another</span>");
	check_has_not(page, "id=\"table\"");
	free(page);
}

static void what_the_log_never_says_is_left_out(void **unused)
{
	struct compare_interface interface;
	struct compare_finding findings[SAMPLE_FINDINGS];
	struct compare_result result = sample_result(&interface, findings);
	char *page;

	(void)unused;
	result.unknown = FLOW_UNKNOWN_BYTES;
	page = sample_written(compare_html, &result, &options);
	check_well_formed(page);
	check_has(page, "<dt>Not in the log, and not compared</dt><dd>bytes</dd>");
	check_has(page, "<td data-key=\"118\">118</td>");
	check_has_not(page, "9,120");
	check_has_not(page, ">Bytes<");
	free(page);
}

static void nothing_judged_is_told_as_such(void **unused)
{
	struct compare_interface interface = { .id = sample_id };
	struct compare_result result = { .interval = 60, .interfaces = &interface, .interface_count = 1 };
	char *page = sample_written(compare_html, &result, &options);

	(void)unused;
	check_well_formed(page);
	check_has(page, "<strong>Nothing could be compared.</strong>");
	check_has(page, "<bdi>eni-1235b8ca123456789</bdi> <span class=\"aside\">only in the log</span>");
	free(page);
	result.interface_count = 0;
	page = sample_written(compare_html, &result, &options);
	check_well_formed(page);
	check_has(page, "<strong>Nothing could be compared.</strong>");
	free(page);
}

static void no_text_of_a_file_is_markup(void **unused)
{
	char evil[] = "\"><script>alert('x')</script>\x1b\xff", *remarks[] = { evil };
	struct compare_interface interface = sample_interface();
	struct compare_finding finding = { .verdict = COMPARE_DIFFERS, .key = sample_in, .detail = evil };
	struct compare_report_options from_files = { .log = evil, .capture = evil, .version = evil };
	struct compare_result result = { .interval = 60,
					 .interfaces = &interface,
					 .interface_count = 1,
					 .findings = &finding,
					 .finding_count = 1,
					 .remarks = remarks,
					 .remark_count = 1 };
	char *page;

	(void)unused;
	interface.id = interface.device = evil;
	page = sample_written(compare_html, &result, &from_files);
	check_well_formed(page);
	check_ids(page);
	check_has_not(page, "<script>alert");
	check_has_not(page, "\x1b");
	check_has_not(page, "\xff");
	check_has(page, "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\xe2\x90\x9b\xef\xbf\xbd");
	free(page);
}

static size_t rows_in(const char *page)
{
	size_t rows = 0;

	for (const char *at = page; (at = strstr(at, "<tr data-verdict=")); at++)
		rows++;
	return rows;
}

static void more_than_a_page_holds_is_said(void **unused)
{
	struct compare_interface interface = sample_interface();
	struct compare_result result = { .interval = 60, .interfaces = &interface, .interface_count = 1 };
	char *page;

	(void)unused;
	result.findings = calloc(2001, sizeof(*result.findings));
	assert_non_null(result.findings);
	for (size_t i = 0; i < 2001; i++)
		result.findings[i] = (struct compare_finding){ .verdict = COMPARE_DIFFERS, .key = sample_in };
	result.finding_count = 2000;
	page = sample_written(compare_html, &result, &options);
	assert_int_equal(rows_in(page), 2000);
	check_has_not(page, "are listed here");
	free(page);
	result.finding_count = 2001;
	page = sample_written(compare_html, &result, &options);
	assert_int_equal(rows_in(page), 2000);
	check_has(page, "The first 2,000 of 2,001 are listed here. All of them: <code>eniflow compare --json</code>.");
	check_has(page, "<span class=\"count\">2,001</span>");
	free(page);
	free(result.findings);
}

/* Those that differ are drawn before all that agree. */
static void more_interfaces_than_a_page_holds_are_said(void **unused)
{
	enum { MANY = 22 };
	struct compare_interface interfaces[MANY];
	struct compare_result result = { .interval = 60, .interfaces = interfaces, .interface_count = MANY };
	char *page, differing[] = "eni-differs";

	(void)unused;
	for (int i = 0; i < MANY; i++) {
		interfaces[i] = sample_interface();
		if (i < MANY - 1)
			memset(interfaces[i].flows, 0, sizeof(interfaces[i].flows));
	}
	interfaces[MANY - 1].id = differing;
	page = sample_written(compare_html, &result, &options);
	check_ids(page);
	check_has(page, "<bdi>eni-differs</bdi></h2>");
	check_has(page, "2 more interfaces were compared; they are not drawn here.");
	free(page);
}

static void a_stream_that_fails_is_an_error(void **unused)
{
	struct compare_result result = { .interval = 60 };
	struct error err = { "" };
	FILE *full = fopen("/dev/full", "w");

	(void)unused;
	if (!full)
		skip();
	assert_int_equal(compare_html(full, &result, &options, &err), -ENOSPC);
	assert_string_equal(err.text, "write the page: No space left on device");
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_page_is_well_formed),         TEST(nothing_comes_from_outside),
		TEST(it_says_what_was_found),          TEST(agreement_is_told_as_such),
		TEST(nothing_judged_is_told_as_such),  TEST(no_text_of_a_file_is_markup),
		TEST(more_than_a_page_holds_is_said),  TEST(more_interfaces_than_a_page_holds_are_said),
		TEST(a_stream_that_fails_is_an_error), TEST(what_the_log_never_says_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
