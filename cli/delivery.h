/* cli/delivery.h - the settings of where the log goes and what its files hold: destination, type, compression,
 * partitions, Kafka's properties, other addresses; and what the writer is to make of them.
 *
 * The functions that put answer 0, -EINVAL or -ENOMEM and leave the settings as they are on failure; `what` is what the
 * value is called where it stands, and begins the sentence of an error. */
#ifndef ENIFLOW_CLI_DELIVERY_H
#define ENIFLOW_CLI_DELIVERY_H

#include "cli/settings.h"
#include "output/writer.h"

/* What begins the names of Kafka's properties as keys of [eniflow]. */
#define DELIVERY_KAFKA_KEY "kafka."

void delivery_free(struct settings *settings);

int delivery_put_output(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_type(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_compression(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_hive(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_hourly(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_file_size(struct settings *settings, const char *what, const char *value, struct error *err);
int delivery_put_flow_log_id(struct settings *settings, const char *what, const char *value, struct error *err);

/* The file with the key, which delivery_read_key() reads. */
int delivery_put_anonymize(struct settings *settings, const char *what, const char *value, struct error *err);

/* Reads the key of `anonymize`, where that is set, and tries it. `before` are the settings in force, or NULL: where a file that they
 * name, too, is a key no more or cannot be read (by a process that gave up its rights), the key of theirs stays, and a
 * warning says so. Returns 0 or -errno. */
int delivery_read_key(struct settings *settings, const struct settings *before, struct error *err);

bool delivery_is_same_key(const struct settings *a, const struct settings *b);

/* A property of Kafka's producer, in place of the value that it has. */
int delivery_put_kafka(struct settings *settings, const char *what, const char *name, const char *value,
		       struct error *err);

bool delivery_has_kafka(const struct settings *settings, const char *name);

/* The word for a type. */
const char *delivery_type_name(enum output_encoding encoding);

/* Completes the type by the suffix of the destination, and judges whether they go together. Returns 0 or -EINVAL. */
int delivery_check(struct settings *settings, struct error *err);

/* Options without effect. */
void delivery_remarks(const struct settings *settings, const struct notices *notices);

/* Opens the log, but not in place of its key or its configuration. `live`: a sensor's (output/writer.h); `flush_windows`: a window's records are pushed out at its end.
 * Returns 0 or -errno. */
int delivery_open(struct output_writer **out, const struct settings *settings, bool live, bool flush_windows,
		  struct error *err);

#endif
