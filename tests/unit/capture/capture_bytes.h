/* tests/unit/capture/capture_bytes.h - captures, made byte by byte, in either byte order. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_CAPTURE_BYTES_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_CAPTURE_BYTES_H

#include <assert.h>
#include <string.h>

#include "capture/cursor.h"

struct bytes {
	enum byte_order order;
	size_t length;
	size_t block; /* where the pcapng block begins that is being written */
	uint8_t at[1 << 16];
};

static inline void put(struct bytes *b, const void *from, size_t n)
{
	assert(n <= sizeof(b->at) - b->length);
	memcpy(b->at + b->length, from, n);
	b->length += n;
}

static inline void put_number(struct bytes *b, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t shift = 8 * (b->order == ORDER_BIG ? size - 1 - i : i);

		put(b, &(uint8_t){ (uint8_t)(value >> shift) }, 1);
	}
}

/* `n` bytes: 1, 2, 3 and so on. */
static inline void put_filler(struct bytes *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_number(b, i + 1, 1);
}

/* ---- classic ---- */

static inline void put_pcap_header(struct bytes *b, uint32_t magic, uint32_t link_type)
{
	put_number(b, magic, 4);
	put_number(b, 2, 2);
	put_number(b, 4, 2);
	put_number(b, 0, 8);
	put_number(b, 65535, 4);
	put_number(b, link_type, 4);
}

static inline void put_record(struct bytes *b, uint32_t seconds, uint32_t fraction, uint32_t captured,
			      uint32_t original)
{
	put_number(b, seconds, 4);
	put_number(b, fraction, 4);
	put_number(b, captured, 4);
	put_number(b, original, 4);
	put_filler(b, captured);
}

/* ---- pcapng ---- */

static inline void begin_block(struct bytes *b, uint32_t type)
{
	b->block = b->length;
	put_number(b, type, 4);
	put_number(b, 0, 4);
}

/* Pads, and writes the length into both its places. */
static inline void end_block(struct bytes *b)
{
	size_t end, length;

	while (b->length % 4)
		put_number(b, 0, 1);
	length = b->length + 4 - b->block;
	put_number(b, length, 4);
	end = b->length;
	b->length = b->block + 4;
	put_number(b, length, 4);
	b->length = end;
}

static inline void put_option(struct bytes *b, uint16_t code, const void *value, size_t size)
{
	put_number(b, code, 2);
	put_number(b, size, 2);
	put(b, value, size);
	while (b->length % 4)
		put_number(b, 0, 1);
}

static inline void put_number_option(struct bytes *b, uint16_t code, uint64_t value, size_t size)
{
	put_number(b, code, 2);
	put_number(b, size, 2);
	put_number(b, value, size);
	while (b->length % 4)
		put_number(b, 0, 1);
}

static inline void put_section(struct bytes *b)
{
	begin_block(b, 0x0a0d0d0a);
	put_number(b, 0x1a2b3c4d, 4);
	put_number(b, 1, 2);
	put_number(b, 0, 2);
	put_number(b, UINT64_MAX, 8);
	end_block(b);
}

/* An interface block, still open for options. */
static inline void begin_interface(struct bytes *b, uint16_t link_type, uint32_t snaplen)
{
	begin_block(b, 1);
	put_number(b, link_type, 2);
	put_number(b, 0, 2);
	put_number(b, snaplen, 4);
}

static inline void put_interface(struct bytes *b, uint16_t link_type, uint32_t snaplen, const char *name)
{
	begin_interface(b, link_type, snaplen);
	if (name)
		put_option(b, 2, name, strlen(name));
	end_block(b);
}

/* An enhanced packet block, still open for options. */
static inline void begin_packet(struct bytes *b, uint32_t interface, uint64_t time, uint32_t captured,
				uint32_t original)
{
	begin_block(b, 6);
	put_number(b, interface, 4);
	put_number(b, time >> 32, 4);
	put_number(b, time & UINT32_MAX, 4);
	put_number(b, captured, 4);
	put_number(b, original, 4);
	put_filler(b, captured);
	while (b->length % 4)
		put_number(b, 0, 1);
}

static inline void put_packet(struct bytes *b, uint32_t interface, uint64_t time, uint32_t captured, uint32_t original)
{
	begin_packet(b, interface, time, captured, original);
	end_block(b);
}

/* A statistics block, still open for options. */
static inline void begin_statistics(struct bytes *b, uint32_t interface)
{
	begin_block(b, 5);
	put_number(b, interface, 4);
	put_number(b, 0, 8);
}

#endif
