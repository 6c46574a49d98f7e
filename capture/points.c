#include "capture/points.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* A balanced tree by name: strangers choose how many names there are, and which. */
struct capture_points {
	void *tree;
	uint32_t count;
};

/* First in it, so that a node of the tree is a point. */
struct named_point {
	struct flow_point point;
	char name[];
};

static int by_name(const void *a, const void *b)
{
	const struct flow_point *left = a, *right = b;

	return strcmp(left->name, right->name);
}

int capture_points_new(struct capture_points **out, struct error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : fail_memory(err, "capture points");
}

void capture_points_free(struct capture_points *points)
{
	if (!points)
		return;
	tdestroy(points->tree, free);
	free(points);
}

static struct flow_point *new_point(const char *name, bool named, uint32_t number)
{
	size_t size = strlen(name) + 1;
	struct named_point *made = malloc(sizeof(*made) + size);

	if (!made)
		return NULL;
	memcpy(made->name, name, size);
	made->point = (struct flow_point){ .number = number, .name = made->name, .named = named };
	return &made->point;
}

const struct flow_point *capture_points_get(struct capture_points *points, const char *name, bool named)
{
	const struct flow_point wanted = { .name = name };
	struct flow_point *const *node = tfind(&wanted, &points->tree, by_name);
	struct flow_point *point;

	if (node)
		return *node;
	point = new_point(name, named, points->count);
	if (!point || !tsearch(point, &points->tree, by_name)) {
		free(point);
		return NULL;
	}
	points->count++;
	return point;
}
