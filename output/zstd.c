#include "output/zstd.h"

#include <errno.h>

#if ENIFLOW_HAVE_ZSTD

#include <stdlib.h>
#include <zstd.h>

struct zstd {
	struct output_compressor base;
	ZSTD_CCtx *context;
	unsigned char out[128 * 1024];
};

static int push(struct output_compressor *compressor, const void *bytes, size_t size, enum output_push then,
		struct output_file *file, struct error *err)
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
		ret = output_file_write(file, out.dst, out.pos, err);
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

#else

int output_zstd_new(struct output_compressor **out, struct error *err)
{
	*out = NULL;
	return fail(err, ENOTSUP,
		    "zstd: this eniflow was built without it; choose .gz, or install libzstd-dev and build again");
}

#endif
