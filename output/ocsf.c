#include "output/ocsf.h"

#include <stdio.h>
#include <string.h>

#include "output/quote.h"

/* An object that is being written. */
struct event {
	const struct output_format *format;
	const struct flow_record *record;
	const struct output_ocsf_pen *pen;
	bool shows[FIELD_END_OF_LIST];
	bool begun;          /* a member stands in the innermost object */
	const char *pending; /* an object that is opened by its first member, so that none is empty */
};

static void put(const struct event *event, const char *text)
{
	output_buffer_put(event->pen->text, text);
}

/* What stands before a member: a comma, and the brace of the object that begins with it. */
static void begin(struct event *event)
{
	if (event->begun)
		put(event, ",");
	if (event->pending) {
		put(event, "\"");
		put(event, event->pending);
		put(event, "\":{");
	}
	event->pending = NULL;
	event->begun = true;
}

static void name(struct event *event, const char *text)
{
	begin(event);
	put(event, "\"");
	put(event, text);
	put(event, "\":");
}

static void put_text(struct event *event, const char *member, const char *text)
{
	name(event, member);
	output_quote_json(event->pen->text, text);
}

static void put_number(struct event *event, const char *member, unsigned number)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", number);
	name(event, member);
	put(event, digits);
}

/* An identifier, and the caption that OCSF gives it: two members. */
static void put_id(struct event *event, const char *id_member, unsigned id, const char *member, const char *caption)
{
	put_number(event, id_member, id);
	put_text(event, member, caption);
}

static void open_object(struct event *event, const char *member)
{
	event->pending = member;
}

/* Was there anything in it? */
static bool close_object(struct event *event)
{
	bool is_open = !event->pending;

	if (is_open)
		put(event, "}");
	event->pending = NULL;
	return is_open;
}

/* A field that the format shows and that is the same for all records of the variant; NULL: there is none. */
static const char *constant(const struct event *event, uint8_t field)
{
	return event->shows[field] ? output_value_constant(field, event->record) : NULL;
}

static void put_constant(struct event *event, const char *member, uint8_t field)
{
	const char *text = constant(event, field);

	if (text)
		put_text(event, member, text);
}

/* Does the format show the field, and does each record tell it? */
static bool varies(const struct event *event, uint8_t field)
{
	return event->shows[field] && output_value_of(field, event->record).kind != OUTPUT_VALUE_CONSTANT;
}

static void put_value(struct event *event, const char *member, uint8_t field)
{
	if (!varies(event, field))
		return;
	name(event, member);
	event->pen->value(event->pen->ctx, output_value_of(field, event->record));
}

static void put_part(struct event *event, const char *member, enum output_ocsf_part part)
{
	name(event, member);
	event->pen->part(event->pen->ctx, part);
}

/* ---- the members of the event ---- */

/* What describes the interface, where it stands. */
static const struct {
	const char *member;
	uint8_t field;
} interface_members[] = {
	{ "interface_uid", FIELD_INTERFACE_ID },
	{ "vpc_uid", FIELD_VPC_ID },
	{ "subnet_uid", FIELD_SUBNET_ID },
	{ "instance_uid", FIELD_INSTANCE_ID },
};

enum { INTERFACE_MEMBERS = sizeof(interface_members) / sizeof(interface_members[0]) };

static void put_interface(struct event *event)
{
	for (size_t i = 0; i < INTERFACE_MEMBERS; i++)
		put_constant(event, interface_members[i].member, interface_members[i].field);
}

/* The direction tells which endpoint the interface belongs to. Where nothing tells it, the interface is the device that
 * saw the traffic. */
static bool has_device(const struct event *event)
{
	bool any = false;

	for (size_t i = 0; i < INTERFACE_MEMBERS; i++)
		any |= constant(event, interface_members[i].field) != NULL;
	return any && (event->record->status != FLOW_OK || event->record->direction == FLOW_UNKNOWN);
}

static void put_metadata(struct event *event)
{
	char version[16];

	put(event, "{\"metadata\":{\"version\":\"1.1.0\",\"product\":{\"name\":\"eniflow\",\"vendor_name\":\"eniflow\","
		   "\"feature\":{\"name\":\"Flowlogs\"}");
	event->begun = true;
	snprintf(version, sizeof(version), "%u", event->format->version);
	if (event->shows[FIELD_VERSION])
		put_text(event, "version", version);
	put(event, "},\"profiles\":[\"cloud\",\"security_control\"");
	put(event, has_device(event) ? ",\"host\"]}" : "]}");
}

/* Refuse where the packets were refused; Unknown where there were none to tell of. */
static void put_classification(struct event *event)
{
	static const char *const names[] = { "Unknown", [5] = "Refuse", [6] = "Traffic" };
	unsigned activity = event->record->status != FLOW_OK ? 0 : 6;
	const char *action = constant(event, FIELD_ACTION);
	char type[64];

	if (action && strcmp(action, "REJECT") == 0)
		activity = 5;
	snprintf(type, sizeof(type), "Network Activity: %s", names[activity]);
	put_id(event, "category_uid", 4, "category_name", "Network Activity");
	put_id(event, "class_uid", 4001, "class_name", "Network Activity");
	put_id(event, "activity_id", activity, "activity_name", names[activity]);
	put_id(event, "type_uid", 400100 + activity, "type_name", type);
	put_id(event, "severity_id", 1, "severity", "Informational");
}

static void put_times(struct event *event)
{
	put_part(event, "time", OUTPUT_OCSF_START);
	if (event->shows[FIELD_START])
		put_part(event, "start_time", OUTPUT_OCSF_START);
	if (event->shows[FIELD_END])
		put_part(event, "end_time", OUTPUT_OCSF_END);
}

static void put_outcome(struct event *event)
{
	const char *action = constant(event, FIELD_ACTION);

	put_constant(event, "status_code", FIELD_LOG_STATUS);
	if (!action) {
		put_id(event, "action_id", 0, "action", "Unknown");
	} else if (strcmp(action, "REJECT") == 0) {
		put_id(event, "action_id", 2, "action", "Denied");
		put_id(event, "disposition_id", 2, "disposition", "Blocked");
	} else {
		put_id(event, "action_id", 1, "action", "Allowed");
		put_id(event, "disposition_id", 1, "disposition", "Allowed");
	}
}

static void put_cloud(struct event *event)
{
	const char *account = constant(event, FIELD_ACCOUNT_ID);

	open_object(event, "cloud");
	put_text(event, "provider", "AWS");
	if (account) {
		name(event, "account");
		put(event, "{\"uid\":");
		output_quote_json(event->pen->text, account);
		put(event, "}");
	}
	put_constant(event, "region", FIELD_REGION);
	put_constant(event, "zone", FIELD_AZ_ID);
	close_object(event);
}

/* Where the parts of an endpoint come from. */
struct side {
	const char *member;
	uint8_t address, packet_address, port, service;
	uint8_t direction; /* in which the interface is this endpoint's */
	uint8_t both, further_service, service_name;
};

static const struct side source = {
	.member = "src_endpoint",
	.address = FIELD_SRCADDR,
	.packet_address = FIELD_PKT_SRCADDR,
	.port = FIELD_SRCPORT,
	.service = FIELD_PKT_SRC_AWS_SERVICE,
	.direction = FLOW_EGRESS,
	.both = OUTPUT_OCSF_SOURCE,
	.further_service = OUTPUT_OCSF_SOURCE_SERVICE,
	.service_name = OUTPUT_OCSF_SOURCE_SERVICE_NAME,
};

static const struct side destination = {
	.member = "dst_endpoint",
	.address = FIELD_DSTADDR,
	.packet_address = FIELD_PKT_DSTADDR,
	.port = FIELD_DSTPORT,
	.service = FIELD_PKT_DST_AWS_SERVICE,
	.direction = FLOW_INGRESS,
	.both = OUTPUT_OCSF_DESTINATION,
	.further_service = OUTPUT_OCSF_DESTINATION_SERVICE,
	.service_name = OUTPUT_OCSF_DESTINATION_SERVICE_NAME,
};

static void put_address(struct event *event, const struct side *side)
{
	bool one = varies(event, side->address), other = varies(event, side->packet_address);

	if (one && other) {
		begin(event);
		event->pen->part(event->pen->ctx, side->both);
	} else if (one || other) {
		name(event, "ip");
		put(event, "\"");
		event->pen->value(event->pen->ctx,
				  output_value_of(one ? side->address : side->packet_address, event->record));
		put(event, "\"");
	}
}

static void put_service(struct event *event, const struct side *side)
{
	if (!varies(event, side->service))
		put_constant(event, "svc_name", side->service);
	else if (event->pending)
		put_part(event, "svc_name", side->service_name);
	else
		event->pen->part(event->pen->ctx, side->further_service);
}

/* Is there anything to tell of it? */
static bool put_endpoint(struct event *event, const struct side *side)
{
	open_object(event, side->member);
	put_address(event, side);
	put_value(event, "port", side->port);
	if (event->record->status == FLOW_OK && event->record->direction == side->direction)
		put_interface(event);
	put_service(event, side);
	return close_object(event);
}

/* The class wants one endpoint at least. Where no traffic is told of, it is that of the interface. */
static void put_endpoints(struct event *event)
{
	const char *interface = output_value_constant(FIELD_INTERFACE_ID, event->record);
	bool has_source = put_endpoint(event, &source);

	if (put_endpoint(event, &destination) || has_source)
		return;
	open_object(event, destination.member);
	put_text(event, "interface_uid", interface ? interface : "-");
	close_object(event);
}

static void put_device(struct event *event)
{
	if (!has_device(event))
		return;
	open_object(event, "device");
	put_id(event, "type_id", 0, "type", "Unknown");
	put_interface(event);
	close_object(event);
}

/* The path that a log which is read back has; 0: none that is known. */
static unsigned carried_path(const struct event *event)
{
	const char *text = constant(event, FIELD_TRAFFIC_PATH);

	return text && *text >= '1' && *text <= '8' && !text[1] ? (unsigned)(*text - '0') : 0;
}

static void put_boundary(struct event *event)
{
	unsigned path = carried_path(event);

	if (path > 0) {
		begin(event);
		put(event, output_ocsf_boundary(path));
	} else if (varies(event, FIELD_TRAFFIC_PATH)) {
		event->pen->part(event->pen->ctx, OUTPUT_OCSF_BOUNDARY);
	}
}

static void put_connection(struct event *event)
{
	static const char *const captions[] = { "Unknown", [FLOW_INGRESS] = "Inbound", [FLOW_EGRESS] = "Outbound" };
	bool is_ipv6 = event->record->family == FLOW_IPV6;

	if (event->record->status != FLOW_OK)
		return;
	open_object(event, "connection_info");
	put_id(event, "direction_id",
	       event->record->direction == FLOW_UNKNOWN  ? 0
	       : event->record->direction == FLOW_EGRESS ? 2
							 : 1,
	       "direction", captions[event->record->direction]);
	put_value(event, "protocol_num", FIELD_PROTOCOL);
	if (constant(event, FIELD_TYPE))
		put_id(event, "protocol_ver_id", is_ipv6 ? 6 : 4, "protocol_ver", constant(event, FIELD_TYPE));
	put_value(event, "tcp_flags", FIELD_TCP_FLAGS);
	put_boundary(event);
	close_object(event);
}

static void put_traffic(struct event *event)
{
	open_object(event, "traffic");
	put_value(event, "packets", FIELD_PACKETS);
	put_value(event, "bytes", FIELD_BYTES);
	close_object(event);
}

static bool is_mapped(const struct event *event, uint8_t field)
{
	static const bool mapped[FIELD_END_OF_LIST] = {
		[FIELD_ACCOUNT_ID] = true,
		[FIELD_INTERFACE_ID] = true,
		[FIELD_ACTION] = true,
		[FIELD_LOG_STATUS] = true,
		[FIELD_VPC_ID] = true,
		[FIELD_SUBNET_ID] = true,
		[FIELD_INSTANCE_ID] = true,
		[FIELD_TYPE] = true,
		[FIELD_REGION] = true,
		[FIELD_AZ_ID] = true,
		[FIELD_PKT_SRC_AWS_SERVICE] = true,
		[FIELD_PKT_DST_AWS_SERVICE] = true,
		[FIELD_FLOW_DIRECTION] = true,
	};

	return mapped[field] || (field == FIELD_TRAFFIC_PATH && carried_path(event) > 0);
}

/* What the class has no attribute for, by the field's name as columns have it: with _ for -. */
static void put_unmapped(struct event *event)
{
	open_object(event, "unmapped");
	for (size_t i = 0; i < FIELD_END_OF_LIST; i++) {
		uint8_t field = (uint8_t)i;
		const char *text = is_mapped(event, field) ? NULL : constant(event, field);
		char member[64];

		if (!text)
			continue;
		snprintf(member, sizeof(member), "%s", output_fields[field].name);
		for (char *at = strchr(member, '-'); at; at = strchr(at, '-'))
			*at = '_';
		name(event, member);
		if (output_fields[field].type != OUTPUT_STRING && output_quote_is_number(text))
			put(event, text);
		else
			output_quote_json(event->pen->text, text);
	}
	close_object(event);
}

void output_ocsf_line(const struct output_format *format, const struct flow_record *record,
		      const struct output_ocsf_pen *pen)
{
	struct event event = { .format = format, .record = record, .pen = pen };

	for (size_t i = 0; i < format->count; i++)
		event.shows[format->fields[i]] = true;
	put_metadata(&event);
	put_classification(&event);
	put_times(&event);
	put_outcome(&event);
	put_cloud(&event);
	put_endpoints(&event);
	put_device(&event);
	put_connection(&event);
	put_traffic(&event);
	put_unmapped(&event);
	put(&event, "}");
}
