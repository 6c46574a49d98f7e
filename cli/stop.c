#include "cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static int wake_write = -1;

void stop_waiting(void)
{
	/* The pipe is only full if it is readable already. */
	(void)!write(wake_write, "", 1);
}

static void ask(int signal)
{
	int saved = errno;

	(void)signal;
	asked = 1;
	stop_waiting();
	errno = saved;
}

int stop_catch(struct error *err)
{
	struct sigaction on_stop = { .sa_handler = ask }, ignore = { .sa_handler = SIG_IGN }, hangup;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail_errno(err, "pipe for signals");
	wake_write = ends[1];
	sigemptyset(&on_stop.sa_mask);
	sigemptyset(&ignore.sa_mask);
	if (sigaction(SIGINT, &on_stop, NULL) < 0 || sigaction(SIGTERM, &on_stop, NULL) < 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) < 0 || sigaction(SIGXFSZ, &ignore, NULL) < 0 ||
	    sigaction(SIGHUP, NULL, &hangup) < 0)
		return fail_errno(err, "signals");
	/* nohup(1) had it ignored, and means it. */
	if (hangup.sa_handler != SIG_IGN && sigaction(SIGHUP, &on_stop, NULL) < 0)
		return fail_errno(err, "signals");
	return ends[0];
}

bool stop_asked(void)
{
	return asked;
}

void stop_by_closed_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
	_Exit(EXIT_FAILURE); /* only if SIGPIPE is blocked */
}
