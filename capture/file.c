#include "capture/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcap.h"
#include "capture/pcapng.h"
#include "capture/reader.h"

struct capture_file {
	struct capture_reader reader;
	enum { NOTHING, PCAP, PCAPNG } format;
	union {
		struct capture_pcap pcap;
		struct capture_pcapng pcapng;
	};
};

/* What files begin with that are handed to us by mistake. */
static const struct foreign {
	const char *bytes;
	size_t length;
	const char *name;
} foreigners[] = {
	{ "\xa1\xb2\x34\xcd", 4, "a pcap file in Mesquita's variant" },
	{ "\xcd\x34\xb2\xa1", 4, "a pcap file in Mesquita's variant" },
	{ "\xa1\x2b\x3c\x4d", 4, "a pcap file in Navtel's variant" },
	{ "\x4d\x3c\x2b\xa1", 4, "a pcap file in Navtel's variant" },
	{ "\xa1\xe2\xcb\x12", 4, "a pcap file in netsniff-ng's variant" },
	{ "\x12\xcb\xe2\xa1", 4, "a pcap file in netsniff-ng's variant" },
	{ "\x1c\x00\x01\xac", 4, "a pcap file in Ixia's hardware variant" },
	{ "\xac\x01\x00\x1c", 4, "a pcap file in Ixia's hardware variant" },
	{ "\x1c\x00\x01\xab", 4, "a pcap file in Ixia's software variant" },
	{ "\xab\x01\x00\x1c", 4, "a pcap file in Ixia's software variant" },
	{ "snoop\0\0\0", 8, "a snoop file" },
	{ "GMBU", 4, "a Network Monitor 2 file" },
	{ "RTSS", 4, "a Network Monitor 1 file" },
	{ "TRSNIFF data    \x1a", 17, "a Sniffer file" },
	{ "XCP\0", 4, "a NetXRay file" },
	{ "\x7fver", 4, "an OmniPeek file" },
	{ "iptrace ", 8, "an AIX iptrace file" },
	{ "\x0c\xa5", 2, "an nfdump file" },
	{ "PAR1", 4, "a Parquet file" },
	{ "\x1f\x8b", 2, "gzip inside the compression" },
	{ "\x7f"
	  "ELF",
	  4, "a program" },
};

/* Tells what the file is instead of a capture. */
static int refuse(const struct capture_input *input, struct error *err)
{
	const char *name = capture_input_name(input);
	size_t length = (size_t)(input->end - input->at);
	char hex[3 * 4 + 1] = "";

	for (size_t i = 0; i < sizeof(foreigners) / sizeof(*foreigners); i++)
		if (foreigners[i].length <= length && memcmp(input->at, foreigners[i].bytes, foreigners[i].length) == 0)
			return fail(err, EINVAL, "%s is %s, not a pcap or pcapng capture that can be read here", name,
				    foreigners[i].name);
	if (length < 4)
		return fail(err, EINVAL, "%s is no capture nor a flow log: it ends after %zu byte%s", name, length,
			    length == 1 ? "" : "s");
	for (size_t i = 0; i < 4; i++)
		snprintf(hex + 3 * i, sizeof(hex) - 3 * i, " %02x", input->at[i]);
	return fail(err, EINVAL,
		    "%s is no capture: it begins with the bytes%s, which neither pcap nor pcapng does, nor a flow log",
		    name, hex);
}

static int refuse_short(const struct capture_input *input, size_t header, struct error *err)
{
	return fail(err, EINVAL, "%s is no capture: it ends after %zu bytes, inside its file header of %zu",
		    capture_input_name(input), (size_t)(input->end - input->at), header);
}

/* Tells the format by the first bytes, and reads the file header. */
static int begin(struct capture_file *file, struct error *err)
{
	struct capture_reader *reader = &file->reader;
	struct capture_input *input = &reader->input;
	int ret = capture_input_fill(input, CAPTURE_PCAP_HEADER, true, err);
	size_t length = (size_t)(input->end - input->at);
	const char *fault = capture_input_fault(input);

	if (ret < 0)
		return ret;
	if (fault && length < CAPTURE_PCAP_HEADER)
		return fail(err, EINVAL, "%s: %s, before there was a file header", capture_input_name(input), fault);
	if (length == 0) {
		capture_reader_tell(reader, "it is empty: no frames");
		reader->damaged = true;
		return capture_reader_stop(reader);
	}
	if (length >= 4 && capture_pcap_begins(input->at)) {
		if (length < CAPTURE_PCAP_HEADER)
			return refuse_short(input, CAPTURE_PCAP_HEADER, err);
		file->format = PCAP;
		return capture_pcap_open(&file->pcap, reader, err);
	}
	if (length >= 4 && load_be32(input->at) == PCAPNG_SECTION_HEADER) {
		if (length < PCAPNG_HEADER)
			return refuse_short(input, PCAPNG_HEADER, err);
		file->format = PCAPNG;
		return pcapng_block_begin(reader, err);
	}
	return refuse(input, err);
}

bool capture_file_begins(const struct capture_input *input)
{
	return input->end - input->at >= 4 &&
	       (capture_pcap_begins(input->at) || load_be32(input->at) == PCAPNG_SECTION_HEADER);
}

int capture_file_open(struct capture_file **out, const struct capture_file_options *options, struct error *err)
{
	const struct capture_input_options input = { options->path, options->wake_fd, options->ahead };
	struct capture_file *file = calloc(1, sizeof(*file));
	int ret;

	if (!file)
		return fail_memory(err, options->path);
	file->reader.points = options->points;
	file->reader.notices = options->notices;
	if (options->point_name)
		file->reader.point_name = strdup(options->point_name);
	if (options->input) {
		file->reader.input = *options->input;
		*options->input = (struct capture_input){ 0 };
	}
	if (options->point_name && !file->reader.point_name)
		ret = fail_memory(err, options->path);
	else
		ret = options->input ? 0 : capture_input_open(&file->reader.input, &input, err);
	if (ret == 0)
		ret = begin(file, err);
	if (ret < 0)
		capture_file_close(file);
	else
		*out = file;
	return ret;
}

void capture_file_close(struct capture_file *file)
{
	if (!file)
		return;
	if (file->format == PCAPNG)
		capture_pcapng_close(&file->pcapng);
	capture_input_close(&file->reader.input);
	free(file->reader.point_name);
	free(file);
}

int capture_file_read(struct capture_file *file, struct capture_item *items, size_t room, bool wait, struct error *err)
{
	if (file->reader.ended)
		return 0;
	if (file->format == PCAP)
		return capture_pcap_read(&file->pcap, &file->reader, items, room, wait, err);
	return capture_pcapng_read(&file->pcapng, &file->reader, items, room, wait, err);
}

bool capture_file_is_damaged(const struct capture_file *file)
{
	return file->reader.damaged;
}

const char *capture_file_path(const struct capture_file *file)
{
	return capture_input_name(&file->reader.input);
}

const char *capture_file_format(const struct capture_file *file)
{
	switch (file->format) {
	case PCAP:
		return file->pcap.format;
	case PCAPNG:
		return "pcapng";
	default:
		return "nothing";
	}
}

const struct capture_file_interface *capture_file_interface(const struct capture_file *file, size_t index)
{
	if (file->format == PCAPNG)
		return capture_pcapng_interface(&file->pcapng, index);
	return file->format == PCAP && index == 0 ? &file->pcap.about : NULL;
}

const struct capture_input *capture_file_input(const struct capture_file *file)
{
	return &file->reader.input;
}
