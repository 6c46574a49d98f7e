#include "micro.h"

#include <stdlib.h>

#include "output/parquet.h"
#include "random.h"

enum { ROWS = 1 << 17 };

static char account[] = "123456789010", interface_id[] = "eni-1235b8ca123456789", vpc[] = "vpc-abcdefab012345678";

static const struct flow_interface web = {
	.identity = { [FLOW_ACCOUNT_ID] = account, [FLOW_INTERFACE_ID] = interface_id, [FLOW_VPC_ID] = vpc },
};

struct sheet {
	struct flow_record *records;
	struct output_parquet_options options;
	size_t size;
};

static int take(void *ctx, const void *bytes, size_t size, struct error *err)
{
	struct sheet *sheet = ctx;

	(void)bytes;
	(void)err;
	sheet->size += size;
	return 0;
}

/* One group of rows, and a file around it. */
static void write_all(void *ctx)
{
	struct sheet *sheet = ctx;
	struct output_outlet outlet = { take, sheet };
	struct output_parquet *parquet;
	int ret = output_parquet_new(&parquet, &sheet->options, NULL);

	if (ret < 0)
		micro_give_up("the Parquet file cannot be begun");
	for (size_t i = 0; ret == 0 && i < ROWS; i++)
		ret = output_parquet_add(parquet, &sheet->records[i], &outlet, NULL);
	if (ret < 0 || output_parquet_end(parquet, &outlet, NULL) < 0)
		micro_give_up("the Parquet file cannot be written");
	output_parquet_free(parquet);
}

/* Both directions of connections of clients, many of which come back, with a server. */
static void fill(struct flow_record *records)
{
	struct random random = random_of_seed(5);

	for (size_t i = 0; i < ROWS; i++) {
		uint64_t one = random_next(&random), two = random_next(&random) % (ROWS / 4) * 2654435761U;
		bool is_answer = i % 2;

		records[i] = (struct flow_record){
			.interface = &web,
			.family = FLOW_IPV4,
			.protocol = 6,
			.tcp_flags = 19,
			.direction = is_answer ? FLOW_EGRESS : FLOW_INGRESS,
			.source_port = is_answer ? 443 : (uint16_t)(32768 + one % 32768),
			.destination_port = is_answer ? (uint16_t)(32768 + one % 32768) : 443,
			.start = 1700000000 + (int64_t)(i / 1000),
			.end = 1700000059 + (int64_t)(i / 1000),
			.packets = 1 + (one >> 32) % 100,
			.bytes = 60 + (one >> 40) % 100000,
		};
		memcpy(is_answer ? records[i].destination.octets : records[i].source.octets, &two, 4);
		memcpy(is_answer ? records[i].source.octets : records[i].destination.octets, "\x0a\0\0\1", 4);
		records[i].packet_source = records[i].source;
		records[i].packet_destination = records[i].destination;
	}
}

static void measure(const char *name, const char *format_text, enum output_codec codec, struct flow_record *records)
{
	struct output_format format;
	struct sheet sheet = { .records = records, .options = { .format = &format, .codec = codec } };

	if (output_format_parse(&format, format_text, NULL) < 0)
		micro_give_up("no such format");
	micro_measure(name, write_all, &sheet, ROWS);
}

void micro_parquet(void)
{
	struct flow_record *records = malloc(ROWS * sizeof(*records));

	if (!records)
		micro_give_up("out of memory");
	fill(records);
	measure("write a row of Parquet: default format, none", "default", OUTPUT_CODEC_NONE, records);
	measure("write a row of Parquet: default format, gzip", "default", OUTPUT_CODEC_GZIP, records);
	measure("write a row of Parquet: all 54 fields, none", "all", OUTPUT_CODEC_NONE, records);
	measure("write a row of Parquet: all 54 fields, gzip", "all", OUTPUT_CODEC_GZIP, records);
	free(records);
}
