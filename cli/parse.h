/* cli/parse.h - single values as people write them, on the command line and in the configuration alike.
 *
 * `what` says whose value it is ("--interval", "mac") and begins the sentence when the value is wrong. Unless said
 * otherwise a function returns 0, or -EINVAL with that sentence and what it writes to unchanged. */
#ifndef ENIFLOW_CLI_PARSE_H
#define ENIFLOW_CLI_PARSE_H

#include "flow/address.h"
#include "flow/error.h"

/* A whole decimal number without sign, blanks, or zeros in front. */
int parse_number(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *out, struct error *err);

/* Bytes: a whole number as above, behind it K, M or G (also as KiB, MiB, GiB) for 1024, 1024 K, 1024 M. */
int parse_size(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *out, struct error *err);

/* yes/no, true/false, on/off, 1/0, in any case. */
int parse_switch(const char *what, const char *text, bool *out, struct error *err);

/* One of `choices`, which are written as "aws|none". Returns its place among them, from 0. */
int parse_choice(const char *what, const char *text, const char *choices, struct error *err);

/* Six octets of two hexadecimal digits with colons (or dashes) between; not a group address. */
int parse_mac(const char *what, const char *text, uint8_t out[static 6], struct error *err);

/* An address that an interface can have: no multicast, broadcast or unspecified one. */
int parse_host(const char *what, const char *text, struct flow_host *out, struct error *err);

/* ADDRESS/LENGTH without set bits behind LENGTH. */
int parse_prefix(const char *what, const char *text, struct flow_prefix *out, struct error *err);

/* Is the text fit to stand in a record: UTF-8, no white space, no control characters? */
int parse_word(const char *what, const char *text, struct error *err);

/* Puts a copy of `text` (NULL: nothing) in the place of what *slot held, both from malloc. Returns 0 or -ENOMEM. */
int parse_copy(char **slot, const char *what, const char *text, struct error *err);

/* Hands on each item of a list, whose items have blanks or commas between them. Stops at the first negative answer
 * and returns it; else 0, or -ENOMEM. */
typedef int parse_item_fn(void *ctx, const char *what, const char *item, struct error *err);
int parse_list(const char *what, const char *text, parse_item_fn *each, void *ctx, struct error *err);

#endif
