#include "compare/phrase.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output/addrtext.h"
#include "output/protocol.h"
#include "output/utf8.h"

/* ---- numbers ---- */

const char *compare_phrase_number(char out[static COMPARE_PHRASE_NUMBER], uint64_t number)
{
	char digits[COMPARE_PHRASE_NUMBER];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number), at = 0;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *compare_phrase_difference(char out[static COMPARE_PHRASE_NUMBER], uint64_t a, uint64_t b)
{
	char number[COMPARE_PHRASE_NUMBER];

	if (a == b)
		return compare_phrase_number(out, 0);
	compare_phrase_number(number, a > b ? a - b : b - a);
	snprintf(out, COMPARE_PHRASE_NUMBER, "%c%.30s", a > b ? '+' : '-', number);
	return out;
}

const char *compare_phrase_seconds(char out[static COMPARE_PHRASE_TIME], double seconds)
{
	int64_t thousandths = (int64_t)(seconds * 1000 + (seconds < 0 ? -0.5 : 0.5));
	uint64_t size = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	int length = snprintf(out, COMPARE_PHRASE_TIME, "%s%" PRIu64 ".%03" PRIu64, thousandths < 0 ? "-" : "",
			      size / 1000, size % 1000);

	while (out[length - 1] == '0')
		length--;
	if (out[length - 1] == '.')
		length--;
	out[length] = '\0';
	return out;
}

/* ---- times ---- */

const char *compare_phrase_time(char out[static COMPARE_PHRASE_TIME], int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;

	if (!gmtime_r(&when, &parts) || strftime(out, COMPARE_PHRASE_TIME, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		snprintf(out, COMPARE_PHRASE_TIME, "%" PRId64, seconds); /* a year of more digits than there are */
	return out;
}

const char *compare_phrase_span(char out[static 2 * COMPARE_PHRASE_TIME], int64_t start, int64_t end)
{
	enum { DATE = sizeof("2026-11-20 ") - 1 };
	char first[COMPARE_PHRASE_TIME], last[COMPARE_PHRASE_TIME];
	bool same;

	compare_phrase_time(first, start);
	compare_phrase_time(last, end);
	same = strncmp(first, last, DATE) == 0 && first[DATE - 1] == ' ';
	snprintf(out, (size_t)2 * COMPARE_PHRASE_TIME, "%.29s .. %.29s", first, same ? last + DATE : last);
	return out;
}

/* ---- flows ---- */

const char *compare_phrase_address(char out[static COMPARE_PHRASE_ENDPOINT], const struct compare_key *key, bool source)
{
	const uint8_t *octets = source ? key->source.octets : key->destination.octets;

	if (key->family == FLOW_IPV6)
		*output_addrtext_ipv6(out, octets) = '\0';
	else
		*output_addrtext_ipv4(out, octets) = '\0';
	return out;
}

const char *compare_phrase_endpoint(char out[static COMPARE_PHRASE_ENDPOINT], const struct compare_key *key,
				    bool source)
{
	char address[COMPARE_PHRASE_ENDPOINT];
	bool brackets = key->family == FLOW_IPV6;
	unsigned port = source ? key->source_port : key->destination_port;

	compare_phrase_address(address, key, source);
	if (!output_protocol_has_ports(key->protocol))
		snprintf(out, COMPARE_PHRASE_ENDPOINT, "%.45s", address);
	else
		snprintf(out, COMPARE_PHRASE_ENDPOINT, "%s%.45s%s:%u", brackets ? "[" : "", address,
			 brackets ? "]" : "", port);
	return out;
}

const char *compare_phrase_flow(char out[static COMPARE_PHRASE_FLOW], const struct compare_key *key)
{
	char first[COMPARE_PHRASE_ENDPOINT], second[COMPARE_PHRASE_ENDPOINT], number[OUTPUT_PROTOCOL_NAME_SIZE];
	static const char *const arrows[] = { [FLOW_UNKNOWN] = "to", [FLOW_INGRESS] = "<-", [FLOW_EGRESS] = "->" };
	bool source_first = key->direction != FLOW_INGRESS;

	compare_phrase_endpoint(first, key, source_first);
	compare_phrase_endpoint(second, key, !source_first);
	snprintf(out, COMPARE_PHRASE_FLOW, "%s %.54s %s %.54s", output_protocol_name(key->protocol, number), first,
		 arrows[key->direction], second);
	return out;
}

/* ---- names ---- */

const char *compare_phrase_unknown(const struct compare_result *result, size_t nth)
{
	static const struct {
		unsigned fields; /* all of these */
		const char *name;
	} compared[] = {
		{ FLOW_UNKNOWN_SRCADDR | FLOW_UNKNOWN_PKT_SRCADDR, "srcaddr" },
		{ FLOW_UNKNOWN_DSTADDR | FLOW_UNKNOWN_PKT_DSTADDR, "dstaddr" },
		{ FLOW_UNKNOWN_SRCPORT, "srcport" },
		{ FLOW_UNKNOWN_DSTPORT, "dstport" },
		{ FLOW_UNKNOWN_PROTOCOL, "protocol" },
		{ FLOW_UNKNOWN_PACKETS, "packets" },
		{ FLOW_UNKNOWN_BYTES, "bytes" },
		{ FLOW_UNKNOWN_ACTION, "action" },
	};

	for (size_t i = 0; i < sizeof(compared) / sizeof(compared[0]); i++)
		if ((result->unknown & compared[i].fields) == compared[i].fields && nth-- == 0)
			return compared[i].name;
	return NULL;
}

/* What a terminal obeys (the C0 and C1 controls), and what makes a line read otherwise than it is written. */
static bool is_unsafe(int32_t point)
{
	return point < ' ' || (point >= 0x7f && point <= 0x9f) || (point >= 0x200e && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

void compare_phrase_safe(struct output_buffer *out, const char *text)
{
	while (*text) {
		const char *next = text;
		int32_t point = output_utf8_next(&next);

		if (point < 0)
			next = text + 1;
		if (!is_unsafe(point)) {
			output_buffer_append(out, text, (size_t)(next - text));
			text = next;
		}
		for (; text < next; text++) {
			char escape[8];

			snprintf(escape, sizeof(escape), "\\x%02x", (unsigned)(unsigned char)*text);
			output_buffer_put(out, escape);
		}
	}
}
