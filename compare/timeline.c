#include "compare/timeline.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "compare/markup.h"
#include "flow/origin.h"

enum {
	MARGIN = 8,    /* pixels above and below what is drawn */
	HEIGHT = 132,  /* of a panel's drawing, in pixels */
	STRIP = 28,    /* of the strip's */
	LABELS = 38,   /* below it: the times */
	UNITS = 1000,  /* the drawing's own height */
	LEAST = 22,    /* units: a difference is drawn at least so high */
	GRID = 4,      /* lines at most */
	TICKS = 8,     /* times at most */
	SEPARATE = 96, /* up to so many bars stand apart */
	DAY = 86400
};

struct panel {
	const char *name, *title;
	bool is_bytes;
};

enum { PANELS = 2 };
static const struct panel panels[PANELS] = { { "packets", "Packets", false }, { "bytes", "Bytes", true } };

/* What is drawn of an interface: `bars` bars of `share` intervals each; the last may have fewer. */
struct timeline {
	FILE *out;
	const struct compare_interval *intervals;
	size_t count, share, bars, number;
	uint32_t seconds; /* of an interval */
	bool has[PANELS]; /* the log says it */
};

/* The intervals of a bar, taken together. */
struct bar {
	struct compare_sums sums[COMPARE_SIDES];
	uint64_t agreeing, differing; /* a flow counts once in each interval */
	bool is_skipped, is_missing;
};

static struct bar bar_at(const struct timeline *t, size_t at)
{
	struct bar bar = { .is_missing = false };
	size_t end = (at + 1) * t->share < t->count ? (at + 1) * t->share : t->count;

	for (size_t i = at * t->share; i < end; i++) {
		const struct compare_interval *interval = &t->intervals[i];

		for (int side = 0; side < COMPARE_SIDES; side++) {
			bar.sums[side].packets += interval->sums[side].packets;
			bar.sums[side].bytes += interval->sums[side].bytes;
		}
		bar.agreeing += interval->agreeing;
		bar.differing += interval->differing;
		bar.is_skipped = bar.is_skipped || interval->is_skipped;
		bar.is_missing = bar.is_missing || interval->is_missing;
	}
	return bar;
}

static uint64_t value_of(const struct panel *panel, const struct compare_sums *sums)
{
	return panel->is_bytes ? sums->bytes : sums->packets;
}

/* Intervals that make round times: of an hour's minutes, or of a day's ten minutes. */
static size_t share_of(size_t count)
{
	static const size_t round[] = { 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440 };

	for (size_t i = 0; i < sizeof(round) / sizeof(*round); i++)
		if ((count + round[i] - 1) / round[i] <= COMPARE_TIMELINE_BARS)
			return round[i];
	return (count + COMPARE_TIMELINE_BARS - 1) / COMPARE_TIMELINE_BARS;
}

static int64_t start_of(const struct timeline *t, size_t bar)
{
	return t->intervals[0].start + (int64_t)(bar * t->share) * t->seconds;
}

/* Where a bar ends, in intervals from the first. */
static size_t end_of(const struct timeline *t, size_t bar)
{
	return (bar + 1) * t->share < t->count ? (bar + 1) * t->share : t->count;
}

static double percent(const struct timeline *t, double intervals)
{
	return 100 * intervals / (double)t->count;
}

/* 1, 2 or 5 times a power of ten, so that `most` needs at most GRID of it. */
static double step_of(double most)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double power;

	if (most <= GRID)
		return 1;
	power = pow(10, floor(log10(most / GRID)));
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (most <= steps[i] * power * GRID)
			return steps[i] * power;
	return 10 * power;
}

/* "1.5 MB", "200 k": short, for an axis. */
static void put_short(FILE *out, double value, bool is_bytes)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P", "E" };
	size_t prefix = 0;

	while (value >= 1000 && prefix < sizeof(prefixes) / sizeof(*prefixes) - 1) {
		value /= 1000;
		prefix++;
	}
	fprintf(out, "%g%s%s%s", value, prefix || is_bytes ? "\xc2\xa0" : "", prefixes[prefix], is_bytes ? "B" : "");
}

/* "minute", "10 min": what stands behind "per" and "each bar is a". */
static void put_length(FILE *out, uint64_t seconds)
{
	if (seconds == 60 || seconds == 3600 || seconds == DAY)
		fputs(seconds == 60 ? "minute" : seconds == 3600 ? "hour" : "day", out);
	else if (seconds % DAY == 0)
		fprintf(out,
			"%" PRIu64 "\xc2\xa0"
			"d",
			seconds / DAY);
	else if (seconds % 3600 == 0)
		fprintf(out, "%" PRIu64 "\xc2\xa0h", seconds / 3600);
	else if (seconds % 60 == 0)
		fprintf(out, "%" PRIu64 "\xc2\xa0min", seconds / 60);
	else
		fprintf(out, "%" PRIu64 "\xc2\xa0s", seconds);
}

/* --- the axes --- */

static int64_t tick_step(int64_t whole)
{
	static const int32_t steps[] = { 10,   30,    60,    120,   300, 600,     900,     1800,     3600,
					 7200, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY };
	size_t i = 0;

	while (i < sizeof(steps) / sizeof(*steps) - 1 && whole / steps[i] > TICKS)
		i++;
	return whole / steps[i] > TICKS ? (whole / TICKS / DAY + 1) * DAY : steps[i];
}

struct axis {
	int64_t start, whole, step, first;
};

static struct axis axis_of(const struct timeline *t)
{
	struct axis axis = { .start = t->intervals[0].start, .whole = (int64_t)t->count * t->seconds };
	int64_t over;

	axis.step = tick_step(axis.whole);
	over = ((axis.start % axis.step) + axis.step) % axis.step;
	axis.first = over ? axis.start - over + axis.step : axis.start;
	return axis;
}

/* The lines of the times, through the drawing. */
static void put_tick_lines(const struct timeline *t, int height)
{
	struct axis axis = axis_of(t);

	for (int64_t at = axis.first; at <= axis.start + axis.whole; at += axis.step)
		fprintf(t->out, "<line class=\"tick\" x1=\"%.4g%%\" x2=\"%.4g%%\" y1=\"%d\" y2=\"%d\"/>",
			percent(t, (double)(at - axis.start) / t->seconds),
			percent(t, (double)(at - axis.start) / t->seconds), MARGIN, MARGIN + height);
}

/* The times, every second one left out where the screen is narrow; the day below the first and where it is another. */
static void put_tick_texts(const struct timeline *t, int top)
{
	struct axis axis = axis_of(t);
	bool is_daily = axis.step % DAY == 0;
	int64_t day = INT64_MIN;
	int number = 0;

	for (int64_t at = axis.first; at <= axis.start + axis.whole; at += axis.step, number++) {
		double x = percent(t, (double)(at - axis.start) / t->seconds);
		int64_t unit = is_daily ? DAY * 365 : DAY;

		fprintf(t->out, "<text class=\"%s\" x=\"%.4g%%\" y=\"%d\">", number % 2 ? "time odd" : "time", x,
			top + 14);
		compare_markup_clock(t->out, at,
				     is_daily         ? COMPARE_MARKUP_DAY
				     : axis.step < 60 ? COMPARE_MARKUP_SECOND
						      : COMPARE_MARKUP_MINUTE);
		fputs("</text>", t->out);
		if (at / unit == day || number % 2)
			continue;
		day = at / unit;
		fprintf(t->out, "<text class=\"time day\" x=\"%.4g%%\" y=\"%d\">", x, top + 30);
		compare_markup_clock(t->out, at, is_daily ? COMPARE_MARKUP_YEAR : COMPARE_MARKUP_DATE);
		fputs("</text>", t->out);
	}
}

/* Lines and numbers of the other axis. */
static void put_scale(const struct timeline *t, const struct panel *panel, double top, double step)
{
	for (int line = 0; line <= (int)(top / step + 0.5); line++) {
		double value = line * step;
		double y = MARGIN + HEIGHT * (1 - value / top);

		fprintf(t->out, "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
			value > 0 ? "grid" : "base", y, y);
		fprintf(t->out, "<text class=\"value\" x=\"-8\" y=\"%.1f\">", y + 4);
		put_short(t->out, value, panel->is_bytes);
		fputs("</text>", t->out);
	}
}

/* --- what is drawn --- */

static bool is_skipped(const struct bar *bar)
{
	return bar->is_skipped;
}

static bool is_missing(const struct bar *bar)
{
	return bar->is_missing && !bar->is_skipped;
}

/* Shades the bars that `has`, neighbours in one. */
static void put_shades(const struct timeline *t, int height, const char *class, bool (*has)(const struct bar *))
{
	size_t start = 0, length = 0;

	for (size_t i = 0; i <= t->bars; i++) {
		struct bar bar = { .is_missing = false };

		if (i < t->bars)
			bar = bar_at(t, i);
		if (has(&bar)) {
			start = length++ ? start : i;
			continue;
		}
		if (length) {
			double x = percent(t, (double)(start * t->share));

			fprintf(t->out, "<rect class=\"%s\" x=\"%.4g%%\" y=\"%d\" width=\"%.4g%%\" height=\"%d\"/>",
				class, x, MARGIN, percent(t, (double)end_of(t, i - 1)) - x, height);
		}
		length = 0;
	}
}

/* A box in the drawing's own units: x in intervals, y from the base. */
static void put_box(const struct timeline *t, size_t bar, double low, double high)
{
	double gap = t->bars <= SEPARATE ? 0.1 * (double)t->share : 0;

	fprintf(t->out, "M%g %.0fV%.0fH%gV%.0fz", (double)(bar * t->share) + gap, UNITS - low, UNITS - high,
		(double)end_of(t, bar) - gap, UNITS - low);
}

static void put_log(const struct timeline *t, const struct panel *panel, double top)
{
	fputs("<path class=\"log\" d=\"", t->out);
	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);
		uint64_t log = value_of(panel, &bar.sums[COMPARE_LOG]);

		if (log)
			put_box(t, i, 0, fmax((double)log / top * UNITS, 5));
	}
	fputs("\"/>", t->out);
}

/* Between the tops of both, where these are not the same. */
static void put_differences(const struct timeline *t, const struct panel *panel, double top)
{
	fputs("<path class=\"difference\" d=\"", t->out);
	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);
		double log = (double)value_of(panel, &bar.sums[COMPARE_LOG]) / top * UNITS;
		double capture = (double)value_of(panel, &bar.sums[COMPARE_CAPTURE]) / top * UNITS;
		double low = fmin(log, capture), high = fmax(log, capture);

		if (value_of(panel, &bar.sums[COMPARE_LOG]) == value_of(panel, &bar.sums[COMPARE_CAPTURE]))
			continue;
		if (high - low < LEAST)
			low = fmax(high - LEAST, 0);
		put_box(t, i, low, fmax(high, low + LEAST));
	}
	fputs("\"/>", t->out);
}

static void put_capture(const struct timeline *t, const struct panel *panel, double top)
{
	fputs("<path class=\"capture\" d=\"", t->out);
	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);
		double y = UNITS * (1 - (double)value_of(panel, &bar.sums[COMPARE_CAPTURE]) / top);

		if (i == 0)
			fprintf(t->out, "M0 %.0f", y);
		else
			fprintf(t->out, "V%.0f", y);
		fprintf(t->out, "H%zu", end_of(t, i));
	}
	fputs("\"/>", t->out);
}

static void put_bar_time(const struct timeline *t, size_t at)
{
	compare_markup_clock(t->out, start_of(t, at), COMPARE_MARKUP_WHOLE);
	fputs(" to ", t->out);
	compare_markup_clock(t->out, t->intervals[0].start + (int64_t)end_of(t, at) * t->seconds - 1,
			     COMPARE_MARKUP_SECOND);
	fputs(" UTC", t->out);
}

/* An unseen box over each bar, which says its numbers to who points at it. `panel` NULL: those of the strip. */
static void put_pointers(const struct timeline *t, const struct panel *panel, int height)
{
	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);
		double x = percent(t, (double)(i * t->share));

		fprintf(t->out, "<rect class=\"hit\" x=\"%.4g%%\" y=\"%d\" width=\"%.4g%%\" height=\"%d\"><title>", x,
			MARGIN, percent(t, (double)end_of(t, i)) - x, height);
		put_bar_time(t, i);
		if (panel) {
			uint64_t log = value_of(panel, &bar.sums[COMPARE_LOG]);
			uint64_t capture = value_of(panel, &bar.sums[COMPARE_CAPTURE]);

			fputs("\nlog ", t->out);
			compare_markup_count(t->out, log);
			fputs("\ncapture ", t->out);
			compare_markup_count(t->out, capture);
			fputs("\ndifference ", t->out);
			compare_markup_difference(t->out, log, capture);
		} else {
			fprintf(t->out, "\nflows that agree: %" PRIu64 "\nflows that differ: %" PRIu64, bar.agreeing,
				bar.differing);
		}
		fputs(bar.is_skipped ? "\nSKIPDATA in the log" : bar.is_missing ? "\nnot in the log" : "", t->out);
		fputs("</title></rect>", t->out);
	}
}

static void open_picture(const struct timeline *t, const char *name, int height)
{
	fprintf(t->out,
		"<svg class=\"plot\" role=\"img\" aria-labelledby=\"t%zu-%s\" aria-describedby=\"d%zu-%s\" "
		"width=\"100%%\" height=\"%d\">",
		t->number, name, t->number, name, height);
}

static void open_drawing(const struct timeline *t, int height)
{
	fprintf(t->out,
		"<svg x=\"0\" y=\"%d\" width=\"100%%\" height=\"%d\" viewBox=\"0 0 %zu %d\" "
		"preserveAspectRatio=\"none\" "
		"overflow=\"visible\">",
		MARGIN, height, t->count, UNITS);
}

static void put_description(const struct timeline *t, const struct panel *panel)
{
	uint64_t sums[COMPARE_SIDES] = { 0, 0 };
	size_t unequal = 0;

	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);

		for (int side = 0; side < COMPARE_SIDES; side++)
			sums[side] += value_of(panel, &bar.sums[side]);
		unequal += value_of(panel, &bar.sums[COMPARE_LOG]) != value_of(panel, &bar.sums[COMPARE_CAPTURE]);
	}
	fprintf(t->out, "<title id=\"t%zu-%s\">%s over time, in log and capture</title><desc id=\"d%zu-%s\">",
		t->number, panel->name, panel->title, t->number, panel->name);
	fprintf(t->out, "Bars: the log, ");
	compare_markup_count(t->out, sums[COMPARE_LOG]);
	fprintf(t->out, " %s in all. Line: the capture, ", panel->name);
	compare_markup_count(t->out, sums[COMPARE_CAPTURE]);
	fprintf(t->out, ". They differ in %zu of %zu bars. The numbers stand in a table below.</desc>", unequal,
		t->bars);
}

static void put_panel(const struct timeline *t, const struct panel *panel)
{
	double most = 1, step, top;

	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);

		for (int side = 0; side < COMPARE_SIDES; side++)
			most = fmax(most, (double)value_of(panel, &bar.sums[side]));
	}
	step = step_of(most);
	top = ceil(most / step) * step;
	fprintf(t->out, "<p class=\"panel\">%s <span>per ", panel->title);
	put_length(t->out, (uint64_t)t->share * t->seconds);
	fputs("</span></p>", t->out);
	open_picture(t, panel->name, HEIGHT + 2 * MARGIN);
	put_description(t, panel);
	put_shades(t, HEIGHT, "skipped", is_skipped);
	put_shades(t, HEIGHT, "missing", is_missing);
	put_tick_lines(t, HEIGHT);
	put_scale(t, panel, top, step);
	open_drawing(t, HEIGHT);
	put_log(t, panel, top);
	put_differences(t, panel, top);
	put_capture(t, panel, top);
	fputs("</svg>", t->out);
	put_pointers(t, panel, HEIGHT);
	fputs("</svg>\n", t->out);
}

/* The share of the flows that differ, as the height of the box; a few of many are still seen. */
static void put_strip_boxes(const struct timeline *t, bool is_differing)
{
	const double least = 250;

	fprintf(t->out, "<path class=\"%s\" d=\"", is_differing ? "differing" : "agreeing");
	for (size_t i = 0; i < t->bars; i++) {
		struct bar bar = bar_at(t, i);
		uint64_t all = bar.agreeing + bar.differing;
		double differing = all ? (double)bar.differing / (double)all * UNITS : 0;

		if (bar.differing)
			differing = bar.agreeing ? fmin(fmax(differing, least), UNITS - least) : UNITS;
		if (is_differing && bar.differing)
			put_box(t, i, UNITS - differing, UNITS);
		else if (!is_differing && bar.agreeing)
			put_box(t, i, 0, UNITS - differing);
	}
	fputs("\"/>", t->out);
}

static void put_strip(const struct timeline *t)
{
	size_t differing = 0;

	for (size_t i = 0; i < t->bars; i++)
		differing += bar_at(t, i).differing != 0;
	fputs("<p class=\"panel\">Agreement <span>of flows</span></p>", t->out);
	open_picture(t, "agreement", STRIP + MARGIN + LABELS);
	fprintf(t->out,
		"<title id=\"t%zu-agreement\">Agreement of flows over time</title><desc id=\"d%zu-agreement\">Flows "
		"differ in %zu of "
		"%zu bars. The numbers stand in a table below.</desc>",
		t->number, t->number, differing, t->bars);
	fprintf(t->out, "<rect class=\"empty\" x=\"0\" y=\"%d\" width=\"100%%\" height=\"%d\"/>", MARGIN, STRIP);
	put_shades(t, STRIP, "skipped", is_skipped);
	put_shades(t, STRIP, "missing", is_missing);
	put_tick_lines(t, STRIP + 4);
	open_drawing(t, STRIP);
	put_strip_boxes(t, false);
	put_strip_boxes(t, true);
	fputs("</svg>", t->out);
	put_tick_texts(t, MARGIN + STRIP + 4);
	put_pointers(t, NULL, STRIP);
	fputs("</svg>\n", t->out);
}

static void put_pair(FILE *out, const struct panel *panel, const struct bar *bar)
{
	for (int side = 0; side < COMPARE_SIDES; side++) {
		fputs("<td>", out);
		compare_markup_count(out, value_of(panel, &bar->sums[side]));
		fputs("</td>", out);
	}
}

static void put_row(const struct timeline *t, size_t at)
{
	struct bar bar = bar_at(t, at);

	fputs("<tr><th scope=\"row\">", t->out);
	compare_markup_time(t->out, start_of(t, at));
	fputs("</th>", t->out);
	for (size_t i = 0; i < PANELS; i++)
		if (t->has[i])
			put_pair(t->out, &panels[i], &bar);
	fputs("<td>", t->out);
	compare_markup_count(t->out, bar.agreeing);
	fputs("</td><td>", t->out);
	compare_markup_count(t->out, bar.differing);
	fprintf(t->out, "</td><td class=\"words\">%s%s%s</td></tr>\n", bar.is_skipped ? "SKIPDATA" : "",
		bar.is_skipped && bar.is_missing ? ", " : "", bar.is_missing ? "not in the log" : "");
}

static void put_table(const struct timeline *t)
{
	fputs("<details><summary>The same as a table</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	      "aria-label=\"Numbers of the timeline\"><table class=\"numbers\">\n"
	      "<thead><tr><th scope=\"col\" rowspan=\"2\">From (UTC)</th>",
	      t->out);
	for (size_t i = 0; i < PANELS; i++)
		if (t->has[i])
			fprintf(t->out, "<th scope=\"colgroup\" colspan=\"2\">%s</th>", panels[i].title);
	fputs("<th scope=\"colgroup\" colspan=\"2\">Flows that</th><th scope=\"col\" rowspan=\"2\" "
	      "class=\"words\">Log</th>"
	      "</tr>\n<tr>",
	      t->out);
	for (size_t i = 0; i < PANELS; i++)
		if (t->has[i])
			fputs("<th scope=\"col\">log</th><th scope=\"col\">capture</th>", t->out);
	fputs("<th scope=\"col\">agree</th><th scope=\"col\">differ</th></tr></thead>\n<tbody>\n", t->out);
	for (size_t i = 0; i < t->bars; i++)
		put_row(t, i);
	fputs("</tbody></table></div></details>\n", t->out);
}

static void put_legend_entry(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<li><svg class=\"key\" width=\"18\" height=\"14\" aria-hidden=\"true\">");
	if (strcmp(class, "capture") == 0)
		fputs("<path class=\"capture\" d=\"M0 10H9V4H18\"/>", out);
	else
		fprintf(out, "<rect class=\"%s\" width=\"18\" height=\"14\"/>", class);
	fprintf(out, "</svg>%s</li>", text);
}

static void put_legend(const struct timeline *t)
{
	bool has_skipped = false, has_missing = false;

	for (size_t i = 0; i < t->count; i++) {
		has_skipped = has_skipped || t->intervals[i].is_skipped;
		has_missing = has_missing || t->intervals[i].is_missing;
	}
	fputs("<ul class=\"legend\">", t->out);
	put_legend_entry(t->out, "log", "Log");
	put_legend_entry(t->out, "capture", "Capture");
	put_legend_entry(t->out, "difference", "Difference, flows that differ");
	put_legend_entry(t->out, "agreeing", "Flows that agree");
	if (has_skipped)
		put_legend_entry(t->out, "skipped", "SKIPDATA in the log");
	if (has_missing)
		put_legend_entry(t->out, "missing", "No line in the log");
	fputs("</ul>\n", t->out);
}

void compare_timeline_patterns(FILE *out)
{
	fputs("<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
	      "<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
	      "patternTransform=\"rotate(45)\">"
	      "<rect class=\"hatch-ground\" width=\"7\" height=\"7\"/><rect class=\"hatch-line\" width=\"2.5\" "
	      "height=\"7\"/></pattern>"
	      "<pattern id=\"dots\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">"
	      "<rect class=\"dots-ground\" width=\"7\" height=\"7\"/><circle class=\"dots-dot\" cx=\"3.5\" cy=\"3.5\" "
	      "r=\"1.3\"/></pattern>"
	      "</defs></svg>\n",
	      out);
}

void compare_timeline_write(FILE *out, const struct compare_result *result, size_t number)
{
	const struct compare_interface *interface = &result->interfaces[number];
	struct timeline t = {
		.out = out,
		.intervals = interface->intervals,
		.count = interface->interval_count,
		.share = share_of(interface->interval_count),
		.number = number,
		.seconds = result->interval,
		.has = { !(result->unknown & FLOW_UNKNOWN_PACKETS), !(result->unknown & FLOW_UNKNOWN_BYTES) },
	};

	t.bars = (t.count + t.share - 1) / t.share;
	fputs("<figure class=\"timeline\">\n<figcaption>", out);
	put_legend(&t);
	fputs("</figcaption>\n", out);
	for (size_t i = 0; i < PANELS; i++)
		if (t.has[i])
			put_panel(&t, &panels[i]);
	put_strip(&t);
	if (t.share > 1) {
		fputs("<p class=\"note\">A bar for each ", out);
		put_length(out, (uint64_t)t.share * t.seconds);
		fprintf(out, ": %zu intervals of the log.</p>\n", t.share);
	}
	put_table(&t);
	fputs("</figure>\n", out);
}
