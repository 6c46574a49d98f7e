/* The programs in the kernel held against the decoder: every frame of captures is handed to both, and what the kernel sums
 * of it must be what capture_decode() says.
 *
 *     kernel CAPTURE...
 *
 * Each frame goes to the kernel whole; its IP packet once more behind a plain Ethernet header, and once more alone, as of a
 * device without a link-layer header. So captures of any link type serve. The first frames of each capture are also cut
 * short at every length, and all are handed over with some bytes of their headers changed at random (the same ones in each
 * run). Status 77: not root, or built without the programs. */
#include <stdio.h>

enum { SKIPPED = 77 };

#if !ENIFLOW_HAVE_EBPF

int main(void)
{
	printf("SKIP: built without eBPF\n");
	return SKIPPED;
}

#else

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

#include "capture/decode.h"
#include "capture/ethertype.h"
#include "capture/link.h"
#include "capture/linklayer.h"
#include "program_rig.h"

enum { ETHERNET_HEADER = 14, CUT_FRAMES = 12, CUT_MOST = 160, CHANGES = 6, CHANGED_MOST = 96, FAULTS_MOST = 20 };

static struct programs programs[2]; /* without and with MACs */
static struct capture_decoder decoders[2];
static unsigned long compared, faults;
static uint64_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(random_state >> 33);
}

/* ---- one frame ---- */

struct trial {
	const char *path;
	unsigned long number;
	const char *what; /* was done to it */
};

static void print_bytes(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length && i < 128; i++)
		printf("%02x", bytes[i]);
	printf(" (%zu bytes)\n", length);
}

static void fault(const struct trial *trial, const char *why, const struct capture_item *item)
{
	faults++;
	printf("%s: frame %lu%s: %s\n    ", trial->path, trial->number, trial->what, why);
	print_bytes(item->bytes, item->captured);
}

static uint8_t word_of(const struct capture_item *item, uint8_t side)
{
	static const uint8_t mac[6]; /* of lo */
	bool is_ours = item->link_type != LINK_ETHERNET || (item->bytes[0] & 1) || memcmp(item->bytes, mac, 6) == 0;

	return side == FLOW_INGRESS && !is_ours ? FLOW_UNKNOWN : side;
}

/* The key that the observation should have got. */
static struct bpf_flow_key key_of(const struct flow_observation *seen, const struct capture_item *item, uint8_t side,
				  bool with_macs)
{
	struct bpf_flow_key key = {
		.index = PROGRAMS_INDEX,
		.family = seen->family,
		.protocol = seen->protocol,
		.word = word_of(item, side),
		.marks = seen->group ? BPF_MARK_GROUP : 0,
		.source_port = htons(seen->source_port),
		.destination_port = htons(seen->destination_port),
	};

	memcpy(key.source, seen->source.octets, sizeof(key.source));
	memcpy(key.destination, seen->destination.octets, sizeof(key.destination));
	if (with_macs && seen->has_macs) {
		key.marks |= BPF_MARK_MACS;
		memcpy(key.source_mac, seen->source_mac, sizeof(key.source_mac));
		memcpy(key.destination_mac, seen->destination_mac, sizeof(key.destination_mac));
	}
	return key;
}

static void print_key(const char *whose, const struct bpf_flow_key *key)
{
	printf("    %s: ", whose);
	print_bytes((const uint8_t *)key, sizeof(*key));
}

static const char *compare_flow(const struct programs *loaded, const struct bpf_flow_key *expected,
				const struct flow_observation *seen)
{
	struct bpf_flow_key key;
	struct bpf_flow flow;

	if (!programs_take(loaded, &key, &flow))
		return "the kernel took it for no packet";
	if (memcmp(&key, expected, loaded->key_size) != 0) {
		print_key("decoder's key", expected);
		print_key("kernel's key ", &key);
		return "another key";
	}
	if (flow.packets != seen->packets || flow.bytes != seen->bytes)
		return "packets or bytes differ";
	if (bpf_flow_flags(flow.flags) != seen->tcp_flags)
		return "TCP flags differ";
	if (flow.first_ns == 0 || flow.first_ns != flow.last_ns || flow.rejected_packets != 0)
		return "times or verdict are wrong";
	return programs_take(loaded, &key, &flow) ? "the kernel made two of it" : NULL;
}

static const char *compare_device(const struct bpf_device *before, const struct bpf_device *after,
				  const struct capture_item *item, enum flow_kind kind, uint8_t side)
{
	bool is_unwanted = item->link_type == LINK_ETHERNET && side == FLOW_INGRESS &&
			   capture_ethertype_is_unwanted(item->bytes, item->captured, false);

	if (after->non_ip - before->non_ip != (kind == FLOW_NON_IP) ||
	    after->truncated - before->truncated != (kind == FLOW_TRUNCATED) ||
	    after->malformed - before->malformed != (kind == FLOW_MALFORMED))
		return "not of the kind that it should be";
	if (after->other_bytes - before->other_bytes != (kind == FLOW_PACKET ? 0 : item->captured))
		return "other_bytes is wrong";
	if (after->unwanted - before->unwanted != is_unwanted)
		return "wanted or unwanted?";
	return after->full != before->full ? "the map was full" : NULL;
}

static const struct bpf_program *program_of(const struct programs *loaded, const struct capture_item *item,
					    uint8_t side)
{
	if (item->link_type == LINK_ETHERNET)
		return side == FLOW_INGRESS ? loaded->skeleton->progs.count_ingress
					    : loaded->skeleton->progs.count_egress;
	return side == FLOW_INGRESS ? loaded->skeleton->progs.count_ingress_raw
				    : loaded->skeleton->progs.count_egress_raw;
}

/* The kernel itself does not take a frame that its Ethernet header calls IP and that is too short for an IP header. */
static bool is_refused(const struct capture_item *item)
{
	const uint8_t *type = item->bytes + 12;

	return (type[0] == 0x08 && type[1] == 0x00 && item->captured < ETHERNET_HEADER + 20) ||
	       (type[0] == 0x86 && type[1] == 0xdd && item->captured < ETHERNET_HEADER + 40);
}

/* `frame` is what the kernel gets for the item. */
static void compare(const struct trial *trial, const struct capture_item *item, const struct programs_frame *frame,
		    bool with_macs)
{
	const struct programs *loaded = &programs[with_macs];
	const uint8_t side = compared & 2 ? FLOW_EGRESS : FLOW_INGRESS;
	struct bpf_device before = programs_device(loaded), after;
	struct flow_observation seen;
	struct bpf_flow_key expected;
	const char *why = NULL;

	capture_decode(&decoders[with_macs], item, &seen);
	if (programs_run(program_of(loaded, item, side), frame) != -1)
		why = "it could not be handed to the kernel, or the program did not pass it on";
	after = programs_device(loaded);
	expected = key_of(&seen, item, side, with_macs);
	if (!why)
		why = compare_device(&before, &after, item, seen.kind, side);
	if (!why && seen.kind == FLOW_PACKET)
		why = compare_flow(loaded, &expected, &seen);
	if (why)
		fault(trial, why, item);
	compared++;
}

static void compare_both(const struct trial *trial, const struct capture_item *item, const struct programs_frame *frame)
{
	compare(trial, item, frame, false);
	compare(trial, item, frame, true);
}

/* ---- what is done to a frame ---- */

static void try_ethernet(const struct trial *trial, const uint8_t *bytes, size_t length)
{
	const struct capture_item item = {
		.link_type = LINK_ETHERNET,
		.supported = true,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
	};
	const struct programs_frame frame = { .bytes = bytes, .length = length };

	if (length >= PROGRAMS_FRAME_LEAST && !is_refused(&item))
		compare_both(trial, &item, &frame);
}

static void try_raw(const struct trial *trial, const uint8_t *bytes, size_t length)
{
	const struct capture_item item = {
		.link_type = LINK_RAW,
		.supported = true,
		.captured = (uint32_t)length,
		.original = (uint32_t)length,
		.bytes = bytes,
	};
	const struct programs_frame frame = { .bytes = bytes, .length = length };

	if (length >= PROGRAMS_FRAME_LEAST && !is_refused(&item))
		compare_both(trial, &item, &frame);
}

static void try_cut(struct trial trial, const uint8_t *bytes, size_t length, bool is_raw)
{
	char what[32];

	trial.what = what;
	for (size_t cut = PROGRAMS_FRAME_LEAST; cut < length && cut < CUT_MOST; cut++) {
		snprintf(what, sizeof(what), ", cut at %zu", cut);
		(is_raw ? try_raw : try_ethernet)(&trial, bytes, cut);
	}
}

static void try_changed(struct trial trial, const uint8_t *bytes, size_t length, bool is_raw)
{
	uint8_t changed[PROGRAMS_FRAME_MOST];
	const size_t most = length < CHANGED_MOST ? length : CHANGED_MOST;

	trial.what = ", changed";
	for (int i = 0; i < CHANGES && most > 0; i++) {
		memcpy(changed, bytes, length);
		for (uint32_t n = next_random() % 3; n < 3; n++)
			changed[next_random() % most] = (uint8_t)next_random();
		(is_raw ? try_raw : try_ethernet)(&trial, changed, length);
	}
}

static void try_all(struct trial trial, const uint8_t *bytes, size_t length, bool is_raw)
{
	trial.what = is_raw ? ", without link layer" : "";
	(is_raw ? try_raw : try_ethernet)(&trial, bytes, length);
	try_changed(trial, bytes, length, is_raw);
	if (trial.number <= CUT_FRAMES)
		try_cut(trial, bytes, length, is_raw);
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* The frame's IP packet, behind a header of our own, and alone. */
static void try_packet(const struct trial *trial, const struct capture_item *item)
{
	static const uint8_t header[2][ETHERNET_HEADER] = { { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 },
							    { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd } };
	struct capture_layer layer = { cursor_of(item->bytes, item->captured), item->bytes, item->original };
	struct flow_observation out = { .kind = FLOW_PACKET };
	uint8_t bytes[PROGRAMS_FRAME_MOST];
	size_t length;

	if (capture_linklayer(item, &layer, &out) != FLOW_PACKET)
		return;
	length = at_most(cursor_left(&layer.bytes), sizeof(bytes) - ETHERNET_HEADER);
	memcpy(bytes, header[out.family == FLOW_IPV6], ETHERNET_HEADER);
	memcpy(bytes + ETHERNET_HEADER, layer.bytes.at, length);
	if (item->link_type != LINK_ETHERNET)
		try_all(*trial, bytes, ETHERNET_HEADER + length, false);
	try_all(*trial, bytes + ETHERNET_HEADER, length, true);
}

static void try_frame(const struct trial *trial, const struct capture_item *item)
{
	if (!item->supported)
		return;
	if (item->link_type == LINK_ETHERNET)
		try_all(*trial, item->bytes, at_most(item->captured, PROGRAMS_FRAME_MOST), false);
	try_packet(trial, item);
}

/* ---- captures ---- */

/* What cannot be read is another test's. */
static void try_capture(const char *path)
{
	struct capture_file_options options = { .path = path, .wake_fd = -1 };
	struct trial trial = { .path = path };
	struct capture_file *file = NULL;
	struct capture_item item;
	struct error err;

	if (capture_points_new(&options.points, &err) < 0)
		return;
	if (capture_file_open(&file, &options, &err) == 0) {
		while (capture_file_next(file, &item, true, &err) > 0 && faults < FAULTS_MOST) {
			if (item.kind != CAPTURE_FRAME)
				continue;
			trial.number++;
			try_frame(&trial, &item);
		}
		capture_file_close(file);
	}
	capture_points_free(options.points);
}

static bool prepare(void)
{
	for (int i = 0; i < 2; i++)
		if (!programs_load(&programs[i], i, 8) || capture_fragments_new(&decoders[i].fragments, 1, NULL) < 0)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	if (geteuid() != 0) {
		printf("SKIP: programs in the kernel need root\n");
		return SKIPPED;
	}
	if (!prepare()) {
		printf("the programs could not be loaded\n");
		return 1;
	}
	for (int i = 1; i < argc && faults < FAULTS_MOST; i++)
		try_capture(argv[i]);
	printf("%lu frames compared, %lu differ\n", compared, faults);
	for (int i = 0; i < 2; i++) {
		programs_unload(&programs[i]);
		capture_fragments_free(decoders[i].fragments);
	}
	return compared == 0 || faults > 0;
}

#endif
