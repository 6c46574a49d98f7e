#include "output/kafka.h"

#include "check.h"

#include <errno.h>
#include <string.h>

static void places(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(output_kafka_check("kafka:localhost", &err), -EINVAL);
	assert_int_equal(output_kafka_check("kafka:localhost/flows", &err), ENIFLOW_HAVE_KAFKA ? 0 : -ENOTSUP);
}

#if ENIFLOW_HAVE_KAFKA

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* How long is waited for what must come, in tenths of a second. */
enum { PATIENCE = 600, TENTH = 100, PRODUCE = 0, INIT_PRODUCER = 22 };

static rd_kafka_t *handle;
static rd_kafka_mock_cluster_t *cluster;
static char told[4096]; /* what notices said */

static void listen_to(void *ctx, const char *sentence)
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

static int begin(void **state)
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

static int end(void **state)
{
	(void)state;
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return 0;
}

static void nap(void)
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

static int try_open(struct run *run, const char *where, struct output_kafka_options options, struct error *err)
{
	*run = (struct run){ .trouble = { .notices = &notices, .most = 1000 }, .losses = { .interval = 60 } };
	options.notices = &notices;
	options.trouble = &run->trouble;
	options.losses = options.live ? &run->losses : NULL;
	return output_kafka_open(&run->kafka, where, &options, err);
}

static void open_to(struct run *run, const char *topic, struct output_kafka_options options)
{
	char where[1024];
	struct error err;

	snprintf(where, sizeof(where), "kafka:%s/%s", rd_kafka_mock_cluster_bootstraps(cluster), topic);
	if (try_open(run, where, options, &err) != 0)
		fail_msg("%s", err.text);
}

/* Returns what output_kafka_reserve() and _commit() do, or 1 when it was taken. */
static int put(struct run *run, unsigned interface, const char *line, struct error *err)
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

static void must_put(struct run *run, unsigned interface, const char *line)
{
	struct error err;

	if (put(run, interface, line, &err) != 1)
		fail_msg("%s", err.text);
}

/* Lines "0" to "COUNT - 1", to two interfaces in turn. */
static void put_many(struct run *run, unsigned first, unsigned count)
{
	char line[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(line, sizeof(line), "%u", i);
		must_put(run, i % 2, line);
	}
}

static void must_serve(struct run *run)
{
	struct error err;

	if (output_kafka_serve(run->kafka, &err) != 0)
		fail_msg("%s", err.text);
}

static struct output_kafka_state state_of(const struct run *run)
{
	struct output_kafka_state state;

	output_kafka_state(run->kafka, &state);
	return state;
}

static void wait_for_delivery(struct run *run, uint64_t count)
{
	for (int i = 0; i < PATIENCE && state_of(run).records[FLOW_OK] < count; i++) {
		must_serve(run);
		nap();
	}
	assert_int_equal(state_of(run).records[FLOW_OK], count);
}

static void wait_for_trouble(struct run *run)
{
	for (int i = 0; i < PATIENCE && !run->trouble.is_on; i++) {
		must_serve(run);
		nap();
	}
	assert_true(run->trouble.is_on);
}

static void must_finish(struct run *run)
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

static void keep(const rd_kafka_message_t *message)
{
	struct got *next = &got[got_count++];

	assert_true(got_count < MESSAGES_MOST);
	snprintf(next->key, sizeof(next->key), "%.*s", (int)message->key_len, (const char *)message->key);
	snprintf(next->line, sizeof(next->line), "%.*s", (int)message->len, (const char *)message->payload);
}

/* Lets it read all partitions from their beginnings. */
static void assign(rd_kafka_t *consumer, const char *topic)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);

	for (int32_t partition = 0; partition < PARTITIONS; partition++)
		rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
	assert_int_equal(rd_kafka_assign(consumer, list), 0);
	rd_kafka_topic_partition_list_destroy(list);
}

/* Until all partitions are at their ends. */
static void consume(rd_kafka_t *consumer)
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

static void read_topic(const char *topic)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];
	rd_kafka_t *consumer;

	rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster), why, sizeof(why));
	rd_kafka_conf_set(conf, "group.id", "test", why, sizeof(why));
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", why, sizeof(why));
	rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof(why));
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(consumer);
	got_count = 0;
	assign(consumer, topic);
	consume(consumer);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
}

/* Each of the lines "0" to "COUNT - 1" is there once, those of an interface in their order. */
static void check_once(unsigned count)
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

/* ---- tests ---- */

static void each_once_and_in_order(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	put_many(&run, 0, 5000);
	must_finish(&run);
	check_once(5000);
	assert_string_equal(told, "");
}

static void keys(void **state)
{
	static const char *const want[] = { "eni-1", "eni-2", "tgw-1", "" };
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	must_put(&run, 0, "0");
	must_put(&run, 1, "1");
	must_put(&run, 2, "2");
	must_put(&run, 3, "3");
	must_finish(&run);
	read_topic("flows");
	assert_int_equal(got_count, 4);
	for (size_t i = 0; i < got_count; i++)
		assert_string_equal(got[i].key, want[strtol(got[i].line, NULL, 10)]);
}

static void counts(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	must_put(&run, 0, "abc");
	assert_int_equal(state_of(&run).records[FLOW_OK], 0);
	assert_true(state_of(&run).waiting > 3);
	wait_for_delivery(&run, 1);
	assert_int_equal(state_of(&run).bytes, 3);
	assert_int_equal(state_of(&run).waiting, 0);
	assert_int_equal(state_of(&run).failed, 0);
	must_finish(&run);
}

static void all_brokers_go_and_come_back(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	put_many(&run, 0, 100);
	wait_for_delivery(&run, 100);
	rd_kafka_mock_broker_set_down(cluster, -1);
	put_many(&run, 100, 100);
	wait_for_trouble(&run);
	assert_non_null(strstr(told, "records cannot be delivered"));
	put_many(&run, 200, 100);
	assert_int_equal(state_of(&run).records[FLOW_OK], 100);
	rd_kafka_mock_broker_set_up(cluster, -1);
	wait_for_delivery(&run, 300);
	assert_false(run.trouble.is_on);
	must_finish(&run);
	check_once(300);
}

static void one_of_three_brokers_goes(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	put_many(&run, 0, 100);
	wait_for_delivery(&run, 100);
	rd_kafka_mock_broker_set_down(cluster, 1);
	put_many(&run, 100, 100);
	for (int32_t partition = 0; partition < PARTITIONS; partition++) /* as the others then do */
		rd_kafka_mock_partition_set_leader(cluster, "flows", partition, 2 + partition % 2);
	put_many(&run, 200, 100);
	wait_for_delivery(&run, 300);
	must_finish(&run);
	rd_kafka_mock_broker_set_up(cluster, 1);
	check_once(300);
}

static void errors_that_pass(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	rd_kafka_mock_push_request_errors(
		cluster, PRODUCE, 8, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND);
	put_many(&run, 0, 1000);
	must_finish(&run);
	check_once(1000);
}

/* A broker has this batch already: its answer was lost, and it was sent again. */
static void what_is_there_already_is_delivered(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	must_put(&run, 0, "0");
	wait_for_delivery(&run, 1);
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
	must_put(&run, 0, "1");
	wait_for_delivery(&run, 2);
	must_finish(&run);
}

static void a_broken_producer_is_made_anew(void **state)
{
	struct run run;

	(void)state;
	rd_kafka_mock_push_request_errors(cluster, INIT_PRODUCER, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	put_many(&run, 0, 500);
	wait_for_delivery(&run, 500);
	must_finish(&run);
	check_once(500);
}

static void one_that_stays_broken(void **state)
{
	rd_kafka_resp_err_t codes[50];
	struct error err = { "" };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		codes[i] = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
	rd_kafka_mock_push_request_errors_array(cluster, INIT_PRODUCER, sizeof(codes) / sizeof(*codes), codes);
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	put(&run, 0, "0", &err);
	assert_int_equal(output_kafka_finish(run.kafka, &err), -EIO);
	assert_non_null(strstr(err.text, "authorization failed"));
}

static void refused_records_are_losses(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	must_put(&run, 1, "0");
	for (int i = 0; i < PATIENCE && run.losses.count == 0; i++) {
		must_serve(&run);
		nap();
	}
	assert_int_equal(run.losses.count, 1);
	assert_ptr_equal(run.losses.items[0].interface, &interfaces[1]);
	assert_int_equal(run.losses.items[0].start, 60);
	assert_int_equal(run.losses.items[0].end, 120);
	assert_int_equal(state_of(&run).failed, 1);
	assert_int_equal(state_of(&run).waiting, 0);
	assert_true(run.trouble.was_told);
	assert_non_null(strstr(told, "records are lost"));
	must_put(&run, 1, "1");
	wait_for_delivery(&run, 1);
	must_finish(&run);
}

static void refused_records_end_a_run(void **state)
{
	struct error err;
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ 0 });
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	must_put(&run, 1, "0");
	assert_int_equal(output_kafka_finish(run.kafka, &err), -EIO);
	assert_non_null(strstr(err.text, "too large"));
}

static void a_bound(void **state)
{
	struct error err;
	struct run run;
	int taken = 0;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true, .most = 4000 });
	rd_kafka_mock_broker_set_down(cluster, -1);
	while (put(&run, 0, "0", &err) == 1)
		taken++;
	assert_in_range(taken, 2, 100);
	assert_int_equal(put(&run, 0, "0", &err), 0);
	assert_true(run.trouble.is_on);
	assert_in_range(state_of(&run).waiting, 1, 4000);
	rd_kafka_mock_broker_set_up(cluster, -1);
	wait_for_delivery(&run, (uint64_t)taken);
	assert_false(run.trouble.is_on);
	must_put(&run, 0, "1");
	must_finish(&run);
}

/* A run that ends by itself waits for room instead. */
static void a_bound_is_waited_for(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .most = 4000 });
	put_many(&run, 0, 300);
	must_finish(&run);
	check_once(300);
}

static void not_delivered_in_time(void **state)
{
	struct output_kafka_property soon = { (char *)"message.timeout.ms", (char *)"1500" };
	struct error err;
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .properties = &soon, .property_count = 1 });
	rd_kafka_mock_broker_set_down(cluster, -1);
	must_put(&run, 0, "0");
	assert_int_equal(output_kafka_finish(run.kafka, &err), -EIO);
	assert_non_null(strstr(err.text, "timed out"));
}

static void a_sensor_ends_without_brokers(void **state)
{
	struct error err;
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	rd_kafka_mock_broker_set_down(cluster, -1);
	put_many(&run, 0, 7);
	assert_int_equal(output_kafka_finish(run.kafka, &err), -EIO);
	assert_non_null(strstr(err.text, "7 records were not delivered"));
	output_losses_clear(&run.losses);
}

static void an_unknown_topic(void **state)
{
	char where[1024];
	struct error err;
	struct run run;

	(void)state;
	rd_kafka_mock_topic_set_error(cluster, "none", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	snprintf(where, sizeof(where), "kafka:%s/none", rd_kafka_mock_cluster_bootstraps(cluster));
	assert_int_equal(try_open(&run, where, (struct output_kafka_options){ 0 }, &err), -ENOENT);
	assert_non_null(strstr(err.text, "the brokers have no topic none"));
}

/* A sensor goes on, and delivers when somebody made it. */
static void a_topic_that_comes(void **state)
{
	struct output_kafka_property soon = { (char *)"topic.metadata.propagation.max.ms", (char *)"500" };
	struct run run;

	(void)state;
	rd_kafka_mock_topic_set_error(cluster, "flows", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	open_to(&run, "flows", (struct output_kafka_options){ .live = true, .properties = &soon, .property_count = 1 });
	put_many(&run, 0, 10);
	wait_for_trouble(&run);
	assert_int_equal(state_of(&run).failed, 0);
	put_many(&run, 10, 10);
	rd_kafka_mock_topic_set_error(cluster, "flows", RD_KAFKA_RESP_ERR_NO_ERROR);
	wait_for_delivery(&run, 20);
	must_finish(&run);
	check_once(20);
}

static void reopened(void **state)
{
	struct output_kafka_property password = { (char *)"sasl.password", (char *)"env:ENIFLOW_TEST_PASSWORD" };
	struct error err;
	struct run run;

	(void)state;
	setenv("ENIFLOW_TEST_PASSWORD", "hunter2", 1);
	open_to(&run, "flows", (struct output_kafka_options){ .properties = &password, .property_count = 1 });
	put_many(&run, 0, 1000);
	setenv("ENIFLOW_TEST_PASSWORD", "hunter3", 1);
	assert_int_equal(output_kafka_reopen(run.kafka, &err), 0);
	put_many(&run, 1000, 1000);
	unsetenv("ENIFLOW_TEST_PASSWORD");
	assert_int_equal(output_kafka_reopen(run.kafka, &err), -ENOENT);
	put_many(&run, 2000, 1000);
	must_finish(&run);
	check_once(3000);
}

static void abandoned(void **state)
{
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	rd_kafka_mock_broker_set_down(cluster, -1);
	put_many(&run, 0, 100);
	output_kafka_abandon(run.kafka);
	output_kafka_abandon(NULL);
}

#define WITH_BROKERS(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(places),
		WITH_BROKERS(each_once_and_in_order),
		WITH_BROKERS(keys),
		WITH_BROKERS(counts),
		WITH_BROKERS(all_brokers_go_and_come_back),
		WITH_BROKERS(one_of_three_brokers_goes),
		WITH_BROKERS(errors_that_pass),
		WITH_BROKERS(what_is_there_already_is_delivered),
		WITH_BROKERS(a_broken_producer_is_made_anew),
		WITH_BROKERS(one_that_stays_broken),
		WITH_BROKERS(refused_records_are_losses),
		WITH_BROKERS(refused_records_end_a_run),
		WITH_BROKERS(a_bound),
		WITH_BROKERS(a_bound_is_waited_for),
		WITH_BROKERS(not_delivered_in_time),
		WITH_BROKERS(a_sensor_ends_without_brokers),
		WITH_BROKERS(an_unknown_topic),
		WITH_BROKERS(a_topic_that_comes),
		WITH_BROKERS(reopened),
		WITH_BROKERS(abandoned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(places) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
