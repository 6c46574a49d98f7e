#include "output/gzip.h"

#include <errno.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

enum { GZIP_HEADER = 16 }; /* added to the window bits: a gzip header, in which zlib leaves the time at 0 */

struct gzip {
	struct output_compressor base;
	z_stream stream;
	unsigned char out[64 * 1024];
};

static int push(struct output_compressor *compressor, const void *bytes, size_t size, enum output_push then,
		const struct output_outlet *outlet, struct error *err)
{
	static const int flushes[] = {
		[OUTPUT_MORE] = Z_NO_FLUSH, [OUTPUT_PAUSE] = Z_SYNC_FLUSH, [OUTPUT_END] = Z_FINISH
	};
	struct gzip *gzip = (struct gzip *)compressor;
	int ret = 0;

	gzip->stream.next_in = bytes;
	gzip->stream.avail_in = (uInt)size;
	do {
		gzip->stream.next_out = gzip->out;
		gzip->stream.avail_out = sizeof(gzip->out);
		if (deflate(&gzip->stream, flushes[then]) == Z_STREAM_ERROR)
			return fail(err, EIO, "gzip: its state was overwritten");
		ret = outlet->write(outlet->ctx, gzip->out, sizeof(gzip->out) - gzip->stream.avail_out, err);
	} while (ret == 0 && gzip->stream.avail_out == 0);
	return ret;
}

static void gzip_free(struct output_compressor *compressor)
{
	deflateEnd(&((struct gzip *)compressor)->stream);
	free(compressor);
}

int output_gzip_new(struct output_compressor **out, struct error *err)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip || deflateInit2(&gzip->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP_HEADER,
				  MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return fail_memory(err, "gzip");
	}
	gzip->base = (struct output_compressor){ push, gzip_free };
	*out = &gzip->base;
	return 0;
}
