/* cli/inifile.h - walks an INI file by way of inih, without what inih passes over in silence.
 *
 * inih cuts lines of over 200 bytes and names of over 49, ends a line at a zero byte, drops what stands behind a
 * section's name, and does not tell of sections without keys. So each line is looked at before inih gets it,
 * sections are taken from there, and inih splits keys from values. Comments begin with ; or # on a line of their
 * own, or with ; behind a blank. CRLF, a byte order mark and a last line without its end are all right. */
#ifndef ENIFLOW_CLI_INIFILE_H
#define ENIFLOW_CLI_INIFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "flow/error.h"

/* What is told, in the order of the file. A negative answer ends the walk, with its sentence as it is
 * (inifile_place() tells where). The strings, without blanks at their ends, are valid during the call. */
struct inifile_handler {
	int (*section)(void *ctx, unsigned line, const char *name, struct error *err);
	/* `continues`: the line is indented and goes on with the value of `key`, which stands above it. */
	int (*pair)(void *ctx, unsigned line, const char *key, const char *value, bool continues, struct error *err);
};

/* Returns 0; -EINVAL: a line is neither a section nor a pair, too long, or holds control characters; the read error;
 * or what the handler answered. The first fault in the file is the one that is told. */
int inifile_read(FILE *file, const char *path, const struct inifile_handler *handler, void *ctx, struct error *err);

enum { INIFILE_LINE_MOST = 199 }; /* bytes of a line, its end not counted: inih's buffer has 200 */

/* A control character: none but the tab may stand in a line. */
bool inifile_is_control(char c);

/* Would the value of a key be read back as it is, if its line is not too long? */
bool inifile_is_value(const char *text);

/* Puts "PATH:LINE: " before the sentence. Returns `code`. */
int inifile_place(struct error *err, const char *path, unsigned line, int code);

#endif
