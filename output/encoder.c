#include "output/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "output/addrtext.h"
#include "output/number.h"
#include "output/ocsf.h"
#include "output/quote.h"
#include "output/value.h"

/* How a part of a line is converted: enum output_value_kind, or */
enum {
	FLOW = OUTPUT_VALUE_IPV6 + 1, /* srcaddr to end in AWS's order: nine values, and one byte between each two */
	OCSF,                         /* enum output_ocsf_part, which stands in place of the offset */
	LAST                          /* nothing: the line ends */
};

enum { FLOW_FIELDS = FIELD_END - FIELD_SRCADDR + 1 };

/* The longest text of each. */
static const uint8_t most[] = {
	[OUTPUT_VALUE_OCTET] = 3,
	[OUTPUT_VALUE_PORT] = 5,
	[OUTPUT_VALUE_COUNT] = OUTPUT_NUMBER_MOST,
	[OUTPUT_VALUE_TIME] = OUTPUT_NUMBER_MOST,
	[OUTPUT_VALUE_PATH] = sizeof("null"),
	[OUTPUT_VALUE_SERVICE] = FLOW_SERVICE_MOST + 2, /* and quotes */
	[OUTPUT_VALUE_IPV4] = OUTPUT_IPV4_ROOM,
	[OUTPUT_VALUE_IPV6] = OUTPUT_IPV6_ROOM,
	[FLOW] = 2 * OUTPUT_IPV6_ROOM + 2 * 5 + 3 + 4 * OUTPUT_NUMBER_MOST + (FLOW_FIELDS - 1),
	[OCSF] = OUTPUT_OCSF_ROOM,
	[LAST] = 0,
};

/* Literals are copied in steps of so many bytes. A literal or a value may write as many behind its end, which the next
 * one overwrites. */
enum { STRIDE = 16 };

/* A part of a line: a literal, and the value behind it. Records of one variant share a pattern. */
struct part {
	char head[STRIDE]; /* the literal, if it is not longer */
	const char *literal;
	uint32_t length;
	uint8_t conversion, offset;
};

struct pattern {
	size_t room, count;
	char *literals; /* of all parts, one behind another; STRIDE more bytes than are used */
	struct part parts[];
};

struct patterns {
	struct pattern *of[OUTPUT_VALUE_VARIANTS];
};

/* Texts of values that come again and again: the records of a window share a few times, and an interface's own address
 * is in each of its records. A text stands where a hash of its value says, and makes 32 and 64 bytes full. */
struct moment {
	int64_t time;
	char text[23];
	uint8_t length;
};

struct host {
	struct flow_address address; /* IPv6 */
	char text[47];
	uint8_t length;
};

_Static_assert(sizeof(((struct moment *)0)->text) >= OUTPUT_NUMBER_ROOM, "what a time may write");
_Static_assert(sizeof(((struct host *)0)->text) >= OUTPUT_IPV6_ROOM, "what an address may write");

enum { MOMENTS = 64, HOST_BITS = 6 };

struct output_encoder {
	struct output_format format;
	enum output_encoding encoding;
	const char *missing; /* what stands for a value that there is not */
	struct output_buffer header;
	struct patterns *interfaces;
	size_t interface_count;
	const struct pattern *pattern; /* of the record whose room was asked for last */
	struct moment moments[MOMENTS];
	struct host hosts[1 << HOST_BITS];
};

static bool is_number(uint8_t id)
{
	return output_fields[id].type != OUTPUT_STRING;
}

static void put_constant(const struct output_encoder *encoder, struct output_buffer *out, uint8_t id,
			 const struct flow_record *record)
{
	const char *text = output_value_constant(id, record);
	char digits[OUTPUT_NUMBER_MOST];

	if (id == FIELD_VERSION)
		output_buffer_append(out, digits,
				     (size_t)(output_number_unsigned(digits, encoder->format.version) - digits));
	else if (!text)
		output_buffer_put(out, encoder->missing);
	else if (encoder->encoding == OUTPUT_JSON && !(is_number(id) && output_quote_is_number(text)))
		output_quote_json(out, text);
	else if (encoder->encoding == OUTPUT_CSV)
		output_quote_csv(out, text);
	else
		output_buffer_put(out, text);
}

static const char separators[] = { [OUTPUT_TEXT] = ' ', [OUTPUT_JSON] = ',', [OUTPUT_CSV] = ',' };

/* What stands before the value of a field. */
static void put_separator(const struct output_encoder *encoder, struct output_buffer *out, size_t position)
{
	if (position)
		output_buffer_append(out, &separators[encoder->encoding], 1);
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

/* The literals of a pattern while it is put together. */
struct draft {
	struct output_buffer literals;
	size_t taken; /* bytes of them that stand in parts */
};

/* Takes the literal that was put since the last part. */
static void add_part(struct pattern *pattern, struct draft *draft, uint8_t conversion, uint8_t offset)
{
	size_t length = draft->literals.length - draft->taken;

	pattern->parts[pattern->count++] = (struct part){ .length = (uint32_t)length,
							  .conversion = conversion,
							  .offset = offset };
	pattern->room += length + most[conversion];
	draft->taken += length;
}

/* A field whose text is the same for all records of the pattern goes into the literal, another becomes a part. */
static void add_field(const struct output_encoder *encoder, struct pattern *pattern, struct draft *draft, uint8_t id,
		      const struct flow_record *record)
{
	struct output_value value = output_value_of(id, record);
	bool is_quoted = encoder->encoding == OUTPUT_JSON && !is_number(id) && value.kind != OUTPUT_VALUE_SERVICE;
	const char *quote = is_quoted ? "\"" : "";

	if (value.kind == OUTPUT_VALUE_CONSTANT) {
		put_constant(encoder, &draft->literals, id, record);
		return;
	}
	output_buffer_put(&draft->literals, quote);
	add_part(pattern, draft, value.kind, value.offset);
	output_buffer_put(&draft->literals, quote);
}

/* Do the fields from that position on, of this record, become one FLOW? */
static bool begins_flow(const struct output_encoder *encoder, size_t position, const struct flow_record *record)
{
	const struct output_format *format = &encoder->format;

	if (encoder->encoding == OUTPUT_JSON || record->status != FLOW_OK || format->count - position < FLOW_FIELDS)
		return false;
	for (size_t i = 0; i < FLOW_FIELDS; i++)
		if (format->fields[position + i] != FIELD_SRCADDR + i ||
		    output_value_of((uint8_t)(FIELD_SRCADDR + i), record).kind == OUTPUT_VALUE_CONSTANT)
			return false;
	return true;
}

/* Points the parts to their literals, when these do not move any more. */
static void settle_literals(struct pattern *pattern)
{
	const char *at = pattern->literals;

	for (size_t i = 0; i < pattern->count; i++) {
		memcpy(pattern->parts[i].head, at, STRIDE);
		pattern->parts[i].literal = at;
		at += pattern->parts[i].length;
	}
}

static void fill_by_format(const struct output_encoder *encoder, struct pattern *pattern, struct draft *draft,
			   const struct flow_record *record)
{
	for (size_t i = 0; i < encoder->format.count; i++) {
		put_label(encoder, &draft->literals, i);
		if (begins_flow(encoder, i, record)) {
			add_part(pattern, draft, FLOW, 0);
			i += FLOW_FIELDS - 1;
		} else {
			add_field(encoder, pattern, draft, encoder->format.fields[i], record);
		}
	}
	put_end(encoder, &draft->literals);
}

/* Where the pen of output/ocsf.h writes. */
struct ocsf_draft {
	struct pattern *pattern;
	struct draft *draft;
};

static void add_ocsf_value(void *ctx, struct output_value value)
{
	struct ocsf_draft *ocsf = ctx;

	add_part(ocsf->pattern, ocsf->draft, value.kind, value.offset);
}

static void add_ocsf_part(void *ctx, enum output_ocsf_part part)
{
	struct ocsf_draft *ocsf = ctx;

	add_part(ocsf->pattern, ocsf->draft, OCSF, (uint8_t)part);
}

static void fill_with_ocsf(const struct output_encoder *encoder, struct pattern *pattern, struct draft *draft,
			   const struct flow_record *record)
{
	struct ocsf_draft ocsf = { pattern, draft };
	struct output_ocsf_pen pen = { &draft->literals, add_ocsf_value, add_ocsf_part, &ocsf };

	output_ocsf_line(&encoder->format, record, &pen);
	output_buffer_put(&draft->literals, "\n");
}

/* Fills a pattern that has room for most_parts(). Returns false for want of memory. */
static bool fill(const struct output_encoder *encoder, struct pattern *pattern, const struct flow_record *record)
{
	static const char padding[STRIDE] = { 0 };
	struct draft draft = { 0 };

	pattern->room = STRIDE;
	if (encoder->encoding == OUTPUT_OCSF)
		fill_with_ocsf(encoder, pattern, &draft, record);
	else
		fill_by_format(encoder, pattern, &draft, record);
	add_part(pattern, &draft, LAST, 0);
	output_buffer_append(&draft.literals, padding, sizeof(padding));
	pattern->literals = draft.literals.bytes;
	if (draft.literals.failed)
		return false;
	settle_literals(pattern);
	return true;
}

/* Of a pattern, with the last one. */
static size_t most_parts(const struct output_encoder *encoder)
{
	return 1 + (encoder->encoding == OUTPUT_OCSF ? OUTPUT_OCSF_MOST : encoder->format.count);
}

static void pattern_free(struct pattern *pattern)
{
	if (pattern)
		free(pattern->literals);
	free(pattern);
}

static struct pattern *pattern_new(const struct output_encoder *encoder, const struct flow_record *record)
{
	struct pattern *pattern = calloc(1, sizeof(*pattern) + most_parts(encoder) * sizeof(struct part));

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

/* Makes the pattern for the first record of its kind. NULL: out of memory. */
static struct pattern *prepare(struct output_encoder *encoder, const struct flow_record *record)
{
	struct pattern **slot;

	if (record->interface_number >= encoder->interface_count && !grow(encoder, record->interface_number))
		return NULL;
	slot = &encoder->interfaces[record->interface_number].of[output_value_variant(record)];
	if (!*slot)
		*slot = pattern_new(encoder, record);
	return *slot;
}

size_t output_encoder_room(struct output_encoder *encoder, const struct flow_record *record)
{
	const struct pattern *pattern = NULL;

	if (record->interface_number < encoder->interface_count)
		pattern = encoder->interfaces[record->interface_number].of[output_value_variant(record)];
	if (!pattern)
		pattern = prepare(encoder, record);
	encoder->pattern = pattern;
	return pattern ? pattern->room : 0;
}

static char *put_path(const struct output_encoder *encoder, char *out, uint8_t path)
{
	if (path)
		return output_number_unsigned(out, path);
	return stpcpy(out, encoder->missing);
}

/* There is nothing in its name to be escaped (flow/services.h). */
static char *put_service(const struct output_encoder *encoder, char *out, const char *service)
{
	bool is_quoted = service && encoder->encoding == OUTPUT_JSON;

	if (is_quoted)
		*out++ = '"';
	out = stpcpy(out, service ? service : encoder->missing);
	if (is_quoted)
		*out++ = '"';
	return out;
}

static char *put_literal(char *out, const struct part *part)
{
	size_t length = part->length;

	memcpy(out, part->head, STRIDE);
	for (size_t i = STRIDE; i < length; i += STRIDE)
		memcpy(out + i, part->literal + i, STRIDE);
	return out + length;
}

static void remember_time(struct moment *moment, int64_t time)
{
	moment->time = time;
	moment->length = (uint8_t)(output_number_signed(moment->text, time) - moment->text);
}

static char *put_time(struct output_encoder *encoder, char *out, int64_t time)
{
	struct moment *moment = &encoder->moments[(uint64_t)time % MOMENTS];

	if (moment->time != time)
		remember_time(moment, time);
	memcpy(out, moment->text, sizeof(moment->text));
	return out + moment->length;
}

static void remember_host(struct host *host, const struct flow_address *address)
{
	host->address = *address;
	host->length = (uint8_t)(output_addrtext_ipv6(host->text, address->octets) - host->text);
}

static char *put_ipv6(struct output_encoder *encoder, char *out, const struct flow_address *address)
{
	uint64_t halves[2];
	struct host *host;

	memcpy(halves, address, sizeof(halves));
	host = &encoder->hosts[(halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - HOST_BITS)];
	if (!flow_address_equal(&host->address, address))
		remember_host(host, address);
	memcpy(out, host->text, sizeof(host->text));
	return out + host->length;
}

/* srcaddr and dstaddr. */
static char *put_addresses(struct output_encoder *encoder, char *out, const struct flow_record *record, char separator)
{
	if (record->family == FLOW_IPV6) {
		out = put_ipv6(encoder, out, &record->source);
		*out++ = separator;
		return put_ipv6(encoder, out, &record->destination);
	}
	out = output_addrtext_ipv4(out, record->source.octets);
	*out++ = separator;
	return output_addrtext_ipv4(out, record->destination.octets);
}

/* Most lines are mostly this: one step for nine parts. */
static char *put_flow(struct output_encoder *encoder, char *out, const struct flow_record *record)
{
	char separator = separators[encoder->encoding];

	out = put_addresses(encoder, out, record, separator);
	*out++ = separator;
	out = output_number_unsigned(out, record->source_port);
	*out++ = separator;
	out = output_number_unsigned(out, record->destination_port);
	*out++ = separator;
	out = output_number_unsigned(out, record->protocol);
	*out++ = separator;
	out = output_number_unsigned(out, record->packets);
	*out++ = separator;
	out = output_number_unsigned(out, record->bytes);
	*out++ = separator;
	out = put_time(encoder, out, record->start);
	*out++ = separator;
	return put_time(encoder, out, record->end);
}

size_t output_encoder_line(struct output_encoder *encoder, const struct flow_record *record, char *out)
{
	const char *begin = out;
	const char *service;
	uint16_t port;
	uint64_t count;
	int64_t time;

	for (const struct part *part = encoder->pattern->parts;; part++) {
		const uint8_t *value = (const uint8_t *)record + part->offset;

		out = put_literal(out, part);
		switch (part->conversion) {
		case OUTPUT_VALUE_OCTET:
			out = output_number_unsigned(out, *value);
			break;
		case OUTPUT_VALUE_PORT:
			memcpy(&port, value, sizeof(port));
			out = output_number_unsigned(out, port);
			break;
		case OUTPUT_VALUE_COUNT:
			memcpy(&count, value, sizeof(count));
			out = output_number_unsigned(out, count);
			break;
		case OUTPUT_VALUE_TIME:
			memcpy(&time, value, sizeof(time));
			out = put_time(encoder, out, time);
			break;
		case OUTPUT_VALUE_PATH:
			out = put_path(encoder, out, *value);
			break;
		case OUTPUT_VALUE_SERVICE:
			memcpy(&service, value, sizeof(service));
			out = put_service(encoder, out, service);
			break;
		case OUTPUT_VALUE_IPV4:
			out = output_addrtext_ipv4(out, value);
			break;
		case OUTPUT_VALUE_IPV6:
			out = put_ipv6(encoder, out, (const struct flow_address *)value);
			break;
		case FLOW:
			out = put_flow(encoder, out, record);
			break;
		case OCSF:
			out = output_ocsf_put(out, (enum output_ocsf_part)part->offset, record);
			break;
		case LAST:
			return (size_t)(out - begin);
		case OUTPUT_VALUE_CONSTANT:
		default:
			__builtin_unreachable();
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
		/* Zeroed, the others hold values that belong elsewhere, and match nothing. */
		remember_time(&encoder->moments[0], 0);
		remember_host(&encoder->hosts[0], &(struct flow_address){ { 0 } });
		if (encoding == OUTPUT_TEXT || encoding == OUTPUT_CSV)
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
		for (size_t n = 0; n < OUTPUT_VALUE_VARIANTS; n++)
			pattern_free(encoder->interfaces[i].of[n]);
	}
	free(encoder->interfaces);
	free(encoder->header.bytes);
	free(encoder);
}
