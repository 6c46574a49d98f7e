#include "capture/clsact.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "capture/netlink.h"

enum { BUFFER_SIZE = 32768, REQUEST_SIZE = 512, ANSWER_SECONDS = 5 };

/* Handles of ours are of that range. */
enum { HANDLES = 0x0e1f0000, NUMBERS = 4096 };

/* How many priorities are tried: one whose filters are of another kind or protocol takes none of ours. */
enum { PRIORITIES_TRIED = 16 };

/* Between the qdisc that is there and the filter for it another process may take it away. */
enum { TRIES = 4 };

enum side { INGRESS, EGRESS };

/* Of filters; the second tells that one of ours brought the qdisc. */
static const char name_plain[] = "eniflow", name_with_qdisc[] = "eniflow, clsact";

struct capture_clsact {
	struct mnl_socket *netlink;
	uint32_t sequence;
	uint32_t number;
	int claim; /* the socket that holds the number */
	_Alignas(uint64_t) uint8_t buffer[BUFFER_SIZE];
};

/* ---- numbers ---- */

/* Holds the number as long as the descriptor is open. -EADDRINUSE: another one does. */
static int claim(uint32_t number)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "eniflow/clsact/%u", number);
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	if (descriptor < 0)
		return -errno;
	if (bind(descriptor, (const struct sockaddr *)(const void *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
		return descriptor;
	ret = -errno;
	close(descriptor);
	return ret;
}

static int take_number(struct capture_clsact *clsact, struct error *err)
{
	int ret = -EADDRINUSE;

	for (uint32_t number = 1; number < NUMBERS && ret == -EADDRINUSE; number++) {
		ret = claim(number);
		clsact->number = number;
	}
	if (ret < 0)
		return fail(err, -ret, "clsact: no number for filters of this process: %s", strerror(-ret));
	clsact->claim = ret;
	return 0;
}

/* ---- rtnetlink ---- */

typedef int each_fn(void *ctx, const struct nlmsghdr *message);

static struct nlmsghdr *new_request(void *space, uint16_t type, uint16_t flags, const struct tcmsg *what)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(space);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(mnl_nlmsg_put_extra_header(request, sizeof(*what)), what, sizeof(*what));
	return request;
}

/* Looks at what came in. 1: that was all; 0: there is more; or a negative errno. */
static int walk(struct capture_clsact *clsact, size_t length, each_fn *each, void *ctx)
{
	struct netlink_rest rest = { clsact->buffer, length };
	const struct nlmsghdr *message;

	while ((message = netlink_message(&rest))) {
		int ret = 0;

		if (message->nlmsg_seq != clsact->sequence)
			continue;
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
			if (mnl_nlmsg_get_payload_len(message) >= sizeof(int))
				ret = *(const int *)mnl_nlmsg_get_payload(message);
			return ret < 0 ? ret : 1;
		}
		if (each && mnl_nlmsg_get_payload_len(message) >= sizeof(struct tcmsg))
			ret = each(ctx, message);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Sends a request that asks for an answer (NLM_F_ACK or NLM_F_DUMP); each message of it is for `each`. */
static int ask(struct capture_clsact *clsact, struct nlmsghdr *request, each_fn *each, void *ctx)
{
	int ret = 0;

	request->nlmsg_seq = ++clsact->sequence;
	if (mnl_socket_sendto(clsact->netlink, request, request->nlmsg_len) < 0)
		return -errno;
	while (ret == 0) {
		ssize_t got = mnl_socket_recvfrom(clsact->netlink, clsact->buffer, sizeof(clsact->buffer));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		ret = walk(clsact, (size_t)got, each, ctx);
	}
	return ret < 0 ? ret : 0;
}

static uint32_t parent_of(enum side side)
{
	return TC_H_MAKE(TC_H_CLSACT, side == INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

/* ---- what is there ---- */

/* Of a hook of a device. */
struct listed {
	uint32_t handle;
	uint16_t priority;
	bool is_ours;
	bool has_brought_qdisc;
};

struct listing {
	struct listed *items;
	size_t count;
};

static const char *name_in(struct netlink_rest options)
{
	const struct nlattr *attribute;

	while ((attribute = netlink_attribute(&options)))
		if (mnl_attr_get_type(attribute) == TCA_BPF_NAME &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
			return mnl_attr_get_str(attribute);
	return "";
}

static int list_one(void *ctx, const struct nlmsghdr *message)
{
	struct listing *listing = ctx;
	const struct tcmsg *about = mnl_nlmsg_get_payload(message);
	struct netlink_rest rest = netlink_attributes(message, sizeof(*about));
	struct listed one = { .handle = about->tcm_handle, .priority = (uint16_t)(about->tcm_info >> 16) };
	const struct nlattr *attribute;
	struct listed *bigger;

	if (message->nlmsg_type != RTM_NEWTFILTER || about->tcm_handle == 0) /* a head of filters, not one */
		return 0;
	while ((attribute = netlink_attribute(&rest))) {
		const struct netlink_rest options = { mnl_attr_get_payload(attribute),
						      mnl_attr_get_payload_len(attribute) };
		const char *name = (mnl_attr_get_type(attribute) == TCA_OPTIONS) ? name_in(options) : "";

		one.has_brought_qdisc |= strcmp(name, name_with_qdisc) == 0;
		one.is_ours |= one.has_brought_qdisc || strcmp(name, name_plain) == 0;
	}
	one.is_ours &= one.handle > HANDLES && one.handle < HANDLES + NUMBERS;
	bigger = realloc(listing->items, (listing->count + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	listing->items = bigger;
	listing->items[listing->count++] = one;
	return 0;
}

/* All filters at a hook. End with free(out->items), also after a failure. */
static int list(struct capture_clsact *clsact, struct listing *out, uint32_t index, enum side side)
{
	_Alignas(uint64_t) uint8_t space[REQUEST_SIZE];
	const struct tcmsg what = { .tcm_ifindex = (int)index, .tcm_parent = parent_of(side) };

	*out = (struct listing){ 0 };
	return ask(clsact, new_request(space, RTM_GETTFILTER, NLM_F_DUMP, &what), list_one, out);
}

/* ---- the qdisc ---- */

static int ask_qdisc(struct capture_clsact *clsact, uint16_t type, uint16_t flags, uint32_t index)
{
	_Alignas(uint64_t) uint8_t space[REQUEST_SIZE];
	const struct tcmsg what = { .tcm_ifindex = (int)index,
				    .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
				    .tcm_parent = TC_H_CLSACT };
	struct nlmsghdr *request = new_request(space, type, (uint16_t)(NLM_F_ACK | flags), &what);

	mnl_attr_put_strz(request, TCA_KIND, "clsact");
	return ask(clsact, request, NULL, NULL);
}

/* 1: it is there now, and is ours; 0: it was there; or a negative errno. */
static int make_qdisc(struct capture_clsact *clsact, uint32_t index)
{
	int ret = ask_qdisc(clsact, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index);

	return ret == -EEXIST ? 0 : ret < 0 ? ret : 1;
}

/* Is there any filter at the device's hooks? And did one of ours bring the qdisc? Negative: nobody knows. */
static int look_at_qdisc(struct capture_clsact *clsact, uint32_t index, bool *brought)
{
	int any = 0;

	*brought = false;
	for (enum side side = INGRESS; side <= EGRESS; side++) {
		struct listing listing;
		int ret = list(clsact, &listing, index, side);

		for (size_t i = 0; i < listing.count; i++)
			*brought |= listing.items[i].is_ours && listing.items[i].has_brought_qdisc;
		any |= listing.count > 0;
		free(listing.items);
		if (ret < 0)
			return ret;
	}
	return any;
}

static void take_qdisc_away(struct capture_clsact *clsact, uint32_t index)
{
	bool brought;

	if (look_at_qdisc(clsact, index, &brought) == 0)
		ask_qdisc(clsact, RTM_DELQDISC, 0, index);
}

/* ---- filters ---- */

static struct tcmsg filter_of(uint32_t index, enum side side, uint16_t priority, uint32_t handle)
{
	return (struct tcmsg){ .tcm_ifindex = (int)index,
			       .tcm_handle = handle,
			       .tcm_parent = parent_of(side),
			       .tcm_info = TC_H_MAKE((uint32_t)priority << 16, htons(ETH_P_ALL)) };
}

static int take_filter_away(struct capture_clsact *clsact, uint32_t index, enum side side, uint16_t priority,
			    uint32_t handle)
{
	_Alignas(uint64_t) uint8_t space[REQUEST_SIZE];
	const struct tcmsg what = filter_of(index, side, priority, handle);
	struct nlmsghdr *request = new_request(space, RTM_DELTFILTER, NLM_F_ACK, &what);

	mnl_attr_put_strz(request, TCA_KIND, "bpf");
	return ask(clsact, request, NULL, NULL);
}

static int make_filter(struct capture_clsact *clsact, uint32_t index, enum side side, uint16_t priority, int program,
		       bool with_qdisc)
{
	_Alignas(uint64_t) uint8_t space[REQUEST_SIZE];
	const struct tcmsg what = filter_of(index, side, priority, HANDLES + clsact->number);
	struct nlmsghdr *request = new_request(space, RTM_NEWTFILTER, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &what);
	struct nlattr *options;

	mnl_attr_put_strz(request, TCA_KIND, "bpf");
	options = mnl_attr_nest_start(request, TCA_OPTIONS);
	mnl_attr_put_u32(request, TCA_BPF_FD, (uint32_t)program);
	mnl_attr_put_strz(request, TCA_BPF_NAME, with_qdisc ? name_with_qdisc : name_plain);
	mnl_attr_put_u32(request, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(request, options);
	return ask(clsact, request, NULL, NULL);
}

/* Of the first priority that can be had. */
static int place_filter(struct capture_clsact *clsact, struct capture_clsact_filters *filters, enum side side,
			int program, bool with_qdisc)
{
	int ret = -EINVAL;

	for (uint16_t priority = 1; priority <= PRIORITIES_TRIED && (ret == -EINVAL || ret == -EEXIST); priority++) {
		ret = make_filter(clsact, filters->index, side, priority, program, with_qdisc);
		if (ret >= 0)
			filters->priorities[side] = priority;
	}
	return ret;
}

static int place_both(struct capture_clsact *clsact, struct capture_clsact_filters *filters, int ingress, int egress)
{
	bool brought = false;
	int ret = make_qdisc(clsact, filters->index), created = ret;

	if (ret == 0)
		ret = look_at_qdisc(clsact, filters->index, &brought);
	if (ret < 0)
		return ret;
	brought |= created > 0;
	ret = place_filter(clsact, filters, INGRESS, ingress, brought);
	if (ret >= 0)
		ret = place_filter(clsact, filters, EGRESS, egress, brought);
	if (ret < 0) {
		const uint32_t index = filters->index;

		capture_clsact_detach(clsact, filters);
		if (created > 0)
			take_qdisc_away(clsact, index);
	}
	return ret;
}

static int say(int code, const char *name, struct error *err)
{
	if (code == -ENODEV)
		return fail(err, ENODEV, "%s: there is no such device", name);
	if (code == -EPERM)
		return fail(err, EPERM,
			    "%s: attaching a program to a device needs the capability CAP_NET_ADMIN (or root)", name);
	return fail(err, -code, "%s: the programs cannot be attached (clsact): %s", name, strerror(-code));
}

int capture_clsact_attach(struct capture_clsact *clsact, struct capture_clsact_filters *out, uint32_t index,
			  const char *name, int ingress, int egress, struct error *err)
{
	int ret = -EINVAL;

	for (int i = 0; i < TRIES && (ret == -EINVAL || ret == -ENOENT); i++) {
		*out = (struct capture_clsact_filters){ .index = index };
		ret = place_both(clsact, out, ingress, egress);
	}
	if (ret < 0) {
		*out = (struct capture_clsact_filters){ 0 };
		return say(ret, name, err);
	}
	return 0;
}

void capture_clsact_detach(struct capture_clsact *clsact, struct capture_clsact_filters *filters)
{
	bool brought = false;

	if (filters->priorities[INGRESS] || filters->priorities[EGRESS])
		look_at_qdisc(clsact, filters->index, &brought);
	for (enum side side = INGRESS; side <= EGRESS; side++)
		if (filters->priorities[side])
			take_filter_away(clsact, filters->index, side, filters->priorities[side],
					 HANDLES + clsact->number);
	if (brought)
		take_qdisc_away(clsact, filters->index);
	*filters = (struct capture_clsact_filters){ 0 };
}

/* ---- left-overs ---- */

/* Devices that have a qdisc of that kind. */
struct devices {
	uint32_t *indexes;
	size_t count;
};

static int list_device(void *ctx, const struct nlmsghdr *message)
{
	struct devices *devices = ctx;
	const struct tcmsg *about = mnl_nlmsg_get_payload(message);
	uint32_t *bigger;

	if (message->nlmsg_type != RTM_NEWQDISC || about->tcm_parent != TC_H_CLSACT)
		return 0;
	bigger = realloc(devices->indexes, (devices->count + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	devices->indexes = bigger;
	devices->indexes[devices->count++] = (uint32_t)about->tcm_ifindex;
	return 0;
}

/* Nobody can come and take the number meanwhile: it is held. Under our own another one left it. */
static bool take_left_over(struct capture_clsact *clsact, uint32_t index, enum side side, const struct listed *one)
{
	uint32_t number = one->handle - HANDLES;
	int held = number == clsact->number ? -1 : claim(number);

	if (held < 0 && number != clsact->number)
		return false;
	take_filter_away(clsact, index, side, one->priority, one->handle);
	if (held >= 0)
		close(held);
	return true;
}

static void clean_device(struct capture_clsact *clsact, uint32_t index)
{
	bool has_cleaned = false, brought;

	if (look_at_qdisc(clsact, index, &brought) < 0)
		return;
	for (enum side side = INGRESS; side <= EGRESS; side++) {
		struct listing listing;
		int ret = list(clsact, &listing, index, side);

		for (size_t i = 0; i < listing.count && ret >= 0; i++)
			if (listing.items[i].is_ours)
				has_cleaned |= take_left_over(clsact, index, side, &listing.items[i]);
		free(listing.items);
	}
	if (has_cleaned && brought)
		take_qdisc_away(clsact, index);
}

static void clean(struct capture_clsact *clsact)
{
	_Alignas(uint64_t) uint8_t space[REQUEST_SIZE];
	const struct tcmsg all = { 0 };
	struct devices devices = { 0 };

	ask(clsact, new_request(space, RTM_GETQDISC, NLM_F_DUMP, &all), list_device, &devices);
	for (size_t i = 0; i < devices.count; i++)
		clean_device(clsact, devices.indexes[i]);
	free(devices.indexes);
}

/* ---- opening ---- */

static int open_netlink(struct capture_clsact *clsact, struct error *err)
{
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };

	clsact->netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!clsact->netlink || mnl_socket_bind(clsact->netlink, 0, MNL_SOCKET_AUTOPID) < 0)
		return fail_errno(err, "clsact: rtnetlink");
	/* The kernel answers at once; should it not, nobody waits for ever. */
	setsockopt(mnl_socket_get_fd(clsact->netlink), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return 0;
}

int capture_clsact_open(struct capture_clsact **out, struct error *err)
{
	struct capture_clsact *clsact = calloc(1, sizeof(*clsact));
	int ret;

	if (!clsact)
		return fail_memory(err, "clsact");
	clsact->claim = -1;
	ret = open_netlink(clsact, err);
	if (ret >= 0)
		ret = take_number(clsact, err);
	if (ret < 0) {
		capture_clsact_close(clsact);
		return ret;
	}
	clean(clsact);
	*out = clsact;
	return 0;
}

void capture_clsact_close(struct capture_clsact *clsact)
{
	if (!clsact)
		return;
	if (clsact->netlink)
		mnl_socket_close(clsact->netlink);
	if (clsact->claim >= 0)
		close(clsact->claim);
	free(clsact);
}
