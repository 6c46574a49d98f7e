#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/amount.h"

static struct {
	bool on;      /* there is a terminal to show it on */
	bool visible; /* a line stands there */
	double started, shown;
} progress;

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_start(bool records_to_stdout)
{
	progress.on = isatty(STDERR_FILENO) && !(records_to_stdout && isatty(STDOUT_FILENO));
	progress.started = progress.shown = now_seconds();
}

void progress_show(uint64_t consumed, uint64_t size)
{
	char done[AMOUNT_SIZE], all[AMOUNT_SIZE], rate[AMOUNT_SIZE], left[AMOUNT_SIZE];
	double now, per_second;

	if (!progress.on)
		return;
	now = now_seconds();
	if (now - progress.shown < (progress.visible ? 0.2 : 0.5))
		return;
	progress.shown = now;
	per_second = (double)consumed / (now - progress.started);
	fprintf(stderr, "\r\033[K%s", amount_bytes((double)consumed, done));
	if (size >= consumed && size > 0 && per_second > 0)
		fprintf(stderr, " of %s (%.0f %%), %s/s, %s left", amount_bytes((double)size, all),
			100 * (double)consumed / (double)size, amount_bytes(per_second, rate),
			amount_span((double)(size - consumed) / per_second, left));
	else
		fprintf(stderr, ", %s/s", amount_bytes(per_second, rate));
	fflush(stderr);
	progress.visible = true;
}

void progress_wipe(void)
{
	if (progress.visible)
		fputs("\r\033[K", stderr);
	progress.visible = false;
}
