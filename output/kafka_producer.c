#include "output/kafka_producer.h"

#if ENIFLOW_HAVE_KAFKA

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <string.h>

enum { REASON = 512, CREDENTIAL = 1024 };

int output_kafka_producer_open(struct output_kafka_producer *producer, const struct rd_kafka_conf_s *conf,
			       const char *topic, const char *name, const struct output_kafka_secrets *secrets,
			       struct error *err)
{
	rd_kafka_conf_t *own = rd_kafka_conf_dup(conf);
	char why[REASON] = "";

	producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, own, why, sizeof(why));
	if (!producer->handle) {
		rd_kafka_conf_destroy(own);
		output_kafka_secrets_hide(secrets, why, why, sizeof(why));
		return fail(err, EINVAL, "%s: %s", name, why);
	}
	rd_kafka_set_log_queue(producer->handle, NULL);
	producer->topic = rd_kafka_topic_new(producer->handle, topic, NULL);
	if (!producer->topic)
		return fail(err, EINVAL, "%s: %s", name, rd_kafka_err2str(rd_kafka_last_error()));
	return 0;
}

void output_kafka_producer_close(struct output_kafka_producer *producer)
{
	if (producer->topic)
		rd_kafka_topic_destroy(producer->topic);
	if (producer->handle)
		rd_kafka_destroy(producer->handle);
	*producer = (struct output_kafka_producer){ 0 };
}

bool output_kafka_producer_is_broken(const struct output_kafka_producer *producer)
{
	char why[REASON];

	return rd_kafka_fatal_error(producer->handle, why, sizeof(why)) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

void output_kafka_producer_give_up(struct output_kafka_producer *producer)
{
	rd_kafka_purge(producer->handle,
		       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

int output_kafka_producer_log_in(struct output_kafka_producer *producer, const struct rd_kafka_conf_s *conf,
				 const char *name, struct error *err)
{
#if RD_KAFKA_VERSION >= 0x02000000
	char user[CREDENTIAL] = "", password[CREDENTIAL] = "";
	size_t user_size = sizeof(user), password_size = sizeof(password);
	rd_kafka_error_t *error = NULL;
	int ret = 0;

	/* What is cut off here is known to the next producer only. */
	if (rd_kafka_conf_get(conf, "sasl.username", user, &user_size) == RD_KAFKA_CONF_OK && *user &&
	    rd_kafka_conf_get(conf, "sasl.password", password, &password_size) == RD_KAFKA_CONF_OK && *password &&
	    user_size <= sizeof(user) && password_size <= sizeof(password))
		error = rd_kafka_sasl_set_credentials(producer->handle, user, password);
	if (error)
		ret = fail(err, EINVAL, "%s: the new password is not taken", name);
	rd_kafka_error_destroy(error);
	explicit_bzero(password, sizeof(password));
	return ret;
#else
	(void)producer, (void)conf, (void)name, (void)err;
	return 0;
#endif
}

#endif
