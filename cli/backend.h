/* cli/backend.h - the backends of `eniflow capture`: their names, what each cannot have, and the source that a choice
 * of one becomes. */
#ifndef ENIFLOW_CLI_BACKEND_H
#define ENIFLOW_CLI_BACKEND_H

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

#endif
