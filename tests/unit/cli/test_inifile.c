/* Lines of an INI file as they are told, and all that inih alone would pass over. */
#include "cli/inifile.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct error err;
static char told[1024];

static int on_section(void *ctx, unsigned line, const char *name, struct error *e)
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%u[%s]", line, name);
	if (strcmp(name, "bad") == 0) {
		fail(e, ERANGE, "no");
		return inifile_place(e, "x.ini", line, -ERANGE);
	}
	return 0;
}

static int on_pair(void *ctx, unsigned line, const char *key, const char *value, bool continues, struct error *e)
{
	(void)ctx;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%u%s%s=%s;", line, continues ? "+" : " ", key,
		 value);
	return strcmp(value, "bad") == 0 ? fail(e, EDOM, "bad value") : 0;
}

static const struct inifile_handler handler = { on_section, on_pair };

static int read_bytes(const char *bytes, size_t length)
{
	FILE *file = fmemopen((char *)bytes, length ? length : 1, "r");
	int ret;

	assert_non_null(file);
	if (length == 0)
		fgetc(file); /* fmemopen() takes no empty buffer */
	told[0] = err.text[0] = '\0';
	ret = inifile_read(file, "x.ini", &handler, NULL, &err);
	fclose(file);
	return ret;
}

static int read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void assert_told(const char *text, const char *expected)
{
	assert_int_equal(read_text(text), 0);
	assert_string_equal(told, expected);
}

static void assert_refused(const char *text, const char *sentence)
{
	assert_int_equal(read_text(text), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void tells(void **state)
{
	(void)state;
	assert_told("[a]\nk = v\n[b c]\nk=w\n", "1[a]2 k=v;3[b c]4 k=w;");
	assert_told("[a]\nk : v = w", "1[a]2 k=v = w;");           /* no end of line at the end */
	assert_told("\xef\xbb\xbf[a]\r\nk = v\r\n", "1[a]2 k=v;"); /* byte order mark, CRLF */
	assert_told("  [ a ]  \n\n  k = v\n", "1[a]3 k=v;");
	assert_told("[a]\n[b]\n", "1[a]2[b]"); /* sections without keys */
	assert_told("[a]\nk =\n", "1[a]2 k=;");
	assert_int_equal(read_bytes("", 0), 0);
	assert_string_equal(told, "");
}

static void continues(void **state)
{
	(void)state;
	assert_told("[a]\nk = v\n  w\n\n\tx = y\nl = z\n", "1[a]2 k=v;3+k=w;5+k=x = y;6 l=z;");
	assert_told("[a]\nk = v\n  [b]\n", "1[a]2 k=v;3+k=[b];");
	assert_told("[a]\nk = v\n[b]\n l = w\n", "1[a]2 k=v;3[b]4 l=w;"); /* nothing there to continue */
	assert_told("[a]\nk = v\n  w ; remark\n  ; remark\n  x;y\n", "1[a]2 k=v;3+k=w;5+k=x;y;");
}

static void comments(void **state)
{
	char text[600] = "; ";

	(void)state;
	assert_told("; one\n# two\n[a] ; three\nk = v ; four\nl = v;w\nm = ; five\n", "3[a]4 k=v;5 l=v;w;6 m=;");
	memset(text + 2, 'x', 500); /* no line that anybody reads is cut */
	strcpy(text + 502, "\n[a]\n");
	assert_told(text, "2[a]");
}

/* inih keeps 49 bytes of a section's name. */
static void long_sections(void **state)
{
	(void)state;
	assert_told("[interface 0123456789012345678901234567890123456789012345678901234567890123456789]\nk = v\n",
		    "1[interface 0123456789012345678901234567890123456789012345678901234567890123456789]2 k=v;");
}

static void long_lines(void **state)
{
	char text[400] = "[a]\nk = ", expected[400] = "1[a]2 k=";

	(void)state;
	memset(text + 8, 'x', 195); /* 199 bytes: the most */
	memset(expected + 8, 'x', 195);
	strcpy(expected + 203, ";");
	assert_told(text, expected);
	memset(text + 8, 'x', 196);
	strcpy(text + 204, "\n[b]\n");
	assert_refused(
		text,
		"x.ini:2: the line has 200 bytes, more than the 199 that can be read; continue it on indented lines");
	assert_string_equal(told, "1[a]");
}

static void refuses(void **state)
{
	(void)state;
	assert_refused("[a]\n\nnothing\n[b]\n", "x.ini:3: neither a [section] nor KEY = VALUE");
	assert_refused("[a]\nnothing", "x.ini:2: neither a [section] nor KEY = VALUE");
	assert_refused("[a\nk = v\n", "x.ini:1: the ] of the section is missing");
	assert_refused("[a ; b]\n", "x.ini:1: the ] of the section is missing");
	assert_refused("[a] k = v\n", "x.ini:1: [a] k = v: text behind a section");
	assert_refused("[a]\n = v\n", "x.ini:2: a key is missing before the =");
	assert_refused("[a]\nk = \x1b[0m\n", "x.ini:2: byte 5 is a control character (0x1b)");
	assert_refused("[a]\rk = v\r", "x.ini:1: byte 4 is a control character (0x0d)");
	assert_int_equal(read_bytes("[a]\nk = v\0w\n", 12), -EINVAL);
	assert_string_equal(err.text, "x.ini:2: byte 6 is a control character (0x00)");
}

/* The first fault of the file is told, whoever finds it. */
static void first_fault(void **state)
{
	(void)state;
	assert_refused("[a]\nnothing\n[bad]\n", "x.ini:2: neither a [section] nor KEY = VALUE");
	assert_int_equal(read_text("[bad]\nnothing\n"), -ERANGE);
	assert_string_equal(err.text, "x.ini:1: no");
	assert_int_equal(read_text("[a]\nk = bad\nk = bad\nnothing\n"), -EDOM);
	assert_string_equal(err.text, "bad value");
	assert_string_equal(told, "1[a]2 k=bad;");
}

/* What is called a value comes back as it was. */
static void values_read_back(void **state)
{
	static const struct {
		const char *text;
		bool is_value;
	} cases[] = {
		{ "eth0", true }, { "a b", true },      { "a;b", true },   { "a = b", true }, { "#a", true },
		{ "[a]", true },  { "\xc3\xa4", true }, { "", false },     { ";a", false },   { "a ;b", false },
		{ " a", false },  { "a ", false },      { "a\tb", false }, { "a\nb", false }, { "a\x7f", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[64], expected[64];

		assert_int_equal(inifile_is_value(cases[i].text), cases[i].is_value);
		if (!cases[i].is_value)
			continue;
		snprintf(text, sizeof(text), "[a]\nk = %s\n", cases[i].text);
		snprintf(expected, sizeof(expected), "1[a]2 k=%s;", cases[i].text);
		assert_told(text, expected);
	}
}

static void unreadable(void **state)
{
	FILE *folder = fopen("/", "r");

	(void)state;
	assert_non_null(folder);
	assert_int_equal(inifile_read(folder, "/", &handler, NULL, &err), -EISDIR);
	assert_string_equal(err.text, "/: cannot be read: Is a directory");
	fclose(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells),   TEST(continues),   TEST(comments),         TEST(long_sections), TEST(long_lines),
		TEST(refuses), TEST(first_fault), TEST(values_read_back), TEST(unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
