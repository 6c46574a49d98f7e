#include "cli/aws_keys.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct aws_files files;
static struct error err;

static int give_back(void **state)
{
	(void)state;
	aws_files_clear(&files);
	return 0;
}

static int put(const char *name, const char *value, const char *config)
{
	int key = aws_keys_find(name, &err);

	assert_true(key >= 0);
	return aws_keys_put(&files, key, value, config, &err);
}

static void assert_file(size_t at, enum aws_kind kind, const char *path, const char *name)
{
	assert_int_equal(files.items[at].kind, kind);
	assert_string_equal(files.items[at].path, path);
	if (name)
		assert_string_equal(files.items[at].name, name);
	else
		assert_null(files.items[at].name);
}

static void every_key_is_found_by_its_name(void **state)
{
	(void)state;
	for (int key = 0; key < AWS_KEY_END; key++) {
		assert_int_equal(aws_keys_find(aws_keys_name(key), &err), key);
		assert_int_equal(aws_keys_is_list(key), key < AWS_KIND_END);
	}
	assert_string_equal(aws_keys_name(AWS_KEY_TAG + 1), "interface-tag-2");
	assert_int_equal(aws_keys_find("network-interface", &err), -EINVAL);
	assert_string_equal(err.text,
			    "network-interface: there is no such key in [aws]; the nearest: network-interfaces");
	assert_int_equal(aws_keys_find("colour", &err), -EINVAL);
	assert_string_equal(err.text, "colour: there is no such key in [aws]");
}

static void paths_are_those_of_the_configurations_folder(void **state)
{
	(void)state;
	assert_int_equal(put("subnets", "a.json, /b/c.json x/d.json", "etc/lab.ini"), 0);
	assert_int_equal(put("vpcs", "a.json", "lab.ini"), 0);
	assert_int_equal(put("subnets", "=e.json", "/lab.ini"), 0);
	assert_int_equal(files.count, 5);
	assert_file(0, AWS_SUBNETS, "etc/a.json", NULL);
	assert_file(1, AWS_SUBNETS, "/b/c.json", NULL);
	assert_file(2, AWS_SUBNETS, "etc/x/d.json", NULL);
	assert_file(3, AWS_VPCS, "a.json", NULL);
	assert_file(4, AWS_SUBNETS, "/=e.json", NULL);
}

static void prefix_lists_may_have_their_id(void **state)
{
	(void)state;
	assert_int_equal(put("prefix-lists", "pl-1=a.json b.json pl-2=/x/c=d.json x/pl-3=e.json", "etc/lab.ini"), 0);
	assert_file(0, AWS_PREFIX_LISTS, "etc/a.json", "pl-1");
	assert_file(1, AWS_PREFIX_LISTS, "etc/b.json", NULL);
	assert_file(2, AWS_PREFIX_LISTS, "/x/c=d.json", "pl-2");
	assert_file(3, AWS_PREFIX_LISTS, "etc/x/pl-3=e.json", NULL);
	assert_int_equal(put("prefix-lists", "office=a.json", "lab.ini"), -EINVAL);
	assert_string_equal(err.text, "prefix-lists: 'office' is not the id of a prefix list, which begins with pl-");
	assert_int_equal(put("prefix-lists", "pl-1=", "lab.ini"), -EINVAL);
	assert_string_equal(err.text, "prefix-lists: 'pl-1=' names no file");
	assert_int_equal(files.count, 4);
}

static void a_tag_has_any_key(void **state)
{
	(void)state;
	assert_int_equal(put("interface-tag", "Name", "lab.ini"), 0);
	assert_int_equal(put("interface-tag-2", "cost centre", "lab.ini"), 0);
	assert_string_equal(files.interface_tags[0], "Name");
	assert_string_equal(files.interface_tags[1], "cost centre");
	assert_int_equal(put("interface-tag", "Owner", "lab.ini"), 0);
	assert_string_equal(files.interface_tags[0], "Owner");
}

static void values_read_back(void **state)
{
	char *folder = getcwd(NULL, 0), *value, *expected;

	(void)state;
	assert_int_equal(aws_keys_value(&files, AWS_SUBNETS, &value, &err), 0);
	assert_null(value);
	assert_int_equal(put("subnets", "a.json", "etc/lab.ini"), 0);
	assert_int_equal(put("vpcs", "/v.json", "etc/lab.ini"), 0);
	assert_int_equal(put("subnets", "/b.json", "etc/lab.ini"), 0);
	assert_int_equal(put("prefix-lists", "pl-1=/p.json", "etc/lab.ini"), 0);
	assert_int_equal(put("interface-tag-2", "cost centre", "lab.ini"), 0);
	assert_int_equal(aws_keys_value(&files, AWS_SUBNETS, &value, &err), 0);
	assert_true(asprintf(&expected, "%s/etc/a.json /b.json", folder) > 0);
	assert_string_equal(value, expected);
	free(value);
	free(expected);
	free(folder);
	assert_int_equal(aws_keys_value(&files, AWS_PREFIX_LISTS, &value, &err), 0);
	assert_string_equal(value, "pl-1=/p.json");
	free(value);
	assert_int_equal(aws_keys_value(&files, AWS_KEY_TAG, &value, &err), 0);
	assert_null(value);
	assert_int_equal(aws_keys_value(&files, AWS_KEY_TAG + 1, &value, &err), 0);
	assert_string_equal(value, "cost centre");
	free(value);
}

#define KEYS_TEST(function) cmocka_unit_test_teardown(function, give_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KEYS_TEST(every_key_is_found_by_its_name),
		KEYS_TEST(paths_are_those_of_the_configurations_folder),
		KEYS_TEST(prefix_lists_may_have_their_id),
		KEYS_TEST(a_tag_has_any_key),
		KEYS_TEST(values_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
