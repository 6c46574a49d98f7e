#include "output/topic.h"

#include <stdlib.h>
#include <string.h>

struct topic {
	struct output_place base; /* its counts stay 0: a record counts when a broker has it */
	struct output_encoder *encoder;
	struct output_kafka *kafka;
};

static struct output_kafka *kafka_of(const struct output_place *place)
{
	return ((const struct topic *)place)->kafka;
}

static int put(struct output_place *place, const struct flow_record *record, struct error *err)
{
	struct topic *topic = (struct topic *)place;
	size_t length, room = output_encoder_room(topic->encoder, record);
	char *line;
	int code = 0;

	if (room == 0)
		return fail_memory(err, "encoder");
	line = output_kafka_reserve(topic->kafka, record, room, &code, err);
	if (!line)
		return code;
	length = output_encoder_line(topic->encoder, record, line);
	code = output_kafka_commit(topic->kafka, length - 1, err);
	return code < 0 ? code : 1;
}

/* What was put is on its way already. */
static int pass(struct output_place *place, int64_t until, bool push, struct error *err)
{
	(void)until;
	(void)push;
	return output_kafka_serve(kafka_of(place), err);
}

static int tick(struct output_place *place, int64_t now, struct error *err)
{
	(void)now;
	return output_kafka_serve(kafka_of(place), err);
}

static int reopen(struct output_place *place, struct error *err)
{
	return output_kafka_reopen(kafka_of(place), err);
}

static void state(const struct output_place *place, struct output_state *out)
{
	struct output_kafka_state kafka;

	output_kafka_state(kafka_of(place), &kafka);
	memcpy(out->records, kafka.records, sizeof(out->records));
	out->bytes = kafka.bytes;
	out->dropped += kafka.failed;
	out->waiting = kafka.waiting;
}

static int drain(struct output_place *place, struct error *err)
{
	return output_kafka_drain(kafka_of(place), err);
}

static int finish(struct output_place *place, struct error *err)
{
	int ret = output_kafka_finish(kafka_of(place), err);

	free(place);
	return ret;
}

static void abandon(struct output_place *place)
{
	output_kafka_abandon(kafka_of(place));
	free(place);
}

static const struct output_place_kind kind = {
	.put = put,
	.pass = pass,
	.tick = tick,
	.reopen = reopen,
	.state = state,
	.drain = drain,
	.finish = finish,
	.abandon = abandon,
};

int output_topic_open(struct output_place **out, const char *where, const struct output_topic_options *options,
		      struct error *err)
{
	struct topic *topic = calloc(1, sizeof(*topic));
	int ret;

	if (!topic)
		return fail_memory(err, where);
	topic->base.kind = &kind;
	topic->encoder = options->encoder;
	ret = output_kafka_open(&topic->kafka, where, &options->kafka, err);
	if (ret < 0)
		free(topic);
	else
		*out = &topic->base;
	return ret;
}
