#include "output/compressor.h"

#include <stdbool.h>
#include <string.h>

#include "output/gzip.h"
#include "output/zstd.h"

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

enum output_compression output_compression_of(const char *name)
{
	if (ends_with(name, ".gz"))
		return OUTPUT_GZIP;
	return ends_with(name, ".zst") ? OUTPUT_ZSTD : OUTPUT_PLAIN;
}

int output_compressor_new(struct output_compressor **out, enum output_compression compression, struct error *err)
{
	*out = NULL;
	if (compression == OUTPUT_GZIP)
		return output_gzip_new(out, err);
	return compression == OUTPUT_ZSTD ? output_zstd_new(out, err) : 0;
}

void output_compressor_free(struct output_compressor *compressor)
{
	if (compressor)
		compressor->free(compressor);
}
