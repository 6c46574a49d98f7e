#include "output/kafka.h"

#include "check.h"

#include <stdio.h>

#if ENIFLOW_HAVE_KAFKA

#include "kafka_rig.h"

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

/* Certificates that cannot be read leave all as it was. */
static void reopened_in_vain(void **state)
{
	struct output_kafka_property authorities = { (char *)"ssl.ca.location", (char *)"env:ENIFLOW_TEST_CA" };
	struct output_kafka_property properties[] = { { (char *)"security.protocol", (char *)"ssl" }, authorities };
	struct error err;
	struct run run;

	(void)state;
	setenv("ENIFLOW_TEST_CA", "probe", 1);
	open_to(&run, "flows",
		(struct output_kafka_options){ .live = true, .properties = properties, .property_count = 2 });
	setenv("ENIFLOW_TEST_CA", "/nonexistent/ca.pem", 1);
	assert_int_equal(output_kafka_reopen(run.kafka, &err), -EINVAL);
	assert_non_null(strstr(err.text, "ssl.ca.location"));
	unsetenv("ENIFLOW_TEST_CA");
	must_put(&run, 0, "0");
	must_serve(&run);
	output_kafka_abandon(run.kafka);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_BROKERS(all_brokers_go_and_come_back),
		WITH_BROKERS(one_of_three_brokers_goes),
		WITH_BROKERS(errors_that_pass),
		WITH_BROKERS(what_is_there_already_is_delivered),
		WITH_BROKERS(a_broken_producer_is_made_anew),
		WITH_BROKERS(one_that_stays_broken),
		WITH_BROKERS(refused_records_are_losses),
		WITH_BROKERS(a_topic_that_comes),
		WITH_BROKERS(reopened),
		WITH_BROKERS(reopened_in_vain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	puts("SKIP: this build has no Kafka");
	return 77;
}

#endif
