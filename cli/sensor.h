/* cli/sensor.h - the settings that only a sensor has (`eniflow capture`): devices, backend, sizes of buffers, groups of
 * the firewall's log; and those that all of these together make wrong or unlikely.
 *
 * The functions that put answer 0, -EINVAL or -ENOMEM and leave the settings as they are on failure; `what` is what the
 * value is called where it stands, and begins the sentence of an error. */
#ifndef ENIFLOW_CLI_SENSOR_H
#define ENIFLOW_CLI_SENSOR_H

#include "cli/settings.h"

/* Fills in the defaults. Returns 0 or -ENOMEM. */
int sensor_init(struct settings *settings, struct error *err);
void sensor_free(struct settings *settings);

/* One of BACKEND_NAMES (cli/backend.h). */
int sensor_put_backend(struct settings *settings, const char *what, const char *value, struct error *err);

/* The devices to watch, in place of those before: names of at most 15 bytes, each once, with blanks or commas between.
 * None takes them back. */
int sensor_put_devices(struct settings *settings, const char *what, const char *value, struct error *err);

/* The same, each device by itself; the sentence of an error begins with it. */
int sensor_set_devices(struct settings *settings, char *const *names, size_t count, struct error *err);

/* How many flows of a second the eBPF backend has room for. */
int sensor_put_kernel_flows(struct settings *settings, const char *what, const char *value, struct error *err);

/* The groups of NFLOG in place of those before: "7", "7,8", "7=accept,8=reject"; each once. */
int sensor_put_groups(struct settings *settings, const char *what, const char *value, struct error *err);

/* What settings_check() judges for capture alone. */
int sensor_check(const struct settings *settings, struct error *err);

/* What settings_remarks() tells for capture alone: interfaces that cannot have records, options without effect. */
void sensor_remarks(const struct settings *settings, const struct notices *notices);

#endif
