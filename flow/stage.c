#include "flow/stage.h"

#include <stdlib.h>

/* Group frames on a thousand interfaces must not pile up. */
enum { STAGED_MOST = 4096 };

void flow_stage_init(struct flow_stage *stage, const struct flow_interfaces *interfaces,
		     const struct flow_stage_options *options)
{
	stage->options = *options;
	stage->interfaces = interfaces;
	stage->point = UINT32_MAX; /* so many points there are not */
}

void flow_stage_finish(struct flow_stage *stage)
{
	free(stage->matches);
	free(stage->staged);
}

/* Room for the matches of any packet, and for the keys of any batch. */
static bool make_room(struct flow_stage *stage)
{
	size_t most = flow_interfaces_most_matches(stage->interfaces), room = STAGED_MOST + most;
	struct flow_match *matches;
	struct flow_staged *staged;

	if (most <= stage->matches_room && stage->staged)
		return true;
	matches = realloc(stage->matches, (most + 1) * sizeof(*matches));
	if (!matches)
		return false;
	stage->matches = matches;
	staged = realloc(stage->staged, room * sizeof(*staged));
	if (!staged)
		return false;
	stage->staged = staged;
	stage->matches_room = most;
	return true;
}

/* The packet's own addresses, as far as the format shows them. */
static void widen(const struct flow_stage_options *options, const struct flow_observation *packet, struct flow_key *key)
{
	static const struct flow_address none;

	key->packet_source = options->shown & FLOW_SHOWS_PACKET_SOURCE ? packet->source : none;
	key->packet_destination = options->shown & FLOW_SHOWS_PACKET_DESTINATION ? packet->destination : none;
}

static bool is_frame(const struct flow_observation *item)
{
	return item->kind < FLOW_POINT;
}

static void add(struct flow_stage *stage, size_t frame, uint32_t interface, uint8_t direction)
{
	struct flow_staged *staged = &stage->staged[stage->count++];

	staged->guess = 0;
	staged->frame = (uint16_t)frame;
	staged->key.interface = interface;
	staged->key.direction = direction;
}

/* Notes who sees a packet, and which way. */
static void match(struct flow_stage *stage, const struct flow_observation *packet, size_t frame)
{
	size_t count;

	if (packet->point != stage->point) {
		stage->point = packet->point;
		stage->taker = flow_interfaces_taker(stage->interfaces, packet->point);
	}
	if (stage->taker >= 0) {
		add(stage, frame, (uint32_t)stage->taker, packet->word);
		return;
	}
	count = flow_interfaces_match(stage->interfaces, packet, stage->matches);
	for (size_t i = 0; i < count; i++)
		add(stage, frame, stage->matches[i].interface, stage->matches[i].direction);
}

/* The rest of what is known of a packet that an interface sees. */
static void complete(const struct flow_stage *stage, const struct flow_observation *packet, struct flow_staged *staged)
{
	const struct flow_stage_options *options = &stage->options;
	struct flow_key *key = &staged->key;
	const struct flow_interface *interface = flow_interfaces_at(stage->interfaces, key->interface);

	key->source_port = packet->source_port;
	key->destination_port = packet->destination_port;
	key->protocol = packet->protocol;
	key->family = packet->family;
	key->action = packet->verdict;
	staged->is_rewritten = flow_interface_addresses(interface, packet, key->direction, &key->source,
							&key->destination);
	if (options->wide)
		widen(options, packet, key);
	staged->excluded = options->exclude_aws ? (uint8_t)flow_exclusion_of(interface, packet) : FLOW_NOT_EXCLUDED;
}

/* A record that is read back says itself what the interface showed. */
static void take_record_addresses(struct flow_stage *stage, const struct flow_observation *items)
{
	for (struct flow_staged *at = stage->staged; at < stage->staged + stage->count; at++) {
		const struct flow_record_addresses *addresses = &items[at->frame].record_addresses;

		if (!flow_interfaces_at(stage->interfaces, at->key.interface)->is_read_back)
			continue;
		at->key.source = addresses->source;
		at->key.destination = addresses->destination;
		at->is_rewritten = true;
	}
}

/* ---- verdicts ---- */

static bool is_judged(const struct flow_stage *stage, const struct flow_staged *staged)
{
	return staged->excluded == FLOW_NOT_EXCLUDED &&
	       flow_policy_is_for(stage->options.policy, staged->key.interface);
}

/* Brings what judging will need into the cache, as look_ahead() in flow/meter.c does for flows. */
static void look_ahead(struct flow_stage *stage, const struct flow_observation *items)
{
	const struct flow_policy *policy = stage->options.policy;
	struct flow_staged *end = stage->staged + stage->count;

	for (struct flow_staged *at = stage->staged; at < end; at++)
		if (is_judged(stage, at))
			flow_policy_prefetch(policy, at->key.interface, &items[at->frame], &at->ahead);
	for (struct flow_staged *at = stage->staged; at < end; at++)
		if (is_judged(stage, at))
			flow_policy_guess(policy, at->key.interface, at->key.direction, &items[at->frame], &at->ahead);
}

/* A packet that the host's firewall has rejected stays so, whatever the policy says. */
static void judge_packet(struct flow_stage *stage, const struct flow_observation *packet, int64_t time_ns,
			 struct flow_staged *staged)
{
	if (!is_judged(stage, staged))
		return;
	stage->is_undirected |= staged->key.direction == FLOW_UNKNOWN;
	staged->key.action |= (uint8_t)flow_policy_judge(stage->options.policy, staged->key.interface,
							 staged->key.direction, packet, time_ns, &staged->ahead);
}
_Static_assert(FLOW_ACCEPT == 0, "judge_packet() counts on it");

/* Judges the packets in their order, each at the time that it counts with: late ones at the start of the window that
 * is open by then. */
static void judge(struct flow_stage *stage, struct flow_window window, const struct flow_observation *items,
		  size_t count)
{
	struct flow_staged *staged = stage->staged, *end = staged + stage->count;

	look_ahead(stage, items);
	for (size_t i = 0; i < count; i++) {
		int64_t time_ns = items[i].first_ns;

		if (flow_window_judge(&window, time_ns) != FLOW_STAY)
			flow_window_open(&window, time_ns);
		window.previous_ns = time_ns;
		if (time_ns < window.start_ns)
			time_ns = window.start_ns;
		for (; staged < end && staged->frame == i; staged++)
			judge_packet(stage, &items[i], time_ns, staged);
	}
}

/* ---- hashes ---- */

/* The packet's own part of it may be there already. */
static void hash(const struct flow_stage_options *options, const struct flow_observation *packet,
		 struct flow_staged *staged)
{
	if (!(options->shown & FLOW_SHOWS_DIRECTION))
		staged->key.direction = FLOW_UNKNOWN;
	if (packet->tuple_hash && !staged->is_rewritten)
		staged->hash = flow_key_hash_of(&staged->key, packet->tuple_hash, options->wide, options->seed);
	else
		staged->hash = flow_key_hash(&staged->key, options->wide, options->seed);
}

/* In rounds: each is short, and finds in the cache what the one before has written. */
int flow_stage_frames(struct flow_stage *stage, const struct flow_window *window, const struct flow_observation *items,
		      size_t count, struct error *err)
{
	size_t taken = 0;

	if (count > FLOW_STAGE_FRAMES)
		count = FLOW_STAGE_FRAMES;
	if (!make_room(stage))
		return fail_memory(err, "meter");
	for (stage->count = 0; taken < count && stage->count < STAGED_MOST && is_frame(&items[taken]); taken++)
		if (items[taken].kind == FLOW_PACKET)
			match(stage, &items[taken], taken);
	for (size_t i = 0; i < stage->count; i++)
		complete(stage, &items[stage->staged[i].frame], &stage->staged[i]);
	if (flow_interfaces_has_origins(stage->interfaces))
		take_record_addresses(stage, items);
	if (stage->options.policy)
		judge(stage, *window, items, taken);
	for (size_t i = 0; i < stage->count; i++)
		hash(&stage->options, &items[stage->staged[i].frame], &stage->staged[i]);
	return (int)taken;
}
