#include "cli/question.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/parse.h"
#include "output/nearest.h"
#include "output/protocol.h"

const char *const question_operands[QUESTION_OPERANDS] = { "INTERFACE", "ingress|egress", "PROTOCOL", "SOURCE",
							   "DESTINATION" };

/* ICMP's questions and their answers. */
static const struct {
	uint8_t protocol, question, answer;
	bool is_echo;
} exchanges[] = {
	{ OUTPUT_PROTOCOL_ICMP, 8, 0, true },        /* echo */
	{ OUTPUT_PROTOCOL_ICMP, 10, 9, false },      /* router solicitation, advertisement */
	{ OUTPUT_PROTOCOL_ICMP, 13, 14, false },     /* timestamp */
	{ OUTPUT_PROTOCOL_ICMP, 15, 16, false },     /* information */
	{ OUTPUT_PROTOCOL_ICMP, 17, 18, false },     /* address mask */
	{ OUTPUT_PROTOCOL_ICMP, 42, 43, false },     /* extended echo */
	{ OUTPUT_PROTOCOL_ICMPV6, 128, 129, true },  /* echo */
	{ OUTPUT_PROTOCOL_ICMPV6, 133, 134, false }, /* router solicitation, advertisement */
	{ OUTPUT_PROTOCOL_ICMPV6, 135, 136, false }, /* neighbour solicitation, advertisement */
	{ OUTPUT_PROTOCOL_ICMPV6, 160, 161, false }, /* extended echo */
};

enum { EXCHANGES = sizeof(exchanges) / sizeof(exchanges[0]), ECHO_IDENTIFIER = 1 };

/* ---- the interface ---- */

const char *question_interface_id(const struct flow_interface *interface, char out[static FLOW_INTERFACE_ID_SIZE])
{
	if (interface->identity[FLOW_INTERFACE_ID])
		return interface->identity[FLOW_INTERFACE_ID];
	flow_interface_derived_id(interface->name, out);
	return out;
}

/* The first names, where none is near. */
static void list_names(char *out, size_t size, const struct settings *settings)
{
	size_t used = 0, most = 6;

	for (size_t i = 0; i < settings->interface_count && i < most && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", settings->interfaces[i].name);
	if (settings->interface_count > most && used < size)
		snprintf(out + used, size - used, " and %zu more", settings->interface_count - most);
}

static int no_interface(const struct settings *settings, const char *name, struct error *err)
{
	size_t count = settings->interface_count;
	const char **names;
	char nearest[512];
	bool near;

	if (count == 0)
		return fail(err, EINVAL, "%s: no [interface] is configured; -c FILE names the configuration", name);
	names = calloc(2 * count, sizeof(*names));
	if (!names)
		return fail_memory(err, "interfaces");
	for (size_t i = 0; i < count; i++) {
		names[i] = settings->interfaces[i].name;
		names[count + i] = settings->interfaces[i].identity[FLOW_INTERFACE_ID];
		if (!names[count + i])
			names[count + i] = "";
	}
	output_nearest(name, strlen(name), names, 2 * count, nearest, sizeof(nearest));
	free(names);
	near = *nearest;
	if (!near)
		list_names(nearest, sizeof(nearest), settings);
	return fail(err, EINVAL, "%s: there is no [interface] of that name or interface-id; %s: %s", name,
		    near ? "the nearest" : "there are", nearest);
}

static int find_interface(size_t *out, const struct settings *settings, const char *name, struct error *err)
{
	char id[FLOW_INTERFACE_ID_SIZE];

	for (size_t i = 0; i < settings->interface_count; i++) {
		if (strcmp(settings->interfaces[i].name, name) == 0) {
			*out = i;
			return 0;
		}
	}
	for (size_t i = 0; i < settings->interface_count; i++) {
		if (strcmp(question_interface_id(&settings->interfaces[i], id), name) == 0) {
			*out = i;
			return 0;
		}
	}
	return no_interface(settings, name, err);
}

/* ---- the protocol ---- */

static int read_octet(const char *text, size_t length, uint8_t *out, struct error *err)
{
	char digits[4] = "";
	uint64_t number;

	snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
	if (length >= sizeof(digits) || parse_number("PROTOCOL", digits, 0, UINT8_MAX, &number, NULL) < 0)
		return fail(err, EINVAL, "PROTOCOL: '%.*s' is no ICMP type or code, 0 to 255", (int)length, text);
	*out = (uint8_t)number;
	return 0;
}

/* TYPE or TYPE/CODE. */
static int read_icmp(struct flow_observation *packet, const char *text, struct error *err)
{
	size_t length = strcspn(text, "/");
	int ret = read_octet(text, length, &packet->icmp_type, err);

	if (ret == 0 && text[length])
		ret = read_octet(text + length + 1, strlen(text + length + 1), &packet->icmp_code, err);
	return ret;
}

static void complete_icmp(struct question *question, bool has_type)
{
	struct flow_observation *packet = &question->packet;

	packet->has_icmp = true;
	question->chose_type = !has_type;
	if (!has_type)
		packet->icmp_type = packet->protocol == OUTPUT_PROTOCOL_ICMP ? 8 : 128;
	for (size_t i = 0; i < EXCHANGES; i++)
		if (exchanges[i].is_echo && exchanges[i].protocol == packet->protocol &&
		    (exchanges[i].question == packet->icmp_type || exchanges[i].answer == packet->icmp_type))
			packet->is_echo = true;
	packet->icmp_identifier = packet->is_echo ? ECHO_IDENTIFIER : 0;
}

static int read_protocol(struct question *question, const char *text, struct error *err)
{
	struct flow_observation *packet = &question->packet;
	size_t length = strcspn(text, "/");
	char name[32], printed[OUTPUT_PROTOCOL_NAME_SIZE];
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	if (length >= sizeof(name))
		return fail(err, EINVAL, "PROTOCOL: there is no protocol '%s'", text);
	if (strcmp(name, "all") == 0)
		return fail(err, EINVAL, "PROTOCOL: 'all' stands in rules; a packet has one, such as tcp");
	ret = output_protocol_parse("PROTOCOL", name, &packet->protocol, err);
	if (ret < 0)
		return ret;
	if (output_protocol_is_icmp(packet->protocol)) {
		ret = text[length] ? read_icmp(packet, text + length + 1, err) : 0;
		complete_icmp(question, text[length]);
	} else if (text[length]) {
		ret = fail(err, EINVAL, "PROTOCOL: '%s': %s has no type and code; ports stand behind the addresses",
			   text, output_protocol_name(packet->protocol, printed));
	}
	if (packet->protocol == OUTPUT_PROTOCOL_TCP)
		packet->tcp_flags = FLOW_TCP_SYN;
	return ret;
}

/* ---- addresses and ports ---- */

struct endpoint {
	struct flow_host host;
	bool has_port;
	uint16_t port;
};

static int not_an_endpoint(const char *what, const char *text, struct error *err)
{
	return fail(err, EINVAL,
		    "%s: '%s' is no address with or without a port, like 10.0.0.62:443, 2001:db8::62 or "
		    "[2001:db8::62]:443",
		    what, text);
}

static int read_endpoint(struct endpoint *out, const char *what, const char *text, struct error *err)
{
	const char *colon = strchr(text, ':'), *last = strrchr(text, ':'), *port = NULL, *begin = text;
	size_t length = strlen(text);
	char address[INET6_ADDRSTRLEN];
	uint64_t number;

	out->host = (struct flow_host){ .family = FLOW_IPV4 };
	if (text[0] == '[') {
		begin++;
		length = strcspn(begin, "]");
		if (!begin[length] || (begin[length + 1] && begin[length + 1] != ':'))
			return not_an_endpoint(what, text, err);
		port = begin[length + 1] ? begin + length + 2 : NULL;
		out->host.family = FLOW_IPV6;
	} else if (colon && colon == last) {
		length = (size_t)(colon - text);
		port = colon + 1;
	} else if (colon) {
		out->host.family = FLOW_IPV6;
	}
	if (length >= sizeof(address))
		return not_an_endpoint(what, text, err);
	memcpy(address, begin, length);
	address[length] = '\0';
	if (inet_pton(out->host.family == FLOW_IPV6 ? AF_INET6 : AF_INET, address, out->host.address.octets) != 1)
		return not_an_endpoint(what, text, err);
	out->has_port = port != NULL;
	if (port && parse_number(what, port, 0, UINT16_MAX, &number, NULL) < 0)
		return fail(err, EINVAL, "%s: '%s' is no port, 0 to 65535", what, port);
	out->port = port ? (uint16_t)number : 0;
	return 0;
}

/* Which of them want ports, and which may have none. */
static int check_ports(struct question *question, struct endpoint *source, const struct endpoint *destination,
		       struct error *err)
{
	uint8_t protocol = question->packet.protocol;
	char printed[OUTPUT_PROTOCOL_NAME_SIZE];
	const char *name = output_protocol_name(protocol, printed);

	if (!output_protocol_has_ports(protocol) && (source->has_port || destination->has_port))
		return fail(err, EINVAL, "%s: %s has no ports; leave :%u out",
			    source->has_port ? "SOURCE" : "DESTINATION", name,
			    source->has_port ? source->port : destination->port);
	if (!output_protocol_has_ports(protocol))
		return 0;
	if (!destination->has_port)
		return fail(err, EINVAL, "DESTINATION: the port is missing, as in %s",
			    destination->host.family == FLOW_IPV4 ? "10.0.0.62:443" : "[2001:db8::62]:443");
	question->chose_port = !source->has_port;
	if (!source->has_port)
		source->port = QUESTION_SOURCE_PORT;
	return 0;
}

static int read_endpoints(struct question *question, const char *from, const char *to, struct error *err)
{
	struct flow_observation *packet = &question->packet;
	struct endpoint source = { 0 }, destination = { 0 };
	int ret = read_endpoint(&source, "SOURCE", from, err);

	if (ret == 0)
		ret = read_endpoint(&destination, "DESTINATION", to, err);
	if (ret < 0)
		return ret;
	if (source.host.family != destination.host.family)
		return fail(err, EINVAL, "DESTINATION: %s is IPv%d and %s is IPv%d; a packet has one family", to,
			    destination.host.family, from, source.host.family);
	if (packet->protocol == OUTPUT_PROTOCOL_ICMP && source.host.family == FLOW_IPV6)
		return fail(err, EINVAL, "PROTOCOL: icmp is a protocol of IPv4; that of IPv6 is icmpv6");
	if (packet->protocol == OUTPUT_PROTOCOL_ICMPV6 && source.host.family == FLOW_IPV4)
		return fail(err, EINVAL, "PROTOCOL: icmpv6 is a protocol of IPv6; that of IPv4 is icmp");
	ret = check_ports(question, &source, &destination, err);
	packet->family = source.host.family;
	packet->source = source.host.address;
	packet->destination = destination.host.address;
	packet->source_port = source.port;
	packet->destination_port = destination.port;
	return ret;
}

/* ---- the whole ---- */

int question_parse(struct question *out, const struct settings *settings, const char *const operands[QUESTION_OPERANDS],
		   struct error *err)
{
	int ret, direction;

	*out = (struct question){ .packet = { .kind = FLOW_PACKET, .packets = 1 } };
	ret = find_interface(&out->interface, settings, operands[QUESTION_INTERFACE], err);
	if (ret < 0)
		return ret;
	direction = parse_choice("direction", operands[QUESTION_DIRECTION], "ingress|egress", err);
	if (direction < 0)
		return direction;
	out->direction = direction == 0 ? FLOW_INGRESS : FLOW_EGRESS;
	ret = read_protocol(out, operands[QUESTION_PROTOCOL], err);
	if (ret == 0)
		ret = read_endpoints(out, operands[QUESTION_SOURCE], operands[QUESTION_DESTINATION], err);
	return ret;
}

static bool answer_icmp(struct flow_observation *packet)
{
	for (size_t i = 0; i < EXCHANGES; i++) {
		if (exchanges[i].protocol == packet->protocol && exchanges[i].question == packet->icmp_type) {
			packet->icmp_type = exchanges[i].answer;
			packet->icmp_code = 0;
			return true;
		}
	}
	return false;
}

bool question_answer(struct question *out, const struct question *asked)
{
	*out = *asked;
	out->direction = asked->direction == FLOW_INGRESS ? FLOW_EGRESS : FLOW_INGRESS;
	out->packet.source = asked->packet.destination;
	out->packet.destination = asked->packet.source;
	out->packet.source_port = asked->packet.destination_port;
	out->packet.destination_port = asked->packet.source_port;
	if (out->packet.protocol == OUTPUT_PROTOCOL_TCP)
		out->packet.tcp_flags = FLOW_TCP_SYN | FLOW_TCP_SYN_ACK;
	return !output_protocol_is_icmp(out->packet.protocol) || answer_icmp(&out->packet);
}
