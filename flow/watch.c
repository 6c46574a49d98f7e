#include "flow/watch.h"

#define STILL INT64_MAX

void flow_watch_begin(struct flow_watch *watch, const struct flow_window *window, int64_t since_ns)
{
	bool goes_on = watch->points > 0 || flow_watch_is_in(watch, window, window->start);

	if (!goes_on || since_ns < watch->since_ns)
		watch->since_ns = since_ns;
	watch->until_ns = STILL;
	watch->points++;
}

void flow_watch_end(struct flow_watch *watch, int64_t until_ns)
{
	if (--watch->points == 0)
		watch->until_ns = until_ns;
}

bool flow_watch_is_in(const struct flow_watch *watch, const struct flow_window *window, int64_t start)
{
	return watch->since_ns / FLOW_SECOND_NS < start + window->interval && watch->until_ns > start * FLOW_SECOND_NS;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

void flow_watch_cut(const struct flow_watch *watch, const struct flow_window *window, int64_t start, int64_t *from,
		    int64_t *to)
{
	int64_t end = start + window->interval;

	*from = clamp(watch->since_ns / FLOW_SECOND_NS, start, end);
	*to = watch->until_ns == STILL ? end : clamp(watch->until_ns / FLOW_SECOND_NS, *from, end);
}
