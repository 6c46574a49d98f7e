#include "flow/window.h"

void flow_window_init(struct flow_window *window, uint32_t interval)
{
	*window = (struct flow_window){ .interval = interval, .interval_ns = interval * FLOW_SECOND_NS };
}

enum flow_move flow_window_judge(const struct flow_window *window, int64_t time_ns)
{
	int64_t after = time_ns - window->start_ns;

	if (!window->is_open)
		return FLOW_FIRST;
	if (after < -window->interval_ns)
		return FLOW_BACK;
	if (after < window->interval_ns)
		return FLOW_STAY;
	return time_ns - window->previous_ns > FLOW_WINDOW_GAP_MOST * window->interval_ns ? FLOW_JUMP : FLOW_FORWARD;
}

void flow_window_open(struct flow_window *window, int64_t time_ns)
{
	window->start_ns = time_ns - time_ns % window->interval_ns;
	window->start = window->start_ns / FLOW_SECOND_NS;
	window->is_open = true;
}

bool flow_window_is_latest(const struct flow_window *window, int64_t start)
{
	return !window->has_written || start > window->last_written;
}

void flow_window_mark_written(struct flow_window *window, int64_t start)
{
	if (flow_window_is_latest(window, start))
		window->last_written = start;
	window->has_written = true;
}
