/* aws/document.h - a JSON file as a whole, read and parsed, before anybody asks what is in it.
 *
 * Strict: UTF-8, no member twice in an object, no NUL in a string, one value and nothing behind it, nested at most as
 * deep as the library allows (2,048). A byte order mark in front is passed over. A sentence says line and column. */
#ifndef ENIFLOW_AWS_DOCUMENT_H
#define ENIFLOW_AWS_DOCUMENT_H

#include <stddef.h>

#include "flow/error.h"

struct json_t; /* of jansson */

/* One document, and the first fault that was found in it while it was walked (aws/value.h). Zeroed, there is none. */
struct aws_document {
	const char *path;    /* what it is called; the caller's */
	struct json_t *root; /* owned */
	struct error *err;   /* where the first fault's sentence goes; the caller's, or NULL */
	int fault;           /* 0, or the negative errno of the first fault */
};

enum { AWS_DOCUMENT_MOST = 256 * 1024 * 1024 }; /* bytes of a file; what is larger is no list of an account */

/* Reads a file, which may be a pipe. Returns 0; -EINVAL: no JSON; -EFBIG: too large; -ENOMEM; or why it cannot be read.
 * On failure there is nothing to free. `path` and `err` must outlive the document. */
int aws_document_read(struct aws_document *document, const char *path, struct error *err);

/* The same from bytes, which may be given back afterwards. */
int aws_document_parse(struct aws_document *document, const char *path, const char *bytes, size_t length,
		       struct error *err);

/* Takes a zeroed document, too, and leaves it zeroed. */
void aws_document_free(struct aws_document *document);

/* The version of the library that parses them; in static memory. */
const char *aws_document_library(void);

#endif
