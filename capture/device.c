#include "capture/device.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "capture/clock.h"
#include "capture/ethertype.h"
#include "capture/link.h"
#include "flow/key.h"

/* Headers only. 192 bytes: an Ethernet header with four tags, an IPv6 header with some extensions, ICMPv6, and what
 * that quotes up to the ports, are 150. With a tunnel to open another 76 lie before that, and GENEVE's options. The
 * kernel wakes us for a block of the ring that is full or has waited for BLOCK_MS; a kernel before 6.18 may take twice
 * as long. */
enum { SNAP_PLAIN = 192, SNAP_TUNNEL = 320, BLOCK_MS = 100 };

/* What stands before each frame in the ring: a tpacket3_hdr and a sockaddr_ll. */
enum { FRAME_OVERHEAD = 96 };

static const int64_t second_ns = INT64_C(1000000000);

struct handle {
	struct capture_tap tap; /* first: what others hold of it */
	pcap_t *pcap;
	struct capture_device_totals *totals;
	struct capture_decoder *decoder;
	uint64_t seed;
	uint32_t point, link_type;
	uint8_t word;     /* enum flow_direction */
	bool is_loopback; /* each frame is two observations */
	bool is_micro;    /* times are in microseconds */
	int64_t ready_ns;
	uint64_t ring_size;
	/* The kernel's counts since the handle was opened. Those that were there before it was ready are passed over
	 * without being seen; from then on what is in the ring is `entered - passed`. */
	uint64_t entered, passed, lost, told;
	uint64_t captured; /* bytes, of all that was seen */
	uint64_t seen;
	bool is_counted; /* `passed` has been set right by the first frame seen, or by time */
	uint64_t early;  /* entered before it was ready */
	/* While nothing could be read: since when `entered` has been what it is. */
	uint64_t still;
	int64_t still_since_ns;
	/* Of the call of read() that is going on. */
	struct flow_observation *out;
	size_t length;
};

static struct handle *handle_of(struct capture_tap *tap)
{
	return (struct handle *)tap;
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * second_ns + now.tv_nsec;
}

/* ---- reading ---- */

/* Was the frame, which came in, for another station? */
static bool is_for_another(const struct handle *handle, const uint8_t *bytes, uint32_t captured)
{
	const struct capture_device_totals *totals = handle->totals;

	return handle->link_type == LINK_ETHERNET && handle->word == FLOW_INGRESS && totals->has_mac && captured >= 6 &&
	       !(bytes[0] & 1) && memcmp(bytes, totals->mac, 6) != 0;
}

/* A frame that came in by the loopback device went out by it just before. */
static bool is_twofold(const struct handle *handle, const uint8_t *bytes, uint32_t captured)
{
	if (handle->link_type != LINK_LINUX_SLL2)
		return handle->is_loopback;
	return captured >= 8 && handle->totals->loopback_index != 0 &&
	       load_be32(bytes + 4) == handle->totals->loopback_index; /* protocol, reserved, interface index */
}

/* The kernel shows a frame to us before it finds nobody else for it, and then counts it among what the device dropped. */
static bool is_unwanted(const struct handle *handle, const uint8_t *bytes, uint32_t captured)
{
	return handle->link_type == LINK_ETHERNET && handle->word == FLOW_INGRESS &&
	       capture_ethertype_is_unwanted(bytes, captured, false);
}

static void put(struct handle *handle, const struct capture_item *item, bool twofold)
{
	struct flow_observation *out = handle->out + handle->length;

	capture_decode(handle->decoder, item, out);
	if (out->kind == FLOW_PACKET)
		out->tuple_hash = flow_tuple_hash(&out->source, &out->destination, out->source_port,
						  out->destination_port, out->protocol, out->family, handle->seed);
	handle->length++;
	if (!twofold)
		return;
	out[1] = out[0];
	out[0].word = FLOW_EGRESS;
	handle->length++;
}

/* Was the frame there before the filter was? Such ones come before all others, and are not much older: a time that is
 * says that the clock was set back. */
static bool is_early(const struct handle *handle, int64_t time_ns)
{
	return !handle->is_counted && time_ns < handle->ready_ns && handle->ready_ns - time_ns < CAPTURE_CLOCK_JUMP_NS;
}

static void on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct handle *handle = (struct handle *)(void *)user;
	int64_t fraction_ns = (int64_t)header->ts.tv_usec * (handle->is_micro ? 1000 : 1);
	struct capture_item item = {
		.kind = CAPTURE_FRAME,
		.point = handle->point,
		.link_type = handle->link_type,
		.supported = true,
		.word = handle->word,
		.captured = header->caplen,
		.original = header->len > header->caplen ? header->len : header->caplen,
		.bytes = bytes,
		.time_ns = (int64_t)header->ts.tv_sec * second_ns + fraction_ns,
	};
	bool twofold = is_twofold(handle, bytes, item.captured);
	size_t before = handle->length;

	if (is_early(handle, item.time_ns))
		return;
	if (!handle->is_counted) {
		handle->is_counted = true;
		handle->passed = handle->early;
	}
	handle->passed++;
	handle->seen++;
	handle->captured += item.captured;
	if (is_for_another(handle, bytes, item.captured))
		item.word = FLOW_UNKNOWN;
	put(handle, &item, twofold);
	handle->totals->unwanted += is_unwanted(handle, bytes, item.captured);
	handle->totals->frames += handle->length - before;
	handle->totals->bytes += (uint64_t)item.original * (handle->length - before);
}

static int handle_read(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err)
{
	struct handle *handle = handle_of(tap);
	int most = (int)(room / 2), ret; /* each may be two */

	handle->out = out;
	handle->length = 0;
	do
		ret = pcap_dispatch(handle->pcap, most, on_frame, (u_char *)handle);
	while (ret > 0 && handle->length == 0); /* those before it was ready */
	handle->still_since_ns = handle->length > 0 ? 0 : handle->still_since_ns;
	if (handle->length > 0)
		return (int)handle->length;
	return ret < 0 ? fail(err, ENODEV, "%s", pcap_geterr(handle->pcap)) : 0;
}

/* Asks the kernel for what it counted; its counts begin anew each time. */
static void count(struct handle *handle)
{
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t size = sizeof(stats);

	if (getsockopt(pcap_fileno(handle->pcap), SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		return;
	handle->entered += stats.tp_packets - stats.tp_drops; /* the first counts the second, too */
	handle->lost += stats.tp_drops;
}

static bool is_empty(struct handle *handle, int64_t now_ns)
{
	count(handle);
	if (handle->is_counted && handle->entered <= handle->passed)
		return true;
	/* What libpcap leaves out by itself was counted as entered. When nothing has come for so long that all would
	 * have been shown, there is nothing. */
	if (handle->still_since_ns == 0 || handle->still != handle->entered || now_ns < handle->still_since_ns) {
		handle->still = handle->entered;
		handle->still_since_ns = now_ns;
	}
	if (handle->entered > 0 && now_ns - handle->still_since_ns < CAPTURE_TAP_HOLD_NS)
		return false;
	handle->is_counted = true;
	handle->passed = handle->entered;
	return true;
}

static int64_t handle_settled(struct capture_tap *tap, int64_t now_ns)
{
	return now_ns - (is_empty(handle_of(tap), now_ns) ? CAPTURE_TAP_SLACK_NS : CAPTURE_TAP_HOLD_NS);
}

/* Is the ring half full? */
static bool handle_is_pressed(struct capture_tap *tap)
{
	struct handle *handle = handle_of(tap);
	uint64_t waiting, each;

	count(handle);
	if (handle->seen == 0 || handle->entered <= handle->passed)
		return false;
	waiting = handle->entered - handle->passed;
	each = handle->captured / handle->seen + FRAME_OVERHEAD;
	return waiting * each > handle->ring_size / 2;
}

static void handle_close(struct capture_tap *tap)
{
	struct handle *handle = handle_of(tap);

	if (handle->pcap)
		pcap_close(handle->pcap);
	free(handle);
}

static const struct capture_tap_ops handle_ops = {
	.read = handle_read,
	.settled = handle_settled,
	.is_pressed = handle_is_pressed,
	.close = handle_close,
};

static uint64_t take_lost(struct capture_tap *tap)
{
	struct handle *handle = handle_of(tap);
	uint64_t growth;

	count(handle);
	growth = handle->lost - handle->told;
	handle->told = handle->lost;
	handle->totals->lost += growth;
	return growth;
}

/* ---- opening ---- */

static int activation_failed(pcap_t *pcap, const char *name, int code, struct error *err)
{
	switch (code) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return fail(err, EPERM, "%s: watching a device needs the capability CAP_NET_RAW (or root)", name);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return fail(err, ENODEV, "%s: there is no such device", name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return fail(err, ENETDOWN, "%s: the device is down", name);
	default:
		return fail(err, EIO, "%s: %s", name, *pcap_geterr(pcap) ? pcap_geterr(pcap) : pcap_statustostr(code));
	}
}

/* Not promiscuous unless asked. No immediate mode: TPACKET_V3 hands over whole blocks. */
static int activate(struct handle *handle, const struct capture_device_options *options, uint64_t ring_size,
		    struct error *err)
{
	pcap_t *pcap = handle->pcap;
	int ret;

	pcap_set_snaplen(pcap, options->decoder->tunnels ? SNAP_TUNNEL : SNAP_PLAIN);
	pcap_set_promisc(pcap, options->promiscuous && strcmp(options->name, CAPTURE_DEVICE_ANY) != 0);
	pcap_set_timeout(pcap, BLOCK_MS);
	pcap_set_buffer_size(pcap, ring_size < INT32_MAX ? (int)ring_size : INT32_MAX);
	handle->is_micro = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) < 0;
	handle->ring_size = ring_size;
	ret = pcap_activate(pcap);
	if (ret < 0)
		return activation_failed(pcap, options->name, ret, err);
	return 0;
}

static int link_type_of(struct handle *handle, const struct capture_device_options *options, struct error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int dlt;

	/* The second version tells which device it was. */
	if (pcap_datalink(handle->pcap) == DLT_LINUX_SLL && strcmp(options->name, CAPTURE_DEVICE_ANY) == 0)
		pcap_set_datalink(handle->pcap, DLT_LINUX_SLL2);
	dlt = pcap_datalink(handle->pcap);
	handle->link_type = (uint32_t)dlt;
	if (dlt < 0 || !capture_link_is_supported(handle->link_type)) {
		const char *name = pcap_datalink_val_to_name(dlt);

		return fail(err, EINVAL, "%s: its link type %d (%s) is not one that is decoded", options->name, dlt,
			    name ? name : "unknown");
	}
	if (pcap_setnonblock(handle->pcap, 1, why) < 0)
		return fail(err, EIO, "%s: %s", options->name, why);
	return 0;
}

static bool is_cooked(const struct handle *handle)
{
	return handle->link_type == LINK_LINUX_SLL || handle->link_type == LINK_LINUX_SLL2;
}

static int compile(struct handle *handle, struct bpf_program *code, const struct capture_device_options *options,
		   struct error *err)
{
	const char *side = is_cooked(handle) ? "" : handle->word == FLOW_EGRESS ? "outbound" : "inbound";
	char *expression;
	int ret;

	if (!options->filter)
		ret = asprintf(&expression, "%s", side);
	else if (*side)
		ret = asprintf(&expression, "%s and (%s)", side, options->filter);
	else
		ret = asprintf(&expression, "%s", options->filter);
	if (ret < 0)
		return fail_memory(err, "filter");
	ret = pcap_compile(handle->pcap, code, expression, 1, PCAP_NETMASK_UNKNOWN);
	free(expression);
	if (ret < 0)
		return fail(err, EINVAL, "%s: filter '%s': %s", options->name, options->filter ? options->filter : side,
			    pcap_geterr(handle->pcap));
	return 0;
}

/* libpcap's own way runs a new filter over the first block in this process as well, where "inbound" and "outbound" match
 * nothing. What is in the ring by now is told by its time instead. */
static int attach(struct handle *handle, struct bpf_program *code, const char *name, struct error *err)
{
	const struct sock_fprog program = { .len = (unsigned short)code->bf_len,
					    .filter = (struct sock_filter *)(void *)code->bf_insns };
	const int on = 1;

	_Static_assert(sizeof(struct sock_filter) == sizeof(struct bpf_insn), "one instruction");
	if (setsockopt(pcap_fileno(handle->pcap), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return fail_errno(err, "%s: filter", name);
	/* Spares the kernel copies for nothing; old ones do not know it. */
	if (handle->word == FLOW_INGRESS)
		setsockopt(pcap_fileno(handle->pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	return 0;
}

static int set_filter(struct handle *handle, const struct capture_device_options *options, struct error *err)
{
	struct bpf_program code;
	int ret = compile(handle, &code, options, err);

	if (ret < 0)
		return ret;
	if (!is_cooked(handle))
		ret = attach(handle, &code, options->name, err);
	else if (pcap_setfilter(handle->pcap, &code) < 0)
		ret = fail(err, EINVAL, "%s: filter: %s", options->name, pcap_geterr(handle->pcap));
	pcap_freecode(&code);
	return ret;
}

/* Frames from before that time are left out. */
static void set_ready(struct handle *handle, int64_t ready_ns)
{
	handle->ready_ns = ready_ns;
	count(handle);
	handle->early = handle->entered;
	handle->is_counted = handle->entered == 0;
}

/* Leaves out the frames of the other direction, whatever the kernel's filter is. libpcap never shows those that go out by
 * the loopback device. */
static void set_word(struct handle *handle, uint8_t word, const char *name)
{
	handle->is_loopback = strcmp(name, "lo") == 0;
	handle->word = is_cooked(handle) ? FLOW_UNKNOWN : word;
	if (!is_cooked(handle))
		pcap_setdirection(handle->pcap, word == FLOW_EGRESS ? PCAP_D_OUT : PCAP_D_IN);
}

static int open_handle(struct handle **out, const struct capture_device_options *options, uint8_t word,
		       uint64_t ring_size, struct error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct handle *handle = calloc(1, sizeof(*handle));
	int ret;

	if (!handle)
		return fail_memory(err, "live capture");
	*handle = (struct handle){
		.tap = { .ops = &handle_ops, .fd = -1 },
		.totals = options->totals,
		.decoder = options->decoder,
		.seed = options->seed,
		.point = options->point,
	};
	handle->pcap = pcap_create(options->name, why);
	ret = handle->pcap ? activate(handle, options, ring_size, err) : fail(err, EIO, "%s: %s", options->name, why);
	if (ret >= 0)
		ret = link_type_of(handle, options, err);
	if (ret >= 0) {
		set_word(handle, word, options->name);
		ret = set_filter(handle, options, err);
	}
	if (ret < 0) {
		handle_close(&handle->tap);
		return ret;
	}
	set_ready(handle, wall_ns());
	handle->tap.fd = pcap_get_selectable_fd(handle->pcap);
	*out = handle;
	return 0;
}

static int device_open(struct capture_backend *backend, struct capture_device *device,
		       const struct capture_device_options *options, struct error *err)
{
	/* What has one handle alone gives it all of the ring. */
	bool is_one = strcmp(options->name, "lo") == 0 || strcmp(options->name, CAPTURE_DEVICE_ANY) == 0;
	uint64_t ring_size = is_one ? options->ring_size : options->ring_size / 2;
	struct handle *in = NULL, *out = NULL;
	int ret = open_handle(&in, options, FLOW_INGRESS, ring_size, err);

	(void)backend;
	if (ret < 0 || !in)
		return ret;
	*device = (struct capture_device){
		.taps = { &in->tap }, .tap_count = 1, .ready_ns = in->ready_ns, .index = options->index
	};
	if (is_one || is_cooked(in))
		return 0;
	ret = open_handle(&out, options, FLOW_EGRESS, ring_size, err);
	if (ret < 0 || !out) {
		handle_close(&in->tap);
		return ret;
	}
	device->ready_ns = out->ready_ns; /* both directions begin at once */
	set_ready(in, device->ready_ns);
	device->taps[device->tap_count++] = &out->tap;
	return 0;
}

static uint64_t device_lost(struct capture_backend *backend, struct capture_device *device)
{
	uint64_t lost = 0;

	(void)backend;
	for (size_t i = 0; i < device->tap_count; i++)
		lost += take_lost(device->taps[i]);
	return lost;
}

static void backend_close(struct capture_backend *backend)
{
	(void)backend;
}

struct capture_backend *capture_device_backend(void)
{
	static const struct capture_backend_ops ops = { .open = device_open,
							.lost = device_lost,
							.close = backend_close };
	static struct capture_backend backend = { .ops = &ops };

	return &backend;
}
