#include "output/kafka.h"

#include <errno.h>

#include "output/kafka_config.h"
#include "output/kafka_address.h"

int output_kafka_check(const char *where, struct error *err)
{
	struct output_kafka_address address;
	int ret = output_kafka_address_parse(&address, where, err);

	if (ret < 0)
		return ret;
	output_kafka_address_clear(&address);
	return ENIFLOW_HAVE_KAFKA ? 0
				  : fail(err, ENOTSUP,
					 "%s: this build has no Kafka; install librdkafka-dev and build again", where);
}

#if ENIFLOW_HAVE_KAFKA

#include <netdb.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "output/kafka_question.h"

enum {
	MOST = 64 * 1024 * 1024,
	LOOK_EACH = 1024, /* messages, after which is looked at what was delivered */
	POLL_MS = 100,    /* how long one look waits, where there is to be waited */
};

static const struct output_kafka_patience usual_patience = {
	.open = 30000,
	.unknown = 5000,
	.down = 5000,
	.stuck = 30000,
	.pause = 1000,
	.finish = 10000,
};

struct output_kafka {
	struct output_kafka_options options;
	struct output_kafka_address address;
	struct output_kafka_delivery delivery;
	char *name; /* for sentences */

	struct flow_record pending; /* the record that room was asked for */
	char *line;
	size_t line_size;
	size_t since_look; /* messages */

	bool is_draining;
	int64_t drain_until; /* a sensor's */
};

static int answer(const struct output_kafka *kafka, struct error *err)
{
	if (kafka->delivery.failed && err)
		*err = kafka->delivery.failure;
	return kafka->delivery.failed;
}

static void look(struct output_kafka *kafka, int wait_ms)
{
	kafka->since_look = 0;
	output_kafka_delivery_look(&kafka->delivery, wait_ms);
}

/* ---- opening ---- */

/* A sensor is about to forbid itself to load anything. What libc loads to look up names, it loads now. */
static void load_name_services(const struct output_kafka *kafka)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	if (getaddrinfo(kafka->address.host, NULL, &hints, &found) == 0)
		freeaddrinfo(found);
}

static int open_parts(struct output_kafka *kafka, const char *where, struct error *err)
{
	int ret = output_kafka_address_parse(&kafka->address, where, err);

	if (ret < 0)
		return ret;
	kafka->name = strdup(where);
	if (!kafka->name)
		return fail_memory(err, where);
	kafka->delivery.options = &kafka->options;
	kafka->delivery.topic = kafka->address.topic;
	kafka->delivery.remarks.name = kafka->name;
	kafka->delivery.remarks.notices = kafka->options.notices;
	ret = output_kafka_delivery_open(&kafka->delivery, kafka->address.brokers, err);
	if (ret < 0)
		return ret;
	if (!kafka->options.live)
		return output_kafka_question(&kafka->delivery, err);
	load_name_services(kafka);
	return 0;
}

int output_kafka_open(struct output_kafka **out, const char *where, const struct output_kafka_options *options,
		      struct error *err)
{
	struct output_kafka *kafka = calloc(1, sizeof(*kafka));
	int ret;

	if (!kafka)
		return fail_memory(err, where);
	kafka->options = *options;
	if (kafka->options.most == 0)
		kafka->options.most = MOST;
	kafka->options.trouble->most = kafka->options.most;
	if (!kafka->options.patience)
		kafka->options.patience = &usual_patience;
	ret = open_parts(kafka, where, err);
	if (ret < 0)
		output_kafka_abandon(kafka);
	else
		*out = kafka;
	return ret;
}

int output_kafka_reopen(struct output_kafka *kafka, struct error *err)
{
	return output_kafka_delivery_renew(&kafka->delivery, kafka->address.brokers, err);
}

/* ---- records ---- */

static bool has_room(const struct output_kafka *kafka, size_t size)
{
	return kafka->delivery.state.waiting == 0 ||
	       kafka->delivery.state.waiting + output_kafka_message_cost(size) <= kafka->options.most;
}

/* Waits for room; a sensor does not. Returns whether there is. */
static bool wait_for_room(struct output_kafka *kafka, size_t size)
{
	if (!has_room(kafka, size))
		look(kafka, 0);
	while (!kafka->delivery.failed && !kafka->options.live && !has_room(kafka, size))
		look(kafka, POLL_MS);
	return !kafka->delivery.failed && has_room(kafka, size);
}

static void tell_full(struct output_kafka *kafka)
{
	bool is_nobody_there = kafka->delivery.is_all_down;
	char why[ERROR_MAX];

	if (kafka->options.trouble->is_on)
		return;
	snprintf(why, sizeof(why), "%s: %s%s", kafka->name,
		 is_nobody_there ? "records cannot be delivered: " : "records come faster than they are delivered",
		 is_nobody_there ? output_kafka_remarks_reason(&kafka->delivery.remarks) : "");
	output_trouble_begin(kafka->options.trouble, why);
}

static int grow_line(struct output_kafka *kafka, size_t size, struct error *err)
{
	char *line;

	if (size <= kafka->line_size)
		return 0;
	line = realloc(kafka->line, size);
	if (!line)
		return fail_memory(err, kafka->name);
	kafka->line = line;
	kafka->line_size = size;
	return 0;
}

char *output_kafka_reserve(struct output_kafka *kafka, const struct flow_record *record, size_t size, int *code,
			   struct error *err)
{
	if (!kafka->delivery.failed && !wait_for_room(kafka, size) && !kafka->delivery.failed)
		tell_full(kafka);
	*code = answer(kafka, err);
	if (*code < 0 || !has_room(kafka, size))
		return NULL;
	*code = grow_line(kafka, size, err);
	if (*code < 0)
		return NULL;
	kafka->pending = *record;
	return kafka->line;
}

int output_kafka_commit(struct output_kafka *kafka, size_t size, struct error *err)
{
	struct output_kafka_message *message = output_kafka_message_new(&kafka->pending, kafka->line, size);

	if (!message)
		return fail_memory(err, kafka->name);
	output_kafka_delivery_send(&kafka->delivery, message);
	if (++kafka->since_look >= LOOK_EACH)
		look(kafka, 0);
	return answer(kafka, err);
}

/* Hands on what is lost. */
static int tell_lost(struct output_kafka *kafka, struct error *err)
{
	struct output_kafka_list *lost = &kafka->delivery.lost;
	int ret = 0;

	while (ret == 0 && lost->first) {
		struct output_kafka_message *message = lost->first;
		const struct flow_record record = { .interface = message->interface,
						    .interface_number = message->interface_number,
						    .status = (uint8_t)message->status,
						    .start = message->start,
						    .end = message->end };

		kafka->options.trouble->dropped++;
		ret = output_losses_add(kafka->options.losses, &record, err);
		output_kafka_list_take(lost, message);
		free(message);
	}
	return ret;
}

/* Has lost records told, where they do not end the run. */
static int account(struct output_kafka *kafka, struct error *err)
{
	if (!kafka->delivery.failed && kafka->options.losses)
		kafka->delivery.failed = tell_lost(kafka, &kafka->delivery.failure);
	return answer(kafka, err);
}

int output_kafka_serve(struct output_kafka *kafka, struct error *err)
{
	if (!kafka->delivery.failed)
		look(kafka, 0);
	return account(kafka, err);
}

void output_kafka_state(const struct output_kafka *kafka, struct output_kafka_state *out)
{
	*out = kafka->delivery.state;
}

/* ---- the end ---- */

/* Is there time left for what is on its way? */
static bool may_wait(struct output_kafka *kafka)
{
	if (!kafka->is_draining)
		kafka->drain_until = output_kafka_delivery_now() + kafka->options.patience->finish;
	kafka->is_draining = true;
	return !kafka->options.live || output_kafka_delivery_now() < kafka->drain_until;
}

static void wait_for_all(struct output_kafka *kafka)
{
	while (!kafka->delivery.failed && output_kafka_delivery_waiting(&kafka->delivery) > 0 && may_wait(kafka))
		look(kafka, POLL_MS);
}

int output_kafka_drain(struct output_kafka *kafka, struct error *err)
{
	wait_for_all(kafka);
	return account(kafka, err);
}

/* Those that are neither delivered nor told as lost. */
static int judge_end(const struct output_kafka *kafka, struct error *err)
{
	size_t left = output_kafka_delivery_waiting(&kafka->delivery) + kafka->delivery.lost.count;

	if (kafka->delivery.failed || left == 0)
		return answer(kafka, err);
	return fail(err, EIO, "%s: %zu records were not delivered, and are lost: %s", kafka->name, left,
		    output_kafka_remarks_reason(&kafka->delivery.remarks));
}

int output_kafka_finish(struct output_kafka *kafka, struct error *err)
{
	int ret;

	wait_for_all(kafka);
	ret = judge_end(kafka, err);
	output_kafka_abandon(kafka);
	return ret;
}

void output_kafka_abandon(struct output_kafka *kafka)
{
	if (!kafka)
		return;
	output_kafka_delivery_close(&kafka->delivery);
	output_kafka_address_clear(&kafka->address);
	free(kafka->name);
	free(kafka->line);
	free(kafka);
}

#else

/* Nothing is ever opened: output_kafka_open() says why, and the others are not called. */
int output_kafka_open(struct output_kafka **out, const char *where, const struct output_kafka_options *options,
		      struct error *err)
{
	int ret = output_kafka_check(where, err);

	(void)out;
	(void)options;
	return ret;
}

char *output_kafka_reserve(struct output_kafka *kafka, const struct flow_record *record, size_t size, int *code,
			   struct error *err)
{
	(void)kafka;
	(void)record;
	(void)size;
	*code = fail(err, ENOTSUP, "Kafka: this build has none");
	return NULL;
}

int output_kafka_commit(struct output_kafka *kafka, size_t size, struct error *err)
{
	(void)kafka;
	(void)size;
	return fail(err, ENOTSUP, "Kafka: this build has none");
}

int output_kafka_serve(struct output_kafka *kafka, struct error *err)
{
	(void)kafka;
	return fail(err, ENOTSUP, "Kafka: this build has none");
}

int output_kafka_reopen(struct output_kafka *kafka, struct error *err)
{
	(void)kafka;
	return fail(err, ENOTSUP, "Kafka: this build has none");
}

void output_kafka_state(const struct output_kafka *kafka, struct output_kafka_state *out)
{
	(void)kafka;
	*out = (struct output_kafka_state){ 0 };
}

int output_kafka_drain(struct output_kafka *kafka, struct error *err)
{
	(void)kafka;
	return fail(err, ENOTSUP, "Kafka: this build has none");
}

int output_kafka_finish(struct output_kafka *kafka, struct error *err)
{
	(void)kafka;
	return fail(err, ENOTSUP, "Kafka: this build has none");
}

void output_kafka_abandon(struct output_kafka *kafka)
{
	(void)kafka;
}

#endif
