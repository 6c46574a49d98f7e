#include "flow/connections.h"

#include <errno.h>

#include "fixture.h"

#define SECOND INT64_C(1000000000)

static struct flow_connections *connections_of(uint32_t most)
{
	const struct flow_connections_options options = { .most = most, .seed = 42 };
	struct flow_connections *connections = NULL;

	assert_int_equal(flow_connections_new(&connections, &options, NULL), 0);
	return connections;
}

/* ---- keys ---- */

static struct flow_connection_key key_of(uint32_t interface, uint8_t protocol, const char *source, uint16_t source_port,
					 const char *destination, uint16_t destination_port)
{
	struct flow_observation packet = packet_of(source, destination);

	packet.protocol = protocol;
	packet.source_port = source_port;
	packet.destination_port = destination_port;
	return flow_connection_key_of(interface, &packet);
}

static bool same_words(struct flow_connection_key a, struct flow_connection_key b)
{
	return memcmp(a.words, b.words, sizeof(a.words)) == 0;
}

static void assert_two_ways(const char *one, uint16_t one_port, const char *other, uint16_t other_port)
{
	struct flow_connection_key there = key_of(1, 6, one, one_port, other, other_port);
	struct flow_connection_key back = key_of(1, 6, other, other_port, one, one_port);

	assert_true(same_words(there, back));
	assert_int_not_equal(there.way, back.way);
}

static void test_both_ways_have_one_key(void **state)
{
	struct flow_connection_key itself = key_of(1, 6, "10.0.0.1", 5, "10.0.0.1", 5);

	(void)state;
	assert_two_ways("10.0.0.1", 1000, "10.0.0.2", 80);
	assert_two_ways("10.0.0.1", 80, "10.0.0.2", 1000);
	assert_two_ways("10.0.0.1", 1000, "10.0.0.1", 80);
	assert_two_ways("10.0.0.1", 1000, "10.0.0.2", 1000);
	assert_two_ways("2001:db8::1", 1000, "2001:db8::2", 80);
	assert_two_ways("2001:db8:1::1", 80, "2001:db8::1", 1000);
	assert_two_ways("2001:db8::1", 1, "2001:db8::1", 2);
	assert_true(same_words(itself, key_of(1, 6, "10.0.0.1", 5, "10.0.0.1", 5)));
	assert_int_equal(itself.way, 0);
}

static void test_keys_that_differ(void **state)
{
	const struct flow_connection_key keys[] = {
		key_of(1, 6, "10.0.0.1", 1000, "10.0.0.2", 80),
		key_of(2, 6, "10.0.0.1", 1000, "10.0.0.2", 80),
		key_of(1, 17, "10.0.0.1", 1000, "10.0.0.2", 80),
		key_of(1, 6, "10.0.0.1", 80, "10.0.0.2", 1000),
		key_of(1, 6, "10.0.0.1", 1001, "10.0.0.2", 80),
		key_of(1, 6, "10.0.0.1", 1000, "10.0.0.2", 81),
		key_of(1, 6, "10.0.0.3", 1000, "10.0.0.2", 80),
		key_of(1, 6, "a00:1::", 1000, "a00:2::", 80),
		key_of(1, 6, "10.0.0.1", 1000, "10.0.0.1", 80),
		key_of((1 << 23) - 1, 6, "10.0.0.1", 1000, "10.0.0.2", 80),
		key_of(1, 255, "10.0.0.1", 1000, "10.0.0.2", 80),
		key_of(1, 6, "10.0.0.1", 65535, "10.0.0.2", 80),
		key_of(1, 6, "a00:1::1", 1000, "a00:2::", 80),
		key_of(1, 6, "a00:1::", 1000, "a00:2::1", 80),
		key_of(1, 6, "0a00:0001::", 1000, "a00:3::", 80),
		key_of(0, 6, "10.0.0.1", 1000, "10.0.0.2", 80),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (size_t j = 0; j < i; j++)
			assert_false(same_words(keys[i], keys[j]));
}

/* The identifier stands at both ends, whichever way the echo goes; a quote of it leads to the same. */
static void test_keys_of_echoes_and_quotes(void **state)
{
	struct flow_observation there = packet_of("10.0.0.1", "10.0.0.2"), back = packet_of("10.0.0.2", "10.0.0.1");
	struct flow_quote quote = { there.source, there.destination, 0, 0, 77, FLOW_IPV4, 1 };

	(void)state;
	there.protocol = back.protocol = 1;
	there.source_port = there.destination_port = back.source_port = back.destination_port = 0;
	there.icmp_identifier = back.icmp_identifier = 77;
	assert_true(same_words(flow_connection_key_of(1, &there), flow_connection_key_of(1, &back)));
	assert_true(same_words(flow_connection_key_of(1, &there), flow_connection_key_of_quote(1, &quote)));
	back.icmp_identifier = 78;
	assert_false(same_words(flow_connection_key_of(1, &there), flow_connection_key_of(1, &back)));

	quote = (struct flow_quote){ there.source, there.destination, 1000, 80, 0, FLOW_IPV4, 6 };
	assert_true(
		same_words(flow_connection_key_of_quote(1, &quote), key_of(1, 6, "10.0.0.2", 80, "10.0.0.1", 1000)));
}

/* ---- many ---- */

static struct flow_connection_key numbered_key(uint32_t number)
{
	struct flow_observation packet = packet_of("10.0.0.1", "10.0.0.2");

	packet.protocol = number % 2 ? 6 : 17;
	packet.source_port = (uint16_t)number;
	packet.source.octets[3] = (uint8_t)(number >> 16);
	return flow_connection_key_of(0, &packet);
}

static struct flow_connection *find(const struct flow_connections *connections, uint32_t number)
{
	struct flow_connection_key key = numbered_key(number);

	return flow_connections_find(connections, &key, flow_connections_hash(connections, &key), 0);
}

static struct flow_connection *add(struct flow_connections *connections, uint32_t number, int64_t time_ns)
{
	struct flow_connection_key key = numbered_key(number);

	return flow_connections_add(connections, &key, flow_connections_hash(connections, &key), 0, time_ns);
}

static void test_many_are_found_until_they_are_forgotten(void **state)
{
	struct flow_connections *connections = connections_of(0);

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		assert_null(find(connections, i));
		add(connections, i, 0)->notes = (uint8_t)i;
	}
	assert_int_equal(flow_connections_count(connections), 100000);
	for (uint32_t i = 0; i < 100000; i++) {
		assert_non_null(find(connections, i));
		assert_int_equal(find(connections, i)->notes, (uint8_t)i);
	}
	for (uint32_t i = 0; i < 100000; i++)
		if (i % 3)
			flow_connections_forget(connections, find(connections, i));
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(find(connections, i) != NULL, i % 3 == 0);
	for (uint32_t i = 0; i < 100000; i++)
		if (i % 3)
			assert_int_equal(add(connections, i, 0)->notes, 0);
	assert_int_equal(flow_connections_count(connections), 100000);
	assert_int_equal(flow_connections_evicted(connections), 0);
	flow_connections_free(connections);
	flow_connections_free(NULL);
}

/* An eighth at once, and none of those that had a packet since. */
static void test_the_oldest_are_evicted(void **state)
{
	struct flow_connections *connections = connections_of(16000);
	struct flow_connection_key key;

	(void)state;
	for (uint32_t i = 0; i < 16000; i++)
		add(connections, i, 0);
	for (uint32_t i = 0; i < 16000; i += 2) {
		key = numbered_key(i);
		flow_connections_pass(connections, find(connections, i), &key, 0, 0);
	}
	add(connections, 16000, 0);
	assert_int_equal(flow_connections_evicted(connections), 2000);
	assert_int_equal(flow_connections_count(connections), 14001);
	for (uint32_t i = 0; i < 16000; i++)
		assert_int_equal(find(connections, i) != NULL, i % 2 == 0 || i >= 4000);
	flow_connections_free(connections);
}

static void test_what_has_expired_goes_first(void **state)
{
	struct flow_connections *connections = connections_of(2000);

	(void)state;
	for (uint32_t i = 0; i < 2000; i++)
		add(connections, i, 0);
	assert_int_equal(flow_connections_count(connections), 2000);
	add(connections, 2000, 31 * SECOND); /* half of them are UDP */
	assert_int_equal(flow_connections_count(connections), 1001);
	assert_int_equal(flow_connections_evicted(connections), 0);
	for (uint32_t i = 0; i < 2000; i++)
		assert_int_equal(find(connections, i) != NULL, i % 2);
	flow_connections_free(connections);
}

/* A guess may be older than all that happened since. */
static void test_old_guesses(void **state)
{
	struct flow_connections *connections = connections_of(0);
	struct flow_connection_key key = numbered_key(1);
	uint64_t hash = flow_connections_hash(connections, &key);
	uint32_t guess;

	(void)state;
	assert_int_equal(flow_connections_guess(connections, hash), 0);
	add(connections, 1, 0);
	assert_ptr_equal(flow_connections_find(connections, &key, hash, 0), find(connections, 1));
	flow_connections_prefetch(connections, hash);
	guess = flow_connections_guess(connections, hash);
	assert_int_not_equal(guess, 0);
	assert_ptr_equal(flow_connections_find(connections, &key, hash, guess), find(connections, 1));
	flow_connections_forget(connections, find(connections, 1));
	assert_null(flow_connections_find(connections, &key, hash, guess));
	add(connections, 2, 0); /* in its place */
	assert_null(flow_connections_find(connections, &key, hash, guess));
	add(connections, 1, 0);
	assert_ptr_equal(flow_connections_find(connections, &key, hash, guess), find(connections, 1));
	for (uint32_t i = 3; i < 5000; i++)
		add(connections, i, 0);
	assert_ptr_equal(flow_connections_find(connections, &key, hash, guess), find(connections, 1));
	flow_connections_free(connections);
}

static void test_bounds(void **state)
{
	struct flow_connections_options options = { .most = (1u << 30) + 1 };
	struct flow_connections *connections = NULL;
	struct error err;

	(void)state;
	assert_int_equal(flow_connections_new(&connections, &options, &err), -EINVAL);
	assert_string_equal(err.text, "connections: no more than 2^30 can be tracked");
	connections = connections_of(1);
	add(connections, 1, 0);
	add(connections, 2, 0);
	assert_null(find(connections, 1));
	assert_non_null(find(connections, 2));
	assert_int_equal(flow_connections_evicted(connections), 1);
	flow_connections_free(connections);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both_ways_have_one_key),
		TEST(test_keys_that_differ),
		TEST(test_keys_of_echoes_and_quotes),
		TEST(test_many_are_found_until_they_are_forgotten),
		TEST(test_the_oldest_are_evicted),
		TEST(test_what_has_expired_goes_first),
		TEST(test_old_guesses),
		TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
