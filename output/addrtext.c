#include "output/addrtext.h"

#include <endian.h>
#include <string.h>

enum { GROUPS = 8, OCTETS = 16 };

/* Each octet in decimal with a dot behind it: four bytes of text, the first the lowest, and above them its length. */
#define TEXT(a, b, c, length) ((uint64_t)(length) << 32 | (uint32_t)'.' << 24 | (uint32_t)(c) << 16 | (b) << 8 | (a))
#define ONES(n)               TEXT('0' + (n), '.', '.', 2)
#define TENS(n)               TEXT('0' + (n) / 10, '0' + (n) % 10, '.', 3)
#define HUNDREDS(n)           TEXT('0' + (n) / 100, '0' + (n) / 10 % 10, '0' + (n) % 10, 4)
#define OCTET(n)              ((n) < 10 ? ONES(n) : (n) < 100 ? TENS(n) : HUNDREDS(n))
#define OCTETS4(n)            OCTET(n), OCTET((n) + 1), OCTET((n) + 2), OCTET((n) + 3)
#define OCTETS16(n)           OCTETS4(n), OCTETS4((n) + 4), OCTETS4((n) + 8), OCTETS4((n) + 12)
#define OCTETS64(n)           OCTETS16(n), OCTETS16((n) + 16), OCTETS16((n) + 32), OCTETS16((n) + 48)
static const uint64_t octet_texts[] = { OCTETS64(0), OCTETS64(64), OCTETS64(128), OCTETS64(192) };

char *output_addrtext_ipv4(char *out, const uint8_t octets[static 4])
{
	for (int i = 0; i < 4; i++) {
		uint64_t octet = octet_texts[octets[i]];
		uint32_t text = htole32((uint32_t)octet);

		memcpy(out, &text, sizeof(text));
		out += octet >> 32;
	}
	return out - 1;
}

/* The two hexadecimal digits of an octet, the first in the lower byte, each as its difference from '0': so that leading
 * zeros are 0. */
#define HEX(n)     ((n) < 10 ? (n) : ('a' - 10 + (n)) ^ '0')
#define PAIR(n)    (HEX((n) >> 4) | HEX((n)&0xf) << 8)
#define PAIRS4(n)  PAIR(n), PAIR((n) + 1), PAIR((n) + 2), PAIR((n) + 3)
#define PAIRS16(n) PAIRS4(n), PAIRS4((n) + 4), PAIRS4((n) + 8), PAIRS4((n) + 12)
#define PAIRS64(n) PAIRS16(n), PAIRS16((n) + 16), PAIRS16((n) + 32), PAIRS16((n) + 48)
static const uint16_t pairs[] = { PAIRS64(0), PAIRS64(64), PAIRS64(128), PAIRS64(192) };

/* The groups from `at` to `end`, a colon behind each. Leading zeros, of which the last digit is none, are shifted out. */
static char *put_groups(char *out, const uint8_t *at, const uint8_t *end)
{
	static const uint64_t zeros_and_colon = UINT64_C(0x3a30303030);

	for (; at < end; at += 2) {
		uint32_t digits = pairs[at[0]] | (uint32_t)pairs[at[1]] << 16;
		unsigned zeros = (unsigned)__builtin_ctz(digits | 1 << 24) & 0x18; /* bits of them */
		uint64_t text = htole64((digits ^ zeros_and_colon) >> zeros);

		memcpy(out, &text, sizeof(text));
		out = out - zeros / 8 + 5;
	}
	return out;
}

/* A bit for each group that is zero, the first group's the lowest. */
static unsigned zero_groups(const uint8_t octets[static 16])
{
	static const uint64_t low = UINT64_C(0x7fff7fff7fff7fff); /* all bits of a group but the highest */
	static const uint64_t gather = UINT64_C(0x1000200040008); /* brings bits 0, 16, 32, 48 to 48, 49, 50, 51 */
	unsigned zeros = 0;

	for (size_t half = 0; half < 2; half++) {
		uint64_t groups;

		memcpy(&groups, octets + 8 * half, sizeof(groups));
		groups = le64toh(groups);
		groups = ~(((groups & low) + low) | groups | low) >> 15; /* the lowest bit of each that is zero */
		zeros |= (unsigned)(groups * gather >> 48 & 0xf) << 4 * half;
	}
	return zeros;
}

/* The first of the longest runs of set bits in `zeros`: where it begins, and through `length` how long it is. */
static size_t longest_run(unsigned zeros, size_t *length)
{
	unsigned starts = 0;

	/* A bit that stays after n rounds begins a run of n + 1. */
	for (*length = 0; zeros; zeros &= zeros >> 1, ++*length)
		starts = zeros;
	return starts ? (size_t)__builtin_ctz(starts) : 0;
}

char *output_addrtext_ipv6(char *out, const uint8_t octets[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const char prefix[] = { ':', ':', 'f', 'f', 'f', 'f', ':' };
	const uint8_t *end = octets + OCTETS;
	size_t run, length;

	if (memcmp(octets, mapped, sizeof(mapped)) == 0) {
		memcpy(out, prefix, sizeof(prefix));
		return output_addrtext_ipv4(out + sizeof(prefix), octets + sizeof(mapped));
	}
	run = longest_run(zero_groups(octets), &length);
	if (length < 2)
		return put_groups(out, octets, end) - 1;
	out = put_groups(out, octets, octets + 2 * run);
	if (run == 0)
		*out++ = ':';
	*out++ = ':';
	if (run + length == GROUPS)
		return out;
	return put_groups(out, octets + 2 * (run + length), end) - 1;
}
