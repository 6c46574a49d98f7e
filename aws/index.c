#include "aws/index.h"

#include <stdio.h>
#include <string.h>

#include "aws/list.h"

int aws_index_add(struct aws_index *index, const char *name, size_t number, struct error *err)
{
	struct aws_index_entry *grown;

	if (!name)
		return 0;
	grown = aws_list_grow(index->entries, index->count, sizeof(*grown));
	if (!grown)
		return fail_memory(err, name);
	grown[index->count++] = (struct aws_index_entry){ name, number };
	index->entries = grown;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct aws_index_entry *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : (one->number > other->number) - (one->number < other->number);
}

void aws_index_sort(struct aws_index *index)
{
	if (index->count > 0)
		qsort(index->entries, index->count, sizeof(*index->entries), compare);
}

const struct aws_index_entry *aws_index_find(const struct aws_index *index, const char *name)
{
	size_t least = 0, most = index->count; /* the first entry not below `name` is among them, or is `most` */

	if (!name)
		return NULL;
	while (least < most) {
		size_t middle = least + (most - least) / 2;

		if (strcmp(index->entries[middle].name, name) < 0)
			least = middle + 1;
		else
			most = middle;
	}
	return least < index->count && strcmp(index->entries[least].name, name) == 0 ? &index->entries[least] : NULL;
}

size_t aws_index_text(const struct aws_index *index, char *out, size_t size)
{
	enum { SHOWN = 3 };
	const char *names[SHOWN];
	size_t count = 0, length = 0;

	for (size_t i = 0; i < index->count; i++) {
		if (i > 0 && strcmp(index->entries[i].name, index->entries[i - 1].name) == 0)
			continue;
		if (count < SHOWN)
			names[count] = index->entries[i].name;
		count++;
	}
	*out = '\0';
	for (size_t i = 0; i < count && i < SHOWN && length < size; i++)
		length += (size_t)snprintf(out + length, size - length, "%s%.60s", i ? ", " : "", names[i]);
	if (count > SHOWN && length < size)
		snprintf(out + length, size - length, " and %zu more", count - SHOWN);
	return count;
}

void aws_index_clear(struct aws_index *index)
{
	free(index->entries);
	*index = (struct aws_index){ 0 };
}
