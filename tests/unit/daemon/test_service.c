/* What the manager hears, at a socket of our own. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/service.h"

static int manager = -1;

/* A socket with a name that the kernel chooses and that is in no folder. */
static int listen_as_manager(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(sa_family_t);
	char name[sizeof(at.sun_path) + 1];

	(void)state;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (manager < 0 || bind(manager, (struct sockaddr *)&at, length) < 0)
		return -1;
	length = sizeof(at);
	if (getsockname(manager, (struct sockaddr *)&at, &length) < 0)
		return -1;
	length -= (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1;
	snprintf(name, sizeof(name), "@%.*s", (int)length, at.sun_path + 1);
	return setenv("NOTIFY_SOCKET", name, 1);
}

static int go_away(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("JOURNAL_STREAM");
	if (manager >= 0)
		close(manager);
	manager = -1;
	return 0;
}

/* The next datagram as text; "" if there is none. */
static const char *heard(void)
{
	static char words[512];
	ssize_t got = recv(manager, words, sizeof(words) - 1, 0);

	words[got < 0 ? 0 : got] = '\0';
	return words;
}

/* What reaches a manager with libsystemd: `words`; without it, nothing. */
static void assert_heard(const char *words)
{
	assert_string_equal(heard(), ENIFLOW_HAVE_SYSTEMD ? words : "");
	assert_string_equal(heard(), "");
}

static void words_of_a_life(void **state)
{
	(void)state;
	daemon_service_ready();
	assert_heard("READY=1");
	daemon_service_alive();
	assert_heard("WATCHDOG=1");
	daemon_service_stopping();
	assert_heard("STOPPING=1");
}

static void a_reload_tells_its_time(void **state)
{
	struct timespec before, after;
	uint64_t told;
	char end;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	daemon_service_reloading();
	clock_gettime(CLOCK_MONOTONIC, &after);
	if (!ENIFLOW_HAVE_SYSTEMD) {
		assert_heard("");
		return;
	}
	assert_int_equal(sscanf(heard(), "RELOADING=1\nMONOTONIC_USEC=%" SCNu64 "%c", &told, &end), 1);
	assert_true(told >= (uint64_t)before.tv_sec * 1000000 + (uint64_t)before.tv_nsec / 1000);
	assert_true(told <= (uint64_t)after.tv_sec * 1000000 + (uint64_t)after.tv_nsec / 1000);
}

static void a_status_is_one_line(void **state)
{
	char longer[400], shown[264];

	(void)state;
	daemon_service_status("%d devices, %s behind", 3, "0 s");
	assert_heard("STATUS=3 devices, 0 s behind");
	daemon_service_status("%s", "eth0\nREADY=1\tx\x7f");
	assert_heard("STATUS=eth0?READY=1?x?");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	daemon_service_status("%s", longer);
	snprintf(shown, sizeof(shown), "STATUS=%.255s", longer);
	assert_heard(shown);
}

static void a_build_that_cannot_speak_says_so(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(daemon_service_check(&err), ENIFLOW_HAVE_SYSTEMD ? 0 : -ENOTSUP);
	assert_string_equal(err.text, ENIFLOW_HAVE_SYSTEMD
					      ? ""
					      : "NOTIFY_SOCKET: the service manager waits for a word, and this "
						"eniflow was built without libsystemd; set Type=exec and no "
						"WatchdogSec= in the unit, or install libsystemd-dev and build again");
}

static void nobody_listens(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(daemon_service_check(&err), 0);
	daemon_service_ready();
	daemon_service_reloading();
	daemon_service_status("%s", "idle");
	daemon_service_alive();
	daemon_service_stopping();
	assert_true(daemon_service_watchdog() == 0);
	/* A name that nobody has. */
	setenv("NOTIFY_SOCKET", "@eniflow-test-nobody", 1);
	daemon_service_ready();
}

static void the_watchdog_wants_twice_the_pace(void **state)
{
	char pid[24];

	(void)state;
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_true(daemon_service_watchdog() == (ENIFLOW_HAVE_SYSTEMD ? INT64_C(15000000000) : 0));
	setenv("WATCHDOG_USEC", "18446744073709551614", 1);
	assert_true(daemon_service_watchdog() == (ENIFLOW_HAVE_SYSTEMD ? INT64_MAX : 0));
	setenv("WATCHDOG_USEC", "nonsense", 1);
	assert_true(daemon_service_watchdog() == 0);
	/* Meant for another process. */
	setenv("WATCHDOG_USEC", "30000000", 1);
	snprintf(pid, sizeof(pid), "%ld", (long)getppid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_true(daemon_service_watchdog() == 0);
}

static void name_stream(const struct stat *status, uintmax_t inode_more, const char *end)
{
	char stream[64];

	snprintf(stream, sizeof(stream), "%ju:%ju%s", (uintmax_t)status->st_dev, (uintmax_t)status->st_ino + inode_more,
		 end);
	setenv("JOURNAL_STREAM", stream, 1);
}

static void the_journal_is_what_standard_error_is(void **state)
{
	struct stat status;

	(void)state;
	assert_false(daemon_service_journal());
	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	name_stream(&status, 0, "");
	assert_true(daemon_service_journal());
	name_stream(&status, 0, "x");
	assert_false(daemon_service_journal());
	name_stream(&status, 1, "");
	assert_false(daemon_service_journal());
	setenv("JOURNAL_STREAM", "", 1);
	assert_false(daemon_service_journal());
	setenv("JOURNAL_STREAM", "8", 1);
	assert_false(daemon_service_journal());
}

#define HEARD(function) cmocka_unit_test_setup_teardown(function, listen_as_manager, go_away)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEARD(words_of_a_life),
		HEARD(a_reload_tells_its_time),
		HEARD(a_status_is_one_line),
		HEARD(a_build_that_cannot_speak_says_so),
		cmocka_unit_test_teardown(nobody_listens, go_away),
		cmocka_unit_test_teardown(the_watchdog_wants_twice_the_pace, go_away),
		cmocka_unit_test_teardown(the_journal_is_what_standard_error_is, go_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
