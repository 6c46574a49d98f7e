/* What a sensor knows of itself, as metrics. */
#include "cli/metrics.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct flow_account account = {
	.frames = 45,
	.counted = 1,
	.filtered = 2,
	.excluded = 3,
	.non_ip = 4,
	.truncated = 5,
	.malformed = 6,
	.unmatched = 7,
	.unsupported = 8,
	.skipped = 9,
	.excluded_as = { [FLOW_EXCLUDED_METADATA] = 11,
			 [FLOW_EXCLUDED_TIME] = 12,
			 [FLOW_EXCLUDED_DNS] = 13,
			 [FLOW_EXCLUDED_ACTIVATION] = 14,
			 [FLOW_EXCLUDED_DHCP] = 15,
			 [FLOW_EXCLUDED_ROUTER] = 16 },
	.windows = 21,
	.late = 22,
	.lost = 23,
	.flushes = 24,
};

static const struct output_state output = {
	.records = { [FLOW_OK] = 31, [FLOW_NODATA] = 32, [FLOW_SKIPDATA] = 33 },
	.bytes = 34,
	.files = 35,
	.write_errors = 36,
	.dropped = 37,
	.waiting = 38,
	.is_writable = true,
};

static const struct source_device devices[] = {
	{ .name = "gone0", .watched = false, .frames = 41, .bytes = 42, .lost = 43, .missed = 44 },
	{ .name = "eth0", .watched = true, .frames = 51, .bytes = UINT64_MAX, .lost = 53, .missed = 54 },
};

static const struct metrics_state sample = {
	.version = "1.2.3",
	.pcap_version = "libpcap version 9",
	.backend = "ebpf",
	.started_ns = 1000000000000000000,
	.now_ns = 1000000060250000000,
	.read_ns = 1000000060000000000,
	.cpu_ns = 1500000000,
	.memory_most = 61,
	.meter = { .flows = 62, .flows_most = 63, .flows_bound = 64 },
	.account = &account,
	.output = &output,
	.devices = devices,
	.device_count = 2,
	.reloads = 71,
	.failed_reloads = 72,
	.is_reload_ok = false,
};

static struct daemon_metrics metrics;
static char text[256 * 1024];

static int begin_all(void **state)
{
	const struct daemon_metrics_family *families;
	size_t count;

	(void)state;
	families = metrics_families(&count);
	return daemon_metrics_init(&metrics, families, count, NULL);
}

static int free_all(void **state)
{
	(void)state;
	daemon_metrics_free(&metrics);
	return 0;
}

static void write_of(const struct metrics_state *from)
{
	assert_int_equal(metrics_write(&metrics, from, NULL), 0);
	assert_true(metrics.length < sizeof(text));
	memcpy(text, metrics.bytes, metrics.length);
	text[metrics.length] = '\0';
}

static void assert_has(const char *line)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	if (!strstr(text, wanted))
		fail_msg("no line \"%s\"", line);
}

static void every_family_with_its_values(void **state)
{
	static const char *const lines[] = {
		"eniflow_build_info{version=\"1.2.3\",libpcap=\"libpcap version 9\"} 1",
		"eniflow_backend_info{backend=\"ebpf\"} 1",
		"eniflow_start_time_seconds 1000000000",
		"eniflow_update_time_seconds 1000000060.25",
		"eniflow_cpu_seconds_total 1.5",
		"eniflow_resident_memory_peak_bytes 61",
		"eniflow_frames_total{fate=\"counted\"} 1",
		"eniflow_frames_total{fate=\"filtered\"} 2",
		"eniflow_frames_total{fate=\"excluded\"} 3",
		"eniflow_frames_total{fate=\"non_ip\"} 4",
		"eniflow_frames_total{fate=\"truncated\"} 5",
		"eniflow_frames_total{fate=\"malformed\"} 6",
		"eniflow_frames_total{fate=\"unmatched\"} 7",
		"eniflow_frames_total{fate=\"unsupported\"} 8",
		"eniflow_frames_total{fate=\"skipped\"} 9",
		"eniflow_excluded_frames_total{cause=\"metadata\"} 11",
		"eniflow_excluded_frames_total{cause=\"time_sync\"} 12",
		"eniflow_excluded_frames_total{cause=\"dns\"} 13",
		"eniflow_excluded_frames_total{cause=\"activation\"} 14",
		"eniflow_excluded_frames_total{cause=\"dhcp\"} 15",
		"eniflow_excluded_frames_total{cause=\"router\"} 16",
		"eniflow_lost_packets_total 23",
		"eniflow_late_packets_total 22",
		"eniflow_windows_total 21",
		"eniflow_flows 62",
		"eniflow_flows_peak 63",
		"eniflow_flows_max 64",
		"eniflow_early_emissions_total 24",
		"eniflow_behind_seconds 0.25",
		"eniflow_records_total{status=\"ok\"} 31",
		"eniflow_records_total{status=\"nodata\"} 32",
		"eniflow_records_total{status=\"skipdata\"} 33",
		"eniflow_dropped_records_total 37",
		"eniflow_line_bytes_total 34",
		"eniflow_held_bytes 38",
		"eniflow_files_total 35",
		"eniflow_write_errors_total 36",
		"eniflow_output_writable 1",
		"eniflow_devices{state=\"watched\"} 1",
		"eniflow_devices{state=\"gone\"} 1",
		"eniflow_device_up{device=\"eth0\"} 1",
		"eniflow_device_up{device=\"gone0\"} 0",
		"eniflow_device_packets_total{device=\"eth0\"} 51",
		"eniflow_device_packets_total{device=\"gone0\"} 41",
		"eniflow_device_bytes_total{device=\"eth0\"} 18446744073709551615",
		"eniflow_device_bytes_total{device=\"gone0\"} 42",
		"eniflow_device_dropped_packets_total{device=\"eth0\",by=\"ring\"} 53",
		"eniflow_device_dropped_packets_total{device=\"eth0\",by=\"device\"} 54",
		"eniflow_device_dropped_packets_total{device=\"gone0\",by=\"ring\"} 43",
		"eniflow_device_dropped_packets_total{device=\"gone0\",by=\"device\"} 44",
		"eniflow_config_reloads_total{result=\"ok\"} 71",
		"eniflow_config_reloads_total{result=\"failed\"} 72",
		"eniflow_config_last_reload_successful 0",
	};
	size_t samples = 0, families;

	(void)state;
	write_of(&sample);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_has(lines[i]);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		samples++;
	metrics_families(&families);
	assert_int_equal(samples, sizeof(lines) / sizeof(lines[0]) + 2 * families); /* and nothing else */
}

static void behind_the_clock(void **state)
{
	struct metrics_state now = sample;

	(void)state;
	now.read_ns = 0; /* nothing was handed on since the start */
	write_of(&now);
	assert_has("eniflow_behind_seconds 60.25");
	now.read_ns = now.now_ns + 5; /* the clock was set back */
	write_of(&now);
	assert_has("eniflow_behind_seconds 0");
}

static void before_the_first_device(void **state)
{
	struct metrics_state none = sample;

	(void)state;
	none.devices = NULL;
	none.device_count = 0;
	write_of(&none);
	assert_has("eniflow_devices{state=\"watched\"} 0");
	assert_null(strstr(text, "\neniflow_device_up{"));
}

/* Containers that come and go: those that are there have their place. */
static void more_devices_than_are_written(void **state)
{
	static struct source_device many[METRICS_DEVICES_MOST + 10];
	static char names[METRICS_DEVICES_MOST + 10][16];
	struct metrics_state crowded = sample;
	size_t up = 0;

	(void)state;
	for (size_t i = 0; i < METRICS_DEVICES_MOST + 10; i++) {
		snprintf(names[i], sizeof(names[i]), "veth%zu", i);
		many[i] = (struct source_device){ .name = names[i], .watched = i >= METRICS_DEVICES_MOST };
	}
	crowded.devices = many;
	crowded.device_count = METRICS_DEVICES_MOST + 10;
	write_of(&crowded);
	assert_has("eniflow_devices{state=\"watched\"} 10");
	assert_has("eniflow_devices{state=\"gone\"} 256");
	assert_has("eniflow_device_up{device=\"veth265\"} 1");
	assert_has("eniflow_device_up{device=\"veth0\"} 0");
	assert_null(strstr(text, "\"veth250\""));
	for (const char *at = text; (at = strstr(at, "\neniflow_device_up{")); at++)
		up++;
	assert_int_equal(up, METRICS_DEVICES_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_family_with_its_values, begin_all, free_all),
		cmocka_unit_test_setup_teardown(behind_the_clock, begin_all, free_all),
		cmocka_unit_test_setup_teardown(before_the_first_device, begin_all, free_all),
		cmocka_unit_test_setup_teardown(more_devices_than_are_written, begin_all, free_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
