#include "capture/flowmap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "capture/bpf_call.h"

enum { TABLES = 2 };

struct table {
	int descriptor;
	uint8_t *elements; /* NULL: none */
};

struct capture_flowmap {
	int array;
	struct table tables[TABLES];
	int turn; /* which of them is in the array */
	bool with_macs;
	uint32_t mask, begin, end; /* of the index; of the entries among the elements */
	size_t element_size;
};

_Static_assert(sizeof(struct bpf_table) <= BPF_TABLE_ELEMENT && sizeof(struct bpf_index) <= BPF_TABLE_ELEMENT &&
		       offsetof(struct bpf_entry, macs) == BPF_TABLE_ELEMENT,
	       "each is an element");

/* ---- tables ---- */

static uint8_t *element_at(const struct capture_flowmap *map, const struct table *table, uint32_t element)
{
	return table->elements + element * map->element_size;
}

static struct bpf_table *head_of(const struct capture_flowmap *map, const struct table *table)
{
	return (struct bpf_table *)(void *)element_at(map, table, 0);
}

static struct bpf_entry *entry_at(const struct capture_flowmap *map, const struct table *table, uint32_t element)
{
	return (struct bpf_entry *)(void *)element_at(map, table, element);
}

static uint32_t *slot_at(const struct capture_flowmap *map, const struct table *table, uint32_t slot)
{
	struct bpf_index *index = (void *)element_at(map, table, 1 + slot / BPF_TABLE_SLOTS);

	return &index->slots[slot % BPF_TABLE_SLOTS];
}

static int create(const struct capture_flowmap *map)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attributes = { 0 };
	int ret;

	attributes.map_type = BPF_MAP_TYPE_ARRAY;
	attributes.map_flags = BPF_F_MMAPABLE;
	attributes.key_size = sizeof(uint32_t);
	attributes.value_size = (uint32_t)map->element_size;
	attributes.max_entries = map->end;
	memcpy(attributes.map_name, "flows", sizeof("flows"));
	ret = bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
	/* Kernels before 5.11 take maps for locked memory. */
	if (ret == -EPERM && setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		ret = bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
	return ret;
}

/* Three quarters of the entries, rounded up: the last of them calls. */
static uint32_t call_at(const struct capture_flowmap *map)
{
	uint64_t entries = map->end - map->begin;

	return map->begin + (uint32_t)((3 * entries + 3) / 4) - 1;
}

static int set_up(const struct capture_flowmap *map, struct table *table)
{
	struct bpf_table *head;
	void *elements;

	table->descriptor = create(map);
	if (table->descriptor < 0)
		return table->descriptor;
	elements = mmap(NULL, map->end * map->element_size, PROT_READ | PROT_WRITE, MAP_SHARED, table->descriptor, 0);
	if (elements == MAP_FAILED)
		return -errno;
	table->elements = elements;
	head = head_of(map, table);
	if (getrandom(head->secrets, sizeof(head->secrets), 0) != sizeof(head->secrets))
		return -errno;
	head->mask = map->mask;
	head->call_at = call_at(map);
	head->next = map->begin;
	head->end = map->end;
	return 0;
}

static void tear_down(const struct capture_flowmap *map, const struct table *table)
{
	if (table->elements)
		munmap(table->elements, map->end * map->element_size);
	if (table->descriptor >= 0)
		close(table->descriptor);
}

/* ---- both ---- */

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

/* Of the index half at most is taken. -E2BIG: nobody has so much memory. */
static int set_sizes(struct capture_flowmap *map, uint32_t max_flows, uint32_t key_size)
{
	const uint32_t flows_most = UINT32_C(1) << 30;
	uint32_t slots = BPF_TABLE_SLOTS;

	if (max_flows > flows_most)
		return -E2BIG;
	while (slots < 2 * max_flows)
		slots *= 2;
	map->with_macs = key_size > BPF_FLOW_KEY_PLAIN;
	map->element_size = map->with_macs ? sizeof(struct bpf_entry) : BPF_TABLE_ELEMENT;
	map->mask = slots - 1;
	map->begin = bpf_table_begin(&(struct bpf_table){ .mask = map->mask });
	map->end = map->begin + max_flows;
	return 0;
}

int capture_flowmap_new(struct capture_flowmap **out, uint32_t max_flows, uint32_t key_size, struct error *err)
{
	struct capture_flowmap *map = calloc(1, sizeof(*map));
	int ret;

	if (!map)
		return fail_memory(err, "flows of the kernel");
	map->array = map->tables[0].descriptor = map->tables[1].descriptor = -1;
	ret = set_sizes(map, max_flows, key_size);
	for (int i = 0; i < TABLES && ret >= 0; i++)
		ret = set_up(map, &map->tables[i]);
	if (ret < 0) {
		capture_flowmap_free(map);
		return say(ret, max_flows, err);
	}
	*out = map;
	return 0;
}

void capture_flowmap_free(struct capture_flowmap *map)
{
	if (!map)
		return;
	for (int i = 0; i < TABLES; i++)
		tear_down(map, &map->tables[i]);
	free(map);
}

int capture_flowmap_pattern(const struct capture_flowmap *map)
{
	return map->tables[0].descriptor;
}

/* Puts one of the tables into the array. The kernel lets the call return when no program uses the other any more. */
static int put(struct capture_flowmap *map, int turn, struct error *err)
{
	const uint32_t first = 0;
	const int value = map->tables[turn].descriptor;
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

static void take(const struct capture_flowmap *map, const struct bpf_entry *from, struct capture_entry *to)
{
	memcpy(&to->key, from->head, sizeof(from->head));
	memcpy(to->key.source + 4, from->source_rest, sizeof(from->source_rest));
	memcpy(to->key.destination, &from->destination, sizeof(from->destination));
	memcpy(to->key.destination + 4, from->destination_rest, sizeof(from->destination_rest));
	memset(to->key.source_mac, 0, sizeof(from->macs)); /* both */
	if (map->with_macs)
		memcpy(to->key.source_mac, from->macs, sizeof(from->macs));
	to->flow = from->flow;
}

/* Takes all entries out of a table that nobody else uses. */
static int empty(const struct capture_flowmap *map, const struct table *table, struct capture_drain *out,
		 struct error *err)
{
	struct bpf_table *head = head_of(map, table);
	int ret = capture_drain_reserve(out, head->next - map->begin, err);

	if (ret < 0)
		return ret;
	for (uint32_t element = map->begin; element < head->next; element++) {
		const struct bpf_entry *entry = entry_at(map, table, element);

		if (entry->head[0] == 0) /* given up */
			continue;
		take(map, entry, &out->entries[out->count++]);
		*slot_at(map, table, entry->slot) = 0;
	}
	head->next = map->begin;
	return 0;
}

int capture_flowmap_drain(struct capture_flowmap *map, struct capture_drain *out, struct error *err)
{
	const struct table *old = &map->tables[map->turn];
	int ret = put(map, (map->turn + 1) % TABLES, err);

	return ret < 0 ? ret : empty(map, old, out, err);
}
