/* Brokers that speak Kafka's protocol and keep what they get in memory: librdkafka's mock cluster, in a process of its
 * own.
 *
 *     broker [COUNT]
 *
 * prints the brokers, as a producer wants them, on its first line, and then "ok" or "no" for each command on standard
 * input, until that ends:
 *
 *     topic NAME PARTITIONS     makes a topic
 *     without NAME              nobody is told of the topic any more, nor can anybody make it
 *     with NAME                 as before
 *     down NUMBER, up NUMBER    a broker, from 1 on; 0: all
 *     answer API CODE TIMES     the next TIMES requests of that kind (0: Produce, 22: InitProducerId) get that code; -195:
 *                               the connection is closed */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES_MOST = 1000 };

static bool answer(rd_kafka_mock_cluster_t *cluster, int api, int code, int times)
{
	rd_kafka_resp_err_t codes[TIMES_MOST];

	if (times < 0 || times > TIMES_MOST)
		return false;
	for (int i = 0; i < times; i++)
		codes[i] = (rd_kafka_resp_err_t)code;
	rd_kafka_mock_push_request_errors_array(cluster, (int16_t)api, (size_t)times, codes);
	return true;
}

/* Brokers' numbers begin at 1; the cluster's name for all is -1. */
static bool switch_broker(rd_kafka_mock_cluster_t *cluster, bool up, int number)
{
	int32_t broker = number ? number : -1;

	return (up ? rd_kafka_mock_broker_set_up(cluster, broker) : rd_kafka_mock_broker_set_down(cluster, broker)) ==
	       RD_KAFKA_RESP_ERR_NO_ERROR;
}

static bool obey(rd_kafka_mock_cluster_t *cluster, char *line)
{
	enum { WORDS = 4 };
	const char *words[WORDS];
	char *rest = NULL;
	int numbers[WORDS];
	rd_kafka_resp_err_t unknown = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;

	for (int i = 0; i < WORDS; i++) {
		words[i] = strtok_r(i ? NULL : line, " \n", &rest);
		if (!words[i])
			words[i] = "";
		numbers[i] = (int)strtol(words[i], NULL, 10);
	}
	if (strcmp(words[0], "topic") == 0)
		return rd_kafka_mock_topic_create(cluster, words[1], numbers[2], 1) == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (strcmp(words[0], "down") == 0 || strcmp(words[0], "up") == 0)
		return switch_broker(cluster, words[0][0] == 'u', numbers[1]);
	if (strcmp(words[0], "answer") == 0)
		return answer(cluster, numbers[1], numbers[2], numbers[3]);
	if (strcmp(words[0], "without") != 0 && strcmp(words[0], "with") != 0)
		return false;
	rd_kafka_mock_topic_set_error(cluster, words[1], words[0][4] ? unknown : RD_KAFKA_RESP_ERR_NO_ERROR);
	return true;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512] = "", line[512];
	rd_kafka_mock_cluster_t *cluster;
	rd_kafka_t *handle;

	rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why)); /* that it has no brokers itself */
	handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	cluster = handle && count > 0 ? rd_kafka_mock_cluster_new(handle, count) : NULL;
	if (!cluster) {
		fprintf(stderr, "broker: %s\n", why);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts(rd_kafka_mock_cluster_bootstraps(cluster));
	while (fgets(line, sizeof(line), stdin))
		puts(obey(cluster, line) ? "ok" : "no");
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return EXIT_SUCCESS;
}
