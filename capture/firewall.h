/* capture/firewall.h - what this host's firewall logs as a source: a sensor (capture/sensor.h) of NFLOG groups.
 *
 * A capture point is a device by its name, as with capture/live.h: one that is missing is waited for, one that vanishes
 * is watched again when it is back. What the firewall says of devices that are not watched is left out. Which device it
 * was of which packets were lost is not known: a loss is one of every device that is watched. */
#ifndef ENIFLOW_CAPTURE_FIREWALL_H
#define ENIFLOW_CAPTURE_FIREWALL_H

#include "capture/source.h"

/* The group of packaging/examples/nflog.nft. */
enum { CAPTURE_GROUP_DEFAULT = 7 };

struct capture_group {
	uint16_t number;
	int action; /* enum flow_action of all its packets; -1: the prefix of the rule tells */
};

struct source_firewall_options {
	/* Names of devices; "any", all of the host's in one point; "all": each that is up and neither loopback nor port
	 * of a bridge, also those to come. */
	const char *const *devices;
	size_t count;
	const struct capture_group *groups; /* at least one, each number once */
	size_t group_count;
	unsigned tunnels; /* enum capture_tunnel, or-ed */
	uint64_t seed;    /* random, of the run: for the fragment memory and tuple hashes */
	int wake_fd;      /* readable: source_read() stops waiting; -1: none */
	const struct notices *notices;
	const struct notices *remarks; /* devices that come; or NULL */
};

/* Binds the groups. Options may go after the call, but not `notices` and `remarks`. -EPERM: CAP_NET_ADMIN is missing; -EBUSY: another
 * program has one of the groups. */
int source_open_firewall(struct source **out, const struct source_firewall_options *options, struct error *err);

/* Other devices, from now on; those that stay go on without a gap. */
int source_firewall_devices(struct source *source, const char *const *devices, size_t count, struct error *err);

#endif
