#include "cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_MS = 500 };

static volatile sig_atomic_t asked, reload_asked, account_asked;
static int wake_read = -1, wake_write = -1;
static volatile int64_t asked_ms; /* when `asked` was set; of the monotonic clock */
static bool is_sensor;            /* set before any signal is caught */

void stop_waiting(void)
{
	/* The pipe is only full if it is readable already. */
	(void)!write(wake_write, "", 1);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Who asks again does not want to wait for the good order, which may take minutes where nobody takes the log. What comes
 * at the same moment is one request: timeout(1) tells the process and then its group. */
static void end_if_insisted(int number)
{
	if (!asked || is_sensor || now_ms() - asked_ms < AGAIN_MS)
		return;
	signal(number, SIG_DFL);
	raise(number); /* comes when the handler is left */
}

static void ask(int signal)
{
	int saved = errno;

	end_if_insisted(signal);
	if (!asked)
		asked_ms = now_ms();
	if (signal == SIGHUP && is_sensor)
		reload_asked = 1;
	else if (signal == SIGUSR1)
		account_asked = 1;
	else
		asked = 1;
	stop_waiting();
	errno = saved;
}

static int make_pipe(struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail_errno(err, "pipe for signals");
	wake_read = ends[0];
	wake_write = ends[1];
	return 0;
}

/* Returns 0 or -1 with errno, as sigaction() does. */
static int handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	return sigaction(signal, &action, NULL);
}

int stop_catch(struct error *err)
{
	struct sigaction hangup;
	int ret = make_pipe(err);

	if (ret < 0)
		return ret;
	if (handle(SIGINT, ask) < 0 || handle(SIGTERM, ask) < 0 || handle(SIGPIPE, SIG_IGN) < 0 ||
	    handle(SIGXFSZ, SIG_IGN) < 0 || sigaction(SIGHUP, NULL, &hangup) < 0)
		return fail_errno(err, "signals");
	/* nohup(1) had it ignored, and means it. */
	if (hangup.sa_handler != SIG_IGN && handle(SIGHUP, ask) < 0)
		return fail_errno(err, "signals");
	return wake_read;
}

int stop_catch_for_sensor(struct error *err)
{
	int ret;

	is_sensor = true;
	ret = stop_catch(err);
	if (ret < 0)
		return ret;
	if (handle(SIGUSR1, ask) < 0 || handle(SIGALRM, ask) < 0)
		return fail_errno(err, "signals");
	return ret;
}

int stop_after(uint32_t seconds, struct error *err)
{
	const struct itimerval end = { .it_value.tv_sec = seconds };

	return setitimer(ITIMER_REAL, &end, NULL) < 0 ? fail_errno(err, "timer") : 0;
}

unsigned stop_take_requests(void)
{
	char bytes[64];
	unsigned requests = 0;

	/* Emptied first: what is asked for meanwhile makes it readable again. */
	while (read(wake_read, bytes, sizeof(bytes)) > 0)
		continue;
	if (reload_asked) {
		reload_asked = 0;
		requests |= STOP_RELOAD;
	}
	if (account_asked) {
		account_asked = 0;
		requests |= STOP_ACCOUNT;
	}
	return requests;
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
