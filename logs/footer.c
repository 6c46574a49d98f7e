#include "logs/footer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "logs/thrift.h"

enum { NESTING_MOST = 16, CODEC_UNKNOWN = 255 };

/* ConvertedType, and what of LogicalType has the same meaning. */
enum converted { IS_DECIMAL = 5, IS_MILLISECONDS = 9, IS_MICROSECONDS = 10, IS_UINT8 = 11, IS_UINT64 = 14 };
enum logical { LOGICAL_TIMESTAMP = 8, LOGICAL_INTEGER = 10 };
enum repetition { REQUIRED, OPTIONAL, REPEATED };

/* A row of the schema as it stands there: a tree, each node before its children. */
struct node {
	struct log_leaf leaf;
	int64_t type, repetition, children;
};

static int damaged(struct error *err, const char *why)
{
	return fail(err, EBADMSG, "its footer %s", why);
}

/* ---- the schema ---- */

/* TimeUnit: its member is the unit. */
static uint32_t read_unit(struct log_thrift *thrift)
{
	static const uint32_t units[] = { 0, 1000, 1000000, 1000000000 };
	struct log_thrift_field field = { 0 };
	uint32_t unit = 0;

	while (log_thrift_next(thrift, &field)) {
		if (field.id >= 1 && field.id <= 3)
			unit = units[field.id];
		log_thrift_skip(thrift, &field);
	}
	return unit;
}

static void read_timestamp(struct log_thrift *thrift, struct log_leaf *leaf)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 2 && log_thrift_struct(thrift, &field))
			leaf->per_second = read_unit(thrift);
		else
			log_thrift_skip(thrift, &field);
	}
}

static void read_integer(struct log_thrift *thrift, struct log_leaf *leaf)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 2)
			leaf->is_unsigned = !log_thrift_bool(thrift, &field);
		else
			log_thrift_skip(thrift, &field);
	}
}

static void read_logical(struct log_thrift *thrift, struct log_leaf *leaf)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == LOGICAL_TIMESTAMP && log_thrift_struct(thrift, &field))
			read_timestamp(thrift, leaf);
		else if (field.id == LOGICAL_INTEGER && log_thrift_struct(thrift, &field))
			read_integer(thrift, leaf);
		else
			log_thrift_skip(thrift, &field);
	}
}

static void take_converted(struct log_leaf *leaf, int64_t converted)
{
	if (converted == IS_MILLISECONDS)
		leaf->per_second = 1000;
	else if (converted == IS_MICROSECONDS)
		leaf->per_second = 1000000;
	leaf->is_unsigned |= converted >= IS_UINT8 && converted <= IS_UINT64;
}

static struct node read_node(struct log_thrift *thrift)
{
	struct log_thrift_field field = { 0 };
	struct node node = { .type = -1 };
	struct log_leaf *leaf = &node.leaf;

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 1)
			node.type = log_thrift_int(thrift, &field);
		else if (field.id == 3)
			node.repetition = log_thrift_int(thrift, &field);
		else if (field.id == 4)
			leaf->name = (const char *)log_thrift_bytes(thrift, &field, &leaf->name_length);
		else if (field.id == 5)
			node.children = log_thrift_int(thrift, &field);
		else if (field.id == 6)
			take_converted(leaf, log_thrift_int(thrift, &field));
		else if (field.id == 7)
			leaf->has_scale = log_thrift_int(thrift, &field) != 0;
		else if (field.id == 10 && log_thrift_struct(thrift, &field))
			read_logical(thrift, leaf);
		else
			log_thrift_skip(thrift, &field);
	}
	return node;
}

/* Reads `count` nodes, of which the first is the root. */
static int read_schema(struct log_footer *footer, struct log_thrift *thrift, size_t count, struct error *err)
{
	int64_t left[NESTING_MOST]; /* children to come, by depth */
	struct log_leaf top = { 0 };
	int depth = 0;

	if (footer->leaves || count == 0)
		return damaged(err, "has no schema, or two");
	footer->leaves = calloc(count, sizeof(*footer->leaves));
	if (!footer->leaves)
		return fail_memory(err, "a Parquet footer");
	left[0] = read_node(thrift).children;
	for (size_t i = 1; i < count && !thrift->failed; i++) {
		struct node node = read_node(thrift);

		while (depth > 0 && left[depth] == 0)
			depth--;
		if (left[depth]-- <= 0 || depth == NESTING_MOST - 1)
			return damaged(err, "has a schema that is no tree, or nested too deep");
		top = depth == 0 ? node.leaf : top;
		if (node.children > 0) {
			left[++depth] = node.children;
			continue;
		}
		if (node.type < 0 || node.type >= LOG_LEAF_END || !node.leaf.name)
			return damaged(err, "has a column without a known type, or without a name");
		node.leaf.type = (uint8_t)node.type;
		node.leaf.is_optional = node.repetition == OPTIONAL;
		node.leaf.is_nested = depth > 0 || node.repetition == REPEATED;
		node.leaf.name = top.name;
		node.leaf.name_length = top.name_length;
		footer->leaves[footer->leaf_count++] = node.leaf;
	}
	return 0;
}

/* ---- row groups ---- */

/* A chunk as the footer has it; -1: not said. */
struct told {
	int64_t codec, values, size, data, dictionary;
	bool is_elsewhere; /* in another file, or encrypted */
};

static void read_column(struct log_thrift *thrift, struct told *told)
{
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		if (field.id == 4)
			told->codec = log_thrift_int(thrift, &field);
		else if (field.id == 5)
			told->values = log_thrift_int(thrift, &field);
		else if (field.id == 7)
			told->size = log_thrift_int(thrift, &field);
		else if (field.id == 9)
			told->data = log_thrift_int(thrift, &field);
		else if (field.id == 11)
			told->dictionary = log_thrift_int(thrift, &field);
		else
			log_thrift_skip(thrift, &field);
	}
}

static struct told read_chunk(struct log_thrift *thrift)
{
	struct told told = { -1, -1, -1, -1, -1, false };
	struct log_thrift_field field = { 0 };

	while (log_thrift_next(thrift, &field)) {
		told.is_elsewhere |= field.id == 1 || field.id == 8 || field.id == 9;
		if (field.id == 3 && log_thrift_struct(thrift, &field))
			read_column(thrift, &told);
		else
			log_thrift_skip(thrift, &field);
	}
	return told;
}

static int place(struct log_place *out, const struct told *told, uint64_t data_end, struct error *err)
{
	int64_t at = told->dictionary > 0 && told->dictionary < told->data ? told->dictionary : told->data;

	if (told->is_elsewhere)
		return fail(err, ENOTSUP, "its columns are encrypted or in other files, which is not read here");
	if (told->codec < 0 || told->values < 0 || told->size < 0 || at < 0)
		return damaged(err, "lacks where a column is");
	if ((uint64_t)at > data_end || (uint64_t)told->size > data_end - (uint64_t)at)
		return damaged(err, "has a column that reaches beyond the file");
	*out = (struct log_place){ (uint64_t)at, (uint64_t)told->size, (uint64_t)told->values,
				   told->codec < CODEC_UNKNOWN ? (uint8_t)told->codec : CODEC_UNKNOWN };
	return 0;
}

static int read_places(const struct log_footer *footer, struct log_thrift *thrift, size_t count,
		       struct log_group *group, uint64_t data_end, struct error *err)
{
	int ret = 0;

	if (group->places || count != footer->leaf_count)
		return damaged(err, "has a row group with other columns than its schema");
	group->places = calloc(count ? count : 1, sizeof(*group->places));
	if (!group->places)
		return fail_memory(err, "a Parquet footer");
	for (size_t i = 0; ret == 0 && i < count; i++) {
		struct told told = read_chunk(thrift);

		ret = thrift->failed ? damaged(err, "ends inside a row group")
				     : place(&group->places[i], &told, data_end, err);
	}
	return ret;
}

static int read_group(struct log_footer *footer, struct log_thrift *thrift, uint64_t data_end, struct error *err)
{
	struct log_group *group = &footer->groups[footer->group_count++];
	struct log_thrift_field field = { 0 };
	int64_t rows = -1;
	int ret = 0;

	while (ret == 0 && log_thrift_next(thrift, &field)) {
		if (field.id == 1)
			ret = read_places(footer, thrift, log_thrift_structs(thrift, &field), group, data_end, err);
		else if (field.id == 3)
			rows = log_thrift_int(thrift, &field);
		else
			log_thrift_skip(thrift, &field);
	}
	if (ret < 0)
		return ret;
	if (rows < 0 || !group->places || __builtin_add_overflow(footer->rows, (uint64_t)rows, &footer->rows))
		return damaged(err, "has a row group without columns or rows");
	group->rows = (uint64_t)rows;
	return 0;
}

static int read_groups(struct log_footer *footer, struct log_thrift *thrift, size_t count, uint64_t data_end,
		       struct error *err)
{
	int ret = 0;

	if (footer->groups || !footer->leaves)
		return damaged(err, "has its row groups twice, or before the schema");
	footer->groups = calloc(count ? count : 1, sizeof(*footer->groups));
	if (!footer->groups)
		return fail_memory(err, "a Parquet footer");
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = read_group(footer, thrift, data_end, err);
	return ret;
}

/* ---- the whole ---- */

static int read_all(struct log_footer *footer, struct log_thrift *thrift, uint64_t data_end, struct error *err)
{
	struct log_thrift_field field = { 0 };
	int ret = 0;

	while (ret == 0 && log_thrift_next(thrift, &field)) {
		if (field.id == 2)
			ret = read_schema(footer, thrift, log_thrift_structs(thrift, &field), err);
		else if (field.id == 4)
			ret = read_groups(footer, thrift, log_thrift_structs(thrift, &field), data_end, err);
		else if (field.id == 8)
			ret = fail(err, ENOTSUP, "its columns are encrypted, which is not read here");
		else
			log_thrift_skip(thrift, &field);
	}
	if (ret < 0)
		return ret;
	return thrift->failed || !footer->leaves || !footer->groups ? damaged(err, "cannot be read") : 0;
}

int log_footer_read(struct log_footer *out, const uint8_t *bytes, size_t length, uint64_t data_end, struct error *err)
{
	struct log_thrift thrift = { .at = bytes, .end = bytes + length };
	int ret;

	*out = (struct log_footer){ 0 };
	ret = read_all(out, &thrift, data_end, err);
	if (ret < 0)
		log_footer_free(out);
	return ret;
}

void log_footer_free(struct log_footer *footer)
{
	for (size_t i = 0; i < footer->group_count; i++)
		free(footer->groups[i].places);
	free(footer->groups);
	free(footer->leaves);
	*footer = (struct log_footer){ 0 };
}
