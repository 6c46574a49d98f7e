/* cli/policy_remarks.h - what is allowed in security groups and network ACLs, and yet most likely a slip. */
#ifndef ENIFLOW_CLI_POLICY_REMARKS_H
#define ENIFLOW_CLI_POLICY_REMARKS_H

#include "cli/settings.h"

/* Does an interface that has an address name the group? */
bool policy_has_members(const struct settings *settings, const char *group);

/* Tells of settings that settings_check() has passed: rules that nobody is judged by, rules that can match nothing, and
 * an egress without a value. One sentence for each kind of slip, about the first. */
void policy_remarks(const struct settings *settings, const struct notices *notices);

#endif
