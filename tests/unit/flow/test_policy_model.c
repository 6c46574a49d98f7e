/* The policy against the simplest program that follows the same rules: lists, linear search, nothing compiled and
 * nothing kept but states in an array. Random policies, and random packets at times around the limits. */
#include "flow/policy.h"

#include "fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RUNS = 400 };
#else
enum { RUNS = 3000 };
#endif
enum {
	PACKETS = 1000,
	MOST_GROUPS = 4,
	MOST_ACLS = 2,
	MOST_INTERFACES = 4,
	MOST_RULES = 12,
	MOST_STATES = 4096,
	BATCH = 20
};

#define SECOND INT64_C(1000000000)

/* ---- dice ---- */

static uint64_t dice;

/* 0 to sides - 1 (SplitMix64). */
static uint32_t throw_dice(uint32_t sides)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z >> 33) % sides);
}

static bool one_in(uint32_t sides)
{
	return throw_dice(sides) == 0;
}

/* ---- the world ---- */

static const char *const group_names[] = { "sg-a", "sg-b", "sg-c", "sg-d" };
static const char *const acl_names[] = { "acl-a", "acl-b" };
static const char *const ipv4[] = { "10.0.0.1", "10.0.0.2", "10.0.1.1", "192.0.2.7", "203.0.113.12" };
static const char *const ipv6[] = { "2001:db8::1", "2001:db8::2", "2001:db8:1::1", "2001:db8::" };

static struct world {
	struct flow_security_group groups[MOST_GROUPS];
	struct flow_network_acl acls[MOST_ACLS];
	struct flow_interface interfaces[MOST_INTERFACES];
	const struct flow_interface *numbered[MOST_INTERFACES];
	size_t group_count, acl_count, interface_count;
	struct flow_policy_options options;
	bool is_crowded; /* so many connections that room for them grows */
	bool is_icmp;    /* little else */
	uint32_t ports;  /* how many different ones packets have */
	struct flow_policy *policy;
} world;

static struct flow_prefix random_peer(void)
{
	bool is_ipv4 = throw_dice(3);
	const char *text = is_ipv4 ? ipv4[throw_dice(5)] : ipv6[throw_dice(4)];
	uint8_t whole = is_ipv4 ? 32 : 128;
	struct flow_prefix prefix = { family_of(text), whole, address_of(text) };

	if (throw_dice(3))
		prefix.length = (uint8_t)(throw_dice(3) ? 0 : throw_dice(whole + 1u));
	for (unsigned bit = prefix.length; bit < 128; bit++)
		prefix.base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return prefix;
}

static void random_ports(struct flow_rule *rule)
{
	if (throw_dice(3))
		return;
	rule->port_from = (uint16_t)throw_dice(world.ports + 1);
	rule->port_to = (uint16_t)(one_in(3) ? UINT16_MAX : rule->port_from + throw_dice(3));
}

static struct flow_rule random_rule(bool may_deny)
{
	static const int16_t protocols[] = { FLOW_RULE_ANY, 1, 58, 6, 6, 17, 17, 47 };
	static const int16_t types[] = { FLOW_RULE_ANY, 0, 3, 8, 128, 129, 1 };
	struct flow_rule rule = { .allow = !may_deny || throw_dice(2),
				  .number = may_deny ? throw_dice(6) * 100 : 0,
				  .protocol = protocols[throw_dice(8)],
				  .port_to = UINT16_MAX,
				  .icmp_type = types[throw_dice(7)],
				  .icmp_code = (int16_t)((int)throw_dice(3) - 1) };

	if (world.is_icmp && throw_dice(4))
		rule.protocol = throw_dice(3) ? 1 : 58;
	if (world.is_crowded)
		rule.protocol = FLOW_RULE_ANY;
	else
		random_ports(&rule);
	if (one_in(5)) {
		rule.group = strdup(group_names[throw_dice((uint32_t)world.group_count)]);
		return rule;
	}
	rule.peer_count = 1 + throw_dice(one_in(4) ? 4 : 1);
	rule.peers = calloc(rule.peer_count, sizeof(*rule.peers));
	for (size_t i = 0; i < rule.peer_count; i++)
		rule.peers[i] = random_peer();
	return rule;
}

static void random_rules(struct flow_rules *rules, bool may_deny)
{
	for (uint32_t left = throw_dice(one_in(4) ? MOST_RULES : 4); left > 0; left--) {
		struct flow_rule rule = random_rule(may_deny);

		assert_int_equal(flow_rules_add(rules, &rule, NULL), 0);
	}
}

static void random_interface(struct flow_interface *interface)
{
	char name[16], addresses[128] = "", groups[64] = "";

	snprintf(name, sizeof(name), "eni-%u", throw_dice(1000));
	for (int i = 0; i < 5; i++)
		if (one_in(3))
			strcat(strcat(addresses, i < 3 ? ipv4[i] : ipv6[i - 3]), " ");
	for (uint32_t left = throw_dice(4); left > 0; left--)
		strcat(strcat(groups, group_names[throw_dice((uint32_t)world.group_count)]), " ");
	*interface = interface_of(name, NULL, 0, addresses);
	give_policies(interface, groups, one_in(3) ? acl_names[throw_dice((uint32_t)world.acl_count)] : NULL);
}

static struct flow_connections_options random_limits(void)
{
	static const uint32_t bounds[] = { 1, 2, 3, 5, 9, 30, 100, 1000 }, crowded[] = { 0, 1100, 1500, 3000 };
	struct flow_connections_options limits = { .most = one_in(4) ? 0 : bounds[throw_dice(8)], .seed = dice };

	if (world.is_crowded)
		limits.most = crowded[throw_dice(4)];
	if (one_in(4))
		limits.tcp = 100;
	if (one_in(4))
		limits.closed = 20;
	if (one_in(4))
		limits.udp = 5;
	if (one_in(4))
		limits.udp_stream = 7;
	if (one_in(4))
		limits.other = 10;
	return limits;
}

static void make_world(void)
{
	memset(&world, 0, sizeof(world));
	world.is_crowded = one_in(20);
	world.is_icmp = one_in(5);
	world.ports = world.is_crowded ? 60000 : 1 + throw_dice(4);
	world.group_count = 1 + throw_dice(MOST_GROUPS);
	world.acl_count = 1 + throw_dice(MOST_ACLS);
	world.interface_count = 1 + throw_dice(MOST_INTERFACES);
	for (size_t i = 0; i < world.group_count; i++) {
		world.groups[i].name = strdup(group_names[i]);
		random_rules(&world.groups[i].ingress, false);
		world.groups[i].limits_egress = throw_dice(4);
		if (world.groups[i].limits_egress)
			random_rules(&world.groups[i].egress, false);
	}
	for (size_t i = 0; i < world.acl_count; i++) {
		world.acls[i].name = strdup(acl_names[i]);
		random_rules(&world.acls[i].ingress, true);
		random_rules(&world.acls[i].egress, true);
	}
	for (size_t i = 0; i < world.interface_count; i++) {
		random_interface(&world.interfaces[i]);
		world.numbered[i] = &world.interfaces[i];
	}
	world.options = (struct flow_policy_options){
		.groups = world.groups,
		.group_count = world.group_count,
		.acls = world.acls,
		.acl_count = world.acl_count,
		.interfaces = world.numbered,
		.interface_count = world.interface_count,
		.connections = random_limits(),
	};
	assert_int_equal(flow_policy_new(&world.policy, &world.options, NULL), 0);
}

static void end_world(void)
{
	flow_policy_free(world.policy);
	for (size_t i = 0; i < world.group_count; i++)
		flow_security_group_clear(&world.groups[i]);
	for (size_t i = 0; i < world.acl_count; i++)
		flow_network_acl_clear(&world.acls[i]);
	for (size_t i = 0; i < world.interface_count; i++)
		flow_interface_clear(&world.interfaces[i]);
}

/* ---- the model: rules ---- */

static const struct flow_security_group *group_named(const char *name)
{
	for (size_t i = 0; i < world.group_count; i++)
		if (strcmp(world.groups[i].name, name) == 0)
			return &world.groups[i];
	return NULL;
}

static bool is_member(const char *group, uint8_t family, const struct flow_address *address)
{
	for (size_t i = 0; i < world.interface_count; i++) {
		const struct flow_interface *interface = &world.interfaces[i];
		bool names_it = false;

		for (size_t named = 0; named < interface->security_group_count; named++)
			names_it |= strcmp(interface->security_groups[named], group) == 0;
		for (size_t own = 0; names_it && own < interface->address_count; own++)
			if (interface->addresses[own].family == family &&
			    flow_address_equal(&interface->addresses[own].address, address))
				return true;
	}
	return false;
}

static bool is_about_peer(const struct flow_rule *rule, uint8_t family, const struct flow_address *peer)
{
	if (rule->group)
		return is_member(rule->group, family, peer);
	for (size_t i = 0; i < rule->peer_count; i++)
		if (flow_prefix_contains(&rule->peers[i], family, peer))
			return true;
	return false;
}

static bool is_icmp(int protocol)
{
	return protocol == 1 || protocol == 58;
}

static bool matches(const struct flow_rule *rule, enum flow_direction direction, const struct flow_observation *packet)
{
	const struct flow_address *peer = direction == FLOW_INGRESS ? &packet->source : &packet->destination;

	if (!is_about_peer(rule, packet->family, peer))
		return false;
	if (rule->protocol != FLOW_RULE_ANY && rule->protocol != packet->protocol)
		return false;
	if (!is_icmp(packet->protocol))
		return packet->destination_port >= rule->port_from && packet->destination_port <= rule->port_to;
	if (rule->protocol == FLOW_RULE_ANY)
		return true;
	if (rule->icmp_type != FLOW_RULE_ANY && (!packet->has_icmp || packet->icmp_type != rule->icmp_type))
		return false;
	return rule->icmp_code == FLOW_RULE_ANY || (packet->has_icmp && packet->icmp_code == rule->icmp_code);
}

/* By which rule, if by any; `*group` is whose it is. */
static bool group_rules_allow(const struct flow_interface *interface, enum flow_direction direction,
			      const struct flow_observation *packet, struct flow_reason *reason)
{
	for (size_t i = 0; i < interface->security_group_count; i++) {
		const struct flow_security_group *group = group_named(interface->security_groups[i]);
		const struct flow_rules *rules = direction == FLOW_INGRESS ? &group->ingress : &group->egress;

		reason->group = group;
		for (size_t rule = 0; rule < rules->count; rule++) {
			reason->group_rule = &rules->items[rule];
			if (matches(reason->group_rule, direction, packet))
				return true;
		}
		reason->group_rule = NULL;
		reason->by_default = direction == FLOW_EGRESS && !group->limits_egress;
		if (reason->by_default)
			return true;
	}
	reason->group = NULL;
	return false;
}

static bool acl_rules_allow(const struct flow_network_acl *acl, enum flow_direction direction,
			    const struct flow_observation *packet, struct flow_reason *reason)
{
	const struct flow_rules *rules = direction == FLOW_INGRESS ? &acl->ingress : &acl->egress;

	for (size_t i = 0; i < rules->count; i++)
		if (matches(&rules->items[i], direction, packet) &&
		    (!reason->acl_rule || rules->items[i].number < reason->acl_rule->number))
			reason->acl_rule = &rules->items[i];
	reason->acl_allows = reason->acl_rule && reason->acl_rule->allow;
	return reason->acl_allows;
}

/* ---- the model: states ---- */

/* An end of a connection, and what identifies it among the protocols. */
struct end {
	struct flow_address address;
	uint16_t port;
};

struct state {
	uint32_t interface;
	uint8_t family, protocol;
	struct end ends[2];
	int64_t last_ns;
	uint64_t touched;               /* number of its last packet */
	bool seen[2], fin[2], is_reset; /* `seen` and `fin` by the end that sent it */
};

static struct model {
	struct state states[MOST_STATES];
	size_t count, room;
	uint64_t packets, evicted;
	/* How often things happened that must be tried. */
	uint64_t accepted, rejected, by_state, by_quote, expired, reopened, evictions, growths;
} model;

static bool same_end(const struct end *a, const struct end *b)
{
	return flow_address_equal(&a->address, &b->address) && a->port == b->port;
}

/* A state as if made by that packet; its first end is the sender. */
static struct state state_of(uint32_t interface, const struct flow_observation *packet)
{
	bool is_echo = packet->is_echo;

	return (struct state){
		.interface = interface,
		.family = packet->family,
		.protocol = packet->protocol,
		.ends = { { packet->source, is_echo ? packet->icmp_identifier : packet->source_port },
			  { packet->destination, is_echo ? packet->icmp_identifier : packet->destination_port } },
	};
}

static struct state state_of_quote(uint32_t interface, const struct flow_quote *quote)
{
	bool is_echo = is_icmp(quote->protocol);

	return (struct state){
		.interface = interface,
		.family = quote->family,
		.protocol = quote->protocol,
		.ends = { { quote->source, is_echo ? quote->icmp_identifier : quote->source_port },
			  { quote->destination, is_echo ? quote->icmp_identifier : quote->destination_port } },
	};
}

static bool is_closed(const struct state *state)
{
	return state->protocol == 6 && (state->is_reset || (state->fin[0] && state->fin[1]));
}

static uint32_t or_usual(uint32_t seconds, uint32_t usual)
{
	return seconds ? seconds : usual;
}

static bool has_expired(const struct state *state, int64_t time_ns)
{
	const struct flow_connections_options *limits = &world.options.connections;
	int64_t seconds = or_usual(limits->other, 600);

	if (state->protocol == 6)
		seconds = is_closed(state) ? or_usual(limits->closed, 10) : or_usual(limits->tcp, 432000);
	if (state->protocol == 17)
		seconds = state->seen[0] && state->seen[1] ? or_usual(limits->udp_stream, 180)
							   : or_usual(limits->udp, 30);
	return time_ns - state->last_ns > seconds * SECOND;
}

static void remove_state(size_t i)
{
	model.states[i] = model.states[--model.count];
}

/* Its state, or -1; `*sender` is which of its ends sent the packet. */
static ptrdiff_t find_state(const struct state *wanted, int *sender)
{
	for (size_t i = 0; i < model.count; i++) {
		const struct state *state = &model.states[i];

		if (state->interface != wanted->interface || state->family != wanted->family ||
		    state->protocol != wanted->protocol)
			continue;
		for (*sender = 0; *sender < 2; ++*sender)
			if (same_end(&state->ends[*sender], &wanted->ends[0]) &&
			    same_end(&state->ends[!*sender], &wanted->ends[1]))
				return (ptrdiff_t)i;
	}
	*sender = 0;
	return -1;
}

static bool is_known(ptrdiff_t at, const struct flow_observation *packet, int64_t time_ns)
{
	bool opens = packet->tcp_flags & FLOW_TCP_SYN && !(packet->tcp_flags & FLOW_TCP_SYN_ACK);

	if (at < 0)
		return false;
	if (has_expired(&model.states[at], time_ns)) {
		model.expired++;
		return false;
	}
	if (is_closed(&model.states[at]) && opens) {
		model.reopened++;
		return false;
	}
	return true;
}

static void evict_oldest(void)
{
	size_t oldest = 0;

	for (size_t i = 1; i < model.count; i++)
		if (model.states[i].touched < model.states[oldest].touched)
			oldest = i;
	model.evicted++;
	model.evictions++;
	remove_state(oldest);
}

static void make_room(int64_t time_ns)
{
	size_t most = or_usual(world.options.connections.most, 1048576);

	if (model.count < model.room)
		return;
	for (size_t i = model.count; i-- > 0;)
		if (has_expired(&model.states[i], time_ns))
			remove_state(i);
	if (model.count > model.room / 2 && model.room < most) {
		model.room = 2 * model.room < most ? 2 * model.room : most;
		model.growths++;
		return;
	}
	while (model.count > model.room - (model.room < 16 ? 1 : model.room / 8))
		evict_oldest();
}

static void touch(struct state *state, int sender, const struct flow_observation *packet, int64_t time_ns)
{
	state->last_ns = time_ns;
	state->touched = model.packets;
	state->seen[sender] = true;
	state->fin[sender] |= (packet->tcp_flags & FLOW_TCP_FIN) != 0;
	state->is_reset |= (packet->tcp_flags & FLOW_TCP_RST) != 0;
}

/* ---- the model: both ---- */

static bool groups_allow(const struct flow_interface *interface, uint32_t number, enum flow_direction direction,
			 const struct flow_observation *packet, int64_t time_ns, struct flow_reason *reason)
{
	struct state wanted = packet->has_quote ? state_of_quote(number, &packet->quote) : state_of(number, packet);
	bool by_rule = group_rules_allow(interface, direction, packet, reason);
	int sender;
	ptrdiff_t at = find_state(&wanted, &sender);
	bool known = is_known(at, packet, time_ns);

	if (at >= 0 && !known)
		remove_state((size_t)at);
	reason->groups_allow = by_rule || known;
	reason->by_state = known && !by_rule;
	model.by_state += reason->by_state;
	model.by_quote += reason->by_state && packet->has_quote;
	if (packet->has_quote || !reason->groups_allow)
		return reason->groups_allow;
	if (!known) {
		make_room(time_ns);
		assert_true(model.count < MOST_STATES);
		at = (ptrdiff_t)model.count++;
		sender = 0;
		model.states[at] = wanted;
	}
	touch(&model.states[at], sender, packet, time_ns);
	return true;
}

static void judge(uint32_t number, enum flow_direction direction, const struct flow_observation *packet,
		  int64_t time_ns, struct flow_reason *reason)
{
	const struct flow_interface *interface = &world.interfaces[number];
	bool passes = true;

	*reason = (struct flow_reason){ .action = FLOW_ACCEPT };
	model.packets++;
	if (number >= world.interface_count)
		return;
	reason->has_groups = interface->security_group_count > 0;
	reason->has_acl = interface->network_acl;
	for (size_t i = 0; reason->has_acl && i < world.acl_count; i++)
		if (strcmp(world.acls[i].name, interface->network_acl) == 0)
			reason->acl = &world.acls[i];
	if (direction == FLOW_UNKNOWN)
		return;
	if (direction == FLOW_INGRESS && reason->acl)
		passes = acl_rules_allow(reason->acl, direction, packet, reason);
	if (passes && reason->has_groups)
		passes = groups_allow(interface, number, direction, packet, time_ns, reason);
	if (passes && direction == FLOW_EGRESS && reason->acl)
		passes = acl_rules_allow(reason->acl, direction, packet, reason);
	reason->action = passes ? FLOW_ACCEPT : FLOW_REJECT;
	model.accepted += passes;
	model.rejected += !passes;
}

/* ---- packets ---- */

static uint16_t random_port(void)
{
	return (uint16_t)(throw_dice(world.ports) + one_in(20));
}

static void random_icmp(struct flow_observation *packet, bool is_ipv4)
{
	static const uint8_t types[][5] = { { 0, 8, 3, 11, 13 }, { 129, 128, 1, 3, 135 } };
	uint32_t which = throw_dice(5);

	packet->has_icmp = throw_dice(8);
	packet->is_echo = which < 2;
	packet->icmp_identifier = packet->is_echo ? (uint16_t)throw_dice(3) : 0;
	if (packet->has_icmp) {
		packet->icmp_type = types[!is_ipv4][which];
		packet->icmp_code = (uint8_t)throw_dice(2);
	}
}

static struct flow_observation random_packet(void)
{
	static const uint8_t flags[] = { 0, 2, 2, 2, 18, 1, 1, 4, 3, 6, 16 };
	static const uint8_t protocols[] = { 6, 6, 6, 17, 17, 1, 47, 132, 58 };
	bool is_ipv4 = throw_dice(3);
	const char *source = is_ipv4 ? ipv4[throw_dice(5)] : ipv6[throw_dice(4)];
	struct flow_observation packet = packet_of(source, is_ipv4 ? ipv4[throw_dice(5)] : ipv6[throw_dice(4)]);

	packet.protocol = protocols[throw_dice(9)];
	packet.source_port = packet.destination_port = 0;
	if (packet.protocol == 1 || (world.is_icmp && throw_dice(4)))
		packet.protocol = is_ipv4 ? 1 : 58;
	if (is_icmp(packet.protocol))
		random_icmp(&packet, is_ipv4);
	else if (packet.protocol != 47)
		packet.source_port = random_port(), packet.destination_port = random_port();
	if (packet.protocol == 6)
		packet.tcp_flags = flags[throw_dice(11)];
	return packet;
}

static void turn_around(struct flow_observation *packet)
{
	struct flow_address address = packet->source;
	uint16_t port = packet->source_port;

	packet->source = packet->destination;
	packet->destination = address;
	packet->source_port = packet->destination_port;
	packet->destination_port = port;
}

static void quote(struct flow_observation *error, const struct flow_observation *about)
{
	error->has_quote = true;
	error->is_echo = false;
	error->icmp_identifier = 0;
	error->quote = (struct flow_quote){
		.source = about->source,
		.destination = about->destination,
		.source_port = about->source_port,
		.destination_port = about->destination_port,
		.icmp_identifier = about->icmp_identifier,
		.family = about->family,
		.protocol = about->protocol,
	};
}

/* One of those before it again, or its answer, or an error about it; or any. */
static struct flow_observation next_packet(struct flow_observation *recent)
{
	struct flow_observation packet = recent[throw_dice(8)];

	switch (throw_dice(6)) {
	case 0:
		packet = random_packet();
		break;
	case 1:
		packet = random_packet();
		if (is_icmp(packet.protocol))
			quote(&packet, &recent[throw_dice(8)]);
		break;
	case 2:
		if (packet.protocol == 6)
			packet.tcp_flags = random_packet().tcp_flags;
		break;
	default:
		turn_around(&packet);
		if (packet.protocol == 6 && one_in(2))
			packet.tcp_flags = one_in(2) ? 1 : one_in(2) ? 4 : 18;
	}
	recent[throw_dice(8)] = packet;
	return packet;
}

/* On by a little, or to and over one of the limits; back, now and then. */
static int64_t next_time(int64_t time_ns)
{
	static const int64_t limits[] = { 5, 7, 10, 20, 30, 100, 180, 600, 432000 };
	int64_t limit = limits[throw_dice(9)] * SECOND;

	switch (throw_dice(world.is_crowded ? 4000 : 40)) {
	case 0:
	case 1:
		return time_ns + limit;
	case 2:
		return time_ns + limit + 1;
	case 3:
		return time_ns + limit - 1;
	case 4:
		return time_ns > limit ? time_ns - limit : 0;
	case 5:
		return time_ns + throw_dice(200) * SECOND;
	}
	return time_ns + throw_dice(1000) * 1000;
}

/* ---- both ---- */

static void assert_same_reason(const struct flow_reason *reason, const struct flow_reason *expected)
{
	assert_int_equal(reason->action, expected->action);
	assert_int_equal(reason->has_groups, expected->has_groups);
	assert_int_equal(reason->has_acl, expected->has_acl);
	assert_int_equal(reason->groups_allow, expected->groups_allow);
	assert_int_equal(reason->acl_allows, expected->acl_allows);
	assert_int_equal(reason->by_state, expected->by_state);
	assert_int_equal(reason->by_default, expected->by_default);
	assert_ptr_equal(reason->group, expected->group);
	assert_ptr_equal(reason->group_rule, expected->group_rule);
	assert_ptr_equal(reason->acl, expected->acl);
	assert_ptr_equal(reason->acl_rule, expected->acl_rule);
}

/* A packet on an interface, on its way. */
struct step {
	struct flow_observation packet;
	bool is_ahead;
	struct flow_policy_ahead ahead;
	uint32_t number;
	enum flow_direction direction;
	int64_t time_ns;
};

static void look_ahead(struct step *step)
{
	step->is_ahead = one_in(2);
	if (!step->is_ahead)
		return;
	flow_policy_prefetch(world.policy, step->number, &step->packet, &step->ahead);
	if (throw_dice(4))
		flow_policy_guess(world.policy, step->number, step->direction, &step->packet, &step->ahead);
}

static void judge_both(const struct step *step)
{
	struct flow_reason expected, reason;
	uint32_t how = throw_dice(8);
	enum flow_action action;

	judge(step->number, step->direction, &step->packet, step->time_ns, &expected);
	if (how < 2) {
		action = flow_policy_explain(world.policy, step->number, step->direction, &step->packet, step->time_ns,
					     how == 1, &reason);
		assert_int_equal(action, expected.action);
		assert_same_reason(&reason, &expected);
	}
	if (how != 1) {
		action = flow_policy_judge(world.policy, step->number, step->direction, &step->packet, step->time_ns,
					   step->is_ahead ? &step->ahead : NULL);
		assert_int_equal(action, expected.action);
	}
	assert_int_equal(flow_policy_tracked(world.policy), model.count);
	assert_int_equal(flow_policy_forgotten(world.policy), model.evicted);
}

static void start_model(void)
{
	size_t most = or_usual(world.options.connections.most, 1048576);

	model.count = model.packets = model.evicted = 0;
	model.room = most < 1024 ? most : 1024;
}

static void run_both(uint64_t seed)
{
	int64_t time_ns = 1000000 * SECOND;
	struct flow_observation recent[8];
	struct step steps[BATCH];

	dice = seed << 32;
	make_world();
	start_model();
	for (int i = 0; i < 8; i++)
		recent[i] = random_packet();
	for (int left = world.is_crowded ? 10 * PACKETS : PACKETS; left > 0;) {
		int batch = 1 + (int)throw_dice(BATCH);

		for (int i = 0; i < batch; i++) {
			time_ns = next_time(time_ns);
			steps[i] = (struct step){ .packet = next_packet(recent),
						  .number = throw_dice((uint32_t)world.interface_count + one_in(50)),
						  .direction = one_in(50) ? FLOW_UNKNOWN : 1 + throw_dice(2),
						  .time_ns = time_ns };
			look_ahead(&steps[i]);
		}
		for (int i = 0; i < batch; i++)
			judge_both(&steps[i]);
		left -= batch;
	}
	end_world();
}

static void test_random_packets(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run_both(seed);
	/* All of it was tried, and often. */
	assert_true(model.accepted > 200 * RUNS && model.rejected > 200 * RUNS);
	assert_true(model.by_state > 20 * RUNS && model.by_quote > RUNS);
	assert_true(model.expired > RUNS && model.reopened > RUNS && model.evictions > RUNS);
	assert_true(model.growths > RUNS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
