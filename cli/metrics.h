/* cli/metrics.h - what a sensor knows of itself, as families of metrics (daemon/metrics.h).
 *
 * docs/metrics.md tells what each means. Labels are devices and causes, never addresses or ports: their number is
 * bounded whatever the traffic is. */
#ifndef ENIFLOW_CLI_METRICS_H
#define ENIFLOW_CLI_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"
#include "daemon/metrics.h"
#include "flow/meter.h"
#include "output/writer.h"

/* All times are Unix nanoseconds. What pointers lead to is needed during the call only. */
struct metrics_state {
	const char *version;      /* of eniflow */
	const char *pcap_version; /* as pcap_lib_version() has it */
	const char *backend;      /* that devices are watched with */
	int64_t started_ns, now_ns;
	int64_t read_ns;      /* source_now() */
	int64_t cpu_ns;       /* of all threads, in user and kernel */
	uint64_t memory_most; /* bytes that were resident at most */
	struct flow_meter_state meter;
	const struct flow_account *account;
	const struct output_state *output;
	const struct source_device *devices; /* of different names */
	size_t device_count;
	uint64_t reloads, failed_reloads; /* of the configuration, by SIGHUP */
	bool is_reload_ok;                /* the last one was; true before the first */
};

/* The table of families, and how many there are. */
const struct daemon_metrics_family *metrics_families(size_t *count);

/* Only so many devices are written, those that are watched first: where containers come and go for a year, the list of
 * all that ever were has no end. */
enum { METRICS_DEVICES_MOST = 256 };

/* Writes them all into `out`, which is of metrics_families() and may hold an older text. Returns 0, or -ENOMEM. */
int metrics_write(struct daemon_metrics *out, const struct metrics_state *state, struct error *err);

#endif
