/* cli/aws_keys.h - the keys of [aws]: files that the aws command line wrote, and the tags that are wanted of them.
 *
 * A key of files takes a list, on as many lines as it needs, of paths with blanks or commas between; a relative path is
 * taken from the folder of the configuration. prefix-lists also takes ID=FILE, for entries that do not say of which
 * list they are. interface-tag and interface-tag-2 take the key of a tag, which may have blanks in it. */
#ifndef ENIFLOW_CLI_AWS_KEYS_H
#define ENIFLOW_CLI_AWS_KEYS_H

#include "aws/account.h"

/* The kinds of files, then the tags. */
enum { AWS_KEY_TAG = AWS_KIND_END, AWS_KEY_END = AWS_KEY_TAG + AWS_TAGS };

/* "network-interfaces". */
const char *aws_keys_name(int key);

/* The key of that name; -EINVAL with the nearest names. */
int aws_keys_find(const char *name, struct error *err);

/* Is its value a list, which may take further lines? */
bool aws_keys_is_list(int key);

/* Adds what the value says; `config` is the path of the file it stands in. Returns 0, -EINVAL or -ENOMEM. */
int aws_keys_put(struct aws_files *files, int key, const char *value, const char *config, struct error *err);

/* The value as it would be read back by a file in any folder: words with blanks between, or a tag's key. A string from
 * malloc; NULL, and 0, where the key is not set. Returns 0, -ENOMEM, or why there is no working directory. */
int aws_keys_value(const struct aws_files *files, int key, char **out, struct error *err);

#endif
