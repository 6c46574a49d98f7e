/* Finding whose packet it is against a look at each interface in turn: random interfaces, random packets, and both must
 * say the same. What single rules say is in test_interface.c. */
#include "flow/candidates.h"

#include "fixture.h"

/* ---- a look at each, written from semantics sections 3 and 13 (12 to 15) ---- */

static bool owns(const struct flow_interface *interface, uint8_t family, const struct flow_address *address)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (interface->addresses[i].family == family &&
		    memcmp(&interface->addresses[i].address, address, sizeof(*address)) == 0)
			return true;
	return false;
}

/* Is it an egress packet of the interface, an ingress packet, both? `alone`: at its capture point. */
static void judge(const struct flow_interface *interface, const struct flow_observation *packet, bool alone,
		  bool *egress, bool *ingress)
{
	bool source = owns(interface, packet->family, &packet->source);
	bool destination = owns(interface, packet->family, &packet->destination);

	alone = alone && interface->address_count > 0;
	if (interface->has_mac && packet->has_macs) {
		*egress = memcmp(interface->mac, packet->source_mac, 6) == 0;
		*ingress = memcmp(interface->mac, packet->destination_mac, 6) == 0 || (packet->group && !*egress);
	} else if (packet->word == FLOW_INGRESS) {
		*egress = false;
		*ingress = packet->group || destination || alone;
	} else if (packet->word == FLOW_EGRESS) {
		*egress = source || alone;
		*ingress = packet->group && !*egress;
	} else {
		*egress = source;
		*ingress = packet->group ? !source : destination;
	}
}

static size_t look_at_each(const struct flow_interfaces *set, const uint32_t *numbers, size_t number_count,
			   const struct flow_observation *packet, struct flow_match *matches)
{
	size_t count = 0;

	for (size_t i = 0; i < number_count; i++) {
		const struct flow_interface *interface = flow_interfaces_at(set, numbers[i]);
		bool egress, ingress;

		if (interface->has_vni && (!packet->has_vni || packet->vni != interface->vni))
			continue;
		if (!interface->has_mac && interface->address_count == 0) {
			matches[count++] = (struct flow_match){ numbers[i], packet->word };
			continue;
		}
		judge(interface, packet, number_count == 1, &egress, &ingress);
		if (egress)
			matches[count++] = (struct flow_match){ numbers[i], FLOW_EGRESS };
		if (ingress)
			matches[count++] = (struct flow_match){ numbers[i], FLOW_INGRESS };
	}
	return count;
}

/* ---- random input ---- */

static uint64_t dice;

/* 0 to sides - 1 (SplitMix64). */
static uint32_t throw_dice(uint32_t sides)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z >> 33) % sides);
}

/* What interfaces and packets are made of: of `wealth` MACs and addresses of each family. An interface has a MAC,
 * addresses, a VNI with a likelihood of so many in 4. */
struct world {
	uint32_t interfaces, wealth, most_addresses;
	uint32_t mac, addresses, vni;
	uint32_t packet_macs, packet_vni, group, word; /* of packets; group: one in that many, or 0 for none */
};

static void random_mac(uint32_t wealth, uint8_t out[static 6])
{
	uint32_t which = throw_dice(wealth);

	mac_of((uint8_t)which, out);
	out[4] = (uint8_t)(which >> 8);
	if (which % 7 == 0)
		out[0] = 3; /* of a group: nobody's by rights */
}

/* An IPv4 address and an IPv6 address may have the same octets. */
static struct flow_host random_host(uint32_t wealth)
{
	struct flow_host host = { throw_dice(3) ? FLOW_IPV4 : FLOW_IPV6, { { 10 } } };
	uint32_t which = throw_dice(wealth);

	host.address.octets[2] = (uint8_t)(which >> 8);
	host.address.octets[host.family == FLOW_IPV6 && which % 3 ? 15 : 3] = (uint8_t)which;
	return host;
}

static uint32_t random_vni(uint32_t wealth)
{
	static const uint32_t special[] = { 0, 1, 0xffffff };

	return throw_dice(4) ? 100 + throw_dice(wealth) : special[throw_dice(3)];
}

static struct flow_interfaces *random_set(const struct world *world)
{
	struct flow_interface defaults = { 0 };
	struct flow_interfaces *set = NULL;

	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	for (uint32_t i = 0; i < world->interfaces; i++) {
		struct flow_interface interface = { .name = strdup("x") };

		interface.has_mac = throw_dice(4) < world->mac;
		random_mac(world->wealth, interface.mac);
		interface.has_vni = throw_dice(4) < world->vni;
		interface.vni = random_vni(world->wealth);
		if (throw_dice(4) < world->addresses) {
			interface.address_count = 1 + throw_dice(world->most_addresses);
			interface.addresses = calloc(interface.address_count, sizeof(*interface.addresses));
			assert_non_null(interface.addresses);
			for (size_t a = 0; a < interface.address_count; a++)
				interface.addresses[a] = random_host(world->wealth);
		}
		assert_int_equal(flow_interfaces_add(set, &interface, NULL), 0);
	}
	return set;
}

static struct flow_observation random_packet(const struct world *world)
{
	struct flow_observation packet = { .kind = FLOW_PACKET };
	uint32_t wealth = world->wealth + world->wealth / 4 + 1; /* some are nobody's */
	struct flow_host source = random_host(wealth), destination = random_host(wealth);

	packet.family = source.family;
	packet.source = source.address;
	packet.destination = throw_dice(10) ? destination.address : source.address;
	packet.has_macs = throw_dice(4) < world->packet_macs;
	random_mac(wealth, packet.source_mac);
	random_mac(wealth, packet.destination_mac);
	if (throw_dice(10) == 0)
		memcpy(packet.destination_mac, packet.source_mac, 6);
	packet.has_vni = throw_dice(4) < world->packet_vni;
	packet.vni = random_vni(wealth);
	packet.group = world->group && throw_dice(world->group) == 0;
	packet.word = world->word ? (uint8_t)throw_dice(3) : FLOW_UNKNOWN;
	return packet;
}

/* ---- both ---- */

enum { MOST_INTERFACES = 3000 };

static void assert_same(const struct flow_match *found, size_t found_count, const struct flow_match *expected,
			size_t expected_count)
{
	assert_int_equal(found_count, expected_count);
	for (size_t i = 0; i < found_count; i++) {
		assert_int_equal(found[i].interface, expected[i].interface);
		assert_int_equal(found[i].direction, expected[i].direction);
	}
}

/* Candidates are a random choice of the set, in order; at least one. */
static size_t choose(uint32_t count, uint32_t *numbers)
{
	uint32_t one_in = 1 + throw_dice(3);
	size_t chosen = 0;

	for (uint32_t i = 0; i < count; i++)
		if (throw_dice(one_in) == 0)
			numbers[chosen++] = i;
	if (chosen == 0)
		numbers[chosen++] = throw_dice(count);
	return chosen;
}

static void compare(const struct world *world, size_t packets)
{
	static struct flow_match found[2 * MOST_INTERFACES], expected[2 * MOST_INTERFACES];
	static uint32_t numbers[MOST_INTERFACES];
	struct flow_interfaces *set = random_set(world);
	size_t count = choose(world->interfaces, numbers);
	struct flow_candidates *candidates = NULL;

	assert_int_equal(flow_candidates_new(&candidates, set, numbers, count, NULL), 0);
	while (packets-- > 0) {
		struct flow_observation packet = random_packet(world);
		size_t expected_count = look_at_each(set, numbers, count, &packet, expected);

		assert_same(found, flow_candidates_match(candidates, &packet, found), expected, expected_count);
	}
	flow_candidates_free(candidates);
	flow_interfaces_free(set);
}

static void test_anything_goes(void **state)
{
	(void)state;
	for (dice = 1; dice < 3000; dice++) {
		uint64_t seed = dice;
		struct world world = {
			.interfaces = 1 + throw_dice(12),
			.wealth = 1 + throw_dice(16),
			.most_addresses = 1 + throw_dice(8),
			.mac = throw_dice(5),
			.addresses = throw_dice(5),
			.vni = throw_dice(5),
			.packet_macs = throw_dice(5),
			.packet_vni = throw_dice(5),
			.group = throw_dice(4),
			.word = throw_dice(2),
		};

		compare(&world, 60);
		dice = seed;
	}
}

/* Few interfaces share a MAC or an address; a packet finds one, two or none of many. */
static void test_many_interfaces(void **state)
{
	static const struct world worlds[] = {
		{ .mac = 4, .packet_macs = 4 },
		{ .mac = 4, .addresses = 4, .packet_macs = 2, .group = 50, .word = 1 },
		{ .addresses = 4, .packet_macs = 4 },
		{ .addresses = 4, .group = 50, .word = 1 },
		{ .vni = 4, .packet_vni = 4 },
		{ .vni = 4, .mac = 4, .packet_vni = 4, .packet_macs = 4 },
		{ .vni = 4, .addresses = 4, .packet_vni = 3 },
		{ .vni = 2, .mac = 3, .addresses = 3, .packet_vni = 2, .packet_macs = 2, .group = 50, .word = 1 },
	};

	(void)state;
	dice = 5;
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
		struct world world = worlds[i];

		world.interfaces = MOST_INTERFACES;
		world.wealth = MOST_INTERFACES;
		world.most_addresses = 3;
		compare(&world, 500);
	}
}

/* An interface that names a MAC or an address twice is still one interface. */
static void test_an_address_twice(void **state)
{
	struct flow_interface twice = interface_of("a", NULL, 0, "10.0.0.1 10.0.0.2 10.0.0.1"), defaults = { 0 },
			      other = interface_of("b", NULL, 0, "10.0.0.1");
	const struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.9");
	const uint32_t numbers[] = { 0, 1 };
	struct flow_candidates *candidates = NULL;
	struct flow_interfaces *set = NULL;
	struct flow_match matches[4];

	(void)state;
	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &twice, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &other, NULL), 0);
	assert_int_equal(flow_candidates_new(&candidates, set, numbers, 2, NULL), 0);
	assert_int_equal(flow_candidates_match(candidates, &packet, matches), 2);
	assert_int_equal(matches[0].interface, 0);
	assert_int_equal(matches[1].interface, 1);
	flow_candidates_free(candidates);
	flow_interfaces_free(set);
}

static void test_shared(void **state)
{
	struct flow_interface one = interface_of("a", NULL, 1, ""), two = interface_of("b", NULL, 2, ""),
			      defaults = { 0 };
	const struct flow_observation packet = with_macs(packet_of("10.0.0.1", "10.0.0.9"), 2, 9);
	const uint32_t numbers[] = { 0, 1 };
	struct flow_candidates *candidates = NULL;
	struct flow_interfaces *set = NULL;
	struct flow_match matches[4];
	size_t count;

	(void)state;
	assert_int_equal(flow_interfaces_new(&set, &defaults, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &one, NULL), 0);
	assert_int_equal(flow_interfaces_add(set, &two, NULL), 0);
	assert_int_equal(flow_candidates_new(&candidates, set, numbers, 2, NULL), 0);
	assert_ptr_equal(flow_candidates_share(candidates), candidates);
	flow_candidates_free(candidates);
	assert_int_equal(flow_candidates_match(candidates, &packet, matches), 1);
	assert_int_equal(matches[0].interface, 1);
	assert_memory_equal(flow_candidates_numbers(candidates, &count), numbers, sizeof(numbers));
	assert_int_equal(count, 2);
	flow_candidates_free(candidates);
	flow_candidates_free(NULL);
	flow_interfaces_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_anything_goes),
		TEST(test_many_interfaces),
		TEST(test_an_address_twice),
		TEST(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
