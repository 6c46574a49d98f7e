#include "cli/inifile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

struct reading {
	FILE *file;
	const char *path;
	const struct inifile_handler *handler;
	void *ctx;
	struct error *err;
	unsigned line;
	bool below_pair; /* an indented line would continue the key above it */
	bool continues;  /* the line that inih has does so */
	int code;        /* the first failure */
};

static const char blanks[] = " \t\r";

bool inifile_is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool inifile_is_value(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (inifile_is_control(text[i]) || (text[i] == ';' && (i == 0 || text[i - 1] == ' ')))
			return false;
	return length > 0 && text[0] != ' ' && text[length - 1] != ' ';
}

int inifile_place(struct error *err, const char *path, unsigned line, int code)
{
	struct error inner;

	if (!err)
		return code;
	inner = *err;
	return fail(err, -code, "%s:%u: %s", path, line, inner.text);
}

/* The text between blanks, as a string of its own. */
static char *trimmed(const char *text, size_t length)
{
	size_t front = 0;

	while (front < length && strchr(blanks, text[front]))
		front++;
	while (length > front && strchr(blanks, text[length - 1]))
		length--;
	return strndup(text + front, length - front);
}

/* How much of the text stands before a comment: before a ; behind a blank. */
static size_t before_comment(const char *text)
{
	const char *at = text;

	while ((at = strchr(at, ';')) && (at == text || !strchr(blanks, at[-1])))
		at++;
	return at ? (size_t)(at - text) : strlen(text);
}

/* Reads a line without its end; of one that is too long, as much as there is room for. Returns 1, 0: no line is
 * left, or the read error; `length` is the whole line's. */
static int read_line(struct reading *r, char *line, size_t room, size_t *length)
{
	int c;

	*length = 0;
	while ((c = getc(r->file)) != EOF && c != '\n') {
		if (*length < room - 1)
			line[*length] = (char)c;
		++*length;
	}
	if (ferror(r->file))
		return fail_errno(r->err, "%s: cannot be read", r->path);
	line[*length < room ? *length : room - 1] = '\0';
	return c != EOF || *length > 0;
}

/* What inih would cut or take for something else. */
static int check_line(struct reading *r, const char *line, size_t length, size_t room)
{
	if (length >= room)
		return fail(
			r->err, EINVAL,
			"%s:%u: the line has %zu bytes, more than the %zu that can be read; continue it on indented "
			"lines",
			r->path, r->line, length, room - 1);
	if (length > 0 && line[length - 1] == '\r')
		length--;
	for (size_t i = 0; i < length; i++)
		if (line[i] != '\t' && inifile_is_control(line[i]))
			return fail(r->err, EINVAL, "%s:%u: byte %zu is a control character (0x%02x)", r->path, r->line,
				    i + 1, line[i] & 0xffU);
	return 0;
}

/* `text` begins with the [ of a section. */
static int tell_section(struct reading *r, const char *text)
{
	size_t length = before_comment(text);
	const char *end = memchr(text, ']', length);
	char *name;
	int ret;

	if (!end)
		return fail(r->err, EINVAL, "%s:%u: the ] of the section is missing", r->path, r->line);
	end++;
	if (strspn(end, blanks) < length - (size_t)(end - text))
		return fail(r->err, EINVAL, "%s:%u: %s: text behind a section", r->path, r->line, text);
	name = trimmed(text + 1, (size_t)(end - text) - 2);
	if (!name)
		return fail_memory(r->err, r->path);
	r->below_pair = false;
	ret = r->handler->section(r->ctx, r->line, name, r->err);
	free(name);
	return ret;
}

/* inih's ini_reader: the next line, or NULL at the end and after a failure. */
static char *next_line(char *line, int room, void *stream)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct reading *r = stream;
	const char *start = line, *text;
	size_t length;
	int ret = r->code < 0 ? 0 : read_line(r, line, (size_t)room, &length);

	if (ret <= 0) {
		r->code = ret < 0 ? ret : r->code;
		return NULL;
	}
	r->line++;
	if (r->line == 1 && strncmp(line, mark, strlen(mark)) == 0)
		start += strlen(mark);
	text = start + strspn(start, blanks);
	r->continues = r->below_pair && text > start;
	if (*text == ';' || *text == '#')
		line[0] = '\0'; /* whatever its length */
	else
		r->code = check_line(r, line, length, (size_t)room);
	if (r->code == 0 && *text == '[' && !r->continues)
		r->code = tell_section(r, text);
	return r->code < 0 ? NULL : line;
}

/* inih's ini_handler; it wants true. The section is known better here, and inih's older versions leave comments on
 * lines that continue a value. */
static int tell_pair(void *user, const char *section, const char *key, const char *text)
{
	struct reading *r = user;
	char *value = trimmed(text, before_comment(text));

	(void)section;
	r->below_pair = *key != '\0';
	if (!value)
		r->code = fail_memory(r->err, r->path);
	else if (!*key)
		r->code = fail(r->err, EINVAL, "%s:%u: a key is missing before the =", r->path, r->line);
	else
		r->code = r->handler->pair(r->ctx, r->line, key, value, r->continues, r->err);
	free(value);
	return true;
}

int inifile_read(FILE *file, const char *path, const struct inifile_handler *handler, void *ctx, struct error *err)
{
	struct error first = { "" };
	struct reading r = { .file = file, .path = path, .handler = handler, .ctx = ctx, .err = &first };
	int refused = ini_parse_stream(next_line, &r, tell_pair, &r);

	if (refused > 0) /* before r.code, if there is one: at a failure of ours the walk ends */
		return fail(err, EINVAL, "%s:%d: neither a [section] nor KEY = VALUE", path, refused);
	if (refused < 0)
		return fail_memory(err, path);
	if (r.code < 0 && err)
		*err = first;
	return r.code;
}
