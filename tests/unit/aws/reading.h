/* tests/unit/aws/reading.h - accounts from text and from tests/data/aws, and what is in them as text. */
#ifndef ENIFLOW_TESTS_UNIT_AWS_READING_H
#define ENIFLOW_TESTS_UNIT_AWS_READING_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/account.h"

struct reading {
	struct aws_account account;
	struct error err;
	char notices[2048]; /* a line each */
	struct notices tell;
};

static inline void reading_note(void *ctx, const char *sentence)
{
	struct reading *reading = ctx;
	size_t length = strlen(reading->notices);

	snprintf(reading->notices + length, sizeof(reading->notices) - length, "%s\n", sentence);
}

static inline void reading_begin(struct reading *reading)
{
	*reading = (struct reading){ .tell = { reading_note, reading } };
}

static inline void reading_end(struct reading *reading)
{
	aws_account_clear(&reading->account);
	assert_null(reading->account.interfaces);
}

/* Reads a text that is called x.json. */
static inline int reading_text(struct reading *reading, enum aws_kind kind, const char *text)
{
	char path[] = "x.json";
	struct aws_file file = { .kind = kind, .path = path };

	return aws_account_parse(&reading->account, &file, text, strlen(text), &reading->tell, &reading->err);
}

/* Reads files of tests/data/aws, which are all right; "ID=FILE" gives one a name. */
static inline void reading_file(struct reading *reading, enum aws_kind kind, const char *item)
{
	const char *equals = strchr(item, '=');
	char path[512], name[64] = "";
	struct aws_file file = { kind, path, equals ? name : NULL };
	struct aws_files files = { .items = &file, .count = 1 };
	int ret;

	if (equals)
		snprintf(name, sizeof(name), "%.*s", (int)(equals - item), item);
	snprintf(path, sizeof(path), TEST_DATA "/aws/%s", equals ? equals + 1 : item);
	for (size_t i = 0; i < AWS_TAGS; i++)
		files.interface_tags[i] = (char *)reading->account.interface_tags[i];
	ret = aws_account_read(&reading->account, &files, &reading->tell, &reading->err);
	assert_string_equal(reading->err.text, "");
	assert_int_equal(ret, 0);
}

/* The text is no good, and this is why. */
static inline void assert_fault(enum aws_kind kind, const char *text, const char *sentence)
{
	struct reading reading;

	reading_begin(&reading);
	assert_int_equal(reading_text(&reading, kind, text), -EINVAL);
	assert_string_equal(reading.err.text, sentence);
	reading_end(&reading);
}

/* ---- to text: in turn into one of some static buffers ---- */

static inline char *reading_buffer(size_t *size)
{
	static char buffers[64][2048];
	static unsigned turn;

	*size = sizeof(buffers[0]);
	buffers[turn % 64][0] = '\0';
	return buffers[turn++ % 64];
}

static inline void reading_append(char *out, size_t size, const char *format, ...) ENIFLOW_PRINTF(3, 4);

static inline void reading_append(char *out, size_t size, const char *format, ...)
{
	size_t length = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + length, size - length, format, args);
	va_end(args);
}

/* In a buffer of its own, which the next call writes over. */
static inline const char *address_text(int family, const struct flow_address *address)
{
	static char out[INET6_ADDRSTRLEN];

	return inet_ntop(family == FLOW_IPV4 ? AF_INET : AF_INET6, address->octets, out, sizeof(out));
}

/* "10.0.0.0/16 2001:db8::/32" */
static inline const char *prefixes_text(const struct flow_prefix *items, size_t count)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < count; i++)
		reading_append(out, size, "%s%s/%u", i ? " " : "", address_text(items[i].family, &items[i].base),
			       items[i].length);
	return out;
}

static inline const char *hosts_text(const struct flow_interface *interface)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < interface->address_count; i++)
		reading_append(out, size, "%s%s", i ? " " : "",
			       address_text(interface->addresses[i].family, &interface->addresses[i].address));
	return out;
}

/* Identity fields in their order, "-" for none. */
static inline const char *identity_text(const struct flow_interface *interface, const enum flow_identity *fields,
					size_t count)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < count; i++) {
		const char *text = interface->identity[fields[i]];

		reading_append(out, size, "%s%s", i ? " " : "", text ? text : "-");
	}
	return out;
}

static inline const char *groups_text(const struct flow_interface *interface)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < interface->security_group_count; i++)
		reading_append(out, size, "%s%s", i ? " " : "", interface->security_groups[i]);
	return out;
}

/* "allow NUMBER PROTOCOL PORTS TYPE/CODE PEERS|GROUP": the numbers that count, not the words. */
static inline const char *rule_text(const struct flow_rule *rule)
{
	size_t size;
	char *out = reading_buffer(&size);

	reading_append(out, size, "%s %" PRIu32 " %d %u-%u %d/%d %s", rule->allow ? "allow" : "deny", rule->number,
		       rule->protocol, rule->port_from, rule->port_to, rule->icmp_type, rule->icmp_code,
		       rule->group ? rule->group : prefixes_text(rule->peers, rule->peer_count));
	return out;
}

/* All words, a line each. */
static inline const char *words_text(const struct flow_rules *rules)
{
	size_t size;
	char *out = reading_buffer(&size);

	for (size_t i = 0; i < rules->count; i++)
		reading_append(out, size, "%s\n", rules->items[i].words);
	return out;
}

#endif
