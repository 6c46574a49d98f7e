/* The table of flows: what is in it is taken out once, and the next one is empty. The test writes as the programs would. */
#include "check.h"

#include "capture/flowmap.h"

#include "capture/bpf_call.h"

#include <stdio.h>
#include <string.h>

enum { FLOWS = 20000 };

static struct error err;
static int array;

/* An array of one map, as the programs have. */
static int make_array(int pattern)
{
	union bpf_attr attributes = { 0 };

	attributes.map_type = BPF_MAP_TYPE_ARRAY_OF_MAPS;
	attributes.key_size = sizeof(uint32_t);
	attributes.value_size = sizeof(uint32_t);
	attributes.max_entries = 1;
	attributes.inner_map_fd = (uint32_t)pattern;
	return bpf_call(BPF_MAP_CREATE, &attributes, sizeof(attributes));
}

/* The map that is in the array; the caller closes it. */
static int current_map(void)
{
	const uint32_t first = 0;
	uint32_t id = 0;
	union bpf_attr attributes = { 0 };

	attributes.map_fd = (uint32_t)array;
	attributes.key = bpf_pointer(&first);
	attributes.value = bpf_pointer(&id);
	assert_int_equal(bpf_call(BPF_MAP_LOOKUP_ELEM, &attributes, sizeof(attributes)), 0);
	attributes = (union bpf_attr){ .map_id = id };
	return bpf_call(BPF_MAP_GET_FD_BY_ID, &attributes, sizeof(attributes));
}

/* An element of the current table, read or written. */
static void element(int command, int map, uint32_t number, void *bytes)
{
	union bpf_attr attributes = { 0 };

	attributes.map_fd = (uint32_t)map;
	attributes.key = bpf_pointer(&number);
	attributes.value = bpf_pointer(bytes);
	assert_int_equal(bpf_call(command, &attributes, sizeof(attributes)), 0);
}

/* What of an element another one of a shorter type may be. */
union element {
	struct bpf_table head;
	struct bpf_index index;
	struct bpf_entry entry;
};

static void take_slot(int map, uint32_t slot, uint32_t number)
{
	const uint32_t place = 1 + slot / BPF_TABLE_SLOTS;
	union element at;

	element(BPF_MAP_LOOKUP_ELEM, map, place, &at);
	assert_int_equal(at.index.slots[slot % BPF_TABLE_SLOTS], 0);
	at.index.slots[slot % BPF_TABLE_SLOTS] = number;
	element(BPF_MAP_UPDATE_ELEM, map, place, &at);
}

/* -E2BIG: there is no room. */
static int put(const struct bpf_flow_key *key, const struct bpf_flow *flow)
{
	union element head, at = { .entry = { .flow = *flow } };
	int map = current_map();

	assert_true(map >= 0);
	element(BPF_MAP_LOOKUP_ELEM, map, 0, &head);
	if (head.head.next == head.head.end) {
		close(map);
		return -E2BIG;
	}
	memcpy(at.entry.head, key, sizeof(at.entry.head));
	memcpy(at.entry.macs, key->source_mac, sizeof(at.entry.macs));
	at.entry.slot = key->index & head.head.mask;
	if (key->index != 0) /* else it was given up */
		take_slot(map, at.entry.slot, head.head.next);
	element(BPF_MAP_UPDATE_ELEM, map, head.head.next++, &at);
	element(BPF_MAP_UPDATE_ELEM, map, 0, &head);
	close(map);
	return 0;
}

/* Nothing in the current table is taken. */
static void assert_empty(void)
{
	int map = current_map();
	union element head, at;

	element(BPF_MAP_LOOKUP_ELEM, map, 0, &head);
	assert_int_equal(head.head.next, bpf_table_begin(&head.head));
	for (uint32_t i = 1; i < head.head.next; i++) {
		element(BPF_MAP_LOOKUP_ELEM, map, i, &at);
		for (size_t slot = 0; slot < BPF_TABLE_SLOTS; slot++)
			assert_int_equal(at.index.slots[slot], 0);
	}
	close(map);
}

static struct capture_flowmap *new_map(uint32_t most, uint32_t key_size)
{
	struct capture_flowmap *map = NULL;

	assert_int_equal(capture_flowmap_new(&map, most, key_size, &err), 0);
	array = make_array(capture_flowmap_pattern(map));
	assert_true(array >= 0);
	assert_int_equal(capture_flowmap_begin(map, array, &err), 0);
	return map;
}

static void free_map(struct capture_flowmap *map)
{
	close(array);
	capture_flowmap_free(map);
}

/* Many, with and without MACs; each flow has packets of its own number. */
static void assert_taken_once(uint32_t key_size)
{
	struct capture_flowmap *map = new_map(FLOWS, key_size);
	struct capture_drain drain = { 0 };
	static uint8_t times[FLOWS];

	for (uint32_t round = 1; round < 4; round++) {
		for (uint32_t i = 0; i < FLOWS; i++) {
			const struct bpf_flow_key key = { .index = i + 1, .destination_mac = { 1, 2, 3, 4, 5, 6 } };
			const struct bpf_flow flow = { .packets = i + round };

			assert_int_equal(put(&key, &flow), 0);
		}
		drain.count = 0;
		assert_int_equal(capture_flowmap_drain(map, &drain, &err), 0);
		assert_int_equal(drain.count, FLOWS);
		memset(times, 0, sizeof(times));
		for (size_t i = 0; i < drain.count; i++) {
			const struct capture_entry *entry = &drain.entries[i];

			assert_int_equal(entry->flow.packets, entry->key.index - 1 + round);
			assert_int_equal(entry->key.destination_mac[5], key_size == BPF_FLOW_KEY_PLAIN ? 0 : 6);
			assert_int_equal(times[entry->key.index - 1]++, 0);
		}
	}
	/* Both maps are empty now. */
	drain.count = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(capture_flowmap_drain(map, &drain, &err), 0);
		assert_empty();
	}
	assert_int_equal(drain.count, 0);
	capture_drain_free(&drain);
	free_map(map);
}

static void all_is_taken_once(void **state)
{
	(void)state;
	assert_taken_once(BPF_FLOW_KEY_PLAIN);
	assert_taken_once(sizeof(struct bpf_flow_key));
}

static void it_is_added_to_what_is_there(void **state)
{
	struct capture_flowmap *map = new_map(16, BPF_FLOW_KEY_PLAIN);
	struct capture_drain drain = { 0 };
	const struct bpf_flow_key key = { .index = 3 }, own = { 0 };
	const struct bpf_flow flow = { .packets = 1 };

	(void)state;
	for (size_t round = 1; round < 4; round++) {
		assert_int_equal(put(&own, &flow), 0); /* no flow: given up */
		assert_int_equal(put(&key, &flow), 0);
		assert_int_equal(capture_flowmap_drain(map, &drain, &err), 0);
		assert_int_equal(drain.count, round);
		assert_int_equal(drain.entries[round - 1].key.index, 3);
	}
	capture_drain_free(&drain);
	free_map(map);
}

/* The index takes none of the room that was asked for. */
static void as_many_fit_as_were_asked_for(void **state)
{
	enum { MOST = 64 };
	struct capture_flowmap *map = new_map(MOST, BPF_FLOW_KEY_PLAIN);
	const struct bpf_flow flow = { .packets = 1 };

	(void)state;
	for (uint32_t i = 0; i < MOST; i++)
		assert_int_equal(put(&(struct bpf_flow_key){ .index = i + 1 }, &flow), 0);
	assert_int_equal(put(&(struct bpf_flow_key){ .index = MOST + 1 }, &flow), -E2BIG);
	free_map(map);
}

static void says_that_it_is_too_big(void **state)
{
	struct capture_flowmap *map;

	(void)state;
	assert_int_equal(capture_flowmap_new(&map, UINT32_MAX - 1, BPF_FLOW_KEY_PLAIN, &err), -E2BIG);
	assert_non_null(strstr(err.text, "less for --kernel-flows"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_is_taken_once),
		TEST(it_is_added_to_what_is_there),
		TEST(as_many_fit_as_were_asked_for),
		TEST(says_that_it_is_too_big),
	};
	struct capture_flowmap *map;

	if (capture_flowmap_new(&map, 16, BPF_FLOW_KEY_PLAIN, &err) < 0) {
		printf("SKIP: %s\n", err.text);
		return 77;
	}
	capture_flowmap_free(map);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
