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

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	MOST = 64 * 1024 * 1024,
	/* What librdkafka keeps beside the line: its own account of a message, with the key. */
	OVERHEAD = 256,
	REASON = 512,
	LOOK_EACH = 1024,  /* messages, after which is looked at what was delivered */
	POLL_MS = 100,     /* how long one look waits, where there is to be waited */
	OPEN_MS = 30000,   /* for the topic, before a run that ends by itself */
	UNKNOWN_MS = 5000, /* a topic that is made because we ask for it takes that long at the most */
	SAID_MS = 3000,    /* no broker answers: that is said when it has lasted that long */
	FINISH_MS = 10000, /* a sensor's end */
	DOWN_MS = 5000,    /* nothing moves and no broker is there: that is trouble */
	STUCK_MS = 30000,  /* nothing moves: that is trouble */
	PAUSE_MS = 1000,   /* before a broken producer is made anew; each time in vain twice as long */
	PAUSE_MOST_MS = 60000,
	RENEWALS_MOST = 3, /* in vain, after which a run that ends by itself fails */
	NOTICES_MOST = 6,  /* of librdkafka, in NOTICES_MS */
	NOTICES_MS = 60000,
};

/* A record on its way: its line, and what has to be known of it should it get lost. */
struct message {
	struct message *before, *after;
	const struct flow_interface *interface;
	uint32_t interface_number;
	enum flow_status status;
	int64_t start, end;
	size_t length;
	char line[];
};

struct list {
	struct message *first, *last;
	size_t count;
};

struct output_kafka {
	struct output_kafka_options options;
	struct output_kafka_address address;
	struct output_kafka_secrets secrets;
	char *name;            /* for sentences */
	rd_kafka_conf_t *conf; /* what the next producer is made with */
	rd_kafka_t *producer;
	rd_kafka_topic_t *topic;

	struct list sent;     /* handed to the producer */
	struct list returned; /* the producer gave them back: they are to be handed to the next one */
	struct list held;     /* came meanwhile */
	struct list lost;     /* not told yet */
	size_t since_look;    /* messages */

	struct flow_record pending; /* the record that room was asked for */
	char *line;
	size_t line_size;

	bool is_renewing;   /* the producer is to be another one, as soon as nothing is on its way */
	int64_t renew_at;   /* not before; of the monotonic clock, in milliseconds, as are all times here */
	int64_t pause;      /* before the next time */
	unsigned in_vain;   /* renewals since anything was delivered */
	bool is_all_down;   /* no broker is there, as librdkafka says */
	int64_t moved;      /* when something was delivered, or began to wait */
	char why[REASON];   /* the last that librdkafka complained of */
	int64_t told_since; /* notices of librdkafka */
	unsigned told, untold;
	bool was_refusal_told; /* in this trouble */

	int failed; /* what ends the run; 0: all is well */
	struct error failure;
	struct output_kafka_state state;
};

/* ---- small things ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t cost_of(size_t length)
{
	return sizeof(struct message) + OVERHEAD + length;
}

static void append(struct list *list, struct message *message)
{
	message->before = list->last;
	message->after = NULL;
	*(list->last ? &list->last->after : &list->first) = message;
	list->last = message;
	list->count++;
}

static void prepend(struct list *list, struct message *message)
{
	message->before = NULL;
	message->after = list->first;
	*(list->first ? &list->first->before : &list->last) = message;
	list->first = message;
	list->count++;
}

static void take_out(struct list *list, struct message *message)
{
	*(message->before ? &message->before->after : &list->first) = message->after;
	*(message->after ? &message->after->before : &list->last) = message->before;
	list->count--;
}

static void free_list(struct list *list)
{
	struct message *next;

	for (struct message *message = list->first; message; message = next) {
		next = message->after;
		free(message);
	}
	*list = (struct list){ 0 };
}

/* Records that are neither delivered nor lost. */
static size_t waiting(const struct output_kafka *kafka)
{
	return kafka->sent.count + kafka->returned.count + kafka->held.count;
}

static int answer(const struct output_kafka *kafka, struct error *err)
{
	if (kafka->failed && err)
		*err = kafka->failure;
	return kafka->failed;
}

static const char *reason(const struct output_kafka *kafka)
{
	return *kafka->why ? kafka->why : "no broker answers";
}

/* librdkafka's words, on one line and without secrets. */
static void learn(struct output_kafka *kafka, const char *text)
{
	snprintf(kafka->why, sizeof(kafka->why), "%s", text);
	output_kafka_secrets_hide(&kafka->secrets, kafka->why);
}

/* ---- what librdkafka tells; all from within rd_kafka_poll() ---- */

static void tell(struct output_kafka *kafka, const char *text)
{
	int64_t now = now_ms();
	char hidden[REASON];

	if (now - kafka->told_since >= NOTICES_MS) {
		if (kafka->untold > 0)
			notify(kafka->options.notices, "%s: %u further remarks of librdkafka were left out",
			       kafka->name, kafka->untold);
		kafka->told_since = now;
		kafka->told = kafka->untold = 0;
	}
	if (kafka->told >= NOTICES_MOST) {
		kafka->untold++;
		return;
	}
	kafka->told++;
	snprintf(hidden, sizeof(hidden), "%s", text);
	output_kafka_secrets_hide(&kafka->secrets, hidden);
	notify(kafka->options.notices, "%s: %s", kafka->name, hidden);
}

/* Broken connections come to on_error(), too. */
static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
	struct output_kafka *kafka = rd_kafka_opaque(producer);

	if (!kafka || (level > 4 && strcmp(facility, "CONFWARN") != 0 && level != 7))
		return;
	if (strcmp(facility, "FAIL") != 0 && strcmp(facility, "ERROR") != 0)
		tell(kafka, text);
}

static void on_error(rd_kafka_t *producer, int code, const char *text, void *opaque)
{
	struct output_kafka *kafka = opaque;
	char why[REASON];

	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		kafka->is_all_down = true;
	} else if (code == RD_KAFKA_RESP_ERR__FATAL) {
		rd_kafka_fatal_error(producer, why, sizeof(why));
		learn(kafka, why);
	} else {
		learn(kafka, text);
	}
}

static void give_back(struct output_kafka *kafka, struct message *message)
{
	size_t cost = cost_of(message->length);

	kafka->state.waiting -= cost < kafka->state.waiting ? cost : kafka->state.waiting;
}

static void delivered(struct output_kafka *kafka, struct message *message)
{
	kafka->state.records[message->status]++;
	kafka->state.bytes += message->length;
	kafka->options.trouble->is_on = false;
	kafka->is_all_down = kafka->was_refusal_told = false;
	kafka->pause = PAUSE_MS;
	kafka->in_vain = 0;
	kafka->moved = now_ms();
	give_back(kafka, message);
	free(message);
}

/* Is it about this record, so that another time will be no better? */
static bool is_refusal(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
	case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
	case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
		return true;
	default:
		return false;
	}
}

/* Did the producer break, or give up what it had, so that it says nothing about broker and topic? */
static bool is_of_producer(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
	       code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/* What may be in the topic already is not sent again: rather told as lost than there twice. */
static bool may_go_again(const struct output_kafka *kafka, const rd_kafka_message_t *report)
{
	if (rd_kafka_message_status(report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
		return false;
	return is_of_producer(report->err) || (kafka->options.live && !is_refusal(report->err));
}

static bool is_broken(const struct output_kafka *kafka)
{
	char why[REASON];

	return rd_kafka_fatal_error(kafka->producer, why, sizeof(why)) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* As soon as nothing is on its way, the producer is to be another one. One that is broken gives back what it has. */
static void begin_renewal(struct output_kafka *kafka, int64_t pause)
{
	kafka->is_renewing = true;
	kafka->renew_at = now_ms() + pause;
	if (is_broken(kafka))
		rd_kafka_purge(kafka->producer,
			       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

/* The producer broke, or gave records back: with another one they may go. */
static void begin_mending(struct output_kafka *kafka)
{
	if (kafka->in_vain++ >= RENEWALS_MOST && !kafka->options.live)
		kafka->failed = fail(&kafka->failure, EIO, "%s: records cannot be delivered: %s", kafka->name,
				     reason(kafka));
	begin_renewal(kafka, kafka->pause);
	kafka->pause = kafka->pause * 2 < PAUSE_MOST_MS ? kafka->pause * 2 : PAUSE_MOST_MS;
}

static void lose(struct output_kafka *kafka, struct message *message, const rd_kafka_message_t *report)
{
	struct output_trouble *trouble = kafka->options.trouble;
	bool may_be_there = rd_kafka_message_status(report) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
	const char *why = is_of_producer(report->err) ? reason(kafka) : rd_kafka_err2str(report->err);

	kafka->state.failed++;
	give_back(kafka, message);
	append(&kafka->lost, message);
	if (!kafka->options.losses && !kafka->failed)
		kafka->failed = fail(&kafka->failure, EIO, "%s: records were not delivered%s: %s", kafka->name,
				     may_be_there ? ", or it is not known" : "", why);
	if (!kafka->options.losses || kafka->was_refusal_told)
		return;
	notify(kafka->options.notices, "%s: records are lost%s: %s", kafka->name,
	       may_be_there ? ", or it is not known whether they are there" : "", why);
	trouble->errors++;
	trouble->was_told = kafka->was_refusal_told = true;
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *report, void *opaque)
{
	struct output_kafka *kafka = opaque;
	struct message *message = report->_private;

	(void)producer;
	take_out(&kafka->sent, message);
	if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		delivered(kafka, message);
	} else if (may_go_again(kafka, report)) {
		if (!is_of_producer(report->err))
			learn(kafka, rd_kafka_err2str(report->err));
		append(&kafka->returned, message);
	} else {
		lose(kafka, message, report);
	}
}

/* ---- the producer ---- */

static int make_conf(const struct output_kafka *kafka, rd_kafka_conf_t **out, struct output_kafka_secrets *secrets,
		     struct error *err)
{
	int ret = output_kafka_config_new(out, kafka->address.brokers, &kafka->options, secrets, err);

	if (ret < 0)
		return ret;
	rd_kafka_conf_set_opaque(*out, (void *)kafka);
	rd_kafka_conf_set_log_cb(*out, on_log);
	rd_kafka_conf_set_error_cb(*out, on_error);
	rd_kafka_conf_set_dr_msg_cb(*out, on_delivery);
	return 0;
}

static int make_producer(struct output_kafka *kafka, struct error *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(kafka->conf);
	char why[REASON] = "";

	kafka->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!kafka->producer) {
		rd_kafka_conf_destroy(conf);
		output_kafka_secrets_hide(&kafka->secrets, why);
		return fail(err, EINVAL, "%s: %s", kafka->name, why);
	}
	rd_kafka_set_log_queue(kafka->producer, NULL);
	kafka->topic = rd_kafka_topic_new(kafka->producer, kafka->address.topic, NULL);
	if (!kafka->topic)
		return fail(err, EINVAL, "%s: %s", kafka->name, rd_kafka_err2str(rd_kafka_last_error()));
	return 0;
}

static void end_producer(struct output_kafka *kafka)
{
	if (kafka->topic)
		rd_kafka_topic_destroy(kafka->topic);
	if (kafka->producer)
		rd_kafka_destroy(kafka->producer);
	kafka->topic = NULL;
	kafka->producer = NULL;
}

static const char *key_of(const struct flow_interface *interface)
{
	const char *key = interface->identity[FLOW_INTERFACE_ID];

	return key ? key : interface->identity[FLOW_RESOURCE_ID];
}

/* Hands it to the producer. Returns 0, or -EAGAIN: it takes none, and is to be another one. */
static int hand_over(struct output_kafka *kafka, struct message *message)
{
	const char *key = key_of(message->interface);
	rd_kafka_resp_err_t code;

	if (rd_kafka_produce(kafka->topic, RD_KAFKA_PARTITION_UA, 0, message->line, message->length, key,
			     key ? strlen(key) : 0, message) == 0) {
		append(&kafka->sent, message);
		return 0;
	}
	code = rd_kafka_last_error();
	if (is_refusal(code) || (!kafka->options.live && !is_of_producer(code))) {
		lose(kafka, message, &(rd_kafka_message_t){ .err = code });
		return 0;
	}
	if (!is_of_producer(code))
		learn(kafka, rd_kafka_err2str(code));
	return -EAGAIN;
}

/* Hands over what waited for this producer, in its order. */
static void send_again(struct output_kafka *kafka)
{
	struct list *lists[] = { &kafka->returned, &kafka->held };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		while (lists[i]->first) {
			struct message *message = lists[i]->first;

			take_out(lists[i], message);
			if (hand_over(kafka, message) == 0)
				continue;
			prepend(&kafka->returned, message);
			begin_mending(kafka);
			return;
		}
	}
}

static void renew(struct output_kafka *kafka)
{
	kafka->is_renewing = false;
	end_producer(kafka);
	kafka->failed = make_producer(kafka, &kafka->failure);
	if (kafka->failed == 0)
		send_again(kafka);
}

static void mend(struct output_kafka *kafka)
{
	if (!kafka->is_renewing && (kafka->returned.count > 0 || is_broken(kafka)))
		begin_mending(kafka);
	if (!kafka->failed && kafka->is_renewing && kafka->sent.count == 0 && now_ms() >= kafka->renew_at)
		renew(kafka);
}

/* Something waits, and nothing moves. */
static void look_for_trouble(struct output_kafka *kafka)
{
	struct output_trouble *trouble = kafka->options.trouble;
	char why[ERROR_MAX];

	if (waiting(kafka) == 0 || trouble->is_on)
		return;
	if (now_ms() - kafka->moved < (kafka->is_all_down || kafka->is_renewing ? DOWN_MS : STUCK_MS))
		return;
	snprintf(why, sizeof(why), "%s: records cannot be delivered: %s", kafka->name, reason(kafka));
	output_trouble_begin(trouble, why);
}

/* Looks at what was delivered, for `wait_ms` at the most. */
static void look(struct output_kafka *kafka, int wait_ms)
{
	kafka->since_look = 0;
	rd_kafka_poll(kafka->producer, wait_ms);
	if (!kafka->failed)
		mend(kafka);
	if (!kafka->failed)
		look_for_trouble(kafka);
}

/* ---- opening ---- */

/* Returns 0 when there is such a topic, 1 when it may come, or -errno. */
static int judge(struct output_kafka *kafka, const struct rd_kafka_metadata *metadata, bool may_come, struct error *err)
{
	const rd_kafka_metadata_topic_t *topic = metadata->topic_cnt == 1 ? &metadata->topics[0] : NULL;

	if (!topic)
		return 1;
	if (topic->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return topic->partition_cnt > 0 ? 0 : 1;
	learn(kafka, rd_kafka_err2str(topic->err));
	switch (topic->err) {
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		return may_come ? 1
				: fail(err, ENOENT, "%s: the brokers have no topic %s", kafka->name,
				       kafka->address.topic);
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
		return fail(err, EACCES, "%s: %s", kafka->name, kafka->why);
	default:
		return 1;
	}
}

/* Once, when it has lasted a while: a name may be mistyped, and half a minute is long. */
static void say_waiting(const struct output_kafka *kafka, int64_t since, bool *was_said)
{
	if (*was_said || now_ms() - since < SAID_MS)
		return;
	*was_said = true;
	notify(kafka->options.notices, "%s: no answer yet: %s; it is waited for, up to half a minute", kafka->name,
	       reason(kafka));
}

/* Waits until a broker says that there is such a topic. */
static int ask_topic(struct output_kafka *kafka, struct error *err)
{
	int64_t began = now_ms();
	bool was_said = false;
	int ret = 1;

	while (ret > 0 && now_ms() - began < OPEN_MS) {
		const struct rd_kafka_metadata *metadata = NULL;
		rd_kafka_resp_err_t code = rd_kafka_metadata(kafka->producer, 0, kafka->topic, &metadata, 5 * POLL_MS);

		rd_kafka_poll(kafka->producer, code ? POLL_MS : 0);
		say_waiting(kafka, began, &was_said);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		ret = judge(kafka, metadata, now_ms() - began < UNKNOWN_MS, err);
		rd_kafka_metadata_destroy(metadata);
		if (ret > 0)
			rd_kafka_poll(kafka->producer, POLL_MS);
	}
	return ret <= 0 ? ret
			: fail(err, ETIMEDOUT, "%s: no broker tells of the topic: %s", kafka->name, reason(kafka));
}

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
	ret = make_conf(kafka, &kafka->conf, &kafka->secrets, err);
	if (ret == 0)
		ret = make_producer(kafka, err);
	if (ret < 0)
		return ret;
	if (!kafka->options.live)
		return ask_topic(kafka, err);
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
	kafka->pause = PAUSE_MS;
	ret = open_parts(kafka, where, err);
	if (ret < 0)
		output_kafka_abandon(kafka);
	else
		*out = kafka;
	return ret;
}

/* What the producer in force logs in with, the next time that it does: another password must not wait for one that is
 * refused. */
static int log_in_anew(const struct output_kafka *kafka, const rd_kafka_conf_t *conf, struct error *err)
{
#if RD_KAFKA_VERSION >= 0x02000000
	char user[1024] = "", password[1024] = "";
	size_t user_size = sizeof(user), password_size = sizeof(password);
	rd_kafka_error_t *error = NULL;
	int ret = 0;

	if (rd_kafka_conf_get(conf, "sasl.username", user, &user_size) == RD_KAFKA_CONF_OK && *user &&
	    rd_kafka_conf_get(conf, "sasl.password", password, &password_size) == RD_KAFKA_CONF_OK && *password)
		error = rd_kafka_sasl_set_credentials(kafka->producer, user, password);
	if (error)
		ret = fail(err, EINVAL, "%s: the new password is not taken", kafka->name);
	rd_kafka_error_destroy(error);
	explicit_bzero(password, sizeof(password));
	return ret;
#else
	(void)kafka, (void)conf, (void)err;
	return 0;
#endif
}

int output_kafka_reopen(struct output_kafka *kafka, struct error *err)
{
	struct output_kafka_secrets secrets = { 0 };
	rd_kafka_conf_t *conf;
	int ret = make_conf(kafka, &conf, &secrets, err);

	if (ret == 0) {
		ret = log_in_anew(kafka, conf, err);
		if (ret < 0)
			rd_kafka_conf_destroy(conf);
	}
	if (ret < 0) {
		output_kafka_secrets_clear(&secrets);
		return ret;
	}
	rd_kafka_conf_destroy(kafka->conf);
	output_kafka_secrets_clear(&kafka->secrets);
	kafka->conf = conf;
	kafka->secrets = secrets;
	if (!kafka->is_renewing)
		begin_renewal(kafka, 0);
	return 0;
}

/* ---- records ---- */

static bool has_room(const struct output_kafka *kafka, size_t size)
{
	return kafka->state.waiting == 0 || kafka->state.waiting + cost_of(size) <= kafka->options.most;
}

/* Waits for room; a sensor does not. Returns whether there is. */
static bool wait_for_room(struct output_kafka *kafka, size_t size)
{
	if (!has_room(kafka, size))
		look(kafka, 0);
	while (!kafka->failed && !kafka->options.live && !has_room(kafka, size))
		look(kafka, POLL_MS);
	return !kafka->failed && has_room(kafka, size);
}

static void tell_full(struct output_kafka *kafka)
{
	char why[ERROR_MAX];

	if (kafka->options.trouble->is_on)
		return;
	snprintf(why, sizeof(why), "%s: records come faster than they are delivered", kafka->name);
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
	if (!kafka->failed && !wait_for_room(kafka, size) && !kafka->failed)
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
	struct message *message = malloc(sizeof(*message) + size);

	if (!message)
		return fail_memory(err, kafka->name);
	*message = (struct message){
		.interface = kafka->pending.interface,
		.interface_number = kafka->pending.interface_number,
		.status = (enum flow_status)kafka->pending.status,
		.start = kafka->pending.start,
		.end = kafka->pending.end,
		.length = size,
	};
	memcpy(message->line, kafka->line, size);
	if (waiting(kafka) == 0)
		kafka->moved = now_ms();
	kafka->state.waiting += cost_of(size);
	if (kafka->is_renewing) {
		append(&kafka->held, message);
	} else if (hand_over(kafka, message) < 0) {
		append(&kafka->returned, message);
		begin_mending(kafka);
	}
	if (++kafka->since_look >= LOOK_EACH)
		look(kafka, 0);
	return answer(kafka, err);
}

/* Hands on what is lost. */
static int tell_lost(struct output_kafka *kafka, struct error *err)
{
	int ret = 0;

	while (ret == 0 && kafka->lost.first) {
		struct message *message = kafka->lost.first;
		const struct flow_record record = { .interface = message->interface,
						    .interface_number = message->interface_number,
						    .status = (uint8_t)message->status,
						    .start = message->start,
						    .end = message->end };

		kafka->options.trouble->dropped++;
		ret = output_losses_add(kafka->options.losses, &record, err);
		take_out(&kafka->lost, message);
		free(message);
	}
	return ret;
}

int output_kafka_serve(struct output_kafka *kafka, struct error *err)
{
	if (!kafka->failed)
		look(kafka, 0);
	if (!kafka->failed && kafka->options.losses)
		kafka->failed = tell_lost(kafka, &kafka->failure);
	return answer(kafka, err);
}

void output_kafka_state(const struct output_kafka *kafka, struct output_kafka_state *out)
{
	*out = kafka->state;
}

/* ---- the end ---- */

static int wait_for_all(struct output_kafka *kafka, struct error *err)
{
	int64_t began = now_ms();
	uint64_t failed = kafka->state.failed;
	size_t left;

	while (!kafka->failed && waiting(kafka) > 0 && (!kafka->options.live || now_ms() - began < FINISH_MS))
		look(kafka, POLL_MS);
	left = waiting(kafka) + (kafka->options.losses ? kafka->state.failed - failed + kafka->lost.count : 0);
	if (kafka->failed || left == 0)
		return answer(kafka, err);
	return fail(err, EIO, "%s: %zu records were not delivered, and are lost: %s", kafka->name, left, reason(kafka));
}

int output_kafka_finish(struct output_kafka *kafka, struct error *err)
{
	int ret = wait_for_all(kafka, err);

	output_kafka_abandon(kafka);
	return ret;
}

void output_kafka_abandon(struct output_kafka *kafka)
{
	if (!kafka)
		return;
	end_producer(kafka);
	if (kafka->conf)
		rd_kafka_conf_destroy(kafka->conf);
	free_list(&kafka->sent);
	free_list(&kafka->returned);
	free_list(&kafka->held);
	free_list(&kafka->lost);
	output_kafka_secrets_clear(&kafka->secrets);
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
