#include "cli/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <string.h>
#include <time.h>

#include "capture/filter.h"
#include "cli/amount.h"
#include "cli/backend.h"
#include "cli/delivery.h"
#include "cli/message.h"
#include "cli/metrics.h"
#include "cli/options.h"
#include "cli/watch.h"
#include "cli/stop.h"
#include "cli/summary.h"
#include "daemon/metrics_outlet.h"
#include "daemon/privileges.h"
#include "daemon/sandbox.h"
#include "daemon/service.h"
#include "flow/window.h"
#include "output/kafka_address.h"

/* How often the service manager and readers of metrics hear something new. */
#define TOLD_EACH_NS (5 * FLOW_SECOND_NS)

/* What stands around the watch. Zeroed, nothing is open. */
struct capture {
	struct watch watch;
	struct daemon_metrics_outlet *outlet; /* NULL: nobody wants metrics */
	struct daemon_metrics metrics;
	struct source_device *devices; /* for metrics */
	size_t device_room;
	int64_t started_ns; /* Unix time */
	uint64_t reloads, failed_reloads;
	bool is_reload_failed;                /* the last one */
	bool is_outlet_failed;                /* it was told */
	bool is_connecting;                   /* it may connect to others: the sandbox lets it */
	int64_t watchdog_ns;                  /* how often the service manager wants a word; 0: never */
	int64_t looked_ns, told_ns, alive_ns; /* of the monotonic clock: when that was done last */
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * FLOW_SECOND_NS + now.tv_nsec;
}

/* ---- what is said ---- */

static void print_account(const struct capture *capture)
{
	struct watch_state state;

	watch_state(&capture->watch, &state);
	if (capture->watch.settings.summary == SUMMARY_JSON)
		summary_json(stderr, &state.account);
	else
		summary_text(stderr, &state.account);
}

static void tell_status(const struct capture *capture)
{
	struct watch_state state;
	char frames[AMOUNT_SIZE], records[AMOUNT_SIZE], lost[AMOUNT_SIZE];

	watch_state(&capture->watch, &state);
	daemon_service_status("%s frames, %s records, %s packets lost", amount_count(state.account.frames, frames),
			      amount_count(state.account.records[FLOW_OK], records),
			      amount_count(state.account.lost, lost));
}

/* Whoever wants it quiet hears of what is wrong alone. */
static const struct notices *remarks_of(const struct settings *settings)
{
	return settings->quiet ? NULL : &message_remarks;
}

/* ---- metrics ---- */

static int open_metrics(struct capture *capture, struct error *err)
{
	const char *where = capture->watch.settings.metrics;
	const struct daemon_metrics_family *families;
	size_t count;
	int ret;

	capture->started_ns = clock_ns(CLOCK_REALTIME);
	if (!where)
		return 0;
	families = metrics_families(&count);
	ret = daemon_metrics_init(&capture->metrics, families, count, err);
	return ret < 0 ? ret : daemon_metrics_outlet_open(&capture->outlet, where, &message_warnings, err);
}

/* What is wrong, in a sentence; NULL: nothing is. */
static const char *illness(const struct output_state *output)
{
	return output->is_writable ? NULL : "records cannot be written and wait in memory";
}

/* Of all devices, how many there are; or -ENOMEM. Those that went stay in the list, so it has no bound. */
static int64_t list_devices(struct capture *capture, struct error *err)
{
	const struct source *source = capture->watch.source;
	size_t count = source_devices(source, NULL, 0);

	if (count > capture->device_room) {
		struct source_device *bigger = realloc(capture->devices, 2 * count * sizeof(*bigger));

		if (!bigger)
			return fail_memory(err, "metrics");
		capture->devices = bigger;
		capture->device_room = 2 * count;
	}
	return (int64_t)source_devices(source, capture->devices, capture->device_room);
}

static int publish_state(struct capture *capture, struct error *err)
{
	int64_t device_count = list_devices(capture, err);
	struct source *source = capture->watch.source;
	struct watch_state so_far;
	struct rusage usage;
	struct metrics_state state = {
		.version = ENIFLOW_VERSION,
		.pcap_version = capture_filter_library(),
		.backend = backend_name(capture->watch.backend),
		.started_ns = capture->started_ns,
		.now_ns = clock_ns(CLOCK_REALTIME),
		.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
		.read_ns = source_now(source),
		.account = &so_far.account,
		.output = &so_far.output,
		.devices = capture->devices,
		.device_count = (size_t)device_count,
		.reloads = capture->reloads,
		.failed_reloads = capture->failed_reloads,
		.is_reload_ok = !capture->is_reload_failed,
	};
	int ret;

	if (device_count < 0)
		return (int)device_count;
	watch_state(&capture->watch, &so_far);
	state.meter = so_far.meter;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		state.memory_most = (uint64_t)usage.ru_maxrss * 1024;
	ret = metrics_write(&capture->metrics, &state, err);
	if (ret < 0)
		return ret;
	return daemon_metrics_outlet_publish(capture->outlet, capture->metrics.bytes, capture->metrics.length,
					     illness(&so_far.output), err);
}

/* Metrics that cannot be published end nothing; it is told when that begins. */
static void publish(struct capture *capture)
{
	struct error why;
	int ret;

	if (!capture->outlet)
		return;
	ret = publish_state(capture, &why);
	if (ret < 0 && !capture->is_outlet_failed)
		notify(&message_warnings, "%s", why.text);
	capture->is_outlet_failed = ret < 0;
}

/* ---- the start ---- */

enum { KERNEL_RIGHTS = DAEMON_BPF | DAEMON_NET_ADMIN | DAEMON_PERFMON };

/* Promiscuous mode takes no more than watching does. Programs in the kernel are attached to devices that come later, too. */
static unsigned capabilities_of(enum settings_backend backend)
{
	switch (backend) {
	case BACKEND_EBPF:
		return KERNEL_RIGHTS;
	case BACKEND_NFLOG:
		return DAEMON_NET_ADMIN;
	default:
		return DAEMON_NET_RAW;
	}
}

/* A device that is not there yet would tell only when it comes. With BACKEND_AUTO the rights of one backend are enough. */
static int check_privileges(enum settings_backend backend, struct error *err)
{
	struct error lesser;

	if (backend == BACKEND_AUTO && daemon_privileges_check(KERNEL_RIGHTS, "", &lesser) >= 0)
		return 0;
	return daemon_privileges_check(capabilities_of(backend), "watching devices", err);
}

/* Those for the backend in use; and with BACKEND_AUTO those of libpcap, to which another configuration may turn: these are
 * little beside the others. It does not turn from libpcap to the eBPF backend: those rights are too much to be kept for
 * what may never be. */
static int drop_privileges(struct watch *watch, struct error *err)
{
	const struct settings *settings = &watch->settings;
	char text[DAEMON_PRIVILEGES_TEXT];
	unsigned needed = capabilities_of(watch->backend) | capabilities_of(settings->backend);
	int ret = daemon_privileges_keep(needed, settings->user, err);

	if (ret < 0)
		return ret;
	watch_bar_kernel(watch);
	notify(remarks_of(settings), "runs as %s", daemon_privileges_text(text));
	return 0;
}

static bool is_kafka(const struct settings *settings)
{
	return output_kafka_address_is(settings->output);
}

/* A kernel or container that has no such filters is no reason not to watch. */
static void enter_sandbox(struct capture *capture)
{
	bool has_programs = capture->watch.backend == BACKEND_EBPF;
	struct error why;

	capture->is_connecting = is_kafka(&capture->watch.settings);
	if (daemon_sandbox_enter((has_programs ? DAEMON_SANDBOX_PROGRAMS : 0) |
					 (capture->is_connecting ? DAEMON_SANDBOX_INTERNET : 0),
				 &why) < 0)
		notify(&message_warnings, "%s; it goes on without", why.text);
}

/* The log is opened as whoever the process has become, which is not always who started it. */
static int open_log(struct watch *watch, struct error *err)
{
	char text[DAEMON_PRIVILEGES_TEXT];
	struct error why;
	int ret = watch_open_log(watch, &why);

	if (ret == -EACCES || ret == -EPERM)
		return fail(err, -ret, "%s (as %s)", why.text, daemon_privileges_text(text));
	return ret < 0 ? fail(err, -ret, "%s", why.text) : ret;
}

static int open_all(struct capture *capture, struct settings *settings, struct error *err)
{
	int ret, wake_fd = stop_catch_for_sensor(err);

	if (wake_fd < 0)
		return wake_fd;
	capture->watchdog_ns = daemon_service_watchdog();
	ret = daemon_service_check(err);
	if (ret >= 0)
		ret = check_privileges(settings->backend, err);
	if (ret >= 0)
		ret = watch_open(&capture->watch, settings, wake_fd, err);
	if (ret >= 0) /* from when on it watches: loading programs into the kernel may have taken seconds */
		ret = stop_after(capture->watch.settings.duration, err);
	if (ret >= 0) /* what BACKEND_AUTO has become */
		ret = check_privileges(capture->watch.backend, err);
	if (ret >= 0)
		ret = open_metrics(capture, err);
	if (ret >= 0)
		ret = drop_privileges(&capture->watch, err);
	if (ret >= 0)
		ret = open_log(&capture->watch, err);
	if (ret >= 0 && capture->outlet)
		ret = daemon_metrics_outlet_start(capture->outlet, err);
	if (ret >= 0)
		enter_sandbox(capture);
	return ret;
}

/* ---- the loop ---- */

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What belongs to the process, and not to its watch. */
static void tell_what_stays(const struct settings *before, const struct settings *settings)
{
	if (!is_same_text(before->metrics, settings->metrics) || !is_same_text(before->user, settings->user) ||
	    before->duration != settings->duration)
		notify(&message_warnings,
		       "metrics, user and duration stay as they were at the start; restart eniflow to change them");
}

/* Read again, and for this process. */
static int read_settings(const struct capture *capture, struct settings *settings, struct error *err)
{
	const struct settings *before = &capture->watch.settings;
	int ret = options_read_again(settings, before, &message_warnings, err);

	if (ret < 0)
		return ret;
	if (!capture->is_connecting && is_kafka(settings))
		ret = fail(err, EPERM,
			   "%s: the right to connect to others was given up at the start; restart eniflow for it",
			   settings->output);
	else
		ret = delivery_read_key(settings, before, err);
	if (ret < 0)
		settings_free(settings);
	return ret;
}

/* A configuration that cannot be put in force leaves the one before in force. */
static int reload(struct capture *capture, struct error *err)
{
	const struct settings *now = &capture->watch.settings;
	struct settings settings;
	struct error why;
	int ret;

	daemon_service_reloading();
	ret = read_settings(capture, &settings, &why);
	if (ret >= 0) {
		tell_what_stays(now, &settings);
		ret = watch_reload(&capture->watch, &settings, &why);
		if (ret < 0 && ret != -EAGAIN)
			return fail(err, -ret, "%s", why.text);
	}
	if (ret < 0)
		notify(&message_warnings, "%s; the configuration before stays in force", why.text);
	else
		notify(remarks_of(&capture->watch.settings),
		       "outputs are opened anew, the configuration is read again");
	capture->is_reload_failed = ret < 0;
	capture->reloads += ret >= 0;
	capture->failed_reloads += ret < 0;
	daemon_service_ready();
	return 0;
}

/* What signals asked for. */
static int answer_requests(struct capture *capture, struct error *err)
{
	unsigned requests = stop_take_requests();

	if (requests & STOP_ACCOUNT)
		print_account(capture);
	/* On the way out nothing is begun any more: a new source would not know that it is to end. */
	return requests & STOP_RELOAD && !stop_asked() ? reload(capture, err) : 0;
}

/* Does it when `period_ns` have passed since it was done last. */
static bool is_due(int64_t *last_ns, int64_t now_ns, int64_t period_ns)
{
	if (*last_ns != 0 && now_ns - *last_ns < period_ns)
		return false;
	*last_ns = now_ns;
	return true;
}

/* What has to be done now and then, whether packets come or not. */
static int look_after(struct capture *capture, struct error *err)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int ret = 0;

	if (capture->watchdog_ns > 0 && is_due(&capture->alive_ns, now_ns, capture->watchdog_ns))
		daemon_service_alive();
	if (is_due(&capture->looked_ns, now_ns, FLOW_SECOND_NS))
		ret = watch_look_after(&capture->watch, err);
	if (is_due(&capture->told_ns, now_ns, TOLD_EACH_NS)) {
		tell_status(capture);
		publish(capture);
	}
	return ret;
}

/* Returns 0 when all is handed on, or -errno. */
static int loop(struct capture *capture, struct error *err)
{
	int more;

	do {
		int ret = answer_requests(capture, err);

		if (ret < 0)
			return ret;
		if (stop_asked()) {
			daemon_service_stopping();
			watch_stop(&capture->watch);
		}
		more = watch_step(&capture->watch, err);
		if (more < 0)
			return more;
		ret = look_after(capture, err);
		if (ret < 0)
			return ret;
	} while (more > 0);
	return 0;
}

static void close_all(struct capture *capture)
{
	daemon_metrics_outlet_close(capture->outlet);
	daemon_metrics_free(&capture->metrics);
	free(capture->devices);
	watch_close(&capture->watch);
}

int capture_command(struct settings *settings, struct error *err)
{
	struct capture capture = { 0 };
	struct error lesser; /* why it ends is told already */
	int ret = open_all(&capture, settings, err);

	if (ret >= 0) {
		daemon_service_ready();
		ret = loop(&capture, err);
	}
	if (ret >= 0)
		ret = watch_finish(&capture.watch, err);
	else if (capture.watch.is_source_lost)
		watch_finish(&capture.watch, &lesser); /* what was metered until then */
	if (ret >= 0 && !capture.watch.settings.quiet)
		print_account(&capture);
	close_all(&capture);
	return ret;
}
