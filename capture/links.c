#include "capture/links.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "capture/netlink.h"

/* The kernel fills answers of up to 32 KiB; a dump that changed while it was told is asked for again. */
enum { BUFFER_SIZE = 32768, DUMPS_MOST = 8, ANSWER_SECONDS = 5 };

struct capture_links {
	struct capture_link_table *table;
	struct mnl_socket *events;  /* what changes; never waits */
	struct mnl_socket *answers; /* to requests; the kernel answers at once */
	uint32_t sequence;
	_Alignas(uint64_t) uint8_t buffer[BUFFER_SIZE];
	bool is_stale; /* something was dropped, and not all could be asked for anew, yet */
};

/* ---- requests ---- */

/* One datagram of the kernel's; others are passed over. -EAGAIN: none is there; -ENOBUFS: some were dropped, or this
 * one did not fit. */
static ssize_t receive(struct capture_links *links, const struct mnl_socket *from)
{
	for (;;) {
		struct sockaddr_nl sender = { 0 };
		struct iovec space = { .iov_base = links->buffer, .iov_len = sizeof(links->buffer) };
		struct msghdr message = {
			.msg_name = &sender, .msg_namelen = sizeof(sender), .msg_iov = &space, .msg_iovlen = 1
		};
		ssize_t got = recvmsg(mnl_socket_get_fd(from), &message, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (message.msg_flags & MSG_TRUNC)
			return -ENOBUFS;
		if (message.msg_namelen == sizeof(sender) && sender.nl_pid == 0)
			return got;
	}
}

/* What the messages of an answer say about the answer. */
struct progress {
	bool done;
	bool interrupted; /* things changed while it was told */
	int code;         /* 0 or a negative errno */
};

static void look_at(const struct capture_links *links, size_t length, bool dump, struct progress *progress)
{
	struct netlink_rest rest = { links->buffer, length };
	const struct nlmsghdr *message;

	while ((message = netlink_message(&rest))) {
		if (message->nlmsg_seq != links->sequence)
			continue;
		progress->interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
			progress->done = true;
			if (mnl_nlmsg_get_payload_len(message) >= sizeof(int))
				progress->code = *(const int *)mnl_nlmsg_get_payload(message);
		} else if (!dump) {
			progress->done = true;
		}
	}
}

/* Sends a request and takes in its answer. 1: something changed, 0: nothing; -EINTR: it is to be asked again. */
static int ask(struct capture_links *links, struct nlmsghdr *request, struct error *err)
{
	struct progress progress = { 0 };
	bool dump = request->nlmsg_flags & NLM_F_DUMP;
	int any = 0;

	request->nlmsg_seq = ++links->sequence;
	if (mnl_socket_sendto(links->answers, request, request->nlmsg_len) < 0)
		return fail_errno(err, "rtnetlink: cannot ask the kernel for the network devices");
	while (!progress.done) {
		ssize_t got = receive(links, links->answers);
		int ret;

		if (got < 0)
			return fail(err, (int)-got, "rtnetlink: no answer about the network devices: %s",
				    strerror((int)-got));
		look_at(links, (size_t)got, dump, &progress);
		ret = capture_link_table_take(links->table, links->buffer, (size_t)got, err);
		if (ret < 0)
			return ret;
		any |= ret;
	}
	if (progress.code < 0)
		return fail(err, -progress.code, "rtnetlink: the kernel does not tell of the network devices: %s",
			    strerror(-progress.code));
	return progress.interrupted ? -EINTR : any;
}

/* ---- a dump of everything ---- */

static struct nlmsghdr *new_request(void *space, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(space);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	return request;
}

static int ask_for_links(struct capture_links *links, struct error *err)
{
	_Alignas(uint64_t) uint8_t space[128];
	struct nlmsghdr *request = new_request(space, RTM_GETLINK, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg)); /* zeros: of AF_UNSPEC */
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return ask(links, request, err);
}

static int ask_for_addresses(struct capture_links *links, uint8_t family, struct error *err)
{
	_Alignas(uint64_t) uint8_t space[128];
	struct nlmsghdr *request = new_request(space, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->ifa_family = family;
	return ask(links, request, err);
}

static int dump_once(struct capture_links *links, struct error *err)
{
	int links_ret, ipv4 = 0, ipv6 = 0;

	capture_link_table_begin(links->table);
	links_ret = ask_for_links(links, err);
	if (links_ret >= 0)
		ipv4 = ask_for_addresses(links, AF_INET, err);
	if (links_ret >= 0 && ipv4 >= 0)
		ipv6 = ask_for_addresses(links, AF_INET6, err);
	if (ipv6 == -EAFNOSUPPORT || ipv6 == -EOPNOTSUPP)
		ipv6 = 0; /* a kernel without IPv6 */
	if (links_ret < 0 || ipv4 < 0 || ipv6 < 0)
		return links_ret < 0 ? links_ret : ipv4 < 0 ? ipv4 : ipv6;
	return links_ret | ipv4 | ipv6 | capture_link_table_end(links->table);
}

/* One that changes all the time is taken as it is in the end: the events of it are still to be read. */
static int dump(struct capture_links *links, struct error *err)
{
	int any = 0, ret = -EINTR;

	for (int i = 0; i < DUMPS_MOST && ret == -EINTR; i++) {
		ret = dump_once(links, err);
		any |= ret == -EINTR;
	}
	return ret < 0 && ret != -EINTR ? ret : ret == -EINTR ? 1 : any | ret;
}

/* ---- opening ---- */

static int open_socket(struct mnl_socket **out, int flags, unsigned groups, struct error *err)
{
	*out = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);
	if (!*out)
		return fail_errno(err, "rtnetlink: cannot open a socket");
	if (mnl_socket_bind(*out, groups, MNL_SOCKET_AUTOPID) < 0)
		return fail_errno(err, "rtnetlink: cannot listen to what changes about the network devices");
	return 0;
}

int capture_links_open(struct capture_links **out, struct error *err)
{
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	struct capture_links *links = calloc(1, sizeof(*links));
	int ret;

	if (!links)
		return fail_memory(err, "the network devices");
	ret = capture_link_table_new(&links->table, err);
	if (ret >= 0)
		ret = open_socket(&links->events, SOCK_NONBLOCK, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
				  err);
	if (ret >= 0)
		ret = open_socket(&links->answers, 0, 0, err);
	if (ret >= 0 &&
	    setsockopt(mnl_socket_get_fd(links->answers), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		ret = fail_errno(err, "rtnetlink: cannot set up a socket");
	if (ret >= 0)
		ret = dump(links, err);
	if (ret < 0) {
		capture_links_close(links);
		return ret;
	}
	*out = links;
	return 0;
}

void capture_links_close(struct capture_links *links)
{
	if (!links)
		return;
	if (links->answers)
		mnl_socket_close(links->answers);
	if (links->events)
		mnl_socket_close(links->events);
	capture_link_table_free(links->table);
	free(links);
}

int capture_links_fd(const struct capture_links *links)
{
	return mnl_socket_get_fd(links->events);
}

/* ---- reading ---- */

/* The events that are there are elder than the dump; those that come while it is told stay for later. */
static int start_anew(struct capture_links *links, struct error *err)
{
	ssize_t got;
	int ret;

	links->is_stale = true;
	do
		got = receive(links, links->events);
	while (got >= 0 || got == -ENOBUFS);
	ret = dump(links, err);
	links->is_stale = ret < 0;
	return ret;
}

int capture_links_read(struct capture_links *links, struct error *err)
{
	int any = links->is_stale ? start_anew(links, err) : 0;

	while (any >= 0) {
		ssize_t got = receive(links, links->events);
		int ret;

		if (got == -EAGAIN)
			return any;
		if (got == -ENOBUFS)
			ret = start_anew(links, err);
		else if (got < 0)
			return fail(err, (int)-got, "rtnetlink: cannot read what changed: %s", strerror((int)-got));
		else
			ret = capture_link_table_take(links->table, links->buffer, (size_t)got, err);
		if (ret < 0)
			return ret;
		any |= ret;
	}
	return any;
}

int capture_links_count(struct capture_links *links, uint32_t index, struct error *err)
{
	_Alignas(uint64_t) uint8_t space[128];
	struct nlmsghdr *request = new_request(space, RTM_GETSTATS, index ? 0 : NLM_F_DUMP);
	struct if_stats_msg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	int ret;

	header->ifindex = index;
	header->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	ret = ask(links, request, err);
	return ret == -EINTR || ret > 0 ? 0 : ret; /* counters are right in a dump that was changed, too */
}

const struct capture_link *capture_links_find(const struct capture_links *links, const char *name)
{
	return capture_link_table_find(links->table, name);
}

const struct capture_link *capture_links_by_index(const struct capture_links *links, uint32_t index)
{
	return capture_link_table_by_index(links->table, index);
}

const struct capture_link *capture_links_at(const struct capture_links *links, size_t i)
{
	return capture_link_table_at(links->table, i);
}
