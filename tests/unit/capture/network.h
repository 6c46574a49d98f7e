/* A network namespace of the test's own, which vanishes with the process. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_NETWORK_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_NETWORK_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How a test says that it cannot be run here. */
enum { SKIPPED = 77 };

/* Is the program there? `call` does nothing but show that it is. If not, prints so. */
static inline bool has_command(const char *call, const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "%s >/dev/null 2>&1", call);
	if (system(command) == 0) /* NOLINT(cert-env33-c): its commands are the tests' own */
		return true;
	printf("SKIP: there is no %s\n", name);
	return false;
}

/* Goes into a new namespace. False, having printed why: that cannot be done here. */
static bool enter_network(void)
{
	if (geteuid() != 0) {
		printf("SKIP: network namespaces need root\n");
		return false;
	}
	if (!has_command("ip -V", "ip (iproute2)"))
		return false;
	if (unshare(CLONE_NEWNET) < 0) {
		printf("SKIP: no network namespace can be made: %s\n", strerror(errno));
		return false;
	}
	return true;
}

/* Runs a command line, which must succeed. */
static void run(const char *command)
{
	if (system(command) != 0) { /* NOLINT(cert-env33-c): its commands are the tests' own */
		printf("%s: failed\n", command);
		fflush(stdout);
		abort();
	}
}

/* Waits until a device that was set up can send: the kernel sees to it a while after it has answered. */
static inline void await_up(const char *device)
{
	char command[128];

	snprintf(command, sizeof(command), "until ip link show dev %s | grep -q 'state UP'; do sleep 0.01; done",
		 device);
	run(command);
}

#endif
