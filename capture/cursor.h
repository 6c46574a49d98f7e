/* capture/cursor.h - the one checked door to bytes that strangers wrote.
 *
 * Lengths are checked by subtraction, so nothing wraps. Loads work at any alignment. */
#ifndef ENIFLOW_CAPTURE_CURSOR_H
#define ENIFLOW_CAPTURE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at, *end;
};

static inline struct cursor cursor_of(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	return (struct cursor){ at, at + length };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* The next n bytes, behind which the cursor then stands; NULL (and no move) when fewer are left. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *p = c->at;

	if (n > cursor_left(c))
		return NULL;
	c->at += n;
	return p;
}

/* Forgets what lies behind the next n bytes; does nothing when fewer are left. */
static inline void cursor_limit(struct cursor *c, size_t n)
{
	if (n < cursor_left(c))
		c->end = c->at + n;
}

/* Network byte order, as nearly everything in a packet. */
static inline uint16_t load_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The byte order of whoever wrote a capture file. */
enum byte_order { ORDER_LITTLE, ORDER_BIG };

static inline uint16_t load_16(enum byte_order order, const uint8_t *p)
{
	return (uint16_t)(order == ORDER_BIG ? p[0] << 8 | p[1] : p[1] << 8 | p[0]);
}

static inline uint32_t load_32(enum byte_order order, const uint8_t *p)
{
	return order == ORDER_BIG ? load_be32(p)
				  : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t load_64(enum byte_order order, const uint8_t *p)
{
	uint64_t first = load_32(order, p), second = load_32(order, p + 4);

	return order == ORDER_BIG ? first << 32 | second : second << 32 | first;
}

#endif
