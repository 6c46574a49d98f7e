#include "logs/origins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "flow/hash.h"

enum { FIRST_SLOTS = 64 };

/* One origin, and what it is told from others by. Its strings stand behind it. */
struct kept {
	struct flow_origin origin;
	uint64_t hash, interface_hash;
	uint64_t texts_set;
	struct log_text texts[LOG_TEXTS];
	char strings[];
};

/* Open addressing; 0: free, else a number + 1. */
struct slots {
	uint32_t *items;
	size_t count; /* a power of two */
	size_t used;
};

struct log_origins {
	struct kept **items;
	size_t count, room;
	struct slots by_all, by_interface; /* of an interface: its first origin */
	const struct kept *last;
	uint64_t seed;
};

static const struct log_text nothing[LOG_TEXTS];

int log_origins_new(struct log_origins **out, struct error *err)
{
	struct log_origins *origins = calloc(1, sizeof(*origins));

	if (!origins)
		return fail_memory(err, "origins of a flow log");
	/* Whoever wrote the log chose the strings. Without a seed they are still told apart, only not as fast. */
	if (getrandom(&origins->seed, sizeof(origins->seed), GRND_NONBLOCK) < 0)
		origins->seed = (uintptr_t)origins;
	*out = origins;
	return 0;
}

void log_origins_free(struct log_origins *origins)
{
	if (!origins)
		return;
	for (size_t i = 0; i < origins->count; i++)
		free(origins->items[i]);
	free(origins->items);
	free(origins->by_all.items);
	free(origins->by_interface.items);
	free(origins);
}

/* ---- slots ---- */

/* Puts a number to a free slot of its hash; there is one. */
static void put(struct slots *slots, uint64_t hash, uint32_t number)
{
	size_t i = hash & (slots->count - 1);

	while (slots->items[i])
		i = (i + 1) & (slots->count - 1);
	slots->items[i] = number + 1;
	slots->used++;
}

/* Sees to a free slot, at least every fourth. */
static int grow_slots(const struct log_origins *origins, struct slots *slots)
{
	struct slots grown = { .count = slots->count ? 2 * slots->count : FIRST_SLOTS };
	bool is_by_all = slots == &origins->by_all;

	if (slots->used < slots->count / 4 * 3)
		return 0;
	grown.items = calloc(grown.count, sizeof(*grown.items));
	if (!grown.items)
		return -ENOMEM;
	for (size_t i = 0; i < slots->count; i++) {
		uint32_t number = slots->items[i] - 1;

		if (slots->items[i])
			put(&grown, is_by_all ? origins->items[number]->hash : origins->items[number]->interface_hash,
			    number);
	}
	free(slots->items);
	*slots = grown;
	return 0;
}

/* ---- what is alike ---- */

static uint64_t hash_text(const struct log_text *text, uint64_t hash)
{
	uint64_t words[2] = { text->length };

	for (size_t at = 0; at < text->length; at += sizeof(words[1])) {
		size_t left = text->length - at;

		words[1] = 0;
		memcpy(&words[1], text->at + at, left < sizeof(words[1]) ? left : sizeof(words[1]));
		hash = flow_hash(words, sizeof(words), hash);
	}
	return hash;
}

static uint64_t hash_row(const struct log_origins *origins, const struct log_row *row)
{
	uint64_t words[2] = { row->unknown, row->texts_set };
	uint64_t hash = flow_hash(words, sizeof(words), origins->seed);

	for (size_t i = 0; i < LOG_TEXTS; i++)
		if (row->texts_set >> i & 1)
			hash = hash_text(&row->texts[i], hash);
	return hash;
}

static bool is_same_text(const struct log_text *a, const struct log_text *b)
{
	return a->at == b->at || (a->length == b->length && memcmp(a->at, b->at, a->length) == 0);
}

static bool is_same(const struct kept *kept, const struct log_row *row)
{
	if (kept->texts_set != row->texts_set || kept->origin.unknown != row->unknown)
		return false;
	for (uint64_t left = row->texts_set; left; left &= left - 1) {
		int i = __builtin_ctzll(left);

		if (!is_same_text(&kept->texts[i], &row->texts[i]))
			return false;
	}
	return true;
}

static struct kept *find(const struct log_origins *origins, const struct log_row *row, uint64_t hash)
{
	const struct slots *slots = &origins->by_all;

	for (size_t i = hash; slots->count; i++) {
		uint32_t number = slots->items[i & (slots->count - 1)];

		if (!number)
			break;
		if (origins->items[number - 1]->hash == hash && is_same(origins->items[number - 1], row))
			return origins->items[number - 1];
	}
	return NULL;
}

/* ---- a new one ---- */

static bool check_text(struct log_row *row, const char *name, const struct log_text *text)
{
	if (text->length > LOG_TEXT_MOST)
		return log_row_fault(row, "%s has %zu bytes, more than %d", name, text->length, LOG_TEXT_MOST);
	for (size_t i = 0; i < text->length; i++)
		if ((unsigned char)text->at[i] <= ' ' || text->at[i] == 0x7f)
			return log_row_fault(row, "%s has a blank or control character in it", name);
	return true;
}

/* The field's name; of what is carried, the kind of it is enough. */
static const char *name_of(size_t text)
{
	for (size_t id = 0; id < FIELD_END_OF_LIST; id++)
		if (output_fields[id].identity == (int)text)
			return output_fields[id].name;
	return "a value";
}

/* Checks the texts; false: one is none. Their bytes together, with end marks. */
static bool measure(struct log_row *row, size_t *size)
{
	*size = 0;
	for (size_t i = 0; i < LOG_TEXTS; i++) {
		if (!(row->texts_set >> i & 1))
			continue;
		if (!check_text(row, name_of(i), &row->texts[i]))
			return false;
		*size += row->texts[i].length + 1;
	}
	return true;
}

static struct kept *copy(const struct log_row *row, size_t size)
{
	struct kept *kept = calloc(1, sizeof(*kept) + size);
	char *at = kept ? kept->strings : NULL;

	if (!kept)
		return NULL;
	kept->origin.unknown = row->unknown;
	kept->texts_set = row->texts_set;
	for (size_t i = 0; i < LOG_TEXTS; i++) {
		if (!(row->texts_set >> i & 1))
			continue;
		memcpy(at, row->texts[i].at, row->texts[i].length);
		kept->texts[i] = (struct log_text){ at, row->texts[i].length };
		if (i < FLOW_IDENTITY_END)
			kept->origin.identity[i] = at;
		else
			kept->origin.carried[i - FLOW_IDENTITY_END] = at;
		at += row->texts[i].length + 1;
	}
	return kept;
}

/* Makes it kin to the first of its interface, which it may be itself. There is room for it. */
static void join(struct log_origins *origins, struct kept *kept)
{
	const struct log_text *interface = &kept->texts[FLOW_INTERFACE_ID];
	struct slots *slots = &origins->by_interface;

	kept->interface_hash = hash_text(interface, origins->seed);
	for (size_t i = kept->interface_hash;; i++) {
		uint32_t number = slots->items[i & (slots->count - 1)];

		if (!number)
			break;
		if (is_same_text(&origins->items[number - 1]->texts[FLOW_INTERFACE_ID], interface)) {
			kept->origin.kin = number - 1;
			return;
		}
	}
	kept->origin.kin = kept->origin.number;
	put(slots, kept->interface_hash, kept->origin.number);
}

static int make_room(struct log_origins *origins)
{
	size_t room = origins->room ? 2 * origins->room : FIRST_SLOTS;
	struct kept **items;

	if (grow_slots(origins, &origins->by_all) < 0 || grow_slots(origins, &origins->by_interface) < 0)
		return -ENOMEM;
	if (origins->count < origins->room)
		return 0;
	items = room < UINT32_MAX ? realloc(origins->items, room * sizeof(*items)) : NULL;
	if (!items)
		return -ENOMEM;
	origins->items = items;
	origins->room = room;
	return 0;
}

static int add(struct log_origins *origins, struct log_row *row, uint64_t hash, struct error *err)
{
	struct kept *kept;
	size_t size;

	if (!measure(row, &size))
		return -EINVAL;
	if (make_room(origins) < 0)
		return fail_memory(err, "origins of a flow log");
	kept = copy(row, size);
	if (!kept)
		return fail_memory(err, "origins of a flow log");
	kept->hash = hash;
	kept->origin.number = (uint32_t)origins->count;
	origins->items[origins->count++] = kept;
	put(&origins->by_all, hash, kept->origin.number);
	join(origins, kept);
	origins->last = kept;
	return 0;
}

/* ---- the doors ---- */

int log_origins_find(struct log_origins *origins, struct log_row *row, const struct flow_origin **out,
		     struct error *err)
{
	if (!origins->last || !is_same(origins->last, row)) {
		uint64_t hash = hash_row(origins, row);
		const struct kept *found = find(origins, row, hash);
		int ret = found ? 0 : add(origins, row, hash, err);

		if (ret < 0)
			return ret;
		if (found)
			origins->last = found;
	}
	*out = &origins->last->origin;
	return 0;
}

const struct log_text *log_origins_before(const struct log_origins *origins)
{
	return origins->last ? origins->last->texts : nothing;
}

const struct flow_origin *log_origins_get(const struct log_origins *origins, size_t number)
{
	return number < origins->count ? &origins->items[number]->origin : NULL;
}
