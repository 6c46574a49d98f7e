#include "cli/metering.h"

#include <inttypes.h>

#include "cli/message.h"

static int make_interfaces(struct metering *metering, const struct settings *settings, const char *host,
			   struct error *err)
{
	int ret = flow_interfaces_new(&metering->interfaces, &settings->defaults, err);

	if (ret >= 0 && host)
		flow_interfaces_of_host(metering->interfaces, host);
	for (size_t i = 0; ret >= 0 && i < settings->interface_count; i++) {
		struct flow_interface interface = { 0 };

		ret = flow_interface_copy(&interface, &settings->interfaces[i], err);
		if (ret >= 0)
			ret = flow_interfaces_add(metering->interfaces, &interface, err);
		flow_interface_clear(&interface);
	}
	return ret;
}

static bool has_policies(const struct settings *settings)
{
	for (size_t i = 0; i < settings->interface_count; i++)
		if (settings->interfaces[i].security_group_count > 0 || settings->interfaces[i].network_acl)
			return true;
	return false;
}

static int make_meter(struct metering *metering, const struct settings *settings, uint64_t seed,
		      const struct flow_sink *sink, struct error *err)
{
	struct flow_meter_options options = {
		.interval = settings->interval,
		.max_flows = settings->max_flows,
		.skip_when_full = settings->skip_when_full,
		.exclude_aws = settings->exclude_aws,
		.window_times = settings->window_times,
		.shown = settings->format.shown,
		.policy = metering->policies.policy,
		.services = settings->aws.supplement.services,
		.routes = &settings->routes,
		.interface_routes = settings->aws.supplement.routes,
		.interface_route_count = settings->aws.supplement.interface_count,
		.seed = seed,
	};

	return flow_meter_new(&metering->meter, &options, metering->interfaces, sink, &message_warnings, err);
}

int metering_open(struct metering *out, const struct settings *settings, const char *host, uint64_t seed,
		  const struct flow_sink *sink, struct error *err)
{
	struct flow_sink end = *sink;
	int ret = make_interfaces(out, settings, host, err);

	if (ret >= 0 && settings->anonymize)
		ret = output_anonymizer_new(&out->anonymizer, settings->anonymize_key, err);
	if (ret >= 0 && settings->anonymize)
		end = output_anonymizer_sink(out->anonymizer, sink);
	if (ret >= 0 && has_policies(settings))
		ret = policies_open(&out->policies, settings, err);
	return ret < 0 ? ret : make_meter(out, settings, seed, &end, err);
}

void metering_close(struct metering *metering)
{
	flow_meter_free(metering->meter);
	policies_close(&metering->policies);
	output_anonymizer_free(metering->anonymizer);
	flow_interfaces_free(metering->interfaces);
	*metering = (struct metering){ 0 };
}

/* An interface that was configured for nothing is most often a slip in its device. */
static void warn_of_unbound(const struct metering *metering, const struct settings *settings)
{
	for (size_t i = 0; i < settings->own_interface_count; i++) {
		const struct flow_interface *interface = flow_interfaces_at(metering->interfaces, i);

		if (flow_interfaces_is_bound(metering->interfaces, i))
			continue;
		if (flow_interfaces_has_origins(metering->interfaces)) {
			notify(&message_warnings, "[interface %s]: no line has its interface-id %s", interface->name,
			       interface->identity[FLOW_INTERFACE_ID]);
			continue;
		}
		notify(&message_warnings,
		       "[interface %s]: no input was captured on its device \"%s\", so it has no records; "
		       "eniflow inspect shows what the devices are called",
		       interface->name, interface->device ? interface->device : interface->name);
	}
}

/* An answer whose connection was forgotten is judged by the rules alone, and may be rejected for that. */
static void warn_of_forgotten(const struct metering *metering, const struct settings *settings)
{
	uint64_t forgotten = flow_policy_forgotten(metering->policies.policy);

	if (forgotten > 0)
		notify(&message_warnings,
		       "%" PRIu64 " connections were forgotten at the bound of %" PRIu32
		       " that are tracked for security groups: answers to them were judged by the rules alone; "
		       "max-connections in [eniflow] sets the bound",
		       forgotten, settings->max_connections);
}

void metering_remarks(const struct metering *metering, const struct settings *settings)
{
	if (metering->meter && settings->command == COMMAND_READ) /* a live device may yet come */
		warn_of_unbound(metering, settings);
	if (metering->policies.policy)
		warn_of_forgotten(metering, settings);
}
