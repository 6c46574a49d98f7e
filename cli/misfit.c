#include "cli/misfit.h"

#include <stdio.h>

#include "cli/listing.h"
#include "cli/policy_remarks.h"
#include "cli/rule_text.h"
#include "output/protocol.h"

/* Of whom the rule speaks. */
static const struct flow_address *peer_of(const struct flow_observation *packet, bool egress)
{
	return egress ? &packet->destination : &packet->source;
}

static bool is_member(const struct flow_interface *interface, const char *group, enum flow_family family,
		      const struct flow_address *address)
{
	bool named = false;

	for (size_t i = 0; i < interface->security_group_count && !named; i++)
		named = strcmp(interface->security_groups[i], group) == 0;
	for (size_t i = 0; i < interface->address_count && named; i++)
		if (interface->addresses[i].family == family &&
		    flow_address_equal(&interface->addresses[i].address, address))
			return true;
	return false;
}

static bool fits_peer(const struct settings *settings, const struct flow_rule *rule, enum flow_family family,
		      const struct flow_address *address)
{
	for (size_t i = 0; rule->group && i < settings->interface_count; i++)
		if (is_member(&settings->interfaces[i], rule->group, family, address))
			return true;
	for (size_t i = 0; i < rule->peer_count; i++)
		if (flow_prefix_contains(&rule->peers[i], family, address))
			return true;
	return false;
}

static bool fits_port(const struct flow_rule *rule, const struct flow_observation *packet)
{
	if (rule->protocol < 0)
		return true;
	if (output_protocol_is_icmp(packet->protocol))
		return (rule->icmp_type < 0 || rule->icmp_type == packet->icmp_type) &&
		       (rule->icmp_code < 0 || rule->icmp_code == packet->icmp_code);
	return !output_protocol_has_ports(packet->protocol) ||
	       (packet->destination_port >= rule->port_from && packet->destination_port <= rule->port_to);
}

unsigned misfit_of(const struct settings *settings, const struct flow_rule *rule, bool egress,
		   const struct flow_observation *packet)
{
	bool same = rule->protocol < 0 || rule->protocol == packet->protocol;
	unsigned misfits = same ? 0 : MISFIT_PROTOCOL;

	if (same && !fits_port(rule, packet))
		misfits |= MISFIT_PORT;
	if (!fits_peer(settings, rule, packet->family, peer_of(packet, egress)))
		misfits |= MISFIT_PEER;
	return misfits;
}

/* ---- in words ---- */

enum { PART_SIZE = 190 };

static void protocol_words(char out[static PART_SIZE], const struct flow_rule *rule,
			   const struct flow_observation *packet)
{
	char has[OUTPUT_PROTOCOL_NAME_SIZE], wants[OUTPUT_PROTOCOL_NAME_SIZE];

	snprintf(out, PART_SIZE, "%s is not %s", output_protocol_name(packet->protocol, has),
		 output_protocol_name((uint8_t)rule->protocol, wants));
}

static void port_words(char out[static PART_SIZE], const struct flow_rule *rule, const struct flow_observation *packet)
{
	if (!output_protocol_is_icmp(packet->protocol) && rule->port_from == rule->port_to)
		snprintf(out, PART_SIZE, "port %u is not %u", packet->destination_port, rule->port_from);
	else if (!output_protocol_is_icmp(packet->protocol))
		snprintf(out, PART_SIZE, "port %u is not in %u-%u", packet->destination_port, rule->port_from,
			 rule->port_to);
	else if (rule->icmp_type >= 0 && rule->icmp_type != packet->icmp_type)
		snprintf(out, PART_SIZE, "type %u is not %d", packet->icmp_type, rule->icmp_type);
	else
		snprintf(out, PART_SIZE, "code %u is not %d", packet->icmp_code, rule->icmp_code);
}

static void peer_words(char out[static PART_SIZE], const struct settings *settings, const struct flow_rule *rule,
		       enum flow_family family, const struct flow_address *address)
{
	char text[LISTING_ADDRESS_SIZE], prefix[RULE_PREFIX_SIZE];

	listing_address(text, family, address);
	if (rule->group && !policy_has_members(settings, rule->group))
		snprintf(out, PART_SIZE, "%.100s has no member with an address", rule->group);
	else if (rule->group)
		snprintf(out, PART_SIZE, "%s is no member of %.80s", text, rule->group);
	else if (rule->peer_count != 1)
		snprintf(out, PART_SIZE, "%s is in none of its %zu prefixes", text, rule->peer_count);
	else if (rule->peers[0].family != family)
		snprintf(out, PART_SIZE, "%s is not IPv%d", text, rule->peers[0].family);
	else
		snprintf(out, PART_SIZE, "%s is not in %s", text, rule_text_prefix(prefix, &rule->peers[0]));
}

const char *misfit_words(char out[static MISFIT_SIZE], const struct settings *settings, const struct flow_rule *rule,
			 bool egress, const struct flow_observation *packet)
{
	unsigned misfits = misfit_of(settings, rule, egress, packet);
	char kind[PART_SIZE] = "", peer[PART_SIZE] = "";

	if (misfits & MISFIT_PROTOCOL)
		protocol_words(kind, rule, packet);
	else if (misfits & MISFIT_PORT)
		port_words(kind, rule, packet);
	if (misfits & MISFIT_PEER)
		peer_words(peer, settings, rule, packet->family, peer_of(packet, egress));
	snprintf(out, MISFIT_SIZE, "%s%s%s", kind, *kind && *peer ? ", " : "", peer);
	return out;
}
