#include "output/ocsf_part.h"

#include <string.h>

#include "output/addrtext.h"
#include "output/number.h"

/* By traffic-path, 1 to 8. OCSF counts them from 4. */
static const char *const boundaries[] = {
	[1] = "\"boundary_id\":4,\"boundary\":\"Same VPC\"",
	[2] = "\"boundary_id\":5,\"boundary\":\"Internet/VPC Gateway\"",
	[3] = "\"boundary_id\":6,\"boundary\":\"Virtual Private Gateway\"",
	[4] = "\"boundary_id\":7,\"boundary\":\"Intra-region VPC\"",
	[5] = "\"boundary_id\":8,\"boundary\":\"Inter-region VPC\"",
	[6] = "\"boundary_id\":9,\"boundary\":\"Local Gateway\"",
	[7] = "\"boundary_id\":10,\"boundary\":\"Gateway VPC\"",
	[8] = "\"boundary_id\":11,\"boundary\":\"Internet Gateway\"",
};

const char *output_ocsf_boundary(unsigned path)
{
	return path < sizeof(boundaries) / sizeof(boundaries[0]) ? boundaries[path] : NULL;
}

static const char address_begin[] = "\"ip\":\"", address_further[] = "\",\"intermediate_ips\":[\"";
static const char service_begin[] = ",\"svc_name\":";

_Static_assert(sizeof(address_begin) + sizeof(address_further) + (size_t)2 * OUTPUT_IPV6_ROOM + 2 <= OUTPUT_OCSF_ROOM,
	       "two addresses");
_Static_assert(sizeof(service_begin) + FLOW_SERVICE_MOST + 2 <= OUTPUT_OCSF_ROOM, "a service");

static char *write_address(char *out, const struct flow_record *record, const struct flow_address *address)
{
	if (record->family == FLOW_IPV6)
		return output_addrtext_ipv6(out, address->octets);
	return output_addrtext_ipv4(out, address->octets);
}

static char *write_addresses(char *out, const struct flow_record *record, const struct flow_address *packet,
			     const struct flow_address *address)
{
	out = write_address(stpcpy(out, address_begin), record, packet);
	if (!flow_address_equal(packet, address)) {
		out = write_address(stpcpy(out, address_further), record, address);
		return stpcpy(out, "\"]");
	}
	return stpcpy(out, "\"");
}

/* There is nothing in its name to be escaped (flow/services.h). */
static char *write_service(char *out, const char *service)
{
	return stpcpy(stpcpy(stpcpy(out, "\""), service ? service : "-"), "\"");
}

static char *write_further_service(char *out, const char *service)
{
	return service ? write_service(stpcpy(out, service_begin), service) : out;
}

/* Seconds as milliseconds. */
static char *write_time(char *out, int64_t time)
{
	out = output_number_signed(out, time);
	return time ? stpcpy(out, "000") : out;
}

static char *write_boundary(char *out, uint8_t path)
{
	const char *boundary = output_ocsf_boundary(path);

	return boundary ? stpcpy(stpcpy(out, ","), boundary) : out;
}

char *output_ocsf_put(char *out, enum output_ocsf_part part, const struct flow_record *record)
{
	switch (part) {
	case OUTPUT_OCSF_START:
		return write_time(out, record->start);
	case OUTPUT_OCSF_END:
		return write_time(out, record->end);
	case OUTPUT_OCSF_SOURCE:
		return write_addresses(out, record, &record->packet_source, &record->source);
	case OUTPUT_OCSF_DESTINATION:
		return write_addresses(out, record, &record->packet_destination, &record->destination);
	case OUTPUT_OCSF_SOURCE_SERVICE:
		return write_further_service(out, record->packet_source_service);
	case OUTPUT_OCSF_DESTINATION_SERVICE:
		return write_further_service(out, record->packet_destination_service);
	case OUTPUT_OCSF_SOURCE_SERVICE_NAME:
		return write_service(out, record->packet_source_service);
	case OUTPUT_OCSF_DESTINATION_SERVICE_NAME:
		return write_service(out, record->packet_destination_service);
	case OUTPUT_OCSF_BOUNDARY:
		return write_boundary(out, record->traffic_path);
	}
	return out;
}
