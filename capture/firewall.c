#include "capture/firewall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/links.h"
#include "capture/netfilter.h"
#include "capture/sensor.h"

static const char any_name[] = "any";

/* A device that was asked for at some time, by name. */
struct watch {
	struct capture_netfilter_device device; /* what the groups write */
	char *name;
	bool is_wanted;   /* now */
	bool is_watched;  /* it is there, too */
	bool is_missed;   /* that was told */
	uint32_t index;   /* of the device, while it is watched; 0: `any` */
	uint64_t changes; /* of its link, when looked at last */
};

struct firewall {
	struct capture_sensor *sensor;
	struct capture_links *links;
	struct capture_fragments *fragments;
	struct capture_decoder decoder;
	const struct notices *notices, *remarks;
	bool has_told_links; /* that they cannot be read */
	char **names;
	size_t name_count;
	struct watch **watches; /* groups hold what they point to only as long as a message is read */
	size_t watch_count;
	struct capture_tap **groups; /* the sensor's */
	size_t group_count;
	bool has_started;
	int64_t looked_ns; /* the time of the sensor's last look */
	int failure;       /* a negative errno: a group cannot be read any more */
	struct error why;
};

/* ---- the list ---- */

static struct watch *find_watch(const struct firewall *firewall, const char *name)
{
	for (size_t i = 0; i < firewall->watch_count; i++)
		if (strcmp(firewall->watches[i]->name, name) == 0)
			return firewall->watches[i];
	return NULL;
}

static int add_watch(struct firewall *firewall, const char *name, struct error *err)
{
	struct watch **bigger = realloc(firewall->watches, (firewall->watch_count + 1) * sizeof(*bigger));
	struct watch *watch = bigger ? calloc(1, sizeof(*watch)) : NULL;
	int64_t point;

	if (bigger)
		firewall->watches = bigger;
	if (!watch)
		return fail_memory(err, "NFLOG");
	watch->name = strdup(name);
	point = watch->name ? capture_sensor_point(firewall->sensor, name, err) : fail_memory(err, "NFLOG");
	if (point < 0) {
		free(watch->name);
		free(watch);
		return (int)point;
	}
	watch->device.point = (uint32_t)point;
	firewall->watches[firewall->watch_count++] = watch;
	return 0;
}

static int want(struct firewall *firewall, const char *name, struct error *err)
{
	int ret = find_watch(firewall, name) ? 0 : add_watch(firewall, name, err);

	if (ret >= 0)
		find_watch(firewall, name)->is_wanted = true;
	return ret;
}

/* "all": what is watched already stays though it goes down. */
static int want_all(struct firewall *firewall, struct error *err)
{
	const struct capture_link *link;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && (link = capture_links_at(firewall->links, i)); i++) {
		const struct watch *watch = find_watch(firewall, link->name);
		bool stays = watch && watch->is_watched && watch->index == link->index && !link->in_bridge;

		if (stays || capture_link_is_watched_by_all(link))
			ret = want(firewall, link->name, err);
	}
	return ret;
}

static int want_listed(struct firewall *firewall, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < firewall->watch_count; i++)
		firewall->watches[i]->is_wanted = false;
	for (size_t i = 0; i < firewall->name_count && ret >= 0; i++)
		ret = strcmp(firewall->names[i], "all") == 0 ? want_all(firewall, err)
							     : want(firewall, firewall->names[i], err);
	return ret;
}

/* The sensor leaves all its points itself when it is stopped: at the time of its last look. */
static struct capture_netfilter_device *bounded(const struct firewall *firewall, struct watch *watch)
{
	if (watch->device.until_ns == INT64_MAX && !capture_sensor_is_watched(firewall->sensor, watch->device.point))
		watch->device.until_ns = firewall->looked_ns;
	return &watch->device;
}

/* For the groups. A device that is watched by its own name goes before `any`, and that before one that was watched once,
 * which may have packets of before its end. */
static struct capture_netfilter_device *find_device(void *ctx, uint32_t index)
{
	const struct firewall *firewall = ctx;
	struct watch *any = NULL, *left = NULL;

	for (size_t i = 0; i < firewall->watch_count; i++) {
		struct watch *watch = firewall->watches[i];

		if (watch->index == index && watch->is_watched)
			return bounded(firewall, watch);
		if (watch->index == index)
			left = watch;
		else if (watch->index == 0 && watch->is_watched)
			any = watch;
	}
	return any ? bounded(firewall, any) : left ? bounded(firewall, left) : NULL;
}

/* ---- one device ---- */

static int show(struct firewall *firewall, struct watch *watch, const struct capture_link *link, int64_t since_ns,
		struct error *err)
{
	watch->changes = link ? link->changes : 0;
	return capture_sensor_watch(firewall->sensor, watch->device.point, link ? link->addresses : NULL,
				    link ? link->address_count : 0, since_ns, err);
}

static int begin(struct firewall *firewall, struct watch *watch, const struct capture_link *link, struct error *err)
{
	watch->index = link ? link->index : 0;
	watch->is_watched = true;
	watch->device.since_ns = capture_sensor_now(firewall->sensor);
	watch->device.until_ns = INT64_MAX;
	if (firewall->has_started)
		notify(firewall->remarks, "%s: is watched now", watch->name);
	return show(firewall, watch, link, watch->device.since_ns, err);
}

static int leave(struct firewall *firewall, struct watch *watch, struct error *err)
{
	watch->is_watched = false;
	watch->device.until_ns = capture_sensor_now(firewall->sensor);
	return capture_sensor_leave(firewall->sensor, watch->device.point, watch->device.until_ns, err);
}

static int sync_watch(struct firewall *firewall, struct watch *watch, struct error *err)
{
	bool is_any = strcmp(watch->name, any_name) == 0;
	const struct capture_link *link = is_any ? NULL : capture_links_find(firewall->links, watch->name);
	bool is_there = is_any || link, is_missing = watch->is_wanted && !is_there;
	int ret = 0;

	if (watch->is_watched && !watch->is_wanted)
		notify(firewall->notices, "%s: is not watched any more", watch->name);
	if (is_missing && !watch->is_missed)
		notify(firewall->notices, "%s: waits for this device, which is not there", watch->name);
	watch->is_missed = is_missing;
	if (watch->is_watched && (!watch->is_wanted || !is_there || (link && link->index != watch->index)))
		ret = leave(firewall, watch, err);
	if (ret >= 0 && watch->is_watched && link && link->changes != watch->changes)
		ret = show(firewall, watch, link, capture_sensor_now(firewall->sensor), err);
	if (ret >= 0 && !watch->is_watched && watch->is_wanted && is_there)
		ret = begin(firewall, watch, link, err);
	return ret;
}

static int sync_all(struct firewall *firewall, struct error *err)
{
	int ret = want_listed(firewall, err);

	for (size_t i = 0; i < firewall->watch_count && ret >= 0; i++)
		ret = sync_watch(firewall, firewall->watches[i], err);
	return ret;
}

/* ---- what the sensor asks ---- */

/* What a device drops itself never came to the firewall. (And where nobody captures, it drops each frame of a protocol
 * that this host does not speak.) */
static int tell_losses(struct firewall *firewall, int64_t at_ns, struct error *err)
{
	uint64_t lost = 0;
	int ret = 0;

	for (size_t i = 0; i < firewall->group_count; i++)
		lost += capture_netfilter_lost(firewall->groups[i]);
	for (size_t i = 0; i < firewall->watch_count && ret >= 0; i++)
		if (firewall->watches[i]->is_watched)
			ret = capture_sensor_lose(firewall->sensor, firewall->watches[i]->device.point, lost, 0, at_ns,
						  err);
	return ret;
}

/* Devices that cannot be asked for now are as they were: verdicts go on. */
static int read_links(struct firewall *firewall, struct error *err)
{
	struct error why;
	int ret = capture_links_read(firewall->links, &why);

	if (ret == -ENOMEM)
		return fail_memory(err, "network devices");
	if (ret < 0 && !firewall->has_told_links)
		notify(firewall->notices, "%s; it is tried again", why.text);
	firewall->has_told_links = ret < 0;
	return ret < 0 ? 0 : ret;
}

static int firewall_look(void *owner, bool second, int64_t now_ns, struct error *err)
{
	struct firewall *firewall = owner;
	int ret = 0;

	firewall->looked_ns = now_ns;
	if (firewall->failure < 0)
		return fail(err, -firewall->failure, "%s", firewall->why.text);
	if (second)
		ret = tell_losses(firewall, now_ns, err);
	for (size_t i = 0; second && i < firewall->group_count; i++)
		capture_netfilter_second(firewall->groups[i]);
	if (ret >= 0)
		ret = read_links(firewall, err);
	return ret > 0 ? sync_all(firewall, err) : ret;
}

static void firewall_failed(void *owner, struct capture_tap *tap, int code, const char *sentence)
{
	struct firewall *firewall = owner;

	(void)tap;
	firewall->failure = fail(&firewall->why, -code, "%s", sentence);
}

static void firewall_describe(const void *owner, uint32_t point, struct source_device *device)
{
	const struct firewall *firewall = owner;

	for (size_t i = 0; i < firewall->watch_count; i++) {
		if (firewall->watches[i]->device.point != point)
			continue;
		device->frames = firewall->watches[i]->device.frames;
		device->bytes = firewall->watches[i]->device.bytes;
	}
}

static void free_names(char **names, size_t count)
{
	for (size_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
}

static void firewall_close(void *owner)
{
	struct firewall *firewall = owner;

	for (size_t i = 0; i < firewall->watch_count; i++) {
		free(firewall->watches[i]->name);
		free(firewall->watches[i]);
	}
	free_names(firewall->names, firewall->name_count);
	capture_links_close(firewall->links);
	capture_fragments_free(firewall->fragments);
	free(firewall->watches);
	free(firewall->groups);
	free(firewall);
}

/* ---- opening ---- */

static int set_names(struct firewall *firewall, const char *const *names, size_t count, struct error *err)
{
	char **copy = calloc(count + 1, sizeof(*copy));

	if (!copy)
		return fail_memory(err, "NFLOG");
	for (size_t i = 0; i < count; i++) {
		copy[i] = strdup(names[i]);
		if (!copy[i]) {
			free_names(copy, i);
			return fail_memory(err, "NFLOG");
		}
	}
	free_names(firewall->names, firewall->name_count);
	firewall->names = copy;
	firewall->name_count = count;
	return 0;
}

static int make_sensor(struct firewall *firewall, int wake_fd, struct error *err)
{
	static const struct capture_sensor_ops ops = {
		.look = firewall_look,
		.failed = firewall_failed,
		.describe = firewall_describe,
		.close = firewall_close,
	};
	const struct capture_sensor_options options = {
		.ops = &ops,
		.owner = firewall,
		.watch_fd = capture_links_fd(firewall->links),
		.wake_fd = wake_fd,
		.notices = firewall->notices,
	};

	return capture_sensor_new(&firewall->sensor, &options, err);
}

static int open_group(struct firewall *firewall, const struct source_firewall_options *options, size_t i,
		      struct error *err)
{
	const struct capture_netfilter_options group = {
		.number = options->groups[i].number,
		.action = options->groups[i].action,
		.seed = options->seed,
		.find = find_device,
		.ctx = firewall,
		.decoder = &firewall->decoder,
		.notices = options->notices,
	};
	struct capture_tap *tap;
	int ret = capture_netfilter_open(&tap, &group, err);

	if (ret >= 0)
		ret = capture_sensor_add(firewall->sensor, tap, CAPTURE_SENSOR_ALL, err);
	if (ret >= 0)
		firewall->groups[firewall->group_count++] = tap;
	return ret;
}

/* All that the sensor's look() needs. */
static int prepare(struct firewall *firewall, const struct source_firewall_options *options, struct error *err)
{
	int ret = set_names(firewall, options->devices, options->count, err);

	firewall->notices = options->notices;
	firewall->remarks = options->remarks;
	firewall->groups = calloc(options->group_count + 1, sizeof(struct capture_tap *));
	if (ret >= 0 && !firewall->groups)
		ret = fail_memory(err, "NFLOG");
	if (ret >= 0)
		ret = capture_fragments_new(&firewall->fragments, options->seed, err);
	if (ret >= 0)
		ret = capture_links_open(&firewall->links, err);
	if (ret >= 0)
		ret = make_sensor(firewall, options->wake_fd, err);
	firewall->decoder = (struct capture_decoder){ options->tunnels, firewall->fragments };
	return ret;
}

int source_open_firewall(struct source **out, const struct source_firewall_options *options, struct error *err)
{
	struct firewall *firewall = calloc(1, sizeof(*firewall));
	int ret;

	if (!firewall)
		return fail_memory(err, "NFLOG");
	ret = prepare(firewall, options, err);
	if (ret < 0) {
		firewall_close(firewall);
		return ret;
	}
	for (size_t i = 0; i < options->group_count && ret >= 0; i++)
		ret = open_group(firewall, options, i, err);
	if (ret >= 0)
		ret = sync_all(firewall, err);
	if (ret < 0) {
		source_close(capture_sensor_source(firewall->sensor)); /* and with it all the rest */
		return ret;
	}
	firewall->has_started = true;
	*out = capture_sensor_source(firewall->sensor);
	return 0;
}

int source_firewall_devices(struct source *source, const char *const *devices, size_t count, struct error *err)
{
	struct firewall *firewall = capture_sensor_owner(source);
	int ret = set_names(firewall, devices, count, err);

	return ret < 0 ? ret : sync_all(firewall, err);
}
