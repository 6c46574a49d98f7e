#include "capture/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/filter.h"
#include "capture/links.h"
#include "capture/sensor.h"

static const int64_t retry_ns = INT64_C(10000000000);

/* A device that was asked for at some time, by name. */
struct watch {
	char *name;
	uint32_t point;
	bool is_any;
	bool is_wanted; /* now */
	bool is_named;  /* by its name, not by "all" */
	/* Of one that is open. */
	bool is_open;
	struct capture_device device; /* taps are the sensor's */
	struct capture_device_totals totals;
	uint32_t index;
	uint64_t changes;       /* of its link, when looked at last */
	uint64_t dropped;       /* by the device, the same */
	uint64_t maybe_missed;  /* what that had grown by a second ago */
	uint64_t unwanted;      /* totals.unwanted that were held against it, or can be no more */
	uint64_t unwanted_then; /* totals.unwanted a second ago */
	char failure[256];      /* what a tap said that can be read no more; "": none */
	/* Of one that is not: why, and when to try again. */
	int trouble; /* errno; 0: none was told */
	int64_t retry_at_ns;
};

struct live {
	struct capture_sensor *sensor;
	struct capture_backend *backend;
	struct capture_links *links;
	struct capture_fragments *fragments;
	struct capture_decoder decoder;
	struct source_live_options options; /* its strings are own copies */
	char *filter;
	char **names;
	size_t name_count;
	struct watch **watches;
	size_t watch_count, watch_room;
	bool has_started;
	bool has_told_links; /* that they cannot be read */
	bool is_behind;      /* not all devices are as they should be, yet */
	size_t opened;       /* devices, by this sync_all() */
};

/* ---- the list ---- */

static int make_watch(struct live *live, const char *name, struct watch **out, struct error *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int64_t point;

	*out = NULL;
	if (!watch)
		return fail_memory(err, "live capture");
	watch->name = strdup(name);
	point = watch->name ? capture_sensor_point(live->sensor, name, err) : fail_memory(err, "live capture");
	if (point < 0) {
		free(watch->name);
		free(watch);
		return (int)point;
	}
	watch->point = (uint32_t)point;
	watch->is_any = strcmp(name, CAPTURE_DEVICE_ANY) == 0;
	*out = watch;
	return 0;
}

static struct watch *find_watch(const struct live *live, const char *name)
{
	for (size_t i = 0; i < live->watch_count; i++)
		if (strcmp(live->watches[i]->name, name) == 0)
			return live->watches[i];
	return NULL;
}

/* The device of that name, which is wanted. */
static int want(struct live *live, const char *name, bool named, struct error *err)
{
	struct watch *watch = find_watch(live, name);
	struct watch **bigger;
	int ret;

	if (!watch) {
		bigger = realloc(live->watches, (live->watch_count + 1) * sizeof(struct watch *));
		if (!bigger)
			return fail_memory(err, "live capture");
		live->watches = bigger;
		ret = make_watch(live, name, &watch, err);
		if (ret < 0 || !watch)
			return ret;
		live->watches[live->watch_count++] = watch;
	}
	watch->is_wanted = true;
	watch->is_named |= named;
	return 0;
}

/* "all": what is watched already stays though it goes down. */
static int want_all(struct live *live, struct error *err)
{
	const struct capture_link *link;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && (link = capture_links_at(live->links, i)); i++) {
		const struct watch *watch = find_watch(live, link->name);
		bool stays = watch && watch->is_open && watch->index == link->index && !link->in_bridge;

		if (stays || capture_link_is_watched_by_all(link))
			ret = want(live, link->name, false, err);
	}
	return ret;
}

static int want_listed(struct live *live, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < live->watch_count; i++)
		live->watches[i]->is_wanted = live->watches[i]->is_named = false;
	for (size_t i = 0; i < live->name_count && ret >= 0; i++)
		ret = strcmp(live->names[i], "all") == 0 ? want_all(live, err) : want(live, live->names[i], true, err);
	return ret;
}

/* ---- one device ---- */

/* What the device dropped since it was asked before. Its counter also has what the kernel threw away after it had shown it
 * to us: such frames are seen before or after the counter is read, so what it grew by is held against them a second
 * later. */
static uint64_t take_missed(struct watch *watch, const struct capture_link *link)
{
	uint64_t missed, unwanted = watch->totals.unwanted - watch->unwanted;

	missed = watch->maybe_missed > unwanted ? watch->maybe_missed - unwanted : 0;
	watch->unwanted += watch->maybe_missed - missed;
	if (watch->unwanted < watch->unwanted_then) /* somebody wanted them, after all */
		watch->unwanted = watch->unwanted_then;
	watch->unwanted_then = watch->totals.unwanted;
	watch->maybe_missed = 0;
	if (link && link->index == watch->index) {
		/* less: begun anew */
		watch->maybe_missed = link->dropped > watch->dropped ? link->dropped - watch->dropped : 0;
		watch->dropped = link->dropped;
	}
	return missed;
}

static int tell_losses(struct live *live, struct watch *watch, const struct capture_link *link, int64_t at_ns,
		       struct error *err)
{
	uint64_t lost = live->backend->ops->lost(live->backend, &watch->device);
	uint64_t missed = take_missed(watch, link);

	return capture_sensor_lose(live->sensor, watch->point, lost, missed, at_ns, err);
}

static int close_watch(struct live *live, struct watch *watch, struct error *err)
{
	int64_t now_ns;
	int ret;

	if (live->backend->ops->leave)
		live->backend->ops->leave(live->backend, &watch->device);
	now_ns = capture_sensor_now(live->sensor); /* nothing is counted after */
	ret = tell_losses(live, watch, NULL, now_ns, err);
	watch->is_open = false;
	watch->device.tap_count = 0;
	*watch->failure = '\0';
	return ret < 0 ? ret : capture_sensor_leave(live->sensor, watch->point, now_ns, err);
}

static void take_link(struct live *live, struct watch *watch, const struct capture_link *link)
{
	const struct capture_link *loopback = capture_links_find(live->links, "lo");

	watch->totals.loopback_index = loopback ? loopback->index : 0;
	if (!link)
		return;
	watch->index = link->index;
	watch->changes = link->changes;
	watch->totals.has_mac = link->has_mac;
	memcpy(watch->totals.mac, link->mac, sizeof(watch->totals.mac));
}

static int show_point(struct live *live, struct watch *watch, const struct capture_link *link, int64_t since_ns,
		      struct error *err)
{
	return capture_sensor_watch(live->sensor, watch->point, link ? link->addresses : NULL,
				    link ? link->address_count : 0, since_ns, err);
}

static int open_watch(struct live *live, struct watch *watch, const struct capture_link *link, struct error *err)
{
	const struct capture_device_options options = {
		.name = watch->name,
		.index = link ? link->index : 0,
		.type = link ? link->type : 0,
		.point = watch->point,
		.filter = live->filter,
		.promiscuous = live->options.promiscuous,
		.ring_size = live->options.ring_size,
		.seed = live->options.seed,
		.decoder = &live->decoder,
		.totals = &watch->totals,
	};
	int ret;

	take_link(live, watch, link);
	ret = live->backend->ops->open(live->backend, &watch->device, &options, err);
	if (ret < 0)
		return ret;
	watch->is_open = true;
	if (link) {
		capture_links_count(live->links, link->index, NULL);
		watch->dropped = link->dropped;
		watch->maybe_missed = 0;
	}
	ret = show_point(live, watch, link, watch->device.ready_ns, err);
	for (size_t i = 0; i < watch->device.tap_count && ret >= 0; i++)
		ret = capture_sensor_add(live->sensor, watch->device.taps[i], watch->point, err);
	return ret;
}

/* That a device comes or goes is a reason to look only where it was named. */
static const struct notices *notices_of(const struct live *live, const struct watch *watch)
{
	return watch->is_named ? live->options.notices : live->options.remarks;
}

/* Tells of a trouble once. */
static void set_trouble(struct live *live, struct watch *watch, int code, const char *sentence)
{
	watch->retry_at_ns = capture_sensor_now(live->sensor) + retry_ns;
	if (watch->trouble == code)
		return;
	watch->trouble = code;
	if (code == ENODEV)
		notify(notices_of(live, watch), "%s: waits for this device, which is not there", watch->name);
	else if (code == ENETDOWN)
		notify(notices_of(live, watch), "%s: waits for this device, which is down", watch->name);
	else
		notify(live->options.notices, "%s", sentence);
}

/* What nobody but the user can help ends the start. */
static bool is_fatal(const struct live *live, const struct watch *watch, int ret)
{
	if (ret == -ENOMEM)
		return true;
	return !live->has_started && (ret == -EPERM || (ret == -EINVAL && watch->is_named));
}

/* A time that is too far off is of before the clock was set back. */
static bool is_due(const struct live *live, const struct watch *watch)
{
	int64_t left_ns = watch->retry_at_ns - capture_sensor_now(live->sensor);

	return left_ns <= 0 || left_ns > retry_ns;
}

static int try_open(struct live *live, struct watch *watch, const struct capture_link *link, struct error *err)
{
	struct error why;
	bool was_in_trouble = watch->trouble != 0;
	int ret;

	if (!link && !watch->is_any) {
		set_trouble(live, watch, ENODEV, NULL);
		return 0;
	}
	if (link && !link->up) {
		set_trouble(live, watch, ENETDOWN, NULL);
		return 0;
	}
	/* One that could not be opened is tried again when something about it changes, and now and then. */
	if (was_in_trouble && watch->trouble != ENODEV && watch->trouble != ENETDOWN &&
	    (!link || link->changes == watch->changes) && !is_due(live, watch))
		return 0;
	ret = open_watch(live, watch, link, &why);
	if (ret >= 0) {
		live->opened++;
		watch->trouble = 0;
		if (live->has_started)
			notify(live->options.remarks, "%s: is watched now", watch->name);
		return 0;
	}
	if (is_fatal(live, watch, ret))
		return fail(err, -ret, "%s", why.text);
	watch->changes = link ? link->changes : 0;
	set_trouble(live, watch, -ret, why.text);
	return 0;
}

/* A device that is open: is it still that? */
static int keep(struct live *live, struct watch *watch, const struct capture_link *link, struct error *err)
{
	if (watch->is_any) {
		take_link(live, watch, NULL);
		return 0;
	}
	if (!link || link->index != watch->index) {
		notify(notices_of(live, watch), "%s: is gone; waits for it to come back", watch->name);
		watch->trouble = ENODEV;
		return close_watch(live, watch, err);
	}
	if (*watch->failure) {
		notify(live->options.notices, "%s: %s; will be tried again", watch->name, watch->failure);
		watch->trouble = EIO;
		watch->retry_at_ns = capture_sensor_now(live->sensor) + retry_ns;
		return close_watch(live, watch, err);
	}
	if (link->changes == watch->changes)
		return 0;
	take_link(live, watch, link);
	return show_point(live, watch, link, capture_sensor_now(live->sensor), err);
}

static int sync_watch(struct live *live, struct watch *watch, struct error *err)
{
	const struct capture_link *link = watch->is_any ? NULL : capture_links_find(live->links, watch->name);
	int ret = 0;

	if (watch->is_open && !watch->is_wanted) {
		watch->trouble = 0;
		notify(notices_of(live, watch), "%s: is not watched any more", watch->name);
		return close_watch(live, watch, err);
	}
	if (watch->is_open)
		ret = keep(live, watch, link, err);
	if (ret >= 0 && !watch->is_open && watch->is_wanted)
		ret = try_open(live, watch, link, err);
	return ret;
}

/* Opens and closes what is to be; after the start one at a time, for each takes the kernel some hundredths of a
 * second in which nobody looks into the rings. 1: one was, and there may be more; so it is not asked again at once for one
 * that cannot be opened. */
static int sync_all(struct live *live, struct error *err)
{
	int ret = want_listed(live, err);

	live->opened = 0;
	for (size_t i = 0; i < live->watch_count && ret >= 0; i++) {
		if (live->has_started && live->opened > 0)
			return 1;
		ret = sync_watch(live, live->watches[i], err);
	}
	return ret;
}

/* ---- what the sensor asks ---- */

/* Devices that cannot be asked for now are as they were: packets go on. */
static int read_links(struct live *live, struct error *err)
{
	struct error why;
	int ret = capture_links_read(live->links, &why);

	if (ret == -ENOMEM)
		return fail_memory(err, "network devices");
	if (ret < 0 && !live->has_told_links)
		notify(live->options.notices, "%s; it is tried again", why.text);
	live->has_told_links = ret < 0;
	return ret < 0 ? 0 : ret;
}

static int live_look(void *owner, bool second, int64_t time_ns, struct error *err)
{
	struct live *live = owner;
	int ret;

	if (second)
		capture_links_count(live->links, 0, NULL); /* what cannot be asked has not grown */
	for (size_t i = 0; second && i < live->watch_count; i++) {
		struct watch *watch = live->watches[i];

		if (!watch->is_open)
			continue;
		ret = tell_losses(live, watch, capture_links_by_index(live->links, watch->index), time_ns, err);
		if (ret < 0)
			return ret;
	}
	ret = read_links(live, err);
	if (ret < 0)
		return ret;
	if (ret > 0 || second || live->is_behind)
		ret = sync_all(live, err);
	live->is_behind = ret > 0;
	return ret;
}

/* Whether the device is gone, or what else is wrong, netlink will say: it may not have come to that yet. */
static void live_failed(void *owner, struct capture_tap *tap, int code, const char *sentence)
{
	struct live *live = owner;

	(void)code;
	for (size_t i = 0; i < live->watch_count; i++)
		for (size_t t = 0; t < live->watches[i]->device.tap_count; t++)
			if (live->watches[i]->device.taps[t] == tap)
				snprintf(live->watches[i]->failure, sizeof(live->watches[i]->failure), "%s", sentence);
}

static void live_describe(const void *owner, uint32_t point, struct source_device *device)
{
	const struct live *live = owner;

	for (size_t i = 0; i < live->watch_count; i++) {
		if (live->watches[i]->point != point)
			continue;
		device->frames = live->watches[i]->totals.frames;
		device->bytes = live->watches[i]->totals.bytes;
	}
}

static void live_close(void *owner)
{
	struct live *live = owner;

	for (size_t i = 0; i < live->watch_count; i++) {
		free(live->watches[i]->name);
		free(live->watches[i]);
	}
	for (size_t i = 0; i < live->name_count; i++)
		free(live->names[i]);
	live->backend->ops->close(live->backend);
	capture_links_close(live->links);
	capture_fragments_free(live->fragments);
	free(live->watches);
	free(live->names);
	free(live->filter);
	free(live);
}

/* ---- opening ---- */

static int set_names(struct live *live, const char *const *names, size_t count, struct error *err)
{
	char **copy = calloc(count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(names[i]);
		if (copy[i])
			continue;
		while (i-- > 0)
			free(copy[i]);
		free(copy);
		copy = NULL;
	}
	if (!copy)
		return fail_memory(err, "live capture");
	for (size_t i = 0; i < live->name_count; i++)
		free(live->names[i]);
	free(live->names);
	live->names = copy;
	live->name_count = count;
	return 0;
}

/* A slip is told before anything is opened, and though no device is there yet. */
static int set_filter(struct live *live, const char *expression, struct error *err)
{
	struct capture_filter *filter;
	int ret;

	if (!expression)
		return 0;
	ret = capture_filter_new(&filter, expression, err);
	if (ret < 0)
		return ret;
	capture_filter_free(filter);
	live->filter = strdup(expression);
	return live->filter ? 0 : fail_memory(err, "live capture");
}

static int make_sensor(struct live *live, struct error *err)
{
	static const struct capture_sensor_ops ops = {
		.look = live_look, .failed = live_failed, .describe = live_describe, .close = live_close
	};
	const struct capture_sensor_options options = {
		.ops = &ops,
		.owner = live,
		.watch_fd = capture_links_fd(live->links),
		.wake_fd = live->options.wake_fd,
		.notices = live->options.notices,
	};

	return capture_sensor_new(&live->sensor, &options, err);
}

int source_open_live(struct source **out, const struct source_live_options *options, struct error *err)
{
	struct live *live = calloc(1, sizeof(*live));
	int ret;

	if (!live) {
		options->backend->ops->close(options->backend);
		return fail_memory(err, "live capture");
	}
	live->backend = options->backend;
	live->options = *options;
	live->options.devices = NULL;
	live->options.filter = NULL;
	ret = set_names(live, options->devices, options->count, err);
	if (ret >= 0)
		ret = set_filter(live, options->filter, err);
	if (ret >= 0)
		ret = capture_fragments_new(&live->fragments, options->seed, err);
	if (ret >= 0)
		ret = capture_links_open(&live->links, err);
	if (ret >= 0)
		ret = make_sensor(live, err);
	if (ret < 0) {
		live_close(live);
		return ret;
	}
	live->decoder = (struct capture_decoder){ options->tunnels, live->fragments };
	if (live->backend->tap)
		ret = capture_sensor_add(live->sensor, live->backend->tap, CAPTURE_SENSOR_ALL, err);
	if (ret >= 0)
		ret = sync_all(live, err);
	if (ret < 0) {
		source_close(capture_sensor_source(live->sensor)); /* and with it all the rest */
		return ret;
	}
	live->has_started = true;
	*out = capture_sensor_source(live->sensor);
	return 0;
}

int source_live_devices(struct source *source, const char *const *devices, size_t count, struct error *err)
{
	struct live *live = capture_sensor_owner(source);
	int ret = set_names(live, devices, count, err);

	return ret < 0 ? ret : sync_all(live, err);
}
