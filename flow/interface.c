#include "flow/interface.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/candidates.h"
#include "flow/lookup.h"
#include "flow/memory.h"

enum { FEW_ADDRESSES = 4 }; /* an interface with more has them looked up */

/* Interfaces do not move, so they come by the block; and what packets ask of each is on one line of the cache. */
enum { BLOCK = 64 };
struct place {
	_Alignas(FLOW_MEMORY_LINE) struct flow_interface interface;
	bool bound;
};
_Static_assert(offsetof(struct flow_interface, ready) == 0 && sizeof(struct flow_interface_ready) <= FLOW_MEMORY_LINE,
	       "on one line of the cache");

struct flow_interfaces {
	struct flow_interface defaults;
	uint64_t id_basis; /* the hash of what stands before the names that ids are derived from */
	struct place **blocks;
	size_t block_count;
	size_t count;
	size_t configured;               /* the first of them; the others are implicit */
	struct flow_candidates **points; /* by the point's number; NULL: not told of */
	size_t point_room;
	struct flow_candidates *latest; /* the last that were made for several interfaces, or NULL */
	size_t most_candidates;
	uint32_t *kin; /* by an origin's `kin`: the first interface of those origins; NO_INTERFACE: not yet */
	size_t kin_room;
};

#define NO_INTERFACE UINT32_MAX

/* ---- one interface ---- */

void flow_interface_clear(struct flow_interface *interface)
{
	free(interface->name);
	free(interface->device);
	free(interface->addresses);
	free(interface->learned);
	free(interface->vpc_cidrs);
	free(interface->subnet_cidrs);
	flow_lookup_free(interface->ready.own);
	for (size_t i = 0; i < interface->security_group_count; i++)
		free(interface->security_groups[i]);
	free(interface->security_groups);
	free(interface->network_acl);
	for (size_t i = 0; i < FLOW_IDENTITY_END; i++)
		free(interface->identity[i]);
	for (size_t i = 0; i < FLOW_CARRIED_END; i++)
		free(interface->carried[i]);
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

static bool inherit_groups(struct flow_interface *to, const struct flow_interface *from)
{
	if (to->security_group_count > 0 || from->security_group_count == 0)
		return true;
	free(to->security_groups);
	to->security_groups = calloc(from->security_group_count, sizeof(*to->security_groups));
	if (!to->security_groups)
		return false;
	for (; to->security_group_count < from->security_group_count; to->security_group_count++)
		if (!copy_text(&to->security_groups[to->security_group_count],
			       from->security_groups[to->security_group_count]))
			return false;
	return true;
}

int flow_interface_inherit(struct flow_interface *to, const struct flow_interface *from, struct error *err)
{
	bool whole = inherit_prefixes(&to->vpc_cidrs, &to->vpc_cidr_count, from->vpc_cidrs, from->vpc_cidr_count) &&
		     inherit_prefixes(&to->subnet_cidrs, &to->subnet_cidr_count, from->subnet_cidrs,
				      from->subnet_cidr_count) &&
		     inherit_groups(to, from) && (to->network_acl || copy_text(&to->network_acl, from->network_acl));

	for (size_t i = 0; whole && i < FLOW_IDENTITY_END; i++)
		whole = to->identity[i] || copy_text(&to->identity[i], from->identity[i]);
	return whole ? 0 : fail_memory(err, "interfaces");
}

int flow_interface_copy(struct flow_interface *to, const struct flow_interface *from, struct error *err)
{
	int ret;

	to->has_mac = from->has_mac;
	to->has_vni = from->has_vni;
	to->anywhere = from->anywhere;
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

/* FNV-1a 64. What is hashed may come in parts: the hash of one is the basis of the next. */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static uint64_t hash_text(uint64_t basis, const char *text)
{
	for (; *text; text++)
		basis = (basis ^ (uint8_t)*text) * 0x100000001b3U;
	return basis;
}

static void write_id(uint64_t hash, char out[static FLOW_INTERFACE_ID_SIZE])
{
	snprintf(out, FLOW_INTERFACE_ID_SIZE, "eni-0%016" PRIx64, hash);
}

void flow_interface_derived_id(const char *name, char out[static FLOW_INTERFACE_ID_SIZE])
{
	write_id(hash_text(FNV_BASIS, name), out);
}

/* What every consumer of flow logs wants to be there is never left unset. */
static bool complete_identity(struct flow_interface *interface, uint64_t id_basis)
{
	char id[FLOW_INTERFACE_ID_SIZE];

	write_id(hash_text(id_basis, interface->name), id);
	return (interface->identity[FLOW_ACCOUNT_ID] ||
		copy_text(&interface->identity[FLOW_ACCOUNT_ID], "000000000000")) &&
	       (interface->identity[FLOW_INTERFACE_ID] || copy_text(&interface->identity[FLOW_INTERFACE_ID], id));
}

/* ---- its packets ---- */

/* An interface has learned addresses only if it has no others. */
static inline const struct flow_host *addresses_of(const struct flow_interface *interface, size_t *count)
{
	*count = interface->address_count + interface->learned_count;
	return interface->address_count > 0 ? interface->addresses : interface->learned;
}

static int prepare_own(struct flow_interface *interface, struct error *err)
{
	size_t count;
	const struct flow_host *hosts = addresses_of(interface, &count);
	int ret = flow_lookup_new(&interface->ready.own, err);

	for (size_t i = 0; ret >= 0 && i < count; i++) {
		const struct flow_host *host = &hosts[i];
		struct flow_lookup_key key = flow_lookup_address_key(&host->address, host->family);

		ret = flow_lookup_add(interface->ready.own, &key, 1, err);
	}
	return ret;
}

/* The bits of base + `n` of those prefixes that are IPv4. */
static uint64_t bits_of(const struct flow_prefix *prefixes, size_t count, uint8_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < count; i++) {
		struct flow_address nth = flow_prefix_nth(&prefixes[i], n);

		if (prefixes[i].family == FLOW_IPV4)
			bits |= flow_address_bit(&nth);
	}
	return bits;
}

int flow_interface_prepare(struct flow_interface *interface, struct error *err)
{
	struct flow_interface_ready *ready = &interface->ready;
	size_t count;
	const struct flow_host *hosts = addresses_of(interface, &count);

	flow_lookup_free(ready->own);
	*ready = (struct flow_interface_ready){ 0 };
	for (size_t i = count; i-- > 0;)
		ready->primary[hosts[i].family == FLOW_IPV6] = hosts[i];
	ready->routers = bits_of(interface->subnet_cidrs, interface->subnet_cidr_count, 1);
	ready->resolvers = bits_of(interface->vpc_cidrs, interface->vpc_cidr_count, 2);
	return count > FEW_ADDRESSES ? prepare_own(interface, err) : 0;
}

bool flow_interface_owns(const struct flow_interface *interface, enum flow_family family,
			 const struct flow_address *address)
{
	size_t count;
	const struct flow_host *hosts = addresses_of(interface, &count);
	bool owned = false;

	if (interface->ready.own) {
		struct flow_lookup_key key = flow_lookup_address_key(address, family);

		return flow_lookup_find(interface->ready.own, &key)->number != 0;
	}
	for (size_t i = 0; i < count; i++)
		owned |= (hosts[i].family == family) & flow_address_equal(&hosts[i].address, address);
	return owned;
}

/* Does the address at the interface's own end stay as it is, though it is not the primary address? Where it is no
 * unicast address of a host, and where it is an IPv6 address of the interface's own. */
static bool stays(const struct flow_interface *interface, enum flow_family family, const struct flow_address *address)
{
	if (flow_address_is_multicast(family, address) || flow_address_is_broadcast(family, address) ||
	    flow_address_is_unspecified(address) || flow_address_is_ipv6_link_local(family, address))
		return true;
	return family == FLOW_IPV6 && flow_interface_owns(interface, family, address);
}

bool flow_interface_addresses(const struct flow_interface *interface, const struct flow_observation *packet,
			      enum flow_direction direction, struct flow_address *source,
			      struct flow_address *destination)
{
	const struct flow_host *primary = &interface->ready.primary[packet->family == FLOW_IPV6];
	struct flow_address *own = direction == FLOW_INGRESS ? destination : source;

	*source = packet->source;
	*destination = packet->destination;
	if (!primary->family || packet->group || direction == FLOW_UNKNOWN ||
	    flow_address_equal(own, &primary->address) || stays(interface, packet->family, own))
		return false;
	*own = primary->address;
	return true;
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
	interfaces->id_basis = FNV_BASIS;
	*out = interfaces;
	return 0;
}

void flow_interfaces_of_host(struct flow_interfaces *interfaces, const char *machine_id)
{
	interfaces->id_basis = hash_text(hash_text(FNV_BASIS, machine_id), ":");
}

static struct place *place_of(const struct flow_interfaces *interfaces, size_t number)
{
	return &interfaces->blocks[number / BLOCK][number % BLOCK];
}

void flow_interfaces_free(struct flow_interfaces *interfaces)
{
	if (!interfaces)
		return;
	for (size_t i = 0; i < interfaces->count; i++)
		flow_interface_clear(&place_of(interfaces, i)->interface);
	for (size_t i = 0; i < interfaces->block_count; i++)
		free(interfaces->blocks[i]);
	for (size_t i = 0; i < interfaces->point_room; i++)
		flow_candidates_free(interfaces->points[i]);
	flow_interface_clear(&interfaces->defaults);
	free(interfaces->blocks);
	free(interfaces->points);
	free(interfaces->kin);
	free(interfaces);
}

static bool room_for_interface(struct flow_interfaces *interfaces)
{
	size_t blocks = interfaces->block_count;
	struct place **list;

	if (interfaces->count < blocks * BLOCK)
		return true;
	list = realloc(interfaces->blocks, (blocks + 1) * sizeof(struct place *));
	if (!list)
		return false;
	interfaces->blocks = list;
	list[blocks] = flow_memory_new(BLOCK * sizeof(**list));
	if (!list[blocks])
		return false;
	interfaces->block_count++;
	return true;
}

/* Moves `interface` behind the others. */
static int append(struct flow_interfaces *interfaces, struct flow_interface *interface, struct error *err)
{
	int ret;

	if (!room_for_interface(interfaces) || !complete_identity(interface, interfaces->id_basis))
		return fail_memory(err, "interfaces");
	ret = flow_interface_prepare(interface, err);
	if (ret < 0)
		return ret;
	if (!interface->is_read_back)
		interface->configured = interface->kin = (uint32_t)interfaces->count;
	*place_of(interfaces, interfaces->count++) = (struct place){ .interface = *interface };
	*interface = (struct flow_interface){ 0 };
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
	return &place_of(interfaces, number)->interface;
}

bool flow_interfaces_is_bound(const struct flow_interfaces *interfaces, size_t number)
{
	return place_of(interfaces, number)->bound;
}

/* ---- binding capture points ---- */

/* One that is no section's may be anywhere. An interface that names no device is meant wherever the point has no real
 * name, or has the interface's. */
static bool is_candidate(const struct flow_interface *interface, const struct flow_point *point)
{
	if (interface->anywhere)
		return true;
	if (interface->device)
		return strcmp(interface->device, point->name) == 0;
	return !point->named || strcmp(interface->name, point->name) == 0;
}

static bool room_for_point(struct flow_interfaces *interfaces, uint32_t number)
{
	size_t room = interfaces->point_room;
	struct flow_candidates **points;

	if (number < room)
		return true;
	room = number < 2 * room ? 2 * room : (size_t)number + 1;
	points = realloc(interfaces->points, room * sizeof(struct flow_candidates *));
	if (!points)
		return false;
	for (size_t i = interfaces->point_room; i < room; i++)
		points[i] = NULL;
	interfaces->points = points;
	interfaces->point_room = room;
	return true;
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

static bool copy_origin(struct flow_interface *to, const struct flow_origin *origin)
{
	const char *id = origin->identity[FLOW_INTERFACE_ID];
	bool whole = copy_text(&to->name, id ? id : "");

	for (size_t i = 0; whole && i < FLOW_IDENTITY_END; i++)
		whole = copy_text(&to->identity[i], origin->identity[i]);
	for (size_t i = 0; whole && i < FLOW_CARRIED_END; i++)
		whole = copy_text(&to->carried[i], origin->carried[i]);
	to->is_read_back = true;
	to->unknown = origin->unknown;
	return whole;
}

/* The configured interface that an origin is; NULL: none of them. */
static struct place *find_configured(const struct flow_interfaces *interfaces, const struct flow_origin *origin)
{
	const char *id = origin->identity[FLOW_INTERFACE_ID];

	for (size_t i = 0; id && i < interfaces->configured; i++) {
		struct place *place = place_of(interfaces, i);

		if (strcmp(place->interface.identity[FLOW_INTERFACE_ID], id) == 0)
			return place;
	}
	return NULL;
}

/* Who is the first of an origin's kin; the interface that is to be added, if none was there before. */
static bool find_kin(struct flow_interfaces *interfaces, const struct flow_origin *origin, uint32_t *out)
{
	size_t room = interfaces->kin_room;

	if (origin->kin >= room) {
		uint32_t *kin;

		room = origin->kin < 2 * room ? 2 * room : (size_t)origin->kin + 1;
		kin = realloc(interfaces->kin, room * sizeof(*kin));
		if (!kin)
			return false;
		for (size_t i = interfaces->kin_room; i < room; i++)
			kin[i] = NO_INTERFACE;
		interfaces->kin = kin;
		interfaces->kin_room = room;
	}
	if (interfaces->kin[origin->kin] == NO_INTERFACE)
		interfaces->kin[origin->kin] = (uint32_t)interfaces->count;
	*out = interfaces->kin[origin->kin];
	return true;
}

/* An interface that stands for an origin. */
static int add_read_back(struct flow_interfaces *interfaces, const struct flow_origin *origin, struct error *err)
{
	struct place *place = find_configured(interfaces, origin);
	struct flow_interface implicit = { .configured = (uint32_t)interfaces->count };
	int ret = 0;

	if (!copy_origin(&implicit, origin) || !find_kin(interfaces, origin, &implicit.kin))
		ret = fail_memory(err, "interfaces");
	if (ret == 0 && place) {
		ret = flow_interface_inherit(&implicit, &place->interface, err);
		implicit.configured = place->interface.configured;
		place->bound = true;
	}
	if (ret == 0)
		ret = flow_interface_inherit(&implicit, &interfaces->defaults, err);
	if (ret == 0)
		ret = append(interfaces, &implicit, err);
	flow_interface_clear(&implicit);
	return ret;
}

/* Writes the numbers of the point's interfaces; `numbers` has room for all that are configured, and one. */
static int list_candidates(struct flow_interfaces *interfaces, const struct flow_point *point, uint32_t *numbers,
			   size_t *count, struct error *err)
{
	int ret;

	*count = 0;
	for (size_t i = 0; !point->origin && i < interfaces->configured; i++)
		if (is_candidate(flow_interfaces_at(interfaces, i), point))
			numbers[(*count)++] = (uint32_t)i;
	if (*count > 0)
		return 0;
	ret = point->origin ? add_read_back(interfaces, point->origin, err) : add_implicit(interfaces, point, err);
	if (ret >= 0)
		numbers[(*count)++] = (uint32_t)interfaces->count - 1;
	return ret;
}

static bool is_of(const struct flow_candidates *candidates, const uint32_t *numbers, size_t count)
{
	size_t candidate_count;
	const uint32_t *own = flow_candidates_numbers(candidates, &candidate_count);

	return candidate_count == count && memcmp(own, numbers, count * sizeof(*numbers)) == 0;
}

/* Capture points without names mostly have the same interfaces, and share them. Strangers choose how many such points
 * there are, and which others between them: those have one interface each, but for as many as are configured. */
static int make_candidates(struct flow_interfaces *interfaces, struct flow_candidates **out, const uint32_t *numbers,
			   size_t count, struct error *err)
{
	if (!interfaces->latest || !is_of(interfaces->latest, numbers, count))
		return flow_candidates_new(out, interfaces, numbers, count, err);
	*out = flow_candidates_share(interfaces->latest);
	return 0;
}

/* A point that is told of for the first time. */
static int bind_new(struct flow_interfaces *interfaces, const struct flow_point *point, struct error *err)
{
	uint32_t *numbers;
	size_t count;
	int ret;

	numbers = malloc((interfaces->configured + 1) * sizeof(*numbers));
	if (!numbers)
		return fail_memory(err, "interfaces");
	ret = list_candidates(interfaces, point, numbers, &count, err);
	if (ret >= 0)
		ret = make_candidates(interfaces, &interfaces->points[point->number], numbers, count, err);
	for (size_t i = 0; ret >= 0 && i < count; i++)
		place_of(interfaces, numbers[i])->bound = true;
	free(numbers);
	if (ret < 0)
		return ret;
	if (count > 1)
		interfaces->latest = interfaces->points[point->number];
	if (count > interfaces->most_candidates)
		interfaces->most_candidates = count;
	return 0;
}

/* One that says whose packets it wants is not the host's own device, but behind it: on a bridge, in a tunnel. */
static bool may_learn(const struct flow_interface *interface)
{
	return interface->address_count == 0 && !interface->has_mac && !interface->has_vni && !interface->anywhere;
}

static int learn(struct flow_interface *interface, const struct flow_point *point, struct error *err)
{
	size_t size = point->address_count * sizeof(*point->addresses);

	if (interface->learned_count == point->address_count &&
	    (size == 0 || memcmp(interface->learned, point->addresses, size) == 0))
		return 0;
	free(interface->learned);
	interface->learned = NULL;
	interface->learned_count = 0;
	if (!copy_bytes(&interface->learned, point->addresses, size))
		return fail_memory(err, "interfaces");
	interface->learned_count = point->address_count;
	return flow_interface_prepare(interface, err);
}
_Static_assert(sizeof(struct flow_host) == 1 + sizeof(struct flow_address), "addresses are compared as bytes");

int flow_interfaces_bind(struct flow_interfaces *interfaces, const struct flow_point *point, struct error *err)
{
	const uint32_t *numbers;
	size_t count;
	int ret = 0;

	if (!room_for_point(interfaces, point->number))
		return fail_memory(err, "interfaces");
	if (!interfaces->points[point->number])
		ret = bind_new(interfaces, point, err);
	if (ret < 0)
		return ret;
	numbers = flow_interfaces_of_point(interfaces, point->number, &count);
	for (size_t i = 0; ret >= 0 && i < count; i++) {
		struct flow_interface *interface = &place_of(interfaces, numbers[i])->interface;

		if (may_learn(interface))
			ret = learn(interface, point, err);
	}
	return ret;
}

static const struct flow_candidates *candidates_of(const struct flow_interfaces *interfaces, uint32_t point)
{
	return point < interfaces->point_room ? interfaces->points[point] : NULL;
}

const uint32_t *flow_interfaces_of_point(const struct flow_interfaces *interfaces, uint32_t point, size_t *count)
{
	const struct flow_candidates *candidates = candidates_of(interfaces, point);

	*count = 0;
	return candidates ? flow_candidates_numbers(candidates, count) : NULL;
}

size_t flow_interfaces_match(const struct flow_interfaces *interfaces, const struct flow_observation *packet,
			     struct flow_match *matches)
{
	const struct flow_candidates *candidates = candidates_of(interfaces, packet->point);

	return candidates ? flow_candidates_match(candidates, packet, matches) : 0;
}

int64_t flow_interfaces_taker(const struct flow_interfaces *interfaces, uint32_t point)
{
	const struct flow_candidates *candidates = candidates_of(interfaces, point);

	return candidates ? flow_candidates_taker(candidates) : -1;
}

bool flow_interfaces_has_origins(const struct flow_interfaces *interfaces)
{
	return interfaces->kin_room > 0;
}

size_t flow_interfaces_most_matches(const struct flow_interfaces *interfaces)
{
	return 2 * interfaces->most_candidates;
}
