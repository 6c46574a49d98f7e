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

static bool obey(rd_kafka_mock_cluster_t *cluster, int count, const char *line)
{
	char name[256];
	int a, b, c;

	if (sscanf(line, "topic %255s %d", name, &a) == 2)
		return rd_kafka_mock_topic_create(cluster, name, a, 1) == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (sscanf(line, "without %255s", name) == 1 || sscanf(line, "with %255s", name) == 1) {
		rd_kafka_mock_topic_set_error(cluster, name,
					      strncmp(line, "without", 7) == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
									       : RD_KAFKA_RESP_ERR_NO_ERROR);
		return true;
	}
	if (sscanf(line, "down %d", &a) == 1 && a <= count)
		return rd_kafka_mock_broker_set_down(cluster, a ? a : -1) == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (sscanf(line, "up %d", &a) == 1 && a <= count)
		return rd_kafka_mock_broker_set_up(cluster, a ? a : -1) == RD_KAFKA_RESP_ERR_NO_ERROR;
	return sscanf(line, "answer %d %d %d", &a, &b, &c) == 3 && answer(cluster, a, b, c);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
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
		puts(obey(cluster, count, line) ? "ok" : "no");
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(handle);
	return EXIT_SUCCESS;
}
