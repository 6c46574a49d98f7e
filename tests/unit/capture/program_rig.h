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

#include <flows.skel.h>

/* What the kernel takes of one frame lies in one page, with some more; and it takes no frame of an Ethernet header alone.
 * (It reads such a header, and gives the program the frame with it: what the program takes the frame for is its own.) The
 * device is lo, which is there in every network namespace. */
enum { PROGRAMS_FRAME_MOST = 2048, PROGRAMS_FRAME_LEAST = 15, PROGRAMS_INDEX = 1 };

struct programs {
	struct flows *skeleton;
	int flows;       /* the current map */
	size_t key_size; /* of its keys */
};

static inline bool programs_load(struct programs *out, bool with_macs, uint32_t max_flows)
{
	const uint32_t first = 0, index = PROGRAMS_INDEX;
	const struct bpf_device none = { 0 };

	*out = (struct programs){ .flows = -1 };
	out->skeleton = flows__open();
	if (!out->skeleton)
		return false;
	out->key_size = with_macs ? sizeof(struct bpf_flow_key) : BPF_FLOW_KEY_PLAIN;
	out->skeleton->rodata->with_macs = with_macs;
	out->flows = bpf_map_create(BPF_MAP_TYPE_HASH, "flows", (uint32_t)out->key_size, sizeof(struct bpf_flow),
				    max_flows, NULL);
	bpf_program__set_autoload(out->skeleton->progs.on_drop, false);
	return out->flows >= 0 && bpf_map__set_inner_map_fd(out->skeleton->maps.current, out->flows) == 0 &&
	       flows__load(out->skeleton) == 0 &&
	       bpf_map_update_elem(bpf_map__fd(out->skeleton->maps.current), &first, &out->flows, BPF_ANY) == 0 &&
	       bpf_map_update_elem(bpf_map__fd(out->skeleton->maps.devices), &index, &none, BPF_ANY) == 0;
}

static inline void programs_unload(struct programs *programs)
{
	if (programs->flows >= 0)
		close(programs->flows);
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

/* Takes a flow out of the current map; false: it has none. What of the key is not in the map is 0. */
static inline bool programs_take(const struct programs *programs, struct bpf_flow_key *key, struct bpf_flow *flow)
{
	struct bpf_flow_key last = { 0 };
	const void *after = NULL;

	*key = (struct bpf_flow_key){ 0 };
	while (bpf_map_get_next_key(programs->flows, after, key) == 0) {
		if (key->index != 0) /* the map's own entry is not meant */
			return bpf_map_lookup_elem(programs->flows, key, flow) == 0 &&
			       bpf_map_delete_elem(programs->flows, key) == 0;
		last = *key;
		after = &last;
	}
	return false;
}

#endif
