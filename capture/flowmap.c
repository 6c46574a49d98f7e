#include "capture/flowmap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "capture/bpf_call.h"

enum { BATCH = 4096, MAPS = 2 };

struct capture_flowmap {
	int array;
	int maps[MAPS];
	int turn; /* which of them is in the array */
	uint32_t key_size;
	uint32_t batch; /* how many entries are asked for at once */
	uint8_t *keys;
	struct bpf_flow *flows;
};

static int create(uint32_t max_flows, uint32_t key_size)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attributes = { 0 };
	int ret;

	attributes.map_type = BPF_MAP_TYPE_HASH;
	attributes.key_size = key_size;
	attributes.value_size = sizeof(struct bpf_flow);
	attributes.max_entries = max_flows + 1; /* the programs keep one for themselves */
	memcpy(attributes.map_name, "flows", sizeof("flows"));
	ret = bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
	/* Kernels before 5.11 take maps for locked memory. */
	if (ret == -EPERM && setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		ret = bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
	return ret;
}

/* Room for a batch of entries; the batches only grow. */
static int make_room(struct capture_flowmap *map, uint32_t batch, struct error *err)
{
	uint8_t *keys = realloc(map->keys, (size_t)batch * map->key_size);
	struct bpf_flow *flows;

	if (keys)
		map->keys = keys;
	flows = realloc(map->flows, batch * sizeof(*flows));
	if (flows)
		map->flows = flows;
	if (!keys || !flows)
		return fail_memory(err, "flows of the kernel");
	map->batch = batch;
	return 0;
}

static int say(int code, uint32_t max_flows, struct error *err)
{
	bool is_too_big = code == -ENOMEM || code == -E2BIG;

	if (code == -EPERM)
		return fail(err, EPERM,
			    "metering in the kernel (eBPF): the kernel refuses it though the capabilities are there: "
			    "in a user namespace (rootless container) they do not count, or a container's rules "
			    "forbid bpf(2): use --backend pcap");
	return fail(err, -code,
		    "metering in the kernel (eBPF): a map of %u flows cannot be had: %s: use %s--backend pcap",
		    max_flows, strerror(-code), is_too_big ? "less for --kernel-flows, or " : "");
}

int capture_flowmap_new(struct capture_flowmap **out, uint32_t max_flows, uint32_t key_size, struct error *err)
{
	struct capture_flowmap *map = calloc(1, sizeof(*map));
	int ret;

	if (!map)
		return fail_memory(err, "flows of the kernel");
	map->key_size = key_size;
	map->array = map->maps[0] = map->maps[1] = -1;
	ret = make_room(map, BATCH, err);
	for (int i = 0; i < MAPS && ret >= 0; i++) {
		map->maps[i] = ret = create(max_flows, key_size);
		if (ret < 0)
			say(ret, max_flows, err);
	}
	if (ret < 0) {
		capture_flowmap_free(map);
		return ret;
	}
	*out = map;
	return 0;
}

void capture_flowmap_free(struct capture_flowmap *map)
{
	if (!map)
		return;
	for (int i = 0; i < MAPS; i++)
		if (map->maps[i] >= 0)
			close(map->maps[i]);
	free(map->keys);
	free(map->flows);
	free(map);
}

int capture_flowmap_pattern(const struct capture_flowmap *map)
{
	return map->maps[0];
}

/* Puts one of the maps into the array. The kernel lets the call return when no program uses the other any more. */
static int put(struct capture_flowmap *map, int turn, struct error *err)
{
	const uint32_t first = 0;
	const int value = map->maps[turn];
	union bpf_attr attributes = { 0 };
	int ret;

	attributes.map_fd = (uint32_t)map->array;
	attributes.key = bpf_pointer(&first);
	attributes.value = bpf_pointer(&value);
	ret = bpf_call(BPF_MAP_UPDATE_ELEM, &attributes, sizeof(attributes));
	if (ret < 0)
		return fail(err, -ret, "the map of flows cannot be replaced: %s", strerror(-ret));
	map->turn = turn;
	return 0;
}

int capture_flowmap_begin(struct capture_flowmap *map, int array, struct error *err)
{
	map->array = array;
	return put(map, 0, err);
}

static int take(struct capture_flowmap *map, struct capture_drain *out, uint32_t count, struct error *err)
{
	int ret = capture_drain_reserve(out, count, err);

	for (uint32_t i = 0; i < count && ret >= 0; i++) {
		struct capture_entry *entry = &out->entries[out->count];

		memset(&entry->key, 0, sizeof(entry->key));
		memcpy(&entry->key, map->keys + (size_t)i * map->key_size, map->key_size);
		entry->flow = map->flows[i];
		out->count += entry->key.index != 0; /* else it is the map's own (bpf/flows.h) */
	}
	return ret;
}

/* Takes all entries out of the map. */
static int empty(struct capture_flowmap *map, int descriptor, struct capture_drain *out, struct error *err)
{
	uint32_t token = 0;
	bool has_begun = false;

	for (;;) {
		union bpf_attr attributes = { 0 };
		int ret, taken;

		attributes.batch.in_batch = has_begun ? bpf_pointer(&token) : 0;
		attributes.batch.out_batch = bpf_pointer(&token);
		attributes.batch.keys = bpf_pointer(map->keys);
		attributes.batch.values = bpf_pointer(map->flows);
		attributes.batch.count = map->batch;
		attributes.batch.map_fd = (uint32_t)descriptor;
		ret = bpf_call(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &attributes, sizeof(attributes));
		if (ret == -ENOSPC) { /* one bucket has more: nothing was taken */
			ret = make_room(map, 2 * map->batch, err);
			if (ret < 0)
				return ret;
			continue;
		}
		if (ret < 0 && ret != -ENOENT)
			return fail(err, -ret, "the map of flows cannot be read: %s", strerror(-ret));
		taken = take(map, out, attributes.batch.count, err);
		if (taken < 0)
			return taken;
		if (ret == -ENOENT) /* the end; what was counted is there */
			return 0;
		has_begun = true;
	}
}

int capture_flowmap_drain(struct capture_flowmap *map, struct capture_drain *out, struct error *err)
{
	int old = map->maps[map->turn];
	int ret = put(map, (map->turn + 1) % MAPS, err);

	return ret < 0 ? ret : empty(map, old, out, err);
}
