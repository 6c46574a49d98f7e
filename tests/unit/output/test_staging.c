#include "output/staging.h"

#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "told.h"
#include "tree.h"

static const char stem[] = "123456789012_vpcflowlogs_us-east-1_fl-1_20180620T1620Z";
static const char place[] = "logs/AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20";

static struct output_staging *opened(void)
{
	struct output_staging *staging = NULL;
	struct error err = { "" };
	char path[8300];

	snprintf(path, sizeof(path), "%s/", in_folder("logs"));
	if (output_staging_open(&staging, path, 0, false, &err) != 0)
		fail_msg("%s", err.text);
	return staging;
}

static int created(struct output_staging *staging, char name[static OUTPUT_STAGING_NAME])
{
	struct error err = { "" };
	int fd = output_staging_create(staging, stem, "log.gz", name, &err);

	if (fd < 0)
		fail_msg("%s", err.text);
	return fd;
}

/* Gzip bytes of `text`; how many. */
static size_t pack(unsigned char out[static 256], const char *text)
{
	z_stream stream = { 0 };

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (unsigned char *)text;
	stream.avail_in = (uInt)strlen(text);
	stream.next_out = out;
	stream.avail_out = 256;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return 256 - stream.avail_out;
}

static void put(int fd, const char *text, size_t missing)
{
	unsigned char bytes[256];
	size_t length = pack(bytes, text) - missing;

	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void publish(struct output_staging *staging, const char *name)
{
	struct error err = { "" };

	if (output_staging_publish(staging, name, &err) != 0)
		fail_msg("%s", err.text);
}

static void a_file_gets_its_place(void **state)
{
	struct output_staging *staging = opened();
	char name[OUTPUT_STAGING_NAME];

	(void)state;
	put(created(staging, name), "one\n", 0);
	assert_int_equal(tree_look("logs/AWSLogs"), 0);
	assert_int_equal(tree_look("logs/.eniflow-unfinished"), 2);
	publish(staging, name);
	assert_int_equal(tree_look(place), 1);
	assert_string_equal(tree_text(tree_files[0]), "one\n");
	assert_non_null(strstr(tree_files[0], stem));
	output_staging_close(staging);
	assert_int_equal(tree_look("logs"), 1);
	assert_int_equal(access(in_folder("logs/.eniflow-unfinished"), F_OK), -1);
	output_staging_close(NULL);
}

static void no_file_takes_anothers_place(void **state)
{
	(void)state;
	for (int run = 0; run < 2; run++) {
		struct output_staging *staging = opened();

		for (int i = 0; i < 3; i++) {
			char name[OUTPUT_STAGING_NAME];

			put(created(staging, name), "one\n", 0);
			publish(staging, name);
		}
		output_staging_close(staging);
	}
	assert_int_equal(tree_look(place), 6);
}

/* Uploaders move files away, and bring those of several hosts together. */
static void a_name_comes_again_or_never(void **state)
{
	(void)state;
	for (int is_unique = 0; is_unique <= 1; is_unique++) {
		struct output_staging *staging = NULL;
		char path[8300], name[OUTPUT_STAGING_NAME], first[8300];

		snprintf(path, sizeof(path), "%s/", in_folder("logs"));
		assert_int_equal(output_staging_open(&staging, path, 0, is_unique, NULL), 0);
		put(created(staging, name), "one\n", 0);
		publish(staging, name);
		assert_int_equal(tree_look(place), 1);
		snprintf(first, sizeof(first), "%s", tree_files[0]);
		assert_int_equal(unlink(first), 0);
		put(created(staging, name), "two\n", 0);
		publish(staging, name);
		assert_int_equal(tree_look(place), 1);
		assert_int_equal(strcmp(first, tree_files[0]) == 0, !is_unique);
		assert_int_equal(unlink(tree_files[0]), 0);
		output_staging_close(staging);
	}
}

static void appended_to_again(void **state)
{
	struct output_staging *staging = opened();
	char name[OUTPUT_STAGING_NAME];

	(void)state;
	put(created(staging, name), "one\n", 0);
	put(output_staging_reopen(staging, name, NULL), "two\n", 0);
	publish(staging, name);
	assert_int_equal(tree_look(place), 1);
	assert_string_equal(tree_text(tree_files[0]), "one\ntwo\n");
	put(created(staging, name), "three\n", 0);
	output_staging_remove(staging, name);
	assert_int_equal(output_staging_reopen(staging, name, NULL), -ENOENT);
	output_staging_close(staging);
}

static void what_cannot_be(void **state)
{
	struct output_staging *staging;
	struct error err;

	(void)state;
	assert_int_equal(output_staging_open(&staging, "/none/logs/", 0, false, &err), -ENOENT);
	assert_string_equal(err.text, "/none/logs/: the directory for it does not exist");
	write_file(in_folder("logs"), "a file");
	assert_int_equal(output_staging_open(&staging, in_folder("logs"), 0, false, &err), -ENOTDIR);
	unlink(in_folder("logs"));
	staging = opened();
	assert_int_equal(output_staging_publish(staging, "../../etc/passwd", &err), -EINVAL);
	/* A link in the way is not followed: who may write below the directory need not be who runs this. */
	assert_int_equal(symlink("/", in_folder("logs/AWSLogs")), 0);
	{
		char name[OUTPUT_STAGING_NAME];

		put(created(staging, name), "one\n", 0);
		assert_true(output_staging_publish(staging, name, &err) < 0);
		output_staging_remove(staging, name);
	}
	output_staging_close(staging);
}

/* A run that makes files, the last bytes of which are missing, and is killed. */
static void kill_a_run(const size_t *missing, size_t count)
{
	int ends[2], status;
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct output_staging *staging = opened();

		for (size_t i = 0; i < count; i++) {
			char name[OUTPUT_STAGING_NAME];

			put(created(staging, name), "one\ntwo\n", missing[i]);
		}
		if (write(ends[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ends[0]);
	close(ends[1]);
}

static void killed_runs_are_recovered(void **state)
{
	static const size_t missing[] = { 0, 4, 20 };
	struct output_staging *staging;
	char want[8400];

	(void)state;
	kill_a_run(missing, 3);
	staging = opened();
	told_clear();
	assert_int_equal(output_staging_recover(staging, &told_notices, NULL), 0);
	snprintf(want, sizeof(want),
		 "%s/: runs that were killed left 2 files unfinished; they are finished now, with 4 lines\n",
		 in_folder("logs"));
	assert_string_equal(told, want);
	assert_int_equal(tree_look(place), 2);
	for (int i = 0; i < 2; i++)
		assert_string_equal(tree_text(tree_files[i]), "one\ntwo\n");
	told_clear();
	assert_int_equal(output_staging_recover(staging, &told_notices, NULL), 0);
	assert_string_equal(told, "");
	output_staging_close(staging);
	assert_int_equal(tree_look("logs"), 2);
}

static void living_runs_are_left_alone(void **state)
{
	struct output_staging *one = opened(), *two = opened();
	char name[OUTPUT_STAGING_NAME];

	(void)state;
	put(created(one, name), "one\n", 0);
	told_clear();
	assert_int_equal(output_staging_recover(two, &told_notices, NULL), 0);
	assert_int_equal(output_staging_recover(one, &told_notices, NULL), 0);
	assert_string_equal(told, "");
	assert_int_equal(tree_look("logs/AWSLogs"), 0);
	output_staging_close(two);
	publish(one, name);
	output_staging_close(one);
	assert_int_equal(tree_look("logs"), 1);
}

/* Somebody tidies up while a run goes on. */
static void a_file_that_is_gone(void **state)
{
	struct output_staging *staging = opened();
	char name[OUTPUT_STAGING_NAME];
	struct error err;

	(void)state;
	put(created(staging, name), "one\n", 0);
	output_staging_remove(staging, name);
	assert_int_equal(output_staging_publish(staging, name, &err), -ENOENT);
	output_staging_close(staging);
}

static void damage_is_told(void **state)
{
	struct output_staging *staging = opened();
	char path[300], want[8400];

	(void)state;
	snprintf(path, sizeof(path), "logs/.eniflow-unfinished/%s.log.gz.0123456789abcdef-0.unfinished", stem);
	write_file(in_folder(path), "what is this\n");
	snprintf(path, sizeof(path), "logs/.eniflow-unfinished/%s.log.gz.0123456789abcdef-1.mending", stem);
	write_file(in_folder(path), "a copy of something");
	write_file(in_folder("logs/.eniflow-unfinished/0123456789abcdef.lock"), "");
	told_clear();
	assert_int_equal(output_staging_recover(staging, &told_notices, NULL), 0);
	snprintf(want, sizeof(want), "%s/: 13 bytes that a killed run left cannot be read\n", in_folder("logs"));
	assert_string_equal(told, want);
	output_staging_close(staging);
	assert_int_equal(tree_look("logs"), 0);
}

/* Killed between the end of the file and its name. */
static void complete_parquet_gets_its_place(void **state)
{
	static const char *const ends[] = { "\3", "\4", "\5" };
	struct output_staging *staging = opened();
	char path[300];

	(void)state;
	for (int i = 0; i < 3; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "logs/.eniflow-unfinished/%s.log.parquet.0123456789abcdef-%d.unfinished",
			 stem, i);
		file = fopen(in_folder(path), "wb");
		assert_non_null(file);
		fprintf(file, "PAR1meta%s", ends[i]);
		fwrite("\0\0\0PAR1", 7, 1, file);
		fclose(file);
	}
	told_clear();
	assert_int_equal(output_staging_recover(staging, &told_notices, NULL), 0);
	assert_non_null(strstr(told, "-0.unfinished: a killed run left this Parquet file complete"));
	assert_non_null(strstr(told, "-1.unfinished: a killed run left this Parquet file complete"));
	assert_non_null(
		strstr(told, "-2.unfinished: a Parquet file without its end")); /* a length of more than there is */
	output_staging_close(staging);
	assert_int_equal(tree_look("logs"), 2);
	assert_int_equal(tree_look(place), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(a_file_gets_its_place),
		IN_TREE(no_file_takes_anothers_place),
		IN_TREE(a_name_comes_again_or_never),
		IN_TREE(appended_to_again),
		IN_TREE(what_cannot_be),
		IN_TREE(killed_runs_are_recovered),
		IN_TREE(living_runs_are_left_alone),
		IN_TREE(damage_is_told),
		IN_TREE(a_file_that_is_gone),
		IN_TREE(complete_parquet_gets_its_place),
	};

	return cmocka_run_group_tests_name("output/staging", tests, NULL, NULL);
}
