/* output/ocsf_part.h - what differs from record to record in events of OCSF (output/ocsf.h), beside plain values. */
#ifndef ENIFLOW_OUTPUT_OCSF_PART_H
#define ENIFLOW_OUTPUT_OCSF_PART_H

#include "flow/record.h"

/* What only the record itself decides, and not its variant. */
enum output_ocsf_part {
	OUTPUT_OCSF_START, /* in milliseconds */
	OUTPUT_OCSF_END,
	/* "ip":"...", of the packets, and, where srcaddr or dstaddr is another, that as the intermediate one */
	OUTPUT_OCSF_SOURCE,
	OUTPUT_OCSF_DESTINATION,
	/* ,"svc_name":"..." or nothing */
	OUTPUT_OCSF_SOURCE_SERVICE,
	OUTPUT_OCSF_DESTINATION_SERVICE,
	/* The name alone, in quotes; "-": there is none */
	OUTPUT_OCSF_SOURCE_SERVICE_NAME,
	OUTPUT_OCSF_DESTINATION_SERVICE_NAME,
	OUTPUT_OCSF_BOUNDARY, /* ,"boundary_id":N,"boundary":"..." or nothing */
};

enum { OUTPUT_OCSF_ROOM = 128 /* bytes that a part needs */ };

/* Writes the part of that record and returns where it ends; no end mark. Up to OUTPUT_OCSF_ROOM bytes may be
 * overwritten. */
char *output_ocsf_put(char *out, enum output_ocsf_part part, const struct flow_record *record);

/* "boundary_id":N,"boundary":"..." of a traffic-path; NULL: OCSF has none for it. */
const char *output_ocsf_boundary(unsigned path);

#endif
