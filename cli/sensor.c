#include "cli/sensor.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/kernel.h"
#include "cli/backend.h"
#include "cli/parse.h"

enum {
	DEVICE_NAME_MOST = 15,
	GROUP_MOST = 65535,
	GROUP_DEFAULT = 7,
	KERNEL_FLOWS_LEAST = 1024,
	KERNEL_FLOWS_MOST = 1 << 24
};

/* Bytes. */
#define RING_SIZE (UINT64_C(32) << 20)

static const char every_device[] = "all";

int sensor_init(struct settings *settings, struct error *err)
{
	settings->ring_size = RING_SIZE;
	settings->hold_size = UINT64_C(64) << 20;
	settings->kernel_flows = CAPTURE_KERNEL_FLOWS;
	return sensor_put_groups(settings, "nflog-groups", "7", err);
}

static void free_devices(char **devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(devices[i]);
	free(devices);
}

void sensor_free(struct settings *settings)
{
	free_devices(settings->devices, settings->device_count);
	free(settings->user);
	free(settings->metrics);
	free(settings->nflog_groups);
}

int sensor_put_backend(struct settings *settings, const char *what, const char *value, struct error *err)
{
	int choice = parse_choice(what, value, BACKEND_NAMES, err);

	if (choice < 0)
		return choice;
	settings->backend = (enum settings_backend)choice;
	return 0;
}

/* ---- devices ---- */

struct devices {
	char **names;
	size_t count;
};

/* What the kernel takes as a name, but for what the list could not be written with. */
static int check_device(const char *what, const char *name, struct error *err)
{
	if (!*name)
		return fail(err, EINVAL, "%s: the name of a device is empty", what);
	if (strlen(name) > DEVICE_NAME_MOST)
		return fail(err, EINVAL, "%s: '%s' is no name of a device: it is longer than %d bytes", what, name,
			    DEVICE_NAME_MOST);
	if (strchr(name, ','))
		return fail(err, EINVAL, "%s: is no name of a device; give each device by itself, with a blank between",
			    what);
	for (const char *at = name; *at; at++)
		if (*at == '/' || (unsigned char)*at <= ' ' || *at == 0x7f)
			return fail(err, EINVAL, "%s: byte %zu of the name is '/', white space or a control character",
				    what, (size_t)(at - name) + 1);
	return 0;
}

static int add_device(void *ctx, const char *what, const char *name, struct error *err)
{
	struct devices *devices = ctx;
	int ret = check_device(what, name, err);
	char **grown;

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < devices->count; i++)
		if (strcmp(devices->names[i], name) == 0)
			return fail(err, EINVAL, "%s%s%s: given twice", what, what == name ? "" : ": ",
				    what == name ? "" : name);
	grown = realloc(devices->names, (devices->count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, what);
	devices->names = grown;
	grown[devices->count] = strdup(name);
	if (!grown[devices->count])
		return fail_memory(err, what);
	devices->count++;
	return 0;
}

static int replace_devices(struct settings *settings, const struct devices *devices, int ret)
{
	if (ret < 0) {
		free_devices(devices->names, devices->count);
		return ret;
	}
	free_devices(settings->devices, settings->device_count);
	settings->devices = devices->names;
	settings->device_count = devices->count;
	return 0;
}

int sensor_put_devices(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct devices devices = { 0 };
	int ret = parse_list(what, value, add_device, &devices, err);

	return replace_devices(settings, &devices, ret);
}

int sensor_set_devices(struct settings *settings, char *const *names, size_t count, struct error *err)
{
	struct devices devices = { 0 };
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = add_device(&devices, *names[i] ? names[i] : "''", names[i], err);
	return replace_devices(settings, &devices, ret);
}

static bool is_watched(const struct settings *settings, const char *device)
{
	for (size_t i = 0; i < settings->device_count; i++)
		if (strcmp(settings->devices[i], device) == 0)
			return true;
	return false;
}

int sensor_put_kernel_flows(struct settings *settings, const char *what, const char *value, struct error *err)
{
	uint64_t flows;
	int ret = parse_number(what, value, KERNEL_FLOWS_LEAST, KERNEL_FLOWS_MOST, &flows, err);

	if (ret == 0)
		settings->kernel_flows = (uint32_t)flows;
	return ret;
}

/* ---- groups of NFLOG ---- */

struct groups {
	struct settings_nflog_group *items;
	size_t count;
};

/* NUMBER, or NUMBER=accept|reject, which sets the action too; `item` is cut in two. */
static int read_group(struct settings_nflog_group *out, const char *what, char *item, struct error *err)
{
	static const int actions[] = { FLOW_ACCEPT, FLOW_REJECT };
	char *equals = strchr(item, '=');
	uint64_t number;
	int ret, choice;

	if (equals)
		*equals = '\0';
	ret = parse_number(what, item, 0, GROUP_MOST, &number, err);
	if (ret < 0)
		return ret;
	out->number = (uint16_t)number;
	if (!equals)
		return 0;
	choice = parse_choice(what, equals + 1, "accept|reject", err);
	if (choice < 0)
		return choice;
	out->action = actions[choice];
	return 0;
}

static int add_group(void *ctx, const char *what, const char *item, struct error *err)
{
	struct groups *groups = ctx;
	struct settings_nflog_group group = { 0, -1 }, *grown;
	char *copy = strdup(item);
	int ret = copy ? read_group(&group, what, copy, err) : fail_memory(err, what);

	free(copy);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < groups->count; i++)
		if (groups->items[i].number == group.number)
			return fail(err, EINVAL, "%s: group %u is given twice", what, group.number);
	grown = realloc(groups->items, (groups->count + 1) * sizeof(*grown));
	if (!grown)
		return fail_memory(err, what);
	groups->items = grown;
	grown[groups->count++] = group;
	return 0;
}

int sensor_put_groups(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct groups groups = { 0 };
	int ret = parse_list(what, value, add_group, &groups, err);

	if (ret == 0 && groups.count == 0)
		ret = fail(err, EINVAL, "%s: no group is given", what);
	if (ret < 0) {
		free(groups.items);
		return ret;
	}
	free(settings->nflog_groups);
	settings->nflog_groups = groups.items;
	settings->nflog_group_count = groups.count;
	return 0;
}

/* ---- the whole ---- */

int sensor_check(const struct settings *settings, struct error *err)
{
	static const char *const groups[] = { every_device, CAPTURE_DEVICE_ANY };

	for (size_t i = 0; i < 2; i++)
		if (settings->device_count > 1 && is_watched(settings, groups[i]))
			return fail(err, EINVAL, "%s: stands for many devices; no other one may be named beside it",
				    groups[i]);
	return backend_check(settings, err);
}

/* The configuration's own only: those of an account name no device of this host. */
static void remark_interfaces(const struct settings *settings, const struct notices *notices)
{
	if (settings->device_count == 0 || is_watched(settings, every_device) ||
	    is_watched(settings, CAPTURE_DEVICE_ANY))
		return;
	for (size_t i = 0; i < settings->own_interface_count; i++) {
		const struct flow_interface *interface = &settings->interfaces[i];

		if (interface->device && !is_watched(settings, interface->device))
			notify(notices,
			       "[interface %s]: its device \"%s\" is not among those to watch, so it has no records",
			       interface->name, interface->device);
		else if (!interface->device && !is_watched(settings, interface->name))
			notify(notices,
			       "[interface %s]: names no device, and none of that name is to be watched, so it has no "
			       "records; write device = %s",
			       interface->name, settings->devices[0]);
	}
}

static bool has_default_groups(const struct settings *settings)
{
	return settings->nflog_group_count == 1 && settings->nflog_groups[0].number == GROUP_DEFAULT &&
	       settings->nflog_groups[0].action < 0;
}

void sensor_remarks(const struct settings *settings, const struct notices *notices)
{
	remark_interfaces(settings, notices);
	if (settings->backend == BACKEND_NFLOG && settings->promiscuous)
		notify(notices, "promiscuous: backend nflog sees what the firewall sees; it changes nothing there");
	if (settings->backend != BACKEND_NFLOG && !has_default_groups(settings))
		notify(notices, "nflog-groups: only backend nflog listens to them; backend = nflog chooses it");
	if (settings->backend != BACKEND_EBPF && settings->backend != BACKEND_AUTO &&
	    settings->kernel_flows != CAPTURE_KERNEL_FLOWS)
		notify(notices, "kernel-flows: backend %s has no map in the kernel; it changes nothing there",
		       backend_name(settings->backend));
	if (settings->backend == BACKEND_EBPF && settings->ring_size != RING_SIZE)
		notify(notices, "ring-size: backend ebpf has no ring; kernel-flows is the size of its map");
}
