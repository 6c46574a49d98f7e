#include "capture/pcap.h"

#include <errno.h>
#include <stdio.h>

#include "capture/link.h"

static const struct magic {
	uint32_t number;
	uint32_t header, unit_ns;
	const char *words;
} magics[] = {
	{ 0xa1b2c3d4, 16, 1000, "microseconds" },
	{ 0xa1b23c4d, 16, 1, "nanoseconds" },
	{ 0xa1b2cd34, 24, 1000, "Kuznetzov's, microseconds" },
};

static const struct magic *find_magic(const uint8_t bytes[static 4], enum byte_order order)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (load_32(order, bytes) == magics[i].number)
			return &magics[i];
	return NULL;
}

bool capture_pcap_begins(const uint8_t magic[static 4])
{
	return find_magic(magic, ORDER_LITTLE) || find_magic(magic, ORDER_BIG);
}

static int take_point(struct capture_pcap *pcap, struct capture_reader *reader, struct error *err)
{
	const char *name = reader->point_name ? reader->point_name : "";

	pcap->point = capture_points_get(reader->points, name, reader->point_name != NULL);
	if (!pcap->point)
		return fail_memory(err, capture_input_name(&reader->input));
	pcap->about.name = pcap->point->name;
	return 0;
}

int capture_pcap_open(struct capture_pcap *pcap, struct capture_reader *reader, struct error *err)
{
	const uint32_t frame_check_bits = 0xfc000000; /* of the link type's field */
	const uint8_t *header = reader->input.at;
	const struct magic *magic = find_magic(header, ORDER_LITTLE);
	const char *file = capture_input_name(&reader->input);
	const char *link_name;
	uint16_t major;

	pcap->order = magic ? ORDER_LITTLE : ORDER_BIG;
	if (!magic)
		magic = find_magic(header, ORDER_BIG);
	pcap->header = magic->header;
	pcap->unit_ns = magic->unit_ns;
	snprintf(pcap->format, sizeof(pcap->format), "pcap, %s, %s-endian", magic->words,
		 pcap->order == ORDER_BIG ? "big" : "little");
	snprintf(pcap->about.resolution, sizeof(pcap->about.resolution), "%s",
		 magic->unit_ns == 1 ? "nanoseconds" : "microseconds");

	major = load_16(pcap->order, header + 4);
	pcap->minor_version = load_16(pcap->order, header + 6);
	if (major != 2)
		return fail(err, EINVAL, "%s: version %u.%u of the pcap format is not known, only 2.x is", file, major,
			    pcap->minor_version);
	pcap->about.snaplen = load_32(pcap->order, header + 16);
	pcap->about.link_type = load_32(pcap->order, header + 20) & ~frame_check_bits;
	link_name = capture_link_name(pcap->about.link_type);
	if (!capture_link_is_supported(pcap->about.link_type))
		return fail(err, EINVAL, "%s: frames of link type %u (%s) cannot be decoded", file,
			    pcap->about.link_type, link_name ? link_name : "unnamed");
	capture_input_take(&reader->input, CAPTURE_PCAP_HEADER);
	return take_point(pcap, reader, err);
}

static int announce(struct capture_pcap *pcap, struct capture_item *item)
{
	pcap->appeared = true;
	*item = (struct capture_item){ .kind = CAPTURE_POINT, .point = pcap->point->number, .appeared = pcap->point };
	return 1;
}

/* The input ended before `need` bytes of a record. */
static int end(struct capture_reader *reader, size_t need)
{
	return capture_reader_end(reader, "record", capture_input_offset(&reader->input), need);
}

/* In the format's first years the two lengths stood the other way round, and then either way. */
static bool lengths_are_swapped(const struct capture_pcap *pcap, uint32_t captured, uint32_t original)
{
	const uint16_t either_way = 3;

	return pcap->minor_version <= either_way && (pcap->minor_version < either_way || captured > original);
}

/* The frame of the record at `record`, whose lengths are right. */
static inline void fill_item(const struct capture_pcap *pcap, enum byte_order order, const uint8_t *record,
			     uint32_t captured, uint32_t original, struct capture_item *item)
{
	*item = (struct capture_item){
		.kind = CAPTURE_FRAME,
		.point = pcap->point->number,
		.link_type = pcap->about.link_type,
		.supported = true,
		.order = order,
		.captured = captured,
		.original = original > captured ? original : captured,
		.bytes = record + pcap->header,
		.time_ns = load_32(order, record) * INT64_C(1000000000) +
			   (int64_t)load_32(order, record + 4) * pcap->unit_ns,
	};
}

static inline void load_lengths(const struct capture_pcap *pcap, enum byte_order order, const uint8_t *record,
				uint32_t *captured, uint32_t *original)
{
	*captured = load_32(order, record + 8);
	*original = load_32(order, record + 12);
	if (lengths_are_swapped(pcap, *captured, *original)) {
		*captured = *original;
		*original = load_32(order, record + 8);
	}
}

/* Takes records that are whole in the buffer, up to `room`: how many. What is the matter with the next one is not
 * asked here. */
static inline size_t take_whole(const struct capture_pcap *pcap, enum byte_order order, struct capture_input *input,
				struct capture_item *items, size_t room)
{
	const uint8_t *at = input->at;
	size_t count = 0;

	while (count < room && (size_t)(input->end - at) >= pcap->header) {
		uint32_t captured, original;

		load_lengths(pcap, order, at, &captured, &original);
		if (captured > CAPTURE_FRAME_MOST || (size_t)(input->end - at) - pcap->header < captured)
			break;
		fill_item(pcap, order, at, captured, original, &items[count++]);
		at += pcap->header + captured;
	}
	input->at = at;
	return count;
}

/* Brings the next record into the buffer, whole. 1, or as capture_file_read(). */
static int bring_record(struct capture_pcap *pcap, struct capture_reader *reader, bool wait, struct error *err)
{
	struct capture_input *input = &reader->input;
	uint32_t captured, original;
	int ret = capture_input_need(input, pcap->header, wait, err);

	if (ret <= 0)
		return ret < 0 ? ret : end(reader, pcap->header);
	load_lengths(pcap, pcap->order, input->at, &captured, &original);
	if (captured > CAPTURE_FRAME_MOST) {
		capture_reader_damage(
			reader, "record", capture_input_offset(input),
			"claims %u captured bytes, which cannot be; all before it was read, nothing behind it",
			captured);
		return capture_reader_stop(reader);
	}
	ret = capture_input_need(input, pcap->header + captured, wait, err);
	return ret == 0 ? end(reader, pcap->header + captured) : ret;
}

int capture_pcap_read(struct capture_pcap *pcap, struct capture_reader *reader, struct capture_item *items, size_t room,
		      bool wait, struct error *err)
{
	if (!pcap->appeared)
		return announce(pcap, items);
	for (;;) {
		/* The byte order is a constant in each of the two loops. */
		size_t count = pcap->order == ORDER_LITTLE ? take_whole(pcap, ORDER_LITTLE, &reader->input, items, room)
							   : take_whole(pcap, ORDER_BIG, &reader->input, items, room);
		int ret = count ? (int)count : bring_record(pcap, reader, wait, err);

		if (count || ret <= 0)
			return ret;
	}
}
