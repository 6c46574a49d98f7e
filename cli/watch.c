#include "cli/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "cli/accounts.h"
#include "cli/backend.h"
#include "cli/delivery.h"
#include "cli/message.h"
#include "cli/seed.h"
#include "cli/show.h"
#include "flow/window.h"

/* Observations: what comes with each step but them should cost little. */
enum { STEP = 4 * SOURCE_BATCH };

/* ---- opening ---- */

/* What watches instead of programs in the kernel, and why. Once, but again when there is another reason. */
static void tell_why_not(struct watch *watch, const struct settings *settings, const struct error *why)
{
	if (!settings->quiet && strcmp(watch->why_not.text, why->text) != 0)
		notify(&message_remarks,
		       "the eBPF backend is not used: %s; packets are read through libpcap (--backend pcap says so "
		       "without this note)",
		       why->text);
	watch->why_not = *why;
}

/* Programs in the kernel, where they can be had. */
static int open_kernel(const struct watch *watch, const struct settings *settings, struct source **out,
		       struct error *err)
{
	int ret = backend_check_sums(settings, err);

	if (ret >= 0 && watch->kernel_bar.text[0])
		return fail(err, EPERM, "%s", watch->kernel_bar.text);
	return ret < 0 ? ret : backend_open(out, BACKEND_EBPF, settings, watch->seed, watch->wake_fd, err);
}

/* Opens what `settings` ask for; *backend is what it is. */
static int open_source(struct watch *watch, const struct settings *settings, struct source **out,
		       enum settings_backend *backend, struct error *err)
{
	struct error why;
	int ret;

	*backend = settings->backend;
	if (settings->backend != BACKEND_AUTO)
		return backend_open(out, settings->backend, settings, watch->seed, watch->wake_fd, err);
	*backend = BACKEND_EBPF;
	if (open_kernel(watch, settings, out, &why) >= 0) {
		watch->why_not.text[0] = '\0';
		return 0;
	}
	*backend = BACKEND_PCAP;
	ret = backend_open(out, BACKEND_PCAP, settings, watch->seed, watch->wake_fd, err);
	if (ret >= 0)
		tell_why_not(watch, settings, &why);
	return ret;
}

int watch_open_log(struct watch *watch, struct error *err)
{
	struct flow_sink sink;
	int ret = watch->writer ? 0 : delivery_open(&watch->writer, &watch->settings, true, true, err);

	if (ret < 0)
		return ret;
	sink = output_writer_sink(watch->writer);
	return metering_open(&watch->metering, &watch->settings, watch->host, watch->seed, &sink, err);
}

/* The watch's own, from now on. */
static void take_over(struct watch *watch, struct settings *settings)
{
	settings_free(&watch->settings);
	watch->settings = *settings;
	*settings = (struct settings){ 0 };
}

int watch_open(struct watch *watch, struct settings *settings, int wake_fd, struct error *err)
{
	int ret;

	*watch = (struct watch){ .wake_fd = wake_fd, .crowd = WATCH_CROWD };
	take_over(watch, settings);
	ret = seed_random(&watch->seed, err);
	if (ret < 0)
		return ret;
	machine_id(watch->host, "", &message_warnings);
	return open_source(watch, &watch->settings, &watch->source, &watch->backend, err);
}

void watch_bar_kernel(struct watch *watch)
{
	struct error why;

	if (watch->settings.backend != BACKEND_AUTO || watch->backend == BACKEND_EBPF)
		return;
	if (backend_check_sums(&watch->settings, &why) < 0)
		fail(&watch->kernel_bar, EPERM, "the rights for it were given up at the start; restart eniflow for it");
	else
		watch->kernel_bar = watch->why_not;
}

/* ---- running ---- */

static bool is_frame(const struct flow_observation *item)
{
	return item->kind < FLOW_POINT;
}

/* Leaves out the frames from outside [from_ns, until_ns): another source has them. */
static void keep_own(struct source_batch *batch, int64_t from_ns, int64_t until_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->length; i++) {
		const struct flow_observation *item = &batch->items[i];

		if (is_frame(item) && (item->first_ns < from_ns || item->first_ns >= until_ns))
			continue;
		if (kept < i)
			batch->items[kept] = *item;
		kept++;
	}
	batch->length = kept;
}

/* Reads once from `source`, frames before `until_ns` alone. */
static int step(struct watch *watch, int64_t until_ns, struct error *err)
{
	struct flow_observation items[STEP];
	struct source_batch batch = { items, STEP, 0 };
	int more = source_read(watch->source, &batch, err), ret;

	if (more == -EINTR)
		return 1;
	if (more < 0) {
		watch->is_source_lost = true;
		return more;
	}
	if (watch->from_ns > 0 || until_ns < INT64_MAX)
		keep_own(&batch, watch->from_ns, until_ns);
	/* Nothing of the other source's time is still to come; a frame that seems to be says that the clock was set
	 * back. */
	if (watch->from_ns > 0 && source_now(watch->source) > watch->from_ns)
		watch->from_ns = 0;
	ret = flow_meter_add(watch->metering.meter, batch.items, batch.length, err);
	return ret < 0 ? ret : more;
}

int watch_step(struct watch *watch, struct error *err)
{
	return step(watch, INT64_MAX, err);
}

void watch_stop(struct watch *watch)
{
	if (!watch->is_stopping)
		source_stop(watch->source);
	watch->is_stopping = true;
}

static void add_output(struct output_state *sum, const struct output_state *part)
{
	for (size_t i = 0; i < sizeof(sum->records) / sizeof(sum->records[0]); i++)
		sum->records[i] += part->records[i];
	sum->bytes += part->bytes;
	sum->files += part->files;
	sum->write_errors += part->write_errors;
	sum->dropped += part->dropped;
	sum->waiting = part->waiting;
	sum->is_writable = part->is_writable;
}

void watch_state(const struct watch *watch, struct watch_state *out)
{
	*out = watch->earlier;
	if (watch->metering.meter) {
		accounts_add(&out->account, flow_meter_account(watch->metering.meter));
		flow_meter_state(watch->metering.meter, &out->meter);
		if (watch->earlier.meter.flows_most > out->meter.flows_most)
			out->meter.flows_most = watch->earlier.meter.flows_most;
	}
	if (watch->writer) {
		struct output_state output;

		output_writer_state(watch->writer, &output);
		add_output(&out->output, &output);
	}
}

/* ---- another configuration ---- */

/* For the meter of before the points go, and for the new one they appear, at the moment up to which all was handed on. */
static int tell_points(const struct watch *watch, enum flow_kind kind, struct error *err)
{
	size_t count = source_points(watch->source, NULL, 0);
	const struct flow_point **points = calloc(count + 1, sizeof(*points));
	int64_t now_ns = source_now(watch->source);
	const struct flow_observation time = { .kind = FLOW_TIME, .first_ns = now_ns };
	int ret = points ? 0 : fail_memory(err, "capture points");

	if (ret >= 0)
		source_points(watch->source, points, count);
	if (ret >= 0 && now_ns > 0)
		ret = flow_meter_add(watch->metering.meter, &time, 1, err);
	for (size_t i = 0; ret >= 0 && points && i < count; i++) {
		const struct flow_observation item = {
			.kind = (uint8_t)kind,
			.point = points[i]->number,
			.appeared = points[i],
			.first_ns = now_ns,
		};

		ret = flow_meter_add(watch->metering.meter, &item, 1, err);
	}
	free(points);
	return ret;
}

/* Ends metering and log, with the open window as far as it goes. After a failure the log is over, too, unless
 * `watch->writer` is still there. */
static int end_log(struct watch *watch, struct error *err)
{
	struct output_writer *writer = watch->writer;
	struct watch_state so_far;
	int ret = flow_meter_finish(watch->metering.meter, err);

	if (ret < 0)
		return ret;
	watch_state(watch, &so_far);
	watch->earlier = so_far;
	metering_remarks(&watch->metering, &watch->settings);
	watch->writer = NULL;
	ret = output_writer_finish(writer, err);
	metering_close(&watch->metering); /* the writer may have had to speak of interfaces */
	return ret;
}

/* Ends the log in force. Where it could not be finished, its end is lost, and the next one is begun all the same. */
static int end_log_for_another(struct watch *watch, struct error *err)
{
	int ret = end_log(watch, err);

	if (ret >= 0 || watch->writer)
		return ret;
	notify(&message_warnings, "%s", err->text);
	watch->is_damaged = true;
	return 0;
}

static bool same_devices(const struct settings *a, const struct settings *b)
{
	if (a->device_count != b->device_count)
		return false;
	for (size_t i = 0; i < a->device_count; i++)
		if (strcmp(a->devices[i], b->devices[i]) != 0)
			return false;
	return true;
}

/* Would a source be opened just so for them, but for its devices? */
static bool same_source(const struct watch *watch, const struct settings *settings)
{
	struct error why;

	if (watch->settings.backend != settings->backend ||
	    !backend_is_same(watch->backend, &watch->settings, settings))
		return false;
	if (settings->backend != BACKEND_AUTO)
		return true;
	/* Was what is not used barred by the settings, and is not any more, or the other way round? */
	return (backend_check_sums(&watch->settings, &why) < 0) == (backend_check_sums(settings, &why) < 0);
}

/* Meters what the source in force still holds, up to `until_ns`, and closes it. */
static int drain(struct watch *watch, int64_t until_ns, struct error *err)
{
	int more;

	source_stop(watch->source);
	do {
		more = step(watch, until_ns, err);
	} while (more > 0);
	source_close(watch->source);
	watch->source = NULL;
	return more;
}

static int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * FLOW_SECOND_NS + now.tv_nsec;
}

/* The new one cannot be opened when the old one is closed already: that is opened again, and has a meter and a log of its
 * own, since it may number its points otherwise. Without it, the watch is over. */
static int fall_back(struct watch *watch, struct error *err)
{
	struct error why;
	int ret = open_source(watch, &watch->settings, &watch->source, &watch->backend, &why);

	watch->is_source_lost = ret < 0;
	if (ret >= 0)
		ret = end_log_for_another(watch, &why);
	if (ret >= 0)
		ret = watch_open_log(watch, &why);
	if (ret >= 0)
		return -EAGAIN;
	return fail(err, -ret, "%s", why.text);
}

/* Meters the source in force until `until_ns`, and only its frames of before. That is not waited for when the clock is set
 * back meanwhile. */
static int step_to(struct watch *watch, int64_t until_ns, struct error *err)
{
	int64_t began_ns = wall_clock(), now_ns = began_ns;
	int more = 1;

	while (more > 0 && now_ns >= began_ns && now_ns < until_ns) {
		more = step(watch, until_ns, err);
		now_ns = wall_clock();
	}
	return more < 0 ? more : 0;
}

/* Opens another source, which watches from now on, and says from when on its frames count: until then the one in force has
 * them. The sums of a second cannot be parted, so where one of the two has sums, that is when a second ends. */
static int open_beside(struct watch *watch, const struct settings *settings, struct source **out,
		       enum settings_backend *backend, int64_t *from_ns, struct error *err)
{
	struct error why;
	int ret = open_source(watch, settings, out, backend, &why);

	if (ret < 0)
		return fail(err, EAGAIN, "%s", why.text);
	*from_ns = wall_clock();
	if (*backend == BACKEND_EBPF || watch->backend == BACKEND_EBPF) {
		*from_ns = (*from_ns / FLOW_SECOND_NS + 1) * FLOW_SECOND_NS;
		ret = step_to(watch, *from_ns, err);
	}
	if (ret < 0)
		source_close(*out);
	return ret;
}

/* A group of NFLOG has one listener only: there the source in force has to end first. */
static int change_groups(struct watch *watch, const struct settings *settings, struct error *err)
{
	int ret = drain(watch, INT64_MAX, err);

	watch->from_ns = 0;
	if (ret >= 0 && open_source(watch, settings, &watch->source, &watch->backend, err) < 0)
		return fall_back(watch, err);
	return ret;
}

/* The new source watches before the old one ends, and time parts their frames. */
static int change_source(struct watch *watch, const struct settings *settings, struct error *err)
{
	struct source *source = NULL;
	enum settings_backend backend = settings->backend;
	int64_t from_ns = 0;
	int ret;

	if (settings->backend == BACKEND_NFLOG && watch->backend == BACKEND_NFLOG)
		return change_groups(watch, settings, err);
	ret = open_beside(watch, settings, &source, &backend, &from_ns, err);
	if (ret < 0)
		return ret;
	ret = drain(watch, from_ns, err);
	watch->from_ns = from_ns;
	watch->source = source;
	watch->backend = backend;
	return ret;
}

/* The source goes on with other devices, once the new meter knows the points that it still has frames of. */
static int change_devices(struct watch *watch, bool devices_differ, struct error *err)
{
	int ret = tell_points(watch, FLOW_POINT, err);

	if (ret < 0 || !devices_differ)
		return ret;
	return backend_set_devices(watch->source, watch->backend, &watch->settings, err);
}

/* Another place for the log is opened while the one in force is still there to go back to. */
static int open_elsewhere(const struct watch *watch, const struct settings *settings, struct output_writer **out,
			  struct error *err)
{
	struct error why;

	*out = NULL;
	if (strcmp(watch->settings.output, settings->output) == 0 ||
	    delivery_open(out, settings, true, true, &why) >= 0)
		return 0;
	return fail(err, EAGAIN, "%s", why.text);
}

/* Puts settings that say something else in force. */
static int change(struct watch *watch, struct settings *settings, struct error *err)
{
	bool keeps_source = same_source(watch, settings);
	bool devices_differ = !same_devices(&watch->settings, settings);
	struct output_state output;
	struct output_writer *writer;
	int ret;

	output_writer_state(watch->writer, &output);
	if (!output.is_writable && strcmp(watch->settings.output, settings->output) == 0)
		return fail(err, EAGAIN, "%s: records wait that cannot be written now, and would be lost",
			    watch->settings.output);
	ret = open_elsewhere(watch, settings, &writer, err);
	if (ret < 0)
		return ret;
	ret = keeps_source ? tell_points(watch, FLOW_GONE, err) : change_source(watch, settings, err);
	if (ret >= 0)
		ret = end_log_for_another(watch, err);
	if (ret < 0) {
		output_writer_abandon(writer);
		return ret;
	}
	watch->writer = writer;
	take_over(watch, settings);
	ret = watch_open_log(watch, err);
	return ret >= 0 && keeps_source ? change_devices(watch, devices_differ, err) : ret;
}

int watch_reload(struct watch *watch, struct settings *settings, struct error *err)
{
	int ret = show_same(&watch->settings, settings, err);

	if (ret > 0 && !delivery_is_same_key(&watch->settings, settings))
		ret = 0;
	if (ret > 0) {
		ret = output_writer_reopen(watch->writer, err);
		if (ret < 0)
			ret = -EAGAIN;
	} else if (ret == 0) {
		ret = change(watch, settings, err);
	}
	settings_free(settings);
	return ret;
}

/* ---- names that pile up ---- */

/* Where containers come and go for a year, each leaves its device's name behind in source, meter and log. */
static bool is_crowded(const struct watch *watch)
{
	return source_devices(watch->source, NULL, 0) > source_points(watch->source, NULL, 0) + watch->crowd;
}

/* All three begin anew, as for another configuration: nothing is lost, but what policies knew of connections. */
static int renew(struct watch *watch, struct error *err)
{
	struct output_state output;
	int ret;

	output_writer_state(watch->writer, &output);
	if (!output.is_writable)
		return 0;
	ret = change_source(watch, &watch->settings, err);
	if (ret == -EAGAIN) { /* the names stay for now */
		watch->crowd += WATCH_CROWD;
		return 0;
	}
	if (ret >= 0)
		ret = end_log_for_another(watch, err);
	return ret < 0 ? ret : watch_open_log(watch, err);
}

int watch_look_after(struct watch *watch, struct error *err)
{
	int ret = output_writer_tick(watch->writer, source_now(watch->source) / FLOW_SECOND_NS, err);

	if (ret < 0 || watch->is_stopping || !is_crowded(watch))
		return ret;
	return renew(watch, err);
}

/* ---- the end ---- */

int watch_finish(struct watch *watch, struct error *err)
{
	int ret = end_log(watch, err);

	if (ret < 0 && ret != -EPIPE && ret != -ENOMEM) { /* what could be written was */
		notify(&message_warnings, "%s", err->text);
		return EXIT_DAMAGED;
	}
	if (ret < 0)
		return ret;
	return watch->is_damaged || watch->earlier.output.dropped > 0 ? EXIT_DAMAGED : EXIT_WHOLE;
}

void watch_close(struct watch *watch)
{
	output_writer_abandon(watch->writer);
	metering_close(&watch->metering);
	source_close(watch->source);
	settings_free(&watch->settings);
}
