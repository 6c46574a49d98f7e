#include "aws/prefix_lists.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "aws/list.h"
#include "aws/scalar.h"

/* ---- reading ---- */

static void add(struct aws_prefix_list *list, struct aws_value cidr)
{
	struct flow_prefix prefix, *grown;

	if (!aws_scalar_prefix(cidr, 0, &prefix))
		return;
	grown = aws_list_grow(list->prefixes, list->count, sizeof(*grown));
	if (!grown) {
		aws_value_memory(&cidr);
		return;
	}
	grown[list->count++] = prefix;
	list->prefixes = grown;
}

/* Entries as get-managed-prefix-list-entries prints them, CIDRs as describe-prefix-lists does. */
static void read_prefixes(const struct aws_value *object, struct aws_prefix_list *list)
{
	struct aws_value entries = aws_value_member(object, "Entries"), cidrs = aws_value_member(object, "Cidrs");

	list->has_entries = entries.json || cidrs.json;
	for (size_t i = 0; i < aws_value_count(&entries); i++) {
		struct aws_value entry = aws_value_item(&entries, i);

		add(list, aws_value_need(&entry, "Cidr"));
	}
	for (size_t i = 0; i < aws_value_count(&cidrs); i++)
		add(list, aws_value_item(&cidrs, i));
}

static void keep(const struct aws_value *at, struct aws_account *account, struct aws_prefix_list *list)
{
	struct aws_prefix_list *grown = NULL;

	if (at->document->fault == 0) {
		grown = aws_list_grow(account->lists, account->list_count, sizeof(*grown));
		if (!grown)
			aws_value_memory(at);
	}
	if (!grown) {
		aws_prefix_lists_clear(list);
		return;
	}
	grown[account->list_count++] = *list;
	account->lists = grown;
}

static bool is_list(const char *id)
{
	return id && strncmp(id, "pl-", 3) == 0;
}

/* The id that a file is called by, a copy; NULL: by none. */
static char *id_of_path(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t digits = is_list(base) ? strspn(base + 3, "0123456789abcdef") : 0;
	bool ends = digits > 0 && !isalnum((unsigned char)base[3 + digits]);

	return ends ? strndup(base, 3 + digits) : NULL;
}

/* A file of entries alone. */
static void read_entries(const struct aws_value *root, struct aws_account *account, const char *id)
{
	struct aws_prefix_list list = { .path = strdup(root->document->path) };

	if (id)
		list.id = strdup(id);
	else if (!aws_scalar_word(aws_value_member(root, "PrefixListId"), &list.id))
		list.id = id_of_path(root->document->path);
	if (!list.path || (id && !list.id))
		aws_value_memory(root);
	read_prefixes(root, &list);
	keep(root, account, &list);
}

void aws_prefix_lists_read(const struct aws_value *root, struct aws_account *account, const char *id)
{
	struct aws_value lists = aws_value_member(root, "PrefixLists");

	if (aws_value_member(root, "Entries").json)
		read_entries(root, account, id);
	for (size_t i = 0; i < aws_value_count(&lists); i++) {
		struct aws_value item = aws_value_item(&lists, i);
		struct aws_prefix_list list = { 0 };

		aws_scalar_id(&item, "PrefixListId", &list.id);
		read_prefixes(&item, &list);
		keep(&item, account, &list);
	}
}

void aws_prefix_lists_clear(struct aws_prefix_list *list)
{
	free(list->id);
	free(list->path);
	free(list->prefixes);
	*list = (struct aws_prefix_list){ 0 };
}

/* ---- whose entries they are ---- */

int aws_prefix_lists_index(const struct aws_account *account, struct aws_index *index, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < account->list_count && ret == 0; i++)
		if (account->lists[i].has_entries)
			ret = aws_index_add(index, account->lists[i].id, i, err);
	aws_index_sort(index);
	return ret;
}

/* Adds a list that a rule or route names and that has no entries. */
static int want(struct aws_index *wanted, const struct aws_index *known, const char *id, struct error *err)
{
	return is_list(id) && !aws_index_find(known, id) ? aws_index_add(wanted, id, 0, err) : 0;
}

static int want_of_rules(struct aws_index *wanted, const struct aws_index *known, const struct flow_rules *rules,
			 struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < rules->count && ret == 0; i++)
		ret = want(wanted, known, rules->items[i].group, err);
	return ret;
}

/* The lists that are named and have no entries, sorted. */
static int find_wanted(const struct aws_account *account, struct aws_index *wanted, struct error *err)
{
	struct aws_index known = { 0 };
	int ret = aws_prefix_lists_index(account, &known, err);

	for (size_t i = 0; i < account->group_count && ret == 0; i++) {
		ret = want_of_rules(wanted, &known, &account->groups[i].ingress, err);
		if (ret == 0)
			ret = want_of_rules(wanted, &known, &account->groups[i].egress, err);
	}
	for (size_t i = 0; i < account->rule_count && ret == 0; i++)
		ret = want(wanted, &known, account->rules[i].rule.group, err);
	for (size_t i = 0; i < account->table_count; i++)
		for (size_t j = 0; j < account->tables[i].count && ret == 0; j++)
			ret = want(wanted, &known, account->tables[i].routes[j].prefix_list, err);
	aws_index_clear(&known);
	aws_index_sort(wanted);
	return ret;
}

static int unclear(const struct aws_prefix_list *list, const char *id, struct error *err)
{
	return fail(err, EINVAL,
		    "%s: does not say which prefix list its entries are of, and it could be another than %s; write "
		    "prefix-lists = %s=%s",
		    list->path, id, id, list->path);
}

/* Gives the entries without an id to the one list that wants them. Returns how many, or -errno. */
static int settle(struct aws_account *account, const char *wanted, bool several, struct error *err)
{
	int settled = 0;

	for (size_t i = 0; i < account->list_count; i++) {
		struct aws_prefix_list *list = &account->lists[i];

		if (list->id)
			continue;
		if (several || settled)
			return unclear(list, wanted, err);
		list->id = strdup(wanted);
		if (!list->id)
			return fail_memory(err, list->path);
		settled++;
	}
	return settled;
}

int aws_prefix_lists_settle(struct aws_account *account, const struct notices *notices, struct error *err)
{
	struct aws_index wanted = { 0 };
	char names[240];
	int ret = find_wanted(account, &wanted, err);
	size_t count = aws_index_text(&wanted, names, sizeof(names));

	if (ret == 0 && count > 0)
		ret = settle(account, wanted.entries[0].name, count > 1, err);
	if (ret == 0 && count > 0)
		notify(notices, "[aws]: no file has the entries of %s, so the rules and routes for %s match nothing",
		       names, count > 1 ? "these prefix lists" : "this prefix list");
	aws_index_clear(&wanted);
	return ret < 0 ? ret : 0;
}
