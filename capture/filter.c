#include "capture/filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/file.h"
#include "capture/link.h"

/* The expression, compiled for one link type. */
struct program {
	uint32_t link_type;
	enum byte_order order;
	bool fits; /* it compiles for that; else `code` is empty */
	struct bpf_program code;
	struct program *next;
};

struct capture_filter {
	char *expression;
	struct program *programs; /* those that were needed so far */
};

/* The file header of a capture. */
static void write_file_header(uint8_t header[static 24], uint32_t dlt, enum byte_order order)
{
	const uint32_t version = order == ORDER_BIG ? 0x00020004 : 0x00040002; /* two halves: 2, 4 */
	const uint32_t words[6] = { 0xa1b2c3d4, version, 0, 0, CAPTURE_FRAME_MOST, dlt };

	for (unsigned i = 0; i < 24; i++)
		header[i] = (uint8_t)(words[i / 4] >> 8 * (order == ORDER_BIG ? 3 - i % 4 : i % 4));
}

/* Returns 0, or -EINVAL with libpcap's words in `why`. `never`: an expression that no frame of this link type can match
 * is no error.
 *
 * libpcap compiles for a file a little otherwise than for nothing: it knows the IPv6 families of all systems in null
 * headers, turns them round if the file's byte order asks for it, and refuses what only a live device can tell. So it
 * gets an empty file. */
static int compile(struct bpf_program *code, const char *expression, uint32_t link_type, enum byte_order order,
		   bool never, char why[static PCAP_ERRBUF_SIZE])
{
	uint8_t header[24];
	FILE *file = fmemopen(header, sizeof(header), "r");
	pcap_t *pcap;
	int ret;

	if (!file) {
		snprintf(why, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return -EINVAL;
	}
	write_file_header(header, (uint32_t)capture_link_dlt(link_type), order);
	pcap = pcap_fopen_offline(file, why); /* owns `file` from here on, if it succeeds */
	if (!pcap) {
		fclose(file);
		return -EINVAL;
	}
	ret = pcap_compile(pcap, code, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (ret < 0)
		snprintf(why, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(pcap));
	if (ret < 0 && never) /* it is the optimiser that objects */
		ret = pcap_compile(pcap, code, expression, 0, PCAP_NETMASK_UNKNOWN);
	pcap_close(pcap);
	return ret < 0 ? -EINVAL : 0;
}

static bool compiles(const char *expression, uint32_t link_type, bool never, char why[static PCAP_ERRBUF_SIZE])
{
	struct bpf_program code;

	if (compile(&code, expression, link_type, ORDER_LITTLE, never, why) < 0)
		return false;
	pcap_freecode(&code);
	return true;
}

/* Can a frame match the expression? If not, `why` says what is wrong with it for Ethernet. One that Ethernet allows but
 * no Ethernet frame matches is a slip; one that it does not allow may be meant for another link type. */
static bool is_possible(const char *expression, char why[static PCAP_ERRBUF_SIZE])
{
	char ignored[PCAP_ERRBUF_SIZE];

	if (compiles(expression, LINK_ETHERNET, false, why))
		return true;
	if (compiles(expression, LINK_ETHERNET, true, ignored))
		return false;
	for (uint32_t type = 0; type <= UINT16_MAX; type++) { /* they are numbers of 16 bits */
		if (capture_link_is_supported(type) && compiles(expression, type, false, ignored))
			return true;
	}
	return false;
}

int capture_filter_new(struct capture_filter **out, const char *expression, struct error *err)
{
	char why[PCAP_ERRBUF_SIZE];
	struct capture_filter *filter;

	if (!is_possible(expression, why))
		return fail(err, EINVAL, "filter '%s': %s", expression, why);
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return fail_memory(err, "filter");
	filter->expression = strdup(expression);
	if (!filter->expression) {
		free(filter);
		return fail_memory(err, "filter");
	}
	*out = filter;
	return 0;
}

void capture_filter_free(struct capture_filter *filter)
{
	if (!filter)
		return;
	for (struct program *program = filter->programs, *next; program; program = next) {
		next = program->next;
		if (program->fits)
			pcap_freecode(&program->code);
		free(program);
	}
	free(filter->expression);
	free(filter);
}

/* Compiles for a link type that is met for the first time. One that it does not fit is remembered as well. */
static int add_program(struct capture_filter *filter, uint32_t link_type, enum byte_order order, struct error *err)
{
	char why[PCAP_ERRBUF_SIZE];
	struct program *program = calloc(1, sizeof(*program));

	if (!program)
		return fail_memory(err, "filter");
	program->fits = compile(&program->code, filter->expression, link_type, order, true, why) == 0;
	program->link_type = link_type;
	program->order = order;
	program->next = filter->programs;
	filter->programs = program;
	if (!program->fits)
		return fail(err, EINVAL, "filter '%s': not for frames of link type %u (%s): %s", filter->expression,
			    (unsigned)link_type, capture_link_name(link_type), why);
	return 0;
}

static const struct program *find_program(const struct capture_filter *filter, uint32_t link_type,
					  enum byte_order order)
{
	const struct program *program = filter->programs;

	while (program && (program->link_type != link_type || program->order != order))
		program = program->next;
	return program;
}

int capture_filter_match(struct capture_filter *filter, uint32_t link_type, const uint8_t *bytes, uint32_t captured,
			 uint32_t original, struct error *err)
{
	/* A null header is in the byte order of whoever captured, and what it holds is a small number. */
	const bool big = link_type == LINK_NULL && captured > 0 && bytes[0] == 0;
	const enum byte_order order = big ? ORDER_BIG : ORDER_LITTLE;
	const struct pcap_pkthdr header = { .caplen = captured, .len = original };
	const struct program *program = find_program(filter, link_type, order);

	if (!program) {
		int ret = add_program(filter, link_type, order, err);

		if (ret < 0)
			return ret;
		program = filter->programs;
	}
	return program->fits && pcap_offline_filter(&program->code, &header, bytes) != 0;
}

const char *capture_filter_library(void)
{
	return pcap_lib_version();
}
