#include "capture/decompress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>
#if ENIFLOW_HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

/* Where a gzip file stands. Behind a member comes another one, padding or nothing; behind padding only more of it. */
enum place { IN_MEMBER, BEHIND_MEMBER, IN_PADDING };

struct capture_decompress {
	enum capture_compression compression;
	enum place place;
	z_stream gzip;
#if ENIFLOW_HAVE_ZSTD
	ZSTD_DStream *zstd;
	size_t wanted; /* bytes that the library asks for; 0: it stands between frames */
	bool has_more; /* than there was room for */
#endif
};

static int start_gzip(struct capture_decompress *d)
{
	const int gzip_only = 16;

	return inflateInit2(&d->gzip, MAX_WBITS + gzip_only) == Z_OK ? 0 : -ENOMEM;
}

/* Up to the next member, if there is one. 1: inside it. 0: the bytes are used up. -EINVAL: something else stands
 * there. */
static int next_member(struct capture_decompress *d, struct capture_piece *piece, const char **why)
{
	const uint8_t magic = 0x1f;

	while (piece->in < piece->in_end && *piece->in == 0) {
		d->place = IN_PADDING;
		piece->in++;
	}
	if (piece->in == piece->in_end)
		return 0;
	if (d->place == IN_PADDING || *piece->in != magic) {
		*why = "something that is not gzip stands behind it";
		return -EINVAL;
	}
	inflateReset(&d->gzip);
	d->place = IN_MEMBER;
	return 1;
}

static int run_gzip(struct capture_decompress *d, struct capture_piece *piece, const char **why)
{
	int ret;

	do {
		ret = d->place == IN_MEMBER ? 1 : next_member(d, piece, why);
		if (ret <= 0)
			return ret;
		d->gzip.next_in = piece->in;
		d->gzip.avail_in = (uInt)(piece->in_end - piece->in);
		d->gzip.next_out = piece->out;
		d->gzip.avail_out = (uInt)(piece->out_end - piece->out);
		ret = inflate(&d->gzip, Z_SYNC_FLUSH);
		piece->in = d->gzip.next_in;
		piece->out = d->gzip.next_out;
		if (ret == Z_STREAM_END)
			d->place = BEHIND_MEMBER;
	} while (ret == Z_STREAM_END);

	if (ret == Z_OK || ret == Z_BUF_ERROR) /* the latter: nothing to do, which is no fault */
		return 0;
	if (ret == Z_MEM_ERROR)
		return -ENOMEM;
	*why = d->gzip.msg ? d->gzip.msg : zError(ret);
	return -EINVAL;
}

#if ENIFLOW_HAVE_ZSTD
static int start_zstd(struct capture_decompress *d)
{
	d->zstd = ZSTD_createDStream();
	return d->zstd && !ZSTD_isError(ZSTD_initDStream(d->zstd)) ? 0 : -ENOMEM;
}

/* How much of `left` bytes to hand to the library. When it meets a fault it forgets what it has decoded in the same
 * call, so a call must not reach beyond one block: `wanted` is what it asked for, with the next block's header. At
 * the start of a frame it must not see the whole frame, or else it decodes it at one go. */
static size_t zstd_step(const struct capture_decompress *d, size_t left)
{
	const size_t block_header = 3, frame_start = 5;
	size_t step = d->wanted == 0 ? frame_start : d->wanted > block_header ? d->wanted - block_header : d->wanted;

	if (d->has_more)
		return 0;
	return step < left ? step : left;
}

static int run_zstd(struct capture_decompress *d, struct capture_piece *piece, const char **why)
{
	while (piece->out < piece->out_end && (piece->in < piece->in_end || d->has_more)) {
		ZSTD_inBuffer in = { piece->in, zstd_step(d, (size_t)(piece->in_end - piece->in)), 0 };
		ZSTD_outBuffer out = { piece->out, (size_t)(piece->out_end - piece->out), 0 };
		size_t ret = ZSTD_decompressStream(d->zstd, &out, &in);

		if (ZSTD_isError(ret)) {
			*why = ZSTD_getErrorName(ret);
			return ZSTD_getErrorCode(ret) == ZSTD_error_memory_allocation ? -ENOMEM : -EINVAL;
		}
		piece->in += in.pos;
		piece->out += out.pos;
		d->wanted = ret;
		d->has_more = ret > 0 && piece->out == piece->out_end;
	}
	return 0;
}
#else
static int start_zstd(struct capture_decompress *d)
{
	(void)d;
	return -ENOTSUP;
}
#endif

int capture_decompress_new(struct capture_decompress **out, enum capture_compression compression, struct error *err)
{
	struct capture_decompress *d = calloc(1, sizeof(*d));
	int ret = -ENOMEM;

	if (d) {
		d->compression = compression;
		ret = compression == CAPTURE_GZIP ? start_gzip(d) : start_zstd(d);
	}
	if (ret < 0) {
		capture_decompress_free(d);
		return ret == -ENOMEM
			       ? fail_memory(err, "decompression")
			       : fail(err, ENOTSUP, "this build cannot read zstd: install libzstd-dev and build again");
	}
	*out = d;
	return 0;
}

void capture_decompress_free(struct capture_decompress *d)
{
	if (!d)
		return;
	inflateEnd(&d->gzip); /* does nothing to one that was not started */
#if ENIFLOW_HAVE_ZSTD
	ZSTD_freeDStream(d->zstd);
#endif
	free(d);
}

int capture_decompress_run(struct capture_decompress *d, struct capture_piece *piece, const char **why)
{
#if ENIFLOW_HAVE_ZSTD
	if (d->compression == CAPTURE_ZSTD)
		return run_zstd(d, piece, why);
#endif
	return run_gzip(d, piece, why);
}

bool capture_decompress_is_whole(const struct capture_decompress *d)
{
#if ENIFLOW_HAVE_ZSTD
	if (d->compression == CAPTURE_ZSTD)
		return d->wanted == 0;
#endif
	return d->place != IN_MEMBER;
}

const char *capture_decompress_library(enum capture_compression compression)
{
	static char text[32];

	switch (compression) {
	case CAPTURE_GZIP:
		snprintf(text, sizeof(text), "zlib %s", zlibVersion());
		return text;
	case CAPTURE_ZSTD:
#if ENIFLOW_HAVE_ZSTD
		snprintf(text, sizeof(text), "libzstd %s", ZSTD_versionString());
		return text;
#endif
	case CAPTURE_PLAIN:
		break;
	}
	return NULL;
}
