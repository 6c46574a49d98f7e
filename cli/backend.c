#include "cli/backend.h"

#include <errno.h>

#include "capture/backend.h"

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
