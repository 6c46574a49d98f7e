#include "output/addrtext.h"

#include <string.h>

enum { GROUPS = 8 };

/* Every digit is stored; whether the next one goes behind it or over it depends on the value, and nothing branches. */
char *output_addrtext_ipv4(char *out, const uint8_t octets[static 4])
{
	for (int i = 0; i < 4; i++) {
		unsigned octet = octets[i], tens = octet / 10;

		*out = (char)('0' + octet / 100);
		out += octet >= 100;
		*out = (char)('0' + tens % 10);
		out += octet >= 10;
		*out++ = (char)('0' + octet - tens * 10);
		*out++ = '.';
	}
	return out - 1;
}

/* The group and a colon. */
static char *group(char *out, unsigned value)
{
	static const char hex[] = "0123456789abcdef";

	*out = hex[value >> 12];
	out += value > 0xfff;
	*out = hex[value >> 8 & 0xf];
	out += value > 0xff;
	*out = hex[value >> 4 & 0xf];
	out += value > 0xf;
	*out++ = hex[value & 0xf];
	*out++ = ':';
	return out;
}

/* The first of the longest runs of set bits in `zeros`: where it begins, and through `length` how long it is. */
static int longest_run(unsigned zeros, int *length)
{
	unsigned starts = 0;

	/* A bit that stays after n rounds begins a run of n + 1. */
	for (*length = 0; zeros; zeros &= zeros >> 1, ++*length)
		starts = zeros;
	return starts ? __builtin_ctz(starts) : 0;
}

char *output_addrtext_ipv6(char *out, const uint8_t octets[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const char prefix[] = { ':', ':', 'f', 'f', 'f', 'f', ':' };
	unsigned groups[GROUPS], zeros = 0;
	int run, length;

	if (memcmp(octets, mapped, sizeof(mapped)) == 0) {
		memcpy(out, prefix, sizeof(prefix));
		return output_addrtext_ipv4(out + sizeof(prefix), octets + sizeof(mapped));
	}
	for (size_t i = 0; i < GROUPS; i++) {
		groups[i] = (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
		zeros |= (unsigned)(groups[i] == 0) << i;
	}
	run = longest_run(zeros, &length);
	if (length < 2)
		run = length = 0;
	for (int i = 0; i < run; i++)
		out = group(out, groups[i]);
	if (length && run == 0)
		*out++ = ':';
	if (length)
		*out++ = ':';
	for (int i = run + length; i < GROUPS; i++)
		out = group(out, groups[i]);
	return run + length == GROUPS ? out : out - 1;
}
