#include "output/kafka.h"

#include "check.h"

#include <errno.h>

static void places(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(output_kafka_check("kafka:localhost", &err), -EINVAL);
	assert_int_equal(output_kafka_check("kafka:localhost/flows", &err), ENIFLOW_HAVE_KAFKA ? 0 : -ENOTSUP);
}

#if ENIFLOW_HAVE_KAFKA

#include "kafka_rig.h"

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

/* One that the producer itself does not take. */
static void too_large_ones_are_losses(void **state)
{
	struct output_kafka_property small = { (char *)"message.max.bytes", (char *)"1000" };
	char line[2000];
	struct error err;
	struct run run;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	open_to(&run, "flows",
		(struct output_kafka_options){ .live = true, .properties = &small, .property_count = 1 });
	must_put(&run, 0, line);
	must_put(&run, 0, "0");
	assert_string_equal(strstr(told, "records are lost"), "records are lost: Broker: Message size too large\n");
	assert_int_equal(output_kafka_finish(run.kafka, &err), -EIO);
	assert_non_null(strstr(err.text, ": 1 records were not delivered"));
	check_once(1);
}

/* There is time to tell what a broker refused at the end. */
static void refused_at_the_end(void **state)
{
	struct error err;
	struct run run;

	(void)state;
	open_to(&run, "flows", (struct output_kafka_options){ .live = true });
	rd_kafka_mock_push_request_errors(cluster, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	must_put(&run, 1, "1");
	assert_int_equal(output_kafka_drain(run.kafka, &err), 0);
	assert_int_equal(run.losses.count, 1);
	must_put(&run, 0, "0");
	must_finish(&run);
	check_once(1);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(places),
		WITH_BROKERS(each_once_and_in_order),
		WITH_BROKERS(keys),
		WITH_BROKERS(counts),
		WITH_BROKERS(refused_records_end_a_run),
		WITH_BROKERS(too_large_ones_are_losses),
		WITH_BROKERS(refused_at_the_end),
		WITH_BROKERS(a_bound),
		WITH_BROKERS(a_bound_is_waited_for),
		WITH_BROKERS(not_delivered_in_time),
		WITH_BROKERS(a_sensor_ends_without_brokers),
		WITH_BROKERS(an_unknown_topic),
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
