#include "output/value.h"

#include <string.h>

/* What is not here is constant. An address is of either family until the record is known. */
static const struct output_value sources[FIELD_END_OF_LIST] = {
	[FIELD_SRCADDR] = { OUTPUT_VALUE_IPV4, offsetof(struct flow_record, source) },
	[FIELD_DSTADDR] = { OUTPUT_VALUE_IPV4, offsetof(struct flow_record, destination) },
	[FIELD_SRCPORT] = { OUTPUT_VALUE_PORT, offsetof(struct flow_record, source_port) },
	[FIELD_DSTPORT] = { OUTPUT_VALUE_PORT, offsetof(struct flow_record, destination_port) },
	[FIELD_PROTOCOL] = { OUTPUT_VALUE_OCTET, offsetof(struct flow_record, protocol) },
	[FIELD_PACKETS] = { OUTPUT_VALUE_COUNT, offsetof(struct flow_record, packets) },
	[FIELD_BYTES] = { OUTPUT_VALUE_COUNT, offsetof(struct flow_record, bytes) },
	[FIELD_START] = { OUTPUT_VALUE_TIME, offsetof(struct flow_record, start) },
	[FIELD_END] = { OUTPUT_VALUE_TIME, offsetof(struct flow_record, end) },
	[FIELD_TCP_FLAGS] = { OUTPUT_VALUE_OCTET, offsetof(struct flow_record, tcp_flags) },
	[FIELD_PKT_SRCADDR] = { OUTPUT_VALUE_IPV4, offsetof(struct flow_record, packet_source) },
	[FIELD_PKT_DSTADDR] = { OUTPUT_VALUE_IPV4, offsetof(struct flow_record, packet_destination) },
	[FIELD_PKT_SRC_AWS_SERVICE] = { OUTPUT_VALUE_SERVICE, offsetof(struct flow_record, packet_source_service) },
	[FIELD_PKT_DST_AWS_SERVICE] = { OUTPUT_VALUE_SERVICE,
					offsetof(struct flow_record, packet_destination_service) },
	[FIELD_TRAFFIC_PATH] = { OUTPUT_VALUE_PATH, offsetof(struct flow_record, traffic_path) },
};

/* What the log that is read back has to say of a field that describes a flow: which bit tells that it is unknown, or which
 * of the values carried it is, plus 1. */
static const struct {
	uint16_t unknown; /* enum flow_unknown */
	uint8_t carried;  /* enum flow_carried + 1; 0: none */
} read_back[FIELD_END_OF_LIST] = {
	[FIELD_SRCADDR] = { .unknown = FLOW_UNKNOWN_SRCADDR },
	[FIELD_DSTADDR] = { .unknown = FLOW_UNKNOWN_DSTADDR },
	[FIELD_SRCPORT] = { .unknown = FLOW_UNKNOWN_SRCPORT },
	[FIELD_DSTPORT] = { .unknown = FLOW_UNKNOWN_DSTPORT },
	[FIELD_PROTOCOL] = { .unknown = FLOW_UNKNOWN_PROTOCOL },
	[FIELD_PACKETS] = { .unknown = FLOW_UNKNOWN_PACKETS },
	[FIELD_BYTES] = { .unknown = FLOW_UNKNOWN_BYTES },
	[FIELD_ACTION] = { .unknown = FLOW_UNKNOWN_ACTION },
	[FIELD_TCP_FLAGS] = { .unknown = FLOW_UNKNOWN_TCP_FLAGS },
	[FIELD_TYPE] = { .unknown = FLOW_UNKNOWN_TYPE },
	[FIELD_PKT_SRCADDR] = { .unknown = FLOW_UNKNOWN_PKT_SRCADDR },
	[FIELD_PKT_DSTADDR] = { .unknown = FLOW_UNKNOWN_PKT_DSTADDR },
	[FIELD_PKT_SRC_AWS_SERVICE] = { .carried = FLOW_CARRIED_SOURCE_SERVICE + 1 },
	[FIELD_PKT_DST_AWS_SERVICE] = { .carried = FLOW_CARRIED_DESTINATION_SERVICE + 1 },
	[FIELD_TRAFFIC_PATH] = { .carried = FLOW_CARRIED_TRAFFIC_PATH + 1 },
	[FIELD_REJECT_REASON] = { .carried = FLOW_CARRIED_REJECT_REASON + 1 },
	[FIELD_ENCRYPTION_STATUS] = { .carried = FLOW_CARRIED_ENCRYPTION_STATUS + 1 },
	[FIELD_NEXT_HOP_INTERFACE_ID] = { .carried = FLOW_CARRIED_NEXT_HOP_INTERFACE_ID + 1 },
	[FIELD_NEXT_HOP_SUBNET_ID] = { .carried = FLOW_CARRIED_NEXT_HOP_SUBNET_ID + 1 },
	[FIELD_NEXT_HOP_AZ_ID] = { .carried = FLOW_CARRIED_NEXT_HOP_AZ_ID + 1 },
	[FIELD_NEXT_HOP_VPC_ID] = { .carried = FLOW_CARRIED_NEXT_HOP_VPC_ID + 1 },
	[FIELD_NEXT_HOP_INTERFACE_TYPE] = { .carried = FLOW_CARRIED_NEXT_HOP_INTERFACE_TYPE + 1 },
};

static bool is_unknown(uint8_t field, const struct flow_record *record)
{
	return record->interface->unknown & read_back[field].unknown;
}

/* What the log that is read back has in the field; NULL: nothing. */
static const char *carried(uint8_t field, const struct flow_record *record)
{
	uint8_t number = read_back[field].carried;

	return number ? record->interface->carried[number - 1] : NULL;
}

struct output_value output_value_of(uint8_t field, const struct flow_record *record)
{
	static const struct output_value constant = { OUTPUT_VALUE_CONSTANT, 0 };
	struct output_value value = sources[field];

	if (record->status != FLOW_OK && value.kind != OUTPUT_VALUE_TIME)
		return constant;
	if (is_unknown(field, record) || carried(field, record))
		return constant;
	if (value.kind == OUTPUT_VALUE_IPV4 && record->family == FLOW_IPV6)
		value.kind = OUTPUT_VALUE_IPV6;
	return value;
}

const char *output_value_constant(uint8_t field, const struct flow_record *record)
{
	static const char *const statuses[] = { "OK", "NODATA", "SKIPDATA" };
	static const char *const directions[] = { NULL, "ingress", "egress" };
	int8_t identity = output_fields[field].identity;

	if (identity >= 0) {
		const char *value = record->interface->identity[identity];

		return value && strcmp(value, "-") != 0 ? value : NULL;
	}
	if (field == FIELD_LOG_STATUS)
		return statuses[record->status];
	if (record->status != FLOW_OK || is_unknown(field, record))
		return NULL;
	switch (field) {
	case FIELD_ACTION:
		return record->action == FLOW_REJECT ? "REJECT" : "ACCEPT";
	case FIELD_TYPE:
		return record->family == FLOW_IPV6 ? "IPv6" : "IPv4";
	case FIELD_FLOW_DIRECTION:
		return directions[record->direction];
	default:
		return carried(field, record);
	}
}
