#include "cli/policies.h"

#include <stdlib.h>

#include "cli/seed.h"

int policies_options(struct flow_policy_options *out, const struct settings *settings, struct error *err)
{
	*out = (struct flow_policy_options){
		.groups = settings->groups,
		.group_count = settings->group_count,
		.acls = settings->acls,
		.acl_count = settings->acl_count,
		.connections = {
			.tcp = settings->tcp_timeout,
			.closed = settings->tcp_closed_timeout,
			.udp = settings->udp_timeout,
			.udp_stream = settings->udp_stream_timeout,
			.other = settings->other_timeout,
			.most = settings->max_connections,
		},
	};
	return seed_random(&out->connections.seed, err);
}

int policies_open(struct policies *out, const struct settings *settings, struct error *err)
{
	struct flow_policy_options options;
	int ret = policies_options(&options, settings, err);

	*out = (struct policies){ 0 };
	if (ret < 0)
		return ret;
	out->interfaces = calloc(settings->interface_count + 1, sizeof(*out->interfaces));
	if (!out->interfaces)
		return fail_memory(err, "interfaces");
	for (size_t i = 0; i < settings->interface_count; i++)
		out->interfaces[i] = &settings->interfaces[i];
	options.interfaces = out->interfaces;
	options.interface_count = settings->interface_count;
	ret = flow_policy_new(&out->policy, &options, err);
	if (ret < 0)
		policies_close(out);
	return ret;
}

void policies_close(struct policies *policies)
{
	flow_policy_free(policies->policy);
	free(policies->interfaces);
	*policies = (struct policies){ 0 };
}
