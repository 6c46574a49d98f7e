#include "flow/connections.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/apart.h"
#include "flow/memory.h"

enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { FIRST_ROOM = 1024, TURN_RANGES = 4096 };

/* The times, by their numbers in a connection; and what marks a place that is free. */
enum limit { LIMIT_TCP, LIMIT_CLOSED, LIMIT_UDP, LIMIT_UDP_STREAM, LIMIT_OTHER, LIMITS, FREE = LIMITS };

enum { BOTH_WAYS = 3, RESET = 4 }; /* of `ways` and `ended` */

_Static_assert(sizeof(struct flow_connection) == FLOW_MEMORY_LINE, "memory per connection, and one line to fetch");

struct flow_connections {
	/* A slot is the position of a connection and, in the bits above, as many of its hash; 0: free. */
	uint32_t *index;
	size_t mask;                 /* slots - 1; slots are a power of two, and at most half of them are taken */
	uint32_t positions;          /* the bits of a slot that are the position's */
	struct flow_connection *all; /* by position, from 1 */
	uint32_t room, most;         /* connections that there is memory for, and the bound */
	uint32_t used, count;        /* positions that ever were taken; those that are */
	uint32_t first_free;         /* the first free one of those, the others by `turn`; or 0 */
	uint64_t turn, evicted, seed;
	int64_t limits[LIMITS]; /* nanoseconds */
};

static inline uint64_t hash_of(const uint64_t *words, uint64_t seed)
{
	return flow_hash(words, FLOW_CONNECTION_WORDS * sizeof(*words), seed);
}

/* Where the search for a hash begins, and what its slot has beside the position. */
static inline size_t home_of(const struct flow_connections *connections, uint64_t hash)
{
	return hash & connections->mask;
}

static inline uint32_t tag_of(const struct flow_connections *connections, uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~connections->positions;
}

static inline bool has_tag(const struct flow_connections *connections, uint32_t slot, uint32_t tag)
{
	return (slot & ~connections->positions) == tag;
}

/* ---- memory ---- */

static size_t slots_for(uint32_t room)
{
	size_t slots = 2;

	while (slots < (size_t)room * 2)
		slots *= 2;
	return slots;
}

/* Notes a connection that the index does not hold yet. */
static void fill_slot(struct flow_connections *connections, uint32_t position, uint64_t hash)
{
	size_t i = home_of(connections, hash);

	while (connections->index[i])
		i = (i + 1) & connections->mask;
	connections->index[i] = tag_of(connections, hash) | position;
}

/* Notes all connections anew; some at a time, whose slots come into the cache while others are hashed. */
static void fill_index(struct flow_connections *connections)
{
	enum { SOME = 32 };
	uint64_t hashes[SOME];

	memset(connections->index, 0, (connections->mask + 1) * sizeof(*connections->index));
	for (uint32_t first = 1; first <= connections->used; first += SOME) {
		const struct flow_connection *some = &connections->all[first];
		uint32_t left = connections->used - first + 1, count = left < SOME ? left : SOME;

		for (uint32_t i = 0; i < count; i++) {
			hashes[i] = hash_of(some[i].words, connections->seed);
			__builtin_prefetch(&connections->index[home_of(connections, hashes[i])], 1);
		}
		for (uint32_t i = 0; i < count; i++)
			if (some[i].limit != FREE)
				fill_slot(connections, first + i, hashes[i]);
	}
}

/* Makes room for so many connections, and the index anew. Returns false, with nothing changed, when there is no
 * memory. */
static bool grow(struct flow_connections *connections, uint32_t room)
{
	size_t slots = slots_for(room);
	uint32_t *index = flow_memory_new(slots * sizeof(*index));
	struct flow_connection *all = flow_memory_new(((size_t)room + 1) * sizeof(*all));

	if (!index || !all) {
		free(index);
		free(all);
		return false;
	}
	if (connections->all)
		memcpy(all + 1, connections->all + 1, connections->used * sizeof(*all));
	free(connections->index);
	free(connections->all);
	connections->index = index;
	connections->mask = slots - 1;
	connections->positions = (uint32_t)slots - 1;
	connections->all = all;
	connections->room = room;
	fill_index(connections);
	return true;
}

static int64_t nanoseconds(uint32_t seconds, uint32_t usual)
{
	return (seconds ? seconds : usual) * INT64_C(1000000000);
}

int flow_connections_new(struct flow_connections **out, const struct flow_connections_options *options,
			 struct error *err)
{
	struct flow_connections *connections;

	if (options->most > 1u << 30)
		return fail(err, EINVAL, "connections: no more than 2^30 can be tracked");
	connections = calloc(1, sizeof(*connections));
	if (!connections)
		return fail_memory(err, "connections");
	connections->seed = options->seed;
	connections->most = options->most ? options->most : FLOW_CONNECTIONS_MOST;
	connections->limits[LIMIT_TCP] = nanoseconds(options->tcp, FLOW_CONNECTION_TCP);
	connections->limits[LIMIT_CLOSED] = nanoseconds(options->closed, FLOW_CONNECTION_CLOSED);
	connections->limits[LIMIT_UDP] = nanoseconds(options->udp, FLOW_CONNECTION_UDP);
	connections->limits[LIMIT_UDP_STREAM] = nanoseconds(options->udp_stream, FLOW_CONNECTION_UDP_STREAM);
	connections->limits[LIMIT_OTHER] = nanoseconds(options->other, FLOW_CONNECTION_OTHER);
	if (!grow(connections, connections->most < FIRST_ROOM ? connections->most : FIRST_ROOM)) {
		flow_connections_free(connections);
		return fail_memory(err, "connections");
	}
	*out = connections;
	return 0;
}

void flow_connections_free(struct flow_connections *connections)
{
	if (!connections)
		return;
	free(connections->index);
	free(connections->all);
	free(connections);
}

size_t flow_connections_count(const struct flow_connections *connections)
{
	return connections->count;
}

uint64_t flow_connections_evicted(const struct flow_connections *connections)
{
	return connections->evicted;
}

/* ---- looking up ---- */

uint64_t flow_connections_hash(const struct flow_connections *connections, const struct flow_connection_key *key)
{
	return hash_of(key->words, connections->seed);
}

void flow_connections_prefetch(const struct flow_connections *connections, uint64_t hash)
{
	__builtin_prefetch(&connections->index[home_of(connections, hash)]);
}

uint32_t flow_connections_guess(const struct flow_connections *connections, uint64_t hash)
{
	const uint32_t *index = connections->index;
	uint32_t tag = tag_of(connections, hash), position;
	size_t i = home_of(connections, hash);

	while (index[i] && !has_tag(connections, index[i], tag))
		i = (i + 1) & connections->mask;
	position = index[i] & connections->positions;
	if (position)
		__builtin_prefetch(&connections->all[position], 1);
	return position;
}

/* All differences can be or-ed, and one branch decides. */
static inline bool has_key(const struct flow_connection *connection, const struct flow_connection_key *key)
{
	const uint64_t *a = connection->words, *b = key->words;

	return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4])) == 0;
}

struct flow_connection *flow_connections_find(const struct flow_connections *connections,
					      const struct flow_connection_key *key, uint64_t hash, uint32_t guess)
{
	const uint32_t *index = connections->index;
	uint32_t tag = tag_of(connections, hash);

	if (guess && has_key(&connections->all[guess], key) && connections->all[guess].limit != FREE)
		return &connections->all[guess];
	for (size_t i = home_of(connections, hash); index[i]; i = (i + 1) & connections->mask) {
		struct flow_connection *connection = &connections->all[index[i] & connections->positions];

		if (has_tag(connections, index[i], tag) && has_key(connection, key))
			return connection;
	}
	return NULL;
}

/* ---- what a connection goes through ---- */

static bool has_expired(const struct flow_connections *connections, const struct flow_connection *connection,
			int64_t time_ns)
{
	return time_ns - connection->last_ns > connections->limits[connection->limit];
}

bool flow_connections_knows(const struct flow_connections *connections, const struct flow_connection *connection,
			    uint8_t tcp_flags, int64_t time_ns)
{
	bool opens = (tcp_flags & (FLOW_TCP_SYN | FLOW_TCP_SYN_ACK)) == FLOW_TCP_SYN;

	return !has_expired(connections, connection, time_ns) && !(opens && connection->limit == LIMIT_CLOSED);
}

static enum limit limit_now(const struct flow_connection *connection)
{
	switch (flow_connection_protocol(connection->words)) {
	case PROTOCOL_TCP:
		return connection->ended >= BOTH_WAYS ? LIMIT_CLOSED : LIMIT_TCP;
	case PROTOCOL_UDP:
		return connection->ways == BOTH_WAYS ? LIMIT_UDP_STREAM : LIMIT_UDP;
	default:
		return LIMIT_OTHER;
	}
}

void flow_connections_pass(struct flow_connections *connections, struct flow_connection *connection,
			   const struct flow_connection_key *key, uint8_t tcp_flags, int64_t time_ns)
{
	uint8_t way = (uint8_t)(1u << key->way);

	connection->last_ns = time_ns;
	connection->turn = ++connections->turn;
	if (connection->ways & way && !(tcp_flags & (FLOW_TCP_FIN | FLOW_TCP_RST)))
		return; /* as nearly always: nothing new */
	connection->ways |= way;
	if (tcp_flags & FLOW_TCP_FIN)
		connection->ended |= way;
	if (tcp_flags & FLOW_TCP_RST)
		connection->ended |= RESET;
	connection->limit = (uint8_t)limit_now(connection);
}

/* ---- coming and going ---- */

/* Frees a slot; those behind it that it kept from their places move up. */
static void free_slot(struct flow_connections *connections, size_t hole)
{
	uint32_t *index = connections->index;
	size_t mask = connections->mask;

	for (size_t i = (hole + 1) & mask; index[i]; i = (i + 1) & mask) {
		const struct flow_connection *connection = &connections->all[index[i] & connections->positions];
		size_t home = home_of(connections, hash_of(connection->words, connections->seed));

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		index[hole] = index[i];
		hole = i;
	}
	index[hole] = 0;
}

/* Whatever the index says of it. */
static void free_position(struct flow_connections *connections, uint32_t position)
{
	connections->all[position].limit = FREE;
	connections->all[position].turn = connections->first_free;
	connections->first_free = position;
	connections->count--;
}

void flow_connections_forget(struct flow_connections *connections, struct flow_connection *connection)
{
	uint32_t position = (uint32_t)(connection - connections->all);
	size_t i = home_of(connections, hash_of(connection->words, connections->seed));

	while ((connections->index[i] & connections->positions) != position)
		i = (i + 1) & connections->mask;
	free_slot(connections, i);
	free_position(connections, position);
}

static void free_expired(struct flow_connections *connections, int64_t time_ns)
{
	for (uint32_t i = 1; i <= connections->used; i++) {
		const struct flow_connection *connection = &connections->all[i];

		if (connection->limit != FREE && has_expired(connections, connection, time_ns))
			free_position(connections, i);
	}
}

/* The turn of the one that is number `wanted`, counted from 1, in the order of turns. Each walk through all narrows
 * down between which turns it lies. */
static uint64_t find_turn(const struct flow_connections *connections, uint32_t wanted)
{
	uint64_t low = 0, high = connections->turn;

	while (low < high) {
		uint32_t counts[TURN_RANGES] = { 0 }, range = 0;
		uint64_t width = (high - low) / TURN_RANGES + 1;

		for (uint32_t i = 1; i <= connections->used; i++) {
			const struct flow_connection *connection = &connections->all[i];

			if (connection->limit != FREE && connection->turn >= low && connection->turn <= high)
				counts[(connection->turn - low) / width]++;
		}
		while (counts[range] < wanted)
			wanted -= counts[range++];
		low += range * width;
		high = width - 1 < high - low ? low + width - 1 : high;
	}
	return low;
}

static void free_oldest(struct flow_connections *connections, uint32_t how_many)
{
	uint64_t last = find_turn(connections, how_many);

	for (uint32_t i = 1; i <= connections->used; i++)
		if (connections->all[i].limit != FREE && connections->all[i].turn <= last)
			free_position(connections, i);
	connections->evicted += how_many;
}

/* Many go at once, and then the index is made anew. */
ENIFLOW_APART static void make_room(struct flow_connections *connections, int64_t time_ns)
{
	uint32_t room = connections->room, kept = room - (room < 16 ? 1 : room / 8);

	free_expired(connections, time_ns);
	if (room < connections->most && connections->count > room / 2) {
		if (grow(connections, room > connections->most / 2 ? connections->most : 2 * room))
			return;
		connections->most = room;
	}
	if (connections->count > kept)
		free_oldest(connections, connections->count - kept);
	fill_index(connections);
}

struct flow_connection *flow_connections_add(struct flow_connections *connections,
					     const struct flow_connection_key *key, uint64_t hash, uint8_t tcp_flags,
					     int64_t time_ns)
{
	struct flow_connection *connection;
	uint32_t position;

	if (connections->count == connections->room)
		make_room(connections, time_ns);
	position = connections->first_free ? connections->first_free : ++connections->used;
	connection = &connections->all[position];
	if (connections->first_free)
		connections->first_free = (uint32_t)connection->turn;
	memcpy(connection->words, key->words, sizeof(connection->words));
	connection->ways = connection->ended = connection->notes = 0;
	flow_connections_pass(connections, connection, key, tcp_flags, time_ns);
	fill_slot(connections, position, hash);
	connections->count++;
	return connection;
}
