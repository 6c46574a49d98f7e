/* cli/policies.h - security groups and network ACLs of the settings, for judging. */
#ifndef ENIFLOW_CLI_POLICIES_H
#define ENIFLOW_CLI_POLICIES_H

#include "cli/settings.h"
#include "flow/policy.h"

/* What flow_policy_new() wants to know, but for the interfaces. Returns 0, or -errno if there is no random seed. */
int policies_options(struct flow_policy_options *out, const struct settings *settings, struct error *err);

/* The policy of the settings' own interfaces, numbered as there. Zeroed, nothing is open. */
struct policies {
	struct flow_policy *policy;
	const struct flow_interface **interfaces;
};

/* `settings`, which settings_check() has passed, must outlive it. Returns 0, what flow_policy_new() says, or -errno;
 * then with nothing to close. */
int policies_open(struct policies *out, const struct settings *settings, struct error *err);
void policies_close(struct policies *policies);

#endif
