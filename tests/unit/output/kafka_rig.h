/* tests/unit/output/kafka_rig.h - brokers (librdkafka's mock cluster), records to them, and what they then have. One test
 * at a time. */
#ifndef ENIFLOW_TEST_KAFKA_RIG_H
#define ENIFLOW_TEST_KAFKA_RIG_H

#include "output/kafka.h"

#include "check.h"

#include <errno.h>
#include <string.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* How long is waited for what must come, in tenths of a second. */
enum { PATIENCE = 600, TENTH = 100, PRODUCE = 0, INIT_PRODUCER = 22 };

/* A tenth and less of what users wait, but long enough for a busy machine. */
static const struct output_kafka_patience short_patience = {
	.open = 30000, .unknown = 500, .down = 500, .stuck = 3000, .pause = 100, .finish = 1000
};

static rd_kafka_t *handle;
static rd_kafka_mock_cluster_t *cluster;
static char told[4096]; /* what notices said */

static inline void listen_to(void *ctx, const char *sentence)
{
	size_t used = strlen(told);

	(void)ctx;
	snprintf(told + used, sizeof(told) - used, "%s\n", sentence);
}

static const struct notices notices = { listen_to, NULL };

static char web_id[] = "eni-1", db_id[] = "eni-2", resource_id[] = "tgw-1";
static const struct flow_interface interfaces[] = {
	{ .identity = { [FLOW_INTERFACE_ID] = web_id, [FLOW_RESOURCE_ID] = resource_id } },
	{ .identity = { [FLOW_INTERFACE_ID] = db_id } },
	{ .identity = { [FLOW_RESOURCE_ID] = resource_id } },
	{ .identity = { NULL } },
};

static inline int begin(void **state)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];

	(void)state;
	rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
	told[0] = '\0';
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	assert_non_null(handle);
	cluster = rd_kafka_mock_cluster_new(handle, 3);
	assert_non_null(cluster);
	assert_int_equal(rd_kafka_mock_topic_create(cluster, "flows", 4, 1), 0);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return 0;
}

static inline void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = TENTH * 1000L * 1000 }, NULL);
}

/* ---- writing ---- */

/* What the writer has beside it. */
struct run {
	struct output_trouble trouble;
	struct output_losses losses;
	struct output_kafka *kafka;
};

static inline int try_open(struct run *run, const char *where, struct output_kafka_options options, struct error *err)
{
	*run = (struct run){ .trouble = { .notices = &notices, .most = 1000 }, .losses = { .interval = 60 } };
	options.notices = &notices;
	options.patience = &short_patience;
	options.trouble = &run->trouble;
	options.losses = options.live ? &run->losses : NULL;
	return output_kafka_open(&run->kafka, where, &options, err);
}

static inline void open_to(struct run *run, const char *topic, struct output_kafka_options options)
{
	char where[1024];
	struct error err;

	snprintf(where, sizeof(where), "kafka:%s/%s", rd_kafka_mock_cluster_bootstraps(cluster), topic);
	if (try_open(run, where, options, &err) != 0)
		fail_msg("%s", err.text);
}

/* Returns what output_kafka_reserve() and _commit() do, or 1 when it was taken. */
static inline int put(struct run *run, unsigned interface, const char *line, struct error *err)
{
	const struct flow_record record = {
		.interface = &interfaces[interface], .interface_number = interface, .start = 61, .end = 70
	};
	size_t length = strlen(line);
	int code = 0, ret;
	char *room = output_kafka_reserve(run->kafka, &record, length + 1, &code, err);

	if (!room)
		return code;
	memcpy(room, line, length + 1);
	ret = output_kafka_commit(run->kafka, length, err);
	return ret < 0 ? ret : 1;
}

static inline void must_put(struct run *run, unsigned interface, const char *line)
{
	struct error err;

	if (put(run, interface, line, &err) != 1)
		fail_msg("%s", err.text);
}

/* Lines "0" to "COUNT - 1", to two interfaces in turn. */
static inline void put_many(struct run *run, unsigned first, unsigned count)
{
	char line[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(line, sizeof(line), "%u", i);
		must_put(run, i % 2, line);
	}
}

static inline void must_serve(struct run *run)
{
	struct error err;

	if (output_kafka_serve(run->kafka, &err) != 0)
		fail_msg("%s", err.text);
}

static inline struct output_kafka_state state_of(const struct run *run)
{
	struct output_kafka_state state;

	output_kafka_state(run->kafka, &state);
	return state;
}

static inline void wait_for_delivery(struct run *run, uint64_t count)
{
	for (int i = 0; i < PATIENCE && state_of(run).records[FLOW_OK] < count; i++) {
		must_serve(run);
		nap();
	}
	assert_int_equal(state_of(run).records[FLOW_OK], count);
}

static inline void wait_for_trouble(struct run *run)
{
	for (int i = 0; i < PATIENCE && !run->trouble.is_on; i++) {
		must_serve(run);
		nap();
	}
	assert_true(run->trouble.is_on);
}

static inline void must_finish(struct run *run)
{
	struct error err;

	if (output_kafka_finish(run->kafka, &err) != 0)
		fail_msg("%s", err.text);
	output_losses_clear(&run->losses);
}

/* ---- reading ---- */

enum { PARTITIONS = 4, MESSAGES_MOST = 20000 };

struct got {
	char key[32], line[32];
};

static struct got got[MESSAGES_MOST];
static size_t got_count;

static inline void keep(const rd_kafka_message_t *message)
{
	struct got *next = &got[got_count++];

	assert_true(got_count < MESSAGES_MOST);
	snprintf(next->key, sizeof(next->key), "%.*s", (int)message->key_len, (const char *)message->key);
	snprintf(next->line, sizeof(next->line), "%.*s", (int)message->len, (const char *)message->payload);
}

/* Lets it read all partitions from their beginnings. */
static inline void assign(rd_kafka_t *consumer, const char *topic)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);

	for (int32_t partition = 0; partition < PARTITIONS; partition++)
		rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
	assert_int_equal(rd_kafka_assign(consumer, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
}

/* Until all partitions are at their ends. */
static inline void consume(rd_kafka_t *consumer)
{
	int ends = 0;

	for (int i = 0; i < PATIENCE && ends < PARTITIONS;) {
		rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, TENTH);

		if (!message) {
			i++;
			continue;
		}
		ends += message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
		if (!message->err)
			keep(message);
		rd_kafka_message_destroy(message);
	}
	assert_int_equal(ends, PARTITIONS);
}

static inline void read_topic(const char *topic)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];
	rd_kafka_t *consumer;

	rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster), why, sizeof(why));
	rd_kafka_conf_set(conf, "group.id", "test", why, sizeof(why));
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", why, sizeof(why));
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof(why));
	rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", why, sizeof(why));
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(consumer);
	got_count = 0;
	assign(consumer, topic);
	consume(consumer);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
}

/* Each of the lines "0" to "COUNT - 1" is there once, those of an interface in their order. */
static inline void check_once(unsigned count)
{
	char seen[MESSAGES_MOST] = { 0 };
	int last[2] = { -1, -1 };

	read_topic("flows");
	for (size_t i = 0; i < got_count; i++) {
		int number = (int)strtol(got[i].line, NULL, 10);

		assert_in_range(number, 0, count - 1);
		assert_int_equal(seen[number]++, 0);
		assert_string_equal(got[i].key, number % 2 ? db_id : web_id);
		assert_true(number > last[number % 2]);
		last[number % 2] = number;
	}
	assert_int_equal(got_count, count);
}

#define WITH_BROKERS(function) cmocka_unit_test_setup_teardown(function, begin, end)

#endif
