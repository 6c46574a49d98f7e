#include "flow/interface.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The candidates of one capture point: numbers of interfaces, ascending. */
struct point {
	bool bound;
	uint32_t *candidates;
	size_t count;
};

struct flow_interfaces {
	struct flow_interface defaults;
	struct flow_interface **items;
	bool *bound;
	size_t count;
	size_t configured;    /* the first of them; the others are implicit */
	struct point *points; /* by the point's number */
	size_t point_count;
	size_t most_candidates;
};

/* ---- one interface ---- */

void flow_interface_clear(struct flow_interface *interface)
{
	free(interface->name);
	free(interface->device);
	free(interface->addresses);
	free(interface->vpc_cidrs);
	free(interface->subnet_cidrs);
	for (size_t i = 0; i < FLOW_IDENTITY_END; i++)
		free(interface->identity[i]);
	*interface = (struct flow_interface){ 0 };
}

/* Copies `size` bytes into `*to`; nothing for size 0. */
static bool copy_bytes(void *to, const void *from, size_t size)
{
	void *copy = NULL;

	if (from && size > 0) {
		copy = malloc(size);
		if (!copy)
			return false;
		memcpy(copy, from, size);
	}
	memcpy(to, &copy, sizeof(copy));
	return true;
}

static bool copy_text(char **to, const char *from)
{
	return copy_bytes(to, from, from ? strlen(from) + 1 : 0);
}

/* A list that is not empty stays as it is. */
static bool inherit_prefixes(struct flow_prefix **to, size_t *count, const struct flow_prefix *from, size_t from_count)
{
	if (*count > 0)
		return true;
	if (!copy_bytes(to, from, from_count * sizeof(*from)))
		return false;
	*count = from_count;
	return true;
}

int flow_interface_inherit(struct flow_interface *to, const struct flow_interface *from, struct error *err)
{
	bool whole = inherit_prefixes(&to->vpc_cidrs, &to->vpc_cidr_count, from->vpc_cidrs, from->vpc_cidr_count) &&
		     inherit_prefixes(&to->subnet_cidrs, &to->subnet_cidr_count, from->subnet_cidrs,
				      from->subnet_cidr_count);

	for (size_t i = 0; whole && i < FLOW_IDENTITY_END; i++)
		whole = to->identity[i] || copy_text(&to->identity[i], from->identity[i]);
	return whole ? 0 : fail_memory(err, "interfaces");
}

int flow_interface_copy(struct flow_interface *to, const struct flow_interface *from, struct error *err)
{
	int ret;

	to->has_mac = from->has_mac;
	to->has_vni = from->has_vni;
	to->vni = from->vni;
	memcpy(to->mac, from->mac, sizeof(to->mac));
	to->address_count = from->address_count;
	if (copy_text(&to->name, from->name) && copy_text(&to->device, from->device) &&
	    copy_bytes(&to->addresses, from->addresses, from->address_count * sizeof(*from->addresses)))
		ret = flow_interface_inherit(to, from, err);
	else
		ret = fail_memory(err, "interfaces");
	if (ret < 0)
		flow_interface_clear(to);
	return ret;
}

void flow_interface_derived_id(const char *name, char out[static FLOW_INTERFACE_ID_SIZE])
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a 64: offset basis and prime */

	for (const char *at = name; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 0x100000001b3U;
	snprintf(out, FLOW_INTERFACE_ID_SIZE, "eni-0%016" PRIx64, hash);
}

/* What every consumer of flow logs wants to be there is never left unset. */
static bool complete_identity(struct flow_interface *interface)
{
	char id[FLOW_INTERFACE_ID_SIZE];

	flow_interface_derived_id(interface->name, id);
	return (interface->identity[FLOW_ACCOUNT_ID] ||
		copy_text(&interface->identity[FLOW_ACCOUNT_ID], "000000000000")) &&
	       (interface->identity[FLOW_INTERFACE_ID] || copy_text(&interface->identity[FLOW_INTERFACE_ID], id));
}

/* The first address of the family, or NULL. */
static const struct flow_address *primary_address(const struct flow_interface *interface, enum flow_family family)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].family == family)
			return &interface->addresses[i].address;
	return NULL;
}

static bool owns_address(const struct flow_interface *interface, enum flow_family family,
			 const struct flow_address *address)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].family == family &&
		    flow_address_equal(&interface->addresses[i].address, address))
			return true;
	return false;
}

/* The address at the interface's own end as its flow log shows it: the primary address stands for any other, but for
 * what is no unicast address of a host, and IPv6 addresses that are the interface's own. */
static struct flow_address near_address(const struct flow_interface *interface, enum flow_family family,
					const struct flow_address *address)
{
	const struct flow_address *primary = primary_address(interface, family);

	if (!primary || flow_address_is_multicast(family, address) || flow_address_is_broadcast(family, address) ||
	    flow_address_is_unspecified(address) || flow_address_is_ipv6_link_local(family, address))
		return *address;
	if (family == FLOW_IPV6 && owns_address(interface, family, address))
		return *address;
	return *primary;
}

void flow_interface_addresses(const struct flow_interface *interface, const struct flow_observation *packet,
			      enum flow_direction direction, struct flow_address *source,
			      struct flow_address *destination)
{
	*source = packet->source;
	*destination = packet->destination;
	if (packet->group || interface->address_count == 0)
		return;
	if (direction == FLOW_INGRESS)
		*destination = near_address(interface, packet->family, &packet->destination);
	else if (direction == FLOW_EGRESS)
		*source = near_address(interface, packet->family, &packet->source);
}

/* ---- the set ---- */

int flow_interfaces_new(struct flow_interfaces **out, const struct flow_interface *defaults, struct error *err)
{
	struct flow_interfaces *interfaces = calloc(1, sizeof(*interfaces));
	int ret;

	if (!interfaces)
		return fail_memory(err, "interfaces");
	ret = flow_interface_copy(&interfaces->defaults, defaults, err);
	if (ret < 0) {
		free(interfaces);
		return ret;
	}
	*out = interfaces;
	return 0;
}

void flow_interfaces_free(struct flow_interfaces *interfaces)
{
	if (!interfaces)
		return;
	for (size_t i = 0; i < interfaces->count; i++) {
		flow_interface_clear(interfaces->items[i]);
		free(interfaces->items[i]);
	}
	for (size_t i = 0; i < interfaces->point_count; i++)
		free(interfaces->points[i].candidates);
	flow_interface_clear(&interfaces->defaults);
	free(interfaces->items);
	free(interfaces->bound);
	free(interfaces->points);
	free(interfaces);
}

/* Moves `interface` behind the others. */
static int append(struct flow_interfaces *interfaces, struct flow_interface *interface, struct error *err)
{
	size_t room = interfaces->count + 1;
	struct flow_interface **items = realloc(interfaces->items, room * sizeof(*items));
	struct flow_interface *item;
	bool *bound;

	if (!items)
		return fail_memory(err, "interfaces");
	interfaces->items = items;
	bound = realloc(interfaces->bound, room * sizeof(*bound));
	if (!bound)
		return fail_memory(err, "interfaces");
	interfaces->bound = bound;
	item = malloc(sizeof(*item));
	if (!item || !complete_identity(interface)) {
		free(item);
		return fail_memory(err, "interfaces");
	}
	*item = *interface;
	*interface = (struct flow_interface){ 0 };
	items[interfaces->count] = item;
	bound[interfaces->count++] = false;
	return 0;
}

int flow_interfaces_add(struct flow_interfaces *interfaces, struct flow_interface *interface, struct error *err)
{
	int ret = interface->name ? append(interfaces, interface, err) : fail(err, EINVAL, "interface: it has no name");

	if (ret >= 0)
		interfaces->configured = interfaces->count;
	return ret;
}

size_t flow_interfaces_count(const struct flow_interfaces *interfaces)
{
	return interfaces->count;
}

const struct flow_interface *flow_interfaces_at(const struct flow_interfaces *interfaces, size_t number)
{
	return interfaces->items[number];
}

bool flow_interfaces_is_bound(const struct flow_interfaces *interfaces, size_t number)
{
	return interfaces->bound[number];
}

/* ---- binding capture points ---- */

/* An interface that names no device is meant wherever the point has no real name, or has the interface's. */
static bool is_candidate(const struct flow_interface *interface, const struct flow_point *point)
{
	if (interface->device)
		return strcmp(interface->device, point->name) == 0;
	return !point->named || strcmp(interface->name, point->name) == 0;
}

static struct point *room_for_point(struct flow_interfaces *interfaces, uint32_t number)
{
	size_t count = interfaces->point_count;

	if (number >= count) {
		struct point *points = realloc(interfaces->points, ((size_t)number + 1) * sizeof(*points));

		if (!points)
			return NULL;
		memset(points + count, 0, (number + 1 - count) * sizeof(*points));
		interfaces->points = points;
		interfaces->point_count = (size_t)number + 1;
	}
	return &interfaces->points[number];
}

static int add_implicit(struct flow_interfaces *interfaces, const struct flow_point *point, struct error *err)
{
	struct flow_interface implicit = { 0 };
	int ret;

	implicit.name = strdup(point->name);
	if (!implicit.name)
		return fail_memory(err, "interfaces");
	ret = flow_interface_inherit(&implicit, &interfaces->defaults, err);
	if (ret == 0)
		ret = append(interfaces, &implicit, err);
	flow_interface_clear(&implicit);
	return ret;
}

int flow_interfaces_bind(struct flow_interfaces *interfaces, const struct flow_point *point, struct error *err)
{
	struct point *slot = room_for_point(interfaces, point->number);
	int ret;

	if (!slot)
		return fail_memory(err, "interfaces");
	if (slot->bound)
		return 0;
	slot->candidates = calloc(interfaces->configured + 1, sizeof(*slot->candidates));
	if (!slot->candidates)
		return fail_memory(err, "interfaces");
	for (size_t i = 0; i < interfaces->configured; i++)
		if (is_candidate(interfaces->items[i], point))
			slot->candidates[slot->count++] = (uint32_t)i;
	if (slot->count == 0) {
		ret = add_implicit(interfaces, point, err);
		if (ret < 0)
			return ret;
		slot->candidates[slot->count++] = (uint32_t)interfaces->count - 1;
	}
	slot->bound = true;
	for (size_t i = 0; i < slot->count; i++)
		interfaces->bound[slot->candidates[i]] = true;
	if (slot->count > interfaces->most_candidates)
		interfaces->most_candidates = slot->count;
	return 0;
}

const uint32_t *flow_interfaces_of_point(const struct flow_interfaces *interfaces, uint32_t point, size_t *count)
{
	if (point >= interfaces->point_count) {
		*count = 0;
		return NULL;
	}
	*count = interfaces->points[point].count;
	return interfaces->points[point].candidates;
}

/* ---- matching packets ---- */

enum { SENT = 1, RECEIVED = 2 };

static unsigned sees_by_mac(const struct flow_interface *interface, const struct flow_observation *packet)
{
	unsigned seen = 0;

	if (memcmp(packet->source_mac, interface->mac, sizeof(interface->mac)) == 0)
		seen |= SENT;
	if (memcmp(packet->destination_mac, interface->mac, sizeof(interface->mac)) == 0)
		seen |= RECEIVED;
	if (packet->group && !(seen & SENT))
		seen |= RECEIVED;
	return seen;
}

/* Where no MAC can tell. The capture's own word gives the direction, and the addresses say whose packet it is; where
 * they do not, it is that of the point's only interface. Without a word the addresses alone decide. */
static unsigned sees_by_address(const struct flow_interface *interface, const struct flow_observation *packet,
				bool only)
{
	bool sent = owns_address(interface, packet->family, &packet->source);
	bool received = owns_address(interface, packet->family, &packet->destination);

	only = only && interface->address_count > 0;
	switch (packet->word) {
	case FLOW_INGRESS:
		return received || only || packet->group ? RECEIVED : 0;
	case FLOW_EGRESS:
		if (sent || only)
			return SENT;
		return packet->group ? RECEIVED : 0;
	default:
		if (packet->group)
			return sent ? SENT : RECEIVED;
		return (sent ? SENT : 0u) | (received ? RECEIVED : 0u);
	}
}

static bool takes_everything(const struct flow_interface *interface)
{
	return !interface->has_mac && interface->address_count == 0;
}

size_t flow_interfaces_match(const struct flow_interfaces *interfaces, const struct flow_observation *packet,
			     struct flow_match *matches)
{
	const struct point *point;
	size_t count = 0;

	if (packet->point >= interfaces->point_count)
		return 0;
	point = &interfaces->points[packet->point];
	for (size_t i = 0; i < point->count; i++) {
		uint32_t number = point->candidates[i];
		const struct flow_interface *interface = interfaces->items[number];
		unsigned seen;

		if (interface->has_vni && !(packet->has_vni && packet->vni == interface->vni))
			continue;
		if (takes_everything(interface)) {
			matches[count++] = (struct flow_match){ number, packet->word };
			continue;
		}
		if (interface->has_mac && packet->has_macs)
			seen = sees_by_mac(interface, packet);
		else
			seen = sees_by_address(interface, packet, point->count == 1);
		if (seen & SENT)
			matches[count++] = (struct flow_match){ number, FLOW_EGRESS };
		if (seen & RECEIVED)
			matches[count++] = (struct flow_match){ number, FLOW_INGRESS };
	}
	return count;
}

size_t flow_interfaces_most_matches(const struct flow_interfaces *interfaces)
{
	return 2 * interfaces->most_candidates;
}
