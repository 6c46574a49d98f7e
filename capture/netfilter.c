#include "capture/netfilter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/sock_diag.h>

#include "capture/link.h"
#include "capture/netlink.h"
#include "flow/key.h"

/* As for live devices: headers only. What the kernel collects before it sends: so many packets, or so much, or for so
 * long (in hundredths of a second). */
enum { SNAP_PLAIN = 192, SNAP_TUNNEL = 320, COLLECT_PACKETS = 100, COLLECT_BYTES = 32768, COLLECT_TIME = 2 };

enum { SOCKET_BYTES = 8 << 20, BUFFER_BYTES = 65536, ANSWER_SECONDS = 5, SILENT_SECONDS = 60 };

/* Netfilter's hooks, of IPv4, IPv6 and bridges alike. */
enum { HOOK_PREROUTING, HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT, HOOK_POSTROUTING };

/* What a message says besides the packet. */
struct entry {
	int hook; /* -1: none */
	uint32_t in, out;
	bool has_sequence;
	uint32_t sequence;
	char prefix[128 + 1];
};

struct group {
	struct capture_tap tap; /* first: what others hold of it */
	struct capture_netfilter_options options;
	struct mnl_socket *socket;  /* NULL: fed */
	struct netlink_rest rest;   /* of the latest datagram */
	int64_t time_ns;            /* of its packets */
	int64_t latest_ns;          /* of any packet that was handed on */
	uint32_t expected;          /* the next packet's sequence number */
	bool has_overrun;           /* and no gap in the sequence told of it yet */
	uint64_t lost, told, early; /* early: told before the gap was seen */
	uint64_t seen;
	unsigned seconds;
	bool has_warned; /* of a prefix */
	bool is_capable; /* CAP_NET_ADMIN is there */
	_Alignas(uint64_t) uint8_t buffer[BUFFER_BYTES];
};

static struct group *group_of(struct capture_tap *tap)
{
	return (struct group *)tap;
}

/* ---- verdicts ---- */

static bool begins_with(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strncasecmp(text, *words, strlen(*words)) == 0)
			return true;
	return false;
}

int capture_netfilter_verdict(const char *prefix)
{
	static const char *const accept[] = { "accept", "allow", "pass", NULL };
	static const char *const reject[] = { "reject", "drop", "deny", "denied", "block", NULL };

	prefix += strspn(prefix, " \t[({<");
	return begins_with(prefix, accept) ? FLOW_ACCEPT : begins_with(prefix, reject) ? FLOW_REJECT : -1;
}

static uint8_t verdict_of(struct group *group, const struct entry *entry)
{
	int verdict = group->options.action;

	if (verdict == CAPTURE_NETFILTER_BY_PREFIX)
		verdict = capture_netfilter_verdict(entry->prefix);
	if (verdict >= 0)
		return (uint8_t)verdict;
	if (!group->has_warned)
		notify(group->options.notices,
		       "NFLOG group %u: the prefix \"%s\" of a rule says neither ACCEPT nor REJECT, so its packets are "
		       "taken for accepted: begin it with ACCEPT or REJECT (or DROP), or give the group one action, "
		       "%u=reject",
		       group->options.number, entry->prefix, group->options.number);
	group->has_warned = true;
	return FLOW_ACCEPT;
}

/* ---- messages ---- */

/* What is no plain character is shown as '?'. */
static void take_prefix(struct entry *entry, const struct nlattr *attribute)
{
	const char *text = mnl_attr_get_payload(attribute);
	size_t length = strnlen(text, mnl_attr_get_payload_len(attribute));

	length = length < sizeof(entry->prefix) ? length : sizeof(entry->prefix) - 1;
	for (size_t i = 0; i < length; i++)
		entry->prefix[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	entry->prefix[length] = '\0';
}

static void take_number(uint32_t *number, const struct nlattr *attribute)
{
	if (mnl_attr_get_payload_len(attribute) >= sizeof(*number))
		*number = load_be32(mnl_attr_get_payload(attribute));
}

static void read_entry(const struct nlmsghdr *message, struct entry *entry)
{
	struct netlink_rest rest = netlink_attributes(message, sizeof(struct nfgenmsg));
	const struct nlattr *attribute;

	*entry = (struct entry){ .hook = -1 };
	while ((attribute = netlink_attribute(&rest))) {
		const uint8_t *body = mnl_attr_get_payload(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case NFULA_PACKET_HDR:
			if (mnl_attr_get_payload_len(attribute) >= 3)
				entry->hook = body[2]; /* behind the protocol */
			break;
		case NFULA_IFINDEX_INDEV:
			take_number(&entry->in, attribute);
			break;
		case NFULA_IFINDEX_OUTDEV:
			take_number(&entry->out, attribute);
			break;
		case NFULA_PREFIX:
			take_prefix(entry, attribute);
			break;
		case NFULA_SEQ:
			entry->has_sequence = mnl_attr_get_payload_len(attribute) >= sizeof(entry->sequence);
			take_number(&entry->sequence, attribute);
			break;
		default:
			break;
		}
	}
}

/* Each packet of a group has the next number; what is missing was lost. */
static void take_sequence(struct group *group, const struct entry *entry)
{
	uint64_t gap = entry->sequence - group->expected, known;

	if (!entry->has_sequence)
		return;
	group->expected = entry->sequence + 1;
	if (gap == 0 || gap > UINT32_MAX / 2)
		return;
	group->has_overrun = false;
	known = gap < group->early ? gap : group->early;
	group->early -= known;
	group->lost += gap - known;
}

/* The devices that the packet is seen at; of a direction without one, NULL. */
struct places {
	struct capture_netfilter_device *in, *out;
};

/* The device of that index, 0: none. */
static struct capture_netfilter_device *device_of(const struct group *group, uint32_t index)
{
	struct capture_netfilter_device *device = index ? group->options.find(group->options.ctx, index) : NULL;

	return device && group->time_ns < device->until_ns ? device : NULL;
}

static struct places places_of(const struct group *group, const struct entry *entry, uint8_t verdict)
{
	struct places places = { NULL, NULL };
	bool forward = entry->hook == HOOK_FORWARD;

	if (forward || entry->hook == HOOK_PREROUTING || entry->hook == HOOK_INPUT)
		places.in = device_of(group, entry->in);
	if ((forward && verdict == FLOW_ACCEPT) || entry->hook == HOOK_OUTPUT || entry->hook == HOOK_POSTROUTING)
		places.out = device_of(group, entry->out);
	return places;
}

/* Not before `least_ns`, unless by more than the kernel holds packets: then the clock was set back. */
static int64_t at_least(int64_t time_ns, int64_t least_ns)
{
	return time_ns < least_ns && least_ns - time_ns <= CAPTURE_NETFILTER_HELD_NS ? least_ns : time_ns;
}

/* Neither before the device was watched, nor before the packet before it. */
static int64_t time_of(struct group *group, const struct capture_netfilter_device *device)
{
	int64_t time_ns = at_least(at_least(group->time_ns, device->since_ns), group->latest_ns);

	group->latest_ns = time_ns;
	return time_ns;
}

/* The payload of a message is what capture files of NFLOG have as a frame. */
static void put(struct group *group, const struct nlmsghdr *message, uint8_t verdict, uint8_t word,
		struct capture_netfilter_device *device, struct flow_observation *out)
{
	const struct capture_item item = {
		.kind = CAPTURE_FRAME,
		.point = device->point,
		.link_type = LINK_NFLOG,
		.supported = true,
		.verdict = verdict,
		.order = htons(1) == 1 ? ORDER_BIG : ORDER_LITTLE,
		.captured = (uint32_t)mnl_nlmsg_get_payload_len(message),
		.original = (uint32_t)mnl_nlmsg_get_payload_len(message),
		.bytes = mnl_nlmsg_get_payload(message),
		.time_ns = time_of(group, device),
	};

	capture_decode(group->options.decoder, &item, out);
	out->word = word;
	if (out->kind == FLOW_PACKET) {
		device->bytes += out->bytes;
		out->tuple_hash = flow_tuple_hash(&out->source, &out->destination, out->source_port,
						  out->destination_port, out->protocol, out->family,
						  group->options.seed);
	}
	device->frames++;
}

/* At most two observations. */
static size_t take_message(struct group *group, const struct nlmsghdr *message, struct flow_observation *out)
{
	struct entry entry;
	struct places places;
	uint8_t verdict;
	size_t count = 0;

	if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct nfgenmsg))
		return 0;
	read_entry(message, &entry);
	take_sequence(group, &entry);
	group->seen++;
	verdict = verdict_of(group, &entry);
	places = places_of(group, &entry, verdict);
	if (places.in)
		put(group, message, verdict, FLOW_INGRESS, places.in, &out[count++]);
	if (places.out)
		put(group, message, verdict, FLOW_EGRESS, places.out, &out[count++]);
	return count;
}

static size_t take_messages(struct group *group, struct flow_observation *out, size_t room)
{
	const struct nlmsghdr *message;
	size_t count = 0;

	while (room - count >= 2 && (message = netlink_message(&group->rest)))
		count += take_message(group, message, out + count);
	return count;
}

/* ---- the socket ---- */

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* One datagram of the kernel's; others are passed over. */
static ssize_t receive(struct group *group)
{
	for (;;) {
		struct sockaddr_nl sender = { 0 };
		struct iovec space = { .iov_base = group->buffer, .iov_len = sizeof(group->buffer) };
		struct msghdr message = {
			.msg_name = &sender, .msg_namelen = sizeof(sender), .msg_iov = &space, .msg_iovlen = 1
		};
		ssize_t got = recvmsg(group->tap.fd, &message, 0);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got >= 0 && message.msg_namelen == sizeof(sender) && sender.nl_pid == 0)
			return got;
	}
}

/* 1: a datagram is there to be walked. 0: none. The kernel's word that it had no room is no end of anything. */
static int next_datagram(struct group *group, struct error *err)
{
	for (;;) {
		ssize_t got = group->socket ? receive(group) : -EAGAIN;

		if (got == -EAGAIN)
			return 0;
		if (got == -ENOBUFS) {
			group->has_overrun = true;
			continue;
		}
		if (got < 0)
			return fail(err, (int)-got, "NFLOG group %u: cannot be read: %s", group->options.number,
				    strerror((int)-got));
		capture_netfilter_feed(&group->tap, group->buffer, (size_t)got, wall_ns());
		return 1;
	}
}

static int group_read(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err)
{
	struct group *group = group_of(tap);
	size_t count = 0;
	int ret = 1;

	while (ret > 0 && room - count >= 2) {
		count += take_messages(group, out + count, room - count);
		if (room - count >= 2)
			ret = next_datagram(group, err);
	}
	return count > 0 ? (int)count : ret < 0 ? ret : 0;
}

static int64_t group_settled(struct capture_tap *tap, int64_t now_ns)
{
	(void)tap;
	return now_ns - CAPTURE_TAP_SLACK_NS; /* what arrives later than now is dated by HELD_NS before that, no more */
}

_Static_assert(CAPTURE_NETFILTER_HELD_NS < CAPTURE_TAP_SLACK_NS, "settled() says so");

/* Is the socket half full? */
static bool group_is_pressed(struct capture_tap *tap)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(memory);

	if (getsockopt(tap->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0)
		return false;
	return memory[SK_MEMINFO_RMEM_ALLOC] > memory[SK_MEMINFO_RCVBUF] / 2;
}

static void group_close(struct capture_tap *tap)
{
	struct group *group = group_of(tap);

	if (group->socket)
		mnl_socket_close(group->socket);
	free(group);
}

/* ---- losses and silence ---- */

uint64_t capture_netfilter_lost(struct capture_tap *tap)
{
	struct group *group = group_of(tap);
	uint64_t growth;

	if (group->has_overrun) { /* how many it was shows the next packet that gets through; one at least */
		group->has_overrun = false;
		group->lost++;
		group->early++;
	}
	growth = group->lost - group->told;
	group->told = group->lost;
	return growth;
}

void capture_netfilter_second(struct capture_tap *tap)
{
	struct group *group = group_of(tap);

	if (group->seconds >= SILENT_SECONDS || group->seen > 0)
		return;
	if (++group->seconds == SILENT_SECONDS)
		notify(group->options.notices,
		       "NFLOG group %u has been silent for %d s: does a rule log to it, and do packets come by it? "
		       "packaging/examples/nflog.nft is a ruleset that does",
		       group->options.number, SILENT_SECONDS);
}

/* ---- opening ---- */

void capture_netfilter_feed(struct capture_tap *tap, const void *datagram, size_t length, int64_t now_ns)
{
	group_of(tap)->rest = (struct netlink_rest){ datagram, length };
	group_of(tap)->time_ns = now_ns - CAPTURE_NETFILTER_HELD_NS;
}

int capture_netfilter_new(struct capture_tap **out, const struct capture_netfilter_options *options, struct error *err)
{
	static const struct capture_tap_ops ops = {
		.read = group_read, .settled = group_settled, .is_pressed = group_is_pressed, .close = group_close
	};
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return fail_memory(err, "NFLOG");
	group->tap = (struct capture_tap){ .ops = &ops, .fd = -1 };
	group->options = *options;
	*out = &group->tap;
	return 0;
}

/* All in one: the kernel binds the group before it looks at the rest. */
static void build_request(struct nlmsghdr *request, const struct group *group)
{
	struct nfulnl_msg_config_cmd command = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = {
		.copy_range = htonl(group->options.decoder->tunnels ? SNAP_TUNNEL : SNAP_PLAIN),
		.copy_mode = NFULNL_COPY_PACKET,
	};
	struct nfgenmsg *header;

	request->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	header->res_id = htons(group->options.number);
	mnl_attr_put(request, NFULA_CFG_CMD, sizeof(command), &command);
	mnl_attr_put(request, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(request, NFULA_CFG_NLBUFSIZ, htonl(COLLECT_BYTES));
	mnl_attr_put_u32(request, NFULA_CFG_TIMEOUT, htonl(COLLECT_TIME));
	mnl_attr_put_u32(request, NFULA_CFG_QTHRESH, htonl(COLLECT_PACKETS));
	mnl_attr_put_u16(request, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ));
}

/* What the kernel answers: 0, or a negative errno. Packets may come before it; they are left out. */
static int await_answer(struct group *group)
{
	for (;;) {
		ssize_t got = receive(group);
		struct netlink_rest rest = { group->buffer, got > 0 ? (size_t)got : 0 };
		const struct nlmsghdr *message;
		struct entry entry;

		if (got < 0 && got != -ENOBUFS)
			return (int)got;
		while ((message = netlink_message(&rest))) {
			if (message->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(message) >= sizeof(int))
				return *(const int *)mnl_nlmsg_get_payload(message);
			read_entry(message, &entry);
			if (message->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) && entry.has_sequence)
				group->expected = entry.sequence + 1;
		}
	}
}

static int bind_group(struct group *group)
{
	_Alignas(uint64_t) uint8_t space[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(space);

	build_request(request, group);
	if (mnl_socket_sendto(group->socket, request, request->nlmsg_len) < 0)
		return -errno;
	return await_answer(group);
}

static int set_up(struct group *group)
{
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };
	const int bytes = SOCKET_BYTES;
	int fd = group->tap.fd;

	/* More than the system's limit takes CAP_NET_ADMIN, which the group needs anyway. */
	group->is_capable = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0;
	if (!group->is_capable)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (mnl_socket_bind(group->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		return -errno;
	return 0;
}

/* The kernel says the same of a group that another program has as of a missing capability. */
static int cannot_bind(const struct group *group, int code, struct error *err)
{
	uint16_t number = group->options.number;

	if (code == EPERM && group->is_capable)
		code = EBUSY;
	switch (code) {
	case EPERM:
		return fail(err, code, "NFLOG group %u: needs the capability CAP_NET_ADMIN (or root)", number);
	case EBUSY:
		return fail(err, code, "NFLOG group %u: another program has it (ulogd, tcpdump?)", number);
	default:
		return fail(err, code, "NFLOG group %u: %s (is nfnetlink_log in the kernel?)", number, strerror(code));
	}
}

static int open_socket(struct group *group, struct error *err)
{
	const struct timeval at_once = { 0 };
	int ret;

	group->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!group->socket)
		return cannot_bind(group, errno, err);
	group->tap.fd = mnl_socket_get_fd(group->socket);
	ret = set_up(group);
	if (ret >= 0)
		ret = bind_group(group);
	if (ret >= 0 && (setsockopt(group->tap.fd, SOL_SOCKET, SO_RCVTIMEO, &at_once, sizeof(at_once)) < 0 ||
			 fcntl(group->tap.fd, F_SETFL, O_NONBLOCK) < 0))
		ret = -errno;
	return ret < 0 ? cannot_bind(group, -ret, err) : 0;
}

int capture_netfilter_open(struct capture_tap **out, const struct capture_netfilter_options *options, struct error *err)
{
	int ret = capture_netfilter_new(out, options, err);

	if (ret < 0)
		return ret;
	ret = open_socket(group_of(*out), err);
	if (ret < 0) {
		group_close(*out);
		*out = NULL;
	}
	return ret;
}
