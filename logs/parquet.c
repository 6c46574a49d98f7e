#include "logs/parquet.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logs/chunk.h"
#include "logs/spool.h"
#include "logs/token.h"
#include "logs/unpack.h"
#include "output/number.h"

enum {
	MARK = sizeof(LOG_PARQUET_MARK) - 1,
	TAIL = 4 + MARK, /* the footer's length, and the mark */
	FOOTER_MOST = 256 * 1024 * 1024,
};

/* One that is read. */
struct column {
	size_t leaf;    /* its number */
	uint8_t column; /* enum log_column */
	struct log_chunk chunk;
	char digits[OUTPUT_NUMBER_ROOM + 1]; /* of a number where text is wanted */
};

struct log_parquet {
	int fd;
	const char *name;
	uint64_t size;
	uint8_t *bytes; /* of the footer */
	struct log_footer footer;
	struct log_layout layout;
	size_t leaves[LOG_LAYOUT_MOST]; /* of the layout's columns */
	char nested[256];
	struct column *columns;
	size_t column_count;
	size_t memory;       /* that the columns may still take */
	size_t group;        /* the next one */
	uint64_t group_left; /* rows of the one that is read */
	uint64_t row;        /* rows read, in all */
	bool ended;
};

/* ---- the footer ---- */

static int read_at(const struct log_parquet *parquet, uint8_t *out, size_t length, uint64_t at, struct error *err)
{
	int ret = log_spool_read(parquet->fd, out, length, at);

	if (ret == -ENODATA)
		return fail(err, EBADMSG, "%s has become shorter while it was read", parquet->name);
	return ret < 0 ? fail(err, -ret, "read %s: %s", parquet->name, strerror(-ret)) : 0;
}

/* Where the footer is. */
static int find_footer(const struct log_parquet *parquet, uint32_t *length, struct error *err)
{
	uint8_t tail[TAIL];
	int ret;

	if (parquet->size < MARK + TAIL)
		return fail(err, EBADMSG, "%s is cut off: it has %" PRIu64 " bytes, fewer than any Parquet file",
			    parquet->name, parquet->size);
	ret = read_at(parquet, tail, TAIL, parquet->size - TAIL, err);
	if (ret < 0)
		return ret;
	if (memcmp(tail + 4, "PARE", MARK) == 0)
		return fail(err, ENOTSUP, "%s is an encrypted Parquet file, which is not read here", parquet->name);
	if (memcmp(tail + 4, LOG_PARQUET_MARK, MARK) != 0)
		return fail(err, EBADMSG,
			    "%s is cut off, or still being written: a Parquet file can be read once its end is there, "
			    "which begins with what says where everything is",
			    parquet->name);
	memcpy(length, tail, sizeof(*length));
	*length = le32toh(*length);
	if (*length > parquet->size - MARK - TAIL || *length > FOOTER_MOST)
		return fail(err, EBADMSG, "%s is damaged: its footer at the end says that it has %" PRIu32 " bytes",
			    parquet->name, *length);
	return 0;
}

static int read_footer(struct log_parquet *parquet, struct error *err)
{
	struct error why = { "" };
	uint32_t length = 0;
	uint64_t at;
	int ret = find_footer(parquet, &length, err);

	if (ret < 0)
		return ret;
	at = parquet->size - TAIL - length;
	parquet->bytes = malloc(length + 1);
	if (!parquet->bytes)
		return fail_memory(err, parquet->name);
	ret = read_at(parquet, parquet->bytes, length, at, err);
	if (ret < 0)
		return ret;
	ret = log_footer_read(&parquet->footer, parquet->bytes, length, at, &why);
	return ret < 0 ? fail(err, -ret, "%s: %s", parquet->name, why.text) : 0;
}

/* ---- columns ---- */

static void remember_nested(struct log_parquet *parquet, const struct log_leaf *leaf)
{
	size_t used = strlen(parquet->nested);
	struct log_token_shown shown = log_token_show(leaf->name, leaf->name_length);

	if (used + strlen(shown.text) + 3 <= sizeof(parquet->nested))
		snprintf(parquet->nested + used, sizeof(parquet->nested) - used, "%s%s", used ? ", " : "", shown.text);
}

static int make_layout(struct log_parquet *parquet, struct error *err)
{
	for (size_t i = 0; i < parquet->footer.leaf_count; i++) {
		const struct log_leaf *leaf = &parquet->footer.leaves[i];

		if (leaf->is_nested) {
			if (i == 0 || leaf->name != leaf[-1].name)
				remember_nested(parquet, leaf);
			continue;
		}
		if (!log_layout_add(&parquet->layout, leaf->name, leaf->name_length))
			return fail(err, EINVAL, "%s has more columns than a flow log can have", parquet->name);
		parquet->leaves[parquet->layout.count - 1] = i;
	}
	log_layout_finish(&parquet->layout);
	return 0;
}

static int check_type(const struct log_parquet *parquet, const struct log_leaf *leaf, struct error *err)
{
	static const char *const names[LOG_LEAF_END] = {
		[LOG_LEAF_BOOLEAN] = "BOOLEAN", [LOG_LEAF_INT96] = "INT96",   [LOG_LEAF_FLOAT] = "FLOAT",
		[LOG_LEAF_DOUBLE] = "DOUBLE",   [LOG_LEAF_BYTES] = "DECIMAL", [LOG_LEAF_FIXED] = "FIXED_LEN_BYTE_ARRAY",
		[LOG_LEAF_INT32] = "DECIMAL",   [LOG_LEAF_INT64] = "DECIMAL",
	};
	bool is_read = leaf->type == LOG_LEAF_INT32 || leaf->type == LOG_LEAF_INT64 || leaf->type == LOG_LEAF_BYTES;

	if (is_read && !leaf->has_scale)
		return 0;
	return fail(err, ENOTSUP, "%s: column %s is of type %s; those of a flow log are INT32, INT64 or text",
		    parquet->name, log_token_show(leaf->name, leaf->name_length).text, names[leaf->type]);
}

/* Can the column be read, in every row group? */
static int check_column(const struct log_parquet *parquet, size_t number, struct error *err)
{
	const struct log_leaf *leaf = &parquet->footer.leaves[number];
	char what[64 + ERROR_MAX / 2];
	int ret = check_type(parquet, leaf, err);

	snprintf(what, sizeof(what), "%s: column %s", parquet->name,
		 log_token_show(leaf->name, leaf->name_length).text);
	for (size_t i = 0; ret == 0 && i < parquet->footer.group_count; i++)
		ret = log_unpack_check(parquet->footer.groups[i].places[number].codec, what, err);
	return ret;
}

static int make_columns(struct log_parquet *parquet, struct error *err)
{
	parquet->columns = calloc(parquet->layout.count + 1, sizeof(*parquet->columns));
	if (!parquet->columns)
		return fail_memory(err, parquet->name);
	for (size_t i = 0; i < parquet->layout.count; i++) {
		struct column *column = &parquet->columns[parquet->column_count];
		int ret;

		if (parquet->layout.columns[i] > LOG_COLUMN_MESSAGE)
			continue;
		ret = check_column(parquet, parquet->leaves[i], err);
		if (ret < 0)
			return ret;
		column->leaf = parquet->leaves[i];
		column->column = parquet->layout.columns[i];
		parquet->column_count++;
	}
	return 0;
}

/* ---- opening ---- */

static int open_all(struct log_parquet *parquet, struct error *err)
{
	struct stat status;
	int ret;

	if (fstat(parquet->fd, &status) < 0)
		return fail_errno(err, "read %s", parquet->name);
	parquet->size = (uint64_t)status.st_size;
	ret = read_footer(parquet, err);
	if (ret == 0)
		ret = make_layout(parquet, err);
	return ret < 0 ? ret : make_columns(parquet, err);
}

int log_parquet_open(struct log_parquet **out, int fd, const char *name, struct error *err)
{
	struct log_parquet *parquet = calloc(1, sizeof(*parquet));
	int ret;

	if (!parquet) {
		close(fd);
		return fail_memory(err, name);
	}
	parquet->fd = fd;
	parquet->name = name;
	parquet->memory = LOG_CHUNK_MEMORY_MOST;
	ret = open_all(parquet, err);
	if (ret < 0)
		log_parquet_close(parquet);
	else
		*out = parquet;
	return ret;
}

void log_parquet_close(struct log_parquet *parquet)
{
	if (!parquet)
		return;
	for (size_t i = 0; i < parquet->column_count; i++)
		log_chunk_free(&parquet->columns[i].chunk);
	free(parquet->columns);
	log_footer_free(&parquet->footer);
	free(parquet->bytes);
	close(parquet->fd);
	free(parquet);
}

const struct log_layout *log_parquet_layout(const struct log_parquet *parquet)
{
	return &parquet->layout;
}

const char *log_parquet_nested(const struct log_parquet *parquet)
{
	return parquet->nested;
}

uint64_t log_parquet_consumed(const struct log_parquet *parquet)
{
	uint64_t rows = parquet->footer.rows;

	return rows > 0 ? (uint64_t)((double)parquet->row / (double)rows * (double)parquet->size) : parquet->size;
}

/* ---- rows ---- */

/* Begins the next group that has rows; 0: there is none. */
static int begin_group(struct log_parquet *parquet, struct error *err)
{
	const struct log_footer *footer = &parquet->footer;

	while (parquet->group_left == 0) {
		const struct log_group *group = &footer->groups[parquet->group];

		if (parquet->group == footer->group_count)
			return 0;
		parquet->group++;
		parquet->group_left = group->rows;
		for (size_t i = 0; i < parquet->column_count; i++) {
			struct column *column = &parquet->columns[i];
			const struct log_place *place = &group->places[column->leaf];

			if (place->values != group->rows)
				return fail(err, EBADMSG,
					    "row group %zu has %" PRIu64 " rows, and %" PRIu64 " values in a column",
					    parquet->group, group->rows, place->values);
			log_chunk_begin(&column->chunk, parquet->fd, &parquet->memory, &footer->leaves[column->leaf],
					place);
		}
	}
	return 1;
}

/* start and end in seconds, whatever the file counts in. */
static void scale(const struct log_leaf *leaf, uint8_t column, struct log_value *value)
{
	if (leaf->per_second > 0 && (column == FIELD_START || column == FIELD_END))
		value->number /= leaf->per_second;
}

/* A number where text is wanted is its digits, of which the column's own are given. */
static void write_number(struct column *column, struct log_value *value)
{
	char *digits = column->digits;
	char *end = value->is_negative ? output_number_signed(digits, (int64_t)value->number)
				       : output_number_unsigned(digits, value->number);

	*end = '\0';
	*value = (struct log_value){ .kind = LOG_VALUE_TEXT, .text = { digits, (size_t)(end - digits) } };
}

static bool is_none(const struct log_text *text)
{
	return text->length == 4 && memcmp(text->at, "None", 4) == 0;
}

static bool take(const struct log_parquet *parquet, struct column *column, struct log_value *value, struct log_row *row,
		 struct log_text *message)
{
	if (value->kind == LOG_VALUE_NUMBER) {
		if (!value->is_negative && log_row_takes_numbers(column->column)) {
			scale(&parquet->footer.leaves[column->leaf], column->column, value);
			return log_row_take_number(row, column->column, value->number);
		}
		write_number(column, value);
	}
	if (column->column == LOG_COLUMN_MESSAGE) {
		*message = value->kind == LOG_VALUE_TEXT ? value->text : (struct log_text){ "", 0 };
		return true;
	}
	if (value->kind == LOG_VALUE_NONE || is_none(&value->text))
		return log_row_take_whole(row, column->column, "", 0);
	return log_row_take_whole(row, column->column, value->text.at, value->text.length);
}

/* Every column goes on to its next value, also where one of the row cannot be read. */
static int take_row(struct log_parquet *parquet, struct log_row *row, struct log_text *message, struct error *err)
{
	bool is_good = true;

	for (size_t i = 0; i < parquet->column_count; i++) {
		struct column *column = &parquet->columns[i];
		struct log_value value;
		int ret = log_chunk_next(&column->chunk, &value, err);

		if (ret < 0)
			return ret;
		is_good = is_good && take(parquet, column, &value, row, message);
	}
	return is_good ? 1 : -EINVAL;
}

int log_parquet_read(struct log_parquet *parquet, struct log_row *row, struct log_text *message, struct error *err)
{
	struct error why = { "" };
	int ret;

	*message = (struct log_text){ NULL, 0 };
	if (parquet->ended)
		return 0;
	ret = begin_group(parquet, &why);
	if (ret > 0)
		ret = take_row(parquet, row, message, &why);
	parquet->ended = ret <= 0 && ret != -EINVAL;
	if (ret == -EBADMSG || ret == -ENOTSUP)
		return fail(err, -ret, "%s: %s; row %" PRIu64 " and what follows it is lost", parquet->name, why.text,
			    parquet->row + 1);
	if (ret == -ENOMEM)
		return fail_memory(err, parquet->name);
	if (parquet->ended)
		return ret;
	parquet->group_left--;
	parquet->row++;
	return ret;
}
