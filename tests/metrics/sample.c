/* Writes all metrics of a sensor that has been through something: metrics_sample. With an argument, their families
 * instead: name, type, labels and help, one a line, divided by tabs. */
#include <stdio.h>

#include "cli/metrics.h"

static const struct source_device devices[] = {
	{ .name = "eth0", .watched = true, .frames = 1000, .bytes = UINT64_MAX, .lost = 1, .missed = 2 },
	{ .name = "b\xc3\xbcro \"7\"\\\xff", .watched = false, .frames = 3, .bytes = 180 },
};

static void write_families(const struct daemon_metrics_family *families, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		printf("%s\t%s\t", families[i].name, families[i].type == DAEMON_METRICS_COUNTER ? "counter" : "gauge");
		for (size_t j = 0; j < DAEMON_METRICS_LABELS_MOST && families[i].labels[j]; j++)
			printf("%s%s", j ? "," : "", families[i].labels[j]);
		printf("\t%s\n", families[i].help);
	}
}

int main(int argc, char *argv[])
{
	const struct flow_account account = { .frames = 1003, .counted = 1000, .non_ip = 3, .windows = 2, .lost = 3 };
	const struct output_state output = { .records = { 40, 1, 1 }, .bytes = 4200, .is_writable = true };
	const struct metrics_state state = {
		.version = "0",
		.pcap_version = "libpcap version 0",
		.backend = "pcap",
		.started_ns = 1700000000000000000,
		.now_ns = 1700000060123456789,
		.read_ns = 1700000060000000000,
		.cpu_ns = 12345678,
		.memory_most = 8 * 1024 * 1024,
		.meter = { .flows = 7, .flows_most = 40, .flows_bound = 1000000 },
		.account = &account,
		.output = &output,
		.devices = devices,
		.device_count = 2,
		.is_reload_ok = true,
	};
	struct daemon_metrics metrics;
	struct error err;
	size_t count;
	const struct daemon_metrics_family *families = metrics_families(&count);

	(void)argv;
	if (argc > 1) {
		write_families(families, count);
		return 0;
	}
	if (daemon_metrics_init(&metrics, families, count, &err) < 0 || metrics_write(&metrics, &state, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	fwrite(metrics.bytes, 1, metrics.length, stdout);
	daemon_metrics_free(&metrics);
	return 0;
}
