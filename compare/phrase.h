/* compare/phrase.h - the parts of a report that people read, in text as on a page: numbers, times, flows, names.
 *
 * Plain ASCII, but for names out of files: compare_phrase_safe(). */
#ifndef ENIFLOW_COMPARE_PHRASE_H
#define ENIFLOW_COMPARE_PHRASE_H

#include "compare/result.h"
#include "output/buffer.h"

enum {
	COMPARE_PHRASE_NUMBER = 32,  /* room for a number */
	COMPARE_PHRASE_TIME = 32,    /* for a time or a duration */
	COMPARE_PHRASE_FLOW = 128,   /* for a flow */
	COMPARE_PHRASE_ENDPOINT = 56 /* for an address with its port */
};

/* "1,234,567". All of these return `out`. */
const char *compare_phrase_number(char out[static COMPARE_PHRASE_NUMBER], uint64_t number);

/* `a` less `b`: "-46", "+1,234", "0". */
const char *compare_phrase_difference(char out[static COMPARE_PHRASE_NUMBER], uint64_t a, uint64_t b);

/* "2026-11-20 10:00:00", UTC. */
const char *compare_phrase_time(char out[static COMPARE_PHRASE_TIME], int64_t seconds);

/* "2026-11-20 10:00:00 .. 10:29:59": the date again only where it is another. */
const char *compare_phrase_span(char out[static 2 * COMPARE_PHRASE_TIME], int64_t start, int64_t end);

/* "3.25", "-2", "0": to the thousandth, with a point in every locale; JSON takes it, too. */
const char *compare_phrase_seconds(char out[static COMPARE_PHRASE_TIME], double seconds);

/* "10.0.0.62", "2001:db8::62". */
const char *compare_phrase_address(char out[static COMPARE_PHRASE_ENDPOINT], const struct compare_key *key,
				   bool source);

/* "10.0.0.62:443", "[2001:db8::62]:443"; without a port where the protocol has none. */
const char *compare_phrase_endpoint(char out[static COMPARE_PHRASE_ENDPOINT], const struct compare_key *key,
				    bool source);

/* "tcp 10.0.0.62:443 <- 203.0.113.9:51022": the interface's own end first. Where the direction is not known, the source
 * first: "tcp 203.0.113.9:51022 to 10.0.0.62:443". */
const char *compare_phrase_flow(char out[static COMPARE_PHRASE_FLOW], const struct compare_key *key);

/* The names of those fields that the log has no value of, and so are not compared, in the order of the format: the `nth`
 * from 0; NULL: there are no more. An address that the packets' tells is none of them. */
const char *compare_phrase_unknown(const struct compare_result *result, size_t nth);

/* Appends a text out of a file so that no terminal takes it for a command, nor a reader for another text than it is:
 * control characters, those that turn the direction of writing, and what is no UTF-8 become "\xNN", byte by byte. */
void compare_phrase_safe(struct output_buffer *out, const char *text);

#endif
