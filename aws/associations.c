#include "aws/associations.h"

#include <stdlib.h>

#include "aws/list.h"
#include "aws/scalar.h"

void aws_associations_read(const struct aws_value *object, struct aws_associations *associations, size_t number)
{
	struct aws_association association = { .number = number }, *grown;

	if (!aws_scalar_word(aws_value_member(object, "SubnetId"), &association.subnet))
		return;
	grown = aws_list_grow(associations->items, associations->count, sizeof(*grown));
	if (!grown) {
		free(association.subnet);
		aws_value_memory(object);
		return;
	}
	grown[associations->count++] = association;
	associations->items = grown;
}

int aws_associations_index(const struct aws_associations *associations, struct aws_index *index, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < associations->count && ret == 0; i++)
		ret = aws_index_add(index, associations->items[i].subnet, associations->items[i].number, err);
	aws_index_sort(index);
	return ret;
}

void aws_associations_clear(struct aws_associations *associations)
{
	for (size_t i = 0; i < associations->count; i++)
		free(associations->items[i].subnet);
	free(associations->items);
	*associations = (struct aws_associations){ 0 };
}
