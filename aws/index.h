/* aws/index.h - finds things by their names: a sorted list of names, each with a number. */
#ifndef ENIFLOW_AWS_INDEX_H
#define ENIFLOW_AWS_INDEX_H

#include <stddef.h>

#include "flow/error.h"

struct aws_index_entry {
	const char *name; /* the caller's, must outlive the index */
	size_t number;
};

/* Zeroed, it is empty. */
struct aws_index {
	struct aws_index_entry *entries; /* once sorted: by name, equal names in the order of their numbers */
	size_t count;
};

/* Adds a name before the index is sorted; NULL adds nothing. Returns 0 or -ENOMEM. */
int aws_index_add(struct aws_index *index, const char *name, size_t number, struct error *err);

void aws_index_sort(struct aws_index *index);

/* The first entry of that name in a sorted index, whose others follow it; NULL: there is none, or `name` is NULL. */
const struct aws_index_entry *aws_index_find(const struct aws_index *index, const char *name);

/* Some of the names of a sorted index, each once, as a sentence has them: "a, b, c and 4 more". Returns how many
 * different ones there are. */
size_t aws_index_text(const struct aws_index *index, char *out, size_t size);

void aws_index_clear(struct aws_index *index);

#endif
