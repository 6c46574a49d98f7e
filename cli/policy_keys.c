#include "cli/policy_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/nearest.h"

static const char *section_word(bool is_acl)
{
	return is_acl ? "network-acl" : "security-group";
}

void policy_keys_free(struct policy_keys *keys)
{
	free(keys->group_lines);
	free(keys->acl_lines);
}

/* ---- sections ---- */

/* Names stand in lists and in rules, so that blanks and commas would end them; a # could begin a comment. */
static int check_name(bool is_acl, const char *name, struct error *err)
{
	static const char wanted[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *word = section_word(is_acl);
	size_t length = strspn(name, wanted);

	if (name[length])
		return fail(err, EINVAL, "[%s %s]: the name is made of letters, digits, - _ and ., as in [%s %s]", word,
			    name, word, is_acl ? "acl-private" : "sg-web");
	if (length > POLICY_NAME_MOST)
		return fail(err, EINVAL, "[%s %.16s...]: the name has %zu bytes, more than %d", word, name, length,
			    POLICY_NAME_MOST);
	return 0;
}

static const char *name_at(const struct settings *settings, bool is_acl, size_t i)
{
	return is_acl ? settings->acls[i].name : settings->groups[i].name;
}

static size_t count_of(const struct settings *settings, bool is_acl)
{
	return is_acl ? settings->acl_count : settings->group_count;
}

/* Returns -1 if there is none. */
static ssize_t find(const struct settings *settings, bool is_acl, const char *name)
{
	for (size_t i = 0; i < count_of(settings, is_acl); i++)
		if (strcmp(name_at(settings, is_acl, i), name) == 0)
			return (ssize_t)i;
	return -1;
}

static int add_line(unsigned **lines, size_t count, unsigned line, struct error *err)
{
	unsigned *grown = realloc(*lines, (count + 1) * sizeof(*grown));

	if (!grown)
		return fail_memory(err, "policies");
	grown[count] = line;
	*lines = grown;
	return 0;
}

static int add_group(struct settings *settings, const char *name, struct error *err)
{
	struct flow_security_group *grown = realloc(settings->groups, (settings->group_count + 1) * sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		settings->groups = grown;
	if (!grown || !copy) {
		free(copy);
		return fail_memory(err, "security groups");
	}
	grown[settings->group_count++] = (struct flow_security_group){ .name = copy };
	return 0;
}

static int add_acl(struct settings *settings, const char *name, struct error *err)
{
	struct flow_network_acl *grown = realloc(settings->acls, (settings->acl_count + 1) * sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		settings->acls = grown;
	if (!grown || !copy) {
		free(copy);
		return fail_memory(err, "network ACLs");
	}
	grown[settings->acl_count++] = (struct flow_network_acl){ .name = copy };
	return 0;
}

int policy_keys_begin(struct policy_keys *keys, bool is_acl, unsigned line, const char *name, struct error *err)
{
	unsigned **lines = is_acl ? &keys->acl_lines : &keys->group_lines;
	ssize_t there = find(keys->settings, is_acl, name);
	int ret = check_name(is_acl, name, err);

	if (ret < 0)
		return ret;
	if (there >= 0)
		return fail(err, EINVAL, "[%s %s]: given twice; first on line %u", section_word(is_acl), name,
			    (*lines)[there]);
	ret = add_line(lines, count_of(keys->settings, is_acl), line, err);
	if (ret < 0)
		return ret;
	keys->in_acl = is_acl;
	memset(keys->rule_lines, 0, sizeof(keys->rule_lines));
	memset(keys->none_lines, 0, sizeof(keys->none_lines));
	keys->empty_egress = 0;
	return is_acl ? add_acl(keys->settings, name, err) : add_group(keys->settings, name, err);
}

/* ---- their keys ---- */

static int find_key(bool is_acl, const char *name, struct error *err)
{
	static const char *const known[] = { "ingress", "egress" };
	char nearest[32];

	for (int i = 0; i < 2; i++)
		if (strcmp(name, known[i]) == 0)
			return i;
	output_nearest(name, strlen(name), known, 2, nearest, sizeof(nearest));
	return fail(err, EINVAL, "%s: there is no such key in [%s]; %s%s", name, section_word(is_acl),
		    *nearest ? "the nearest: " : "it has ingress and egress", nearest);
}

static struct flow_security_group *last_group(const struct policy_keys *keys)
{
	return &keys->settings->groups[keys->settings->group_count - 1];
}

static struct flow_rules *list_of(const struct policy_keys *keys, bool egress)
{
	struct flow_network_acl *acl;

	if (!keys->in_acl)
		return egress ? &last_group(keys)->egress : &last_group(keys)->ingress;
	acl = &keys->settings->acls[keys->settings->acl_count - 1];
	return egress ? &acl->egress : &acl->ingress;
}

static int put_none(struct policy_keys *keys, unsigned line, bool egress, struct error *err)
{
	if (keys->rule_lines[egress])
		return fail(err, EINVAL, "%s: none stands alone; there is a rule on line %u", rule_text_key(egress),
			    keys->rule_lines[egress]);
	keys->none_lines[egress] = line;
	return 0;
}

/* The rule that has its number already; NULL: its turn is its own. */
static const struct flow_rule *same_turn(const struct flow_rules *rules, const struct flow_rule *rule)
{
	for (size_t i = 0; rule->number > 0 && i < rules->count; i++)
		if (rules->items[i].number == rule->number)
			return &rules->items[i];
	return NULL;
}

static int mention_group(struct policy_keys *keys, bool egress, const struct flow_rule *rule, struct error *err)
{
	size_t last = count_of(keys->settings, keys->in_acl) - 1;
	char who[POLICY_NAME_MOST + 40];

	snprintf(who, sizeof(who), "[%s %s]: %s", section_word(keys->in_acl),
		 name_at(keys->settings, keys->in_acl, last), rule_text_key(egress));
	return mentions_add(&keys->settings->mentions, rule->place, who, false, rule->group, err);
}

static char *place_text(const struct policy_keys *keys, unsigned line)
{
	char *text;

	return asprintf(&text, "%s:%u", keys->path, line) < 0 ? NULL : text;
}

static int put_rule(struct policy_keys *keys, unsigned line, bool egress, const char *text, struct error *err)
{
	const char *key = rule_text_key(egress);
	struct flow_rules *rules = list_of(keys, egress);
	const struct flow_rule *same;
	struct flow_rule rule;
	int ret;

	if (keys->none_lines[egress])
		return fail(err, EINVAL, "%s: a rule stands beside the none on line %u", key, keys->none_lines[egress]);
	ret = rule_text_parse(&rule, (struct rule_list){ keys->in_acl, egress }, text, err);
	if (ret < 0)
		return ret;
	same = same_turn(rules, &rule);
	if (same)
		ret = fail(err, EINVAL, "%s: there is a rule of number %u already, at %s", key, rule.number,
			   same->place);
	else if (!(rule.place = place_text(keys, line)))
		ret = fail_memory(err, key);
	else if (rule.group)
		ret = mention_group(keys, egress, &rule, err);
	if (ret == 0)
		ret = flow_rules_add(rules, &rule, err);
	flow_rule_clear(&rule);
	if (ret == 0 && keys->rule_lines[egress] == 0)
		keys->rule_lines[egress] = line;
	return ret;
}

int policy_keys_pair(struct policy_keys *keys, unsigned line, const char *name, const char *value, struct error *err)
{
	int ret, key = find_key(keys->in_acl, name, err);
	bool egress = key == 1;

	if (key < 0)
		return key;
	if (!*value) {
		if (egress && !keys->in_acl)
			keys->empty_egress = line;
		return 0;
	}
	ret = strcmp(value, "none") == 0 ? put_none(keys, line, egress, err) : put_rule(keys, line, egress, value, err);
	if (ret == 0 && egress && !keys->in_acl)
		last_group(keys)->limits_egress = true;
	return ret;
}

int policy_keys_end(struct policy_keys *keys, struct error *err)
{
	if (keys->in_acl || !keys->empty_egress || last_group(keys)->limits_egress || keys->settings->empty_egress)
		return 0;
	if (asprintf(&keys->settings->empty_egress, "%s:%u: [security-group %s]", keys->path, keys->empty_egress,
		     last_group(keys)->name) >= 0)
		return 0;
	keys->settings->empty_egress = NULL;
	return fail_memory(err, "policies");
}
