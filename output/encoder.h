/* output/encoder.h - one record as a line of text, CSV or JSON, by the format or as OCSF has it (output/ocsf.h).
 *
 * Source: semantics section 13, 22. What all records of an interface share is rendered once, not per record. */
#ifndef ENIFLOW_OUTPUT_ENCODER_H
#define ENIFLOW_OUTPUT_ENCODER_H

#include "output/format.h"

/* What a file of records holds. All but Parquet (output/parquet.h) are lines. */
enum output_encoding { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_OCSF, OUTPUT_PARQUET };

struct output_encoder;

/* `format` is copied. */
int output_encoder_new(struct output_encoder **out, const struct output_format *format, enum output_encoding encoding,
		       struct error *err);
void output_encoder_free(struct output_encoder *encoder);

/* The line of field names with its newline, as long as the encoder lives; "" for JSON and OCSF. */
const char *output_encoder_header(const struct output_encoder *encoder, size_t *length);

/* The most bytes that a line of this interface can take, newline included; prepares what is constant for it. 0: out
 * of memory. */
size_t output_encoder_room(struct output_encoder *encoder, const struct flow_record *record);

/* Writes the line (newline included, no end mark) to `out`, which has the room that output_encoder_room() said when it
 * was last called: for this record. Returns its length. */
size_t output_encoder_line(struct output_encoder *encoder, const struct flow_record *record, char *out);

#endif
