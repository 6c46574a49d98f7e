#include "aws/acls.h"

#include "aws/associations.h"
#include "aws/list.h"
#include "aws/rule.h"
#include "aws/scalar.h"

enum { NUMBER_MOST = 32766 }; /* of an entry that is anybody's own */

static bool read_action(const struct aws_value *entry)
{
	struct aws_value action = aws_value_need(entry, "RuleAction");
	const char *text = aws_value_text(action);

	if (text && strcmp(text, "allow") != 0 && strcmp(text, "deny") != 0)
		aws_value_wrong(&action, "allow or deny");
	return text && strcmp(text, "allow") == 0;
}

/* The CIDR of either family. Returns its words; NULL with a fault. */
static const char *read_peer(const struct aws_value *entry, struct flow_rule *rule)
{
	struct aws_value ipv6 = aws_value_member(entry, "Ipv6CidrBlock");
	struct aws_value value = ipv6.json ? ipv6 : aws_value_need(entry, "CidrBlock");
	struct flow_prefix prefix;

	if (!aws_scalar_prefix(value, ipv6.json ? FLOW_IPV6 : FLOW_IPV4, &prefix) ||
	    !aws_rule_set_peer(entry, rule, &prefix))
		return NULL;
	return aws_value_text(value);
}

static void read_entry(const struct aws_value *entry, struct flow_network_acl *acl)
{
	bool egress = aws_value_flag(aws_value_need(entry, "Egress"));
	struct flow_rule rule = { .allow = read_action(entry) };
	const char *peer = read_peer(entry, &rule);
	int64_t number = 0;

	aws_value_number(aws_value_need(entry, "RuleNumber"), 0, UINT32_MAX, &number);
	rule.number = (uint32_t)number;
	aws_rule_read_entry(entry, &rule);
	if (peer && (rule.allow || number <= NUMBER_MOST) && aws_rule_describe(entry, &rule, egress, peer) &&
	    flow_rules_add(egress ? &acl->egress : &acl->ingress, &rule, NULL) < 0)
		aws_value_memory(entry);
	flow_rule_clear(&rule);
}

static void read_acl(const struct aws_value *item, struct aws_account *account, struct flow_network_acl *acl)
{
	struct aws_value entries = aws_value_member(item, "Entries");
	struct aws_value associations = aws_value_member(item, "Associations");

	aws_scalar_id(item, "NetworkAclId", &acl->name);
	for (size_t i = 0; i < aws_value_count(&entries); i++) {
		struct aws_value entry = aws_value_item(&entries, i);

		read_entry(&entry, acl);
	}
	for (size_t i = 0; i < aws_value_count(&associations); i++) {
		struct aws_value association = aws_value_item(&associations, i);

		aws_associations_read(&association, &account->acl_of, account->acl_count);
	}
}

void aws_acls_read(const struct aws_value *root, struct aws_account *account)
{
	struct aws_value items = aws_value_need(root, "NetworkAcls");

	for (size_t i = 0; i < aws_value_count(&items); i++) {
		struct aws_value item = aws_value_item(&items, i);
		struct flow_network_acl acl = { 0 }, *grown = NULL;

		read_acl(&item, account, &acl);
		if (root->document->fault == 0) {
			grown = aws_list_grow(account->acls, account->acl_count, sizeof(*grown));
			if (!grown)
				aws_value_memory(&item);
		}
		if (!grown) {
			flow_network_acl_clear(&acl);
			return;
		}
		grown[account->acl_count++] = acl;
		account->acls = grown;
	}
}
