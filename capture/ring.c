#include "capture/ring.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/ethertype.h"
#include "capture/link.h"
#include "capture/segments.h"
#include "flow/key.h"

/* As capture/device.c has them. */
enum { SNAP_PLAIN = 192, SNAP_TUNNEL = 320, BLOCK_MS = 100 };

enum { BLOCK_SIZE = 256 * 1024, BLOCKS_LEAST = 4, FRAME_SIZE = 2048 };

/* What a cooked frame (LINK_LINUX_SLL2) has ahead of the packet. */
enum { COOKED_HEADER = 20 };

static const int64_t second_ns = INT64_C(1000000000);

struct ring {
	struct capture_tap tap; /* first: what others hold of it */
	struct capture_device_totals *totals;
	struct capture_decoder *decoder;
	uint64_t seed;
	uint32_t point, index;
	uint16_t type;    /* ARPHRD_... */
	bool is_ethernet; /* else frames are packets */
	uint8_t *blocks;
	size_t block_size, block_count;
	size_t at;                       /* the block that is read, or will be when the kernel hands it over */
	const struct tpacket3_hdr *next; /* frame of it */
	size_t left;                     /* frames of it that were not read; 0: it is the kernel's */
	int64_t ready_ns;
	bool has_begun; /* a frame of after that was seen */
	bool is_gone;   /* the device is */
	/* The kernel's counts, and of those that entered, how many were read. */
	uint64_t entered, passed, lost, told;
};

static struct ring *ring_of(struct capture_tap *tap)
{
	return (struct ring *)tap;
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * second_ns + now.tv_nsec;
}

/* ---- frames ---- */

static const struct sockaddr_ll *address_of(const struct tpacket3_hdr *header)
{
	return (const void *)((const uint8_t *)header + TPACKET_ALIGN(sizeof(*header)));
}

static struct virtio_net_hdr offload_of(const struct tpacket3_hdr *header)
{
	struct virtio_net_hdr offload; /* right before the frame, wherever that is */

	memcpy(&offload, (const uint8_t *)header + header->tp_mac - sizeof(offload), sizeof(offload));
	return offload;
}

static uint8_t word_of(uint8_t packet_type)
{
	switch (packet_type) {
	case PACKET_OUTGOING:
		return FLOW_EGRESS;
	case PACKET_OTHERHOST: /* came in for another station */
		return FLOW_UNKNOWN;
	default:
		return FLOW_INGRESS;
	}
}

/* What stands in for a packet's link layer where Linux has none, or none to show. */
static void decode_cooked(const struct ring *ring, const struct sockaddr_ll *from, const struct capture_item *item,
			  struct flow_observation *out)
{
	uint8_t frame[COOKED_HEADER + SNAP_TUNNEL] = { 0 };
	struct capture_item cooked = *item;

	memcpy(frame, &from->sll_protocol, 2);
	frame[8] = (uint8_t)(ring->type >> 8);
	frame[9] = (uint8_t)ring->type;
	frame[10] = from->sll_pkttype;
	if (cooked.captured > SNAP_TUNNEL)
		cooked.captured = SNAP_TUNNEL;
	memcpy(frame + COOKED_HEADER, item->bytes, cooked.captured);
	cooked.link_type = LINK_LINUX_SLL2;
	cooked.bytes = frame;
	cooked.captured += COOKED_HEADER;
	cooked.original += COOKED_HEADER;
	if (cooked.segment_load > 0)
		cooked.segment_load += COOKED_HEADER;
	capture_decode(ring->decoder, &cooked, out);
}

static void decode(const struct ring *ring, const struct sockaddr_ll *from, struct capture_item *item,
		   struct flow_observation *out)
{
	if (ring->is_ethernet) {
		item->link_type = LINK_ETHERNET;
	} else if (from->sll_protocol == htons(ETHERTYPE_IPV4)) {
		item->link_type = LINK_IPV4;
	} else if (from->sll_protocol == htons(ETHERTYPE_IPV6)) {
		item->link_type = LINK_IPV6;
	} else {
		decode_cooked(ring, from, item, out);
		return;
	}
	capture_decode(ring->decoder, item, out);
}

/* The kernel takes the outer tag off. */
static bool is_unwanted(const struct ring *ring, const struct capture_item *item, bool is_untagged)
{
	return ring->is_ethernet && item->word != FLOW_EGRESS &&
	       capture_ethertype_is_unwanted(item->bytes, item->captured, is_untagged);
}

static void count_frame(const struct ring *ring, const struct capture_item *item, bool is_untagged,
			const struct flow_observation *seen)
{
	struct capture_device_totals *totals = ring->totals;

	totals->frames += seen->packets;
	totals->bytes += capture_segments_on_wire(item, seen->packets) +
			 (is_untagged ? seen->packets * sizeof(uint32_t) : 0);
	totals->unwanted += is_unwanted(ring, item, is_untagged);
}

/* Was the frame there before the device counted as watched? Such ones come before all others, and are not much older: a
 * time that is says that the clock was set back. */
static bool is_early(const struct ring *ring, int64_t time_ns)
{
	return !ring->has_begun && time_ns < ring->ready_ns && ring->ready_ns - time_ns < CAPTURE_CLOCK_JUMP_NS;
}

/* 1 if `out` was written. The kernel leaves a slot without status where it found that an offload has no name for us
 * (SCTP's, UFO's); it counts that as lost. */
static size_t read_frame(struct ring *ring, const struct tpacket3_hdr *header, struct flow_observation *out)
{
	const struct sockaddr_ll *from = address_of(header);
	const struct virtio_net_hdr offload = offload_of(header);
	bool is_untagged = header->tp_status & TP_STATUS_VLAN_VALID;
	struct capture_item item = {
		.kind = CAPTURE_FRAME,
		.point = ring->point,
		.supported = true,
		.word = word_of(from->sll_pkttype),
		.captured = header->tp_snaplen,
		.original = header->tp_len > header->tp_snaplen ? header->tp_len : header->tp_snaplen,
		.bytes = (const uint8_t *)header + header->tp_mac,
		.time_ns = (int64_t)header->tp_sec * second_ns + header->tp_nsec,
	};

	if (!(header->tp_status & TP_STATUS_USER))
		return 0;
	ring->passed++;
	if (is_early(ring, item.time_ns))
		return 0;
	ring->has_begun = true;
	capture_segments_mark(&offload, &item);
	decode(ring, from, &item, out);
	if (out->kind == FLOW_PACKET)
		out->tuple_hash = flow_tuple_hash(&out->source, &out->destination, out->source_port,
						  out->destination_port, out->protocol, out->family, ring->seed);
	count_frame(ring, &item, is_untagged, out);
	return 1;
}

/* ---- blocks ---- */

static struct tpacket_hdr_v1 *block_at(const struct ring *ring, size_t number)
{
	struct tpacket_block_desc *block = (void *)(ring->blocks + number * ring->block_size);

	return &block->hdr.bh1;
}

/* Is it ours? Then what the kernel wrote can be seen from here on. */
static bool is_full(const struct ring *ring, size_t number)
{
	return __atomic_load_n(&block_at(ring, number)->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

/* Gives the block that was read back. */
static void give_back(struct ring *ring)
{
	__atomic_store_n(&block_at(ring, ring->at)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	ring->at = (ring->at + 1) % ring->block_count;
}

/* The next block that holds frames; false: the kernel has not handed it over. */
static bool begin_block(struct ring *ring)
{
	while (is_full(ring, ring->at)) {
		const struct tpacket_hdr_v1 *block = block_at(ring, ring->at);

		ring->left = block->num_pkts;
		ring->next = (const void *)(ring->blocks + ring->at * ring->block_size + block->offset_to_first_pkt);
		if (ring->left > 0)
			return true;
		give_back(ring);
	}
	return false;
}

/* Nothing is left in the ring: why? The kernel says once that the device went down, which it may come back from, and
 * binds the socket to none when the device goes. */
static int look_after(struct ring *ring, struct error *err)
{
	struct sockaddr_ll bound = { 0 };
	int code = 0;
	socklen_t size = sizeof(code), bound_size = sizeof(bound);

	if (getsockopt(ring->tap.fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code != 0 &&
	    getsockname(ring->tap.fd, (struct sockaddr *)&bound, &bound_size) == 0)
		ring->is_gone = (uint32_t)bound.sll_ifindex != ring->index;
	if (ring->is_gone)
		return fail(err, ENODEV, "the device is gone");
	if (code != 0 && code != ENETDOWN)
		return fail(err, code, "%s", strerror(code));
	return 0;
}

static int ring_read(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err)
{
	struct ring *ring = ring_of(tap);
	size_t length = 0;

	while (length < room && (ring->left > 0 || begin_block(ring))) {
		const struct tpacket3_hdr *header = ring->next;

		ring->next = (const void *)((const uint8_t *)header + header->tp_next_offset);
		length += read_frame(ring, header, out + length);
		if (--ring->left == 0)
			give_back(ring);
	}
	return length > 0 ? (int)length : look_after(ring, err);
}

/* Asks the kernel for what it counted; its counts begin anew each time. */
static void count(struct ring *ring)
{
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t size = sizeof(stats);

	if (getsockopt(ring->tap.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		return;
	ring->entered += stats.tp_packets - stats.tp_drops; /* the first counts the second, too */
	ring->lost += stats.tp_drops;
}

/* What has entered and was not read stands in the block that the kernel fills. */
static int64_t ring_settled(struct capture_tap *tap, int64_t now_ns)
{
	struct ring *ring = ring_of(tap);

	count(ring);
	return now_ns - (ring->entered <= ring->passed ? CAPTURE_TAP_SLACK_NS : CAPTURE_TAP_HOLD_NS);
}

/* Is the ring half full? */
static bool ring_is_pressed(struct capture_tap *tap)
{
	const struct ring *ring = ring_of(tap);

	return is_full(ring, (ring->at + ring->block_count / 2) % ring->block_count);
}

static void ring_close(struct capture_tap *tap)
{
	struct ring *ring = ring_of(tap);

	if (ring->blocks)
		munmap(ring->blocks, ring->block_size * ring->block_count);
	if (ring->tap.fd >= 0)
		close(ring->tap.fd);
	free(ring);
}

static const struct capture_tap_ops ring_ops = {
	.read = ring_read,
	.settled = ring_settled,
	.is_pressed = ring_is_pressed,
	.close = ring_close,
};

/* ---- filters ---- */

static int activation_failed(pcap_t *pcap, const char *name, int code, struct error *err)
{
	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return fail(err, ENODEV, "%s: there is no such device", name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return fail(err, ENETDOWN, "%s: the device is down", name);
	default:
		return fail(err, EIO, "%s: filter: %s", name,
			    *pcap_geterr(pcap) ? pcap_geterr(pcap) : pcap_statustostr(code));
	}
}

/* Only a live handle's code looks for tags where the kernel has put them. Where libpcap would cook the device's frames, or
 * what is left of them, code for packets alone does. */
static int open_compiler(pcap_t **out, const struct ring *ring, const char *name, int snap, struct error *err)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(name, why);
	int ret;

	if (!pcap)
		return fail(err, EIO, "%s: filter: %s", name, why);
	pcap_set_snaplen(pcap, snap);
	pcap_set_timeout(pcap, BLOCK_MS);
	pcap_set_buffer_size(pcap, BLOCK_SIZE);
	ret = pcap_activate(pcap);
	if (ret < 0) {
		ret = activation_failed(pcap, name, ret, err);
		pcap_close(pcap);
		return ret;
	}
	if (pcap_datalink(pcap) != (ring->is_ethernet ? DLT_EN10MB : DLT_RAW)) {
		pcap_close(pcap);
		pcap = pcap_open_dead(ring->is_ethernet ? DLT_EN10MB : DLT_RAW, snap);
		if (!pcap)
			return fail_memory(err, "filter");
	}
	*out = pcap;
	return 0;
}

/* The kernel keeps as many bytes of a frame as its filter answers. */
static int attach(const struct ring *ring, const struct bpf_insn *code, size_t length, const char *name,
		  struct error *err)
{
	const struct sock_fprog program = { .len = (unsigned short)length,
					    .filter = (struct sock_filter *)(void *)code };

	_Static_assert(sizeof(struct sock_filter) == sizeof(struct bpf_insn), "one instruction");
	if (setsockopt(ring->tap.fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return fail_errno(err, "%s: filter", name);
	return 0;
}

static int set_filter(const struct ring *ring, const struct capture_device_options *options, struct error *err)
{
	int snap = options->decoder->tunnels ? SNAP_TUNNEL : SNAP_PLAIN, ret;
	const struct bpf_insn all = BPF_STMT(BPF_RET | BPF_K, (uint32_t)snap);
	struct bpf_program code;
	pcap_t *pcap = NULL;

	if (!options->filter)
		return attach(ring, &all, 1, options->name, err);
	ret = open_compiler(&pcap, ring, options->name, snap, err);
	if (ret < 0 || !pcap)
		return ret;
	if (pcap_compile(pcap, &code, options->filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		ret = fail(err, EINVAL, "%s: filter '%s': %s", options->name, options->filter, pcap_geterr(pcap));
	} else {
		ret = attach(ring, code.bf_insns, code.bf_len, options->name, err);
		pcap_freecode(&code);
	}
	pcap_close(pcap);
	return ret;
}

/* ---- opening ---- */

static int open_socket(struct ring *ring, const char *name, struct error *err)
{
	const int version = TPACKET_V3, on = 1;

	/* Of no protocol, so that nothing comes before all else is set. */
	ring->tap.fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (ring->tap.fd < 0 && errno == EPERM)
		return fail(err, EPERM, "%s: watching a device needs the capability CAP_NET_RAW (or root)", name);
	if (ring->tap.fd < 0)
		return fail_errno(err, "%s: packet socket", name);
	if (setsockopt(ring->tap.fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0)
		return fail_errno(err, "%s: packet socket, TPACKET_V3", name);
	if (setsockopt(ring->tap.fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0)
		return fail_errno(err, "%s: packet socket, PACKET_VNET_HDR", name);
	return 0;
}

/* A kernel short of memory gives a smaller ring rather than none. */
static int make_blocks(struct ring *ring, const struct capture_device_options *options, struct error *err)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct tpacket_req3 request = { .tp_frame_size = FRAME_SIZE, .tp_retire_blk_tov = BLOCK_MS };
	void *blocks;
	int ret;

	ring->block_size = BLOCK_SIZE;
	while (ring->block_size > page && options->ring_size / ring->block_size < BLOCKS_LEAST)
		ring->block_size /= 2;
	ring->block_count = options->ring_size / ring->block_size;
	do {
		if (ring->block_count < BLOCKS_LEAST)
			ring->block_count = BLOCKS_LEAST;
		request.tp_block_size = (unsigned)ring->block_size;
		request.tp_block_nr = (unsigned)ring->block_count;
		request.tp_frame_nr = (unsigned)(ring->block_count * (ring->block_size / FRAME_SIZE));
		ret = setsockopt(ring->tap.fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request));
	} while (ret < 0 && errno == ENOMEM && (ring->block_count /= 2) >= BLOCKS_LEAST);
	if (ret < 0)
		return fail_errno(err, "%s: ring of %llu bytes", options->name, (unsigned long long)options->ring_size);
	blocks = mmap(NULL, ring->block_size * ring->block_count, PROT_READ | PROT_WRITE, MAP_SHARED, ring->tap.fd, 0);
	if (blocks == MAP_FAILED)
		return fail_errno(err, "%s: ring of %llu bytes", options->name, (unsigned long long)options->ring_size);
	ring->blocks = blocks;
	return 0;
}

/* From here on frames come in. */
static int bind_to(struct ring *ring, const struct capture_device_options *options, struct error *err)
{
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_protocol = htons(ETH_P_ALL),
					     .sll_ifindex = (int)options->index };
	const struct packet_mreq promiscuous = { .mr_ifindex = (int)options->index, .mr_type = PACKET_MR_PROMISC };
	int code = 0;
	socklen_t size = sizeof(code);

	if (options->promiscuous &&
	    setsockopt(ring->tap.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) < 0)
		return fail_errno(err, "%s: promiscuous mode", options->name);
	if (bind(ring->tap.fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_errno(err, "%s: packet socket", options->name);
	if (getsockopt(ring->tap.fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == ENETDOWN)
		return fail(err, ENETDOWN, "%s: the device is down", options->name);
	ring->ready_ns = wall_ns();
	return 0;
}

/* Those whose frames have an Ethernet header, and those whose frames have none at all. */
static bool is_known(uint16_t type, bool *is_ethernet)
{
	*is_ethernet = type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK;
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
	case ARPHRD_NONE: /* tun, wireguard */
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		return true;
	default:
		return false;
	}
}

static int open_ring(struct ring *ring, const struct capture_device_options *options, struct error *err)
{
	int ret = open_socket(ring, options->name, err);

	if (ret >= 0)
		ret = set_filter(ring, options, err);
	if (ret >= 0)
		ret = make_blocks(ring, options, err);
	return ret < 0 ? ret : bind_to(ring, options, err);
}

static int ring_open(struct capture_backend *backend, struct capture_device *device,
		     const struct capture_device_options *options, struct error *err)
{
	struct ring *ring;
	bool is_ethernet;
	int ret;

	(void)backend;
	if (strcmp(options->name, CAPTURE_DEVICE_ANY) == 0)
		return fail(err, EINVAL, "%s: is watched by libpcap alone: --backend pcap", options->name);
	if (!is_known(options->type, &is_ethernet))
		return fail(err, EINVAL, "%s: its type %u is not one that is decoded here; libpcap may: --backend pcap",
			    options->name, (unsigned)options->type);
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		return fail_memory(err, "live capture");
	*ring = (struct ring){
		.tap = { .ops = &ring_ops, .fd = -1 },
		.totals = options->totals,
		.decoder = options->decoder,
		.seed = options->seed,
		.point = options->point,
		.index = options->index,
		.type = options->type,
		.is_ethernet = is_ethernet,
	};
	ret = open_ring(ring, options, err);
	if (ret < 0) {
		ring_close(&ring->tap);
		return ret;
	}
	*device = (struct capture_device){
		.taps = { &ring->tap }, .tap_count = 1, .ready_ns = ring->ready_ns, .index = options->index
	};
	return 0;
}

static uint64_t ring_lost(struct capture_backend *backend, struct capture_device *device)
{
	struct ring *ring = ring_of(device->taps[0]);
	uint64_t growth;

	(void)backend;
	count(ring);
	growth = ring->lost - ring->told;
	ring->told = ring->lost;
	ring->totals->lost += growth;
	return growth;
}

static void backend_close(struct capture_backend *backend)
{
	(void)backend;
}

struct capture_backend *capture_ring_backend(void)
{
	static const struct capture_backend_ops ops = { .open = ring_open, .lost = ring_lost, .close = backend_close };
	static struct capture_backend backend = { .ops = &ops };

	return &backend;
}
