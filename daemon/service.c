#include "daemon/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if ENIFLOW_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#else
/* As those of libsystemd where no manager listens. */
static int sd_notify(int unset, const char *state)
{
	(void)unset;
	(void)state;
	return 0;
}

static int sd_watchdog_enabled(int unset, uint64_t *microseconds)
{
	(void)unset;
	(void)microseconds;
	return 0;
}
#endif

enum { STATUS_MAX = 256 };

int daemon_service_check(struct error *err)
{
	if (ENIFLOW_HAVE_SYSTEMD || !getenv("NOTIFY_SOCKET"))
		return 0;
	return fail(
		err, ENOTSUP,
		"NOTIFY_SOCKET: the service manager waits for a word, and this eniflow was built without libsystemd; "
		"set Type=exec and no WatchdogSec= in the unit, or install libsystemd-dev and build again");
}

void daemon_service_ready(void)
{
	sd_notify(0, "READY=1");
}

void daemon_service_reloading(void)
{
	struct timespec now;
	char words[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(words, sizeof(words), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	sd_notify(0, words);
}

void daemon_service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void daemon_service_status(const char *format, ...)
{
	char line[STATUS_MAX], words[STATUS_MAX + sizeof("STATUS=")];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *at = line; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	}
	snprintf(words, sizeof(words), "STATUS=%s", line);
	sd_notify(0, words);
}

int64_t daemon_service_watchdog(void)
{
	uint64_t microseconds;

	if (sd_watchdog_enabled(0, &microseconds) <= 0)
		return 0;
	/* What does not fit is 292 years. */
	return microseconds > INT64_MAX / 500 ? INT64_MAX : (int64_t)microseconds * 500;
}

void daemon_service_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

bool daemon_service_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char own[64];

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, own) == 0;
}
