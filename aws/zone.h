/* aws/zone.h - where something is: region, zone and sublocation.
 *
 * A zone's name begins with its region's: us-east-1a is a zone of us-east-1, us-west-2-lax-1a a Local Zone and
 * us-east-1-wl1-bos-wlz-1 a Wavelength Zone of theirs. There, and on an Outpost, az-id stays unset, and sublocation-id
 * is the zone's id or the Outpost's. Source: spec/flow-log-format.md section 1, az-id to sublocation-id. */
#ifndef ENIFLOW_AWS_ZONE_H
#define ENIFLOW_AWS_ZONE_H

#include "aws/value.h"
#include "flow/interface.h"

enum aws_zone { AWS_ZONE_UNKNOWN, AWS_ZONE_USUAL, AWS_ZONE_LOCAL, AWS_ZONE_WAVELENGTH };

/* What kind of a zone has that name; and how many of its characters are the region's (0 for an unknown one). */
enum aws_zone aws_zone_of(const char *name, size_t *region_length);

/* Sets region, az-id, sublocation-type and sublocation-id by the AvailabilityZone, AvailabilityZoneId and OutpostArn of
 * an object, as far as they are there. */
void aws_zone_read(const struct aws_value *object, struct flow_interface *interface);

#endif
