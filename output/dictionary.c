#include "output/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "flow/hash.h"

enum { SLOTS_LEAST = 16, CODES_MOST = 1 << 30 };

struct output_dictionary_slot {
	uint32_t hash, next; /* the code plus 1; 0: free */
};

static uint32_t hash_number(const struct output_dictionary *dictionary, int64_t value)
{
	return (uint32_t)flow_hash(&(uint64_t[2]){ (uint64_t)value, 0 }, 16, dictionary->seed);
}

static uint32_t hash_bytes(const struct output_dictionary *dictionary, const void *value, size_t length)
{
	uint64_t padded[2] = { 0 };

	if (length >= sizeof(padded))
		return (uint32_t)flow_hash(value, length, dictionary->seed + length);
	memcpy(padded, value, length);
	return (uint32_t)flow_hash(padded, sizeof(padded), dictionary->seed + length);
}

/* Twice as many slots, where half of them are taken. */
static bool has_slot(struct output_dictionary *dictionary)
{
	uint32_t mask = dictionary->slots ? dictionary->mask * 2 + 1 : SLOTS_LEAST - 1;
	struct output_dictionary_slot *slots;

	if (dictionary->slots && dictionary->count <= dictionary->mask / 2)
		return true;
	slots = dictionary->count < CODES_MOST ? calloc((size_t)mask + 1, sizeof(*slots)) : NULL;
	if (!slots)
		return false;
	for (uint32_t i = 0; dictionary->slots && i <= dictionary->mask; i++) {
		uint32_t at = dictionary->slots[i].hash & mask;

		if (!dictionary->slots[i].next)
			continue;
		while (slots[at].next)
			at = (at + 1) & mask;
		slots[at] = dictionary->slots[i];
	}
	free(dictionary->slots);
	dictionary->slots = slots;
	dictionary->mask = mask;
	return true;
}

/* The value was appended: gives it the next code. */
static int32_t settle(struct output_dictionary *dictionary, struct output_dictionary_slot *slot, uint32_t hash)
{
	if (dictionary->numbers.failed || dictionary->bytes.failed || dictionary->ends.failed)
		return OUTPUT_DICTIONARY_MEMORY;
	*slot = (struct output_dictionary_slot){ hash, ++dictionary->count };
	return (int32_t)dictionary->count - 1;
}

int32_t output_dictionary_number(struct output_dictionary *dictionary, int64_t value)
{
	uint32_t hash = hash_number(dictionary, value);
	struct output_dictionary_slot *slot;

	if (!has_slot(dictionary))
		return OUTPUT_DICTIONARY_MEMORY;
	for (uint32_t at = hash & dictionary->mask;; at = (at + 1) & dictionary->mask) {
		slot = &dictionary->slots[at];
		if (!slot->next)
			break;
		if (slot->hash == hash && output_dictionary_number_at(dictionary, slot->next - 1) == value)
			return (int32_t)slot->next - 1;
	}
	output_buffer_append(&dictionary->numbers, (const char *)&value, sizeof(value));
	return settle(dictionary, slot, hash);
}

const char *output_dictionary_bytes_at(const struct output_dictionary *dictionary, uint32_t code, size_t *length)
{
	const uint32_t *ends = (const uint32_t *)(const void *)dictionary->ends.bytes;
	uint32_t begin = code ? ends[code - 1] : 0;

	*length = ends[code] - begin;
	return dictionary->bytes.bytes + begin;
}

static bool is_value(const struct output_dictionary *dictionary, uint32_t code, const void *value, size_t length)
{
	size_t known_length;
	const char *known = output_dictionary_bytes_at(dictionary, code, &known_length);

	return known_length == length && memcmp(known, value, length) == 0;
}

int32_t output_dictionary_bytes(struct output_dictionary *dictionary, const void *value, size_t length)
{
	uint32_t end, hash = hash_bytes(dictionary, value, length);
	struct output_dictionary_slot *slot;

	if (!has_slot(dictionary) || length > UINT32_MAX - dictionary->bytes.length)
		return OUTPUT_DICTIONARY_MEMORY;
	for (uint32_t at = hash & dictionary->mask;; at = (at + 1) & dictionary->mask) {
		slot = &dictionary->slots[at];
		if (!slot->next)
			break;
		if (slot->hash == hash && is_value(dictionary, slot->next - 1, value, length))
			return (int32_t)slot->next - 1;
	}
	output_buffer_append(&dictionary->bytes, value, length);
	end = (uint32_t)dictionary->bytes.length;
	output_buffer_append(&dictionary->ends, (const char *)&end, sizeof(end));
	return settle(dictionary, slot, hash);
}

void output_dictionary_clear(struct output_dictionary *dictionary)
{
	free(dictionary->slots);
	free(dictionary->numbers.bytes);
	free(dictionary->bytes.bytes);
	free(dictionary->ends.bytes);
	*dictionary = (struct output_dictionary){ .seed = dictionary->seed };
}
