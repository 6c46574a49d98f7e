#include "compare/coverage.h"

#include <errno.h>
#include <stdlib.h>

/* A line's seconds, and whose it is. */
struct line {
	uint32_t interface;
	struct compare_span span;
};

static int order_of_lines(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	if (left->interface != right->interface)
		return left->interface < right->interface ? -1 : 1;
	return (left->span.start > right->span.start) - (left->span.start < right->span.start);
}

static size_t add_spans(struct line *lines, size_t count, uint32_t interface, const struct compare_spans *spans)
{
	for (size_t i = 0; i < spans->count; i++)
		lines[count++] = (struct line){ interface, spans->items[i] };
	return count;
}

/* All lines of the log, in order; NULL: out of memory. */
static struct line *list_lines(const struct compare_ledger *log, size_t *count)
{
	size_t room = log->part_count + 1;
	struct line *lines;

	for (size_t i = 0; i < log->interface_count; i++)
		room += log->interfaces[i].skipped.count + log->interfaces[i].silent.count;
	lines = calloc(room, sizeof(*lines));
	*count = 0;
	if (!lines)
		return NULL;
	for (size_t i = 0; i < log->flow_count; i++)
		for (uint32_t at = log->flows[i].first; at != COMPARE_NONE; at = log->parts[at].next)
			lines[(*count)++] = (struct line){ log->flows[i].key.interface,
							   { log->parts[at].start, log->parts[at].end } };
	for (uint32_t i = 0; i < log->interface_count; i++) {
		*count = add_spans(lines, *count, i, &log->interfaces[i].skipped);
		*count = add_spans(lines, *count, i, &log->interfaces[i].silent);
	}
	qsort(lines, *count, sizeof(*lines), order_of_lines);
	return lines;
}

int compare_coverage_find(struct compare_spans *out, const struct compare_ledger *log, uint32_t interval,
			  struct error *err)
{
	size_t count;
	struct line *lines = list_lines(log, &count);
	uint32_t end = 0; /* of the lines so far */
	int ret = 0;

	if (!lines)
		return fail_memory(err, "times of the log");
	for (size_t i = 0; ret == 0 && i < count; i++) {
		const struct line *line = &lines[i];
		bool is_first = i == 0 || lines[i - 1].interface != line->interface;

		if (!is_first && line->span.start > end && line->span.start - end > interval)
			ret = compare_spans_add(&out[line->interface], end + 1, line->span.start - 1, err);
		if (is_first || line->span.end > end)
			end = line->span.end;
	}
	free(lines);
	return ret;
}
