/* Where the id of a host comes from. */
#include "cli/machine.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef"

static char root[] = "/tmp/eniflow-machine-XXXXXX";
static char host[65];

static void count(void *ctx, const char *sentence)
{
	assert_non_null(strstr(sentence, host));
	++*(int *)ctx;
}

static void assert_id(const char *expected, int expected_notices)
{
	int heard = 0;
	const struct notices notices = { count, &heard };
	char id[MACHINE_ID_SIZE];

	machine_id(id, root, &notices);
	assert_string_equal(id, expected);
	assert_int_equal(heard, expected_notices);
	machine_id(id, root, NULL);
	assert_string_equal(id, expected);
}

static void in_root(char out[static 128], const char *path)
{
	snprintf(out, 128, "%s/%s", root, path);
}

/* NULL: no such file. */
static void put(const char *path, const char *text)
{
	char whole[128];
	FILE *file;

	in_root(whole, path);
	remove(whole);
	if (!text)
		return;
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void etc(void **state)
{
	(void)state;
	put("etc/machine-id", ID "\n");
	put("var/lib/dbus/machine-id", "ffffffffffffffffffffffffffffffff\n");
	assert_id(ID, 0);
	put("etc/machine-id", ID);
	assert_id(ID, 0);
	put("etc/machine-id", "0123456789ABCDEF0123456789ABCDEF\n");
	assert_id(ID, 0);
}

static void dbus(void **state)
{
	(void)state;
	put("etc/machine-id", NULL);
	put("var/lib/dbus/machine-id", ID "\n");
	assert_id(ID, 0);
}

/* What is no id is passed over. */
static void none(void **state)
{
	static const char *const texts[] = { NULL,         "",        "uninitialized\n",
					     "0123\n",     ID "0\n",  "00000000000000000000000000000000\n",
					     "\n" ID "\n", ID " x\n", "0123456789abcdef-0123456789abcdef\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put("etc/machine-id", texts[i]);
		put("var/lib/dbus/machine-id", ID "\n");
		assert_id(ID, 0);
		put("var/lib/dbus/machine-id", texts[i]);
		assert_id(host, 1);
	}
}

static const char *const folders[] = { "etc", "var", "var/lib", "var/lib/dbus" };

static int make_root(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(root) || gethostname(host, sizeof(host)) < 0)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		in_root(path, folders[i]);
		if (mkdir(path, 0700) < 0)
			return -1;
	}
	return 0;
}

static int remove_root(void **state)
{
	char path[128];

	(void)state;
	put("etc/machine-id", NULL);
	put("var/lib/dbus/machine-id", NULL);
	for (size_t i = 4; i > 0; i--) {
		in_root(path, folders[i - 1]);
		rmdir(path);
	}
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(etc), TEST(dbus), TEST(none) };

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
