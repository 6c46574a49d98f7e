#include "cli/metrics.h"

enum {
	BUILD_INFO,
	BACKEND_INFO,
	START_TIME,
	UPDATE_TIME,
	CPU,
	MEMORY,
	FRAMES,
	EXCLUDED,
	LOST,
	LATE,
	WINDOWS,
	FLOWS,
	FLOWS_PEAK,
	FLOWS_MAX,
	EARLY,
	BEHIND,
	RECORDS,
	DROPPED_RECORDS,
	LINE_BYTES,
	HELD_BYTES,
	FILES,
	WRITE_ERRORS,
	WRITABLE,
	DEVICES,
	DEVICE_UP,
	DEVICE_PACKETS,
	DEVICE_BYTES,
	DEVICE_DROPPED,
	RELOADS,
	RELOAD_OK,
	END
};

#define COUNTER DAEMON_METRICS_COUNTER
#define GAUGE   DAEMON_METRICS_GAUGE

static const struct daemon_metrics_family families[END] = {
	[BUILD_INFO] = { "eniflow_build_info",
			 GAUGE,
			 "1, with the versions of the program and of libpcap.",
			 { "version", "libpcap" } },
	[BACKEND_INFO] = { "eniflow_backend_info",
			   GAUGE,
			   "1, with the backend that is in use: pcap, packet, ebpf or nflog.",
			   { "backend" } },
	[START_TIME] = { "eniflow_start_time_seconds", GAUGE, "Unix time at which the process started.", { NULL } },
	[UPDATE_TIME] = { "eniflow_update_time_seconds",
			  GAUGE,
			  "Unix time at which these figures were taken.",
			  { NULL } },
	[CPU] = { "eniflow_cpu_seconds_total",
		  COUNTER,
		  "CPU time that the process used, in user and kernel.",
		  { NULL } },
	[MEMORY] = { "eniflow_resident_memory_peak_bytes",
		     GAUGE,
		     "The most memory that the process had resident.",
		     { NULL } },
	[FRAMES] = { "eniflow_frames_total",
		     COUNTER,
		     "Frames seen, by what became of them; the sum is all.",
		     { "fate" } },
	[EXCLUDED] = { "eniflow_excluded_frames_total",
		       COUNTER,
		       "Frames that AWS does not log either, by why; the sum is fate=\"excluded\".",
		       { "cause" } },
	[LOST] = { "eniflow_lost_packets_total",
		   COUNTER,
		   "Packets that were dropped before they were seen, on all devices.",
		   { NULL } },
	[LATE] = { "eniflow_late_packets_total",
		   COUNTER,
		   "Packets older than the window in which they were counted.",
		   { NULL } },
	[WINDOWS] = { "eniflow_windows_total", COUNTER, "Aggregation windows opened.", { NULL } },
	[FLOWS] = { "eniflow_flows", GAUGE, "Flows in the table.", { NULL } },
	[FLOWS_PEAK] = { "eniflow_flows_peak", GAUGE, "The most flows that were in the table at once.", { NULL } },
	[FLOWS_MAX] = { "eniflow_flows_max", GAUGE, "Flows that the table may hold: --max-flows.", { NULL } },
	[EARLY] = { "eniflow_early_emissions_total",
		    COUNTER,
		    "Times that a full table was written out before the end of its window.",
		    { NULL } },
	[BEHIND] = { "eniflow_behind_seconds", GAUGE, "How far the capture is behind the clock.", { NULL } },
	[RECORDS] = { "eniflow_records_total", COUNTER, "Records handed to the output, by log-status.", { "status" } },
	[DROPPED_RECORDS] = { "eniflow_dropped_records_total",
			      COUNTER,
			      "Records lost: too much waited to be written, or their file was removed.",
			      { NULL } },
	[LINE_BYTES] = { "eniflow_line_bytes_total", COUNTER, "Bytes of all lines, before compression.", { NULL } },
	[HELD_BYTES] = { "eniflow_held_bytes", GAUGE, "Bytes that wait in memory to be written.", { NULL } },
	[FILES] = { "eniflow_files_total", COUNTER, "Files finished.", { NULL } },
	[WRITE_ERRORS] = { "eniflow_write_errors_total", COUNTER, "Attempts to write that failed.", { NULL } },
	[WRITABLE] = { "eniflow_output_writable", GAUGE, "1 if the last attempt to write worked.", { NULL } },
	[DEVICES] = { "eniflow_devices", GAUGE, "Devices, by whether they are watched or gone.", { "state" } },
	[DEVICE_UP] = { "eniflow_device_up", GAUGE, "1 while the device is watched.", { "device" } },
	[DEVICE_PACKETS] = { "eniflow_device_packets_total", COUNTER, "Packets seen on the device.", { "device" } },
	[DEVICE_BYTES] = { "eniflow_device_bytes_total",
			   COUNTER,
			   "Bytes of those, as long as they were on the wire.",
			   { "device" } },
	[DEVICE_DROPPED] = { "eniflow_device_dropped_packets_total",
			     COUNTER,
			     "Packets not counted: ring or map was full, or the device dropped them.",
			     { "device", "by" } },
	[RELOADS] = { "eniflow_config_reloads_total",
		      COUNTER,
		      "Times that the configuration was read anew, by result.",
		      { "result" } },
	[RELOAD_OK] = { "eniflow_config_last_reload_successful",
			GAUGE,
			"1 if the last time worked, or there was none.",
			{ NULL } },
};

const struct daemon_metrics_family *metrics_families(size_t *count)
{
	*count = END;
	return families;
}

/* A family of one sample without labels. */
static void put_count(struct daemon_metrics *out, size_t family, uint64_t value)
{
	daemon_metrics_begin(out, family);
	daemon_metrics_count(out, NULL, value);
}

static void put_seconds(struct daemon_metrics *out, size_t family, int64_t nanoseconds)
{
	daemon_metrics_begin(out, family);
	daemon_metrics_seconds(out, NULL, nanoseconds);
}

/* A family with one label and a sample for each of its values. */
struct part {
	const char *label;
	uint64_t value;
};

static void put_parts(struct daemon_metrics *out, size_t family, const struct part *parts, size_t count)
{
	daemon_metrics_begin(out, family);
	for (size_t i = 0; i < count; i++)
		daemon_metrics_count(out, &parts[i].label, parts[i].value);
}

#define PARTS(...)                                                                                                     \
	((const struct part[]){ __VA_ARGS__ }), sizeof((const struct part[]){ __VA_ARGS__ }) / sizeof(struct part)

static void put_process(struct daemon_metrics *out, const struct metrics_state *state)
{
	daemon_metrics_begin(out, BUILD_INFO);
	daemon_metrics_count(out, (const char *[]){ state->version, state->pcap_version }, 1);
	put_parts(out, BACKEND_INFO, PARTS({ state->backend, 1 }));
	put_seconds(out, START_TIME, state->started_ns);
	put_seconds(out, UPDATE_TIME, state->now_ns);
	put_seconds(out, CPU, state->cpu_ns);
	put_count(out, MEMORY, state->memory_most);
}

static void put_frames(struct daemon_metrics *out, const struct flow_account *account)
{
	const uint64_t *excluded = account->excluded_as;

	put_parts(out, FRAMES,
		  PARTS({ "counted", account->counted }, { "filtered", account->filtered },
			{ "excluded", account->excluded }, { "non_ip", account->non_ip },
			{ "truncated", account->truncated }, { "malformed", account->malformed },
			{ "unmatched", account->unmatched }, { "unsupported", account->unsupported },
			{ "skipped", account->skipped }));
	put_parts(out, EXCLUDED,
		  PARTS({ "metadata", excluded[FLOW_EXCLUDED_METADATA] }, { "time_sync", excluded[FLOW_EXCLUDED_TIME] },
			{ "dns", excluded[FLOW_EXCLUDED_DNS] }, { "activation", excluded[FLOW_EXCLUDED_ACTIVATION] },
			{ "dhcp", excluded[FLOW_EXCLUDED_DHCP] }, { "router", excluded[FLOW_EXCLUDED_ROUTER] }));
	put_count(out, LOST, account->lost);
	put_count(out, LATE, account->late);
}

static void put_meter(struct daemon_metrics *out, const struct metrics_state *state)
{
	int64_t behind = state->now_ns - (state->read_ns ? state->read_ns : state->started_ns);

	put_count(out, WINDOWS, state->account->windows);
	put_count(out, FLOWS, state->meter.flows);
	put_count(out, FLOWS_PEAK, state->meter.flows_most);
	put_count(out, FLOWS_MAX, state->meter.flows_bound);
	put_count(out, EARLY, state->account->flushes);
	put_seconds(out, BEHIND, behind > 0 ? behind : 0); /* the clock may have been set back */
}

static void put_output(struct daemon_metrics *out, const struct output_state *output)
{
	put_parts(out, RECORDS,
		  PARTS({ "ok", output->records[FLOW_OK] }, { "nodata", output->records[FLOW_NODATA] },
			{ "skipdata", output->records[FLOW_SKIPDATA] }));
	put_count(out, DROPPED_RECORDS, output->dropped);
	put_count(out, LINE_BYTES, output->bytes);
	put_count(out, HELD_BYTES, output->waiting);
	put_count(out, FILES, output->files);
	put_count(out, WRITE_ERRORS, output->write_errors);
	put_count(out, WRITABLE, output->is_writable);
}

/* Those to be written: all that are watched and then others, as far as there is room. */
struct choice {
	const struct source_device *devices[METRICS_DEVICES_MOST];
	size_t count, watched;
};

static void choose(struct choice *choice, const struct metrics_state *state)
{
	for (int watched = 1; watched >= 0; watched--) {
		for (size_t i = 0; i < state->device_count; i++) {
			const struct source_device *device = &state->devices[i];

			if (device->watched != watched)
				continue;
			choice->watched += device->watched;
			if (choice->count < METRICS_DEVICES_MOST)
				choice->devices[choice->count++] = device;
		}
	}
}

static void put_of_devices(struct daemon_metrics *out, size_t family, const struct choice *choice,
			   uint64_t (*figure)(const struct source_device *device))
{
	daemon_metrics_begin(out, family);
	for (size_t i = 0; i < choice->count; i++)
		daemon_metrics_count(out, &choice->devices[i]->name, figure(choice->devices[i]));
}

static uint64_t watched_of(const struct source_device *device)
{
	return device->watched;
}

static uint64_t frames_of(const struct source_device *device)
{
	return device->frames;
}

static uint64_t bytes_of(const struct source_device *device)
{
	return device->bytes;
}

static void put_devices(struct daemon_metrics *out, const struct metrics_state *state)
{
	struct choice choice = { .count = 0 };

	choose(&choice, state);
	put_parts(out, DEVICES, PARTS({ "watched", choice.watched }, { "gone", state->device_count - choice.watched }));
	put_of_devices(out, DEVICE_UP, &choice, watched_of);
	put_of_devices(out, DEVICE_PACKETS, &choice, frames_of);
	put_of_devices(out, DEVICE_BYTES, &choice, bytes_of);
	daemon_metrics_begin(out, DEVICE_DROPPED);
	for (size_t i = 0; i < choice.count; i++) {
		const struct source_device *device = choice.devices[i];

		daemon_metrics_count(out, (const char *[]){ device->name, "ring" }, device->lost);
		daemon_metrics_count(out, (const char *[]){ device->name, "device" }, device->missed);
	}
}

int metrics_write(struct daemon_metrics *out, const struct metrics_state *state, struct error *err)
{
	daemon_metrics_clear(out);
	put_process(out, state);
	put_frames(out, state->account);
	put_meter(out, state);
	put_output(out, state->output);
	put_devices(out, state);
	put_parts(out, RELOADS, PARTS({ "ok", state->reloads }, { "failed", state->failed_reloads }));
	put_count(out, RELOAD_OK, state->is_reload_ok);
	return daemon_metrics_end(out, err);
}
