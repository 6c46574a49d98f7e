/* logs/origins.h - the origins of a run's records, each kept once. Memory is bounded by what differs among them. */
#ifndef ENIFLOW_LOGS_ORIGINS_H
#define ENIFLOW_LOGS_ORIGINS_H

#include "logs/row.h"

struct log_origins;

int log_origins_new(struct log_origins **out, struct error *err);
void log_origins_free(struct log_origins *origins);

/* The origin of a finished row: the one that says the same, or a new one, into which its texts are copied. 0 and `*out`,
 * valid until the origins are freed. -EINVAL: one of the texts is none that a log can hold (too long, or with a blank or
 * control character in it), as the row's `fault` says. -ENOMEM, as `err` says. */
int log_origins_find(struct log_origins *origins, struct log_row *row, const struct flow_origin **out,
		     struct error *err);

/* The texts of the origin that was found last, for log_row_begin(). */
const struct log_text *log_origins_before(const struct log_origins *origins);

/* By number; NULL behind the last. */
const struct flow_origin *log_origins_get(const struct log_origins *origins, size_t number);

#endif
