/* cli/policy_keys.h - the sections [security-group NAME] and [network-acl NAME].
 *
 * Their keys are ingress and egress: lists of rules, one a line (cli/rule_text.h), or the word `none` for a list
 * without any. A security group without egress allows all egress, one without ingress lets nothing in; a network ACL
 * denies what no rule of it matches. Source: interface.md "Policies"; semantics section 13, 24. */
#ifndef ENIFLOW_CLI_POLICY_KEYS_H
#define ENIFLOW_CLI_POLICY_KEYS_H

#include "cli/rule_text.h"
#include "cli/settings.h"

enum { POLICY_NAME_MOST = 128 }; /* bytes of the name of a group or an ACL */

/* What is kept while a file is read. Zeroed but for the first two. */
struct policy_keys {
	struct settings *settings; /* get the groups, the ACLs, and whom their rules name */
	const char *path;
	unsigned *group_lines, *acl_lines; /* where their sections begin */
	bool in_acl;                       /* the section that is being read, the last of its kind */
	unsigned rule_lines[2];            /* its first rules: ingress, egress; 0: none yet */
	unsigned none_lines[2];            /* where it says `none` */
	unsigned empty_egress;             /* where it has the key without a value */
};

void policy_keys_free(struct policy_keys *keys);

/* Begins a section of that name in that line. Returns 0; -EINVAL: no name for one, or there is one already; -ENOMEM. */
int policy_keys_begin(struct policy_keys *keys, bool is_acl, unsigned line, const char *name, struct error *err);

/* A line of the section; an empty value says nothing. Returns 0, -EINVAL or -ENOMEM. */
int policy_keys_pair(struct policy_keys *keys, unsigned line, const char *name, const char *value, struct error *err);

/* The section ends. Returns 0 or -ENOMEM. */
int policy_keys_end(struct policy_keys *keys, struct error *err);

#endif
