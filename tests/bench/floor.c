/* The least that any meter does, to be held against: maps a capture, walks its records and looks at both addresses of
 * each packet (IPv4 or IPv6 right over Ethernet), which it adds up. One thread. Prints packets and sum, so that no
 * compiler may leave the work out. pcap of either byte order and pcapng. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ETHERNET = 14, PCAP_HEAD = 24, RECORD_HEAD = 16, PACKET_BLOCK_HEAD = 28, SIMPLE_BLOCK_HEAD = 12 };

struct sum {
	uint64_t packets, addresses;
};

static uint32_t load(const uint8_t *at, bool swapped)
{
	uint32_t word;

	memcpy(&word, at, 4);
	return swapped ? __builtin_bswap32(word) : word;
}

static void add_words(struct sum *sum, const uint8_t *at, int words)
{
	for (int i = 0; i < words; i++)
		sum->addresses += load(at + 4 * i, false);
}

static void add_frame(struct sum *sum, const uint8_t *frame, size_t length)
{
	sum->packets++;
	if (length >= ETHERNET + 20 && frame[12] == 0x08 && frame[13] == 0x00)
		add_words(sum, frame + ETHERNET + 12, 2);
	else if (length >= ETHERNET + 40 && frame[12] == 0x86 && frame[13] == 0xdd)
		add_words(sum, frame + ETHERNET + 8, 8);
}

static void walk_pcap(struct sum *sum, const uint8_t *at, const uint8_t *end, bool swapped)
{
	for (at += PCAP_HEAD; end - at >= RECORD_HEAD;) {
		uint32_t length = load(at + 8, swapped);

		at += RECORD_HEAD;
		if (length > (size_t)(end - at))
			return;
		add_frame(sum, at, length);
		at += length;
	}
}

static void add_block(struct sum *sum, const uint8_t *block, uint32_t length, bool swapped)
{
	uint32_t type = load(block, swapped), captured;

	if (type == 6 && length >= PACKET_BLOCK_HEAD + 4) {
		captured = load(block + 20, swapped);
		if (captured <= length - PACKET_BLOCK_HEAD - 4)
			add_frame(sum, block + PACKET_BLOCK_HEAD, captured);
	} else if (type == 3 && length >= SIMPLE_BLOCK_HEAD + 4) {
		captured = load(block + 8, swapped);
		if (captured <= length - SIMPLE_BLOCK_HEAD - 4)
			add_frame(sum, block + SIMPLE_BLOCK_HEAD, captured);
	}
}

static void walk_pcapng(struct sum *sum, const uint8_t *at, const uint8_t *end)
{
	bool swapped = false;

	while (end - at >= 12) {
		uint32_t length;

		if (load(at, false) == 0x0a0d0d0a)
			swapped = load(at + 8, false) != 0x1a2b3c4d;
		length = load(at + 4, swapped);
		if (length < 12 || length % 4 || length > (size_t)(end - at))
			return;
		add_block(sum, at, length, swapped);
		at += length;
	}
}

static int complain(const char *path, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", path, why);
	return 2;
}

static int walk(const char *path, const uint8_t *bytes, size_t size)
{
	struct sum sum = { 0 };
	uint32_t magic = load(bytes, false), turned = load(bytes, true);

	if (magic == 0x0a0d0d0a)
		walk_pcapng(&sum, bytes, bytes + size);
	else if (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d || turned == 0xa1b2c3d4 || turned == 0xa1b23c4d)
		walk_pcap(&sum, bytes, bytes + size, turned == 0xa1b2c3d4 || turned == 0xa1b23c4d);
	else
		return complain(path, "neither pcap nor pcapng");
	printf("%" PRIu64 " packets, sum of addresses %016" PRIx64 "\n", sum.packets, sum.addresses);
	return 0;
}

int main(int argc, char **argv)
{
	struct stat stat;
	const uint8_t *bytes;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: floor CAPTURE\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &stat) < 0)
		return complain(argv[1], strerror(errno));
	if (stat.st_size < PCAP_HEAD)
		return complain(argv[1], "too short to be a capture");
	bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return complain(argv[1], strerror(errno));
	madvise((void *)bytes, (size_t)stat.st_size, MADV_SEQUENTIAL);
	return walk(argv[1], bytes, (size_t)stat.st_size);
}
