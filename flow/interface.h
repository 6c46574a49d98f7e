/* flow/interface.h - network interfaces in the sense of a flow log (ENIs): who they are and which packets are theirs.
 *
 * Sources: semantics sections 3 and 4, section 13 numbers 12 to 16. */
#ifndef ENIFLOW_FLOW_INTERFACE_H
#define ENIFLOW_FLOW_INTERFACE_H

#include "flow/error.h"
#include "flow/identity.h"
#include "flow/observation.h"
#include "flow/origin.h"

struct flow_lookup;

/* What packets ask of an interface, one by one: made from what it is configured with. */
struct flow_interface_ready {
	/* flow_address_bit()s, or-ed: of base + 1 of the IPv4 subnet-cidrs, and of base + 2 of the IPv4 vpc-cidrs */
	uint64_t routers, resolvers;
	struct flow_lookup *own;     /* the addresses, configured or learned, where they are many; or NULL */
	struct flow_host primary[2]; /* the IPv4 and the IPv6 one; `family` is 0 where there is none */
};

/* One interface, as configured or as stands for a capture point that no configuration speaks of. Plain data: whoever
 * fills it takes all memory from malloc; flow_interface_clear() gives it back. Zeroed, it is an interface without
 * anything known, but for `vni`. */
struct flow_interface {
	struct flow_interface_ready ready; /* by flow_interface_prepare(); until then zeroed */
	char *name;   /* the section's, or the capture point's; never NULL once it stands in the set */
	char *device; /* the capture point it names, or NULL */
	bool has_mac, has_vni;
	bool anywhere; /* it may be at every capture point; else see flow_interfaces_bind() */
	uint8_t mac[6];
	uint32_t vni;
	struct flow_host *addresses; /* the first of a family is its primary address */
	size_t address_count;
	/* Live: those of its device, where it has none of its own, no MAC and no VNI. They are for section 4 alone: the
	 * interface takes every packet of its capture point all the same. */
	struct flow_host *learned;
	size_t learned_count;
	struct flow_prefix *vpc_cidrs, *subnet_cidrs;
	size_t vpc_cidr_count, subnet_cidr_count;
	char **security_groups; /* names; none: no group limits it */
	size_t security_group_count;
	char *network_acl;                 /* its name, or NULL */
	char *identity[FLOW_IDENTITY_END]; /* NULL: not set */

	/* By flow_interfaces_add() and flow_interfaces_bind(), as are all below: its place in the set, or that of the
	 * configured interface which it is; and that of the first one that stands for the same ENI. Its own, but where
	 * flow logs are read back. */
	uint32_t configured, kin;
	bool is_read_back;               /* it stands for an origin (flow/origin.h) */
	unsigned unknown;                /* enum flow_unknown, or-ed: what its records leave open */
	char *carried[FLOW_CARRIED_END]; /* NULL: nothing */
};

void flow_interface_clear(struct flow_interface *interface);

/* Copies `from`, but for what is ready or learned, or of an origin, into the zeroed `to`. Returns 0 or -ENOMEM with `to`
 * cleared. */
int flow_interface_copy(struct flow_interface *to, const struct flow_interface *from, struct error *err);

/* Copies what describes interfaces in general, identity fields, CIDR lists and the names of policies, as far as `to` has
 * none of its own. Returns 0 or -ENOMEM, with a part of it copied. */
int flow_interface_inherit(struct flow_interface *to, const struct flow_interface *from, struct error *err);

/* "eni-0" and the 16 hex digits of the FNV-1a 64 hash of `name`: what interface-id is when nothing sets it. */
enum { FLOW_INTERFACE_ID_SIZE = 22 };
void flow_interface_derived_id(const char *name, char out[static FLOW_INTERFACE_ID_SIZE]);

/* Makes an interface ready for packets once all else is filled in; those of a set are. Returns 0 or -ENOMEM. */
int flow_interface_prepare(struct flow_interface *interface, struct error *err);

/* Is it one of the interface's addresses, configured or learned? The interface is ready. */
bool flow_interface_owns(const struct flow_interface *interface, enum flow_family family,
			 const struct flow_address *address);

/* srcaddr and dstaddr of the packet as this interface, which is ready, shows them (section 4). Are they others than the
 * packet's own? */
bool flow_interface_addresses(const struct flow_interface *interface, const struct flow_observation *packet,
			      enum flow_direction direction, struct flow_address *source,
			      struct flow_address *destination);

/* All interfaces of a run, in the order of output: configured ones first, then implicit ones by appearance.
 * Not for two threads at once, unless all of them only read. */
struct flow_interfaces;

/* `defaults` (copied) is what implicit interfaces inherit from. */
int flow_interfaces_new(struct flow_interfaces **out, const struct flow_interface *defaults, struct error *err);
void flow_interfaces_free(struct flow_interfaces *interfaces);

/* They are those of a live host: "MACHINE-ID:" stands before the names that interface-ids are derived from. Before any
 * interface is added. */
void flow_interfaces_of_host(struct flow_interfaces *interfaces, const char *machine_id);

/* Adds a configured interface, which has its name (moved: `interface` is zeroed on success), before any point is bound.
 * What is unset of account-id and interface-id gets its default. Returns 0, -EINVAL (no name) or -ENOMEM. */
int flow_interfaces_add(struct flow_interfaces *interfaces, struct flow_interface *interface, struct error *err);

/* Tells of a capture point: its configured candidates are bound to it, or an implicit interface is made. The point's
 * addresses (copied) are learned by those that have none of their own, nor a MAC or VNI, in place of what they learned
 * before; telling the same point again changes nothing else.
 *
 * A point with an origin always gets an interface of its own, which takes all of its records, each with the record's own
 * direction. It is named as the origin's interface-id ("": there is none), and is what the origin says. What that leaves
 * open is as with the configured interface of the same interface-id, which counts as bound; else as with any implicit
 * one. */
int flow_interfaces_bind(struct flow_interfaces *interfaces, const struct flow_point *point, struct error *err);

size_t flow_interfaces_count(const struct flow_interfaces *interfaces);

/* The interface with that number, 0 to count - 1. The pointer stays valid until flow_interfaces_free(). */
const struct flow_interface *flow_interfaces_at(const struct flow_interfaces *interfaces, size_t number);

/* Has any capture point been bound to it? */
bool flow_interfaces_is_bound(const struct flow_interfaces *interfaces, size_t number);

/* The numbers of the interfaces bound to a point, in output order; valid until the next flow_interfaces_bind(). */
const uint32_t *flow_interfaces_of_point(const struct flow_interfaces *interfaces, uint32_t point, size_t *count);

/* A packet as one interface sees it. */
struct flow_match {
	uint32_t interface;
	uint8_t direction; /* enum flow_direction */
};

/* Finds whose packet it is. Writes the matches in output order, a packet from an interface to itself as egress then
 * ingress; `matches` has room for flow_interfaces_most_matches(). Returns how many; 0: unmatched. */
size_t flow_interfaces_match(const struct flow_interfaces *interfaces, const struct flow_observation *packet,
			     struct flow_match *matches);

/* The number of the interface that takes every packet of a point with the capture's own word for its direction, as what
 * stands for a point that no configuration speaks of does; -1: packets have to be looked at. */
int64_t flow_interfaces_taker(const struct flow_interfaces *interfaces, uint32_t point);

/* Has any point an origin? */
bool flow_interfaces_has_origins(const struct flow_interfaces *interfaces);

/* The most matches that one packet can have now. */
size_t flow_interfaces_most_matches(const struct flow_interfaces *interfaces);

#endif
