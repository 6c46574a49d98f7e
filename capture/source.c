#include "capture/source.h"

int source_read(struct source *source, struct source_batch *batch, struct error *err)
{
	return source->ops->read(source, batch, err);
}

void source_stop(struct source *source)
{
	if (source->ops->stop)
		source->ops->stop(source);
}

size_t source_points(const struct source *source, const struct flow_point **out, size_t room)
{
	return source->ops->points ? source->ops->points(source, out, room) : 0;
}

int64_t source_now(const struct source *source)
{
	return source->ops->now ? source->ops->now(source) : 0;
}

size_t source_devices(const struct source *source, struct source_device *out, size_t room)
{
	return source->ops->devices ? source->ops->devices(source, out, room) : 0;
}

bool source_is_damaged(const struct source *source)
{
	return source->ops->is_damaged && source->ops->is_damaged(source);
}

bool source_is_stream(const struct source *source)
{
	return source->ops->is_stream && source->ops->is_stream(source);
}

bool source_is_compressed(const struct source *source)
{
	return source->ops->is_compressed && source->ops->is_compressed(source);
}

void source_progress(const struct source *source, struct source_progress *out)
{
	*out = (struct source_progress){ 0, 0 };
	if (source->ops->progress)
		source->ops->progress(source, out);
}

void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}
