#include "output/kafka_question.h"

#if ENIFLOW_HAVE_KAFKA

#include <errno.h>
#include <librdkafka/rdkafka.h>

enum {
	POLL_MS = 100,
	SAID_MS = 3000, /* no broker answers: that is said when it has lasted that long */
};

/* Returns 0 when there is such a topic, 1 when it may come, or -errno. */
static int judge(struct output_kafka_delivery *delivery, const struct rd_kafka_metadata *metadata, bool may_come,
		 struct error *err)
{
	const rd_kafka_metadata_topic_t *topic = metadata->topic_cnt == 1 ? &metadata->topics[0] : NULL;

	if (!topic)
		return 1;
	if (topic->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return topic->partition_cnt > 0 ? 0 : 1;
	output_kafka_remarks_learn(&delivery->remarks, rd_kafka_err2str(topic->err));
	switch (topic->err) {
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		return may_come ? 1
				: fail(err, ENOENT, "%s: the brokers have no topic %s", delivery->remarks.name,
				       delivery->topic);
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
		return fail(err, EACCES, "%s: %s", delivery->remarks.name, delivery->remarks.why);
	default:
		return 1;
	}
}

/* Once, when it has lasted a while: a name may be mistyped, and half a minute is long. */
static void say_waiting(const struct output_kafka_delivery *delivery, int64_t since, bool *was_said)
{
	if (*was_said || output_kafka_delivery_now() - since < SAID_MS)
		return;
	*was_said = true;
	notify(delivery->options->notices, "%s: no answer yet: %s; it is waited for, up to half a minute",
	       delivery->remarks.name, output_kafka_remarks_reason(&delivery->remarks));
}

int output_kafka_question(struct output_kafka_delivery *delivery, struct error *err)
{
	int64_t began = output_kafka_delivery_now();
	bool was_said = false;
	int ret = 1;

	while (ret > 0 && output_kafka_delivery_now() - began < delivery->options->patience->open) {
		const struct rd_kafka_metadata *metadata = NULL;
		rd_kafka_resp_err_t code = rd_kafka_metadata(delivery->producer.handle, 0, delivery->producer.topic,
							     &metadata, 5 * POLL_MS);

		rd_kafka_poll(delivery->producer.handle, code ? POLL_MS : 0);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR && delivery->options->stop_asked &&
		    delivery->options->stop_asked())
			return fail(err, EINTR, "%s: stopped while no broker answered", delivery->remarks.name);
		say_waiting(delivery, began, &was_said);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		ret = judge(delivery, metadata,
			    output_kafka_delivery_now() - began < delivery->options->patience->unknown, err);
		rd_kafka_metadata_destroy(metadata);
		if (ret > 0)
			rd_kafka_poll(delivery->producer.handle, POLL_MS);
	}
	return ret <= 0 ? ret
			: fail(err, ETIMEDOUT, "%s: no broker tells of the topic: %s", delivery->remarks.name,
			       output_kafka_remarks_reason(&delivery->remarks));
}

#endif
