/* Programs at the hooks of devices, in a network of the test's own: both see what passes, and nothing of others is touched. */
#include "check.h"

#include "capture/hooks.h"

#include "kernel_programs.h"
#include "network.h"

#include <net/if.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct error err;
static struct counting_program in, out;

/* A pair of devices: what one sends, the other gets. */
static void make_pair(void)
{
	run("ip link add here type veth peer name there");
	run("ip link set here up");
	run("ip link set there up");
}

static void drop_pair(void)
{
	run("ip link delete here");
}

/* Sends frames of a protocol that nobody knows. They are where they go when it returns. */
static void send_frames(const char *device, int count)
{
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_ifindex = (int)if_nametoindex(device),
					.sll_halen = 6,
					.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	int sender = socket(AF_PACKET, SOCK_RAW, 0);

	assert_true(sender >= 0);
	for (int i = 0; i < count; i++)
		assert_int_equal(
			sendto(sender, frame, sizeof(frame), 0, (const struct sockaddr *)(const void *)&to, sizeof(to)),
			sizeof(frame));
	close(sender);
	usleep(20000); /* soft interrupts of another processor */
}

/* How often a word is in what a command prints. */
static int count_in(const char *command, const char *word)
{
	FILE *output = popen(command, "re"); /* NOLINT(cert-env33-c): its commands are the tests' own */
	char line[1024];
	int count = 0;

	assert_non_null(output);
	while (fgets(line, sizeof(line), output))
		for (const char *at = line; (at = strstr(at, word)); at++)
			count++;
	pclose(output);
	return count;
}

#define FILTERS "for side in ingress egress; do tc filter show dev here $side; done"

static struct capture_hook attach(struct capture_hooks *hooks)
{
	struct capture_hook hook;
	int ret = capture_hooks_attach(hooks, &hook, if_nametoindex("here"), "here", in.program, out.program, &err);

	if (ret < 0)
		fail_msg("%s", err.text);
	return hook;
}

static void assert_counts(bool without_tcx)
{
	struct capture_hooks hooks = { .without_tcx = without_tcx };
	struct capture_hook hook;
	uint64_t in_before = program_runs(in), out_before = program_runs(out);

	make_pair();
	hook = attach(&hooks);
	send_frames("here", 5);
	send_frames("there", 7);
	assert_int_equal(program_runs(in) - in_before, 7);
	assert_int_equal(program_runs(out) - out_before, 5);
	capture_hooks_detach(&hooks, &hook);
	send_frames("here", 5);
	send_frames("there", 7);
	assert_int_equal(program_runs(in) - in_before, 7);
	assert_int_equal(program_runs(out) - out_before, 5);
	assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 0);
	capture_hooks_close(&hooks);
	drop_pair();
}

static void links_see_both_directions(void **state)
{
	(void)state;
	assert_counts(false);
}

static void filters_see_both_directions(void **state)
{
	(void)state;
	assert_counts(true);
}

/* Others' programs run before and after ours, and are there when ours are gone. */
static void others_programs_stay(void **state)
{
	(void)state;
	for (int without_tcx = 0; without_tcx < 2; without_tcx++) {
		struct capture_hooks hooks = { .without_tcx = without_tcx }, others = hooks;
		struct counting_program other = counting_program();
		struct capture_hook hook, others_hook;
		uint64_t before = program_runs(in);

		make_pair();
		assert_true(capture_hooks_attach(&others, &others_hook, if_nametoindex("here"), "here", other.program,
						 other.program, &err) >= 0);
		hook = attach(&hooks);
		send_frames("there", 3);
		assert_int_equal(program_runs(other), 3);
		assert_int_equal(program_runs(in) - before, 3);
		capture_hooks_detach(&hooks, &hook);
		send_frames("there", 3);
		assert_int_equal(program_runs(other), 6);
		assert_int_equal(program_runs(in) - before, 3);
		assert_int_equal(count_in("tc qdisc show dev here", "clsact"), without_tcx);
		capture_hooks_detach(&others, &others_hook);
		assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 0);
		capture_hooks_close(&hooks);
		capture_hooks_close(&others);
		close_program(other);
		drop_pair();
	}
}

/* Others that pass packets by themselves let nobody behind them have a turn. */
static void others_that_pass_hide_nothing(void **state)
{
	(void)state;
	for (int without_tcx = 0; without_tcx < 2; without_tcx++) {
		struct capture_hooks hooks = { .without_tcx = without_tcx }, others = { 0 };
		struct counting_program other = counting_program_of(0);
		struct capture_hook hook, others_hook = { .links = { -1, -1 } };
		uint64_t in_before = program_runs(in), out_before = program_runs(out);

		make_pair();
		if (without_tcx)
			run("tc qdisc add dev here clsact; tc filter add dev here egress prio 9 bpf bytecode \"1,6 0 0 "
			    "4294967295,\" flowid 1:1");
		else
			assert_int_equal(capture_hooks_attach(&others, &others_hook, if_nametoindex("here"), "here",
							      other.program, other.program, &err),
					 0);
		hook = attach(&hooks);
		send_frames("here", 5);
		send_frames("there", 7);
		assert_int_equal(program_runs(in) - in_before, 7);
		assert_int_equal(program_runs(out) - out_before, 5);
		capture_hooks_detach(&hooks, &hook);
		capture_hooks_detach(&others, &others_hook);
		capture_hooks_close(&hooks);
		close_program(other);
		drop_pair();
	}
}

/* Filters of other kinds, in the places that ours would take, and the qdisc that they need. */
static void others_filters_stay(void **state)
{
	struct capture_hooks hooks = { .without_tcx = true };
	struct capture_hook hook;
	uint64_t before = program_runs(in);

	(void)state;
	make_pair();
	run("tc qdisc add dev here clsact");
	run("tc filter add dev here ingress prio 1 protocol ip bpf bytecode \"1,6 0 0 0,\"");
	run("tc filter add dev here egress prio 1 protocol ip bpf bytecode \"1,6 0 0 0,\"");
	hook = attach(&hooks);
	send_frames("there", 3);
	assert_int_equal(program_runs(in) - before, 3);
	assert_int_equal(count_in(FILTERS, "eniflow"), 2);
	capture_hooks_detach(&hooks, &hook);
	assert_int_equal(count_in(FILTERS, "eniflow"), 0);
	assert_int_equal(count_in(FILTERS, "bytecode"), 2);
	assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 1);
	capture_hooks_close(&hooks);
	drop_pair();
}

/* Another process attaches, says so and waits; it is killed. */
static void leave_over(bool without_tcx)
{
	int ready[2], status;
	char word;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct capture_hooks hooks = { .without_tcx = without_tcx };
		struct capture_hook hook;

		if (capture_hooks_attach(&hooks, &hook, if_nametoindex("here"), "here", in.program, out.program, &err) <
			    0 ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &word, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ready[0]);
	close(ready[1]);
}

static void links_vanish_with_their_process(void **state)
{
	uint64_t before = program_runs(in);

	(void)state;
	make_pair();
	leave_over(false);
	send_frames("there", 3);
	assert_int_equal(program_runs(in), before);
	drop_pair();
}

/* Two of them were left, one of which lives when the third comes. */
static void left_over_filters_go(void **state)
{
	struct capture_hooks living = { .without_tcx = true }, hooks = living;
	struct capture_hook living_hook, hook;
	uint64_t before = program_runs(in);

	(void)state;
	make_pair();
	leave_over(true);
	assert_int_equal(count_in(FILTERS, "eniflow"), 2);
	living_hook = attach(&living);
	assert_int_equal(count_in(FILTERS, "eniflow"), 2);
	leave_over(true);
	assert_int_equal(count_in(FILTERS, "eniflow"), 4);
	hook = attach(&hooks);
	assert_int_equal(count_in(FILTERS, "eniflow"), 4);
	send_frames("there", 3);
	assert_int_equal(program_runs(in) - before, 6);
	capture_hooks_detach(&hooks, &hook);
	send_frames("there", 3);
	assert_int_equal(program_runs(in) - before, 9);
	assert_int_equal(count_in(FILTERS, "eniflow"), 2);
	capture_hooks_detach(&living, &living_hook);
	assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 0);
	capture_hooks_close(&hooks);
	capture_hooks_close(&living);
	drop_pair();
}

static void a_qdisc_goes_with_what_was_left_of_its_maker(void **state)
{
	struct capture_hooks hooks = { .without_tcx = true };

	(void)state;
	make_pair();
	leave_over(true);
	assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 1);
	assert_int_equal(capture_clsact_open(&hooks.clsact, &err), 0);
	assert_int_equal(count_in("tc qdisc show dev here", "clsact"), 0);
	capture_hooks_close(&hooks);
	drop_pair();
}

static void devices_that_are_gone(void **state)
{
	(void)state;
	for (int without_tcx = 0; without_tcx < 2; without_tcx++) {
		struct capture_hooks hooks = { .without_tcx = without_tcx };
		struct capture_hook hook;

		make_pair();
		hook = attach(&hooks);
		drop_pair();
		assert_int_equal(capture_hooks_attach(&hooks, &(struct capture_hook){ 0 }, hook.index, "here",
						      in.program, out.program, &err),
				 -ENODEV);
		assert_string_equal(err.text, "here: there is no such device");
		capture_hooks_detach(&hooks, &hook);
		capture_hooks_close(&hooks);
	}
}

/* Links of loaded programs need no capability, filters do. */
static void says_what_is_missing(void **state)
{
	pid_t child;
	int status;

	(void)state;
	make_pair();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct capture_hooks hooks = { .without_tcx = true };
		struct capture_hook hook;
		bool told = setgid(65534) == 0 && setuid(65534) == 0 &&
			    capture_hooks_attach(&hooks, &hook, if_nametoindex("here"), "here", in.program, out.program,
						 &err) == -EPERM &&
			    strstr(err.text, "CAP_NET_ADMIN");

		_exit(told ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	drop_pair();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links_see_both_directions), TEST(filters_see_both_directions),
		TEST(others_programs_stay),      TEST(others_that_pass_hide_nothing),
		TEST(others_filters_stay),       TEST(links_vanish_with_their_process),
		TEST(left_over_filters_go),      TEST(a_qdisc_goes_with_what_was_left_of_its_maker),
		TEST(devices_that_are_gone),     TEST(says_what_is_missing),
	};
	FILE *ipv6;

	if (!enter_network() || !has_command("tc -V", "tc (iproute2)"))
		return SKIPPED;
	in = counting_program();
	out = counting_program();
	if (in.program < 0 || out.program < 0) {
		printf("SKIP: no program can be loaded into this kernel\n");
		return SKIPPED;
	}
	/* Its neighbour discovery is no traffic of the tests'. */
	ipv6 = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");
	if (ipv6) {
		fputs("1", ipv6);
		fclose(ipv6);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
