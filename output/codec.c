#include "output/codec.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>
#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#endif
#if ENIFLOW_HAVE_SNAPPY
#include <snappy-c.h>
#endif

/* zlib's own choice, 6, takes half as long again and makes pages of flow records 1.4 % smaller. */
enum { GZIP_LEVEL = 5 };

enum { GZIP_HEADER = 16 }; /* added to the window bits: a gzip header, in which zlib leaves the time at 0 */

struct output_packer {
	enum output_codec codec;
	z_stream gzip;
#if ENIFLOW_HAVE_ZSTD
	ZSTD_CCtx *zstd;
#endif
};

const char *output_codec_name(enum output_codec codec)
{
	static const char *const names[OUTPUT_CODEC_END] = {
		[OUTPUT_CODEC_GZIP] = "gzip",
		[OUTPUT_CODEC_ZSTD] = "zstd",
		[OUTPUT_CODEC_SNAPPY] = "snappy",
		[OUTPUT_CODEC_NONE] = "none",
	};

	return names[codec];
}

int output_codec_check(enum output_codec codec, struct error *err)
{
	if (codec == OUTPUT_CODEC_ZSTD && !ENIFLOW_HAVE_ZSTD)
		return fail(err, ENOTSUP, "zstd: this build has no libzstd; install libzstd-dev and build again");
	if (codec == OUTPUT_CODEC_SNAPPY && !ENIFLOW_HAVE_SNAPPY)
		return fail(err, ENOTSUP, "snappy: this build has no libsnappy; install libsnappy-dev and build again");
	return 0;
}

/* Takes what the codec keeps between blocks. Returns false for want of memory. */
static bool prepare(struct output_packer *packer)
{
	if (packer->codec == OUTPUT_CODEC_GZIP)
		return deflateInit2(&packer->gzip, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_HEADER, MAX_MEM_LEVEL,
				    Z_DEFAULT_STRATEGY) == Z_OK;
#if ENIFLOW_HAVE_ZSTD
	if (packer->codec == OUTPUT_CODEC_ZSTD) {
		packer->zstd = ZSTD_createCCtx();
		return packer->zstd != NULL;
	}
#endif
	return true;
}

struct output_packer *output_packer_new(enum output_codec codec, struct error *err)
{
	struct output_packer *packer;

	if (output_codec_check(codec, err) < 0)
		return NULL;
	packer = calloc(1, sizeof(*packer));
	if (packer) {
		packer->codec = codec;
		if (prepare(packer))
			return packer;
		free(packer);
	}
	fail_memory(err, output_codec_name(codec));
	return NULL;
}

void output_packer_free(struct output_packer *packer)
{
	if (!packer)
		return;
	if (packer->codec == OUTPUT_CODEC_GZIP)
		deflateEnd(&packer->gzip);
#if ENIFLOW_HAVE_ZSTD
	if (packer->codec == OUTPUT_CODEC_ZSTD)
		ZSTD_freeCCtx(packer->zstd);
#endif
	free(packer);
}

static int pack_gzip(struct output_packer *packer, const void *bytes, size_t size, struct output_buffer *out,
		     struct error *err)
{
	z_stream *stream = &packer->gzip;
	size_t bound;
	char *room;

	deflateReset(stream); /* first: at the end of a block, zlib knows no bound */
	bound = deflateBound(stream, size);
	if (bound > UINT_MAX)
		return fail(err, EOVERFLOW, "gzip: %zu bytes are too many for one block", size);
	room = output_buffer_room(out, bound);
	if (!room)
		return fail_memory(err, "gzip");
	stream->next_in = bytes;
	stream->avail_in = (uInt)size;
	stream->next_out = (unsigned char *)room;
	stream->avail_out = (uInt)bound;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return fail(err, EIO, "gzip: its state was overwritten");
	out->length += bound - stream->avail_out;
	return 0;
}

#if ENIFLOW_HAVE_ZSTD
static int pack_zstd(struct output_packer *packer, const void *bytes, size_t size, struct output_buffer *out,
		     struct error *err)
{
	size_t bound = ZSTD_compressBound(size), taken;
	char *room;

	if (ZSTD_isError(bound))
		return fail(err, EOVERFLOW, "zstd: %zu bytes are too many for one block", size);
	room = output_buffer_room(out, bound);
	if (!room)
		return fail_memory(err, "zstd");
	taken = ZSTD_compressCCtx(packer->zstd, room, bound, bytes, size, ZSTD_CLEVEL_DEFAULT);
	if (ZSTD_isError(taken))
		return fail(err, ENOMEM, "zstd: %s", ZSTD_getErrorName(taken));
	out->length += taken;
	return 0;
}
#endif

#if ENIFLOW_HAVE_SNAPPY
static int pack_snappy(const void *bytes, size_t size, struct output_buffer *out, struct error *err)
{
	size_t taken = snappy_max_compressed_length(size);
	char *room;

	if (size > UINT32_MAX)
		return fail(err, EOVERFLOW, "snappy: %zu bytes are too many for one block", size);
	room = output_buffer_room(out, taken);
	if (!room)
		return fail_memory(err, "snappy");
	if (snappy_compress(bytes, size, room, &taken) != SNAPPY_OK)
		return fail(err, EIO, "snappy: the block did not fit where it must");
	out->length += taken;
	return 0;
}
#endif

static int copy(const void *bytes, size_t size, struct output_buffer *out, struct error *err)
{
	output_buffer_append(out, bytes, size);
	return out->failed ? fail_memory(err, "page") : 0;
}

int output_packer_pack(struct output_packer *packer, const void *bytes, size_t size, struct output_buffer *out,
		       struct error *err)
{
	switch (packer->codec) {
	case OUTPUT_CODEC_GZIP:
		return pack_gzip(packer, bytes, size, out, err);
#if ENIFLOW_HAVE_ZSTD
	case OUTPUT_CODEC_ZSTD:
		return pack_zstd(packer, bytes, size, out, err);
#endif
#if ENIFLOW_HAVE_SNAPPY
	case OUTPUT_CODEC_SNAPPY:
		return pack_snappy(bytes, size, out, err);
#endif
	default:
		return copy(bytes, size, out, err);
	}
}
