#include "aws/prefix_lists.h"

#include "reading.h"

#define GROUP_FROM(list)                                                                                               \
	"{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"IpPermissions\": [{\"IpProtocol\": \"-1\", "                  \
	"\"PrefixListIds\": [{\"PrefixListId\": \"" list "\"}]}]}]}"

#define ROUTE_TO(list)                                                                                                 \
	"{\"RouteTables\": [{\"RouteTableId\": \"rtb-1\", \"Routes\": [{\"DestinationPrefixListId\": \"" list          \
	"\", \"GatewayId\": \"vpce-1\"}]}]}"

#define ENTRIES "{\"Entries\": [{\"Cidr\": \"10.0.0.0/8\"}, {\"Cidr\": \"2001:db8::/32\"}]}"

/* "ID PREFIXES", a line each; "?" for what has no id, "-" for no entries. */
static const char *lists_text(const struct aws_account *account)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < account->list_count; i++) {
		const struct aws_prefix_list *list = &account->lists[i];

		reading_append(out, size, "%s %s\n", list->id ? list->id : "?",
			       list->has_entries ? prefixes_text(list->prefixes, list->count) : "-");
	}
	return out;
}

static int settle(struct reading *reading)
{
	return aws_prefix_lists_settle(&reading->account, &reading->tell, &reading->err);
}

static void full_files(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_file(&reading, AWS_PREFIX_LISTS, "describe-managed-prefix-lists.json");
	reading_file(&reading, AWS_PREFIX_LISTS, "describe-prefix-lists.json");
	reading_file(&reading, AWS_PREFIX_LISTS, "get-managed-prefix-list-entries.json");
	assert_string_equal(lists_text(&reading.account), "pl-6ca54005 -\n"
							  "pl-0123456789abcdef0 -\n"
							  "pl-6ca54005 52.95.128.0/21 3.5.164.0/22\n"
							  "? 198.51.100.0/25 198.51.100.192/26\n");
	reading_end(&reading);
}

/* By the configuration, else by the file itself, else by its name. */
static void what_tells_whose_entries_they_are(void **state)
{
	static const struct {
		const char *path, *name, *text, *id;
	} cases[] = {
		{ "x.json", "pl-1", ENTRIES, "pl-1" },
		{ "pl-2.json", "pl-1", "{\"PrefixListId\": \"pl-3\", \"Entries\": []}", "pl-1" },
		{ "pl-2.json", NULL, "{\"PrefixListId\": \"pl-3\", \"Entries\": []}", "pl-3" },
		{ "a/pl-2.json", NULL, ENTRIES, "pl-2" },
		{ "pl-0123456789abcdef0", NULL, ENTRIES, "pl-0123456789abcdef0" },
		{ "pl-2-entries.json", NULL, ENTRIES, "pl-2" },
		{ "pl-2x.json", NULL, ENTRIES, NULL },
		{ "pl-.json", NULL, ENTRIES, NULL },
		{ "a-pl-2.json", NULL, ENTRIES, NULL },
		{ "pl-2/x.json", NULL, ENTRIES, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct aws_file file = { AWS_PREFIX_LISTS, (char *)cases[i].path, (char *)cases[i].name };
		struct reading reading;

		reading_begin(&reading);
		assert_int_equal(aws_account_parse(&reading.account, &file, cases[i].text, strlen(cases[i].text), NULL,
						   &reading.err),
				 0);
		assert_int_equal(reading.account.list_count, 1);
		if (cases[i].id)
			assert_string_equal(reading.account.lists[0].id, cases[i].id);
		else
			assert_null(reading.account.lists[0].id);
		assert_string_equal(reading.account.lists[0].path, cases[i].path);
		reading_end(&reading);
	}
}

static void the_only_list_that_wants_entries_gets_them(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_text(&reading, AWS_SECURITY_GROUPS, GROUP_FROM("pl-1"));
	reading_text(&reading, AWS_SECURITY_GROUPS, GROUP_FROM("pl-1"));
	reading_text(&reading, AWS_ROUTE_TABLES, ROUTE_TO("pl-2"));
	reading_text(&reading, AWS_PREFIX_LISTS, "{\"PrefixLists\": [{\"PrefixListId\": \"pl-2\", \"Cidrs\": []}]}");
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	assert_int_equal(settle(&reading), 0);
	assert_string_equal(lists_text(&reading.account), "pl-2 \npl-1 10.0.0.0/8 2001:db8::/32\n");
	assert_string_equal(reading.notices, "");
	reading_end(&reading);
}

static void entries_that_could_be_of_several_lists_are_a_fault(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_text(&reading, AWS_SECURITY_GROUPS, GROUP_FROM("pl-1"));
	reading_text(&reading, AWS_ROUTE_TABLES, ROUTE_TO("pl-2"));
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	assert_int_equal(settle(&reading), -EINVAL);
	assert_string_equal(reading.err.text,
			    "x.json: does not say which prefix list its entries are of, and it could be another than "
			    "pl-1; write prefix-lists = pl-1=x.json");
	reading_end(&reading);
	/* nor can one list have the entries of two files */
	reading_begin(&reading);
	reading_text(&reading, AWS_SECURITY_GROUPS, GROUP_FROM("pl-1"));
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	assert_int_equal(settle(&reading), -EINVAL);
	reading_end(&reading);
}

static void entries_that_nobody_wants_stay(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	reading_text(&reading, AWS_PREFIX_LISTS, ENTRIES);
	assert_int_equal(settle(&reading), 0);
	assert_string_equal(lists_text(&reading.account), "? 10.0.0.0/8 2001:db8::/32\n? 10.0.0.0/8 2001:db8::/32\n");
	assert_string_equal(reading.notices, "");
	reading_end(&reading);
}

static void lists_without_entries_are_told(void **state)
{
	struct reading reading;

	(void)state;
	reading_begin(&reading);
	reading_text(&reading, AWS_SECURITY_GROUPS, GROUP_FROM("pl-1"));
	assert_int_equal(settle(&reading), 0);
	assert_string_equal(reading.notices, "[aws]: no file has the entries of pl-1, so the rules and routes for this "
					     "prefix list match nothing\n");
	reading.notices[0] = '\0';
	reading_text(&reading, AWS_SECURITY_GROUP_RULES,
		     "{\"SecurityGroupRules\": [{\"GroupId\": \"sg-1\", \"IsEgress\": true, \"IpProtocol\": \"-1\", "
		     "\"PrefixListId\": \"pl-0\"}]}");
	reading_text(&reading, AWS_PREFIX_LISTS, "{\"PrefixLists\": [{\"PrefixListId\": \"pl-0\"}]}");
	assert_int_equal(settle(&reading), 0);
	assert_string_equal(reading.notices,
			    "[aws]: no file has the entries of pl-0, pl-1, so the rules and routes for "
			    "these prefix lists match nothing\n");
	reading_end(&reading);
}

static void what_is_wrong_is_shown(void **state)
{
	(void)state;
	assert_fault(AWS_PREFIX_LISTS, "{\"Entries\": [{\"Cidr\": \"10.0.0.0/8\"}, {\"Cidr\": \"10.0.0.0\"}]}",
		     "x.json: Entries[1].Cidr: a CIDR like 10.0.0.0/16 is expected, there is \"10.0.0.0\"");
	assert_fault(AWS_PREFIX_LISTS, "{\"PrefixLists\": [{\"PrefixListId\": \"pl-1\", \"Cidrs\": [\"\", 1]}]}",
		     "x.json: PrefixLists[0].Cidrs[0]: a CIDR like 10.0.0.0/16 is expected, there is \"\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(full_files),
		TEST(what_tells_whose_entries_they_are),
		TEST(the_only_list_that_wants_entries_gets_them),
		TEST(entries_that_could_be_of_several_lists_are_a_fault),
		TEST(entries_that_nobody_wants_stay),
		TEST(lists_without_entries_are_told),
		TEST(what_is_wrong_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
