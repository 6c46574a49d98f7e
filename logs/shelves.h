/* logs/shelves.h - records that wait for others of earlier windows.
 *
 * Each window has its shelf; the records of one stand in the order in which they came. Kept small, in one piece of memory
 * for each 16,384 of them (an IPv4 record takes 64 bytes and an IPv6 one 128), which is taken as records come and given
 * back at the end. Pure; not for two threads at once. */
#ifndef ENIFLOW_LOGS_SHELVES_H
#define ENIFLOW_LOGS_SHELVES_H

#include "flow/error.h"
#include "logs/record.h"

struct log_shelves;

/* `interval`: how long a window is, in seconds; it starts at a multiple of that. */
int log_shelves_new(struct log_shelves **out, uint32_t interval, struct error *err);
void log_shelves_free(struct log_shelves *shelves);

/* Puts a record (copied, but for its origin) on the shelf of the window in which it starts. An end of over 2^32 - 1
 * seconds behind the start is taken for that. Returns 0 or -ENOMEM. */
int log_shelves_put(struct log_shelves *shelves, const struct log_record *record, struct error *err);

size_t log_shelves_count(const struct log_shelves *shelves);

/* Where the earliest window of those with records starts, and where the latest record that ever was put there did; Unix
 * seconds. There is a record. */
int64_t log_shelves_earliest(const struct log_shelves *shelves);
int64_t log_shelves_latest(const struct log_shelves *shelves);

/* Takes the first record of the earliest window. There is one. */
void log_shelves_take(struct log_shelves *shelves, struct log_record *out);

#endif
