#include "aws/document.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int parse_bytes(const char *bytes, size_t length, struct error *err)
{
	struct aws_document document = { 0 };
	int ret;

	err->text[0] = '\0';
	ret = aws_document_parse(&document, "x.json", bytes, length, err);
	assert_int_equal(ret < 0, err->text[0] != '\0');
	assert_int_equal(ret == 0, document.root != NULL);
	aws_document_free(&document);
	assert_null(document.root);
	aws_document_free(&document);
	return ret;
}

/* What is wrong with the text; the library may have more to say behind it. */
static void assert_refused(const char *text, const char *sentence)
{
	struct error err;

	assert_int_equal(parse_bytes(text, strlen(text), &err), -EINVAL);
	if (strncmp(err.text, sentence, strlen(sentence)) != 0)
		fail_msg("%s is not %s", err.text, sentence);
}

static void assert_taken(const char *text)
{
	struct error err;

	assert_int_equal(parse_bytes(text, strlen(text), &err), 0);
}

static void json_of_any_kind_is_taken(void **state)
{
	(void)state;
	assert_taken("{}");
	assert_taken("[1, 2.5, \"\\u00fc\", null, true]\n");
	assert_taken("\xef\xbb\xbf{\"a\": {}}");
	assert_taken("{\"a\": {\"x\": 1}, \"b\": {\"x\": 1}}");
	assert_taken("\"z\303\274rich\"");
}

static void faults_have_line_and_column(void **state)
{
	(void)state;
	assert_refused("{\"a\": 1,\n \"b\" 2}", "x.json: line 2, column 6: not JSON: ':' expected");
	assert_refused("{\"a\":\n  [1, 2", "x.json: line 2, column 7: not JSON: the file ends in the middle");
	assert_refused("{}\n\n x", "x.json: line 3, column 2: not JSON: end of file expected");
	assert_refused("{\"a\": 1, \"a\": 2}", "x.json: line 1, column 12: not JSON: duplicate object key");
	assert_refused("{\"a\": \"b\\u0000c\"}", "x.json: line 1, column 16: not JSON: a string holds \\u0000");
	assert_refused("{\"a\\u0000\": 1}", "x.json: line 1, column 10: not JSON: a string holds \\u0000");
	assert_refused("{\"a\": \"\377\"}", "x.json: line 1, column 7: not JSON: a byte here is not UTF-8");
	assert_refused("{\"a\": \"\xc3(\"}", "x.json: line 1, column 7: not JSON: a byte here is not UTF-8");
	assert_refused("{\"a\": 99999999999999999999}", "x.json: line 1, column 26: not JSON: too big integer");
}

/* Nothing of a file may steer the terminal that its fault is shown on. */
static void no_control_character_is_told(void **state)
{
	struct error err;

	(void)state;
	assert_refused("{\"a\": \033[2J}", "x.json: line 1, column 7: not JSON: invalid token near '?'");
	assert_int_equal(parse_bytes("{\"a\0\": 1}", 9, &err), -EINVAL);
	for (const char *at = err.text; *at; at++)
		assert_true(*at >= ' ' && *at <= '~');
}

static void what_people_slip_on_is_told_in_their_words(void **state)
{
	static const char utf16[] = "\xff\xfe{\0}";
	struct error err;

	(void)state;
	assert_refused("", "x.json: is empty, as after an aws command that failed");
	assert_refused("\xef\xbb\xbf", "x.json: is empty, as after an aws command that failed");
	assert_int_equal(parse_bytes(utf16, sizeof(utf16), &err), -EINVAL);
	assert_string_equal(err.text, "x.json: is UTF-16, as PowerShell's > writes it; JSON is UTF-8");
}

static void nesting_has_an_end(void **state)
{
	enum { DEPTH = 1000000 };
	char *text = malloc(DEPTH + 1);
	struct error err;

	(void)state;
	assert_non_null(text);
	memset(text, '[', DEPTH);
	text[DEPTH] = '\0';
	assert_int_equal(parse_bytes(text, DEPTH, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not JSON: nested too deep"));
	free(text);
}

/* ---- files ---- */

static int read_path(const char *path, struct error *err)
{
	struct aws_document document = { 0 };
	int ret;

	err->text[0] = '\0';
	ret = aws_document_read(&document, path, err);
	aws_document_free(&document);
	return ret;
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(read_path("/nowhere/x.json", &err), -ENOENT);
	assert_string_equal(err.text, "/nowhere/x.json: cannot be read: No such file or directory");
	assert_int_equal(read_path("/", &err), -EISDIR);
	assert_string_equal(err.text, "/: cannot be read: Is a directory");
}

static void an_endless_file_is_not_read_to_its_end(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(read_path("/dev/zero", &err), -EFBIG);
	assert_string_equal(err.text, "/dev/zero: has 256 MiB or more, so it is no list of an account's");
}

struct pipe {
	char path[64];
	size_t numbers;
};

static void *write_pipe(void *ctx)
{
	const struct pipe *pipe = ctx;
	FILE *file = fopen(pipe->path, "w");

	fputs("[0", file);
	for (size_t i = 1; i < pipe->numbers; i++)
		fprintf(file, ",\n%zu", i);
	fputs("]", file);
	fclose(file);
	return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
	struct pipe pipe = { "/tmp/eniflow-aws-XXXXXX", 100000 };
	char *folder = mkdtemp(pipe.path);
	struct error err;
	pthread_t writer;

	(void)state;
	assert_non_null(folder);
	strcat(pipe.path, "/pipe");
	assert_int_equal(mkfifo(pipe.path, 0600), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_pipe, &pipe), 0);
	assert_int_equal(read_path(pipe.path, &err), 0);
	pthread_join(writer, NULL);
	unlink(pipe.path);
	*strrchr(pipe.path, '/') = '\0';
	rmdir(pipe.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_of_any_kind_is_taken),
		TEST(faults_have_line_and_column),
		TEST(no_control_character_is_told),
		TEST(what_people_slip_on_is_told_in_their_words),
		TEST(nesting_has_an_end),
		TEST(a_file_that_cannot_be_read_says_why),
		TEST(an_endless_file_is_not_read_to_its_end),
		TEST(a_pipe_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
