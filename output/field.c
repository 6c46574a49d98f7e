#include "output/field.h"

#include <string.h>

#include "output/nearest.h"

enum { NONE = -1 }; /* the field describes a flow, not an interface */

/* clang-format off */
const struct output_field output_fields[FIELD_END_OF_LIST] = {
	[FIELD_VERSION] = { "version", 2, OUTPUT_INT32, NONE,
		"highest version among the format's fields; 2 for the default format" },
	[FIELD_ACCOUNT_ID] = { "account-id", 2, OUTPUT_STRING, FLOW_ACCOUNT_ID,
		"account that owns the interface, as configured; else 000000000000" },
	[FIELD_INTERFACE_ID] = { "interface-id", 2, OUTPUT_STRING, FLOW_INTERFACE_ID,
		"interface, as configured; else an eni- id made from its name" },
	[FIELD_SRCADDR] = { "srcaddr", 2, OUTPUT_STRING, NONE,
		"source of the packets; of egress ones the interface's primary address, where that is known" },
	[FIELD_DSTADDR] = { "dstaddr", 2, OUTPUT_STRING, NONE,
		"destination of the packets; of ingress ones the interface's primary address, where that is known" },
	[FIELD_SRCPORT] = { "srcport", 2, OUTPUT_INT32, NONE,
		"source port; 0 for ICMP and whatever else has none" },
	[FIELD_DSTPORT] = { "dstport", 2, OUTPUT_INT32, NONE,
		"destination port; 0 for ICMP and whatever else has none" },
	[FIELD_PROTOCOL] = { "protocol", 2, OUTPUT_INT32, NONE,
		"IANA number of the protocol: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6" },
	[FIELD_PACKETS] = { "packets", 2, OUTPUT_INT64, NONE,
		"packets of the flow in the window" },
	[FIELD_BYTES] = { "bytes", 2, OUTPUT_INT64, NONE,
		"their IP lengths, summed: IPv4 total length, or IPv6 payload length plus 40" },
	[FIELD_START] = { "start", 2, OUTPUT_INT64, NONE,
		"Unix second of the first packet; of the window in NODATA and SKIPDATA lines" },
	[FIELD_END] = { "end", 2, OUTPUT_INT64, NONE,
		"Unix second of the last packet; of the window's end in NODATA and SKIPDATA lines" },
	[FIELD_ACTION] = { "action", 2, OUTPUT_STRING, NONE,
		"ACCEPT, or REJECT where something says that the packets were refused" },
	[FIELD_LOG_STATUS] = { "log-status", 2, OUTPUT_STRING, NONE,
		"OK; NODATA: no traffic in the window; SKIPDATA: packets of the window were lost" },
	[FIELD_VPC_ID] = { "vpc-id", 3, OUTPUT_STRING, FLOW_VPC_ID,
		"VPC of the interface, as configured" },
	[FIELD_SUBNET_ID] = { "subnet-id", 3, OUTPUT_STRING, FLOW_SUBNET_ID,
		"subnet of the interface, as configured" },
	[FIELD_INSTANCE_ID] = { "instance-id", 3, OUTPUT_STRING, FLOW_INSTANCE_ID,
		"instance that the interface belongs to, as configured" },
	[FIELD_TCP_FLAGS] = { "tcp-flags", 3, OUTPUT_INT32, NONE,
		"sum of FIN 1, SYN 2, RST 4 and, for SYN with ACK in one packet, 16, each if any packet had it" },
	[FIELD_TYPE] = { "type", 3, OUTPUT_STRING, NONE,
		"IPv4 or IPv6" },
	[FIELD_PKT_SRCADDR] = { "pkt-srcaddr", 3, OUTPUT_STRING, NONE,
		"source address that stands in the packets" },
	[FIELD_PKT_DSTADDR] = { "pkt-dstaddr", 3, OUTPUT_STRING, NONE,
		"destination address that stands in the packets" },
	[FIELD_REGION] = { "region", 4, OUTPUT_STRING, FLOW_REGION,
		"region of the interface, as configured" },
	[FIELD_AZ_ID] = { "az-id", 4, OUTPUT_STRING, FLOW_AZ_ID,
		"availability zone id of the interface, as configured" },
	[FIELD_SUBLOCATION_TYPE] = { "sublocation-type", 4, OUTPUT_STRING, FLOW_SUBLOCATION_TYPE,
		"wavelength, outpost or localzone, as configured" },
	[FIELD_SUBLOCATION_ID] = { "sublocation-id", 4, OUTPUT_STRING, FLOW_SUBLOCATION_ID,
		"id of the sublocation, as configured" },
	[FIELD_PKT_SRC_AWS_SERVICE] = { "pkt-src-aws-service", 5, OUTPUT_STRING, NONE,
		"AWS service in whose ranges pkt-srcaddr lies, by ip-ranges in [aws]" },
	[FIELD_PKT_DST_AWS_SERVICE] = { "pkt-dst-aws-service", 5, OUTPUT_STRING, NONE,
		"AWS service in whose ranges pkt-dstaddr lies, by ip-ranges in [aws]" },
	[FIELD_FLOW_DIRECTION] = { "flow-direction", 5, OUTPUT_STRING, NONE,
		"ingress or egress, seen from the interface; - where nothing tells" },
	[FIELD_TRAFFIC_PATH] = { "traffic-path", 5, OUTPUT_INT32, NONE,
		"way out of egress packets, 1 to 8, by the configured route that holds pkt-dstaddr" },
	[FIELD_ECS_CLUSTER_ARN] = { "ecs-cluster-arn", 7, OUTPUT_STRING, FLOW_ECS_CLUSTER_ARN,
		"ARN of the ECS cluster, as configured" },
	[FIELD_ECS_CLUSTER_NAME] = { "ecs-cluster-name", 7, OUTPUT_STRING, FLOW_ECS_CLUSTER_NAME,
		"name of the ECS cluster, as configured" },
	[FIELD_ECS_CONTAINER_INSTANCE_ARN] = { "ecs-container-instance-arn", 7, OUTPUT_STRING,
		FLOW_ECS_CONTAINER_INSTANCE_ARN, "ARN of the ECS container instance, as configured" },
	[FIELD_ECS_CONTAINER_INSTANCE_ID] = { "ecs-container-instance-id", 7, OUTPUT_STRING,
		FLOW_ECS_CONTAINER_INSTANCE_ID, "id of the ECS container instance, as configured" },
	[FIELD_ECS_CONTAINER_ID] = { "ecs-container-id", 7, OUTPUT_STRING, FLOW_ECS_CONTAINER_ID,
		"runtime id of the task's first container, as configured" },
	[FIELD_ECS_SECOND_CONTAINER_ID] = { "ecs-second-container-id", 7, OUTPUT_STRING, FLOW_ECS_SECOND_CONTAINER_ID,
		"runtime id of the task's second container, as configured" },
	[FIELD_ECS_SERVICE_NAME] = { "ecs-service-name", 7, OUTPUT_STRING, FLOW_ECS_SERVICE_NAME,
		"ECS service that started the task, as configured" },
	[FIELD_ECS_TASK_DEFINITION_ARN] = { "ecs-task-definition-arn", 7, OUTPUT_STRING, FLOW_ECS_TASK_DEFINITION_ARN,
		"ARN of the ECS task definition, as configured" },
	[FIELD_ECS_TASK_ARN] = { "ecs-task-arn", 7, OUTPUT_STRING, FLOW_ECS_TASK_ARN,
		"ARN of the ECS task, as configured" },
	[FIELD_ECS_TASK_ID] = { "ecs-task-id", 7, OUTPUT_STRING, FLOW_ECS_TASK_ID,
		"id of the ECS task, as configured" },
	[FIELD_REJECT_REASON] = { "reject-reason", 8, OUTPUT_STRING, NONE,
		"why AWS's own controls refused the packets; always -, packets do not show it" },
	[FIELD_RESOURCE_ID] = { "resource-id", 9, OUTPUT_STRING, FLOW_RESOURCE_ID,
		"regional NAT gateway that the interface stands for, as configured" },
	[FIELD_ENCRYPTION_STATUS] = { "encryption-status", 10, OUTPUT_INT32, NONE,
		"how AWS encrypted the packets; always -, packets do not show it" },
	[FIELD_INSTANCE_TAG] = { "instance-tag", 11, OUTPUT_STRING, FLOW_INSTANCE_TAG,
		"first chosen tag of the instance, as configured" },
	[FIELD_INSTANCE_TAG_2] = { "instance-tag-2", 11, OUTPUT_STRING, FLOW_INSTANCE_TAG_2,
		"second chosen tag of the instance, as configured" },
	[FIELD_INTERFACE_TAG] = { "interface-tag", 11, OUTPUT_STRING, FLOW_INTERFACE_TAG,
		"first chosen tag of the interface, as configured" },
	[FIELD_INTERFACE_TAG_2] = { "interface-tag-2", 11, OUTPUT_STRING, FLOW_INTERFACE_TAG_2,
		"second chosen tag of the interface, as configured" },
	[FIELD_ASG_TAG] = { "asg-tag", 11, OUTPUT_STRING, FLOW_ASG_TAG,
		"first chosen tag of the Auto Scaling group, as configured" },
	[FIELD_ASG_TAG_2] = { "asg-tag-2", 11, OUTPUT_STRING, FLOW_ASG_TAG_2,
		"second chosen tag of the Auto Scaling group, as configured" },
	[FIELD_INTERFACE_TYPE] = { "interface-type", 11, OUTPUT_STRING, FLOW_INTERFACE_TYPE,
		"service behind the interface, such as nat_gateway, as configured" },
	[FIELD_NEXT_HOP_INTERFACE_ID] = { "next-hop-interface-id", 11, OUTPUT_STRING, NONE,
		"interface one hop away; always -, packets do not show it" },
	[FIELD_NEXT_HOP_SUBNET_ID] = { "next-hop-subnet-id", 11, OUTPUT_STRING, NONE,
		"subnet of that interface; always -" },
	[FIELD_NEXT_HOP_AZ_ID] = { "next-hop-az-id", 11, OUTPUT_STRING, NONE,
		"availability zone id of that interface; always -" },
	[FIELD_NEXT_HOP_VPC_ID] = { "next-hop-vpc-id", 11, OUTPUT_STRING, NONE,
		"VPC of that interface; always -" },
	[FIELD_NEXT_HOP_INTERFACE_TYPE] = { "next-hop-interface-type", 11, OUTPUT_STRING, NONE,
		"service behind that interface; always -" },
};
/* clang-format on */

int output_field_find(const char *name, size_t length)
{
	for (int id = 0; id < FIELD_END_OF_LIST; id++) {
		const char *known = output_fields[id].name;

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return id;
	}
	return -1;
}

void output_field_nearest(const char *name, size_t length, char *out, size_t size)
{
	const char *names[FIELD_END_OF_LIST];

	for (size_t id = 0; id < FIELD_END_OF_LIST; id++)
		names[id] = output_fields[id].name;
	output_nearest(name, length, names, FIELD_END_OF_LIST, out, size);
}
