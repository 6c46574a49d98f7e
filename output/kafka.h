/* output/kafka.h - records to a Kafka topic: a message for each line, its key the interface-id.
 *
 * The producer is idempotent: while a run lives, each record gets into the topic once, also when brokers die and come
 * back. What is on its way is bounded. A sensor (`live`) does not wait for brokers: at the bound records are turned
 * away, and the writer tells of them as it does of others that were lost. Other runs wait for room, and for all to be
 * delivered at the end; what could not be delivered in message.timeout.ms is a failure.
 *
 * librdkafka does the talking. Its threads log through `notices`, from the thread that calls here. */
#ifndef ENIFLOW_OUTPUT_KAFKA_H
#define ENIFLOW_OUTPUT_KAFKA_H

#include "flow/record.h"
#include "output/losses.h"
#include "output/trouble.h"

/* A property of librdkafka: "sasl.username" and its value. "file:PATH" is the first line of that file, "env:NAME" the
 * variable of the environment. */
struct output_kafka_property {
	char *name, *value;
};

/* Is there such a property, and may it have that value? One that is ours to set (the brokers, idempotence) and a
 * secret that is neither in a file nor in the environment are refused. Files and variables are not looked at. Never
 * shows a value that is a secret. Returns 0, -EINVAL, or -ENOTSUP without librdkafka. */
int output_kafka_check_property(const char *name, const char *value, struct error *err);

/* "kafka:HOST[:PORT][,HOST[:PORT]]/TOPIC". Opens nothing. Returns 0, -EINVAL, -ENOTSUP. */
int output_kafka_check(const char *where, struct error *err);

/* How long is waited, in milliseconds. */
struct output_kafka_patience {
	int open;    /* for the topic, before a run that ends by itself */
	int unknown; /* of that, while brokers say that there is none: one that is made because we ask comes later */
	int down;    /* nothing moves and no broker is there, before that is trouble */
	int stuck;   /* nothing moves though one is, before that is trouble */
	int pause;   /* before a broken producer is made anew; each time in vain twice as long, up to 60 times */
	int finish;  /* at a sensor's end */
};

struct output_kafka_options {
	bool live;
	const struct output_kafka_patience *patience;   /* outlives it; NULL: as docs/kafka.md has it */
	size_t most;                                    /* bytes of memory for what is on its way; 0: 64 MiB */
	const struct output_kafka_property *properties; /* these outlive it, for output_kafka_reopen() */
	size_t property_count;
	const struct notices *notices;
	struct output_trouble *trouble; /* outlives it, as `losses` */
	struct output_losses *losses;   /* gets what is lost, in output_kafka_serve(); NULL: that ends the run */
	bool (*stop_asked)(void);       /* ends the wait for the topic; NULL: nobody asks */
};

struct output_kafka;

/* Makes the producer, with the secrets read. Not live: asks for the topic, and waits for the answer for half a minute
 * at the most. Returns -errno: a file or variable that is not there, no broker answers, no such topic, or what
 * librdkafka says; -EINTR: a stop was asked for while it waited. */
int output_kafka_open(struct output_kafka **out, const char *where, const struct output_kafka_options *options,
		      struct error *err);

/* Room for the line of a record; then _commit() its length, without the newline. The record's interface must stay until
 * it was delivered. NULL with *code 0: as much is on its way as may be (live). NULL with *code < 0: the run ends. */
char *output_kafka_reserve(struct output_kafka *kafka, const struct flow_record *record, size_t size, int *code,
			   struct error *err);
int output_kafka_commit(struct output_kafka *kafka, size_t size, struct error *err);

/* Looks at what was delivered, without waiting; at a window's end, and about once a second. Returns 0, or a failure
 * that ends the run. */
int output_kafka_serve(struct output_kafka *kafka, struct error *err);

/* Reads files and variables again: as soon as nothing is on its way, the producer is another one, which knows the new
 * ones. Returns 0, or -errno: they cannot be read, and all stays as it was. */
int output_kafka_reopen(struct output_kafka *kafka, struct error *err);

struct output_kafka_state {
	uint64_t records[3]; /* delivered, by enum flow_status */
	uint64_t bytes;      /* of their lines */
	uint64_t failed;     /* records that a broker refused for good, or that were not delivered in time */
	size_t waiting;      /* bytes of memory for what is on its way */
};

void output_kafka_state(const struct output_kafka *kafka, struct output_kafka_state *out);

/* Waits until all is delivered; a sensor for ten seconds at the most, from the first call on. What gets lost meanwhile is
 * with `losses` then: there is time to tell it. Returns 0, also when some is not delivered; or a failure that ends the
 * run. */
int output_kafka_drain(struct output_kafka *kafka, struct error *err);

/* Waits as output_kafka_drain() does. Returns -errno: some is not delivered. Frees in any case. */
int output_kafka_finish(struct output_kafka *kafka, struct error *err);

/* What is on its way is lost. Takes NULL. */
void output_kafka_abandon(struct output_kafka *kafka);

#endif
