#include "logs/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logs/csv.h"
#include "logs/form.h"
#include "logs/json.h"
#include "logs/line.h"
#include "logs/object.h"
#include "logs/parquet.h"
#include "logs/spool.h"
#include "logs/token.h"

/* A line, a row or an object, as it stands in the file. */
struct unit {
	const char *at, *end; /* a blank stands at `end` */
	size_t taken;         /* bytes up to the next one, this one's included */
	bool is_value;        /* else it lies between those of JSON */
};

struct log_file {
	struct capture_input input;
	struct log_run *run;
	enum log_form form;
	struct log_lines lines;
	struct log_layout header;  /* of CSV */
	struct log_json_scan scan; /* of JSON */
	struct log_parquet *parquet;
	bool in_quotes;   /* of CSV: what has been searched ends between quotes */
	uint64_t line;    /* number of the line where the unit begins that is read; of Parquet, of the row */
	size_t searched;  /* bytes from the input's place on that do not end it */
	bool is_too_long; /* its beginning is gone already */
	bool ended, has_first;
	bool is_checked; /* there was a record */
	bool has_told_more, has_told_unknown;
	unsigned doubts;    /* lines that could not be read before there was a record */
	struct error doubt; /* what was wrong with the first of them */
	uint64_t doubt_line;
	bool has_rest; /* it was taken for the rest of a line */
	char *tail;    /* a last line without a newline */
	char *values;  /* of a row of CSV, each with an end mark */
	size_t tail_room, values_room;
	struct log_row row;
	struct log_record first;
};

static const char *name_of(const struct log_file *file)
{
	return capture_input_name(&file->input);
}

/* What it calls what is to be a record. */
static const char *unit_name(const struct log_file *file)
{
	return file->form == LOG_FORM_PARQUET ? "row" : "line";
}

/* ---- units ---- */

static size_t longest(const struct log_file *file)
{
	return file->form == LOG_FORM_JSON ? LOG_OBJECT_MOST : LOG_LINE_MOST;
}

static int find_line(struct log_file *file, const char *at, size_t length, struct unit *unit)
{
	const char *end = memchr(at + file->searched, '\n', length - file->searched);

	if (!end)
		return 0;
	*unit = (struct unit){ at, end, (size_t)(end - at) + 1, true };
	return 1;
}

static int find_row(struct log_file *file, const char *at, size_t length, struct unit *unit)
{
	const char *end = log_csv_row_end(at + file->searched, at + length, &file->in_quotes);

	if (!end)
		return 0;
	*unit = (struct unit){ at, end, (size_t)(end - at) + 1, true };
	return 1;
}

static int find_value(struct log_file *file, const char *at, size_t length, struct unit *unit)
{
	size_t taken = log_json_scan(&file->scan, at + file->searched, length - file->searched);

	if (!taken)
		return 0;
	taken += file->searched;
	*unit = (struct unit){ at, at + taken, taken, file->scan.is_value };
	return 1;
}

/* Looks for the end of the unit in what is there; 0: it is further on. */
static int find_unit(struct log_file *file, struct unit *unit)
{
	const char *at = (const char *)file->input.at;
	size_t length = (size_t)(file->input.end - file->input.at);

	switch (file->form) {
	case LOG_FORM_CSV:
		return find_row(file, at, length, unit);
	case LOG_FORM_JSON:
		return find_value(file, at, length, unit);
	default:
		return find_line(file, at, length, unit);
	}
}

static uint64_t count_newlines(const char *at, size_t length)
{
	const char *end = at + length;
	uint64_t count = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		count++;
		at++;
	}
	return count;
}

/* Moves behind `n` bytes. */
static void take(struct log_file *file, size_t n)
{
	file->line += count_newlines((const char *)file->input.at, n);
	capture_input_take(&file->input, n);
	file->searched = 0;
}

/* Sees to room for `need` bytes; false: out of memory. */
static bool make_room(char **bytes, size_t *room, size_t need)
{
	char *grown = need > *room ? realloc(*bytes, need) : *bytes;

	if (!grown)
		return false;
	if (need > *room)
		*room = need;
	*bytes = grown;
	return true;
}

static void tell_fault(struct log_file *file, const char *fault, size_t left)
{
	file->run->state.is_damaged = true;
	notify(file->run->notices, "%s: %s, in line %" PRIu64 "%s", name_of(file), fault, file->line,
	       left > 0 ? ", which is lost with what follows it" : "");
}

/* What stands behind the last newline. */
static int last_unit(struct log_file *file, struct unit *unit, struct error *err)
{
	const char *fault = capture_input_fault(&file->input);
	size_t left = (size_t)(file->input.end - file->input.at);

	file->ended = true;
	if (fault)
		tell_fault(file, fault, left);
	if (file->scan.depth > 0 && left == 0)
		tell_fault(file, "the file ends inside a value of JSON", 0);
	if (fault || (left == 0 && !file->is_too_long))
		return 0;
	if (!make_room(&file->tail, &file->tail_room, left + 1))
		return fail_memory(err, name_of(file));
	memcpy(file->tail, file->input.at, left);
	file->tail[left] = '\0';
	*unit = (struct unit){ file->tail, file->tail + left, left, true };
	return 1;
}

/* What is too long is not held until it ends. A row of CSV is then believed to end with its line. */
static void let_go(struct log_file *file, size_t length)
{
	take(file, length);
	file->is_too_long = true;
	file->in_quotes = false;
}

/* The next line, row or object. 1, 0: the end, or as capture_input_fill(). */
static int next_unit(struct log_file *file, struct unit *unit, bool wait, struct error *err)
{
	while (!file->ended) {
		size_t length = (size_t)(file->input.end - file->input.at);
		int ret;

		if (find_unit(file, unit)) {
			/* Or it would depend on how much comes at once. */
			file->is_too_long |= unit->is_value && unit->taken > longest(file) + 1;
			return 1;
		}
		file->searched = length;
		if (length > longest(file))
			let_go(file, length);
		ret = capture_input_need(&file->input, file->searched + 1, wait, err);
		if (ret == 0)
			return last_unit(file, unit, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* ---- records ---- */

static int unreadable(struct log_file *file, const char *reason)
{
	log_run_unreadable(file->run, name_of(file), unit_name(file), file->line, reason);
	if (file->doubts++ == 0) {
		fail(&file->doubt, EINVAL, "%s", reason);
		file->doubt_line = file->line;
	}
	return 0;
}

static int refuse(struct log_file *file, const char *reason, struct error *err)
{
	if (file->form == LOG_FORM_PARQUET)
		return fail(err, EINVAL, "%s %s", name_of(file), reason);
	return fail(err, EINVAL, "%s: line %" PRIu64 " %s", name_of(file), file->line, reason);
}

static void tell_unknown(const struct log_file *file, const struct log_layout *layout)
{
	const char *what = layout->unknown == 1 ? "a column is" : "some columns are";

	if (file->form == LOG_FORM_PARQUET)
		notify(file->run->notices, "%s: %s no field of a flow log; passed over: %s", name_of(file), what,
		       layout->names);
	else
		notify(file->run->notices, "%s: line %" PRIu64 ": %s no field of a flow log; passed over: %s",
		       name_of(file), file->line, what, layout->names);
}

/* Columns that were read from names: told are those that nobody knows; refused is a file that has no times. */
static int check_layout(struct log_file *file, const struct log_layout *layout, struct error *err)
{
	bool has_times = log_layout_has(layout, FIELD_START) && log_layout_has(layout, FIELD_END);

	if (!has_times && !file->is_checked)
		return refuse(file, "names no start or no end among its columns, and without them no record has a time",
			      err);
	if (layout->unknown > 0 && !file->has_told_unknown)
		tell_unknown(file, layout);
	file->has_told_unknown |= layout->unknown > 0;
	return 0;
}

static void tell_more(struct log_file *file)
{
	if (!file->lines.has_more || file->has_told_more)
		return;
	file->has_told_more = true;
	notify(file->run->notices, "%s: line %" PRIu64 ": has more values than columns; such values are passed over",
	       name_of(file), file->line);
}

/* A row whose values are all there. 1: it is a record; 0: it cannot be read; -ENOMEM. */
static int finish(struct log_file *file, struct log_record *out, struct error *err)
{
	int ret;

	if (!log_row_finish(&file->row, out))
		return unreadable(file, file->row.fault.text);
	ret = log_origins_find(file->run->origins, &file->row, &out->origin, err);
	if (ret == -EINVAL)
		return unreadable(file, file->row.fault.text);
	if (ret < 0)
		return ret;
	log_run_record(file->run, out);
	file->is_checked = true;
	return 1;
}

/* Nothing explains the line. A first one with fewer values than need no word may be the rest of a line that was cut off
 * (tail -c), which costs that line; were it the only one, the file would be refused all the same. */
static int read_unexplained(struct log_file *file, const char *at, const char *end, struct error *err)
{
	size_t count = log_token_count(at, end);
	char reason[80];
	int ret;

	if (file->is_checked)
		return unreadable(file, file->row.fault.text);
	if (file->line > 1 || count > FIELD_LOG_STATUS)
		return refuse(file, file->row.fault.text, err);
	snprintf(reason, sizeof(reason), "has %zu value%s: the rest of a line, it seems", count, count == 1 ? "" : "s");
	ret = unreadable(file, reason);
	file->doubt = file->row.fault;
	file->has_rest = true;
	return ret;
}

/* A line of text, be it a message of CSV or JSON. 1: a record; 0: none; or a negative errno. */
static int read_line(struct log_file *file, const char *at, const char *end, struct log_record *out, struct error *err)
{
	struct log_row *row = &file->row;

	log_row_begin(row, log_origins_before(file->run->origins));
	switch (log_lines_read(&file->lines, row, at, end)) {
	case LOG_LINE_RECORD:
		tell_more(file);
		return finish(file, out, err);
	case LOG_LINE_UNREADABLE:
		return unreadable(file, row->fault.text);
	case LOG_LINE_UNEXPLAINED:
		return read_unexplained(file, at, end, err);
	case LOG_LINE_NOTHING:
		break;
	}
	if (!file->lines.has_new_layout)
		return 0;
	file->lines.has_new_layout = false;
	return check_layout(file, &file->lines.layout, err);
}

/* What CloudWatch sends now and then to see whether anybody listens. */
static bool is_control(const char *at, const char *end)
{
	static const char mark[] = "CWL CONTROL MESSAGE";

	return (size_t)(end - at) >= sizeof(mark) - 1 && memcmp(at, mark, sizeof(mark) - 1) == 0;
}

static int read_message(struct log_file *file, const char *at, const char *end, struct log_record *out,
			struct error *err)
{
	return is_control(at, end) ? 0 : read_line(file, at, end, out, err);
}

/* ---- CSV ---- */

static int read_header(struct log_file *file, const struct unit *unit, struct error *err)
{
	bool has_room = true;

	for (const char *at = unit->at; at && has_room;) {
		size_t length = log_csv_value(&at, unit->end, file->values);

		has_room = log_layout_add(&file->header, file->values, length);
	}
	if (!has_room)
		return refuse(file, "has more columns than a flow log can have", err);
	log_layout_finish(&file->header);
	return log_layout_has(&file->header, LOG_COLUMN_MESSAGE) ? 0 : check_layout(file, &file->header, err);
}

/* Takes the values of a row; false: it has too few, or one cannot be read. `message` becomes that one, if it is there. */
static bool take_row(struct log_file *file, const struct unit *unit, char **message, size_t *message_length)
{
	const struct log_layout *header = &file->header;
	char *out = file->values;
	size_t i = 0;

	for (const char *at = unit->at; at && i < header->count; i++) {
		size_t length = log_csv_value(&at, unit->end, out);
		uint8_t column = header->columns[i];

		if (column == LOG_COLUMN_MESSAGE) {
			*message = out;
			*message_length = length;
		} else if (!*message && !log_row_take_whole(&file->row, column, out, length)) {
			return false;
		}
		file->lines.has_more |= i + 1 == header->count && at;
		out += length + 1;
	}
	if (i < header->count)
		return log_row_fault(&file->row, "has %zu value%s for %zu columns", i, i == 1 ? "" : "s",
				     header->count);
	return true;
}

static int read_row(struct log_file *file, const struct unit *unit, struct log_record *out, struct error *err)
{
	size_t length = (size_t)(unit->end - unit->at), message_length = 0;
	char *message = NULL;

	if (!make_room(&file->values, &file->values_room, length + 2))
		return fail_memory(err, name_of(file));
	if (log_token_next(unit->at, unit->end) == unit->end)
		return 0;
	if (file->header.count == 0)
		return read_header(file, unit, err);
	log_row_begin(&file->row, log_origins_before(file->run->origins));
	if (!take_row(file, unit, &message, &message_length))
		return unreadable(file, file->row.fault.text);
	tell_more(file);
	if (message)
		return read_message(file, message, message + message_length, out, err);
	return finish(file, out, err);
}

/* ---- JSON ---- */

static int read_object(struct log_file *file, const struct unit *unit, struct log_record *out, struct error *err)
{
	struct log_object object;
	int ret;

	log_row_begin(&file->row, log_origins_before(file->run->origins));
	if (!log_object_parse(&object, unit->at, (size_t)(unit->end - unit->at), &file->row))
		return unreadable(file, file->row.fault.text);
	if (object.line)
		ret = read_message(file, object.line, object.line + object.length, out, err);
	else if (log_object_take(&object, &file->row))
		ret = finish(file, out, err);
	else
		ret = unreadable(file, file->row.fault.text);
	log_object_free(&object);
	return ret;
}

/* ---- Parquet ---- */

/* What was read before stays. 0, for the end. */
static int tell_damage(struct log_file *file, const struct error *damage)
{
	file->run->state.is_damaged = true;
	notify(file->run->notices, "%s", damage->text);
	return 0;
}

static int check_columns(struct log_file *file, struct error *err)
{
	const char *nested = log_parquet_nested(file->parquet);

	if (*nested)
		notify(file->run->notices, "%s: columns in columns are no fields of a flow log; passed over: %s",
		       name_of(file), nested);
	if (log_layout_has(log_parquet_layout(file->parquet), LOG_COLUMN_MESSAGE))
		return 0;
	return check_layout(file, log_parquet_layout(file->parquet), err);
}

static int begin_parquet(struct log_file *file, const char *path, struct error *err)
{
	int fd = log_spool(&file->input, path, err);
	struct error why = { "" };
	int ret;

	if (fd < 0)
		return fd;
	file->line = 0;
	ret = log_parquet_open(&file->parquet, fd, name_of(file), &why);
	if (ret == -EBADMSG)
		return tell_damage(file, &why);
	return ret < 0 ? fail(err, -ret, "%s", why.text) : check_columns(file, err);
}

/* 1: a record; 0: none, where `*ended` says whether there are more rows; or a negative errno. */
static int read_parquet(struct log_file *file, struct log_record *out, bool *ended, struct error *err)
{
	struct error why = { "" };
	struct log_text message;
	int ret;

	*ended = true;
	if (!file->parquet)
		return 0;
	log_row_begin(&file->row, log_origins_before(file->run->origins));
	ret = log_parquet_read(file->parquet, &file->row, &message, &why);
	*ended = ret == 0 || (ret < 0 && ret != -EINVAL);
	file->line += !*ended;
	if (ret == -EBADMSG || (ret == -ENOTSUP && file->is_checked))
		return tell_damage(file, &why);
	if (ret == -EINVAL)
		return unreadable(file, file->row.fault.text);
	if (ret <= 0)
		return ret < 0 ? fail(err, -ret, "%s", why.text) : 0;
	if (message.at)
		return read_message(file, message.at, message.at + message.length, out, err);
	return finish(file, out, err);
}

/* ---- reading ---- */

static int read_unit(struct log_file *file, const struct unit *unit, struct log_record *out, struct error *err)
{
	char reason[64];

	if (file->is_too_long) {
		file->is_too_long = false;
		snprintf(reason, sizeof(reason), "is longer than %zu KiB", longest(file) / 1024);
		return unreadable(file, reason);
	}
	if (!unit->is_value)
		return 0;
	switch (file->form) {
	case LOG_FORM_CSV:
		return read_row(file, unit, out, err);
	case LOG_FORM_JSON:
		return read_object(file, unit, out, err);
	default:
		return read_line(file, unit->at, unit->end, out, err);
	}
}

/* Reads a unit. 1: it is a record; 0: none, where `*ended` says whether there are more; or a negative errno. */
static int read_next(struct log_file *file, struct log_record *out, bool wait, bool *ended, struct error *err)
{
	struct unit unit;
	int ret;

	if (file->form == LOG_FORM_PARQUET)
		return read_parquet(file, out, ended, err);
	ret = next_unit(file, &unit, wait, err);
	*ended = ret <= 0;
	if (ret <= 0)
		return ret;
	ret = read_unit(file, &unit, out, err);
	take(file, unit.taken);
	return ret;
}

/* Reads on to the next record. 1, 0: the end, or a negative errno. */
static int read_record(struct log_file *file, struct log_record *out, bool wait, struct error *err)
{
	for (;;) {
		bool ended;
		int ret = read_next(file, out, wait, &ended, err);

		if (ret != 0 || ended)
			return ret;
		if (!file->is_checked && file->doubts == LOG_FILE_DOUBT)
			return fail(err, EINVAL,
				    "%s is no flow log that can be read: none of its first %d %ss is; %s %" PRIu64
				    ": %s",
				    name_of(file), LOG_FILE_DOUBT, unit_name(file), unit_name(file), file->doubt_line,
				    file->doubt.text);
	}
}

int log_file_read(struct log_file *file, struct log_record *records, size_t room, bool wait, struct error *err)
{
	size_t count = 0;

	if (file->has_first && room > 0) {
		records[count++] = file->first;
		file->has_first = false;
	}
	while (count < room) {
		int ret = read_record(file, &records[count], wait && count == 0, err);

		if (ret < 0 && (count == 0 || (ret != -EAGAIN && ret != -EINTR)))
			return ret;
		if (ret <= 0)
			break;
		count++;
	}
	return (int)count;
}

/* ---- opening ---- */

/* Tells the form by as many whole lines as it takes. 0, or as capture_input_fill(). */
static int find_form(struct log_file *file, bool has_format, struct error *err)
{
	struct capture_input *input = &file->input;
	int ret = capture_input_fill(input, 1, true, err);

	if (ret < 0)
		return ret;
	for (;;) {
		const char *at = (const char *)input->at, *end = (const char *)input->end;
		size_t length = (size_t)(end - at);

		if (ret > 0 && length < LOG_FORM_LOOK)
			end = memrchr(at, '\n', length);
		if (end)
			file->form = log_form_of(at, end, has_format);
		if (ret == 0 || length >= LOG_FORM_LOOK || file->form != LOG_FORM_NONE)
			return 0;
		ret = capture_input_fill(input, length + 1, true, err);
		if (ret < 0)
			return ret;
	}
}

/* Looks at the first bytes, and passes over a byte order mark. */
static int begin(struct log_file *file, bool has_format, struct error *err)
{
	struct capture_input *input = &file->input;
	int ret = find_form(file, has_format, err);
	const char *at = (const char *)input->at, *end = (const char *)input->end;

	if (ret < 0)
		return ret;
	capture_input_take(input, (size_t)(log_form_skip_mark(at, end) - at));
	if (file->form != LOG_FORM_NONE)
		return 0;
	if (log_token_next((const char *)input->at, end) < end)
		return fail(err, EINVAL, "%s is no flow log: its first lines are no record, and name no fields",
			    name_of(file));
	file->form = LOG_FORM_TEXT;
	return 0;
}

/* Keeps the first record. */
static int read_first(struct log_file *file, struct error *err)
{
	int ret = read_record(file, &file->first, true, err);

	file->has_first = ret > 0;
	if (ret == 0 && file->has_rest)
		return fail(err, EINVAL, "%s: line %" PRIu64 " %s", name_of(file), file->doubt_line, file->doubt.text);
	return ret < 0 ? ret : 0;
}

int log_file_open(struct log_file **out, const struct log_file_options *options, struct error *err)
{
	const struct capture_input_options input = { options->path, options->wake_fd, options->ahead };
	struct log_file *file = calloc(1, sizeof(*file));
	int ret = 0;

	if (!file)
		return fail_memory(err, options->path);
	file->run = options->run;
	file->line = 1;
	log_lines_init(&file->lines, options->format);
	if (options->input && options->input->state) {
		file->input = *options->input;
		*options->input = (struct capture_input){ 0 };
	} else {
		ret = capture_input_open(&file->input, &input, err);
	}
	if (ret == 0)
		ret = begin(file, options->format != NULL, err);
	if (ret == 0 && file->form == LOG_FORM_PARQUET)
		ret = begin_parquet(file, options->path, err);
	if (ret == 0)
		ret = read_first(file, err);
	if (ret < 0)
		log_file_close(file);
	else
		*out = file;
	return ret;
}

void log_file_close(struct log_file *file)
{
	if (!file)
		return;
	log_parquet_close(file->parquet);
	capture_input_close(&file->input);
	free(file->tail);
	free(file->values);
	free(file);
}

const struct log_record *log_file_first(const struct log_file *file)
{
	return file->has_first ? &file->first : NULL;
}

const struct capture_input *log_file_input(const struct log_file *file)
{
	return &file->input;
}

uint64_t log_file_consumed(const struct log_file *file)
{
	if (file->parquet && !capture_input_is_stream(&file->input) && !capture_input_compression(&file->input))
		return log_parquet_consumed(file->parquet);
	return capture_input_consumed(&file->input);
}
