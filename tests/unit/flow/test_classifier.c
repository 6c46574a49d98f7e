#include "flow/classifier.h"

#include "fixture.h"

enum { MOST_RULES = 200, MOST_PEERS = 4, PACKETS = 400 };

static struct flow_classifier classifier_of(const struct flow_classified *items, size_t count)
{
	struct flow_classifier classifier;

	assert_int_equal(flow_classifier_init(&classifier, items, count, NULL), 0);
	return classifier;
}

/* The first rule for a TCP packet from 10.0.0.1 to that port. */
static ptrdiff_t first_for_port(const struct flow_classifier *classifier, uint16_t port)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	packet.protocol = 6;
	packet.destination_port = port;
	return flow_classifier_first(classifier, &packet, &packet.source);
}

static void test_without_rules(void **state)
{
	struct flow_classifier classifier = classifier_of(NULL, 0);

	(void)state;
	assert_int_equal(first_for_port(&classifier, 80), -1);
	flow_classifier_finish(&classifier);
	flow_classifier_finish(&classifier);
}

static void test_both_ends_of_a_range_of_ports(void **state)
{
	struct flow_prefix all = prefix_of("0.0.0.0/0");
	const struct flow_rule some = { .protocol = 6, .port_from = 100, .port_to = 200 };
	const struct flow_rule last = { .protocol = 6, .port_from = 65535, .port_to = 65535 };
	const struct flow_rule first = { .protocol = 6, .port_from = 0, .port_to = 0 };
	const struct flow_classified items[] = { { &some, &all, 1 }, { &last, &all, 1 }, { &first, &all, 1 } };
	struct flow_classifier classifier = classifier_of(items, 3);

	(void)state;
	assert_int_equal(first_for_port(&classifier, 99), -1);
	assert_int_equal(first_for_port(&classifier, 100), 0);
	assert_int_equal(first_for_port(&classifier, 200), 0);
	assert_int_equal(first_for_port(&classifier, 201), -1);
	assert_int_equal(first_for_port(&classifier, 65534), -1);
	assert_int_equal(first_for_port(&classifier, 65535), 1);
	assert_int_equal(first_for_port(&classifier, 0), 2);
	assert_int_equal(first_for_port(&classifier, 1), -1);
	flow_classifier_finish(&classifier);
}

/* What is known of no packet matches only rules that do not ask for it. */
static void test_icmp_of_unknown_type(void **state)
{
	struct flow_prefix all = prefix_of("0.0.0.0/0");
	const struct flow_rule echo = { .protocol = 1, .icmp_type = 8, .icmp_code = FLOW_RULE_ANY };
	const struct flow_rule code = { .protocol = 1, .icmp_type = FLOW_RULE_ANY, .icmp_code = 0 };
	const struct flow_rule any = { .protocol = 1, .icmp_type = FLOW_RULE_ANY, .icmp_code = FLOW_RULE_ANY };
	const struct flow_classified items[] = { { &echo, &all, 1 }, { &code, &all, 1 }, { &any, &all, 1 } };
	struct flow_classifier classifier = classifier_of(items, 3);
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	(void)state;
	packet.protocol = 1;
	packet.source_port = packet.destination_port = 0;
	assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), 2);
	packet.has_icmp = true;
	assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), 1);
	packet.icmp_code = 3;
	assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), 2);
	packet.icmp_type = 8;
	assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), 0);
	flow_classifier_finish(&classifier);
}

/* Every protocol there is has a rule of its own. */
static void test_all_protocols(void **state)
{
	static struct flow_rule rules[256];
	static struct flow_classified items[256];
	struct flow_prefix all = prefix_of("0.0.0.0/0");
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");
	struct flow_classifier classifier;

	(void)state;
	for (int protocol = 0; protocol < 256; protocol++) {
		rules[protocol] = (struct flow_rule){ .protocol = (int16_t)protocol,
						      .port_to = 65535,
						      .icmp_type = FLOW_RULE_ANY,
						      .icmp_code = FLOW_RULE_ANY };
		items[255 - protocol] = (struct flow_classified){ &rules[protocol], &all, 1 };
	}
	classifier = classifier_of(items, 256);
	for (int protocol = 0; protocol < 256; protocol++) {
		packet.protocol = (uint8_t)protocol;
		assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), 255 - protocol);
	}
	flow_classifier_finish(&classifier);
}

/* ---- against one rule after the other ---- */

static uint64_t dice;

/* 0 to sides - 1 (SplitMix64). */
static uint32_t throw_dice(uint32_t sides)
{
	uint64_t z = dice += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return (uint32_t)((z >> 33) % sides);
}

static const char *const ipv4[] = { "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.128.0.1", "192.0.2.1", "203.0.113.9" };
static const char *const ipv6[] = { "2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1" };
static const uint8_t protocols[] = { 1, 6, 17, 47, 58, 132 };
static const uint16_t ports[] = { 0, 1, 22, 80, 443, 1024, 32768, 65534, 65535 };

static const char *random_host(bool is_ipv4)
{
	return is_ipv4 ? ipv4[throw_dice(6)] : ipv6[throw_dice(4)];
}

static struct flow_prefix random_prefix(void)
{
	bool is_ipv4 = throw_dice(3);
	const char *host = random_host(is_ipv4);
	struct flow_prefix prefix = { family_of(host), (uint8_t)throw_dice(is_ipv4 ? 33 : 129), address_of(host) };

	if (throw_dice(4) == 0)
		prefix.length = throw_dice(2) ? 0 : is_ipv4 ? 32 : 128;
	for (unsigned bit = prefix.length; bit < 128; bit++)
		prefix.base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return prefix;
}

static void random_rule(struct flow_rule *rule, struct flow_prefix *peers)
{
	*rule = (struct flow_rule){
		.protocol = (int16_t)(throw_dice(3) ? protocols[throw_dice(6)] : FLOW_RULE_ANY),
		.port_to = 65535,
		.icmp_type = (int16_t)(throw_dice(2) ? (int)throw_dice(3) : FLOW_RULE_ANY),
		.icmp_code = (int16_t)(throw_dice(2) ? (int)throw_dice(2) : FLOW_RULE_ANY),
		.peers = peers,
		.peer_count = throw_dice(MOST_PEERS + 1),
	};
	if (throw_dice(2)) {
		rule->port_from = ports[throw_dice(9)];
		rule->port_to = ports[throw_dice(9)];
	}
	for (size_t i = 0; i < rule->peer_count; i++)
		peers[i] = random_prefix();
}

static struct flow_observation random_packet(void)
{
	bool is_ipv4 = throw_dice(3);
	struct flow_observation packet = packet_of(random_host(is_ipv4), random_host(is_ipv4));

	packet.protocol = throw_dice(8) ? protocols[throw_dice(6)] : (uint8_t)throw_dice(256);
	packet.destination_port = (uint16_t)(ports[throw_dice(9)] + throw_dice(3) - 1);
	packet.has_icmp = throw_dice(3);
	packet.icmp_type = packet.has_icmp ? (uint8_t)throw_dice(3) : 0;
	packet.icmp_code = packet.has_icmp ? (uint8_t)throw_dice(2) : 0;
	return packet;
}

static bool matches(const struct flow_classified *item, const struct flow_observation *packet,
		    const struct flow_address *peer)
{
	const struct flow_rule *rule = item->rule;
	bool about_peer = false;

	for (size_t i = 0; i < item->peer_count; i++)
		about_peer = about_peer || flow_prefix_contains(&item->peers[i], packet->family, peer);
	if (!about_peer || (rule->protocol != FLOW_RULE_ANY && rule->protocol != packet->protocol))
		return false;
	if (packet->protocol != 1 && packet->protocol != 58)
		return packet->destination_port >= rule->port_from && packet->destination_port <= rule->port_to;
	if (rule->protocol == FLOW_RULE_ANY)
		return true;
	if (!packet->has_icmp)
		return rule->icmp_type == FLOW_RULE_ANY && rule->icmp_code == FLOW_RULE_ANY;
	return (rule->icmp_type == FLOW_RULE_ANY || rule->icmp_type == packet->icmp_type) &&
	       (rule->icmp_code == FLOW_RULE_ANY || rule->icmp_code == packet->icmp_code);
}

static ptrdiff_t first_slowly(const struct flow_classified *items, size_t count, const struct flow_observation *packet,
			      const struct flow_address *peer)
{
	for (size_t i = 0; i < count; i++)
		if (matches(&items[i], packet, peer))
			return (ptrdiff_t)i;
	return -1;
}

/* A rule for each port, all for the members of one group: the members are looked at once, not once a rule. */
static void test_many_rules_share_many_peers(void **state)
{
	enum { RULES = 8000, PEERS = 4000 };
	static struct flow_prefix members[PEERS];
	static struct flow_rule rules[RULES];
	static struct flow_classified items[RULES];
	struct flow_observation packet = packet_of("10.0.0.0", "192.0.2.1");
	struct flow_classifier classifier;

	(void)state;
	for (size_t i = 0; i < PEERS; i++) {
		members[i] = prefix_of("10.0.0.0/32");
		members[i].base.octets[2] = (uint8_t)(i >> 8);
		members[i].base.octets[3] = (uint8_t)i;
	}
	for (size_t i = 0; i < RULES; i++) {
		rules[i] = (struct flow_rule){ .protocol = 6, .port_from = (uint16_t)i, .port_to = (uint16_t)i };
		items[i] = (struct flow_classified){ &rules[i], members, PEERS };
	}
	classifier = classifier_of(items, RULES);
	packet.protocol = 6;
	for (size_t i = 0; i < RULES; i++) {
		packet.source = members[i % PEERS].base;
		packet.destination_port = (uint16_t)i;
		assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.source), i);
		assert_int_equal(flow_classifier_first(&classifier, &packet, &packet.destination), -1);
	}
	flow_classifier_finish(&classifier);
}

static void test_random_rules(void **state)
{
	static struct flow_prefix peers[MOST_RULES][MOST_PEERS];
	static struct flow_rule rules[MOST_RULES];
	static struct flow_classified items[MOST_RULES];
	size_t matched = 0, unmatched = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		size_t count;
		struct flow_classifier classifier;

		dice = seed << 32;
		count = throw_dice(throw_dice(2) ? 10 : MOST_RULES);
		for (size_t i = 0; i < count; i++) {
			random_rule(&rules[i], peers[i]);
			items[i] = (struct flow_classified){ &rules[i], peers[i], rules[i].peer_count };
			if (i > 0 && throw_dice(3) == 0) { /* some rules share a list, whole or a part of it */
				size_t other = throw_dice((uint32_t)i);

				items[i].peers = items[other].peers;
				items[i].peer_count = throw_dice((uint32_t)items[other].peer_count + 1);
				if (throw_dice(3))
					items[i].peer_count = items[other].peer_count;
			}
		}
		classifier = classifier_of(items, count);
		for (int i = 0; i < PACKETS; i++) {
			struct flow_observation packet = random_packet();
			const struct flow_address *peer = throw_dice(2) ? &packet.source : &packet.destination;
			ptrdiff_t expected = first_slowly(items, count, &packet, peer);

			assert_int_equal(flow_classifier_first(&classifier, &packet, peer), expected);
			matched += expected >= 0;
			unmatched += expected < 0;
		}
		flow_classifier_finish(&classifier);
	}
	assert_true(matched > 10000 && unmatched > 10000); /* both are tried */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_rules),        TEST(test_both_ends_of_a_range_of_ports),
		TEST(test_icmp_of_unknown_type), TEST(test_all_protocols),
		TEST(test_random_rules),         TEST(test_many_rules_share_many_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
