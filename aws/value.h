/* aws/value.h - the values of a document, each with the way to it at hand, so that a fault names its place:
 *
 *     describe-security-groups.json: SecurityGroups[3].IpPermissions[0].FromPort: an integer is expected, there is a
 *     string
 *
 * Nothing is looked at before it is asked for, so members that nobody knows are passed over. A read that finds the
 * wrong thing answers as if nothing were there, and the document keeps its first fault: whoever walks it looks at
 * `document->fault` at the end, and needs no check at each step. A member that is null is as good as not there: so the
 * aws command line prints what has no value. */
#ifndef ENIFLOW_AWS_VALUE_H
#define ENIFLOW_AWS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/document.h"

/* The document and the parent must outlive it, and stay where they are. */
struct aws_value {
	struct aws_document *document;
	const struct aws_value *parent; /* NULL: the root */
	const char *name;               /* as which member of an object it was reached, or NULL: */
	size_t index;                   /* as which element of an array */
	const struct json_t *json;      /* NULL: it is not there */
};

struct aws_value aws_value_root(struct aws_document *document);

/* A member of an object; of what is not there, nothing. */
struct aws_value aws_value_member(const struct aws_value *object, const char *name);

/* The same for a member that must be there: else it is a fault. */
struct aws_value aws_value_need(const struct aws_value *object, const char *name);

/* How many elements an array has: 0 for what is not there, and once there is a fault, so that loops end. */
size_t aws_value_count(const struct aws_value *array);
struct aws_value aws_value_item(const struct aws_value *array, size_t index);

/* A string; NULL where there is none. Valid as long as the document. */
const char *aws_value_text(struct aws_value value);

/* An integer in that range into *out. Returns false, and leaves *out, where there is none. */
bool aws_value_number(struct aws_value value, int64_t least, int64_t most, int64_t *out);

/* A boolean; false where there is none. */
bool aws_value_flag(struct aws_value value);

/* "SecurityGroups[3].GroupId", cut to `size`; "" for the root. */
void aws_value_place(const struct aws_value *value, char *out, size_t size);

/* Faults, of which a document keeps the first: it is not there; it is not what is expected ("an IPv4 address"); there
 * is no memory to keep it. */
void aws_value_missing(const struct aws_value *value);
void aws_value_wrong(const struct aws_value *value, const char *expected);
void aws_value_memory(const struct aws_value *value);

#endif
