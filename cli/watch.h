/* cli/watch.h - a running watch over live devices: a source, what meters it and the log, as one thing that can be stepped, asked
 * and given another configuration while it runs. What stands around it (signals, privileges, metrics) is cli/capture.h's
 * business. */
#ifndef ENIFLOW_CLI_WATCH_H
#define ENIFLOW_CLI_WATCH_H

#include "cli/machine.h"
#include "cli/metering.h"
#include "output/writer.h"

/* So many devices may have gone before what is known of them is forgotten; about 2 KB each. */
enum { WATCH_CROWD = 512 };

/* What a watch has done so far. */
struct watch_state {
	struct flow_account account;
	struct flow_meter_state meter;
	struct output_state output;
};

/* Zeroed, nothing is open. Read it; write it only by the functions below. */
struct watch {
	struct settings settings; /* in force; owned */
	uint64_t seed;            /* of all hashes */
	int wake_fd;
	char host[MACHINE_ID_SIZE];
	struct source *source;
	enum settings_backend backend; /* what the source is */
	/* With BACKEND_AUTO: why the eBPF backend is not in use, as it was told; and, when it is not to be tried any more,
	 * what is said then. Empty: nothing. */
	struct error why_not, kernel_bar;
	struct output_writer *writer;
	struct metering metering;
	struct watch_state earlier; /* of the meters and logs that have ended */
	/* While another source takes over: which frames are its own, so that none counts twice; 0: all. */
	int64_t from_ns;
	size_t crowd; /* devices that went, from which on all is begun anew */
	bool is_stopping;
	bool is_damaged;     /* a log that has ended lost records when it was finished */
	bool is_source_lost; /* it failed; what was metered before that can still be written by watch_finish() */
};

/* Opens the source: packets are kept from now on. Takes over `settings`, which settings_check() has passed: they are
 * zeroed, also on failure. `wake_fd` ends the source's waits when it is readable. Returns 0 or -errno; watch_close() in
 * any case. */
int watch_open(struct watch *watch, struct settings *settings, int wake_fd, struct error *err);

/* The rights that the eBPF backend needs will be gone, unless it is in use: BACKEND_AUTO does not try it again. */
void watch_bar_kernel(struct watch *watch);

/* Opens the log, and what meters into it: after privileges were dropped, so that a folder that cannot be written into is
 * told of at the start. Returns 0 or -errno. */
int watch_open_log(struct watch *watch, struct error *err);

/* Waits for packets, a second at the most, and meters them. 1: go on. 0: all is handed on (after watch_stop()). Or
 * -errno. */
int watch_step(struct watch *watch, struct error *err);

/* It is to end: what the kernel holds is still metered. Telling it again changes nothing. */
void watch_stop(struct watch *watch);

/* Puts the log's files under their names anew, and then `settings` in force, where they say anything else: the open
 * window is written as far as it goes, and the rest of it belongs to the new configuration. No packet is lost or counted
 * twice, but by the nflog backend where groups change. Takes over `settings`. -EAGAIN: all goes on as before, as it does
 * while records wait that cannot be written, and the sentence says why; another -errno: the watch can only be closed. */
int watch_reload(struct watch *watch, struct settings *settings, struct error *err);

/* About once a second: tries again what could not be written, and begins anew when too many devices have gone. */
int watch_look_after(struct watch *watch, struct error *err);

/* Of all since it was opened, whatever configurations it had; gauges are of now. */
void watch_state(const struct watch *watch, struct watch_state *out);

/* After watch_step() answered 0, or the source was lost: writes the open window and finishes the log. Returns an exit
 * status or -errno. */
int watch_finish(struct watch *watch, struct error *err);

/* Gives up what is open and frees all. */
void watch_close(struct watch *watch);

#endif
