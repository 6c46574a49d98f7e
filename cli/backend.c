#include "cli/backend.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/device.h"
#include "capture/firewall.h"
#include "capture/kernel.h"
#include "capture/live.h"
#include "capture/ring.h"
#include "cli/message.h"

const char *backend_name(enum settings_backend backend)
{
	static const char *const names[] = { [BACKEND_AUTO] = "auto",
					     [BACKEND_PCAP] = "pcap",
					     [BACKEND_PACKET] = "packet",
					     [BACKEND_EBPF] = "ebpf",
					     [BACKEND_NFLOG] = "nflog" };

	return names[backend];
}

/* ---- what a backend cannot have ---- */

static bool is_any(const struct settings *settings)
{
	return settings->device_count == 1 && strcmp(settings->devices[0], CAPTURE_DEVICE_ANY) == 0;
}

/* Who has a policy: an interface, or the defaults of those that no section describes. NULL: nobody. */
static const struct flow_interface *find_policy(const struct settings *settings)
{
	for (size_t i = 0; i <= settings->interface_count; i++) {
		const struct flow_interface *interface = i < settings->interface_count ? &settings->interfaces[i]
										       : &settings->defaults;

		if (interface->security_group_count > 0 || interface->network_acl)
			return interface;
	}
	return NULL;
}

int backend_check_sums(const struct settings *settings, struct error *err)
{
	const struct flow_interface *policy = find_policy(settings);

	if (settings->filter)
		return fail(err, EINVAL, "filter: it chooses single packets, and there are sums alone");
	if (settings->tunnels)
		return fail(err, EINVAL, "decapsulate: tunnels are opened packet by packet, and there are sums alone");
	if (settings->promiscuous)
		return fail(err, EINVAL, "promiscuous: frames for other hosts are not counted");
	if (is_any(settings))
		return fail(err, EINVAL, "%s: devices are watched one by one, as all stands for them",
			    CAPTURE_DEVICE_ANY);
	if (policy)
		return fail(err, EINVAL, "%s: it judges single packets, and there are sums alone",
			    policy->security_group_count > 0 ? "security-groups" : "network-acl");
	return 0;
}

int backend_check(const struct settings *settings, struct error *err)
{
	struct error why;

	if (settings->backend == BACKEND_NFLOG && settings->filter)
		return fail(err, EINVAL, "filter: backend nflog has none; the firewall's rules choose the packets");
	if (settings->backend == BACKEND_PACKET && is_any(settings))
		return fail(err, EINVAL, "%s: backend packet watches devices one by one, as all stands for them",
			    CAPTURE_DEVICE_ANY);
	if (settings->backend == BACKEND_EBPF && backend_check_sums(settings, &why) < 0)
		return fail(err, EINVAL, "backend ebpf: not with %s; backend pcap has it", why.text);
	return 0;
}

/* ---- sources ---- */

static bool needs_macs(const struct settings *settings)
{
	for (size_t i = 0; i < settings->interface_count; i++)
		if (settings->interfaces[i].has_mac)
			return true;
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_groups(const struct settings *a, const struct settings *b)
{
	if (a->nflog_group_count != b->nflog_group_count)
		return false;
	for (size_t i = 0; i < a->nflog_group_count; i++)
		if (a->nflog_groups[i].number != b->nflog_groups[i].number ||
		    a->nflog_groups[i].action != b->nflog_groups[i].action)
			return false;
	return true;
}

bool backend_is_same(enum settings_backend backend, const struct settings *a, const struct settings *b)
{
	if (backend == BACKEND_EBPF)
		return a->kernel_flows == b->kernel_flows && needs_macs(a) == needs_macs(b);
	if (a->tunnels != b->tunnels)
		return false;
	if (backend == BACKEND_NFLOG)
		return same_groups(a, b);
	return same_text(a->filter, b->filter) && a->promiscuous == b->promiscuous && a->ring_size == b->ring_size;
}

static int open_kernel(struct capture_backend **out, const struct settings *settings, struct error *err)
{
	const struct capture_kernel_options options = {
		.max_flows = settings->kernel_flows,
		.with_macs = needs_macs(settings),
		.notices = &message_warnings,
	};

	return capture_kernel_open(out, &options, err);
}

static int open_backend(struct capture_backend **out, enum settings_backend backend, const struct settings *settings,
			struct error *err)
{
	if (backend == BACKEND_EBPF)
		return open_kernel(out, settings, err);
	*out = backend == BACKEND_PACKET ? capture_ring_backend() : capture_device_backend();
	return 0;
}

static int open_devices(struct source **out, struct capture_backend *backend, const struct settings *settings,
			uint64_t seed, int wake_fd, struct error *err)
{
	const struct source_live_options options = {
		.backend = backend,
		.devices = (const char *const *)settings->devices,
		.count = settings->device_count,
		.filter = settings->filter,
		.tunnels = settings->tunnels,
		.promiscuous = settings->promiscuous,
		.ring_size = settings->ring_size,
		.seed = seed,
		.wake_fd = wake_fd,
		.notices = &message_warnings,
		.remarks = settings->quiet ? NULL : &message_remarks,
	};

	return source_open_live(out, &options, err);
}

static int open_nflog(struct source **out, const struct settings *settings, uint64_t seed, int wake_fd,
		      struct error *err)
{
	struct capture_group *groups = calloc(settings->nflog_group_count + 1, sizeof(*groups));
	struct source_firewall_options options = {
		.devices = (const char *const *)settings->devices,
		.count = settings->device_count,
		.groups = groups,
		.group_count = settings->nflog_group_count,
		.tunnels = settings->tunnels,
		.seed = seed,
		.wake_fd = wake_fd,
		.notices = &message_warnings,
		.remarks = settings->quiet ? NULL : &message_remarks,
	};
	int ret;

	if (!groups)
		return fail_memory(err, "NFLOG");
	for (size_t i = 0; i < options.group_count; i++)
		groups[i] = (struct capture_group){ settings->nflog_groups[i].number,
						    settings->nflog_groups[i].action };
	ret = source_open_firewall(out, &options, err);
	free(groups);
	return ret;
}

int backend_open(struct source **out, enum settings_backend backend, const struct settings *settings, uint64_t seed,
		 int wake_fd, struct error *err)
{
	struct capture_backend *opened;
	int ret;

	if (backend == BACKEND_NFLOG)
		return open_nflog(out, settings, seed, wake_fd, err);
	ret = open_backend(&opened, backend, settings, err);
	return ret < 0 ? ret : open_devices(out, opened, settings, seed, wake_fd, err);
}

int backend_set_devices(struct source *source, enum settings_backend backend, const struct settings *settings,
			struct error *err)
{
	const char *const *devices = (const char *const *)settings->devices;

	if (backend == BACKEND_NFLOG)
		return source_firewall_devices(source, devices, settings->device_count, err);
	return source_live_devices(source, devices, settings->device_count, err);
}
