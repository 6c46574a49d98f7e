/* What the programs in the kernel sum, of frames that are handed to them one by one: sizes, seconds, fragments, a full map.
 * That they read frames as the decoder does is another test's (tests/differential/kernel.c). */
#include <stdio.h>

#include "frames.h"

#if !ENIFLOW_HAVE_EBPF

int main(void)
{
	printf("SKIP: built without eBPF\n");
	return 77;
}

#else

#include <arpa/inet.h>
#include <time.h>

#include "program_rig.h"

enum { FLOWS = 64 };

static struct programs programs;

static int load(void **state)
{
	(void)state;
	return programs_load(&programs, false, FLOWS) ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	programs_unload(&programs);
	return 0;
}

/* Hands a frame that goes out to the program, which passes it on. */
static void send_segments(uint32_t gso_size, uint32_t gso_segs, const uint8_t *bytes, size_t length)
{
	const struct programs_frame frame = {
		.bytes = bytes, .length = length, .gso_size = gso_size, .gso_segs = gso_segs
	};

	assert_int_equal(programs_run(programs.skeleton->progs.count_egress, &frame), -1);
}

static void send_frame(const uint8_t *bytes, size_t length)
{
	send_segments(0, 0, bytes, length);
}

static struct bpf_flow take(struct bpf_flow_key *key)
{
	struct bpf_flow flow = { 0 };

	assert_true(programs_take(&programs, key, &flow));
	return flow;
}

static void has(uint64_t packets, uint64_t bytes)
{
	struct bpf_flow_key key;
	struct bpf_flow flow = take(&key);

	assert_int_equal(flow.packets, packets);
	assert_int_equal(flow.bytes, bytes);
	assert_false(programs_take(&programs, &key, &flow));
}

static void sums_packets(void **state)
{
	struct bpf_flow_key key;
	struct bpf_flow flow;

	(void)state;
	send_frame(BYTES(ETHERNET(0x0800), IPV4(6, 40), TCP(0x02)));
	send_frame(BYTES(ETHERNET(0x0800), IPV4(6, 40), TCP(0x10)));
	send_frame(BYTES(ETHERNET(0x0800), IPV4(6, 45), TCP(0x11)));
	flow = take(&key);
	assert_int_equal(key.index, PROGRAMS_INDEX);
	assert_int_equal(key.word, BPF_EGRESS);
	assert_int_equal(ntohs(key.destination_port), 80);
	assert_int_equal(flow.packets, 3);
	assert_int_equal(flow.bytes, 125);
	assert_int_equal(bpf_flow_flags(flow.flags), FLOW_TCP_SYN | FLOW_TCP_FIN);
	assert_true(flow.first_ns > 0 && flow.first_ns <= flow.last_ns);
}

static uint64_t unwanted_of(const uint8_t *bytes, size_t length)
{
	const struct programs_frame frame = { .bytes = bytes, .length = length };
	const uint64_t before = programs_device(&programs).unwanted;

	assert_int_equal(programs_run(programs.skeleton->progs.count_ingress, &frame), -1);
	return programs_device(&programs).unwanted - before;
}

/* What the kernel may count as dropped is told, with a tag or without. */
static void knows_what_is_unwanted(void **state)
{
	(void)state;
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x0800), IPV4_UDP)), 0);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x86dd), IPV6_UDP)), 0);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x0806), 0, 0, 0, 0)), 0);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x8100), 0, 5, BE16(0x0806), 0, 0)), 0);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x88cc), 2, 7, 4, 0)), 1);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(38), 0x42, 0x42, 3, 0, 0)), 1);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x8847), 0, 1, 1, 64, IPV4_UDP)), 1);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x8100), 0, 5, BE16(0x88cc), 2, 7)), 1);
	assert_int_equal(unwanted_of(BYTES(ETHERNET(0x88a8), 0, 5, BE16(0x8100), 0, 6, BE16(0x0800), IPV4_UDP)), 1);
	send_frame(BYTES(ETHERNET(0x88cc), 2, 7, 4, 0)); /* going out it can be no such thing */
	assert_int_equal(programs_device(&programs).unwanted, 5);
}

/* 802.1H's number, which no capture at hand has. */
static void reads_snap(void **state)
{
	(void)state;
	send_frame(BYTES(ETHERNET(40), 0xaa, 0xaa, 0x03, 0x00, 0x00, 0xf8, BE16(0x0800), IPV4_UDP));
	has(1, 32);
}

/* 1,000 bytes in pieces: the kernel says how many they are, or only how long each is. */
static void cuts_segments(void **state)
{
	static const uint8_t tcp[1054] = { ETHERNET(0x0800), IPV4(6, 1040), TCP(0x10) };
	static const uint8_t udp[1042] = { ETHERNET(0x0800), IPV4(17, 1028), UDP };
	static const uint8_t tcp6[1074] = { ETHERNET(0x86dd), IPV6(6, 1020), TCP(0x10) };
	/* BIG TCP: a jumbo header that is not for the wire, and a length of 0. */
	static const uint8_t big[1082] = { ETHERNET(0x86dd), IPV6(0, 0), 6, 0, 0xc2, 4, BE32(1028), TCP(0x10) };

	(void)state;
	send_segments(100, 10, tcp, sizeof(tcp));
	has(10, 1000 + 10 * 40);
	send_segments(300, 0, tcp, sizeof(tcp));
	has(4, 1000 + 4 * 40);
	send_segments(300, 0, udp, sizeof(udp));
	has(4, 1000 + 4 * 28);
	send_segments(500, 2, tcp6, sizeof(tcp6));
	has(2, 1000 + 2 * 60);
	send_segments(250, 0, big, sizeof(big));
	has(4, 1000 + 4 * 60);
	send_frame(tcp, sizeof(tcp));
	has(1, 1040);
}

/* The second that begins next is odd or even; a time that has passed, or one that is far. */
static uint8_t mark_of(uint64_t next_second)
{
	struct bpf_flow_key key;

	programs.skeleton->bss->clock.next_second = next_second;
	send_frame(BYTES(ETHERNET(0x0800), IPV4_UDP));
	take(&key);
	programs.skeleton->bss->clock.next_second = 0;
	return key.marks;
}

static void tells_seconds_apart(void **state)
{
	const uint64_t past = 2, far = UINT64_C(1) << 62;

	(void)state;
	assert_int_equal(mark_of(past), 0);
	assert_int_equal(mark_of(past | 1), BPF_MARK_ODD);
	assert_int_equal(mark_of(far), BPF_MARK_ODD);
	assert_int_equal(mark_of(far | 1), 0);
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* While a second goes on, the times are those of ticks: they do not run ahead, and are of this second. */
static void keeps_time(void **state)
{
	struct bpf_flow_key key;
	struct bpf_flow flow;
	uint64_t begun = monotonic_ns();

	(void)state;
	programs.skeleton->bss->clock.next_second = (begun + 900000000U) & ~UINT64_C(1);
	for (int i = 0; i < 100; i++)
		send_frame(BYTES(ETHERNET(0x0800), IPV4_UDP));
	flow = take(&key);
	programs.skeleton->bss->clock.next_second = 0;
	assert_int_equal(flow.packets, 100);
	assert_in_range(flow.first_ns, begun, monotonic_ns());
	assert_in_range(flow.last_ns, flow.first_ns, monotonic_ns());
}

static void follows_fragments(void **state)
{
	struct bpf_flow_key key;
	struct bpf_flow flow;

	(void)state;
	send_frame(BYTES(ETHERNET(0x0800), IPV4_PART(17, 32, 7, 0x2000), UDP_TO(53)));
	send_frame(BYTES(ETHERNET(0x0800), IPV4_PART(17, 28, 7, 1), 1, 2, 3, 4, 5, 6, 7, 8));
	flow = take(&key);
	assert_int_equal(ntohs(key.destination_port), 53);
	assert_int_equal(flow.packets, 2);
	assert_int_equal(flow.bytes, 60);
	send_frame(BYTES(ETHERNET(0x0800), IPV4_PART(17, 28, 8, 1), 1, 2, 3, 4, 5, 6, 7, 8));
	take(&key);
	assert_int_equal(key.destination_port, 0);
}

static int on_call(void *context, void *data, size_t size)
{
	(void)data;
	(void)size;
	++*(unsigned *)context;
	return 0;
}

static void send_to(uint16_t port)
{
	send_frame(BYTES(ETHERNET(0x0800), IPV4(17, 32), UDP_TO(port)));
}

/* Calls once at three quarters, loses nothing unsaid, and goes on with flows that it has. */
static void gets_full(void **state)
{
	unsigned calls = 0, taken = 0;
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(programs.skeleton->maps.calls), on_call, &calls, NULL);
	struct bpf_flow_key key;
	struct bpf_flow flow;

	(void)state;
	assert_non_null(ring);
	for (uint16_t port = 1; port < FLOWS * 3 / 4; port++)
		send_to(port);
	assert_int_equal(ring_buffer__consume(ring), 0);
	for (uint16_t port = FLOWS * 3 / 4; port <= FLOWS + 10; port++)
		send_to(port);
	assert_int_equal(ring_buffer__consume(ring), 1);
	send_to(1);
	assert_int_equal(programs_device(&programs).full, 10);
	while (programs_take(&programs, &key, &flow)) {
		assert_int_equal(flow.packets, ntohs(key.destination_port) == 1 ? 2 : 1);
		taken++;
	}
	assert_int_equal(taken, FLOWS);
	send_to(2000); /* there is room, but nothing is tried until the map is replaced */
	assert_false(programs_take(&programs, &key, &flow));
	assert_int_equal(programs_device(&programs).full, 11);
	ring_buffer__free(ring);
}

#define LOADED(function) cmocka_unit_test_setup_teardown(function, load, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOADED(sums_packets),        LOADED(knows_what_is_unwanted),
		LOADED(reads_snap),          LOADED(cuts_segments),
		LOADED(tells_seconds_apart), LOADED(keeps_time),
		LOADED(follows_fragments),   LOADED(gets_full),
	};

	if (geteuid() != 0) {
		printf("SKIP: programs in the kernel need root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
