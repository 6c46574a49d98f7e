#include "capture/link_table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "capture/netlink.h"

/* An address as the kernel tells of it. */
struct own {
	struct flow_host host;
	uint32_t flags; /* IFA_F_... */
	uint8_t scope;  /* RT_SCOPE_...: the greater, the narrower */
	uint64_t order; /* of its arrival */
	bool named;     /* by the telling that goes on */
};

struct device {
	struct capture_link link;
	struct own *own; /* in the order of `link.addresses` */
	struct flow_host *addresses;
	size_t count, room;
	bool named;
};

struct capture_link_table {
	struct device *devices; /* by rising index */
	size_t count, room;
	uint64_t changes; /* the greatest given to a link */
	uint64_t arrivals;
};

bool capture_link_is_watched_by_all(const struct capture_link *link)
{
	return link->up && !link->loopback && !link->in_bridge;
}

int capture_link_table_new(struct capture_link_table **out, struct error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : fail_memory(err, "the network devices");
}

static void finish(struct device *device)
{
	free(device->own);
	free(device->addresses);
}

void capture_link_table_free(struct capture_link_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		finish(&table->devices[i]);
	free(table->devices);
	free(table);
}

/* ---- devices ---- */

/* Where the device of that index is, or would be. */
static size_t place_of(const struct capture_link_table *table, uint32_t index)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->devices[middle].link.index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct device *device_of(const struct capture_link_table *table, uint32_t index)
{
	size_t at = place_of(table, index);

	return at < table->count && table->devices[at].link.index == index ? &table->devices[at] : NULL;
}

static struct device *add_device(struct capture_link_table *table, uint32_t index)
{
	size_t at = place_of(table, index);

	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 16;
		struct device *devices = realloc(table->devices, room * sizeof(*devices));

		if (!devices)
			return NULL;
		table->devices = devices;
		table->room = room;
	}
	memmove(&table->devices[at + 1], &table->devices[at], (table->count - at) * sizeof(*table->devices));
	table->count++;
	table->devices[at] = (struct device){ .link.index = index };
	return &table->devices[at];
}

static void remove_device(struct capture_link_table *table, struct device *device)
{
	size_t behind = (size_t)(&table->devices[table->count] - device) - 1;

	finish(device);
	memmove(device, device + 1, behind * sizeof(*device));
	table->count--;
}

static int changed(struct capture_link_table *table, struct device *device)
{
	device->link.changes = ++table->changes;
	return 1;
}

/* Is it text that ends inside the attribute, and is it this one? */
static bool is_word(const struct nlattr *attribute, const char *word)
{
	return mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 && strcmp(mnl_attr_get_str(attribute), word) == 0;
}

static bool is_of_bridge(const struct nlattr *information)
{
	struct netlink_rest rest = { mnl_attr_get_payload(information), mnl_attr_get_payload_len(information) };
	const struct nlattr *attribute;

	while ((attribute = netlink_attribute(&rest)))
		if (mnl_attr_get_type(attribute) == IFLA_INFO_SLAVE_KIND)
			return is_word(attribute, "bridge");
	return false;
}

static void take_mac(struct capture_link *link, const struct nlattr *attribute)
{
	static const uint8_t zero[sizeof(link->mac)];

	if (mnl_attr_get_payload_len(attribute) != sizeof(link->mac))
		return;
	memcpy(link->mac, mnl_attr_get_payload(attribute), sizeof(link->mac));
	link->has_mac = memcmp(link->mac, zero, sizeof(zero)) != 0;
}

/* What a message says of a link. False: it does not tell the whole of one, as those of wireless events. */
static bool read_link(const struct nlmsghdr *message, struct capture_link *link)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct netlink_rest rest = netlink_attributes(message, sizeof(*header));
	const struct nlattr *attribute;

	*link = (struct capture_link){
		.index = (uint32_t)header->ifi_index,
		.type = header->ifi_type,
		.up = header->ifi_flags & IFF_UP,
		.loopback = header->ifi_flags & IFF_LOOPBACK,
	};
	while ((attribute = netlink_attribute(&rest))) {
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_WIRELESS:
			return false;
		case IFLA_IFNAME:
			if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 &&
			    mnl_attr_get_payload_len(attribute) <= sizeof(link->name))
				memcpy(link->name, mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute));
			break;
		case IFLA_ADDRESS:
			take_mac(link, attribute);
			break;
		case IFLA_LINKINFO:
			link->in_bridge = is_of_bridge(attribute);
			break;
		default:
			break;
		}
	}
	return link->name[0] != '\0';
}

static bool is_same(const struct capture_link *a, const struct capture_link *b)
{
	return strcmp(a->name, b->name) == 0 && a->type == b->type && a->up == b->up && a->loopback == b->loopback &&
	       a->in_bridge == b->in_bridge && a->has_mac == b->has_mac && memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

static int take_link(struct capture_link_table *table, const struct nlmsghdr *message, struct error *err)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct capture_link link;
	struct device *device;

	/* Those of other families are a protocol's or a bridge's word on a port of theirs: RTM_DELLINK of AF_BRIDGE
	 * deletes no device. */
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) || header->ifi_family != AF_UNSPEC ||
	    header->ifi_index <= 0)
		return 0;
	device = device_of(table, (uint32_t)header->ifi_index);
	if (message->nlmsg_type == RTM_DELLINK) {
		if (!device)
			return 0;
		remove_device(table, device);
		return 1;
	}
	if (!read_link(message, &link))
		return 0;
	if (device) {
		device->named = true;
		if (is_same(&device->link, &link))
			return 0;
	} else {
		device = add_device(table, link.index);
		if (!device)
			return fail_memory(err, "the network devices");
		device->named = true;
	}
	link.dropped = device->link.dropped;
	link.addresses = device->link.addresses;
	link.address_count = device->link.address_count;
	device->link = link;
	return changed(table, device);
}

/* ---- addresses ---- */

/* What goes first is the lower. */
static uint64_t rank(const struct own *own)
{
	bool unsettled = own->flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED);

	if (own->host.family == FLOW_IPV4)
		return (uint64_t)((own->flags & IFA_F_SECONDARY) != 0) << 8 | own->scope;
	return (uint64_t)1 << 32 | (uint64_t)own->scope << 8 | (uint64_t)unsettled << 1 |
	       ((own->flags & IFA_F_TEMPORARY) != 0);
}

static bool is_before(const struct own *a, const struct own *b)
{
	if (rank(a) != rank(b))
		return rank(a) < rank(b);
	return a->host.family == FLOW_IPV4 ? a->order < b->order
					   : memcmp(&a->host.address, &b->host.address, sizeof(a->host.address)) < 0;
}

static void publish(struct device *device)
{
	for (size_t i = 0; i < device->count; i++)
		device->addresses[i] = device->own[i].host;
	device->link.addresses = device->addresses;
	device->link.address_count = device->count;
}

static struct own *own_of(const struct device *device, const struct flow_host *host)
{
	for (size_t i = 0; i < device->count; i++)
		if (device->own[i].host.family == host->family &&
		    flow_address_equal(&device->own[i].host.address, &host->address))
			return &device->own[i];
	return NULL;
}

static void remove_own(struct device *device, struct own *own)
{
	size_t behind = (size_t)(&device->own[device->count] - own) - 1;

	memmove(own, own + 1, behind * sizeof(*own));
	device->count--;
}

static bool make_room(struct device *device)
{
	size_t room = device->room ? 2 * device->room : 8;
	struct own *own;
	struct flow_host *addresses;

	if (device->count < device->room)
		return true;
	own = realloc(device->own, room * sizeof(*own));
	if (!own)
		return false;
	device->own = own;
	addresses = realloc(device->addresses, room * sizeof(*addresses));
	if (!addresses)
		return false;
	device->addresses = addresses;
	device->link.addresses = addresses;
	device->room = room;
	return true;
}

/* Puts it in its place among the others; there is room. */
static void insert_own(struct device *device, const struct own *own)
{
	size_t at = device->count++;

	for (; at > 0 && is_before(own, &device->own[at - 1]); at--)
		device->own[at] = device->own[at - 1];
	device->own[at] = *own;
}

/* Is the address known as it is told, but for its order? Then it is left where it is. */
static bool is_known(struct own *known, const struct own *own)
{
	if (!known || rank(known) != rank(own))
		return false;
	known->named = true;
	known->flags = own->flags;
	return true;
}

/* An address whose rank changed counts as one that came anew, as the kernel has it when it promotes a secondary. */
static int add_own(struct capture_link_table *table, struct device *device, struct own *own, struct error *err)
{
	struct own *known;

	if (!make_room(device))
		return fail_memory(err, "the addresses of a network device");
	known = own_of(device, &own->host);
	if (is_known(known, own))
		return 0;
	if (known)
		remove_own(device, known);
	own->named = true;
	own->order = ++table->arrivals;
	insert_own(device, own);
	publish(device);
	return changed(table, device);
}

/* The address of a message; false: it tells none, or one that is no unicast address. */
static bool read_address(const struct nlmsghdr *message, struct own *own)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	struct netlink_rest rest = netlink_attributes(message, sizeof(*header));
	const struct nlattr *attribute, *local = NULL, *address = NULL;
	size_t length = header->ifa_family == AF_INET ? 4 : 16;

	*own = (struct own){ .host.family = header->ifa_family == AF_INET ? FLOW_IPV4 : FLOW_IPV6,
			     .scope = header->ifa_scope,
			     .flags = header->ifa_flags };
	while ((attribute = netlink_attribute(&rest))) {
		uint16_t type = mnl_attr_get_type(attribute), has = mnl_attr_get_payload_len(attribute);

		if (type == IFA_LOCAL && has == length)
			local = attribute;
		else if (type == IFA_ADDRESS && has == length)
			address = attribute;
		else if (type == IFA_FLAGS && has == sizeof(uint32_t))
			own->flags = mnl_attr_get_u32(attribute);
	}
	if (!local)
		local = address; /* with both, this one is the other end's */
	if (!local)
		return false;
	memcpy(own->host.address.octets, mnl_attr_get_payload(local), length);
	return !flow_address_is_unspecified(&own->host.address) &&
	       !flow_address_is_multicast(own->host.family, &own->host.address);
}

static int take_address(struct capture_link_table *table, const struct nlmsghdr *message, struct error *err)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	struct device *device;
	struct own own, *known;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
		return 0;
	device = device_of(table, header->ifa_index);
	if (!device || !read_address(message, &own))
		return 0;
	if (message->nlmsg_type == RTM_NEWADDR && !(own.flags & IFA_F_DADFAILED))
		return add_own(table, device, &own, err);
	known = own_of(device, &own.host);
	if (!known)
		return 0;
	remove_own(device, known);
	publish(device);
	return changed(table, device);
}

/* ---- messages ---- */

/* Of the counters only what is lost; elder kernels have fewer of them. */
static void take_counters(struct capture_link *link, const struct nlattr *attribute)
{
	struct rtnl_link_stats64 counters;
	size_t length = offsetof(struct rtnl_link_stats64, rx_missed_errors) + sizeof(counters.rx_missed_errors);

	if (mnl_attr_get_payload_len(attribute) < length)
		return;
	memcpy(&counters, mnl_attr_get_payload(attribute), length);
	link->dropped = counters.rx_dropped + counters.rx_missed_errors;
}

static void take_statistics(const struct capture_link_table *table, const struct nlmsghdr *message)
{
	const struct if_stats_msg *header = mnl_nlmsg_get_payload(message);
	struct netlink_rest rest = netlink_attributes(message, sizeof(*header));
	const struct nlattr *attribute;
	struct device *device;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*header))
		return;
	device = device_of(table, header->ifindex);
	while (device && (attribute = netlink_attribute(&rest)))
		if (mnl_attr_get_type(attribute) == IFLA_STATS_LINK_64)
			take_counters(&device->link, attribute);
}

static int take_message(struct capture_link_table *table, const struct nlmsghdr *message, struct error *err)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return take_link(table, message, err);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return take_address(table, message, err);
	case RTM_NEWSTATS:
		take_statistics(table, message);
		return 0;
	default:
		return 0;
	}
}

int capture_link_table_take(struct capture_link_table *table, const void *datagram, size_t length, struct error *err)
{
	struct netlink_rest rest = { datagram, length };
	const struct nlmsghdr *message;
	int any = 0;

	while ((message = netlink_message(&rest))) {
		int ret = take_message(table, message, err);

		if (ret < 0)
			return ret;
		any |= ret;
	}
	return any;
}

/* ---- a whole telling ---- */

void capture_link_table_begin(struct capture_link_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct device *device = &table->devices[i];

		device->named = false;
		for (size_t j = 0; j < device->count; j++)
			device->own[j].named = false;
	}
}

static int end_addresses(struct capture_link_table *table, struct device *device)
{
	size_t before = device->count;

	for (size_t i = device->count; i-- > 0;)
		if (!device->own[i].named)
			remove_own(device, &device->own[i]);
	if (device->count == before)
		return 0;
	publish(device);
	return changed(table, device);
}

int capture_link_table_end(struct capture_link_table *table)
{
	int any = 0;

	for (size_t i = table->count; i-- > 0;) {
		struct device *device = &table->devices[i];

		if (device->named) {
			any |= end_addresses(table, device);
		} else {
			remove_device(table, device);
			any = 1;
		}
	}
	return any;
}

/* ---- looking ---- */

const struct capture_link *capture_link_table_find(const struct capture_link_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->devices[i].link.name, name) == 0)
			return &table->devices[i].link;
	return NULL;
}

const struct capture_link *capture_link_table_by_index(const struct capture_link_table *table, uint32_t index)
{
	const struct device *device = device_of(table, index);

	return device ? &device->link : NULL;
}

const struct capture_link *capture_link_table_at(const struct capture_link_table *table, size_t i)
{
	return i < table->count ? &table->devices[i].link : NULL;
}
