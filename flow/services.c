#include "flow/services.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/prefixes.h"

struct flow_services {
	char **names; /* each once, in alphabetical order */
	size_t name_count;
	struct flow_prefixes prefixes; /* the value is a place in `names`, plus 1 */
};

void flow_services_free(struct flow_services *services)
{
	if (!services)
		return;
	for (size_t i = 0; i < services->name_count; i++)
		free(services->names[i]);
	free(services->names);
	flow_prefixes_finish(&services->prefixes);
	free(services);
}

/* ---- names ---- */

bool flow_service_is_name(const char *text)
{
	static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
	size_t length = strspn(text, fit);

	return length > 0 && length <= FLOW_SERVICE_MOST && text[length] == '\0';
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keeps each name of the ranges once, sorted. */
static bool keep_names(struct flow_services *services, const struct flow_service_range *ranges, size_t count)
{
	const char **all = calloc(count + 1, sizeof(*all)); /* room for one where there is none */
	bool kept;

	services->names = calloc(count + 1, sizeof(*services->names));
	kept = all && services->names;
	for (size_t i = 0; i < count && kept; i++)
		all[i] = ranges[i].service;
	if (kept)
		qsort(all, count, sizeof(*all), compare_names);
	for (size_t i = 0; i < count && kept; i++) {
		if (i > 0 && strcmp(all[i], all[i - 1]) == 0)
			continue;
		services->names[services->name_count] = strdup(all[i]);
		kept = services->names[services->name_count];
		services->name_count += kept;
	}
	free(all);
	return kept;
}

/* Its place among the names, plus 1. */
static uint32_t value_of(const struct flow_services *services, const char *name)
{
	char **found = bsearch(&name, services->names, services->name_count, sizeof(*services->names), compare_names);

	return (uint32_t)(found - services->names) + 1;
}

/* How specific a service is. */
static int rank_of(const struct flow_services *services, uint32_t value)
{
	const char *name = services->names[value - 1];

	if (strcmp(name, "AMAZON") == 0)
		return 0;
	return strcmp(name, "EC2") == 0 ? 1 : 2;
}

/* ---- prefixes ---- */

static int compare_items(const void *a, const void *b)
{
	const struct flow_prefix_value *one = a, *other = b;
	int order = flow_prefix_compare(&one->prefix, &other->prefix);

	return order ? order : (one->value > other->value) - (one->value < other->value);
}

static bool holds(const struct flow_prefix *outer, const struct flow_prefix *inner)
{
	return outer->length <= inner->length && flow_prefix_contains(outer, inner->family, &inner->base);
}

/* Makes of the sorted items one for each prefix, whose value is what counts for its addresses: that of the prefix
 * around it, unless one of its own is as specific at least. Returns how many there are. */
static size_t settle(const struct flow_services *services, struct flow_prefix_value *items, size_t count)
{
	enum { DEEPEST = 129 }; /* prefixes that lie in each other: lengths 0 to 128 */
	size_t around[DEEPEST]; /* those that hold the one at hand, outermost first */
	size_t depth = 0, kept = 0;

	for (size_t i = 0; i < count;) {
		struct flow_prefix_value best = items[i];

		/* of equal prefixes the values ascend, as their names do */
		for (; i < count && flow_prefix_compare(&items[i].prefix, &best.prefix) == 0; i++)
			if (rank_of(services, items[i].value) > rank_of(services, best.value))
				best.value = items[i].value;
		while (depth > 0 && !holds(&items[around[depth - 1]].prefix, &best.prefix))
			depth--;
		if (depth > 0 && rank_of(services, items[around[depth - 1]].value) > rank_of(services, best.value))
			best.value = items[around[depth - 1]].value;
		items[kept] = best;
		around[depth++] = kept++;
	}
	return kept;
}

static int make_prefixes(struct flow_services *services, const struct flow_service_range *ranges, size_t count,
			 struct error *err)
{
	struct flow_prefix_value *items = calloc(count + 1, sizeof(*items));
	int ret;

	if (!items)
		return fail_memory(err, "services");
	for (size_t i = 0; i < count; i++)
		items[i] = (struct flow_prefix_value){ ranges[i].prefix, value_of(services, ranges[i].service) };
	qsort(items, count, sizeof(*items), compare_items);
	ret = flow_prefixes_init(&services->prefixes, items, settle(services, items, count), err);
	free(items);
	return ret;
}

int flow_services_new(struct flow_services **out, const struct flow_service_range *ranges, size_t count,
		      struct error *err)
{
	struct flow_services *services;
	int ret;

	for (size_t i = 0; i < count; i++)
		if (!flow_service_is_name(ranges[i].service))
			return fail(err, EINVAL, "services: one is called \"%s\", which is no name", ranges[i].service);
	services = calloc(1, sizeof(*services));
	if (services && keep_names(services, ranges, count))
		ret = make_prefixes(services, ranges, count, err);
	else
		ret = fail_memory(err, "services");
	if (ret < 0)
		flow_services_free(services);
	else
		*out = services;
	return ret;
}

const char *flow_services_find(const struct flow_services *services, enum flow_family family,
			       const struct flow_address *address)
{
	uint32_t value = flow_prefixes_find(&services->prefixes, family, address);

	return value ? services->names[value - 1] : NULL;
}
