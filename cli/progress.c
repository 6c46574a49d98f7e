#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

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

void progress_bytes(double bytes, char *out)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	size_t unit = 0;

	while (bytes >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1000;
		unit++;
	}
	snprintf(out, PROGRESS_BYTES_SIZE, unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

void progress_span(double seconds, char *out)
{
	unsigned long whole = (unsigned long)(seconds + 0.5);

	if (seconds > 0 && seconds < 0.1)
		snprintf(out, PROGRESS_SPAN_SIZE, "%.3g ms", seconds * 1000);
	else if (seconds < 9.95)
		snprintf(out, PROGRESS_SPAN_SIZE, seconds == (double)(unsigned long)seconds ? "%.0f s" : "%.1f s",
			 seconds);
	else if (whole < 60)
		snprintf(out, PROGRESS_SPAN_SIZE, "%lu s", whole);
	else if (whole < 3600)
		snprintf(out, PROGRESS_SPAN_SIZE, "%lu min %lu s", whole / 60, whole % 60);
	else if (whole < 48 * 3600)
		snprintf(out, PROGRESS_SPAN_SIZE, "%lu h %lu min", whole / 3600, whole % 3600 / 60);
	else
		snprintf(out, PROGRESS_SPAN_SIZE, "%lu days %lu h", whole / 86400, whole % 86400 / 3600);
}

void progress_start(bool records_to_stdout)
{
	progress.on = isatty(STDERR_FILENO) && !(records_to_stdout && isatty(STDOUT_FILENO));
	progress.started = progress.shown = now_seconds();
}

void progress_show(uint64_t consumed, uint64_t size)
{
	char done[PROGRESS_BYTES_SIZE], all[PROGRESS_BYTES_SIZE], rate[PROGRESS_BYTES_SIZE], left[PROGRESS_SPAN_SIZE];
	double now, per_second;

	if (!progress.on)
		return;
	now = now_seconds();
	if (now - progress.shown < (progress.visible ? 0.2 : 0.5))
		return;
	progress.shown = now;
	per_second = (double)consumed / (now - progress.started);
	progress_bytes((double)consumed, done);
	progress_bytes(per_second, rate);
	if (size >= consumed && size > 0 && per_second > 0) {
		progress_bytes((double)size, all);
		progress_span((double)(size - consumed) / per_second, left);
		fprintf(stderr, "\r\033[K%s of %s (%.0f %%), %s/s, %s left", done, all,
			100 * (double)consumed / (double)size, rate, left);
	} else {
		fprintf(stderr, "\r\033[K%s, %s/s", done, rate);
	}
	fflush(stderr);
	progress.visible = true;
}

void progress_wipe(void)
{
	if (progress.visible)
		fputs("\r\033[K", stderr);
	progress.visible = false;
}
