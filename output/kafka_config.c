#include "output/kafka_config.h"

#include <errno.h>

#if ENIFLOW_HAVE_KAFKA

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/nearest.h"

#define FILE_MARK "file:"
#define ENV_MARK  "env:"

enum { VALUE_MOST = 64 * 1024, REASON = 512 };

/* What we set ourselves, or what would take from what is promised. */
static const struct {
	const char *name, *why;
} ours[] = {
	{ "bootstrap.servers", "the brokers stand in the destination, kafka:BROKERS/TOPIC" },
	{ "metadata.broker.list", "the brokers stand in the destination, kafka:BROKERS/TOPIC" },
	{ "enable.idempotence", "it is always on, so that no record gets into the topic twice" },
	{ "acks", "it is always all: a record counts when all replicas in sync have it" },
	{ "request.required.acks", "it is always all: a record counts when all replicas in sync have it" },
	{ "enable.gapless.guarantee", "what is lost is told by SKIPDATA records" },
	{ "transactional.id", "records are not written in transactions" },
	{ "queuing.strategy", "it is always fifo, so that the records of an interface keep their order" },
	{ "queue.buffering.max.messages", "eniflow bounds what waits itself" },
	{ "queue.buffering.max.kbytes", "eniflow bounds what waits itself" },
	{ "delivery.report.only.error", "eniflow counts what was delivered" },
	{ "enabled_events", "eniflow sets it" },
	{ "log.queue", "eniflow sets it" },
	{ "plugin.library.paths", "eniflow loads no plugins" },
	{ "test.mock.num.brokers", "records would go nowhere" },
};

/* Those whose values are secrets. */
static const char *const secret_names[] = { "sasl.password",           "ssl.key.password",
					    "ssl.keystore.password",   "ssl.key.pem",
					    "sasl.oauthbearer.config", "sasl.oauthbearer.client.secret",
					    "ssl_engine_callback_data" };

/* What a mistyped name may have been meant to be: librdkafka lists but those that have a value. */
static const char *const usual[] = {
	"batch.num.messages",
	"batch.size",
	"broker.address.family",
	"client.id",
	"client.rack",
	"compression.codec",
	"compression.level",
	"compression.type",
	"connections.max.idle.ms",
	"debug",
	"delivery.timeout.ms",
	"enable.ssl.certificate.verification",
	"linger.ms",
	"log_level",
	"max.in.flight.requests.per.connection",
	"message.max.bytes",
	"message.send.max.retries",
	"message.timeout.ms",
	"partitioner",
	"queue.buffering.max.ms",
	"reconnect.backoff.max.ms",
	"reconnect.backoff.ms",
	"request.timeout.ms",
	"retries",
	"retry.backoff.max.ms",
	"retry.backoff.ms",
	"sasl.kerberos.keytab",
	"sasl.kerberos.principal",
	"sasl.kerberos.service.name",
	"sasl.mechanism",
	"sasl.mechanisms",
	"sasl.oauthbearer.client.id",
	"sasl.oauthbearer.client.secret",
	"sasl.oauthbearer.config",
	"sasl.oauthbearer.extensions",
	"sasl.oauthbearer.method",
	"sasl.oauthbearer.scope",
	"sasl.oauthbearer.token.endpoint.url",
	"sasl.password",
	"sasl.username",
	"security.protocol",
	"socket.connection.setup.timeout.ms",
	"socket.keepalive.enable",
	"socket.nagle.disable",
	"socket.timeout.ms",
	"ssl.ca.location",
	"ssl.ca.pem",
	"ssl.certificate.location",
	"ssl.certificate.pem",
	"ssl.cipher.suites",
	"ssl.crl.location",
	"ssl.endpoint.identification.algorithm",
	"ssl.key.location",
	"ssl.key.password",
	"ssl.key.pem",
	"ssl.keystore.location",
	"ssl.keystore.password",
	"topic.metadata.refresh.interval.ms",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool begins(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_secret(const char *name)
{
	for (size_t i = 0; i < COUNT(secret_names); i++)
		if (strcmp(name, secret_names[i]) == 0)
			return true;
	return false;
}

static bool is_elsewhere(const char *value)
{
	return begins(value, FILE_MARK) || begins(value, ENV_MARK);
}

/* ---- values ---- */

static bool is_whole_file(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcmp(name + length - 4, ".pem") == 0;
}

static int read_file(char **out, const char *name, const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(VALUE_MOST + 1) : NULL;
	size_t length = 0;
	bool failed = false;

	if (!file)
		return fail_errno(err, "kafka.%s: %s: cannot be opened", name, path);
	if (text)
		length = fread(text, 1, VALUE_MOST + 1, file);
	failed = ferror(file);
	fclose(file);
	if (!text) {
		fail_memory(err, "Kafka's properties");
		return -ENOMEM;
	}
	if (failed || length > VALUE_MOST) {
		explicit_bzero(text, length);
		free(text);
		return fail(err, failed ? EIO : EFBIG, "kafka.%s: %s: %s", name, path,
			    failed ? "cannot be read" : "is longer than any value may be");
	}
	text[length] = '\0';
	if (!is_whole_file(name))
		text[strcspn(text, "\r\n")] = '\0';
	*out = text;
	return 0;
}

static int copy(char **out, const char *value, struct error *err)
{
	*out = strdup(value);
	if (*out)
		return 0;
	fail_memory(err, "Kafka's properties");
	return -ENOMEM;
}

int output_kafka_config_value(char **out, const struct output_kafka_property *property, struct error *err)
{
	const char *variable = property->value + strlen(ENV_MARK), *value = property->value;

	if (begins(value, FILE_MARK))
		return read_file(out, property->name, value + strlen(FILE_MARK), err);
	if (!begins(value, ENV_MARK))
		return copy(out, value, err);
	value = getenv(variable);
	if (!value)
		return fail(err, ENOENT, "kafka.%s: the environment has no variable %s", property->name, variable);
	return copy(out, value, err);
}

/* ---- which there are ---- */

static int refuse_name(const char *name, struct error *err)
{
	char near[192];

	output_nearest(name, strlen(name), usual, COUNT(usual), near, sizeof(near));
	return fail(err, EINVAL, "kafka.%s: librdkafka %s has no such property%s%s%s", name, rd_kafka_version_str(),
		    *near ? "; did you mean " : "", near, *near ? "?" : "");
}

static int check_name(const char *name, struct error *err)
{
	for (size_t i = 0; i < COUNT(ours); i++)
		if (strcmp(name, ours[i].name) == 0)
			return fail(err, EINVAL, "kafka.%s: cannot be set: %s", name, ours[i].why);
	return 0;
}

/* A value of which only the name can be looked at: only setting it tells whether there is such a property. */
static int check_known(rd_kafka_conf_t *conf, const char *name, struct error *err)
{
	char why[REASON];

	return rd_kafka_conf_set(conf, name, "1", why, sizeof(why)) == RD_KAFKA_CONF_UNKNOWN ? refuse_name(name, err)
											     : 0;
}

/* librdkafka's own words may show the value: for a secret they are not used. */
static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
	char why[REASON] = "";
	rd_kafka_conf_res_t answer = rd_kafka_conf_set(conf, name, value, why, sizeof(why));

	if (answer == RD_KAFKA_CONF_OK)
		return 0;
	if (answer == RD_KAFKA_CONF_UNKNOWN)
		return refuse_name(name, err);
	return fail(err, EINVAL, "kafka.%s: %s", name, is_secret(name) ? "librdkafka does not take its value" : why);
}

static int check_value(const char *name, const char *value, struct error *err)
{
	rd_kafka_conf_t *conf;
	int ret;

	if (is_elsewhere(value) && value[strcspn(value, ":") + 1] == '\0')
		return fail(err, EINVAL, "kafka.%s: \"%s\" names nothing", name, value);
	if (is_secret(name) && !is_elsewhere(value))
		return fail(err, EINVAL,
			    "kafka.%s: is a secret, and others could see it here; write it into a file that they "
			    "cannot read and say file:PATH, or env:NAME for a variable of the environment",
			    name);
	conf = rd_kafka_conf_new();
	ret = is_elsewhere(value) ? check_known(conf, name, err) : set(conf, name, value, err);
	rd_kafka_conf_destroy(conf);
	return ret;
}

int output_kafka_check_property(const char *name, const char *value, struct error *err)
{
	int ret = check_name(name, err);

	return ret < 0 ? ret : check_value(name, value, err);
}

/* ---- all together ---- */

/* The best that this build of librdkafka has. */
static const char *compression(const rd_kafka_conf_t *conf)
{
	static const char *const codecs[] = { "zstd", "lz4", "gzip" };
	char features[512] = ",";
	size_t size = sizeof(features) - 1;

	if (rd_kafka_conf_get(conf, "builtin.features", features + 1, &size) != RD_KAFKA_CONF_OK)
		return "none";
	for (size_t i = 0; i < COUNT(codecs); i++) {
		const char *at = strstr(features, codecs[i]);
		const char *end = at ? at + strlen(codecs[i]) : NULL;

		if (at && at[-1] == ',' && (*end == ',' || *end == '\0'))
			return codecs[i];
	}
	return "none";
}

static int set_ours(rd_kafka_conf_t *conf, const char *brokers, bool live, struct error *err)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "client.id", "eniflow" },
		{ "enable.idempotence", "true" },
		{ "log.queue", "true" },
		{ "log.connection.close", "false" },
		/* As producers in Java do, so that a key has its partition whoever writes it. */
		{ "partitioner", "murmur2_random" },
		{ "compression.codec", compression(conf) },
		/* Windows come as a whole: a wait fills batches and costs nothing. */
		{ "linger.ms", "20" },
		/* The bound is ours. */
		{ "queue.buffering.max.messages", "0" },
		{ "queue.buffering.max.kbytes", "2147483647" },
		{ "message.timeout.ms", live ? "0" : "300000" },
	};
	int ret = brokers ? set(conf, "bootstrap.servers", brokers, err) : 0;

	for (size_t i = 0; ret == 0 && i < COUNT(all); i++)
		ret = set(conf, all[i].name, all[i].value, err);
	return ret;
}

static int set_property(rd_kafka_conf_t *conf, const struct output_kafka_property *property,
			struct output_kafka_secrets *secrets, struct error *err)
{
	char *value = NULL;
	int ret = check_name(property->name, err);

	if (ret == 0)
		ret = output_kafka_config_value(&value, property, err);
	if (ret < 0 || !value)
		return ret;
	if (is_secret(property->name))
		ret = output_kafka_secrets_add(secrets, value, err);
	if (ret == 0)
		ret = set(conf, property->name, value, err);
	if (ret < 0 && err)
		output_kafka_secrets_hide(secrets, err->text, err->text, sizeof(err->text));
	explicit_bzero(value, strlen(value));
	free(value);
	return ret;
}

int output_kafka_config_new(struct rd_kafka_conf_s **out, const char *brokers,
			    const struct output_kafka_options *options, struct output_kafka_secrets *secrets,
			    struct error *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	int ret = set_ours(conf, brokers, options->live, err);

	for (size_t i = 0; ret == 0 && i < options->property_count; i++)
		ret = set_property(conf, &options->properties[i], secrets, err);
	if (ret < 0)
		rd_kafka_conf_destroy(conf);
	else
		*out = conf;
	return ret;
}

#else

int output_kafka_check_property(const char *name, const char *value, struct error *err)
{
	(void)value;
	return fail(err, ENOTSUP, "kafka.%s: this build has no Kafka; install librdkafka-dev and build again", name);
}

#endif
