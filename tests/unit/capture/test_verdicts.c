/* Sums of the kernel become observations. Keys are told by their source port. */
#include "check.h"

#include "capture/verdicts.h"

#include <arpa/inet.h>
#include <stdlib.h>

static struct error err;

static struct capture_entry entry_of(uint16_t port, uint8_t word, bool odd)
{
	return (struct capture_entry){
		.key = { .index = 2,
			 .family = 4,
			 .protocol = 6,
			 .word = word,
			 .marks = odd ? BPF_MARK_ODD : 0,
			 .source_port = htons(port),
			 .destination_port = htons(443),
			 .source = { 192, 0, 2, 1 },
			 .destination = { 192, 0, 2, 2 } },
	};
}

/* Of packets of 100 bytes. */
static struct capture_entry seen_at(struct capture_entry entry, uint64_t packets, uint64_t first_ns, uint64_t last_ns)
{
	entry.flow.packets = packets;
	entry.flow.bytes = 100 * packets;
	entry.flow.first_ns = first_ns;
	entry.flow.last_ns = last_ns;
	return entry;
}

static struct capture_entry dropped_at(struct capture_entry entry, uint64_t packets, uint64_t first_ns,
				       uint64_t last_ns)
{
	entry.flow.rejected_packets = packets;
	entry.flow.rejected_bytes = 100 * packets;
	entry.flow.rejected_first_ns = first_ns;
	entry.flow.rejected_last_ns = last_ns;
	return entry;
}

static void add(struct capture_drain *drain, struct capture_entry entry)
{
	assert_int_equal(capture_drain_reserve(drain, 1, &err), 0);
	drain->entries[drain->count++] = entry;
}

static const struct capture_place place = { .point = 7, .seed = 1, .offset_ns = 1000000 };

struct expected {
	uint16_t port;
	enum flow_action verdict;
	uint64_t packets, first_ns, last_ns;
};

/* The drain's observations are these, in that order. */
static void assert_observed(const struct capture_drain *drain, const struct expected *expected, size_t count)
{
	struct capture_told *told;
	size_t length;

	assert_int_equal(capture_verdicts_order(&told, &length, drain, &err), 0);
	assert_int_equal(length, count);
	for (size_t i = 0; i < count; i++) {
		struct flow_observation seen;

		capture_verdicts_observe(&seen, &drain->entries[told[i].entry], told[i].verdict, &place);
		assert_int_equal(seen.source_port, expected[i].port);
		assert_int_equal(seen.verdict, expected[i].verdict);
		assert_int_equal(seen.packets, expected[i].packets);
		assert_int_equal(seen.bytes, 100 * expected[i].packets);
		assert_int_equal(seen.first_ns, expected[i].first_ns + 1000000);
		assert_int_equal(seen.last_ns, expected[i].last_ns + 1000000);
	}
	free(told);
}

#define ASSERT_OBSERVED(drain, ...)                                                                                    \
	do {                                                                                                           \
		const struct expected list[] = { __VA_ARGS__ };                                                        \
		assert_observed(drain, list, sizeof(list) / sizeof(*list));                                            \
	} while (0)

static void what_came_in_was_seen_before_it_was_dropped(void **state)
{
	struct capture_drain drain = { 0 };

	(void)state;
	add(&drain, dropped_at(seen_at(entry_of(1, BPF_INGRESS, false), 8, 10, 80), 5, 12, 70));
	add(&drain, dropped_at(seen_at(entry_of(2, BPF_INGRESS, false), 4, 20, 40), 4, 21, 41));
	add(&drain, dropped_at(seen_at(entry_of(3, BPF_UNKNOWN, false), 2, 22, 23), 1, 24, 24));
	ASSERT_OBSERVED(&drain, { 1, FLOW_ACCEPT, 3, 10, 80 }, { 1, FLOW_REJECT, 5, 12, 70 },
			{ 2, FLOW_REJECT, 4, 21, 41 }, { 3, FLOW_ACCEPT, 1, 22, 23 }, { 3, FLOW_REJECT, 1, 24, 24 });
	capture_drain_free(&drain);
}

static void what_goes_out_was_dropped_before_it_was_seen(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };

	(void)state;
	add(&before, seen_at(entry_of(1, BPF_EGRESS, false), 9, 1, 2));
	add(&drain, dropped_at(seen_at(entry_of(1, BPF_EGRESS, false), 3, 10, 30), 5, 11, 31));
	add(&drain, dropped_at(entry_of(2, BPF_EGRESS, false), 6, 12, 32));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&drain, { 1, FLOW_ACCEPT, 3, 10, 30 }, { 1, FLOW_REJECT, 5, 11, 31 },
			{ 2, FLOW_REJECT, 6, 12, 32 });
	ASSERT_OBSERVED(&before, { 1, FLOW_ACCEPT, 9, 1, 2 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

static void a_drop_goes_to_the_map_that_has_the_packet(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };

	(void)state;
	add(&before, dropped_at(seen_at(entry_of(1, BPF_INGRESS, false), 5, 10, 19), 2, 11, 12));
	add(&before, seen_at(entry_of(2, BPF_INGRESS, false), 5, 10, 18));
	add(&drain, dropped_at(seen_at(entry_of(1, BPF_INGRESS, false), 1, 22, 22), 3, 20, 23));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&before, { 1, FLOW_ACCEPT, 1, 10, 19 }, { 2, FLOW_ACCEPT, 5, 10, 18 },
			{ 1, FLOW_REJECT, 4, 11, 19 });
	ASSERT_OBSERVED(&drain, { 1, FLOW_REJECT, 1, 22, 23 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

static void a_drop_goes_to_the_second_that_has_the_packet(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };

	(void)state;
	/* In the same map, and though the map before has the flow, too. */
	add(&before, seen_at(entry_of(1, BPF_INGRESS, false), 5, 10, 18));
	add(&drain, seen_at(entry_of(1, BPF_INGRESS, false), 2, 20, 29));
	add(&drain, dropped_at(entry_of(1, BPF_INGRESS, true), 1, 30, 30));
	/* In the map before, in the other second. */
	add(&before, seen_at(entry_of(2, BPF_INGRESS, true), 1, 16, 16));
	add(&drain, dropped_at(entry_of(2, BPF_INGRESS, false), 1, 30, 30));
	/* Three of them, one in each place, newest first. */
	add(&before, seen_at(entry_of(3, BPF_INGRESS, false), 1, 11, 11));
	add(&before, seen_at(entry_of(3, BPF_INGRESS, true), 4, 15, 17));
	add(&drain, seen_at(entry_of(3, BPF_INGRESS, true), 1, 21, 21));
	add(&drain, dropped_at(entry_of(3, BPF_INGRESS, false), 3, 31, 33));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&before, { 1, FLOW_ACCEPT, 5, 10, 18 }, { 3, FLOW_ACCEPT, 1, 11, 11 },
			{ 3, FLOW_ACCEPT, 2, 15, 17 }, { 2, FLOW_REJECT, 1, 16, 16 }, { 3, FLOW_REJECT, 2, 17, 17 });
	ASSERT_OBSERVED(&drain, { 1, FLOW_ACCEPT, 1, 20, 29 }, { 3, FLOW_REJECT, 1, 21, 21 },
			{ 1, FLOW_REJECT, 1, 29, 29 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

static void a_drop_is_never_of_a_later_packet(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };

	(void)state;
	add(&drain, dropped_at(entry_of(1, BPF_INGRESS, false), 1, 20, 20));
	add(&drain, seen_at(entry_of(1, BPF_INGRESS, true), 2, 30, 39));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&drain, { 1, FLOW_REJECT, 1, 20, 20 }, { 1, FLOW_ACCEPT, 2, 30, 39 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

static void a_drop_of_what_nobody_saw_stays(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };

	(void)state;
	add(&before, seen_at(entry_of(2, BPF_INGRESS, false), 2, 10, 11));
	add(&before, dropped_at(seen_at(entry_of(1, BPF_INGRESS, false), 1, 10, 11), 1, 11, 11));
	add(&drain, dropped_at(seen_at(entry_of(1, BPF_INGRESS, false), 1, 20, 20), 4, 21, 24));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&drain, { 1, FLOW_REJECT, 4, 21, 24 });
	ASSERT_OBSERVED(&before, { 2, FLOW_ACCEPT, 2, 10, 11 }, { 1, FLOW_REJECT, 1, 11, 11 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

/* Two flows that differ in what the key's last bytes say. */
static void macs_tell_flows_apart(void **state)
{
	struct capture_drain before = { 0 }, drain = { 0 };
	struct capture_entry one = entry_of(1, BPF_INGRESS, false), other = one;

	(void)state;
	one.key.destination_mac[5] = 1;
	other.key.destination_mac[5] = 2;
	add(&before, seen_at(one, 1, 10, 11));
	add(&before, seen_at(other, 1, 12, 13));
	add(&drain, dropped_at(other, 1, 20, 20));
	assert_int_equal(capture_verdicts_settle(&before, &drain, &err), 0);
	ASSERT_OBSERVED(&before, { 1, FLOW_ACCEPT, 1, 10, 11 }, { 1, FLOW_REJECT, 1, 13, 13 });
	capture_drain_free(&before);
	capture_drain_free(&drain);
}

/* Packets of a flow come one after the other, and each is dropped before the next comes, but perhaps after the map was
 * replaced, or a second began. Each entry's packets are told right. */
static void what_straddles_is_booked_where_it_was_seen(void **state)
{
	enum { FLOWS = 500, EACH = 4, PLACES = 4, PACKETS = EACH * PLACES }; /* two maps of two seconds each */
	struct capture_drain drains[4] = { 0 };                              /* the first stays empty */
	uint64_t kept[FLOWS][PLACES] = { 0 };
	uint32_t random = 1;

	(void)state;
	for (size_t flow = 0; flow < FLOWS; flow++)
		for (int second = 0; second < 2; second++)
			for (size_t drain = 1; drain < 4; drain++)
				add(&drains[drain], entry_of((uint16_t)flow, BPF_INGRESS, second));
	for (size_t i = 0; i < (size_t)FLOWS * PACKETS; i++) {
		size_t flow = i / PACKETS, at = i % PACKETS / EACH, drop_at = at;
		uint64_t now = 1000 + i % PACKETS * 2;
		struct bpf_flow *seen = &drains[1 + at / 2].entries[2 * flow + at % 2].flow, *dropped;

		random = random * 1664525 + 1013904223;
		if (random >> 30 == 3) /* as if it were another's */
			continue;
		seen->first_ns = seen->packets ? seen->first_ns : now;
		seen->last_ns = now;
		seen->packets++;
		seen->bytes += 100;
		if (random >> 30 == 0) {
			kept[flow][at]++;
			continue;
		}
		drop_at += i % EACH == EACH - 1 && random >> 29 & 1;
		dropped = &drains[1 + drop_at / 2].entries[2 * flow + drop_at % 2].flow;
		dropped->rejected_first_ns = dropped->rejected_packets ? dropped->rejected_first_ns : now + 1;
		dropped->rejected_last_ns = now + 1;
		dropped->rejected_packets++;
		dropped->rejected_bytes += 100;
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(capture_verdicts_settle(&drains[i], &drains[i + 1], &err), 0);
	for (size_t flow = 0; flow < FLOWS; flow++) {
		for (size_t at = 0; at < PLACES; at++) {
			const struct bpf_flow *sums = &drains[1 + at / 2].entries[2 * flow + at % 2].flow;

			assert_int_equal(sums->packets - sums->rejected_packets, kept[flow][at]);
			assert_int_equal(sums->bytes - sums->rejected_bytes, 100 * kept[flow][at]);
		}
		assert_int_equal(drains[3].entries[2 * flow].flow.rejected_packets, 0);
	}
	for (size_t i = 0; i < 4; i++)
		capture_drain_free(&drains[i]);
}

static void an_observation_has_all_of_its_entry(void **state)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct capture_place here = place;
	struct capture_entry entry = dropped_at(seen_at(entry_of(1025, BPF_EGRESS, true), 3, 5, 6), 1, 7, 8);
	struct flow_observation out;

	(void)state;
	entry.key.marks |= BPF_MARK_GROUP | BPF_MARK_MACS;
	entry.key.destination_mac[0] = 0xff;
	entry.flow.flags = FLOW_TCP_SYN | FLOW_TCP_SYN_ACK;
	entry.flow.rejected_flags = FLOW_TCP_RST;
	capture_verdicts_observe(&out, &entry, FLOW_ACCEPT, &here);
	assert_int_equal(out.kind, FLOW_PACKET);
	assert_int_equal(out.family, FLOW_IPV4);
	assert_int_equal(out.protocol, 6);
	assert_int_equal(out.word, FLOW_EGRESS);
	assert_int_equal(out.point, 7);
	assert_int_equal(out.source_port, 1025);
	assert_int_equal(out.destination_port, 443);
	assert_int_equal(out.tcp_flags, FLOW_TCP_SYN | FLOW_TCP_SYN_ACK);
	assert_true(out.group);
	assert_true(out.has_macs);
	assert_int_equal(out.destination_mac[0], 0xff);
	assert_int_equal(out.source_mac[0], 0);
	assert_memory_equal(out.source.octets, "\xc0\x00\x02\x01\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(out.destination.octets, "\xc0\x00\x02\x02\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_not_equal(out.tuple_hash, 0);
	capture_verdicts_observe(&out, &entry, FLOW_REJECT, &here);
	assert_int_equal(out.tcp_flags, FLOW_TCP_RST);
	/* What was dropped before it had a link-layer header. */
	here.mac = mac;
	entry.key.marks = 0;
	memset(entry.key.destination_mac, 0, 6);
	capture_verdicts_observe(&out, &entry, FLOW_REJECT, &here);
	assert_true(out.has_macs);
	assert_memory_equal(out.source_mac, mac, 6);
	entry.key.word = BPF_INGRESS;
	capture_verdicts_observe(&out, &entry, FLOW_REJECT, &here);
	assert_false(out.has_macs);
}

static void drains_are_put_together(void **state)
{
	struct capture_drain one = { 0 }, other = { 0 };

	(void)state;
	add(&other, seen_at(entry_of(1, BPF_EGRESS, false), 1, 10, 10));
	assert_int_equal(capture_drain_append(&one, &other, &err), 0);
	assert_int_equal(other.count, 0);
	add(&other, seen_at(entry_of(2, BPF_EGRESS, false), 1, 5, 5));
	assert_int_equal(capture_drain_append(&one, &other, &err), 0);
	assert_int_equal(other.count, 0);
	assert_int_equal(capture_drain_append(&one, &other, &err), 0);
	ASSERT_OBSERVED(&one, { 2, FLOW_ACCEPT, 1, 5, 5 }, { 1, FLOW_ACCEPT, 1, 10, 10 });
	capture_drain_free(&one);
	capture_drain_free(&other);
	assert_observed(&one, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_came_in_was_seen_before_it_was_dropped),
		TEST(what_goes_out_was_dropped_before_it_was_seen),
		TEST(a_drop_goes_to_the_map_that_has_the_packet),
		TEST(a_drop_goes_to_the_second_that_has_the_packet),
		TEST(a_drop_is_never_of_a_later_packet),
		TEST(a_drop_of_what_nobody_saw_stays),
		TEST(macs_tell_flows_apart),
		TEST(what_straddles_is_booked_where_it_was_seen),
		TEST(an_observation_has_all_of_its_entry),
		TEST(drains_are_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
