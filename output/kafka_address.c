#include "output/kafka_address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME  "kafka:"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

enum { SCHEME_LENGTH = sizeof(SCHEME) - 1, TOPIC_MOST = 249, PORT_MOST = 65535 };

bool output_kafka_address_is(const char *where)
{
	return strncmp(where, SCHEME, SCHEME_LENGTH) == 0;
}

static int check_port(const char *where, const char *port, size_t length, struct error *err)
{
	unsigned long number = 0;

	for (size_t i = 0; i < length && number <= PORT_MOST; i++)
		number = port[i] >= '0' && port[i] <= '9' ? number * 10 + (unsigned long)(port[i] - '0')
							  : PORT_MOST + 1;
	if (number >= 1 && number <= PORT_MOST)
		return 0;
	return fail(err, EINVAL, "%s: \"%.*s\" is no port of a broker", where, (int)length, port);
}

/* `length` characters from `host` on, as far as they are a host; the rest is its port. Returns how many, or -EINVAL. */
static int host_length(const char *where, const char *host, size_t length, struct error *err)
{
	size_t end = 0;

	if (host[0] == '[') {
		end = 1 + strspn(host + 1, LETTERS DIGITS ":.%-_");
		if (end > 1 && end < length && host[end] == ']' && (end + 1 == length || host[end + 1] == ':'))
			return (int)end + 1;
	} else {
		end = strspn(host, LETTERS DIGITS ".-_");
		if (end > 0 && (end == length || host[end] == ':'))
			return (int)end;
	}
	return fail(err, EINVAL,
		    "%s: \"%.*s\" is no broker; the form is kafka:HOST[:PORT][,HOST[:PORT]]/TOPIC, an IPv6 address in "
		    "brackets",
		    where, (int)length, host);
}

/* Goes through the brokers; *first is the length of the first one's host. */
static int check_brokers(const char *where, const char *brokers, size_t length, size_t *first, struct error *err)
{
	*first = 0;
	for (size_t at = 0; at <= length;) {
		const char *broker = brokers + at, *comma = memchr(broker, ',', length - at);
		size_t size = comma ? (size_t)(comma - broker) : length - at;
		int host = host_length(where, broker, size, err), ret = 0;

		if (host < 0)
			return host;
		if ((size_t)host < size)
			ret = check_port(where, broker + host + 1, size - (size_t)host - 1, err);
		if (ret < 0)
			return ret;
		if (at == 0)
			*first = (size_t)host;
		at += size + 1;
	}
	return 0;
}

static int check_topic(const char *where, const char *topic, struct error *err)
{
	size_t length = strlen(topic);

	if (length == 0)
		return fail(err, EINVAL, "%s: the topic is missing; the form is kafka:BROKERS/TOPIC", where);
	if (length > TOPIC_MOST || strspn(topic, LETTERS DIGITS "._-") != length || strcmp(topic, ".") == 0 ||
	    strcmp(topic, "..") == 0)
		return fail(err, EINVAL,
			    "%s: \"%s\" is no name of a topic: letters, digits, \".\", \"_\" and \"-\", %d at the most",
			    where, topic, TOPIC_MOST);
	return 0;
}

int output_kafka_address_parse(struct output_kafka_address *out, const char *where, struct error *err)
{
	const char *brokers = where + SCHEME_LENGTH;
	size_t length = strcspn(brokers, "/"), first;
	bool bracketed = brokers[0] == '[';
	int ret;

	*out = (struct output_kafka_address){ 0 };
	if (brokers[length] == '\0')
		return fail(err, EINVAL, "%s: the topic is missing; the form is kafka:BROKERS/TOPIC", where);
	ret = check_brokers(where, brokers, length, &first, err);
	if (ret == 0)
		ret = check_topic(where, brokers + length + 1, err);
	if (ret < 0)
		return ret;
	out->brokers = strndup(brokers, length);
	out->topic = strdup(brokers + length + 1);
	out->host = bracketed ? strndup(brokers + 1, first - 2) : strndup(brokers, first);
	if (out->brokers && out->topic && out->host)
		return 0;
	output_kafka_address_clear(out);
	return fail_memory(err, where);
}

void output_kafka_address_clear(struct output_kafka_address *address)
{
	free(address->brokers);
	free(address->topic);
	free(address->host);
	*address = (struct output_kafka_address){ 0 };
}
