/* output/pages.h - the values of one column in a group of rows, as pages on their way out.
 *
 * Source: the Parquet format's specification (data pages of version 1, dictionary pages, plain encoding). Values go as
 * codes behind a dictionary, or plain where that is estimated to be smaller. A page takes about 1 MiB. */
#ifndef ENIFLOW_OUTPUT_PAGES_H
#define ENIFLOW_OUTPUT_PAGES_H

#include "output/dictionary.h"
#include "output/metadata.h"
#include "output/outlet.h"

/* One column. */
struct output_values {
	const char *name;
	enum output_type type;
	bool is_address; /* the dictionary has 4 or 16 octets for each text */
	const struct output_dictionary *dictionary;
	const int32_t *codes; /* a row each; OUTPUT_DICTIONARY_NONE: null. NULL: all are `same` */
	int32_t same;
	size_t rows;
};

/* What makes pages; zeroed but for `codec` and `packer`, which is another's. The buffers are used again and again. */
struct output_pages {
	enum output_codec codec;
	struct output_packer *packer;
	uint64_t offset; /* bytes that went out; what the file begins with included */
	struct output_buffer plain, starts, scratch, body, packed, head;
};

/* Writes the pages. `chunk` becomes what the footer has to say of them; its range points into `pages` until the next
 * call. Returns 0, -ENOMEM, or what the outlet answered. */
int output_pages_write(struct output_pages *pages, const struct output_values *values, struct output_chunk *chunk,
		       const struct output_outlet *outlet, struct error *err);

/* Gives the buffers' memory back. */
void output_pages_clear(struct output_pages *pages);

#endif
