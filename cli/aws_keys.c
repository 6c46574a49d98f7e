#include "cli/aws_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/parse.h"
#include "output/nearest.h"

const char *aws_keys_name(int key)
{
	static const char *const tags[AWS_TAGS] = { "interface-tag", "interface-tag-2" };

	return key < AWS_KEY_TAG ? aws_kind_name((enum aws_kind)key) : tags[key - AWS_KEY_TAG];
}

int aws_keys_find(const char *name, struct error *err)
{
	const char *known[AWS_KEY_END];
	char nearest[128];

	for (int key = 0; key < AWS_KEY_END; key++) {
		known[key] = aws_keys_name(key);
		if (strcmp(known[key], name) == 0)
			return key;
	}
	output_nearest(name, strlen(name), known, AWS_KEY_END, nearest, sizeof(nearest));
	return fail(err, EINVAL, "%s: there is no such key in [aws]%s%s", name, *nearest ? "; the nearest: " : "",
		    nearest);
}

bool aws_keys_is_list(int key)
{
	return key < AWS_KEY_TAG;
}

/* ---- files ---- */

struct place {
	struct aws_files *files;
	enum aws_kind kind;
	const char *config;
};

/* ID=FILE is a name when there is no / before the =. Returns where the path begins; `name` gets a copy of the id. */
static const char *split_name(const char *item, char **name)
{
	size_t length = strcspn(item, "=/");

	*name = item[length] == '=' ? strndup(item, length) : NULL;
	return item[length] == '=' ? item + length + 1 : item;
}

/* From the folder that the configuration is in. */
static char *join_path(const char *config, const char *path)
{
	const char *slash = strrchr(config, '/');
	char *joined;

	if (!slash || path[0] == '/')
		return strdup(path);
	return asprintf(&joined, "%.*s/%s", (int)(slash - config), config, path) < 0 ? NULL : joined;
}

static int check_name(const char *what, const char *item, const struct aws_file *file, const char *path,
		      struct error *err)
{
	if (!*path)
		return fail(err, EINVAL, "%s: '%s' names no file", what, item);
	if (file->name && strncmp(file->name, "pl-", 3) != 0)
		return fail(err, EINVAL, "%s: '%s' is not the id of a prefix list, which begins with pl-", what,
			    file->name);
	return 0;
}

static int add_file(void *ctx, const char *what, const char *item, struct error *err)
{
	const struct place *place = ctx;
	struct aws_files *files = place->files;
	struct aws_file file = { .kind = place->kind }, *grown;
	const char *path = place->kind == AWS_PREFIX_LISTS ? split_name(item, &file.name) : item;
	int ret = check_name(what, item, &file, path, err);

	if (ret < 0) {
		free(file.name);
		return ret;
	}
	file.path = join_path(place->config, path);
	grown = realloc(files->items, (files->count + 1) * sizeof(*grown));
	if (grown)
		files->items = grown;
	if (!grown || !file.path) {
		free(file.name);
		free(file.path);
		return fail_memory(err, what);
	}
	grown[files->count++] = file;
	return 0;
}

int aws_keys_put(struct aws_files *files, int key, const char *value, const char *config, struct error *err)
{
	struct place place = { files, (enum aws_kind)key, config };
	char **tag = &files->interface_tags[key < AWS_KEY_TAG ? 0 : key - AWS_KEY_TAG];

	if (key < AWS_KEY_TAG)
		return parse_list(aws_keys_name(key), value, add_file, &place, err);
	free(*tag);
	*tag = strdup(value);
	return *tag ? 0 : fail_memory(err, aws_keys_name(key));
}

/* ---- back ---- */

/* Appends one file; NULL, and what there was is given back, without memory. */
static char *append(char *text, const struct aws_file *file, const char *folder)
{
	bool relative = file->path[0] != '/';
	char *longer;
	int length = asprintf(&longer, "%s%s%s%s%s%s%s", text ? text : "", text ? " " : "",
			      file->name ? file->name : "", file->name ? "=" : "", relative ? folder : "",
			      relative && strcmp(folder, "/") != 0 ? "/" : "", file->path);

	free(text);
	return length < 0 ? NULL : longer;
}

int aws_keys_value(const struct aws_files *files, int key, char **out, struct error *err)
{
	const char *tag = key < AWS_KEY_TAG ? NULL : files->interface_tags[key - AWS_KEY_TAG];
	char *folder, *text = NULL;
	bool whole = true;

	*out = NULL;
	if (tag)
		*out = strdup(tag);
	if (key >= AWS_KEY_TAG)
		return tag && !*out ? fail_memory(err, aws_keys_name(key)) : 0;
	folder = getcwd(NULL, 0);
	if (!folder)
		return fail_errno(err, "%s: the working directory", aws_keys_name(key));
	for (size_t i = 0; i < files->count && whole; i++) {
		if (files->items[i].kind != (enum aws_kind)key)
			continue;
		text = append(text, &files->items[i], folder);
		whole = text;
	}
	free(folder);
	*out = text;
	return whole ? 0 : fail_memory(err, aws_keys_name(key));
}
