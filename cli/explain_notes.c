#include "cli/explain_notes.h"

#include "cli/listing.h"
#include "flow/exclusion.h"
#include "output/protocol.h"

static const char *const excluded[FLOW_EXCLUSION_END] = {
	[FLOW_EXCLUDED_METADATA] = "to or from the instance metadata service",
	[FLOW_EXCLUDED_TIME] = "to or from the time service",
	[FLOW_EXCLUDED_DNS] = "to or from the Amazon DNS server",
	[FLOW_EXCLUDED_ACTIVATION] = "of Windows activation",
	[FLOW_EXCLUDED_DHCP] = "of DHCP",
	[FLOW_EXCLUDED_ROUTER] = "to the VPC router",
};

struct notes {
	FILE *out;
	const struct settings *settings;
	const struct question *question;
	const struct flow_interface *interface;
	bool begun;
};

const char *explain_endpoint(char out[static EXPLAIN_ENDPOINT_SIZE], const struct flow_observation *packet, bool source)
{
	const struct flow_address *address = source ? &packet->source : &packet->destination;
	uint16_t port = source ? packet->source_port : packet->destination_port;
	bool brackets = packet->family == FLOW_IPV6;
	char text[LISTING_ADDRESS_SIZE];

	listing_address(text, packet->family, address);
	if (output_protocol_has_ports(packet->protocol))
		snprintf(out, EXPLAIN_ENDPOINT_SIZE, "%s%s%s:%u", brackets ? "[" : "", text, brackets ? "]" : "", port);
	else
		snprintf(out, EXPLAIN_ENDPOINT_SIZE, "%s", text);
	return out;
}

static bool has_address(const struct flow_interface *interface, enum flow_family family,
			const struct flow_address *address)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].family == family &&
		    flow_address_equal(&interface->addresses[i].address, address))
			return true;
	return false;
}

/* One line; an empty one before the first. */
static void note(struct notes *notes, const char *format, ...) ENIFLOW_PRINTF(2, 3);
static void note(struct notes *notes, const char *format, ...)
{
	va_list args;

	fputs(notes->begun ? "Note: " : "\nNote: ", notes->out);
	notes->begun = true;
	va_start(args, format);
	vfprintf(notes->out, format, args);
	va_end(args);
	fputc('\n', notes->out);
}

/* ---- what was taken ---- */

static void note_choices(struct notes *notes)
{
	const struct question *question = notes->question;

	if (question->chose_port)
		note(notes, "SOURCE has no port; %u stands in, an ephemeral one", QUESTION_SOURCE_PORT);
	if (question->chose_type)
		note(notes, "PROTOCOL has no ICMP type; an echo request, %u/%u, stands in", question->packet.icmp_type,
		     question->packet.icmp_code);
}

static bool is_icmp_error(const struct flow_observation *packet)
{
	if (packet->protocol == OUTPUT_PROTOCOL_ICMPV6)
		return packet->icmp_type < 128;
	return packet->protocol == OUTPUT_PROTOCOL_ICMP &&
	       (packet->icmp_type == 3 || packet->icmp_type == 4 || packet->icmp_type == 5 || packet->icmp_type == 11 ||
		packet->icmp_type == 12);
}

static void note_icmp_error(struct notes *notes)
{
	if (is_icmp_error(&notes->question->packet))
		note(notes, "this ICMP error is judged alone; one about a tracked connection passes the security "
			    "groups");
}

/* ---- whose addresses ---- */

static void note_addresses(struct notes *notes)
{
	const struct flow_observation *packet = &notes->question->packet;
	const struct flow_interface *interface = notes->interface;
	bool egress = notes->question->direction == FLOW_EGRESS;
	const struct flow_address *own = egress ? &packet->source : &packet->destination;
	const struct flow_address *other = egress ? &packet->destination : &packet->source;
	char text[LISTING_ADDRESS_SIZE];

	if (interface->address_count == 0 || has_address(interface, packet->family, own))
		return;
	listing_address(text, packet->family, has_address(interface, packet->family, other) ? other : own);
	if (has_address(interface, packet->family, other))
		note(notes, "%s is an address of %s, so that the packet is its %s", text, interface->name,
		     egress ? "ingress" : "egress");
	else if (!flow_address_is_multicast(packet->family, own) && !flow_address_is_broadcast(packet->family, own))
		note(notes, "%s is no address of %s", text, interface->name);
}

/* Writes the command that asks the other interface about the same packet. */
static void command_text(char *out, size_t size, const struct notes *notes, const struct flow_interface *interface,
			 bool egress)
{
	const struct flow_observation *packet = &notes->question->packet;
	const char *config = notes->settings->config, *name = interface->name;
	char source[EXPLAIN_ENDPOINT_SIZE], destination[EXPLAIN_ENDPOINT_SIZE], protocol[OUTPUT_PROTOCOL_NAME_SIZE];
	char id[FLOW_INTERFACE_ID_SIZE], detail[16] = "";

	if (strpbrk(name, " \t'\"$\\"))
		name = question_interface_id(interface, id); /* needs no quotes */
	if (packet->has_icmp)
		snprintf(detail, sizeof(detail), "/%u/%u", packet->icmp_type, packet->icmp_code);
	snprintf(out, size, "eniflow explain %s%s%s%s %s %s%s %s %s", config ? "-c " : "", config ? config : "",
		 config ? " " : "", name, egress ? "egress" : "ingress",
		 output_protocol_name(packet->protocol, protocol), detail, explain_endpoint(source, packet, true),
		 explain_endpoint(destination, packet, false));
}

/* A packet between two of the interfaces is judged twice. */
static void note_peer(struct notes *notes)
{
	const struct flow_observation *packet = &notes->question->packet;
	bool egress = notes->question->direction == FLOW_EGRESS;
	const struct flow_address *other = egress ? &packet->destination : &packet->source;
	char text[LISTING_ADDRESS_SIZE], command[512];

	for (size_t i = 0; i < notes->settings->interface_count; i++) {
		const struct flow_interface *interface = &notes->settings->interfaces[i];

		if (i == notes->question->interface || !has_address(interface, packet->family, other) ||
		    (interface->security_group_count == 0 && !interface->network_acl))
			continue;
		command_text(command, sizeof(command), notes, interface, !egress);
		note(notes, "%s is an address of %s, which judges the packet, too: %s",
		     listing_address(text, packet->family, other), interface->name, command);
	}
}

/* ---- what becomes of it ---- */

static int note_exclusion(struct notes *notes, struct error *err)
{
	enum flow_exclusion why = FLOW_NOT_EXCLUDED;
	struct flow_interface ready = { 0 };
	int ret = flow_interface_copy(&ready, notes->interface, err);

	if (ret == 0)
		ret = flow_interface_prepare(&ready, err);
	if (ret == 0)
		why = flow_exclusion_of(&ready, &notes->question->packet);
	flow_interface_clear(&ready);
	if (why != FLOW_NOT_EXCLUDED && notes->settings->exclude_aws)
		note(notes, "it is in no log: AWS leaves out packets %s, and so does exclude = aws", excluded[why]);
	return ret;
}

static void note_direction(struct notes *notes)
{
	const struct flow_interface *interface = notes->interface;

	if (!interface->has_mac && interface->address_count == 0 &&
	    (interface->security_group_count > 0 || interface->network_acl))
		note(notes,
		     "%s has neither mac nor address; packets whose direction the capture does not tell are "
		     "not judged",
		     interface->name);
}

int explain_notes(FILE *out, const struct settings *settings, const struct question *question, struct error *err)
{
	struct notes notes = { out, settings, question, &settings->interfaces[question->interface], false };
	int ret;

	note_choices(&notes);
	note_icmp_error(&notes);
	note_addresses(&notes);
	note_peer(&notes);
	ret = note_exclusion(&notes, err);
	note_direction(&notes);
	return ret;
}
