/* logs/column.h - what stands in a column of a flow log, by its name. */
#ifndef ENIFLOW_LOGS_COLUMN_H
#define ENIFLOW_LOGS_COLUMN_H

#include <stdbool.h>

#include "output/field.h"

/* A field of the catalogue (enum output_field_id), or one of these. */
enum log_column {
	LOG_COLUMN_MESSAGE = FIELD_END_OF_LIST, /* message, @message: a whole line */
	LOG_COLUMN_ATTACHMENT,                  /* tgw-attachment-id: stands for a missing interface-id */
	LOG_COLUMN_PASSED,                      /* known, and of no use here: a transit gateway's, CloudWatch's own */
	LOG_COLUMN_UNKNOWN                      /* a name that nobody knows */
};

/* The column of that name (length given, no end mark needed). Dashes and underscores, and whether letters are small,
 * make no difference, so that interface-id, interface_id and the interfaceId of CloudWatch's Insights are one; its
 * startTime and endTime are start and end. */
unsigned log_column_find(const char *name, size_t length);

/* Is it a name that a line of field names may hold: a field of a flow log, of a VPC or of a transit gateway? */
bool log_column_is_field(const char *name, size_t length);

#endif
