#include "output/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "output/addrtext.h"
#include "output/number.h"
#include "output/quote.h"

/* How a value becomes text. */
enum conversion {
	CONSTANT, /* with the pattern, not with the record */
	OCTET,
	PORT,
	COUNT,
	TIME,
	PATH,
	IPV4, /* for an address of either family until the pattern knows better */
	IPV6,
	LAST /* nothing: the line ends */
};

/* The most bytes that each stores. */
static const uint8_t most[] = {
	[OCTET] = 3,
	[PORT] = 5,
	[COUNT] = OUTPUT_NUMBER_MOST,
	[TIME] = OUTPUT_NUMBER_MOST,
	[PATH] = sizeof("null"),
	[IPV4] = OUTPUT_IPV4_ROOM,
	[IPV6] = OUTPUT_IPV6_ROOM,
	[LAST] = 0,
};

/* Where the value of a field stands in a record. What is not here is the same for all records of a pattern. */
static const struct source {
	uint8_t conversion;
	uint8_t offset;
} sources[FIELD_END_OF_LIST] = {
	[FIELD_SRCADDR] = { IPV4, offsetof(struct flow_record, source) },
	[FIELD_DSTADDR] = { IPV4, offsetof(struct flow_record, destination) },
	[FIELD_SRCPORT] = { PORT, offsetof(struct flow_record, source_port) },
	[FIELD_DSTPORT] = { PORT, offsetof(struct flow_record, destination_port) },
	[FIELD_PROTOCOL] = { OCTET, offsetof(struct flow_record, protocol) },
	[FIELD_PACKETS] = { COUNT, offsetof(struct flow_record, packets) },
	[FIELD_BYTES] = { COUNT, offsetof(struct flow_record, bytes) },
	[FIELD_START] = { TIME, offsetof(struct flow_record, start) },
	[FIELD_END] = { TIME, offsetof(struct flow_record, end) },
	[FIELD_TCP_FLAGS] = { OCTET, offsetof(struct flow_record, tcp_flags) },
	[FIELD_PKT_SRCADDR] = { IPV4, offsetof(struct flow_record, packet_source) },
	[FIELD_PKT_DSTADDR] = { IPV4, offsetof(struct flow_record, packet_destination) },
	[FIELD_TRAFFIC_PATH] = { PATH, offsetof(struct flow_record, traffic_path) },
};

/* Records of one interface that share every word but addresses, numbers and times share a pattern: NODATA, SKIPDATA,
 * and OK by family, direction and action. */
enum { VARIANTS = 2 + 2 * 3 * 2 };

/* A part of a line: a literal, and the value behind it. */
struct part {
	uint32_t literal, length;
	uint8_t conversion, offset;
};

struct pattern {
	size_t room;
	char *literals; /* STRIDE more bytes than are used */
	struct part parts[];
};

struct patterns {
	struct pattern *of[VARIANTS];
};

struct output_encoder {
	struct output_format format;
	enum output_encoding encoding;
	const char *missing; /* what stands for a value that there is not */
	struct output_buffer header;
	struct patterns *interfaces;
	size_t interface_count;
};

/* Literals are copied in steps of so many bytes, and may so be followed by some that the next value overwrites. */
enum { STRIDE = 16 };

static char *copy(char *out, const char *literal, size_t length)
{
	for (size_t i = 0; i < length; i += STRIDE)
		memcpy(out + i, literal + i, STRIDE);
	return out + length;
}

static size_t variant(const struct flow_record *record)
{
	if (record->status != FLOW_OK)
		return record->status == FLOW_NODATA ? 0 : 1;
	return 2 + ((record->family == FLOW_IPV6) * 3U + record->direction) * 2U + record->action;
}

static bool is_number(uint8_t id)
{
	return output_fields[id].type != OUTPUT_STRING;
}

static uint8_t conversion_of(uint8_t id, const struct flow_record *record)
{
	uint8_t conversion = sources[id].conversion;

	if (record->status != FLOW_OK && conversion != TIME)
		return CONSTANT;
	return conversion == IPV4 && record->family == FLOW_IPV6 ? IPV6 : conversion;
}

/* The text of a field that is constant for the record's pattern; NULL: there is none. */
static const char *constant(uint8_t id, const struct flow_record *record)
{
	static const char *const statuses[] = { "OK", "NODATA", "SKIPDATA" };
	static const char *const directions[] = { NULL, "ingress", "egress" };
	int8_t identity = output_fields[id].identity;

	if (identity >= 0) {
		const char *value = record->interface->identity[identity];

		return value && strcmp(value, "-") != 0 ? value : NULL;
	}
	if (id == FIELD_LOG_STATUS)
		return statuses[record->status];
	if (record->status != FLOW_OK)
		return NULL;
	switch (id) {
	case FIELD_ACTION:
		return record->action == FLOW_REJECT ? "REJECT" : "ACCEPT";
	case FIELD_TYPE:
		return record->family == FLOW_IPV6 ? "IPv6" : "IPv4";
	case FIELD_FLOW_DIRECTION:
		return directions[record->direction];
	default:
		return NULL;
	}
}

static void put_constant(const struct output_encoder *encoder, struct output_buffer *out, uint8_t id,
			 const struct flow_record *record)
{
	const char *text = constant(id, record);
	char digits[OUTPUT_NUMBER_MOST];

	if (id == FIELD_VERSION)
		output_buffer_append(out, digits,
				     (size_t)(output_number_unsigned(digits, encoder->format.version) - digits));
	else if (!text)
		output_buffer_put(out, encoder->missing);
	else if (encoder->encoding == OUTPUT_JSON)
		output_quote_json(out, text);
	else if (encoder->encoding == OUTPUT_CSV)
		output_quote_csv(out, text);
	else
		output_buffer_put(out, text);
}

/* What stands before the value of a field. */
static void put_separator(const struct output_encoder *encoder, struct output_buffer *out, size_t position)
{
	static const char *const separators[] = { [OUTPUT_TEXT] = " ", [OUTPUT_JSON] = ",", [OUTPUT_CSV] = "," };

	if (position)
		output_buffer_put(out, separators[encoder->encoding]);
	else if (encoder->encoding == OUTPUT_JSON)
		output_buffer_put(out, "{");
}

static void put_label(const struct output_encoder *encoder, struct output_buffer *out, size_t position)
{
	put_separator(encoder, out, position);
	if (encoder->encoding == OUTPUT_JSON) {
		output_quote_json(out, output_fields[encoder->format.fields[position]].name);
		output_buffer_put(out, ":");
	}
}

static void put_end(const struct output_encoder *encoder, struct output_buffer *out)
{
	output_buffer_put(out, encoder->encoding == OUTPUT_JSON ? "}\n" : "\n");
}

/* Ends the literal that the last part left open. */
static void add_part(struct pattern *pattern, size_t *count, const struct output_buffer *literals, uint8_t conversion,
		     uint8_t offset)
{
	size_t from = *count ? pattern->parts[*count - 1].literal + pattern->parts[*count - 1].length : 0;

	pattern->parts[*count] = (struct part){ .literal = (uint32_t)from,
						.length = (uint32_t)(literals->length - from),
						.conversion = conversion,
						.offset = offset };
	pattern->room += literals->length - from + most[conversion];
	*count += 1;
}

/* Fills a pattern that has room for one part more than the format has fields. Returns false for want of memory. */
static bool fill(const struct output_encoder *encoder, struct pattern *pattern, const struct flow_record *record)
{
	static const char padding[STRIDE] = { 0 };
	struct output_buffer literals = { 0 };
	size_t count = 0;

	pattern->room = STRIDE;
	for (size_t i = 0; i < encoder->format.count; i++) {
		uint8_t id = encoder->format.fields[i], conversion = conversion_of(id, record);
		const char *quote = encoder->encoding == OUTPUT_JSON && !is_number(id) ? "\"" : "";

		put_label(encoder, &literals, i);
		if (conversion == CONSTANT) {
			put_constant(encoder, &literals, id, record);
			continue;
		}
		output_buffer_put(&literals, quote);
		add_part(pattern, &count, &literals, conversion, sources[id].offset);
		output_buffer_put(&literals, quote);
	}
	put_end(encoder, &literals);
	add_part(pattern, &count, &literals, LAST, 0);
	output_buffer_append(&literals, padding, sizeof(padding));
	pattern->literals = literals.bytes;
	return !literals.failed;
}

static void pattern_free(struct pattern *pattern)
{
	if (pattern)
		free(pattern->literals);
	free(pattern);
}

static struct pattern *pattern_new(const struct output_encoder *encoder, const struct flow_record *record)
{
	struct pattern *pattern = calloc(1, sizeof(*pattern) + (encoder->format.count + 1) * sizeof(struct part));

	if (pattern && !fill(encoder, pattern, record)) {
		pattern_free(pattern);
		return NULL;
	}
	return pattern;
}

/* Makes `interfaces` long enough to have the one with that number. */
static bool grow(struct output_encoder *encoder, size_t number)
{
	size_t count = number + 1 + number / 2;
	struct patterns *interfaces = realloc(encoder->interfaces, count * sizeof(*interfaces));

	if (!interfaces)
		return false;
	memset(interfaces + encoder->interface_count, 0, (count - encoder->interface_count) * sizeof(*interfaces));
	encoder->interfaces = interfaces;
	encoder->interface_count = count;
	return true;
}

size_t output_encoder_room(struct output_encoder *encoder, const struct flow_record *record)
{
	struct pattern **slot;

	if (record->interface_number >= encoder->interface_count && !grow(encoder, record->interface_number))
		return 0;
	slot = &encoder->interfaces[record->interface_number].of[variant(record)];
	if (!*slot)
		*slot = pattern_new(encoder, record);
	return *slot ? (*slot)->room : 0;
}

static char *put_path(const struct output_encoder *encoder, char *out, uint8_t path)
{
	if (path)
		return output_number_unsigned(out, path);
	return stpcpy(out, encoder->missing);
}

size_t output_encoder_line(struct output_encoder *encoder, const struct flow_record *record, char *out)
{
	const struct pattern *pattern = encoder->interfaces[record->interface_number].of[variant(record)];
	const char *begin = out;
	uint16_t port;
	uint64_t count;
	int64_t time;

	for (const struct part *part = pattern->parts;; part++) {
		const uint8_t *value = (const uint8_t *)record + part->offset;

		out = copy(out, pattern->literals + part->literal, part->length);
		switch ((enum conversion)part->conversion) {
		case OCTET:
			out = output_number_unsigned(out, *value);
			break;
		case PORT:
			memcpy(&port, value, sizeof(port));
			out = output_number_unsigned(out, port);
			break;
		case COUNT:
			memcpy(&count, value, sizeof(count));
			out = output_number_unsigned(out, count);
			break;
		case TIME:
			memcpy(&time, value, sizeof(time));
			out = output_number_signed(out, time);
			break;
		case PATH:
			out = put_path(encoder, out, *value);
			break;
		case IPV4:
			out = output_addrtext_ipv4(out, value);
			break;
		case IPV6:
			out = output_addrtext_ipv6(out, value);
			break;
		case CONSTANT:
		case LAST:
			return (size_t)(out - begin);
		}
	}
}

const char *output_encoder_header(const struct output_encoder *encoder, size_t *length)
{
	*length = encoder->header.length;
	return encoder->header.bytes ? encoder->header.bytes : "";
}

static void build_header(struct output_encoder *encoder)
{
	for (size_t i = 0; i < encoder->format.count; i++) {
		put_separator(encoder, &encoder->header, i);
		output_buffer_put(&encoder->header, output_fields[encoder->format.fields[i]].name);
	}
	put_end(encoder, &encoder->header);
}

int output_encoder_new(struct output_encoder **out, const struct output_format *format, enum output_encoding encoding,
		       struct error *err)
{
	struct output_encoder *encoder = calloc(1, sizeof(*encoder));

	if (encoder) {
		encoder->format = *format;
		encoder->encoding = encoding;
		encoder->missing = encoding == OUTPUT_JSON ? "null" : "-";
		if (encoding != OUTPUT_JSON)
			build_header(encoder);
	}
	if (!encoder || encoder->header.failed) {
		output_encoder_free(encoder);
		return fail_memory(err, "encoder");
	}
	*out = encoder;
	return 0;
}

void output_encoder_free(struct output_encoder *encoder)
{
	if (!encoder)
		return;
	for (size_t i = 0; i < encoder->interface_count; i++) {
		for (size_t n = 0; n < VARIANTS; n++)
			pattern_free(encoder->interfaces[i].of[n]);
	}
	free(encoder->interfaces);
	free(encoder->header.bytes);
	free(encoder);
}
