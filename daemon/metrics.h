/* daemon/metrics.h - figures as text for Prometheus: its text exposition format, version 0.0.4.
 *
 * Families stand in a table that never changes, and are written in its order: none twice, each under its own heading
 * with help and type. A family says which labels it has; a sample gives their values only. So what can go wrong is a
 * sample that is there twice, and that is the caller's to avoid. Integers are written exactly and seconds from whole
 * nanoseconds, so no locale has a say. Not for two threads at once.
 *
 * Source: Prometheus, "Exposition formats" (text-based format) and "Metric and label naming". */
#ifndef ENIFLOW_DAEMON_METRICS_H
#define ENIFLOW_DAEMON_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

enum daemon_metrics_type {
	DAEMON_METRICS_COUNTER, /* grows from 0 at the start of the process; the name ends in _total */
	DAEMON_METRICS_GAUGE,   /* goes up and down; the name does not end in _total */
};

enum { DAEMON_METRICS_LABELS_MOST = 2 };

struct daemon_metrics_family {
	const char *name; /* with its unit: letters, digits and _ */
	enum daemon_metrics_type type;
	const char *help;                               /* one sentence */
	const char *labels[DAEMON_METRICS_LABELS_MOST]; /* names, NULL after the last */
};

/* The text that is being written. `bytes` is NULL while there is none; read it after daemon_metrics_end() only. */
struct daemon_metrics {
	char *bytes;
	size_t length;
	/* The rest is the module's. */
	size_t size;
	const struct daemon_metrics_family *families;
	size_t count, begun;
	int failed;
};

/* For the families of a table, which must outlive it; takes no memory. Returns -EINVAL for a table whose names, labels
 * or types are not as they must be: the sentence says which. End with daemon_metrics_free(). */
int daemon_metrics_init(struct daemon_metrics *metrics, const struct daemon_metrics_family *families, size_t count,
			struct error *err);

/* Takes a zeroed one too, and leaves it zeroed. */
void daemon_metrics_free(struct daemon_metrics *metrics);

/* Forgets the text, but not its memory. */
void daemon_metrics_clear(struct daemon_metrics *metrics);

/* Begins the family of that number in the table. One that stands before the last that was begun, or that one again, is
 * a slip: daemon_metrics_end() tells it. */
void daemon_metrics_begin(struct daemon_metrics *metrics, size_t number);

/* A sample of the family that was begun last. `values` are those of its labels, in their order; NULL where it has none.
 * A value may be any string: what is not printable ASCII becomes \xNN. */
void daemon_metrics_count(struct daemon_metrics *metrics, const char *const *values, uint64_t value);

/* The same for a time or a span of nanoseconds, which is written in seconds. */
void daemon_metrics_seconds(struct daemon_metrics *metrics, const char *const *values, int64_t nanoseconds);

/* All is written. Returns 0; -ENOMEM; -EINVAL where functions above were called in a wrong order. After a failure the
 * text is empty. */
int daemon_metrics_end(struct daemon_metrics *metrics, struct error *err);

#endif
