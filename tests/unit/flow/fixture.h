/* tests/unit/flow/fixture.h - addresses, interfaces and observations from text, and records to text, so that a test
 * reads as the page it holds the room to. */
#ifndef ENIFLOW_TESTS_UNIT_FLOW_FIXTURE_H
#define ENIFLOW_TESTS_UNIT_FLOW_FIXTURE_H

#include "check.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/record.h"

/* ---- from text ---- */

static inline uint8_t family_of(const char *text)
{
	return strchr(text, ':') ? FLOW_IPV6 : FLOW_IPV4;
}

static inline struct flow_address address_of(const char *text)
{
	struct flow_address address = { { 0 } };

	assert_int_equal(inet_pton(family_of(text) == FLOW_IPV6 ? AF_INET6 : AF_INET, text, address.octets), 1);
	return address;
}

static inline struct flow_host host_of(const char *text)
{
	return (struct flow_host){ family_of(text), address_of(text) };
}

/* "10.0.0.0/8" */
static inline struct flow_prefix prefix_of(const char *text)
{
	char base[INET6_ADDRSTRLEN];
	unsigned length;

	assert_int_equal(sscanf(text, "%45[^/]/%u", base, &length), 2);
	return (struct flow_prefix){ family_of(base), (uint8_t)length, address_of(base) };
}

/* The last octet of a locally administered address: 02:00:00:00:00:xx. */
static inline void mac_of(uint8_t last, uint8_t out[static 6])
{
	memset(out, 0, 6);
	out[0] = 2;
	out[5] = last;
}

/* `device` may be NULL, `mac` 0 for none; `addresses` has a blank between two, "" for none. */
static inline struct flow_interface interface_of(const char *name, const char *device, uint8_t mac,
						 const char *addresses)
{
	struct flow_interface interface = { .name = strdup(name), .device = device ? strdup(device) : NULL };
	char *list = strdup(addresses), *rest = NULL;

	interface.has_mac = mac != 0;
	if (mac)
		mac_of(mac, interface.mac);
	interface.addresses = calloc(8, sizeof(*interface.addresses));
	for (char *text = strtok_r(list, " ", &rest); text; text = strtok_r(NULL, " ", &rest))
		interface.addresses[interface.address_count++] = host_of(text);
	free(list);
	return interface;
}

/* Names the policies of an interface that has none yet: groups with a blank between two, "" for none; `acl` may be
 * NULL. */
static inline void give_policies(struct flow_interface *interface, const char *groups, const char *acl)
{
	char *list = strdup(groups), *rest = NULL;

	interface->security_groups = calloc(8, sizeof(*interface->security_groups));
	for (char *name = strtok_r(list, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		interface->security_groups[interface->security_group_count++] = strdup(name);
	interface->network_acl = acl ? strdup(acl) : NULL;
	free(list);
}

/* One UDP packet of 100 bytes from port 1000 to 2000, seen at point 0 at time 0, without MACs and word. */
static inline struct flow_observation packet_of(const char *source, const char *destination)
{
	assert_int_equal(family_of(source), family_of(destination));
	return (struct flow_observation){
		.kind = FLOW_PACKET,
		.family = family_of(source),
		.protocol = 17,
		.source_port = 1000,
		.destination_port = 2000,
		.source = address_of(source),
		.destination = address_of(destination),
		.packets = 1,
		.bytes = 100,
	};
}

static inline struct flow_observation with_macs(struct flow_observation packet, uint8_t source, uint8_t destination)
{
	packet.has_macs = true;
	mac_of(source, packet.source_mac);
	mac_of(destination, packet.destination_mac);
	return packet;
}

static inline struct flow_observation with_word(struct flow_observation packet, enum flow_direction word)
{
	packet.word = (uint8_t)word;
	return packet;
}

static inline struct flow_observation as_group(struct flow_observation packet)
{
	packet.group = true;
	return packet;
}

/* ---- to text ---- */

static inline const char *text_of(uint8_t family, const struct flow_address *address, char out[static INET6_ADDRSTRLEN])
{
	return inet_ntop(family == FLOW_IPV6 ? AF_INET6 : AF_INET, address->octets, out, INET6_ADDRSTRLEN);
}

/* "NAME SRC DST SPORT DPORT PROTOCOL PACKETS BYTES START END", then what is not 0: " flags N", " in" or " out",
 * " path N", " from PKT-SRC", " to PKT-DST"; or "NAME NODATA START END". */
static inline void print_record(FILE *file, const struct flow_record *record)
{
	static const char *const status[] = { "OK", "NODATA", "SKIPDATA" }, *const direction[] = { "", " in", " out" };
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];

	if (record->status != FLOW_OK) {
		fprintf(file, "%s %s %" PRId64 " %" PRId64 "\n", record->interface->name, status[record->status],
			record->start, record->end);
		return;
	}
	fprintf(file, "%s %s %s %u %u %u %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64, record->interface->name,
		text_of(record->family, &record->source, source),
		text_of(record->family, &record->destination, destination), record->source_port,
		record->destination_port, record->protocol, record->packets, record->bytes, record->start, record->end);
	if (record->tcp_flags)
		fprintf(file, " flags %u", record->tcp_flags);
	fputs(direction[record->direction], file);
	if (record->traffic_path)
		fprintf(file, " path %u", record->traffic_path);
	if (!flow_address_is_unspecified(&record->packet_source))
		fprintf(file, " from %s", text_of(record->family, &record->packet_source, source));
	if (!flow_address_is_unspecified(&record->packet_destination))
		fprintf(file, " to %s", text_of(record->family, &record->packet_destination, destination));
	fputs(record->action == FLOW_REJECT ? " REJECT\n" : "\n", file);
}

/* A sink that keeps all it is given as text; the end of a window is "--". */
struct sink_log {
	FILE *file;
	char *text;
	size_t size;
	int answer;                /* what the sink says from call `answer_at` on */
	unsigned calls, answer_at; /* 0: always 0 */
};

static inline int log_answer(struct sink_log *log, struct error *err)
{
	if (log->answer_at == 0 || ++log->calls < log->answer_at)
		return 0;
	return fail(err, -log->answer, "the sink is full");
}

static inline int log_record(void *ctx, const struct flow_record *record, struct error *err)
{
	struct sink_log *log = ctx;

	print_record(log->file, record);
	return log_answer(log, err);
}

static inline int log_window_end(void *ctx, int64_t until, struct error *err)
{
	struct sink_log *log = ctx;

	(void)until;
	fputs("--\n", log->file);
	return log_answer(log, err);
}

static inline void log_open(struct sink_log *log)
{
	*log = (struct sink_log){ 0 };
	log->file = open_memstream(&log->text, &log->size);
	assert_non_null(log->file);
}

static inline const char *log_text(struct sink_log *log)
{
	fflush(log->file);
	return log->text;
}

static inline void log_close(struct sink_log *log)
{
	fclose(log->file);
	free(log->text);
}

#endif
