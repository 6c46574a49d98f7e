/* Each case is a child of its own, for what is given up does not come back. What it finds goes to its parent as text. */
#include "check.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if ENIFLOW_HAVE_CAPABILITIES
#include <cap-ng.h>
#endif

#include "daemon/privileges.h"

enum { SKIPPED = 77 };

static struct error err;
static char said[8192];

/* Runs `test` in a child; what it printed is then in `said`. Returns its exit status. */
static int in_child(void (*test)(void))
{
	int ends[2], status = -1;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		memset(&err, 0, sizeof(err));
		test();
		fflush(stdout);
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	close(ends[0]);
	assert_true(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The value of a line of /proc/self/status. */
static void print_status(const char *key)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':')
			printf("%s", line);
	}
	if (file)
		fclose(file);
}

static void print_all(void)
{
	static const char *const keys[] = { "Uid",    "Gid",    "Groups", "NoNewPrivs", "CapInh",
					    "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	char text[DAEMON_PRIVILEGES_TEXT];

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		print_status(keys[i]);
	printf("%s\n", daemon_privileges_text(text));
}

static void keep(unsigned needed, const char *user)
{
	int ret = daemon_privileges_keep(needed, user, &err);

	if (ret < 0)
		printf("%d %s\n", ret, err.text);
	else
		print_all();
}

static void assert_said(const char *words)
{
	if (!strstr(said, words))
		fail_msg("no \"%s\" in:\n%s", words, said);
}

/* Real, effective, saved and that of files. */
static void assert_four(const char *key, int id)
{
	char line[80];

	snprintf(line, sizeof(line), "%s:\t%d\t%d\t%d\t%d\n", key, id, id, id, id);
	assert_said(line);
}

/* Why the cases for root cannot be tested here, or NULL. */
static const char *missing(void)
{
	if (geteuid() != 0)
		return "only root can give up root";
	if (!ENIFLOW_HAVE_CAPABILITIES)
		return "built without libcap-ng";
	return daemon_privileges_check(DAEMON_NET_RAW, "this test", &err) < 0 ? err.text : NULL;
}

static void need_root(void)
{
	if (missing())
		skip();
}

/* "nobody" and its group are everywhere. */
static void raw_as_nobody(void)
{
	keep(DAEMON_NET_RAW, "nobody");
	printf("packet socket: %s\n", socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? "yes" : "no");
	printf("root again: %s\n", setuid(0) == 0 || seteuid(0) == 0 ? "yes" : "no");
	printf("its file: %s\n", access("/etc/shadow", R_OK) == 0 ? "yes" : "no");
}

static void root_becomes_a_user_with_one_capability(void **state)
{
	const struct passwd *nobody;
	char line[80];

	(void)state;
	need_root();
	nobody = getpwnam("nobody");
	assert_non_null(nobody);
	assert_int_equal(in_child(raw_as_nobody), 0);
	assert_four("Uid", (int)nobody->pw_uid);
	assert_four("Gid", (int)nobody->pw_gid);
	snprintf(line, sizeof(line), "Groups:\t%d \n", (int)nobody->pw_gid);
	assert_said(line);
	assert_said("NoNewPrivs:\t1\n");
	assert_said("CapInh:\t0000000000000000\n");
	assert_said("CapPrm:\t0000000000002000\n");
	assert_said("CapEff:\t0000000000002000\n");
	assert_said("CapBnd:\t0000000000000000\n");
	assert_said("CapAmb:\t0000000000000000\n");
	snprintf(line, sizeof(line), "user nobody, group %s, CAP_NET_RAW, no new privileges\n",
		 getgrgid(nobody->pw_gid)->gr_name);
	assert_said(line);
	assert_said("packet socket: yes\n");
	assert_said("root again: no\n");
	assert_said("its file: no\n");
}

static void both_as_nobody(void)
{
	keep(DAEMON_NET_RAW | DAEMON_NET_ADMIN, "nobody");
	printf("check both: %d\n", daemon_privileges_check(DAEMON_NET_RAW | DAEMON_NET_ADMIN, "this", &err));
}

static void none_as_nobody(void)
{
	keep(0, "nobody");
	printf("check none: %d\n", daemon_privileges_check(0, "this", &err));
	printf("check raw: %d %s\n", daemon_privileges_check(DAEMON_NET_RAW | DAEMON_NET_ADMIN, "watching eth0", &err),
	       err.text);
	printf("check admin: %d %s\n", daemon_privileges_check(DAEMON_NET_ADMIN, "NFLOG group 7", &err), err.text);
}

static void what_is_asked_for_is_kept(void **state)
{
	(void)state;
	need_root();
	if (daemon_privileges_check(DAEMON_NET_ADMIN, "this test", &err) == 0) {
		in_child(both_as_nobody);
		assert_said("CapEff:\t0000000000003000\n");
		assert_said(", CAP_NET_RAW, CAP_NET_ADMIN, no new privileges\n");
		assert_said("check both: 0\n");
	}
	in_child(none_as_nobody);
	assert_said("CapPrm:\t0000000000000000\n");
	assert_said(", no capability, no new privileges\n");
	assert_said("check none: 0\n");
	assert_said(
		"check raw: -1 watching eth0 needs CAP_NET_RAW and CAP_NET_ADMIN, which this process has not: start "
		"eniflow as root, or by its systemd unit, or allow it to this program once and for all users "
		"(`setcap cap_net_raw,cap_net_admin+ep /");
	assert_said("check admin: -1 NFLOG group 7 needs CAP_NET_ADMIN, ");
}

static void raw_as_root(void)
{
	keep(DAEMON_NET_RAW, "root");
}

static void raw_as_default(void)
{
	keep(DAEMON_NET_RAW, NULL);
}

static void assert_root_for_files(void)
{
	assert_said("Uid:\t0\t0\t0\t0\n");
	assert_said("NoNewPrivs:\t1\n");
	/* CHOWN, DAC_OVERRIDE, FOWNER, NET_RAW */
	assert_said("CapPrm:\t000000000000200b\n");
	assert_said("CapEff:\t000000000000200b\n");
	assert_said("CapBnd:\t0000000000000000\n");
	assert_said("user root, group root, CAP_NET_RAW, CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER, no new privileges\n");
}

static void root_stays_root_if_it_is_told_to(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(raw_as_root), 0);
	assert_root_for_files();
}

static void nobody_named_is_eniflow_if_there_is_one(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(in_child(raw_as_default), 0);
	if (getpwnam(DAEMON_PRIVILEGES_USER))
		assert_said("user eniflow, ");
	else
		assert_root_for_files();
}

static void as_a_stranger(void)
{
	keep(DAEMON_NET_RAW, "no-such-user-here");
}

static void a_user_that_does_not_exist(void **state)
{
	(void)state;
	in_child(as_a_stranger);
	assert_string_equal(said, "-22 user no-such-user-here: there is no such user; create it (`useradd --system "
				  "no-such-user-here`) or name another one\n");
}

static void *wait_for_ever(void *ctx)
{
	(void)ctx;
	pause();
	return NULL;
}

static void with_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
		keep(0, NULL);
}

static void threads_would_keep_theirs(void **state)
{
	(void)state;
	in_child(with_a_thread);
	assert_string_equal(said, "-16 privileges: cannot be given up for threads that run already\n");
}

/* As a service manager does: another user with ambient capabilities. */
static void become_nobody_with_ambient(void)
{
#if ENIFLOW_HAVE_CAPABILITIES
	const struct passwd *nobody = getpwnam("nobody");

	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE, CAP_NET_RAW,
		      CAP_NET_BIND_SERVICE, CAP_SYS_PTRACE, -1);
	if (!nobody || capng_change_id((int)nobody->pw_uid, (int)nobody->pw_gid, CAPNG_DROP_SUPP_GRP) != 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) != 0)
		_exit(1);
#endif
}

static void ambient_to_raw(void)
{
	become_nobody_with_ambient();
	print_all();
	keep(DAEMON_NET_RAW | DAEMON_NET_ADMIN, NULL);
}

static void ambient_named(void)
{
	become_nobody_with_ambient();
	keep(DAEMON_NET_RAW, "nobody");
}

static void ambient_other(void)
{
	become_nobody_with_ambient();
	keep(DAEMON_NET_RAW, "daemon");
}

static void a_user_with_capabilities_keeps_those_needed(void **state)
{
	const char *after;

	(void)state;
	need_root();
	assert_int_equal(in_child(ambient_to_raw), 0);
	assert_said("CapPrm:\t0000000000082400\n");
	assert_said("CapAmb:\t0000000000002000\n");
	assert_said(", CAP_NET_RAW, 2 further capabilities, new privileges are possible\n");
	after = strstr(said, "possible\n");
	memmove(said, after, strlen(after) + 1);
	assert_said("CapInh:\t0000000000000000\n");
	assert_said("CapPrm:\t0000000000002000\n");
	assert_said("CapEff:\t0000000000002000\n");
	assert_said("CapAmb:\t0000000000000000\n");
	assert_said(", CAP_NET_RAW, no new privileges\n");
}

static void only_root_becomes_another(void **state)
{
	char words[96];

	(void)state;
	need_root();
	assert_int_equal(in_child(ambient_named), 0);
	assert_said(", CAP_NET_RAW, no new privileges\n");
	assert_int_equal(in_child(ambient_other), 0);
	snprintf(words, sizeof(words),
		 "-1 user daemon: only root can become another user, and this process is user %d; ",
		 (int)getpwnam("nobody")->pw_uid);
	assert_said(words);
}

/* What a user who is not root can see of it, or a build without libcap-ng. */
static void without_root(void **state)
{
	(void)state;
	if (geteuid() == 0 && ENIFLOW_HAVE_CAPABILITIES)
		skip();
	in_child(raw_as_default);
	if (geteuid() == 0)
		assert_said("-95 started as root, and this eniflow was built without libcap-ng, ");
	else
		assert_said(", no new privileges\n");
	in_child(raw_as_root);
	assert_said(geteuid() == 0 ? "user root, group root, " : "-1 user root: only root can become another user, ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_user_that_does_not_exist),
		TEST(threads_would_keep_theirs),
		TEST(without_root),
		TEST(root_becomes_a_user_with_one_capability),
		TEST(what_is_asked_for_is_kept),
		TEST(root_stays_root_if_it_is_told_to),
		TEST(nobody_named_is_eniflow_if_there_is_one),
		TEST(a_user_with_capabilities_keeps_those_needed),
		TEST(only_root_becomes_another),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (failed || !missing())
		return failed;
	printf("skipped in part: %s\n", missing());
	return SKIPPED;
}
