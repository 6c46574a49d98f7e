/* output/field.h - the catalogue of the 54 fields of a VPC flow log record.
 *
 * One row a field feeds the format compiler, the header line, `eniflow fields`, the manual, configuration keys and
 * column types. A test holds it against the field list in tests/data/fields.tsv. */
#ifndef ENIFLOW_OUTPUT_FIELD_H
#define ENIFLOW_OUTPUT_FIELD_H

#include "flow/record.h"

/* In the order of AWS's table; the first 14 are the default format. */
enum output_field_id {
	FIELD_VERSION,
	FIELD_ACCOUNT_ID,
	FIELD_INTERFACE_ID,
	FIELD_SRCADDR,
	FIELD_DSTADDR,
	FIELD_SRCPORT,
	FIELD_DSTPORT,
	FIELD_PROTOCOL,
	FIELD_PACKETS,
	FIELD_BYTES,
	FIELD_START,
	FIELD_END,
	FIELD_ACTION,
	FIELD_LOG_STATUS,
	FIELD_VPC_ID,
	FIELD_SUBNET_ID,
	FIELD_INSTANCE_ID,
	FIELD_TCP_FLAGS,
	FIELD_TYPE,
	FIELD_PKT_SRCADDR,
	FIELD_PKT_DSTADDR,
	FIELD_REGION,
	FIELD_AZ_ID,
	FIELD_SUBLOCATION_TYPE,
	FIELD_SUBLOCATION_ID,
	FIELD_PKT_SRC_AWS_SERVICE,
	FIELD_PKT_DST_AWS_SERVICE,
	FIELD_FLOW_DIRECTION,
	FIELD_TRAFFIC_PATH,
	FIELD_ECS_CLUSTER_ARN,
	FIELD_ECS_CLUSTER_NAME,
	FIELD_ECS_CONTAINER_INSTANCE_ARN,
	FIELD_ECS_CONTAINER_INSTANCE_ID,
	FIELD_ECS_CONTAINER_ID,
	FIELD_ECS_SECOND_CONTAINER_ID,
	FIELD_ECS_SERVICE_NAME,
	FIELD_ECS_TASK_DEFINITION_ARN,
	FIELD_ECS_TASK_ARN,
	FIELD_ECS_TASK_ID,
	FIELD_REJECT_REASON,
	FIELD_RESOURCE_ID,
	FIELD_ENCRYPTION_STATUS,
	FIELD_INSTANCE_TAG,
	FIELD_INSTANCE_TAG_2,
	FIELD_INTERFACE_TAG,
	FIELD_INTERFACE_TAG_2,
	FIELD_ASG_TAG,
	FIELD_ASG_TAG_2,
	FIELD_INTERFACE_TYPE,
	FIELD_NEXT_HOP_INTERFACE_ID,
	FIELD_NEXT_HOP_SUBNET_ID,
	FIELD_NEXT_HOP_AZ_ID,
	FIELD_NEXT_HOP_VPC_ID,
	FIELD_NEXT_HOP_INTERFACE_TYPE,
	FIELD_END_OF_LIST
};

/* Types as AWS's Parquet files have them. */
enum output_type { OUTPUT_INT32, OUTPUT_INT64, OUTPUT_STRING };

struct output_field {
	const char *name;    /* as AWS spells it, with dashes */
	uint8_t version;     /* the first record version that has it */
	uint8_t type;        /* enum output_type */
	int8_t identity;     /* enum flow_identity, or -1: the field describes a flow */
	const char *meaning; /* for people: what it is, and what gives it here */
};

extern const struct output_field output_fields[FIELD_END_OF_LIST];

/* The field of that name (length given, no end mark needed), or -1. */
int output_field_find(const char *name, size_t length);

/* The nearest names to a mistyped one, at most three, as "srcaddr, dstaddr or pkt-srcaddr"; "" if none is near. */
void output_field_nearest(const char *name, size_t length, char *out, size_t size);

#endif
