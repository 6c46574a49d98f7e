/* The reader of pcapng: the bytes are read as they are, and once more behind a section header and two interfaces, so
 * that mutations need not keep these alive to reach the packets. */
#include "capture_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const uint8_t start[] = {
	0x0a, 0x0d, 0x0d, 0x0a, 28,   0,    0,    0,    0x4d, 0x3c, 0x2b, 0x1a, 1,  0, 0, 0, /* section header, little-endian */
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28,   0,    0,    0,                 /* of unknown length */
	1,    0,    0,    0,    20,   0,    0,    0,    1,    0,    0,    0,    64, 0, 0, 0, 20,
	0,    0,    0, /* Ethernet, 64 bytes of each frame */
	1,    0,    0,    0,    20,   0,    0,    0,    192,  0,    0,    0,    0,  0, 0, 0, 20,
	0,    0,    0, /* a type that is not decoded */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t *all = malloc(sizeof(start) + length);

	WALK_CHECK(all != NULL);
	memcpy(all, start, sizeof(start));
	if (length > 0)
		memcpy(all + sizeof(start), bytes, length);
	capture_walk(bytes, length);
	capture_walk(all, sizeof(start) + length);
	free(all);
	return 0;
}
