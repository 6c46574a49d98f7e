#define ZLIB_CONST /* next_in points to const */

#include "logs/unpack.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>
#if ENIFLOW_HAVE_SNAPPY
#include <snappy-c.h>
#endif
#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#endif

enum { GZIP_OR_ZLIB = 32 + MAX_WBITS };

/* `package`: what a build without it lacks; NULL: no build reads it. `ratio`: of what it can make of nothing at best. */
static const struct {
	const char *name, *package;
	uint32_t ratio;
	bool is_here;
} codecs[LOG_CODEC_END] = {
	[LOG_CODEC_NONE] = { "nothing", NULL, 1, true },
	[LOG_CODEC_SNAPPY] = { "snappy", "libsnappy-dev", 24, ENIFLOW_HAVE_SNAPPY }, /* 64 bytes of 3 */
	[LOG_CODEC_GZIP] = { "gzip", NULL, 1040, true },                             /* 258 bytes of 2 bits */
	[LOG_CODEC_LZO] = { "LZO", NULL, 0, false },
	[LOG_CODEC_BROTLI] = { "brotli", NULL, 0, false },
	[LOG_CODEC_LZ4] = { "LZ4", NULL, 0, false },
	[LOG_CODEC_ZSTD] = { "zstd", "libzstd-dev", 1 << 15, ENIFLOW_HAVE_ZSTD }, /* 128 KiB of 4 bytes */
	[LOG_CODEC_LZ4_RAW] = { "LZ4", NULL, 0, false },
};

int log_unpack_check(unsigned codec, const char *what, struct error *err)
{
	if (codec >= LOG_CODEC_END)
		return fail(err, ENOTSUP, "%s is compressed in a way that is not known here (number %u)", what, codec);
	if (codecs[codec].is_here)
		return 0;
	if (codecs[codec].package)
		return fail(err, ENOTSUP,
			    "%s is compressed with %s, and this build has no %s; install %s and build again", what,
			    codecs[codec].name, codecs[codec].name, codecs[codec].package);
	return fail(err, ENOTSUP,
		    "%s is compressed with %s, which is not read here: write it with gzip, zstd, snappy or no "
		    "compression",
		    what, codecs[codec].name);
}

uint64_t log_unpack_most(unsigned codec, uint64_t length)
{
	return length < UINT64_MAX / codecs[codec].ratio ? length * codecs[codec].ratio : UINT64_MAX;
}

/* One member of gzip's behind another, as the format wants it of readers. */
static const char *unpack_gzip(const void *block, size_t length, void *out, size_t room)
{
	z_stream stream = { .next_in = block, .next_out = out };
	int ret;

	if (length > UINT32_MAX || room > UINT32_MAX)
		return "it is larger than any page";
	if (inflateInit2(&stream, GZIP_OR_ZLIB) != Z_OK)
		return "there is no memory to decompress it";
	stream.avail_in = (uInt)length;
	stream.avail_out = (uInt)room;
	while ((ret = inflate(&stream, Z_FINISH)) == Z_STREAM_END && stream.avail_in > 0 && stream.avail_out > 0)
		inflateReset(&stream);
	inflateEnd(&stream);
	return ret == Z_STREAM_END && stream.avail_out == 0 ? NULL : "its gzip data is damaged";
}

static const char *unpack_snappy(const void *block, size_t length, void *out, size_t room)
{
#if ENIFLOW_HAVE_SNAPPY
	size_t unpacked;

	if (snappy_uncompressed_length(block, length, &unpacked) == SNAPPY_OK && unpacked == room &&
	    snappy_uncompress(block, length, out, &unpacked) == SNAPPY_OK && unpacked == room)
		return NULL;
#else
	(void)block;
	(void)length;
	(void)out;
	(void)room;
#endif
	return "its snappy data is damaged";
}

static const char *unpack_zstd(const void *block, size_t length, void *out, size_t room)
{
#if ENIFLOW_HAVE_ZSTD
	if (ZSTD_decompress(out, room, block, length) == room)
		return NULL;
#else
	(void)block;
	(void)length;
	(void)out;
	(void)room;
#endif
	return "its zstd data is damaged";
}

const char *log_unpack(unsigned codec, const void *block, size_t length, void *out, size_t room)
{
	switch (codec) {
	case LOG_CODEC_GZIP:
		return unpack_gzip(block, length, out, room);
	case LOG_CODEC_SNAPPY:
		return unpack_snappy(block, length, out, room);
	case LOG_CODEC_ZSTD:
		return unpack_zstd(block, length, out, room);
	default:
		break;
	}
	if (length != room)
		return "its two lengths differ";
	memcpy(out, block, room);
	return NULL;
}
