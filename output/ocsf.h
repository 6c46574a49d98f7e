/* output/ocsf.h - a record as an event of the Open Cybersecurity Schema Framework: class network_activity (4001) of OCSF
 * 1.1.0, with the profiles cloud and security_control.
 *
 * Fields become attributes as Amazon Security Lake's source version 2 of VPC flow logs has them (ocsf/examples,
 * mappings/markdown/AWS/v1.1.0/VPC Flowlogs). What the class requires is always there; of the rest, what the format
 * shows and has a value. docs/lines.md has the table. */
#ifndef ENIFLOW_OUTPUT_OCSF_H
#define ENIFLOW_OUTPUT_OCSF_H

#include "output/buffer.h"
#include "output/format.h"
#include "output/ocsf_part.h"
#include "output/value.h"

/* Who puts a line together: text is appended to `text`, and what differs from record to record is told when all that
 * stands before it was appended. */
struct output_ocsf_pen {
	struct output_buffer *text;
	void (*value)(void *ctx, struct output_value value); /* as digits, or an address as text */
	void (*part)(void *ctx, enum output_ocsf_part part);
	void *ctx;
};

enum { OUTPUT_OCSF_MOST = 14 /* values and parts of a line */ };

/* Tells the line, without its newline, of all records of this one's interface and variant. */
void output_ocsf_line(const struct output_format *format, const struct flow_record *record,
		      const struct output_ocsf_pen *pen);

#endif
