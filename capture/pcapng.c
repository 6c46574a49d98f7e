#include "capture/pcapng.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/link.h"
#include "capture/pcapng_option.h"

/* The same number is a packet's flags in the enhanced and in the obsolete block. */
enum { PACKET_FLAGS = 2, ENHANCED_DROPCOUNT = 4 };

/* What is told once a file. */
enum remark { TOO_SHORT, NO_INTERFACE, TOO_MUCH_CAPTURED, BAD_OPTIONS, BAD_TIME };

/* ---- what is told ---- */

static bool is_first(struct capture_pcapng *ng, enum remark remark)
{
	unsigned bit = 1U << remark;
	bool first = !(ng->told & bit);

	ng->told |= bit;
	return first;
}

/* A block that is broken inside whole framing. Always 0: there is no item. */
static int pass_over(struct capture_pcapng *ng, struct capture_reader *reader, const struct pcapng_block *block,
		     enum remark remark)
{
	static const char *const words[] = {
		[TOO_SHORT] = "is too short for its kind and was passed over",
		[NO_INTERFACE] = "names an interface that was not described and was passed over",
		[TOO_MUCH_CAPTURED] = "claims more captured bytes than it can hold and was passed over",
		[BAD_OPTIONS] = "has options that contradict their lengths and were ignored",
	};

	reader->damaged = true;
	if (is_first(ng, remark))
		capture_reader_damage(reader, "block", pcapng_block_start(block, reader), "%s (so are others like it)",
				      words[remark]);
	return 0;
}

static void tell_type(struct capture_pcapng *ng, struct capture_reader *reader, uint32_t link_type)
{
	const char *name = capture_link_name(link_type);

	reader->damaged = true;
	for (size_t i = 0; i < ng->types_told_count; i++)
		if (ng->types_told[i] == link_type)
			return;
	if (ng->types_told_count == CAPTURE_PCAPNG_TYPES_TOLD)
		return;
	ng->types_told[ng->types_told_count++] = link_type;
	capture_reader_tell(reader, "frames of link type %u (%s) cannot be decoded and are counted as unsupported",
			    link_type, name ? name : "unnamed");
}

/* ---- sections and interfaces ---- */

static void forget_interfaces(struct capture_pcapng *ng)
{
	for (size_t i = 0; i < ng->count; i++)
		pcapng_interface_clear(&ng->interfaces[i]);
	ng->count = 0;
}

static int read_section(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block)
{
	const uint8_t *head = cursor_take(&block->body, 16);
	struct pcapng_option option;
	int ret;

	if (!head)
		return pcapng_block_stop(reader, pcapng_block_start(block, reader), "length", block->length);
	if (load_16(ng->framing.order, head + 4) != 1)
		return pcapng_block_stop(reader, pcapng_block_start(block, reader), "pcapng version",
					 load_16(ng->framing.order, head + 4));
	if (ng->count > CAPTURE_PCAPNG_LISTED_MOST)
		forget_interfaces(ng);
	ng->section = ng->count;
	do
		ret = pcapng_option_next(&block->body, ng->framing.order, &option);
	while (ret > 0);
	return ret == 0 ? 0 : pass_over(ng, reader, block, BAD_OPTIONS);
}

/* The interface of that index in this section; NULL: there is none. */
static struct pcapng_interface *find_interface(const struct capture_pcapng *ng, uint32_t index)
{
	struct pcapng_interface *interface;

	if (index >= ng->count - ng->section)
		return NULL;
	interface = &ng->interfaces[ng->section + index];
	return interface->broken ? NULL : interface;
}

static struct pcapng_interface *add_interface(struct capture_pcapng *ng)
{
	if (ng->count == ng->room) {
		size_t room = ng->room ? 2 * ng->room : 4;
		struct pcapng_interface *larger = realloc(ng->interfaces, room * sizeof(*larger));

		if (!larger)
			return NULL;
		ng->interfaces = larger;
		ng->room = room;
	}
	ng->interfaces[ng->count] = (struct pcapng_interface){ 0 };
	return &ng->interfaces[ng->count++];
}

/* NAME of NAME=FILE, else if_name, else if<index in the section>; and the capture point of that name. */
static int name_interface(const struct capture_pcapng *ng, const struct capture_reader *reader,
			  struct pcapng_interface *interface)
{
	bool named = reader->point_name || interface->name;
	char number[16];

	if (reader->point_name || !named) {
		snprintf(number, sizeof(number), "if%u", (unsigned)(ng->count - ng->section - 1));
		free(interface->name);
		interface->name = strdup(named ? reader->point_name : number);
	}
	if (!interface->name)
		return -ENOMEM;
	interface->about.name = interface->name;
	if (!capture_link_is_supported(interface->about.link_type))
		return 0;
	interface->point = capture_points_get(reader->points, interface->name, named);
	return interface->point ? 1 : -ENOMEM;
}

static int read_interface(struct capture_pcapng *ng, struct capture_reader *reader, const struct pcapng_block *block,
			  struct capture_item *item)
{
	struct pcapng_interface *interface = add_interface(ng);
	int ret;

	if (!interface)
		return -ENOMEM;
	ret = pcapng_interface_describe(interface, ng->framing.order, block->body);
	if (ret == -EINVAL)
		return pass_over(ng, reader, block, TOO_SHORT);
	if (ret == 0)
		pass_over(ng, reader, block, BAD_OPTIONS);
	if (ret >= 0)
		ret = name_interface(ng, reader, interface);
	if (ret > 0)
		*item = (struct capture_item){
			.kind = CAPTURE_POINT,
			.point = interface->point->number,
			.appeared = interface->point,
		};
	return ret;
}

static int read_statistics(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block,
			   struct capture_item *item)
{
	const uint8_t *head = cursor_take(&block->body, 12);
	struct pcapng_interface *interface;
	uint64_t grown;

	if (!head)
		return pass_over(ng, reader, block, TOO_SHORT);
	interface = find_interface(ng, load_32(ng->framing.order, head));
	if (!interface)
		return pass_over(ng, reader, block, NO_INTERFACE);
	if (!pcapng_interface_statistics(interface, ng->framing.order, block->body, &grown))
		return pass_over(ng, reader, block, BAD_OPTIONS);
	if (grown == 0 || !interface->point)
		return 0;
	*item = (struct capture_item){ .kind = CAPTURE_LOSS, .point = interface->point->number, .lost = grown };
	return 1;
}

/* ---- packets ---- */

/* Flags and drops that an enhanced or obsolete packet block tells behind its frame. */
static void read_packet_options(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block,
				struct capture_item *item)
{
	static const uint8_t directions[4] = { FLOW_UNKNOWN, FLOW_INGRESS, FLOW_EGRESS, FLOW_UNKNOWN };
	struct pcapng_option option;
	int ret;

	while ((ret = pcapng_option_next(&block->body, ng->framing.order, &option)) > 0) {
		if (option.code == PACKET_FLAGS && option.length == 4)
			item->word = directions[load_32(ng->framing.order, option.value) & 3];
		else if (option.code == ENHANCED_DROPCOUNT && option.length == 8 &&
			 block->type == PCAPNG_ENHANCED_PACKET)
			item->lost = load_64(ng->framing.order, option.value);
	}
	if (ret < 0)
		pass_over(ng, reader, block, BAD_OPTIONS);
}

/* What is the same for every frame, when captured, original, bytes and lost stand in `item`. */
static int finish_frame(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_interface *interface,
			struct capture_item *item)
{
	if (interface->point)
		item->point = interface->point->number;
	else
		tell_type(ng, reader, interface->about.link_type);
	if (item->lost > 0)
		pcapng_interface_lose(interface, item->lost);
	item->kind = CAPTURE_FRAME;
	item->supported = interface->point != NULL;
	item->lost = item->supported ? item->lost : 0;
	item->link_type = interface->about.link_type;
	item->order = ng->framing.order;
	item->time_ns = reader->time_ns;
	if (item->original < item->captured)
		item->original = item->captured;
	return 1;
}

static void take_time(struct capture_pcapng *ng, struct capture_reader *reader, const struct pcapng_block *block,
		      const struct pcapng_interface *interface, const uint8_t *halves)
{
	uint64_t high = load_32(ng->framing.order, halves), low = load_32(ng->framing.order, halves + 4);

	if (!pcapng_interface_time(interface, high << 32 | low, &reader->time_ns) && is_first(ng, BAD_TIME))
		capture_reader_tell(reader,
				    "the block at byte %llu has a time outside of 1970 to 2262, taken as that of the "
				    "frame before it (so are others like it)",
				    (unsigned long long)pcapng_block_start(block, reader));
}

/* The enhanced block and its elder, which has a short interface number and a drop count in the same 4 bytes. */
static int read_packet(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block,
		       struct capture_item *item)
{
	const uint16_t unknown = 0xffff;
	bool obsolete = block->type == PCAPNG_OBSOLETE_PACKET;
	const uint8_t *head = cursor_take(&block->body, 20);
	struct pcapng_interface *interface;
	uint32_t captured;

	if (!head)
		return pass_over(ng, reader, block, TOO_SHORT);
	interface = find_interface(ng, obsolete ? load_16(ng->framing.order, head) : load_32(ng->framing.order, head));
	if (!interface)
		return pass_over(ng, reader, block, NO_INTERFACE);
	captured = load_32(ng->framing.order, head + 12);
	if (captured > CAPTURE_FRAME_MOST)
		return pass_over(ng, reader, block, TOO_MUCH_CAPTURED);
	*item = (struct capture_item){
		.captured = captured,
		.original = load_32(ng->framing.order, head + 16),
		.bytes = cursor_take(&block->body, captured),
	};
	if (!item->bytes)
		return pass_over(ng, reader, block, TOO_MUCH_CAPTURED);
	if (obsolete && load_16(ng->framing.order, head + 2) != unknown)
		item->lost = load_16(ng->framing.order, head + 2);
	cursor_take(&block->body, -captured % 4);
	if (cursor_left(&block->body) > 0)
		read_packet_options(ng, reader, block, item);
	take_time(ng, reader, block, interface, head + 4);
	return finish_frame(ng, reader, interface, item);
}

/* It tells neither interface, which is the first, nor captured length, nor time. */
static int read_simple_packet(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block,
			      struct capture_item *item)
{
	const uint8_t *head = cursor_take(&block->body, 4);
	struct pcapng_interface *interface = find_interface(ng, 0);
	uint32_t original, captured;

	if (!head)
		return pass_over(ng, reader, block, TOO_SHORT);
	if (!interface)
		return pass_over(ng, reader, block, NO_INTERFACE);
	captured = original = load_32(ng->framing.order, head);
	if (interface->about.snaplen > 0 && captured > interface->about.snaplen)
		captured = interface->about.snaplen;
	if (captured > cursor_left(&block->body))
		captured = (uint32_t)cursor_left(&block->body);
	if (captured > CAPTURE_FRAME_MOST)
		return pass_over(ng, reader, block, TOO_MUCH_CAPTURED);
	*item = (struct capture_item){ .captured = captured, .original = original, .bytes = block->body.at };
	return finish_frame(ng, reader, interface, item);
}

/* Takes enhanced packet blocks as nearly all are: whole in the buffer, of an interface that is decoded, without options
 * and without a fault. Stops before any other one, or when `room` items are there: how many. The time of the last one
 * is then the reader's. */
static inline size_t take_plain(const struct capture_pcapng *ng, enum byte_order order, struct capture_reader *reader,
				struct capture_item *items, size_t room)
{
	enum { FRAME = 28, AROUND = 32 }; /* where the frame begins; all bytes but its own */
	struct capture_input *input = &reader->input;
	const uint8_t *at = input->at;
	size_t count = 0;

	while (count < room && input->end - at >= AROUND && load_32(order, at) == PCAPNG_ENHANCED_PACKET) {
		uint32_t captured = load_32(order, at + 20), length = AROUND + (captured + 3) / 4 * 4;
		uint32_t original = load_32(order, at + 24);
		const struct pcapng_interface *interface = find_interface(ng, load_32(order, at + 8));
		uint64_t high = load_32(order, at + 12), low = load_32(order, at + 16);

		if (captured > CAPTURE_FRAME_MOST || length > (size_t)(input->end - at) ||
		    load_32(order, at + 4) != length || load_32(order, at + length - 4) != length || !interface ||
		    !interface->point || !pcapng_interface_time(interface, high << 32 | low, &reader->time_ns))
			break;
		items[count++] = (struct capture_item){
			.kind = CAPTURE_FRAME,
			.point = interface->point->number,
			.link_type = interface->about.link_type,
			.supported = true,
			.order = order,
			.captured = captured,
			.original = original > captured ? original : captured,
			.bytes = at + FRAME,
			.time_ns = reader->time_ns,
		};
		at += length;
	}
	input->at = at;
	return count;
}

/* 1: an item. 0: none. -ENOMEM. */
static int read_body(struct capture_pcapng *ng, struct capture_reader *reader, struct pcapng_block *block,
		     struct capture_item *item)
{
	switch (block->type) {
	case PCAPNG_SECTION_HEADER:
		return read_section(ng, reader, block);
	case PCAPNG_INTERFACE_DESCRIPTION:
		return read_interface(ng, reader, block, item);
	case PCAPNG_INTERFACE_STATISTICS:
		return read_statistics(ng, reader, block, item);
	case PCAPNG_SIMPLE_PACKET:
		return read_simple_packet(ng, reader, block, item);
	default:
		return read_packet(ng, reader, block, item);
	}
}

/* ---- the file ---- */

void capture_pcapng_close(struct capture_pcapng *ng)
{
	forget_interfaces(ng);
	free(ng->interfaces);
}

int capture_pcapng_read(struct capture_pcapng *ng, struct capture_reader *reader, struct capture_item *items,
			size_t room, bool wait, struct error *err)
{
	size_t count = 0;

	if (!ng->framing.skipping)
		count = ng->framing.order == ORDER_LITTLE ? take_plain(ng, ORDER_LITTLE, reader, items, room)
							  : take_plain(ng, ORDER_BIG, reader, items, room);
	/* Behind the first item the input must not be filled again: that would move the bytes of those before. */
	while (count < room && (count == 0 || pcapng_block_is_there(&ng->framing, reader))) {
		struct pcapng_block block;
		int ret = pcapng_block_next(&ng->framing, reader, &block, wait, err);

		if (ret > 0)
			ret = read_body(ng, reader, &block, &items[count]);
		else if (count == 0)
			return ret;
		if (ret == -ENOMEM)
			return fail_memory(err, capture_input_name(&reader->input));
		count += ret > 0;
		if (reader->ended)
			break;
	}
	return (int)count;
}

const struct capture_file_interface *capture_pcapng_interface(const struct capture_pcapng *ng, size_t index)
{
	return index < ng->count ? &ng->interfaces[index].about : NULL;
}
