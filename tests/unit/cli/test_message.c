/* What stands on standard error, for people and for the journal. */
#include "cli/message.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *caught;
static int before;

static int catch_stderr(void **state)
{
	(void)state;
	fflush(stderr);
	caught = tmpfile();
	before = dup(STDERR_FILENO);
	return caught && before >= 0 && dup2(fileno(caught), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int release_stderr(void **state)
{
	(void)state;
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	fclose(caught);
	return unsetenv("JOURNAL_STREAM");
}

static void assert_caught(const char *want)
{
	char text[512];
	size_t length;

	fflush(stderr);
	rewind(caught);
	length = fread(text, 1, sizeof(text) - 1, caught);
	text[length] = '\0';
	assert_string_equal(text, want);
}

static void say_one_of_each(void)
{
	message_error(&(struct error){ "eth0: is gone" });
	notify(&message_warnings, "a\nb");
	notify(&message_remarks, "reads %d keys", 2);
	notify(&message_kept_warnings, "kept");
	message_tell_kept();
}

static void people_read_whose_it_is(void **state)
{
	(void)state;
	say_one_of_each();
	assert_caught("eniflow: eth0: is gone\n"
		      "eniflow: warning: a\\x0ab\n"
		      "eniflow: reads 2 keys\n"
		      "eniflow: warning: kept\n");
}

static void the_journal_reads_how_grave_it_is(void **state)
{
	struct stat status;
	char stream[64];

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	say_one_of_each();
	assert_caught("<3>eth0: is gone\n"
		      "<4>a\\x0ab\n"
		      "<6>reads 2 keys\n"
		      "<4>kept\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(people_read_whose_it_is, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(the_journal_reads_how_grave_it_is, catch_stderr, release_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
