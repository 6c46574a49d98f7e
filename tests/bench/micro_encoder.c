#include "micro.h"

#include <stdlib.h>

#include "output/encoder.h"
#include "random.h"

enum { LINES = 1 << 19 };

static char account[] = "123456789010", interface_id[] = "eni-1235b8ca123456789", vpc[] = "vpc-abcdefab012345678";

static const struct flow_interface web = {
	.identity = { [FLOW_ACCOUNT_ID] = account, [FLOW_INTERFACE_ID] = interface_id, [FLOW_VPC_ID] = vpc },
};

struct encoding {
	struct output_encoder *encoder;
	struct flow_record records[MICRO_ITEMS];
	char *line;
	size_t room;
};

static void encode_all(void *ctx)
{
	struct encoding *encoding = ctx;

	for (size_t i = 0; i < LINES; i++) {
		const struct flow_record *record = &encoding->records[i % MICRO_ITEMS];

		if (output_encoder_room(encoding->encoder, record) > encoding->room)
			micro_give_up("a line needs more room than the first one");
		output_encoder_line(encoding->encoder, record, encoding->line);
	}
}

/* Records as they come out of traffic: addresses at random, ports of clients and servers, some kilobytes. */
static void fill(struct flow_record *records, enum flow_family family)
{
	struct random random = random_of_seed(family);

	for (int i = 0; i < MICRO_ITEMS; i++) {
		uint64_t one = random_next(&random), two = random_next(&random), three = random_next(&random);

		records[i] = (struct flow_record){
			.interface = &web,
			.family = (uint8_t)family,
			.protocol = i % 4 ? 6 : 17,
			.tcp_flags = i % 4 ? 19 : 0,
			.direction = FLOW_INGRESS,
			.source_port = (uint16_t)(32768 + one % 32768),
			.destination_port = 443,
			.start = 1700000000,
			.end = 1700000000 + (int64_t)(one >> 20) % 60,
			.packets = 1 + (one >> 32) % 100,
			.bytes = 60 + (one >> 40) % 100000,
		};
		if (family == FLOW_IPV4) {
			memcpy(records[i].source.octets, &two, 4);
			memcpy(records[i].destination.octets, "\x0a\0\0\1", 4);
		} else {
			memcpy(records[i].source.octets, "\x20\x01\x0d\xb8\x80\0\0\1", 8);
			memcpy(records[i].source.octets + 8, &two, 8);
			memcpy(records[i].destination.octets, "\x20\x01\x0d\xb8\0\0\0\1", 8);
			memcpy(records[i].destination.octets + 8, &three, 2);
		}
		records[i].packet_source = records[i].source;
		records[i].packet_destination = records[i].destination;
	}
}

static void measure(const char *name, const char *format_text, enum flow_family family, enum output_encoding as)
{
	struct encoding encoding;
	struct output_format format;

	if (output_format_parse(&format, format_text, NULL) < 0 ||
	    output_encoder_new(&encoding.encoder, &format, as, NULL) < 0)
		micro_give_up("the encoder cannot be made");
	fill(encoding.records, family);
	encoding.room = output_encoder_room(encoding.encoder, &encoding.records[0]);
	encoding.line = malloc(encoding.room);
	if (!encoding.line)
		micro_give_up("out of memory");
	micro_measure(name, encode_all, &encoding, LINES);
	free(encoding.line);
	output_encoder_free(encoding.encoder);
}

void micro_encoder(void)
{
	measure("encode a line: default format, IPv4", "default", FLOW_IPV4, OUTPUT_TEXT);
	measure("encode a line: default format, IPv6", "default", FLOW_IPV6, OUTPUT_TEXT);
	measure("encode a line: all 54 fields, IPv4", "all", FLOW_IPV4, OUTPUT_TEXT);
	measure("encode a line: all 54 fields, IPv6", "all", FLOW_IPV6, OUTPUT_TEXT);
	measure("encode a line: default format, IPv4, JSON", "default", FLOW_IPV4, OUTPUT_JSON);
}
