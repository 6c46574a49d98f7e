/* --help and --version: nothing is left out, nothing is wider than a terminal is likely to be. */
#include "cli/help.h"
#include "cli/settings.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static char *text;

static FILE *begin(void)
{
	static size_t length;

	return open_memstream(&text, &length);
}

static void assert_holds(const char *part)
{
	if (!strstr(text, part))
		print_error("'%s' is missing in\n%s", part, text);
	assert_non_null(strstr(text, part));
}

static void end(void)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 100);
	free(text);
}

static void program(void **state)
{
	FILE *out = begin();

	(void)state;
	help_program(out);
	fclose(out);
	for (int i = 0; i < COMMAND_END; i++)
		assert_holds(command_rows[i].summary);
	assert_holds("--version");
	assert_holds("Exit status:");
	end();
}

/* Is the row of this option there, as it should be? */
static void assert_option(const struct settings_option *row, enum command command)
{
	char option[64];

	snprintf(option, sizeof(option), " %s%s%s ", row->name, row->argument ? " " : "",
		 row->argument ? row->argument : "");
	if (row->commands >> command & 1U) {
		assert_holds(option);
		assert_holds(row->meaning);
	} else {
		assert_null(strstr(text, row->meaning));
	}
}

static void assert_options(enum command command)
{
	FILE *out = begin();

	help_command(out, command);
	fclose(out);
	for (size_t i = 0; i < OPTION_END; i++)
		assert_option(&settings_options[i], command);
	assert_holds("default, tcp-flags, nat, transit-gateway, v5, console, all");
	assert_holds("Exit status:");
}

/* Each command's options, and not those of the other one. */
static void options(void **state)
{
	(void)state;
	assert_options(COMMAND_READ);
	assert_holds("Usage: eniflow read [OPTION]... FILE...\n");
	assert_null(strstr(text, "--promiscuous"));
	end();
	assert_options(COMMAND_CAPTURE);
	assert_holds("Usage: eniflow capture [OPTION]... DEVICE...\n");
	assert_holds(" --promiscuous ");
	assert_holds(" --interval SECONDS ");
	assert_null(strstr(text, "--devices"));
	end();
}

/* Every setting has its option. */
static void rows(void **state)
{
	(void)state;
	for (int key = 0; key < OPTION_END; key++) {
		int found = 0;

		for (size_t i = 0; i < OPTION_END; i++)
			found += settings_options[i].key == (enum settings_key)key;
		assert_int_equal(found, 1);
	}
}

static void others(void **state)
{
	FILE *out = begin();

	(void)state;
	help_command(out, COMMAND_INSPECT);
	fclose(out);
	assert_holds("Usage: eniflow inspect FILE...\n");
	end();
	out = begin();
	help_command(out, COMMAND_EXPLAIN);
	fclose(out);
	assert_holds("Usage: eniflow explain [OPTION]... INTERFACE ingress|egress PROTOCOL\n"
		     "                       SOURCE[:PORT] DESTINATION[:PORT]\n");
	assert_holds(" --config FILE ");
	assert_null(strstr(text, "--interval"));
	end();
	out = begin();
	help_command(out, COMMAND_FIELDS);
	fclose(out);
	assert_holds("Usage: eniflow fields\n");
	end();
}

static void version(void **state)
{
	FILE *out = begin();

	(void)state;
	help_version(out);
	fclose(out);
	assert_int_equal(strncmp(text, "eniflow 0.", 10), 0);
	assert_holds("libpcap version ");
	assert_holds("zlib 1.");
	assert_holds("zstd ");
	assert_holds("inih");
	assert_holds("\n  eBPF           o"); /* n or ff */
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(program), TEST(options), TEST(rows), TEST(others), TEST(version) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
