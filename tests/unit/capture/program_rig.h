/* tests/unit/capture/program_rig.h - the programs of bpf/, loaded but attached to nothing: frames are handed to them one by one
 * (BPF_PROG_TEST_RUN), and what they sum is read at once. */
#ifndef ENIFLOW_TESTS_UNIT_CAPTURE_PROGRAM_RIG_H
#define ENIFLOW_TESTS_UNIT_CAPTURE_PROGRAM_RIG_H

#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/flows.h"
#include "capture/flowmap.h"

#include <flows.skel.h>

/* What the kernel takes of one frame lies in one page, with some more; and it takes no frame of an Ethernet header alone.
 * (It reads such a header, and gives the program the frame with it: what the program takes the frame for is its own.) The
 * device is lo, which is there in every network namespace. */
enum { PROGRAMS_FRAME_MOST = 2048, PROGRAMS_FRAME_LEAST = 15, PROGRAMS_INDEX = 1 };

struct programs {
	struct flows *skeleton;
	struct capture_flowmap *flows; /* of which one table is the current one as long as the rig lasts */
	size_t key_size;               /* of what is told apart */
};

static inline bool programs_load(struct programs *out, bool with_macs, uint32_t max_flows)
{
	const uint32_t index = PROGRAMS_INDEX, key_size = with_macs ? sizeof(struct bpf_flow_key) : BPF_FLOW_KEY_PLAIN;
	const struct bpf_device none = { 0 };
	struct error err;

	*out = (struct programs){ .key_size = key_size, .skeleton = flows__open() };
	if (!out->skeleton)
		return false;
	out->skeleton->rodata->with_macs = with_macs;
	bpf_program__set_autoload(out->skeleton->progs.on_drop, false);
	return capture_flowmap_new(&out->flows, max_flows, key_size, &err) == 0 &&
	       bpf_map__set_inner_map_fd(out->skeleton->maps.current, capture_flowmap_pattern(out->flows)) == 0 &&
	       flows__load(out->skeleton) == 0 &&
	       capture_flowmap_begin(out->flows, bpf_map__fd(out->skeleton->maps.current), &err) == 0 &&
	       bpf_map_update_elem(bpf_map__fd(out->skeleton->maps.devices), &index, &none, BPF_ANY) == 0;
}

static inline void programs_unload(struct programs *programs)
{
	capture_flowmap_free(programs->flows);
	flows__destroy(programs->skeleton);
}

static inline struct bpf_device programs_device(const struct programs *programs)
{
	const uint32_t index = PROGRAMS_INDEX;
	struct bpf_device device = { 0 };

	bpf_map_lookup_elem(bpf_map__fd(programs->skeleton->maps.devices), &index, &device);
	return device;
}

struct programs_frame {
	const void *bytes;
	size_t length;
	uint32_t gso_size, gso_segs; /* 0: an ordinary frame */
};

/* What the program returned, or a negative errno. */
static inline int programs_run(const struct bpf_program *program, const struct programs_frame *frame)
{
	struct __sk_buff context = { .gso_size = frame->gso_size, .gso_segs = frame->gso_segs };
	struct bpf_test_run_opts options = {
		.sz = sizeof(options),
		.data_in = frame->bytes,
		.data_size_in = (uint32_t)frame->length,
		.ctx_in = &context,
		.ctx_size_in = sizeof(context),
		.repeat = 1,
	};
	int ret = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	return ret < 0 ? ret : (int)options.retval;
}

/* Has the index no entry there any more? The others stay where they are. */
static inline bool programs_forget(int table, uint32_t slot)
{
	const uint32_t element = 1 + slot / BPF_TABLE_SLOTS;
	uint8_t bytes[sizeof(struct bpf_entry)];
	struct bpf_index index;

	if (bpf_map_lookup_elem(table, &element, bytes) != 0)
		return false;
	memcpy(&index, bytes, sizeof(index));
	index.slots[slot % BPF_TABLE_SLOTS] = 0;
	memcpy(bytes, &index, sizeof(index));
	return bpf_map_update_elem(table, &element, bytes, BPF_ANY) == 0;
}

/* The last element that was taken is none any more. */
static inline bool programs_give_back(int table)
{
	const uint32_t first = 0;
	uint8_t bytes[sizeof(struct bpf_entry)];
	struct bpf_table head;

	if (bpf_map_lookup_elem(table, &first, bytes) != 0)
		return false;
	memcpy(&head, bytes, sizeof(head));
	head.next--;
	memcpy(bytes, &head, sizeof(head));
	return bpf_map_update_elem(table, &first, bytes, BPF_ANY) == 0;
}

/* Takes a flow out of the current table; false: it has none. What of the key is not in the table is 0. The room that it took
 * is given back if it was the only one. */
static inline bool programs_take(const struct programs *programs, struct bpf_flow_key *key, struct bpf_flow *flow)
{
	const int table = capture_flowmap_pattern(programs->flows);
	const uint32_t first = 0;
	uint8_t bytes[sizeof(struct bpf_entry)];
	struct bpf_table head;
	struct bpf_entry entry = { 0 };

	*key = (struct bpf_flow_key){ 0 };
	if (bpf_map_lookup_elem(table, &first, bytes) != 0)
		return false;
	memcpy(&head, bytes, sizeof(head));
	for (uint32_t element = bpf_table_begin(&head); element < head.next; element++) {
		if (bpf_map_lookup_elem(table, &element, &entry) != 0 || entry.head[0] == 0)
			continue;
		memcpy(key, entry.head, sizeof(entry.head));
		memcpy(key->source + 4, entry.source_rest, sizeof(entry.source_rest));
		memcpy(key->destination, &entry.destination, sizeof(entry.destination));
		memcpy(key->destination + 4, entry.destination_rest, sizeof(entry.destination_rest));
		if (programs->key_size > BPF_FLOW_KEY_PLAIN)
			memcpy(key->source_mac, entry.macs, sizeof(entry.macs));
		*flow = entry.flow;
		entry.head[0] = 0;
		if (bpf_map_update_elem(table, &element, &entry, BPF_ANY) != 0)
			return false;
		return programs_forget(table, entry.slot) &&
		       (head.next - bpf_table_begin(&head) > 1 || programs_give_back(table));
	}
	return false;
}

#endif
