/* cli/explain_notes.h - what else there is to say of a packet that `eniflow explain` is asked about. */
#ifndef ENIFLOW_CLI_EXPLAIN_NOTES_H
#define ENIFLOW_CLI_EXPLAIN_NOTES_H

#include <stdio.h>

#include "cli/question.h"

/* "10.0.0.62:443", "[2001:db8::62]:443"; without a port where the protocol has none. Made in `out`, which is
 * returned. */
enum { EXPLAIN_ENDPOINT_SIZE = 64 };
const char *explain_endpoint(char out[static EXPLAIN_ENDPOINT_SIZE], const struct flow_observation *packet,
			     bool source);

/* Writes a line for each: what was taken where nothing was said, addresses that are not the interface's, another
 * interface that judges the packet too, traffic that is not logged. Returns 0 or -ENOMEM. */
int explain_notes(FILE *out, const struct settings *settings, const struct question *question, struct error *err);

#endif
