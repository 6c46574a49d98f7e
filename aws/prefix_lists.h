/* aws/prefix_lists.h - prefix lists, as get-managed-prefix-list-entries, describe-prefix-lists (which has the CIDRs of
 * AWS's own) and describe-managed-prefix-lists (which has names alone) tell of them.
 *
 * The entries that get-managed-prefix-list-entries prints do not say of which list they are. In this order, it is told
 * by: the configuration (ID=FILE); a PrefixListId beside the Entries; a file that is called by the id, as
 * pl-0123456789abcdef0.json; being the only list whose entries are wanted and not known. */
#ifndef ENIFLOW_AWS_PREFIX_LISTS_H
#define ENIFLOW_AWS_PREFIX_LISTS_H

#include "aws/account.h"
#include "aws/index.h"
#include "aws/value.h"

/* `id` is what configuration says; NULL: nothing. */
void aws_prefix_lists_read(const struct aws_value *root, struct aws_account *account, const char *id);

/* Once all is read: entries that nothing has named yet are those of the one list that rules or routes name and that has
 * none. -EINVAL: it could be several. Entries that nobody wants stay without an id. Warns of lists that are named and
 * have no entries. */
int aws_prefix_lists_settle(struct aws_account *account, const struct notices *notices, struct error *err);

/* Indexes the lists that have entries. Returns 0 or -ENOMEM. */
int aws_prefix_lists_index(const struct aws_account *account, struct aws_index *index, struct error *err);

void aws_prefix_lists_clear(struct aws_prefix_list *list);

#endif
