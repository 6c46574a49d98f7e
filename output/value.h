/* output/value.h - what the value of a field is in a record, whatever it is then written as.
 *
 * Source: semantics section 13, 22; for records read back, flow/origin.h. Some values stand in the record, the others
 * are the same for all records of an interface that are of one variant. */
#ifndef ENIFLOW_OUTPUT_VALUE_H
#define ENIFLOW_OUTPUT_VALUE_H

#include "output/field.h"

/* Where and how a value stands in a record. */
enum output_value_kind {
	OUTPUT_VALUE_CONSTANT, /* not there: with the variant */
	OUTPUT_VALUE_OCTET,    /* uint8_t */
	OUTPUT_VALUE_PORT,     /* uint16_t */
	OUTPUT_VALUE_COUNT,    /* uint64_t */
	OUTPUT_VALUE_TIME,     /* int64_t */
	OUTPUT_VALUE_PATH,     /* uint8_t; 0: there is none */
	OUTPUT_VALUE_SERVICE,  /* const char *; NULL: there is none */
	OUTPUT_VALUE_IPV4,     /* struct flow_address, its first four octets */
	OUTPUT_VALUE_IPV6,     /* struct flow_address */
};

struct output_value {
	uint8_t kind;   /* enum output_value_kind */
	uint8_t offset; /* in struct flow_record; 0 for a constant */
};

/* Records of one interface that share every word but addresses, numbers and times are of one variant: NODATA, SKIPDATA,
 * and OK by family, direction and action. */
enum { OUTPUT_VALUE_VARIANTS = 2 + 2 * 3 * 2 };

static inline size_t output_value_variant(const struct flow_record *record)
{
	if (record->status != FLOW_OK)
		return record->status == FLOW_NODATA ? 0 : 1;
	return 2 + ((record->family == FLOW_IPV6) * 3U + record->direction) * 2U + record->action;
}

/* Where the field's value stands in records of this one's interface and variant. */
struct output_value output_value_of(uint8_t field, const struct flow_record *record);

/* The text of a field that is constant for the record's interface and variant, as long as the interface lives; NULL:
 * there is none ("-"). Not for `version`, which is the format's. */
const char *output_value_constant(uint8_t field, const struct flow_record *record);

#endif
