/* cli/backend.h - the backends of `eniflow capture`: their names, what each cannot have, and the source that settings
 * become with one of them. */
#ifndef ENIFLOW_CLI_BACKEND_H
#define ENIFLOW_CLI_BACKEND_H

#include "capture/source.h"
#include "cli/settings.h"

/* Choices for parse_choice(), in the order of enum settings_backend. */
#define BACKEND_NAMES "auto|pcap|packet|ebpf|nflog"

const char *backend_name(enum settings_backend backend);

/* Can the settings be had with the backend that they name? 0, or -EINVAL and what cannot. All can be had with
 * BACKEND_AUTO. settings_check() has completed the interfaces. */
int backend_check(const struct settings *settings, struct error *err);

/* Can they be had with sums of packets, which is all that the eBPF backend has? 0, or -EINVAL with a sentence that goes
 * on after a colon and names the setting. */
int backend_check_sums(const struct settings *settings, struct error *err);

/* Would a source of `backend` be opened just so for both, but for its devices? */
bool backend_is_same(enum settings_backend backend, const struct settings *a, const struct settings *b);

/* Opens the devices of the settings with `backend`, whatever they name; not BACKEND_AUTO. `seed` is random, of the run; when
 * `wake_fd` is readable, the source does not wait. Notices go to cli/message.h. The settings must outlive the call alone.
 * Returns 0 or -errno. */
int backend_open(struct source **out, enum settings_backend backend, const struct settings *settings, uint64_t seed,
		 int wake_fd, struct error *err);

/* Other devices for such a source; those that stay go on without a gap. Returns 0 or -errno. */
int backend_set_devices(struct source *source, enum settings_backend backend, const struct settings *settings,
			struct error *err);

#endif
