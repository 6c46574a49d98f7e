/* cli/metering.h - what stands between a source and its log, made from the settings: interfaces, policies, the
 * meter, and other addresses for its records. */
#ifndef ENIFLOW_CLI_METERING_H
#define ENIFLOW_CLI_METERING_H

#include "cli/policies.h"
#include "flow/meter.h"
#include "output/anonymizer.h"

/* Zeroed, nothing is open. */
struct metering {
	struct flow_interfaces *interfaces;
	struct policies policies;
	struct output_anonymizer *anonymizer; /* NULL: addresses stay */
	struct flow_meter *meter;             /* NULL: it was not opened */
};

/* `settings`, which settings_check() has passed, and what `sink` points to must outlive it. `host` is the machine id that
 * derived interface-ids begin with, live; NULL: files are read. `seed` is random, of the run. Remarks go to the
 * warnings of cli/message.h. Returns 0 or -errno; metering_close() in any case. */
int metering_open(struct metering *out, const struct settings *settings, const char *host, uint64_t seed,
		  const struct flow_sink *sink, struct error *err);

/* Leaves it zeroed. */
void metering_close(struct metering *metering);

/* What can be told only at the end: configured interfaces that nothing was captured for, connections that were
 * forgotten. */
void metering_remarks(const struct metering *metering, const struct settings *settings);

#endif
