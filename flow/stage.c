#include "flow/stage.h"

#include <stdlib.h>

/* Group frames on a thousand interfaces must not pile up. */
enum { STAGED_MOST = 4096 };

void flow_stage_init(struct flow_stage *stage, const struct flow_interfaces *interfaces, const struct flow_table *table,
		     bool exclude_aws, unsigned shown)
{
	stage->interfaces = interfaces;
	stage->table = table;
	stage->exclude_aws = exclude_aws;
	stage->shown = shown;
}

void flow_stage_finish(struct flow_stage *stage)
{
	free(stage->matches);
	free(stage->staged);
}

/* Room for one packet more, on however many interfaces. */
static int make_room(struct flow_stage *stage, struct error *err)
{
	size_t most = flow_interfaces_most_matches(stage->interfaces);

	if (most > stage->matches_room) {
		struct flow_match *matches = realloc(stage->matches, most * sizeof(*matches));

		if (!matches)
			return fail_memory(err, "meter");
		stage->matches = matches;
		stage->matches_room = most;
	}
	if (stage->staged_count + most > stage->staged_room) {
		size_t room = stage->staged_count + most + FLOW_STAGE_FRAMES;
		struct flow_staged *staged = realloc(stage->staged, room * sizeof(*staged));

		if (!staged)
			return fail_memory(err, "meter");
		stage->staged = staged;
		stage->staged_room = room;
	}
	return 0;
}

static void add_match(struct flow_stage *stage, const struct flow_observation *packet, const struct flow_match *match)
{
	const struct flow_interface *interface = flow_interfaces_at(stage->interfaces, match->interface);
	struct flow_staged *staged = &stage->staged[stage->staged_count++];

	staged->excluded = FLOW_NOT_EXCLUDED;
	if (stage->exclude_aws)
		staged->excluded = flow_exclusion_of(interface, packet);
	flow_interface_addresses(interface, packet, match->direction, &staged->key.source, &staged->key.destination);
	staged->key.source_port = packet->source_port;
	staged->key.destination_port = packet->destination_port;
	staged->key.interface = match->interface;
	staged->key.protocol = packet->protocol;
	staged->key.family = packet->family;
	staged->key.action = FLOW_ACCEPT;
	staged->key.direction = stage->shown & FLOW_SHOWS_DIRECTION ? match->direction : FLOW_UNKNOWN;
	staged->packet = (struct flow_key_packet){ 0 };
	if (stage->shown & FLOW_SHOWS_PACKET_SOURCE)
		staged->packet.source = packet->source;
	if (stage->shown & FLOW_SHOWS_PACKET_DESTINATION)
		staged->packet.destination = packet->destination;
	staged->hash = flow_table_hash(stage->table, &staged->key, &staged->packet);
	flow_table_prefetch(stage->table, staged->hash);
}

int flow_stage_add(struct flow_stage *stage, const struct flow_observation *observation, struct error *err)
{
	size_t first = stage->staged_count, count = 0;

	if (observation->kind == FLOW_PACKET) {
		int ret = make_room(stage, err);

		if (ret < 0)
			return ret;
		count = flow_interfaces_match(stage->interfaces, observation, stage->matches);
	}
	for (size_t i = 0; i < count; i++)
		add_match(stage, observation, &stage->matches[i]);
	stage->frames[stage->frame_count++] = (struct flow_staged_frame){ observation, first, count };
	return 0;
}

bool flow_stage_is_full(const struct flow_stage *stage)
{
	return stage->frame_count == FLOW_STAGE_FRAMES || stage->staged_count >= STAGED_MOST;
}

void flow_stage_clear(struct flow_stage *stage)
{
	stage->frame_count = stage->staged_count = 0;
}
