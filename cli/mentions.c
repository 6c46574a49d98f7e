#include "cli/mentions.h"

#include <errno.h>
#include <stdlib.h>

#include "output/nearest.h"

struct mention {
	char *place, *who, *name;
	bool is_acl;
};

static void clear(struct mention *mention)
{
	free(mention->place);
	free(mention->who);
	free(mention->name);
}

int mentions_add(struct mentions *mentions, const char *place, const char *who, bool is_acl, const char *name,
		 struct error *err)
{
	struct mention mention = { strdup(place), strdup(who), strdup(name), is_acl };
	struct mention *grown = realloc(mentions->items, (mentions->count + 1) * sizeof(*grown));

	if (grown)
		mentions->items = grown;
	if (!grown || !mention.place || !mention.who || !mention.name) {
		clear(&mention);
		return fail_memory(err, "policies");
	}
	grown[mentions->count++] = mention;
	return 0;
}

void mentions_clear(struct mentions *mentions)
{
	for (size_t i = 0; i < mentions->count; i++)
		clear(&mentions->items[i]);
	free(mentions->items);
	*mentions = (struct mentions){ 0 };
}

static size_t count_of(const struct mentions_known *known, bool acls)
{
	return acls ? known->acl_count : known->group_count;
}

static const char *name_at(const struct mentions_known *known, bool acls, size_t i)
{
	return acls ? known->acls[i].name : known->groups[i].name;
}

static bool is_there(const struct mentions_known *known, bool acls, const char *name)
{
	for (size_t i = 0; i < count_of(known, acls); i++)
		if (strcmp(name_at(known, acls, i), name) == 0)
			return true;
	return false;
}

static int missing(const struct mention *mention, const struct mentions_known *known, struct error *err)
{
	const char *word = mention->is_acl ? "network-acl" : "security-group";
	size_t count = count_of(known, mention->is_acl);
	char nearest[512];
	const char **names;

	if (is_there(known, !mention->is_acl, mention->name))
		return fail(err, EINVAL, "%s: %s: there is no [%s %s]; there is a [%s %s]", mention->place,
			    mention->who, word, mention->name, mention->is_acl ? "security-group" : "network-acl",
			    mention->name);
	names = calloc(count + 1, sizeof(*names));
	if (!names)
		return fail_memory(err, "policies");
	for (size_t i = 0; i < count; i++)
		names[i] = name_at(known, mention->is_acl, i);
	output_nearest(mention->name, strlen(mention->name), names, count, nearest, sizeof(nearest));
	free(names);
	return fail(err, EINVAL, "%s: %s: there is no [%s %s]%s%s", mention->place, mention->who, word, mention->name,
		    *nearest ? "; the nearest: " : "", nearest);
}

int mentions_check(const struct mentions *mentions, const struct mentions_known *known, struct error *err)
{
	for (size_t i = 0; i < mentions->count; i++)
		if (!is_there(known, mentions->items[i].is_acl, mentions->items[i].name))
			return missing(&mentions->items[i], known, err);
	return 0;
}
