#include "capture/pcapng_block.h"

#include <errno.h>

enum { SECTION_HEADER_LEAST = PCAPNG_HEADER + 16 };

static bool find_order(const uint8_t magic[static 4], enum byte_order *out)
{
	const uint32_t number = 0x1a2b3c4d;

	*out = load_32(ORDER_BIG, magic) == number ? ORDER_BIG : ORDER_LITTLE;
	return load_32(*out, magic) == number;
}

static bool is_interpreted(uint32_t type)
{
	switch (type) {
	case PCAPNG_SECTION_HEADER:
	case PCAPNG_INTERFACE_DESCRIPTION:
	case PCAPNG_OBSOLETE_PACKET:
	case PCAPNG_SIMPLE_PACKET:
	case PCAPNG_INTERFACE_STATISTICS:
	case PCAPNG_ENHANCED_PACKET:
		return true;
	default:
		return false;
	}
}

uint64_t pcapng_block_start(const struct pcapng_block *block, const struct capture_reader *reader)
{
	return capture_input_offset(&reader->input) - block->length;
}

int pcapng_block_stop(struct capture_reader *reader, uint64_t start, const char *what, uint32_t value)
{
	capture_reader_damage(reader, "block", start,
			      "has a %s of %u, which cannot be; all before it was read, nothing behind it", what,
			      value);
	return capture_reader_stop(reader);
}

int pcapng_block_begin(struct capture_reader *reader, struct error *err)
{
	struct capture_input *input = &reader->input;
	const char *file = capture_input_name(input);
	enum byte_order order;
	int ret;

	if (!find_order(input->at + 8, &order))
		return fail(err, EINVAL,
			    "%s is no capture: its section header has the byte-order magic %08x, which is not pcapng's",
			    file, load_be32(input->at + 8));
	/* With its magic it is a capture. What else is wrong with the block ends the file as in any other block. */
	ret = capture_input_need(input, SECTION_HEADER_LEAST, true, err);
	if (ret > 0 && load_16(order, input->at + 12) != 1)
		return fail(err, EINVAL, "%s: version %u.%u of the pcapng format is not known, only 1.x is", file,
			    load_16(order, input->at + 12), load_16(order, input->at + 14));
	return ret < 0 ? ret : 0;
}

/* Moves on behind the block that is being skipped. 1, or as capture_file_read(). */
static int skip_on(struct pcapng_framing *framing, struct capture_reader *reader, bool wait, struct error *err)
{
	struct capture_input *input = &reader->input;
	int ret = capture_input_skip(input, &framing->skip_left, wait, err);
	uint32_t trailing;

	if (ret > 0)
		ret = capture_input_need(input, sizeof(trailing), wait, err);
	if (ret <= 0)
		return ret < 0 ? ret : capture_reader_end(reader, "block", framing->skip_start, framing->skip_length);
	trailing = load_32(framing->order, input->at);
	if (trailing != framing->skip_length)
		return pcapng_block_stop(reader, framing->skip_start, "second length", trailing);
	capture_input_take(input, sizeof(trailing));
	framing->skipping = false;
	return 1;
}

/* Type and length of the next block, and the byte order it is written in. 1, or as capture_file_read(). */
static int read_head(struct pcapng_framing *framing, struct capture_reader *reader, struct pcapng_block *block,
		     bool wait, struct error *err)
{
	struct capture_input *input = &reader->input;
	int ret = capture_input_need(input, PCAPNG_HEADER, wait, err);

	if (ret <= 0)
		return ret < 0 ? ret : capture_reader_end(reader, "block", capture_input_offset(input), PCAPNG_HEADER);
	block->type = load_32(framing->order, input->at);
	if (block->type == PCAPNG_SECTION_HEADER && !find_order(input->at + 8, &framing->order))
		return pcapng_block_stop(reader, capture_input_offset(input), "byte-order magic",
					 load_be32(input->at + 8));
	block->length = load_32(framing->order, input->at + 4);
	if (block->length < PCAPNG_HEADER || block->length % 4 != 0 ||
	    (block->length > CAPTURE_INPUT_MOST && is_interpreted(block->type)))
		return pcapng_block_stop(reader, capture_input_offset(input), "length", block->length);
	return 1;
}

/* The rest of an interpreted block. 1, or as capture_file_read(). */
static int read_rest(const struct pcapng_framing *framing, struct capture_reader *reader, struct pcapng_block *block,
		     bool wait, struct error *err)
{
	struct capture_input *input = &reader->input;
	int ret = capture_input_need(input, block->length, wait, err);
	uint32_t trailing;

	if (ret <= 0)
		return ret < 0 ? ret : capture_reader_end(reader, "block", capture_input_offset(input), block->length);
	trailing = load_32(framing->order, input->at + block->length - sizeof(trailing));
	if (trailing != block->length)
		return pcapng_block_stop(reader, capture_input_offset(input), "second length", trailing);
	block->body = cursor_of(input->at + 8, block->length - PCAPNG_HEADER);
	capture_input_take(input, block->length);
	return 1;
}

bool pcapng_block_is_there(const struct pcapng_framing *framing, const struct capture_reader *reader)
{
	const struct capture_input *input = &reader->input;
	size_t left = (size_t)(input->end - input->at);

	/* A section header may change the byte order: what its length is, read_head() finds out. */
	return !framing->skipping && left >= PCAPNG_HEADER && load_32(framing->order, input->at + 4) <= left &&
	       load_32(framing->order, input->at) != PCAPNG_SECTION_HEADER &&
	       is_interpreted(load_32(framing->order, input->at));
}

int pcapng_block_next(struct pcapng_framing *framing, struct capture_reader *reader, struct pcapng_block *block,
		      bool wait, struct error *err)
{
	int ret = 1;

	for (;;) {
		if (framing->skipping)
			ret = skip_on(framing, reader, wait, err);
		if (ret > 0)
			ret = read_head(framing, reader, block, wait, err);
		if (ret <= 0)
			return ret;
		if (is_interpreted(block->type))
			return read_rest(framing, reader, block, wait, err);
		framing->skipping = true;
		framing->skip_start = capture_input_offset(&reader->input);
		framing->skip_length = block->length;
		framing->skip_left = block->length - sizeof(block->length);
	}
}
