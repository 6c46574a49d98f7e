#include "logs/row.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "logs/token.h"

#define BIT(column) ((uint64_t)1 << (column))

enum { SAFE_DIGITS = 19 };           /* so many cannot be more than a uint64_t holds */
enum { HAS_IPV4 = 1, HAS_IPV6 = 2 }; /* a row's families */

/* The last second whose nanoseconds an int64_t can hold. */
static const uint64_t last_second = INT64_MAX / 1000000000;

/* What stands in a column. */
enum kind { PASSED, NUMBER, TIME, ADDRESS, TEXT, ACTION, STATUS, DIRECTION, TYPE };

/* `place` is that of the value among its kind; `most` is the greatest number. */
/* clang-format off */
#define IDENTITY(id) { TEXT, id, 0 }
#define CARRIED(id) { TEXT, FLOW_IDENTITY_END + (id), 0 }
static const struct meaning {
	uint8_t kind, place;
	uint64_t most;
} meanings[LOG_COLUMN_UNKNOWN + 1] = {
	[FIELD_VERSION] = { NUMBER, LOG_VERSION, UINT64_MAX },
	[FIELD_ACCOUNT_ID] = IDENTITY(FLOW_ACCOUNT_ID),
	[FIELD_INTERFACE_ID] = IDENTITY(FLOW_INTERFACE_ID),
	[FIELD_SRCADDR] = { ADDRESS, LOG_SRCADDR, 0 },
	[FIELD_DSTADDR] = { ADDRESS, LOG_DSTADDR, 0 },
	[FIELD_SRCPORT] = { NUMBER, LOG_SRCPORT, UINT16_MAX },
	[FIELD_DSTPORT] = { NUMBER, LOG_DSTPORT, UINT16_MAX },
	[FIELD_PROTOCOL] = { NUMBER, LOG_PROTOCOL, UINT8_MAX },
	[FIELD_PACKETS] = { NUMBER, LOG_PACKETS, UINT64_MAX },
	[FIELD_BYTES] = { NUMBER, LOG_BYTES, UINT64_MAX },
	[FIELD_START] = { TIME, LOG_START, 0 },
	[FIELD_END] = { TIME, LOG_END, 0 },
	[FIELD_ACTION] = { ACTION, 0, 0 },
	[FIELD_LOG_STATUS] = { STATUS, 0, 0 },
	[FIELD_VPC_ID] = IDENTITY(FLOW_VPC_ID),
	[FIELD_SUBNET_ID] = IDENTITY(FLOW_SUBNET_ID),
	[FIELD_INSTANCE_ID] = IDENTITY(FLOW_INSTANCE_ID),
	[FIELD_TCP_FLAGS] = { NUMBER, LOG_TCP_FLAGS, UINT8_MAX },
	[FIELD_TYPE] = { TYPE, 0, 0 },
	[FIELD_PKT_SRCADDR] = { ADDRESS, LOG_PKT_SRCADDR, 0 },
	[FIELD_PKT_DSTADDR] = { ADDRESS, LOG_PKT_DSTADDR, 0 },
	[FIELD_REGION] = IDENTITY(FLOW_REGION),
	[FIELD_AZ_ID] = IDENTITY(FLOW_AZ_ID),
	[FIELD_SUBLOCATION_TYPE] = IDENTITY(FLOW_SUBLOCATION_TYPE),
	[FIELD_SUBLOCATION_ID] = IDENTITY(FLOW_SUBLOCATION_ID),
	[FIELD_PKT_SRC_AWS_SERVICE] = CARRIED(FLOW_CARRIED_SOURCE_SERVICE),
	[FIELD_PKT_DST_AWS_SERVICE] = CARRIED(FLOW_CARRIED_DESTINATION_SERVICE),
	[FIELD_FLOW_DIRECTION] = { DIRECTION, 0, 0 },
	[FIELD_TRAFFIC_PATH] = CARRIED(FLOW_CARRIED_TRAFFIC_PATH),
	[FIELD_ECS_CLUSTER_ARN] = IDENTITY(FLOW_ECS_CLUSTER_ARN),
	[FIELD_ECS_CLUSTER_NAME] = IDENTITY(FLOW_ECS_CLUSTER_NAME),
	[FIELD_ECS_CONTAINER_INSTANCE_ARN] = IDENTITY(FLOW_ECS_CONTAINER_INSTANCE_ARN),
	[FIELD_ECS_CONTAINER_INSTANCE_ID] = IDENTITY(FLOW_ECS_CONTAINER_INSTANCE_ID),
	[FIELD_ECS_CONTAINER_ID] = IDENTITY(FLOW_ECS_CONTAINER_ID),
	[FIELD_ECS_SECOND_CONTAINER_ID] = IDENTITY(FLOW_ECS_SECOND_CONTAINER_ID),
	[FIELD_ECS_SERVICE_NAME] = IDENTITY(FLOW_ECS_SERVICE_NAME),
	[FIELD_ECS_TASK_DEFINITION_ARN] = IDENTITY(FLOW_ECS_TASK_DEFINITION_ARN),
	[FIELD_ECS_TASK_ARN] = IDENTITY(FLOW_ECS_TASK_ARN),
	[FIELD_ECS_TASK_ID] = IDENTITY(FLOW_ECS_TASK_ID),
	[FIELD_REJECT_REASON] = CARRIED(FLOW_CARRIED_REJECT_REASON),
	[FIELD_RESOURCE_ID] = IDENTITY(FLOW_RESOURCE_ID),
	[FIELD_ENCRYPTION_STATUS] = CARRIED(FLOW_CARRIED_ENCRYPTION_STATUS),
	[FIELD_INSTANCE_TAG] = IDENTITY(FLOW_INSTANCE_TAG),
	[FIELD_INSTANCE_TAG_2] = IDENTITY(FLOW_INSTANCE_TAG_2),
	[FIELD_INTERFACE_TAG] = IDENTITY(FLOW_INTERFACE_TAG),
	[FIELD_INTERFACE_TAG_2] = IDENTITY(FLOW_INTERFACE_TAG_2),
	[FIELD_ASG_TAG] = IDENTITY(FLOW_ASG_TAG),
	[FIELD_ASG_TAG_2] = IDENTITY(FLOW_ASG_TAG_2),
	[FIELD_INTERFACE_TYPE] = IDENTITY(FLOW_INTERFACE_TYPE),
	[FIELD_NEXT_HOP_INTERFACE_ID] = CARRIED(FLOW_CARRIED_NEXT_HOP_INTERFACE_ID),
	[FIELD_NEXT_HOP_SUBNET_ID] = CARRIED(FLOW_CARRIED_NEXT_HOP_SUBNET_ID),
	[FIELD_NEXT_HOP_AZ_ID] = CARRIED(FLOW_CARRIED_NEXT_HOP_AZ_ID),
	[FIELD_NEXT_HOP_VPC_ID] = CARRIED(FLOW_CARRIED_NEXT_HOP_VPC_ID),
	[FIELD_NEXT_HOP_INTERFACE_TYPE] = CARRIED(FLOW_CARRIED_NEXT_HOP_INTERFACE_TYPE),
};
/* clang-format on */

_Static_assert(LOG_COLUMN_UNKNOWN < 64 && LOG_TEXTS <= 64, "a bit each");

/* What a record lacks where one of these columns does, or its value. */
static const struct {
	uint8_t column;
	unsigned unknown;
} lacks[] = {
	{ FIELD_SRCADDR, FLOW_UNKNOWN_SRCADDR },
	{ FIELD_DSTADDR, FLOW_UNKNOWN_DSTADDR },
	{ FIELD_SRCPORT, FLOW_UNKNOWN_SRCPORT },
	{ FIELD_DSTPORT, FLOW_UNKNOWN_DSTPORT },
	{ FIELD_PROTOCOL, FLOW_UNKNOWN_PROTOCOL },
	{ FIELD_PACKETS, FLOW_UNKNOWN_PACKETS },
	{ FIELD_BYTES, FLOW_UNKNOWN_BYTES },
	{ FIELD_ACTION, FLOW_UNKNOWN_ACTION },
	{ FIELD_TCP_FLAGS, FLOW_UNKNOWN_TCP_FLAGS },
	{ FIELD_PKT_SRCADDR, FLOW_UNKNOWN_PKT_SRCADDR },
	{ FIELD_PKT_DSTADDR, FLOW_UNKNOWN_PKT_DSTADDR },
};

static const uint64_t address_bits = BIT(FIELD_SRCADDR) | BIT(FIELD_DSTADDR) | BIT(FIELD_PKT_SRCADDR) |
				     BIT(FIELD_PKT_DSTADDR);

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static size_t length_of(const char *at)
{
	const char *end = at;

	while (!log_token_is_blank(*end))
		end++;
	return (size_t)(end - at);
}

bool log_row_fault(struct log_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(row->fault.text, sizeof(row->fault.text), format, args);
	va_end(args);
	return false;
}

/* "srcport 'x' WHAT". */
static const char *refuse(struct log_row *row, uint8_t column, const char *at, const char *what)
{
	log_row_fault(row, "%s '%s' %s", output_fields[column].name, log_token_show(at, length_of(at)).text, what);
	return NULL;
}

/* ---- numbers ---- */

/* Digits up to a blank; NULL: it is no number, or more than a uint64_t holds. */
static const char *read_number(const char *at, uint64_t *out)
{
	const char *start = at;
	uint64_t value = 0;

	for (; is_digit(*at); at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (at - start >= SAFE_DIGITS && value > (UINT64_MAX - digit) / 10)
			return NULL;
		value = 10 * value + digit;
	}
	*out = value;
	return at > start && log_token_is_blank(*at) ? at : NULL;
}

static const char *too_much(struct log_row *row, uint8_t column, const char *at, uint64_t most)
{
	log_row_fault(row, "%s %s is more than %" PRIu64, output_fields[column].name,
		      log_token_show(at, length_of(at)).text, most);
	return NULL;
}

/* "srcport 70000 is more than 65535"; always false. */
static bool number_too_much(struct log_row *row, uint8_t column, uint64_t number, uint64_t most)
{
	return log_row_fault(row, "%s %" PRIu64 " is more than %" PRIu64, output_fields[column].name, number, most);
}

static const char *take_number(struct log_row *row, uint8_t column, const struct meaning *meaning, const char *at)
{
	const char *end = read_number(at, &row->numbers[meaning->place]);

	if (!end && strspn(at, "0123456789") == length_of(at))
		return too_much(row, column, at, meaning->most);
	if (!end)
		return refuse(row, column, at, "is no number");
	if (row->numbers[meaning->place] > meaning->most)
		return too_much(row, column, at, meaning->most);
	return end;
}

static const char *take_time(struct log_row *row, uint8_t column, const struct meaning *meaning, const char *at)
{
	uint64_t *value = &row->numbers[meaning->place];
	const char *end = read_number(at, value);

	if (!end)
		return refuse(row, column, at, "is no time in Unix seconds");
	if (*value > LOG_SECONDS_MOST)
		*value /= 1000;
	if (*value > last_second)
		return too_much(row, column, at, last_second);
	return end;
}

/* ---- addresses ---- */

/* Four numbers up to 255, without zeros before them. */
static const char *read_ipv4(const char *at, uint8_t octets[static 4])
{
	for (int i = 0;; i++) {
		unsigned value = 0;
		const char *start = at;

		for (; is_digit(*at) && at - start < 3; at++)
			value = 10 * value + (unsigned)(*at - '0');
		if (at == start || value > UINT8_MAX || (*start == '0' && at - start > 1))
			return NULL;
		octets[i] = (uint8_t)value;
		if (i == 3)
			return log_token_is_blank(*at) ? at : NULL;
		if (*at++ != '.')
			return NULL;
	}
}

static const char *read_ipv6(const char *at, uint8_t octets[static 16])
{
	char text[INET6_ADDRSTRLEN];
	size_t length = length_of(at);

	if (length >= sizeof(text))
		return NULL;
	memcpy(text, at, length);
	text[length] = '\0';
	return inet_pton(AF_INET6, text, octets) == 1 ? at + length : NULL;
}

static const char *take_address(struct log_row *row, uint8_t column, const struct meaning *meaning, const char *at)
{
	struct flow_address *address = &row->addresses[meaning->place];
	const char *end = read_ipv4(at, address->octets);

	if (end) {
		row->families |= HAS_IPV4;
		memset(address->octets + 4, 0, sizeof(address->octets) - 4);
		return end;
	}
	end = read_ipv6(at, address->octets);
	if (end) {
		row->families |= HAS_IPV6;
		return end;
	}
	*address = (struct flow_address){ 0 };
	/* Only the type, which may stand behind it, tells whether that is a fault. */
	if (!row->wrong_address) {
		row->wrong_address = at;
		row->wrong_column = column;
	}
	row->known &= ~BIT(column);
	return at + length_of(at);
}

/* ---- text ---- */

static const char *take_text(struct log_row *row, const struct meaning *meaning, const char *at)
{
	const struct log_text *before = &row->before[meaning->place];
	struct log_text *text = &row->texts[meaning->place];

	row->texts_set |= BIT(meaning->place);
	/* Goes no further than the first that differs, which a blank does. */
	if (before->at && strncmp(at, before->at, before->length) == 0 && log_token_is_blank(at[before->length])) {
		*text = *before;
		return at + before->length;
	}
	text->at = at;
	text->length = length_of(at);
	return at + text->length;
}

/* ---- words ---- */

/* Takes one of the words, whose number it says. */
static const char *take_word(struct log_row *row, uint8_t column, const char *at, const char *const *words,
			     size_t count, uint8_t *out)
{
	size_t length = length_of(at);

	for (size_t i = 0; i < count; i++) {
		if (strlen(words[i]) == length && strncasecmp(at, words[i], length) == 0) {
			*out = (uint8_t)i;
			return at + length;
		}
	}
	return refuse(row, column, at, "is no word of that field");
}

static const char *take_action(struct log_row *row, const char *at)
{
	static const char *const words[] = { [FLOW_ACCEPT] = "ACCEPT", [FLOW_REJECT] = "REJECT" };

	return take_word(row, FIELD_ACTION, at, words, 2, &row->action);
}

static const char *take_status(struct log_row *row, const char *at)
{
	static const char *const words[] = { [FLOW_OK] = "OK", [FLOW_NODATA] = "NODATA", [FLOW_SKIPDATA] = "SKIPDATA" };

	return take_word(row, FIELD_LOG_STATUS, at, words, 3, &row->status);
}

static const char *take_direction(struct log_row *row, const char *at)
{
	static const char *const words[] = {
		[FLOW_UNKNOWN] = "-", [FLOW_INGRESS] = "ingress", [FLOW_EGRESS] = "egress"
	};

	return take_word(row, FIELD_FLOW_DIRECTION, at, words, 3, &row->direction);
}

static const char *take_type(struct log_row *row, const char *at)
{
	static const char *const words[] = { "EFA", "IPv4", "IPv6" };
	static const uint8_t families[] = { 0, FLOW_IPV4, FLOW_IPV6 };
	uint8_t number = 0;

	at = take_word(row, FIELD_TYPE, at, words, 3, &number);
	row->type = families[number];
	return at;
}

/* ---- the whole ---- */

void log_row_begin(struct log_row *row, const struct log_text *before)
{
	memset(row->numbers, 0, sizeof(row->numbers));
	memset(row->addresses, 0, sizeof(row->addresses));
	row->status = FLOW_OK;
	row->action = FLOW_ACCEPT;
	row->direction = FLOW_UNKNOWN;
	row->type = row->families = 0;
	row->present = row->known = row->texts_set = 0;
	row->wrong_address = NULL;
	row->before = before;
}

const char *log_row_take(struct log_row *row, uint8_t column, const char *at)
{
	const struct meaning *meaning = &meanings[column];

	row->present |= BIT(column);
	if (at[0] == '-' && log_token_is_blank(at[1]))
		return at + 1;
	row->known |= BIT(column);
	switch ((enum kind)meaning->kind) {
	case NUMBER:
		return take_number(row, column, meaning, at);
	case TIME:
		return take_time(row, column, meaning, at);
	case ADDRESS:
		return take_address(row, column, meaning, at);
	case TEXT:
		return take_text(row, meaning, at);
	case ACTION:
		return take_action(row, at);
	case STATUS:
		return take_status(row, at);
	case DIRECTION:
		return take_direction(row, at);
	case TYPE:
		return take_type(row, at);
	case PASSED:
		break;
	}
	return at + length_of(at);
}

bool log_row_take_whole(struct log_row *row, uint8_t column, const char *value, size_t length)
{
	const char *end = log_row_take(row, column, length > 0 && !log_token_is_blank(*value) ? value : "-");

	if (!end)
		return false;
	if (length > 0 && end != value + length && column < FIELD_END_OF_LIST)
		return log_row_fault(row, "%s has a blank or control character in it", output_fields[column].name);
	return true;
}

bool log_row_takes_numbers(uint8_t column)
{
	return meanings[column].kind == NUMBER || meanings[column].kind == TIME;
}

bool log_row_take_number(struct log_row *row, uint8_t column, uint64_t number)
{
	const struct meaning *meaning = &meanings[column];
	bool is_time = meaning->kind == TIME;
	uint64_t most = is_time ? last_second : meaning->most;

	row->present |= BIT(column);
	row->known |= BIT(column);
	if (is_time && number > LOG_SECONDS_MOST)
		number /= 1000;
	row->numbers[meaning->place] = number;
	return number <= most || number_too_much(row, column, number, most);
}

static bool check_times(struct log_row *row)
{
	static const uint8_t columns[] = { FIELD_START, FIELD_END };

	for (size_t i = 0; i < 2; i++) {
		if (!(row->present & BIT(columns[i])))
			return log_row_fault(row, "there is no %s", output_fields[columns[i]].name);
		if (!(row->known & BIT(columns[i])))
			return log_row_fault(row, "%s has no value", output_fields[columns[i]].name);
	}
	if (row->numbers[LOG_START] > row->numbers[LOG_END])
		return log_row_fault(row, "start %" PRIu64 " is after end %" PRIu64, row->numbers[LOG_START],
				     row->numbers[LOG_END]);
	return true;
}

static bool check_addresses(struct log_row *row)
{
	bool is_efa = (row->known & BIT(FIELD_TYPE)) && row->type == 0;

	if (row->wrong_address && !is_efa)
		return refuse(row, row->wrong_column, row->wrong_address, "is no IP address") != NULL;
	if (row->families == (HAS_IPV4 | HAS_IPV6))
		return log_row_fault(row, "its addresses are of both IPv4 and IPv6");
	return true;
}

/* What is unknown, by the columns that there are, or that have a value. */
static unsigned find_unknown(uint64_t columns)
{
	unsigned unknown = 0;

	for (size_t i = 0; i < sizeof(lacks) / sizeof(*lacks); i++)
		unknown |= columns & BIT(lacks[i].column) ? 0 : lacks[i].unknown;
	return columns & (address_bits | BIT(FIELD_TYPE)) ? unknown : unknown | FLOW_UNKNOWN_TYPE;
}

/* The address of that place, or the one that stands in for it. */
static struct flow_address pick(const struct log_row *row, unsigned unknown, enum log_address place,
				enum log_address other)
{
	return row->addresses[row->unknown & unknown ? other : place];
}

/* Where nothing tells it, it does not matter: no address has a value then. */
static uint8_t family_of(const struct log_row *row)
{
	if (row->families)
		return row->families == HAS_IPV6 ? FLOW_IPV6 : FLOW_IPV4;
	return row->type ? row->type : FLOW_IPV4;
}

static void fill(const struct log_row *row, struct log_record *out)
{
	const uint64_t *numbers = row->numbers;

	out->family = family_of(row);
	out->protocol = (uint8_t)numbers[LOG_PROTOCOL];
	out->tcp_flags = (uint8_t)numbers[LOG_TCP_FLAGS];
	out->action = row->action;
	out->direction = row->direction;
	out->source_port = (uint16_t)numbers[LOG_SRCPORT];
	out->destination_port = (uint16_t)numbers[LOG_DSTPORT];
	out->packets = numbers[LOG_PACKETS];
	out->bytes = numbers[LOG_BYTES];
	out->source = pick(row, FLOW_UNKNOWN_SRCADDR, LOG_SRCADDR, LOG_PKT_SRCADDR);
	out->destination = pick(row, FLOW_UNKNOWN_DSTADDR, LOG_DSTADDR, LOG_PKT_DSTADDR);
	out->packet_source = pick(row, FLOW_UNKNOWN_PKT_SRCADDR, LOG_PKT_SRCADDR, LOG_SRCADDR);
	out->packet_destination = pick(row, FLOW_UNKNOWN_PKT_DSTADDR, LOG_PKT_DSTADDR, LOG_DSTADDR);
}

bool log_row_finish(struct log_row *row, struct log_record *out)
{
	if (!check_times(row))
		return false;
	if (row->status == FLOW_OK && !check_addresses(row))
		return false;
	row->unknown = find_unknown(row->status == FLOW_OK ? row->known : row->present);
	if (row->status == FLOW_OK && row->families == 0 && row->type == 0)
		row->unknown |= FLOW_UNKNOWN_TYPE;
	*out = (struct log_record){ .status = row->status,
				    .start = (int64_t)row->numbers[LOG_START],
				    .end = (int64_t)row->numbers[LOG_END] };
	if (row->status == FLOW_OK)
		fill(row, out);
	return true;
}
