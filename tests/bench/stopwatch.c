/* Runs a command and writes what it took to RESULT, as JSON: wall clock and processor time in seconds, the greatest
 * resident memory of one of its processes in bytes, its exit status (128 + N for signal N), and whether it was ended
 * at the limit of LIMIT seconds.
 *
 * Processes that the command leaves behind belong to it: the watch stops when the last has gone. MOST bytes of address
 * space and no more are given to each; 0: no bound. A small program does this rather than the script, since Linux
 * counts the memory of whoever starts a process as the process's own peak. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAST_TRY = 5 }; /* a process that has left the group is left alone */

static volatile sig_atomic_t group, ended; /* ended: how often it was tried */

/* At the limit, and when the watch itself is to end. Comes again every second, in case that something is still left. */
static void end_group(int signal_number)
{
	(void)signal_number;
	ended++;
	kill(-(pid_t)group, SIGKILL);
	alarm(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void become(char **command, rlim_t most)
{
	const struct rlimit limit = { most, most };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (most > 0)
		setrlimit(RLIMIT_AS, &limit);
	execvp(command[0], command);
	fprintf(stderr, "stopwatch: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* Waits for all processes; returns the command's status. */
static int wait_for_all(pid_t command, double *cpu, long *peak_kib)
{
	struct rusage usage;
	int status = 0, how;
	pid_t pid;

	for (;;) {
		pid = wait4(-1, &how, 0, &usage);
		if (pid < 0 && errno == EINTR && ended < LAST_TRY)
			continue;
		if (pid < 0)
			return status;
		*cpu += seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
		if (usage.ru_maxrss > *peak_kib)
			*peak_kib = usage.ru_maxrss;
		if (pid == command)
			status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end_group };
	double start, cpu = 0;
	long peak_kib = 0;
	FILE *result;
	pid_t pid;
	int status;

	if (argc < 5) {
		fprintf(stderr, "usage: stopwatch RESULT LIMIT MOST COMMAND...\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	start = now();
	pid = fork();
	if (pid == 0)
		become(argv + 4, (rlim_t)strtoull(argv[3], NULL, 10));
	if (pid < 0) {
		fprintf(stderr, "stopwatch: fork: %s\n", strerror(errno));
		return 2;
	}
	setpgid(pid, pid);
	group = (sig_atomic_t)pid;
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	alarm((unsigned)strtoul(argv[2], NULL, 10));
	status = wait_for_all(pid, &cpu, &peak_kib);
	start = now() - start;

	alarm(0);
	result = fopen(argv[1], "w");
	if (!result) {
		fprintf(stderr, "stopwatch: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	fprintf(result, "{\"wall\":%.6f,\"cpu\":%.6f,\"peak\":%lld,\"status\":%d,\"ended\":%s}\n", start, cpu,
		(long long)peak_kib * 1024, status, ended ? "true" : "false");
	return fclose(result) == 0 ? 0 : 2;
}
