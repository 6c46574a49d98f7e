#include "output/utf8.h"

int32_t output_utf8_next(const char **at)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 }; /* that needs so many octets more */
	const unsigned char *octets = (const unsigned char *)*at;
	int more = octets[0] < 0x80 ? 0 : octets[0] < 0xc0 ? -1 : octets[0] < 0xe0 ? 1 : octets[0] < 0xf0 ? 2 : 3;
	int32_t point;

	if (more < 0 || octets[0] > 0xf7)
		return -1;
	point = more ? octets[0] & 0x3f >> more : octets[0];
	for (int i = 1; i <= more; i++) {
		if ((octets[i] & 0xc0) != 0x80) /* the end mark too */
			return -1;
		point = point << 6 | (octets[i] & 0x3f);
	}
	if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return -1;
	*at += more + 1;
	return point;
}
