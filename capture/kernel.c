#include "capture/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_arp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "capture/bpf_call.h"
#include "capture/clock.h"
#include "capture/flowmap.h"
#include "capture/hooks.h"
#include "capture/programs.h"

static const int64_t second_ns = INT64_C(1000000000);

/* A program takes the time and then finds the map: a packet in the new one may be this much older than the change. */
static const int64_t doubt_ns = INT64_C(1000000);

/* After a flush once more: soft interrupts may be late. Less than a sensor waits until it asks again. */
static const int64_t again_ns = INT64_C(20000000);

/* A map that fills within the second is read early, but not so that reading takes more than one part of so many of the time:
 * a flood of flows is to cost the host no more than that. What has no room meanwhile is told as lost. */
enum { READING_PART = 4 };

/* Entries are read in the order of their times, and lie in another one. */
enum { PREFETCH = 8, CACHE_LINE = 64 };

enum { ETHERNET_HEADER = 14 };

/* A device that is watched, or was until lately. */
struct watched {
	struct watched *next; /* the one opened before it */
	struct capture_hook hook;
	struct bpf_device counted; /* by the programs, when asked last */
	struct bpf_device told;    /* of that, what was handed on */
	struct capture_device_totals *totals;
	uint64_t seed;
	uint32_t index, point;
	uint32_t header;   /* bytes, of the link layer */
	uint64_t since_ns; /* monotonic */
	bool is_left;
	int drains_left; /* of one that left: drains that may have entries of it */
};

struct kernel {
	struct capture_backend backend; /* first: what others hold of it */
	struct capture_tap tap;
	struct capture_programs programs;
	struct capture_hooks hooks;
	struct capture_flowmap *map;
	struct watched *devices; /* the one opened last comes first */
	bool with_macs;
	const struct notices *notices;
	bool has_told; /* that the map cannot be read */

	int64_t offset_ns; /* wall time less monotonic time */
	/* The second of the last two drains: what was in it may yet be found to be dropped. */
	struct capture_drain held;
	/* What is handed on, in the order of time: sums, and frames that carry no flow. */
	struct capture_drain ready;
	int64_t ready_offset_ns;
	struct capture_told *told;
	size_t told_at, told_count;
	struct flow_observation *others;
	size_t others_at, others_count, others_room;

	int64_t drained_at_ns;  /* wall time */
	int64_t drained_second; /* second_of() it */
	int64_t settled_ns;     /* wall time: all of before is handed on, once `ready` is */
	bool is_wanted;         /* a drain, at once */
	bool is_called;         /* the map is filling */
	int timer;              /* then it is readable when the time is; behind the tap's descriptor */
	int64_t rests_until_ns; /* monotonic: before that no call is followed */
	int64_t again_at_ns;    /* and one at that time, monotonic; INT64_MAX: none */
};

bool capture_kernel_is_built(void)
{
	return capture_programs_are_built();
}

static struct kernel *kernel_of(struct capture_backend *backend)
{
	return (struct kernel *)backend;
}

static struct kernel *kernel_of_tap(struct capture_tap *tap)
{
	return (struct kernel *)(void *)((uint8_t *)tap - offsetof(struct kernel, tap));
}

/* ---- time ---- */

static struct capture_clock_reading read_clocks(void)
{
	struct capture_clock_reading reading;

	capture_clock_system(NULL, &reading);
	return reading;
}

/* The second whose drain is due: it begins a little late, so that what came before is in the map. */
static int64_t second_of(int64_t wall_ns)
{
	return (wall_ns - CAPTURE_TAP_SLACK_NS) / second_ns;
}

/* Tells the programs when the next second begins. Until then nothing changes for them: the second that goes on has the same
 * parity by the time of its end as by that of its beginning. */
static void set_clock(struct kernel *kernel, int64_t wall_ns)
{
	int64_t next = wall_ns / second_ns + 1;
	uint64_t begin_ns = (uint64_t)(next * second_ns - kernel->offset_ns);

	kernel->programs.clock->next_second = (begin_ns & ~UINT64_C(1)) | (uint64_t)(next & 1);
}

/* ---- devices ---- */

/* The device of an entry: its number may have been another's before. */
static struct watched *find_device(const struct kernel *kernel, uint32_t index, uint64_t time_ns)
{
	struct watched *found = NULL;

	for (struct watched *device = kernel->devices; device; device = device->next) {
		if (device->index != index)
			continue;
		found = device;
		if (device->since_ns <= time_ns)
			break;
	}
	return found;
}

static int ask_device(const struct kernel *kernel, int command, uint32_t index, struct bpf_device *value)
{
	union bpf_attr attributes = { 0 };

	attributes.map_fd = (uint32_t)kernel->programs.devices;
	attributes.key = bpf_pointer(&index);
	attributes.value = bpf_pointer(value);
	return bpf_call(command, &attributes, sizeof(attributes));
}

/* What the device counted until now. One that left was asked for the last time then. */
static void count(const struct kernel *kernel, struct watched *device)
{
	struct bpf_device now;

	if (!device->is_left && ask_device(kernel, BPF_MAP_LOOKUP_ELEM, device->index, &now) >= 0)
		device->counted = now;
}

static uint64_t growth_of(__u64 *told, __u64 counted)
{
	const __u64 growth = counted - *told;

	*told = counted;
	return growth;
}

/* ---- frames that carry no flow ---- */

static int add_others(struct kernel *kernel, const struct watched *device, enum flow_kind kind, uint64_t frames,
		      int64_t wall_ns, struct error *err)
{
	size_t room = kernel->others_room ? 2 * kernel->others_room : 16;
	struct flow_observation *bigger;

	if (frames == 0)
		return 0;
	device->totals->frames += frames;
	if (kernel->others_count == kernel->others_room) {
		bigger = realloc(kernel->others, room * sizeof(*bigger));
		if (!bigger)
			return fail_memory(err, "flows of the kernel");
		kernel->others = bigger;
		kernel->others_room = room;
	}
	kernel->others[kernel->others_count++] = (struct flow_observation){
		.kind = (uint8_t)kind,
		.point = device->point,
		.first_ns = wall_ns,
		.last_ns = wall_ns,
		.packets = frames,
	};
	return 0;
}

/* Those since the drain before, of all devices. Nobody knows their times: they get that of the middle between the two. */
static int take_others(struct kernel *kernel, int64_t wall_ns, struct error *err)
{
	int ret = 0;

	kernel->others_at = kernel->others_count = 0;
	for (struct watched *device = kernel->devices; device && ret >= 0; device = device->next) {
		struct bpf_device *told = &device->told;
		const struct bpf_device *counted = &device->counted;

		count(kernel, device);
		device->totals->bytes += growth_of(&told->other_bytes, counted->other_bytes);
		device->totals->unwanted += growth_of(&told->unwanted, counted->unwanted);
		ret = add_others(kernel, device, FLOW_NON_IP, growth_of(&told->non_ip, counted->non_ip), wall_ns, err);
		if (ret >= 0)
			ret = add_others(kernel, device, FLOW_TRUNCATED,
					 growth_of(&told->truncated, counted->truncated), wall_ns, err);
		if (ret >= 0)
			ret = add_others(kernel, device, FLOW_MALFORMED,
					 growth_of(&told->malformed, counted->malformed), wall_ns, err);
	}
	return ret;
}

/* ---- draining ---- */

static bool is_known(struct watched *device)
{
	return !device->is_left || device->drains_left-- > 0;
}

/* Those that left long enough ago are forgotten. */
static void forget_devices(struct kernel *kernel)
{
	struct watched **at = &kernel->devices;

	while (*at) {
		struct watched *device = *at;

		if (is_known(device)) {
			at = &device->next;
			continue;
		}
		*at = device->next;
		free(device);
	}
}

/* With verdicts the maps are changed twice in a row: then no packet of the first one will be found to be dropped any more,
 * for that comes within the time that one change takes. What the second one has stays until the next drain. */
static int drain_maps(struct kernel *kernel, struct error *err)
{
	struct capture_drain *ready = &kernel->ready, fresh = { 0 };
	int ret;

	if (!kernel->programs.has_verdicts)
		return capture_flowmap_drain(kernel->map, ready, err);
	ret = capture_drain_append(ready, &kernel->held, err);
	if (ret >= 0)
		ret = capture_flowmap_drain(kernel->map, &fresh, err);
	if (ret >= 0)
		ret = capture_verdicts_settle(ready, &fresh, err);
	if (ret >= 0)
		ret = capture_drain_append(ready, &fresh, err);
	capture_drain_free(&fresh);
	if (ret >= 0)
		ret = capture_flowmap_drain(kernel->map, &kernel->held, err);
	return ret < 0 ? ret : capture_verdicts_settle(ready, &kernel->held, err);
}

/* When the clock jumped, what was counted until now is told by the time that was. */
static void take_offset(struct kernel *kernel, const struct capture_clock_reading *now)
{
	int64_t offset_ns = now->real_ns - now->monotonic_ns, change_ns = offset_ns - kernel->offset_ns;
	bool has_jumped = change_ns >= CAPTURE_CLOCK_JUMP_NS || change_ns <= -CAPTURE_CLOCK_JUMP_NS;

	kernel->ready_offset_ns = has_jumped ? kernel->offset_ns : offset_ns;
	if (has_jumped)
		kernel->drained_at_ns += change_ns;
	kernel->offset_ns = offset_ns;
}

static void forget_call(struct kernel *kernel)
{
	const int64_t never = 0;

	kernel->is_called = false;
	capture_clock_timer_set(kernel->timer, never);
}

static int drain(struct kernel *kernel, struct error *err)
{
	const struct capture_clock_reading now = read_clocks();
	int64_t middle_ns, took_ns;
	int ret;

	take_offset(kernel, &now);
	set_clock(kernel, now.real_ns);
	middle_ns = (kernel->drained_at_ns + now.real_ns) / 2 - kernel->offset_ns + kernel->ready_offset_ns;
	free(kernel->told);
	kernel->told = NULL;
	kernel->told_at = kernel->told_count = 0;
	kernel->ready.count = 0;
	ret = drain_maps(kernel, err);
	if (ret >= 0)
		ret = take_others(kernel, middle_ns, err);
	if (ret >= 0)
		ret = capture_verdicts_order(&kernel->told, &kernel->told_count, &kernel->ready, err);
	if (ret < 0)
		return ret;
	took_ns = read_clocks().monotonic_ns - now.monotonic_ns;
	set_clock(kernel, now.real_ns + took_ns);
	kernel->rests_until_ns = now.monotonic_ns + READING_PART * took_ns;
	forget_call(kernel);
	kernel->drained_at_ns = now.real_ns;
	kernel->drained_second = second_of(now.real_ns);
	kernel->settled_ns = now.real_ns - doubt_ns;
	forget_devices(kernel);
	return 0;
}

/* Has the map called, and is it time to follow? If it is too early, the tap's descriptor will say when it is not. */
static bool is_call_due(struct kernel *kernel, const struct capture_clock_reading *now)
{
	capture_clock_timer_clear(kernel->timer);
	kernel->is_called |= capture_programs_take_calls(&kernel->programs);
	if (!kernel->is_called || now->monotonic_ns >= kernel->rests_until_ns)
		return kernel->is_called;
	capture_clock_timer_set(kernel->timer, now->real_ns + kernel->rests_until_ns - now->monotonic_ns);
	return false;
}

static bool is_due(struct kernel *kernel)
{
	const struct capture_clock_reading now = read_clocks();
	bool is_late = now.monotonic_ns >= kernel->again_at_ns;

	if (is_late)
		kernel->again_at_ns = INT64_MAX;
	if (kernel->is_wanted)
		kernel->again_at_ns = now.monotonic_ns + again_ns;
	is_late |= kernel->is_wanted || second_of(now.real_ns) != kernel->drained_second;
	kernel->is_wanted = false;
	return is_call_due(kernel, &now) || is_late;
}

/* ---- the tap ---- */

/* The next sum, unless nobody knows its device. */
static bool put_flow(struct kernel *kernel, struct flow_observation *out)
{
	const struct capture_told *told = &kernel->told[kernel->told_at++];
	const struct capture_entry *entry = &kernel->ready.entries[told->entry];
	const struct watched *device = find_device(kernel, entry->key.index, told->first_ns);
	struct capture_place place = { .offset_ns = kernel->ready_offset_ns };

	if (!device)
		return false;
	place.point = device->point;
	place.seed = device->seed;
	place.mac = kernel->with_macs && device->totals->has_mac ? device->totals->mac : NULL;
	capture_verdicts_observe(out, entry, (enum flow_action)told->verdict, &place);
	device->totals->frames += out->packets;
	device->totals->bytes += out->bytes + out->packets * device->header;
	return true;
}

static bool is_others_turn(const struct kernel *kernel)
{
	const struct flow_observation *next = kernel->others + kernel->others_at;

	if (kernel->others_at == kernel->others_count)
		return false;
	return kernel->told_at == kernel->told_count ||
	       next->first_ns < (int64_t)kernel->told[kernel->told_at].first_ns + kernel->ready_offset_ns;
}

static void prefetch(const struct kernel *kernel)
{
	const struct capture_entry *entry;

	if (kernel->told_count - kernel->told_at <= PREFETCH)
		return;
	entry = &kernel->ready.entries[kernel->told[kernel->told_at + PREFETCH].entry];
	for (size_t at = 0; at < sizeof(*entry); at += CACHE_LINE)
		__builtin_prefetch((const uint8_t *)entry + at);
}

static size_t hand_on(struct kernel *kernel, struct flow_observation *out, size_t room)
{
	size_t length = 0;

	while (length < room) {
		prefetch(kernel);
		if (is_others_turn(kernel))
			out[length++] = kernel->others[kernel->others_at++];
		else if (kernel->told_at < kernel->told_count)
			length += put_flow(kernel, &out[length]);
		else
			break;
	}
	return length;
}

static int kernel_read(struct capture_tap *tap, struct flow_observation *out, size_t room, struct error *err)
{
	struct kernel *kernel = kernel_of_tap(tap);
	size_t length = hand_on(kernel, out, room);
	struct error why;
	int ret;

	if (length > 0)
		return (int)length;
	if (!is_due(kernel))
		return 0;
	ret = drain(kernel, &why);
	if (ret >= 0)
		return (int)hand_on(kernel, out, room);
	if (!kernel->has_told)
		notify(kernel->notices, "%s", why.text);
	kernel->has_told = true;
	return fail(err, -ret, "%s", why.text);
}

static int64_t kernel_settled(struct capture_tap *tap, int64_t now_ns)
{
	int64_t settled_ns = kernel_of_tap(tap)->settled_ns;

	return settled_ns < now_ns - CAPTURE_TAP_SLACK_NS ? settled_ns : now_ns - CAPTURE_TAP_SLACK_NS;
}

static void kernel_flush(struct capture_tap *tap)
{
	kernel_of_tap(tap)->is_wanted = true;
}

static void kernel_close_tap(struct capture_tap *tap)
{
	(void)tap;
}

static const struct capture_tap_ops tap_ops = {
	.read = kernel_read,
	.settled = kernel_settled,
	.flush = kernel_flush,
	.close = kernel_close_tap,
};

/* ---- devices that come and go ---- */

/* Has its frames a link-layer header? -EINVAL: one that the programs do not know. */
static int has_header(const struct capture_device_options *options, struct error *err)
{
	switch (options->type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return 1;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
		return 0;
	default:
		return fail(err, EINVAL,
			    "%s: its link type (ARPHRD %u) is not one that is metered in the kernel (eBPF): use "
			    "--backend pcap",
			    options->name, options->type);
	}
}

static int check_options(const struct capture_device_options *options, struct error *err)
{
	static const char sentence[] = "%s: %s cannot be had in the kernel (eBPF): use --backend pcap";

	if (strcmp(options->name, CAPTURE_DEVICE_ANY) == 0)
		return fail(err, EINVAL, sentence, options->name, "all devices in one point");
	if (options->filter)
		return fail(err, EINVAL, sentence, options->name, "a filter");
	if (options->promiscuous)
		return fail(err, EINVAL, sentence, options->name, "promiscuous mode");
	if (options->decoder && options->decoder->tunnels)
		return fail(err, EINVAL, sentence, options->name, "opening tunnels");
	return has_header(options, err);
}

static void forget_counts(const struct kernel *kernel, uint32_t index)
{
	struct bpf_device nothing;

	ask_device(kernel, BPF_MAP_DELETE_ELEM, index, &nothing);
}

/* The programs sum flows from the moment at which they stand at the hooks, so what else there is comes before. */
static int begin(struct kernel *kernel, struct watched *device, const struct capture_device_options *options,
		 struct error *err)
{
	const struct capture_programs *programs = &kernel->programs;
	struct bpf_device none = { 0 };
	int ret = ask_device(kernel, BPF_MAP_UPDATE_ELEM, device->index, &none);

	if (ret < 0)
		return fail(err, -ret, "%s: the device cannot be counted (eBPF): %s", options->name, strerror(-ret));
	ret = capture_hooks_attach(&kernel->hooks, &device->hook, device->index, options->name,
				   device->header ? programs->ingress : programs->raw_ingress,
				   device->header ? programs->egress : programs->raw_egress, err);
	if (ret < 0)
		forget_counts(kernel, device->index);
	return ret;
}

static int kernel_open(struct capture_backend *backend, struct capture_device *device,
		       const struct capture_device_options *options, struct error *err)
{
	const struct capture_clock_reading now = read_clocks();
	struct kernel *kernel = kernel_of(backend);
	int with_header = check_options(options, err), ret;
	struct watched *watched;

	if (with_header < 0)
		return with_header;
	watched = calloc(1, sizeof(*watched));
	if (!watched)
		return fail_memory(err, "live capture");
	watched->index = options->index;
	watched->point = options->point;
	watched->seed = options->seed;
	watched->totals = options->totals;
	watched->header = with_header ? ETHERNET_HEADER : 0;
	watched->since_ns = (uint64_t)now.monotonic_ns;
	ret = begin(kernel, watched, options, err);
	if (ret < 0) {
		free(watched);
		return ret;
	}
	watched->next = kernel->devices;
	kernel->devices = watched;
	*device = (struct capture_device){ .ready_ns = now.real_ns, .index = options->index };
	return 0;
}

static struct watched *newest_of(const struct kernel *kernel, uint32_t index)
{
	return find_device(kernel, index, UINT64_MAX);
}

static uint64_t kernel_lost(struct capture_backend *backend, struct capture_device *device)
{
	struct kernel *kernel = kernel_of(backend);
	struct watched *watched = newest_of(kernel, device->index);
	uint64_t lost;

	if (!watched)
		return 0;
	count(kernel, watched);
	lost = growth_of(&watched->told.full, watched->counted.full);
	watched->totals->lost += lost;
	return lost;
}

static void stop_watching(struct kernel *kernel, struct watched *watched)
{
	if (watched->is_left)
		return;
	capture_hooks_detach(&kernel->hooks, &watched->hook);
	count(kernel, watched);
	forget_counts(kernel, watched->index);
	watched->is_left = true;
	watched->drains_left = 2;
}

static void kernel_leave(struct capture_backend *backend, struct capture_device *device)
{
	struct kernel *kernel = kernel_of(backend);
	struct watched *watched = newest_of(kernel, device->index);

	if (watched)
		stop_watching(kernel, watched);
	kernel->is_wanted = true;
}

/* ---- opening and closing ---- */

static void kernel_close(struct capture_backend *backend)
{
	struct kernel *kernel = kernel_of(backend);

	while (kernel->devices) {
		struct watched *device = kernel->devices;

		kernel->devices = device->next;
		if (!device->is_left)
			capture_hooks_detach(&kernel->hooks, &device->hook);
		free(device);
	}
	capture_hooks_close(&kernel->hooks);
	if (kernel->timer >= 0)
		close(kernel->timer);
	capture_programs_free(&kernel->programs);
	capture_flowmap_free(kernel->map);
	capture_drain_free(&kernel->held);
	capture_drain_free(&kernel->ready);
	free(kernel->told);
	free(kernel->others);
	free(kernel);
}

static int load(struct kernel *kernel, const struct capture_kernel_options *options, struct error *err)
{
	const uint32_t key_size = options->with_macs ? sizeof(struct bpf_flow_key) : BPF_FLOW_KEY_PLAIN;
	const uint32_t max_flows = options->max_flows ? options->max_flows : CAPTURE_KERNEL_FLOWS;
	struct capture_programs_options wanted = { .with_macs = options->with_macs,
						   .without_verdicts = options->without_verdicts };
	int ret = capture_flowmap_new(&kernel->map, max_flows, key_size, err);

	if (ret < 0)
		return ret;
	wanted.pattern = capture_flowmap_pattern(kernel->map);
	ret = capture_programs_load(&kernel->programs, &wanted, err);
	return ret < 0 ? ret : capture_flowmap_begin(kernel->map, kernel->programs.current, err);
}

static int add_timer(struct kernel *kernel, struct error *err)
{
	struct epoll_event event = { .events = EPOLLIN };
	int timer = capture_clock_timer(err);

	if (timer < 0)
		return timer;
	kernel->timer = timer;
	if (epoll_ctl(kernel->programs.calls, EPOLL_CTL_ADD, timer, &event) < 0)
		return fail_errno(err, "flows of the kernel");
	return 0;
}

static void begin_time(struct kernel *kernel)
{
	const struct capture_clock_reading now = read_clocks();

	kernel->offset_ns = now.real_ns - now.monotonic_ns;
	kernel->drained_at_ns = kernel->settled_ns = now.real_ns;
	kernel->drained_second = second_of(now.real_ns);
	kernel->again_at_ns = INT64_MAX;
	set_clock(kernel, now.real_ns);
}

int capture_kernel_open(struct capture_backend **out, const struct capture_kernel_options *options, struct error *err)
{
	static const struct capture_backend_ops ops = {
		.open = kernel_open, .lost = kernel_lost, .leave = kernel_leave, .close = kernel_close
	};
	int ret = capture_programs_check(err);
	struct kernel *kernel;

	if (ret < 0)
		return ret;
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return fail_memory(err, "live capture");
	kernel->timer = -1;
	kernel->backend = (struct capture_backend){ .ops = &ops, .tap = &kernel->tap };
	kernel->with_macs = options->with_macs;
	kernel->notices = options->notices;
	kernel->hooks.without_tcx = options->without_tcx;
	ret = load(kernel, options, err);
	if (ret >= 0)
		ret = add_timer(kernel, err);
	if (ret < 0) {
		kernel_close(&kernel->backend);
		return ret;
	}
	kernel->tap = (struct capture_tap){ .ops = &tap_ops, .fd = kernel->programs.calls };
	begin_time(kernel);
	if (!kernel->programs.has_verdicts)
		notify(options->notices, "this kernel does not tell why it drops packets (it does from 5.18 on): all "
					 "is ACCEPT; rules of the "
					 "firewall that log have the verdicts, with --backend nflog");
	*out = &kernel->backend;
	return 0;
}
