#include "output/topic.h"

#include "check.h"

#include <errno.h>
#include <string.h>

static void what_is_no_topic(void **state)
{
	struct output_place *place = NULL;
	struct output_trouble trouble = { .most = 1 };
	const struct output_topic_options options = { .kafka = { .trouble = &trouble } };
	struct error err;

	(void)state;
	assert_int_equal(output_topic_open(&place, "kafka:broker", &options, &err), -EINVAL);
	assert_non_null(strstr(err.text, "topic is missing"));
	assert_null(place);
}

#if ENIFLOW_HAVE_KAFKA

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <time.h>

static char interface_id[] = "eni-1";
static const struct flow_interface web = { .identity = { [FLOW_INTERFACE_ID] = interface_id } };

static struct output_encoder *encoder_of(const char *fields)
{
	struct output_format format;
	struct output_encoder *encoder = NULL;
	struct error err;

	assert_int_equal(output_format_parse(&format, fields, NULL), 0);
	assert_int_equal(output_encoder_new(&encoder, &format, OUTPUT_TEXT, &err), 0);
	return encoder;
}

/* The topic's first message, which is to come. */
static void check_message(const char *brokers, const char *want)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_message_t *message = NULL;
	rd_kafka_t *consumer;
	char why[512];

	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why));
	rd_kafka_conf_set(conf, "group.id", "test", why, sizeof(why));
	consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	assert_non_null(consumer);
	rd_kafka_topic_partition_list_add(list, "flows", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_assign(consumer, list);
	for (int i = 0; i < 60 && !message; i++)
		message = rd_kafka_consumer_poll(consumer, 1000);
	assert_non_null(message);
	assert_int_equal(message->err, 0);
	assert_int_equal(message->len, strlen(want));
	assert_memory_equal(message->payload, want, message->len);
	rd_kafka_message_destroy(message);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_consumer_close(consumer);
	rd_kafka_destroy(consumer);
}

static void wait_for_all(struct output_place *place, struct output_state *out)
{
	struct error err;

	do {
		nanosleep(&(struct timespec){ .tv_nsec = 10L * 1000 * 1000 }, NULL);
		assert_int_equal(place->kind->tick(place, 0, &err), 0);
		place->kind->state(place, out);
	} while (out->waiting > 0);
}

static void lines_without_newlines(void **state)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512], where[512];
	rd_kafka_mock_cluster_t *cluster;
	rd_kafka_t *handle;
	struct output_trouble trouble = { .most = 1 };
	struct output_topic_options options = { encoder_of("interface-id packets"), .kafka = { .trouble = &trouble } };
	const struct flow_record record = { .interface = &web, .packets = 7 };
	struct output_place *place = NULL;
	struct output_state so_far = { 0 };
	struct error err;

	(void)state;
	rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	cluster = rd_kafka_mock_cluster_new(handle, 1);
	rd_kafka_mock_topic_create(cluster, "flows", 1, 1);
	snprintf(where, sizeof(where), "kafka:%s/flows", rd_kafka_mock_cluster_bootstraps(cluster));
	assert_int_equal(output_topic_open(&place, where, &options, &err), 0);
	assert_int_equal(place->kind->put(place, &record, &err), 1);
	assert_int_equal(place->kind->pass(place, 60, true, &err), 0);
	wait_for_all(place, &so_far);
	assert_int_equal(so_far.records[FLOW_OK], 1);
	assert_int_equal(so_far.bytes, 7);
	assert_int_equal(so_far.dropped, 0);
	assert_int_equal(place->kind->reopen(place, &err), 0);
	assert_int_equal(place->kind->finish(place, &err), 0);
	check_message(rd_kafka_mock_cluster_bootstraps(cluster), "eni-1 7");
	output_encoder_free(options.encoder);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(what_is_no_topic), TEST(lines_without_newlines) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST(what_is_no_topic) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
