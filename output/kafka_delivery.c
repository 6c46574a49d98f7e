#include "output/kafka_delivery.h"

#if ENIFLOW_HAVE_KAFKA

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	REASON = 512,
	PAUSES_MOST = 60,  /* how often patience->pause fits into the longest pause */
	RENEWALS_MOST = 3, /* in vain, after which a run that ends by itself fails */
};

int64_t output_kafka_delivery_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

size_t output_kafka_delivery_waiting(const struct output_kafka_delivery *delivery)
{
	return delivery->sent.count + delivery->returned.count + delivery->held.count;
}

static const char *reason(const struct output_kafka_delivery *delivery)
{
	return output_kafka_remarks_reason(&delivery->remarks);
}

/* ---- what librdkafka tells; all from within rd_kafka_poll() ---- */

/* Broken connections come to on_error(), too. */
static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
	struct output_kafka_delivery *delivery = rd_kafka_opaque(producer);

	if (!delivery || (level > 4 && strcmp(facility, "CONFWARN") != 0 && level != 7))
		return;
	if (strcmp(facility, "FAIL") != 0 && strcmp(facility, "ERROR") != 0)
		output_kafka_remarks_tell(&delivery->remarks, text, output_kafka_delivery_now());
}

static void on_error(rd_kafka_t *producer, int code, const char *text, void *opaque)
{
	struct output_kafka_delivery *delivery = opaque;
	char why[REASON];

	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
		delivery->is_all_down = true;
	} else if (code == RD_KAFKA_RESP_ERR__FATAL) {
		rd_kafka_fatal_error(producer, why, sizeof(why));
		output_kafka_remarks_learn(&delivery->remarks, why);
	} else {
		output_kafka_remarks_learn(&delivery->remarks, text);
	}
}

static void give_back(struct output_kafka_delivery *delivery, struct output_kafka_message *message)
{
	size_t cost = output_kafka_message_cost(message->length);

	delivery->state.waiting -= cost < delivery->state.waiting ? cost : delivery->state.waiting;
}

static void delivered(struct output_kafka_delivery *delivery, struct output_kafka_message *message)
{
	delivery->state.records[message->status]++;
	delivery->state.bytes += message->length;
	delivery->options->trouble->is_on = false;
	delivery->is_all_down = delivery->was_refusal_told = false;
	delivery->pause = delivery->options->patience->pause;
	delivery->in_vain = 0;
	delivery->moved = output_kafka_delivery_now();
	give_back(delivery, message);
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
static bool may_go_again(const struct output_kafka_delivery *delivery, const rd_kafka_message_t *report)
{
	if (rd_kafka_message_status(report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
		return false;
	return is_of_producer(report->err) || (delivery->options->live && !is_refusal(report->err));
}

/* As soon as nothing is on its way, the producer is to be another one. One that is broken gives back what it has. */
static void begin_renewal(struct output_kafka_delivery *delivery, int64_t pause)
{
	delivery->is_renewing = true;
	delivery->renew_at = output_kafka_delivery_now() + pause;
	if (output_kafka_producer_is_broken(&delivery->producer))
		output_kafka_producer_give_up(&delivery->producer);
}

/* The producer broke, or gave records back: with another one they may go. */
static void begin_mending(struct output_kafka_delivery *delivery)
{
	int64_t longest = (int64_t)PAUSES_MOST * delivery->options->patience->pause;

	if (delivery->in_vain++ >= RENEWALS_MOST && !delivery->options->live)
		delivery->failed = fail(&delivery->failure, EIO, "%s: records cannot be delivered: %s",
					delivery->remarks.name, reason(delivery));
	begin_renewal(delivery, delivery->pause);
	delivery->pause = delivery->pause * 2 < longest ? delivery->pause * 2 : longest;
}

/* `may_be_there`: it was sent, and never answered. */
static void lose(struct output_kafka_delivery *delivery, struct output_kafka_message *message, rd_kafka_resp_err_t code,
		 bool may_be_there)
{
	struct output_trouble *trouble = delivery->options->trouble;
	const char *why = is_of_producer(code) ? reason(delivery) : rd_kafka_err2str(code);

	delivery->state.failed++;
	give_back(delivery, message);
	output_kafka_list_append(&delivery->lost, message);
	if (!delivery->options->losses && !delivery->failed)
		delivery->failed = fail(&delivery->failure, EIO, "%s: records were not delivered%s: %s",
					delivery->remarks.name, may_be_there ? ", or it is not known" : "", why);
	if (!delivery->options->losses || delivery->was_refusal_told)
		return;
	notify(delivery->options->notices, "%s: records are lost%s: %s", delivery->remarks.name,
	       may_be_there ? ", or it is not known whether they are there" : "", why);
	trouble->errors++;
	trouble->was_told = delivery->was_refusal_told = true;
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *report, void *opaque)
{
	struct output_kafka_delivery *delivery = opaque;
	struct output_kafka_message *message = report->_private;

	(void)producer;
	output_kafka_list_take(&delivery->sent, message);
	if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		delivered(delivery, message);
	} else if (may_go_again(delivery, report)) {
		if (!is_of_producer(report->err))
			output_kafka_remarks_learn(&delivery->remarks, rd_kafka_err2str(report->err));
		output_kafka_list_append(&delivery->returned, message);
	} else {
		lose(delivery, message, report->err,
		     rd_kafka_message_status(report) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED);
	}
}

/* ---- the producer ---- */

static int make_conf(struct output_kafka_delivery *delivery, const char *brokers, rd_kafka_conf_t **out,
		     struct error *err)
{
	int ret = output_kafka_config_new(out, brokers, delivery->options, &delivery->remarks.secrets, err);

	if (ret < 0)
		return ret;
	rd_kafka_conf_set_opaque(*out, delivery);
	rd_kafka_conf_set_log_cb(*out, on_log);
	rd_kafka_conf_set_error_cb(*out, on_error);
	rd_kafka_conf_set_dr_msg_cb(*out, on_delivery);
	return 0;
}

static int make_producer(const struct output_kafka_delivery *delivery, const rd_kafka_conf_t *conf,
			 struct output_kafka_producer *out, struct error *err)
{
	int ret = output_kafka_producer_open(out, conf, delivery->topic, delivery->remarks.name,
					     &delivery->remarks.secrets, err);

	if (ret < 0)
		output_kafka_producer_close(out);
	return ret;
}

/* Hands it to the producer. Returns 0, or -EAGAIN: it takes none, and is to be another one. */
static int hand_over(struct output_kafka_delivery *delivery, struct output_kafka_message *message)
{
	const char *key = output_kafka_message_key(message);
	rd_kafka_resp_err_t code;

	if (rd_kafka_produce(delivery->producer.topic, RD_KAFKA_PARTITION_UA, 0, message->line, message->length, key,
			     key ? strlen(key) : 0, message) == 0) {
		output_kafka_list_append(&delivery->sent, message);
		return 0;
	}
	code = rd_kafka_last_error();
	if (is_refusal(code) || (!delivery->options->live && !is_of_producer(code))) {
		lose(delivery, message, code, false);
		return 0;
	}
	if (!is_of_producer(code))
		output_kafka_remarks_learn(&delivery->remarks, rd_kafka_err2str(code));
	return -EAGAIN;
}

/* Hands over what waited for this producer, in its order. */
static void send_again(struct output_kafka_delivery *delivery)
{
	struct output_kafka_list *lists[] = { &delivery->returned, &delivery->held };

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		while (lists[i]->first) {
			struct output_kafka_message *message = lists[i]->first;

			output_kafka_list_take(lists[i], message);
			if (hand_over(delivery, message) == 0)
				continue;
			output_kafka_list_prepend(&delivery->returned, message);
			begin_mending(delivery);
			return;
		}
	}
}

/* A sensor goes on with what it has, and tries again, when certificates cannot be read any more. */
static void renew(struct output_kafka_delivery *delivery)
{
	struct output_kafka_producer next = { 0 };
	struct error why;
	int ret = make_producer(delivery, delivery->conf, &next, &why);

	delivery->is_renewing = false;
	if (ret == 0) {
		output_kafka_producer_close(&delivery->producer);
		delivery->producer = next;
		send_again(delivery);
	} else if (delivery->options->live) {
		output_kafka_remarks_learn(&delivery->remarks, why.text);
		begin_mending(delivery);
	} else {
		delivery->failed = ret;
		delivery->failure = why;
	}
}

static void mend(struct output_kafka_delivery *delivery)
{
	if (!delivery->is_renewing &&
	    (delivery->returned.count > 0 || output_kafka_producer_is_broken(&delivery->producer)))
		begin_mending(delivery);
	if (!delivery->failed && delivery->is_renewing && delivery->sent.count == 0 &&
	    output_kafka_delivery_now() >= delivery->renew_at)
		renew(delivery);
}

/* Something waits, and nothing moves. */
static void look_for_trouble(struct output_kafka_delivery *delivery)
{
	const struct output_kafka_patience *patience = delivery->options->patience;
	bool is_nobody_there = delivery->is_all_down || delivery->is_renewing;
	int64_t still = output_kafka_delivery_now() - delivery->moved;
	char why[ERROR_MAX];

	if (output_kafka_delivery_waiting(delivery) == 0 || delivery->options->trouble->is_on ||
	    still < (is_nobody_there ? patience->down : patience->stuck))
		return;
	snprintf(why, sizeof(why), "%s: records cannot be delivered: %s", delivery->remarks.name, reason(delivery));
	output_trouble_begin(delivery->options->trouble, why);
}

void output_kafka_delivery_look(struct output_kafka_delivery *delivery, int wait_ms)
{
	rd_kafka_poll(delivery->producer.handle, wait_ms);
	if (!delivery->failed)
		mend(delivery);
	if (!delivery->failed)
		look_for_trouble(delivery);
}

/* ---- from outside ---- */

int output_kafka_delivery_open(struct output_kafka_delivery *delivery, const char *brokers, struct error *err)
{
	int ret = make_conf(delivery, brokers, &delivery->conf, err);

	delivery->pause = delivery->options->patience->pause;
	return ret < 0 ? ret : make_producer(delivery, delivery->conf, &delivery->producer, err);
}

void output_kafka_delivery_close(struct output_kafka_delivery *delivery)
{
	output_kafka_producer_close(&delivery->producer);
	if (delivery->conf)
		rd_kafka_conf_destroy(delivery->conf);
	output_kafka_list_clear(&delivery->sent);
	output_kafka_list_clear(&delivery->returned);
	output_kafka_list_clear(&delivery->held);
	output_kafka_list_clear(&delivery->lost);
	output_kafka_secrets_clear(&delivery->remarks.secrets);
}

void output_kafka_delivery_send(struct output_kafka_delivery *delivery, struct output_kafka_message *message)
{
	if (output_kafka_delivery_waiting(delivery) == 0)
		delivery->moved = output_kafka_delivery_now();
	delivery->state.waiting += output_kafka_message_cost(message->length);
	if (delivery->is_renewing) {
		output_kafka_list_append(&delivery->held, message);
	} else if (hand_over(delivery, message) < 0) {
		output_kafka_list_append(&delivery->returned, message);
		begin_mending(delivery);
	}
}

/* Only a producer that is made of it tells whether its files can be read. */
static int try_conf(struct output_kafka_delivery *delivery, const rd_kafka_conf_t *conf, struct error *err)
{
	struct output_kafka_producer trial = { 0 };
	int ret = make_producer(delivery, conf, &trial, err);

	if (ret < 0)
		return ret;
	output_kafka_producer_close(&trial);
	return output_kafka_producer_log_in(&delivery->producer, conf, delivery->remarks.name, err);
}

int output_kafka_delivery_renew(struct output_kafka_delivery *delivery, const char *brokers, struct error *err)
{
	rd_kafka_conf_t *conf;
	int ret = make_conf(delivery, brokers, &conf, err);

	if (ret < 0)
		return ret;
	ret = try_conf(delivery, conf, err);
	if (ret < 0) {
		rd_kafka_conf_destroy(conf);
		return ret;
	}
	rd_kafka_conf_destroy(delivery->conf);
	delivery->conf = conf;
	if (!delivery->is_renewing)
		begin_renewal(delivery, 0);
	return 0;
}

#endif
