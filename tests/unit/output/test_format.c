#include "output/format.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct output_format parsed(const char *text)
{
	struct output_format format;
	struct error err = { "" };

	if (output_format_parse(&format, text, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return format;
}

static void check_error(const char *text, const char *want)
{
	struct output_format format;
	struct error err = { "" };

	assert_int_equal(output_format_parse(&format, text, &err), -EINVAL);
	assert_string_equal(err.text, want);
}

/* The fields as bare names. */
static const char *names_of(const struct output_format *format)
{
	static char names[8192];
	size_t used = 0;

	names[0] = '\0';
	for (size_t i = 0; i < format->count; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? " " : "",
					 output_fields[format->fields[i]].name);
	return names;
}

static void check_preset(const char *name, size_t count, uint8_t version, const char *names)
{
	struct output_format format = parsed(name);

	assert_true(format.is_preset);
	assert_int_equal(format.count, count);
	assert_int_equal(format.version, version);
	assert_string_equal(names_of(&format), names);
}

/* In the orders that readers know by heart. */
static void presets(void **state)
{
	(void)state;
	check_preset("default", 14, 2,
		     "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
		     "action "
		     "log-status");
	check_preset(
		"tcp-flags", 21, 3,
		"version vpc-id subnet-id instance-id interface-id account-id type srcaddr dstaddr srcport dstport "
		"pkt-srcaddr pkt-dstaddr protocol bytes packets start end action tcp-flags log-status");
	check_preset("nat", 6, 3, "instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr");
	check_preset(
		"transit-gateway", 17, 3,
		"version interface-id account-id vpc-id subnet-id instance-id srcaddr dstaddr srcport dstport protocol "
		"tcp-flags type pkt-srcaddr pkt-dstaddr action log-status");
	check_preset("v5", 29, 5,
		     "version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id "
		     "subnet-id instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags "
		     "pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction "
		     "log-status");
}

static void console_is_alphabetical(void **state)
{
	struct output_format format = parsed("console");
	size_t up_to_5 = 0;

	(void)state;
	for (size_t id = 0; id < FIELD_END_OF_LIST; id++)
		up_to_5 += output_fields[id].version <= 5;
	assert_int_equal(format.count, up_to_5);
	assert_int_equal(format.version, 5);
	for (size_t i = 1; i < format.count; i++)
		assert_true(strcmp(output_fields[format.fields[i - 1]].name, output_fields[format.fields[i]].name) < 0);
}

static void all_is_the_catalogue(void **state)
{
	struct output_format format = parsed("all");

	(void)state;
	assert_int_equal(format.count, FIELD_END_OF_LIST);
	assert_int_equal(format.version, 11);
	for (size_t i = 0; i < format.count; i++)
		assert_int_equal(format.fields[i], i);
}

static void presets_are_listed(void **state)
{
	const char *const want[] = { "default", "tcp-flags", "nat", "transit-gateway", "v5", "console", "all" };
	struct output_format format;
	size_t n = 0;

	(void)state;
	for (; output_format_preset(n, NULL); n++) {
		assert_string_equal(output_format_preset(n, NULL), want[n]);
		assert_string_equal(output_format_preset(n, &format), want[n]);
		assert_true(format.is_preset);
		assert_int_equal(format.count, parsed(want[n]).count);
		assert_memory_equal(format.fields, parsed(want[n]).fields, format.count);
	}
	assert_int_equal(n, 7);
}

static void aws_form(void **state)
{
	struct output_format format = parsed("${version} ${vpc-id} ${srcaddr}");

	(void)state;
	assert_string_equal(names_of(&format), "version vpc-id srcaddr");
	assert_false(format.is_preset);
	format = parsed("${tcp-flags}");
	assert_string_equal(names_of(&format), "tcp-flags");
	assert_false(format.is_preset);
}

static void bare_names_in_any_white_space(void **state)
{
	struct output_format format = parsed(" \tversion\n  vpc-id\r\nsrcaddr ");

	(void)state;
	assert_string_equal(names_of(&format), "version vpc-id srcaddr");
	format = parsed("\n default ");
	assert_true(format.is_preset);
	format = parsed("end tcp-flags");
	assert_string_equal(names_of(&format), "end tcp-flags");
}

static void a_field_may_stand_twice(void **state)
{
	struct output_format format = parsed("${end} ${end}");

	(void)state;
	assert_int_equal(format.count, 2);
	assert_int_equal(format.version, 2);
}

/* Of the format, shown or not. */
static void version_is_the_highest(void **state)
{
	static const struct {
		const char *format;
		uint8_t version;
	} cases[] = {
		{ "srcaddr end", 2 },
		{ "end vpc-id", 3 },
		{ "az-id vpc-id", 4 },
		{ "traffic-path", 5 },
		{ "ecs-task-id region", 7 },
		{ "reject-reason", 8 },
		{ "version resource-id", 9 },
		{ "encryption-status end", 10 },
		{ "next-hop-vpc-id version", 11 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(parsed(cases[i].format).version, cases[i].version);
}

static void what_the_key_shows(void **state)
{
	enum {
		SOURCE = FLOW_SHOWS_PACKET_SOURCE,
		DESTINATION = FLOW_SHOWS_PACKET_DESTINATION,
		DIRECTION = FLOW_SHOWS_DIRECTION
	};

	(void)state;
	assert_int_equal(parsed("default").shown, 0);
	assert_int_equal(parsed("pkt-srcaddr end").shown, SOURCE);
	assert_int_equal(parsed("pkt-dstaddr end").shown, DESTINATION);
	assert_int_equal(parsed("pkt-src-aws-service end").shown, SOURCE);
	assert_int_equal(parsed("pkt-dst-aws-service end").shown, DESTINATION);
	assert_int_equal(parsed("flow-direction").shown, DIRECTION);
	assert_int_equal(parsed("traffic-path").shown, DIRECTION | DESTINATION);
	assert_int_equal(parsed("nat").shown, SOURCE | DESTINATION);
	assert_int_equal(parsed("all").shown, SOURCE | DESTINATION | DIRECTION);
}

static void empty_formats(void **state)
{
	const char *want = "format: it is empty; name a preset, such as default, or fields";

	(void)state;
	check_error("", want);
	check_error(" \n\t", want);
}

static void blanks_in_aws_form(void **state)
{
	const char *const rule = "${} fields have one space between them and none at the ends";
	static const struct {
		const char *format;
		size_t column;
		const char *wrong;
	} cases[] = {
		{ " ${end}", 1, "a space at the beginning" }, { "${end} ", 7, "a space at the end" },
		{ "${end}  ", 8, "a space at the end" },      { "${end}  ${start}", 8, "a doubled space" },
		{ "${end}\t${start}", 7, "a tab" },           { "${end} ${start}\n", 16, "a line break" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[256];

		snprintf(want, sizeof(want), "format, column %zu: %s; %s", cases[i].column, cases[i].wrong, rule);
		check_error(cases[i].format, want);
	}
}

static void braces_in_aws_form(void **state)
{
	(void)state;
	check_error("${}", "format, column 1: ${} names no field");
	check_error("${end} ${", "format, column 8: '${' lacks its closing brace");
	check_error("${end ${start}", "format, column 1: '${end' lacks its closing brace");
	check_error("${end}${start}", "format, column 7: a space is missing before '${start}'");
	check_error("${end}, ${start}", "format, column 7: a space is missing before ','");
	check_error("${end} start", "format, column 8: 'start' is not in ${}; write all fields so, or none");
	check_error("end ${start}", "format, column 1: 'end' is not in ${}; write all fields so, or none");
	check_error("$end ${start}", "format, column 1: '$end' is not in ${}; write all fields so, or none");
}

static void unknown_fields(void **state)
{
	(void)state;
	check_error("${end} ${srcadr}", "format, column 10: there is no field 'srcadr'; the nearest: srcaddr");
	check_error("end  pkt_srcaddr", "format, column 6: there is no field 'pkt_srcaddr'; the nearest: pkt-srcaddr");
	check_error("xyzzy", "format, column 1: there is no field 'xyzzy'; `eniflow fields` lists them");
	check_error("end default", "format, column 5: default is a preset, not a field: it must stand alone");
	check_error("\x1b[2J\x7f", "format, column 1: there is no field '?[2J?'; `eniflow fields` lists them");
	check_error("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
		    "format, column 1: there is no field 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr...'; `eniflow "
		    "fields` "
		    "lists them");
}

static void as_many_as_fit(void **state)
{
	char text[257 * 4 + 1] = "";

	(void)state;
	for (int i = 0; i < 256; i++)
		strcat(text, "end ");
	assert_int_equal(parsed(text).count, 256);
	strcat(text, "end");
	check_error(text, "format, column 1025: more than 256 fields");
}

struct told {
	int count;
	char text[2][ERROR_MAX];
};

static void keep(void *ctx, const char *sentence)
{
	struct told *told = ctx;

	assert_in_range(told->count, 0, 1);
	snprintf(told->text[told->count++], ERROR_MAX, "%s", sentence);
}

static struct told remarks_on(const char *text)
{
	struct output_format format = parsed(text);
	struct told told = { 0 };

	output_format_remarks(&format, &(struct notices){ keep, &told });
	return told;
}

static void remark_on_missing_fields(void **state)
{
	struct told told = remarks_on("start srcaddr");

	(void)state;
	assert_int_equal(told.count, 1);
	assert_string_equal(told.text[0],
			    "format: some readers of flow logs refuse records without these fields: end, log-status");
}

static void remark_on_a_count_that_misleads(void **state)
{
	struct told told = remarks_on("start end log-status srcaddr dstaddr bytes");

	(void)state;
	assert_int_equal(told.count, 1);
	assert_string_equal(
		told.text[0],
		"format: 6 fields, but not in the order of preset nat; readers that tell formats by their number of "
		"fields will mistake one field for another");
	told = remarks_on(
		"log-status traffic-path flow-direction version srcaddr dstaddr srcport dstport protocol start end "
		"type "
		"packets bytes account-id vpc-id subnet-id instance-id interface-id region az-id sublocation-type "
		"sublocation-id action tcp-flags pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service");
	assert_int_equal(told.count, 1);
	assert_non_null(strstr(told.text[0], "29 fields, but not in the order of preset v5 or console;"));
}

static void both_remarks(void **state)
{
	(void)state;
	assert_int_equal(remarks_on("srcaddr srcaddr srcaddr srcaddr srcaddr srcaddr").count, 2);
}

static void no_remark(void **state)
{
	struct output_format all;

	(void)state;
	for (size_t n = 0; output_format_preset(n, NULL); n++)
		assert_int_equal(remarks_on(output_format_preset(n, NULL)).count, 0);
	assert_int_equal(
		remarks_on("${instance-id} ${interface-id} ${srcaddr} ${dstaddr} ${pkt-srcaddr} ${pkt-dstaddr}").count,
		0);
	assert_int_equal(remarks_on("srcaddr start end log-status").count, 0);
	output_format_preset(6, &all);
	all.is_preset = false; /* 54 fields in another order: no reader counts so far */
	all.fields[0] = FIELD_ACCOUNT_ID;
	all.fields[1] = FIELD_VERSION;
	output_format_remarks(&all, &(struct notices){ keep, NULL });
	output_format_remarks(&all, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(presets),
		TEST(console_is_alphabetical),
		TEST(all_is_the_catalogue),
		TEST(presets_are_listed),
		TEST(aws_form),
		TEST(bare_names_in_any_white_space),
		TEST(a_field_may_stand_twice),
		TEST(version_is_the_highest),
		TEST(what_the_key_shows),
		TEST(empty_formats),
		TEST(blanks_in_aws_form),
		TEST(braces_in_aws_form),
		TEST(unknown_fields),
		TEST(as_many_as_fit),
		TEST(remark_on_missing_fields),
		TEST(remark_on_a_count_that_misleads),
		TEST(both_remarks),
		TEST(no_remark),
	};

	return cmocka_run_group_tests_name("output/format", tests, NULL, NULL);
}
