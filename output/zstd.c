#include "output/zstd.h"

#include <errno.h>

#if ENIFLOW_HAVE_ZSTD

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

struct zstd {
	struct output_compressor base;
	ZSTD_CCtx *context;
	unsigned char out[128 * 1024];
};

static int push(struct output_compressor *compressor, const void *bytes, size_t size, enum output_push then,
		const struct output_outlet *outlet, struct error *err)
{
	static const ZSTD_EndDirective directives[] = {
		[OUTPUT_MORE] = ZSTD_e_continue, [OUTPUT_PAUSE] = ZSTD_e_flush, [OUTPUT_END] = ZSTD_e_end
	};
	struct zstd *zstd = (struct zstd *)compressor;
	ZSTD_inBuffer in = { bytes, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { zstd->out, sizeof(zstd->out), 0 };
		int ret;

		left = ZSTD_compressStream2(zstd->context, &out, &in, directives[then]);
		if (ZSTD_isError(left))
			return fail(err, EIO, "zstd: %s", ZSTD_getErrorName(left));
		ret = outlet->write(outlet->ctx, out.dst, out.pos, err);
		if (ret < 0)
			return ret;
	} while (in.pos < in.size || (then != OUTPUT_MORE && left > 0));
	return 0;
}

static void zstd_free(struct output_compressor *compressor)
{
	ZSTD_freeCCtx(((struct zstd *)compressor)->context);
	free(compressor);
}

int output_zstd_new(struct output_compressor **out, struct error *err)
{
	struct zstd *zstd = calloc(1, sizeof(*zstd));

	if (zstd)
		zstd->context = ZSTD_createCCtx();
	if (!zstd || !zstd->context) {
		free(zstd);
		return fail_memory(err, "zstd");
	}
	ZSTD_CCtx_setParameter(zstd->context, ZSTD_c_checksumFlag, 1);
	zstd->base = (struct output_compressor){ push, zstd_free };
	*out = &zstd->base;
	return 0;
}

/* Returns 1 if the bytes, which go on where those before ended, end with a frame; 0: in one; -1: they are no zstd. */
static int is_end(ZSTD_DCtx *context, const void *bytes, size_t size, ZSTD_outBuffer scratch)
{
	ZSTD_inBuffer in = { bytes, size, 0 };
	size_t left = 0;

	while (in.pos < in.size) {
		do {
			scratch.pos = 0;
			left = ZSTD_decompressStream(context, &scratch, &in);
			if (ZSTD_isError(left))
				return -1;
		} while (scratch.pos == scratch.size);
	}
	return left == 0;
}

int output_zstd_is_whole(int fd, const char *name, struct error *err)
{
	enum { BLOCK = 64 * 1024 };
	ZSTD_DCtx *context = ZSTD_createDCtx();
	char *block = malloc((size_t)2 * BLOCK);
	int ret = context && block ? 1 : fail_memory(err, name);
	ssize_t got = 1;

	for (off_t at = 0; ret >= 0 && got > 0; at += got) {
		got = pread(fd, block, BLOCK, at);
		if (got < 0)
			ret = fail_errno(err, "%s: cannot be read", name);
		else if (got > 0)
			ret = is_end(context, block, (size_t)got, (ZSTD_outBuffer){ block + BLOCK, BLOCK, 0 });
		if (ret == -1)
			break;
	}
	ZSTD_freeDCtx(context);
	free(block);
	return got >= 0 && ret == -1 ? 0 : ret;
}

/* Compares the text of the file, as it comes out, with what is wanted. */
static int compare(ZSTD_DStream *stream, int fd, const char *text, size_t length, char *block, size_t size,
		   const char *name, struct error *err)
{
	ssize_t got = 1;

	for (off_t at = 0; length > 0 && got > 0; at += got) {
		ZSTD_inBuffer in = { block, 0, 0 };

		got = pread(fd, block, size, at);
		if (got < 0)
			return fail_errno(err, "%s: cannot be read", name);
		in.size = (size_t)got;
		while (length > 0 && in.pos < in.size) {
			ZSTD_outBuffer out = { block + size, size < length ? size : length, 0 };

			if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)) ||
			    memcmp(out.dst, text, out.pos) != 0)
				return 0;
			text += out.pos;
			length -= out.pos;
		}
	}
	return length == 0;
}

int output_zstd_begins(int fd, const char *text, size_t length, const char *name, struct error *err)
{
	enum { BLOCK = 64 * 1024 };
	ZSTD_DStream *stream = ZSTD_createDStream();
	char *block = malloc((size_t)2 * BLOCK);
	int ret = stream && block ? compare(stream, fd, text, length, block, BLOCK, name, err) : fail_memory(err, name);

	ZSTD_freeDStream(stream);
	free(block);
	return ret;
}

#else

int output_zstd_begins(int fd, const char *text, size_t length, const char *name, struct error *err)
{
	(void)text;
	(void)length;
	return output_zstd_is_whole(fd, name, err);
}

int output_zstd_is_whole(int fd, const char *name, struct error *err)
{
	(void)fd;
	return fail(err, ENOTSUP, "%s: this eniflow was built without zstd", name);
}

int output_zstd_new(struct output_compressor **out, struct error *err)
{
	*out = NULL;
	return fail(err, ENOTSUP,
		    "zstd: this eniflow was built without it; choose .gz, or install libzstd-dev and build again");
}

#endif
