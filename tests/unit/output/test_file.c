#include "output/file.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "folder.h"

static struct output_file *opened(const char *where)
{
	struct output_file *file = NULL;
	struct error err = { "" };

	if (output_file_open(&file, where, &err) != 0)
		fail_msg("%s", err.text);
	return file;
}

static void put(struct output_file *file, const char *text)
{
	struct error err = { "" };

	if (output_file_write(file, text, strlen(text), &err) != 0)
		fail_msg("%s", err.text);
}

static void finish(struct output_file *file)
{
	struct error err = { "" };

	if (output_file_finish(file, &err) != 0)
		fail_msg("%s", err.text);
}

static void check_error(const char *where, int code, const char *want)
{
	struct output_file *file;
	struct error err = { "" };

	assert_int_equal(output_file_open(&file, where, &err), -code);
	assert_string_equal(err.text, want);
}

static void check_content(const char *path, const char *want)
{
	char bytes[1024];

	content(path, bytes, sizeof(bytes));
	assert_string_equal(bytes, want);
}

/* Two megabytes, or what stopped them. */
static int write_much(struct output_file *file, struct error *err)
{
	static const char bytes[100000] = { 'x' };
	int ret = 0;

	for (int i = 0; i < 20 && ret == 0; i++)
		ret = output_file_write(file, bytes, sizeof(bytes), err);
	return ret;
}

static void a_file_appears_when_it_is_finished(void **state)
{
	char *path = in_folder("log");
	struct output_file *file = opened(path);

	(void)state;
	assert_true(output_file_is_regular(file));
	put(file, "one\n");
	put(file, "two\n");
	assert_int_equal(access(path, F_OK), -1);
	finish(file);
	check_content(path, "one\ntwo\n");
	assert_int_equal(empty_folder(folder), 1);
}

static void an_older_file_stays_until_then(void **state)
{
	char *path = in_folder("log");
	struct output_file *file;
	struct stat status;

	(void)state;
	write_file(path, "old");
	chmod(path, 0640);
	file = opened(path);
	put(file, "new\n");
	check_content(path, "old");
	finish(file);
	check_content(path, "new\n");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(empty_folder(folder), 1);
}

static void an_older_file_keeps_its_owner(void **state)
{
	char *path = in_folder("log");
	struct stat status;

	(void)state;
	write_file(path, "old");
	chmod(path, 0640);
	if (chown(path, 12345, 23456) < 0)
		skip(); /* only root may */
	finish(opened(path));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, 12345);
	assert_int_equal(status.st_gid, 23456);
	assert_int_equal(status.st_mode & 07777, 0640);
}

/* Writes over a file of another group, as somebody who is not in it. Says whether that group's rights are gone then. */
static bool drops_the_groups_rights(const char *path)
{
	struct stat status;

	write_file(path, "old");
	if (chmod(path, 0664) < 0 || chown(path, 12345, 23456) < 0 || chmod(folder, 0777) < 0 || setegid(34567) < 0 ||
	    seteuid(12345) < 0)
		return false;
	finish(opened(path));
	return stat(path, &status) == 0 && (status.st_mode & 07777) == 0604;
}

static void a_groups_rights_go_to_no_other_group(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(setgroups(0, NULL) == 0 && drops_the_groups_rights(in_folder("log")) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_new_file_obeys_the_umask(void **state)
{
	mode_t old = umask(027);
	struct stat status;

	(void)state;
	finish(opened(in_folder("log")));
	umask(old);
	assert_int_equal(stat(in_folder("log"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	check_content(in_folder("log"), "");
}

static void an_abandoned_file_never_was(void **state)
{
	struct output_file *file;
	char *path = in_folder("log");

	(void)state;
	write_file(path, "old");
	file = opened(path);
	put(file, "new\n");
	output_file_abandon(file);
	check_content(path, "old");
	assert_int_equal(empty_folder(folder), 1);
	output_file_abandon(NULL);
}

static void a_name_that_is_taken_meanwhile(void **state)
{
	struct output_file *file = opened(in_folder("log"));
	struct error err = { "" };

	(void)state;
	put(file, "line\n");
	assert_int_equal(mkdir(in_folder("log"), 0700), 0);
	assert_int_equal(output_file_finish(file, &err), -EISDIR);
	assert_non_null(strstr(err.text, "/log: the finished file cannot be given this name: "));
	assert_int_equal(empty_folder(folder), 1);
}

/* What a killed run left, when process ids come round (in containers at once). */
static void leftovers_are_no_hindrance(void **state)
{
	struct output_file *first = opened(in_folder("log")), *second = opened(in_folder("log"));

	(void)state;
	put(first, "first\n");
	put(second, "second\n");
	finish(first);
	check_content(in_folder("log"), "first\n");
	finish(second);
	check_content(in_folder("log"), "second\n");
	assert_int_equal(empty_folder(folder), 1);
}

static void links_are_followed(void **state)
{
	struct output_file *file;
	struct stat status;

	(void)state;
	assert_int_equal(symlink("second", in_folder("first")), 0);
	assert_int_equal(symlink(in_folder("log"), in_folder("second")), 0);
	file = opened(in_folder("first")); /* it leads to where there is nothing yet */
	put(file, "new\n");
	finish(file);
	check_content(in_folder("log"), "new\n");
	file = opened(in_folder("first"));
	put(file, "newer\n");
	finish(file);
	check_content(in_folder("log"), "newer\n");
	assert_int_equal(lstat(in_folder("first"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(lstat(in_folder("second"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(empty_folder(folder), 3);
}

static void a_circle_of_links(void **state)
{
	char want[8300], *path = in_folder("first");

	(void)state;
	assert_int_equal(symlink("first", path), 0);
	snprintf(want, sizeof(want), "%s: symbolic links lead round in a circle", path);
	check_error(path, ELOOP, want);
}

static void what_cannot_be_opened(void **state)
{
	char want[8300], *path = in_folder("none/log");

	(void)state;
	snprintf(want, sizeof(want), "%s: the directory for it does not exist", path);
	check_error(path, ENOENT, want);
	snprintf(want, sizeof(want), "%s: is a directory; name a file in it", folder);
	check_error(folder, EISDIR, want);
	check_error("/dev/fd/987654", EBADF, "/dev/fd/987654: cannot be opened for writing: Bad file descriptor");
}

static int exit_status(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Runs `child` in a process of its own. */
static int in_child(int (*child)(void))
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child());
	return exit_status(pid);
}

enum { AS_WANTED = 0, OTHERWISE = 1, SKIPPED = 77 };

static int open_without_permission(void)
{
	struct output_file *file = NULL;
	struct error err = { "" };

	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return SKIPPED;
	if (output_file_open(&file, in_folder("new"), &err) != -EACCES ||
	    !strstr(err.text, "/new: no file can be created in its directory: Permission denied"))
		return OTHERWISE;
	chdir(folder);
	if (output_file_open(&file, in_folder("log"), &err) != -EACCES ||
	    !strstr(err.text, "/log: cannot be written: Permission denied"))
		return OTHERWISE;
	return AS_WANTED;
}

static void no_permission(void **state)
{
	int status;

	(void)state;
	write_file(in_folder("log"), "old");
	chmod(in_folder("log"), 0444);
	chmod(folder, 0555);
	status = in_child(open_without_permission);
	chmod(folder, 0755);
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, AS_WANTED);
}

static void devices_are_written_as_they_are(void **state)
{
	struct output_file *file = opened("/dev/null");
	struct stat status;

	(void)state;
	assert_false(output_file_is_regular(file));
	put(file, "gone\n");
	finish(file);
	assert_int_equal(stat("/dev/null", &status), 0);
	assert_true(S_ISCHR(status.st_mode));
}

static void a_full_device(void **state)
{
	struct output_file *file;
	struct error err = { "" };

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	file = opened("/dev/full");
	assert_int_equal(output_file_write(file, "no room", 7, &err), -ENOSPC);
	assert_string_equal(err.text, "/dev/full: cannot be written: No space left on device");
	output_file_abandon(file);
}

static int write_to_small_disk(void)
{
	struct output_file *file = NULL;
	struct error err = { "" };

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", folder, "tmpfs", 0, "size=64k") < 0)
		return SKIPPED;
	if (output_file_open(&file, in_folder("log"), &err) != 0)
		return OTHERWISE;
	if (write_much(file, &err) != -ENOSPC || !strstr(err.text, "/log: cannot be written: No space left on device"))
		return OTHERWISE;
	output_file_abandon(file);
	return empty_folder(folder) == 0 ? AS_WANTED : OTHERWISE;
}

static void a_full_disk(void **state)
{
	int status = in_child(write_to_small_disk);

	(void)state;
	if (status == SKIPPED)
		skip();
	assert_int_equal(status, AS_WANTED);
}

/* A pipe, and the path of its writing end. */
struct pipe {
	int ends[2];
	char path[32];
};

static struct pipe new_pipe(void)
{
	struct pipe out;

	assert_int_equal(pipe(out.ends), 0);
	snprintf(out.path, sizeof(out.path), "/dev/fd/%d", out.ends[1]);
	return out;
}

static void a_reader_that_goes_away(void **state)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	struct pipe pipe = new_pipe();
	struct output_file *file = opened(pipe.path);
	struct error err = { "" };

	(void)state;
	assert_false(output_file_is_regular(file));
	close(pipe.ends[0]);
	assert_int_equal(write_much(file, &err), -EPIPE);
	assert_non_null(strstr(err.text, ": whoever read it went away"));
	output_file_abandon(file);
	close(pipe.ends[1]);
	signal(SIGPIPE, old);
}

/* Reads all of write_much() in a process of its own, slow at first and in small pieces. */
static pid_t slow_reader(const struct pipe *pipe)
{
	pid_t pid = fork();
	char bytes[777];
	size_t sum = 0;
	ssize_t length;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	close(pipe->ends[1]);
	usleep(20000);
	while ((length = read(pipe->ends[0], bytes, sizeof(bytes))) > 0)
		sum += (size_t)length;
	_exit(sum == 2000000 ? AS_WANTED : OTHERWISE);
}

static void ignore(int number)
{
	(void)number;
}

static void check_slow_reader(int flags)
{
	struct pipe pipe = new_pipe();
	pid_t pid = slow_reader(&pipe); /* first, or it would hold the writing end open */
	struct output_file *file = opened(pipe.path);
	struct error err;

	fcntl(pipe.ends[1], F_SETFL, flags);
	assert_int_equal(write_much(file, &err), 0);
	finish(file);
	close(pipe.ends[1]);
	close(pipe.ends[0]);
	assert_int_equal(exit_status(pid), AS_WANTED);
}

/* A pipe that does not block takes what fits and says EAGAIN. */
static void a_slow_reader(void **state)
{
	(void)state;
	check_slow_reader(O_NONBLOCK);
}

/* Signals cut writes short and end them with EINTR. */
static void signals_in_between(void **state)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
	struct sigaction old, interrupt = { .sa_handler = ignore };

	(void)state;
	sigaction(SIGALRM, &interrupt, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	check_slow_reader(0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
}

/* A shell that appends lets its children share the place in the file. */
static void descriptors_are_not_opened_anew(void **state)
{
	char path[32];
	int fd;

	(void)state;
	write_file(in_folder("log"), "before\n");
	fd = open(in_folder("log"), O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	for (int i = 0; i < 2; i++) {
		struct output_file *file;

		snprintf(path, sizeof(path), i ? "/proc/self/fd/%d" : "/dev/fd/%d", fd);
		file = opened(path);
		assert_false(output_file_is_regular(file));
		put(file, "line\n");
		finish(file);
	}
	assert_int_equal(write(fd, "after\n", 6), 6);
	close(fd);
	check_content(in_folder("log"), "before\nline\nline\nafter\n");
}

static void a_pipe_of_another_process(void **state)
{
	char path[64], bytes[16] = "";
	struct output_file *file;
	struct error err = { "" };
	int ends[2], status, ret;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)child, ends[1]);
	assert_int_equal(symlink(path, in_folder("link")), 0);
	ret = output_file_open(&file, in_folder("link"), &err);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(ret, 0);
	assert_false(output_file_is_regular(file));
	put(file, "line\n");
	finish(file);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "line\n");
	close(ends[0]);
	close(ends[1]);
}

static int write_to_standard_output(void)
{
	static const char *const names[] = { "-", "/dev/stdout" };
	int fd = open(in_folder("log"), O_WRONLY | O_CREAT, 0600);

	dup2(fd, STDOUT_FILENO);
	for (int i = 0; i < 2; i++) {
		struct output_file *file = opened(names[i]);

		if (output_file_is_regular(file))
			return OTHERWISE;
		put(file, "line\n");
		finish(file);
	}
	return write(STDOUT_FILENO, "open\n", 5) == 5 ? AS_WANTED : OTHERWISE;
}

static void standard_output_stays_open(void **state)
{
	(void)state;
	assert_int_equal(in_child(write_to_standard_output), AS_WANTED);
	check_content(in_folder("log"), "line\nline\nopen\n");
}

static int write_to_closed_standard_output(void)
{
	struct output_file *file = opened("-");
	struct error err = { "" };

	close(STDOUT_FILENO);
	if (output_file_write(file, "line\n", 5, &err) != -EBADF)
		return OTHERWISE;
	return strcmp(err.text, "standard output: cannot be written: Bad file descriptor") == 0 ? AS_WANTED : OTHERWISE;
}

static void closed_standard_output(void **state)
{
	(void)state;
	assert_int_equal(in_child(write_to_closed_standard_output), AS_WANTED);
}

static void a_fifo_is_written_as_it_is(void **state)
{
	char *path = in_folder("fifo");
	struct output_file *file;
	char bytes[8] = "";
	int reader;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	file = opened(path);
	assert_false(output_file_is_regular(file));
	put(file, "line\n");
	finish(file);
	assert_int_equal(read(reader, bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "line\n");
	close(reader);
	assert_int_equal(empty_folder(folder), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_file_appears_when_it_is_finished),
		IN_FOLDER(an_older_file_stays_until_then),
		IN_FOLDER(an_older_file_keeps_its_owner),
		IN_FOLDER(a_groups_rights_go_to_no_other_group),
		IN_FOLDER(a_new_file_obeys_the_umask),
		IN_FOLDER(an_abandoned_file_never_was),
		IN_FOLDER(a_name_that_is_taken_meanwhile),
		IN_FOLDER(leftovers_are_no_hindrance),
		IN_FOLDER(links_are_followed),
		IN_FOLDER(a_circle_of_links),
		IN_FOLDER(what_cannot_be_opened),
		IN_FOLDER(no_permission),
		IN_FOLDER(devices_are_written_as_they_are),
		IN_FOLDER(a_full_device),
		IN_FOLDER(a_full_disk),
		IN_FOLDER(a_reader_that_goes_away),
		IN_FOLDER(a_slow_reader),
		IN_FOLDER(signals_in_between),
		IN_FOLDER(descriptors_are_not_opened_anew),
		IN_FOLDER(a_pipe_of_another_process),
		IN_FOLDER(standard_output_stays_open),
		IN_FOLDER(closed_standard_output),
		IN_FOLDER(a_fifo_is_written_as_it_is),
	};

	return cmocka_run_group_tests_name("output/file", tests, NULL, NULL);
}
