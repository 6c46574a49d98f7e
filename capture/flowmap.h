/* capture/flowmap.h - the table in which the kernel sums flows (bpf/flows.h), replaced by an empty one whenever it is read.
 *
 * Programs find it as the first of an array of maps (`current`). Replacing it waits for the programs that run; then nobody
 * writes the old one any more, and it is read and emptied for the next turn: no packet is lost or counted twice. Tables lie
 * in the memory of both sides, so that reading one takes no call for that, and time only for the entries that there are. */
#ifndef ENIFLOW_CAPTURE_FLOWMAP_H
#define ENIFLOW_CAPTURE_FLOWMAP_H

#include "capture/verdicts.h"

struct capture_flowmap;

/* Two tables of `max_flows` entries whose keys have `key_size` bytes: BPF_FLOW_KEY_PLAIN or all. Takes the kernel's memory
 * for them. -EPERM: without CAP_BPF. */
int capture_flowmap_new(struct capture_flowmap **out, uint32_t max_flows, uint32_t key_size, struct error *err);
void capture_flowmap_free(struct capture_flowmap *map);

/* The descriptor of one of the two, as the pattern that the array of maps is made by. */
int capture_flowmap_pattern(const struct capture_flowmap *map);

/* Puts the first one into the array of maps, whose descriptor stays the caller's and must outlive this. */
int capture_flowmap_begin(struct capture_flowmap *map, int array, struct error *err);

/* Replaces the table, and moves what the old one held behind the entries of `out`. After a failure some of it may be there
 * and the rest is taken with the next but one. */
int capture_flowmap_drain(struct capture_flowmap *map, struct capture_drain *out, struct error *err);

#endif
