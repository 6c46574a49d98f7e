/* capture/pcapng_interface.h - one interface of a pcapng section: what its description and its statistics say. */
#ifndef ENIFLOW_CAPTURE_PCAPNG_INTERFACE_H
#define ENIFLOW_CAPTURE_PCAPNG_INTERFACE_H

#include "capture/file.h"

struct pcapng_interface {
	const struct flow_point *point; /* NULL: of a link type that is not decoded */
	bool broken;                    /* its block is too short; it only holds its place in the numbering */
	/* A packet's time is count / divide * multiply / 2^shift nanoseconds and `offset` seconds. */
	uint64_t divide, multiply;
	unsigned shift;
	int64_t offset;
	uint64_t ifdrop, osdrop; /* of its last statistics block */
	char *name;              /* if_name, or NULL */
	struct capture_file_interface about;
};

/* Reads the body of an interface description block into a zeroed `interface`, but for `point` and about.name. 1; 0:
 * the same, but an option runs over the block or has a length that is not its own; -EINVAL: the block is too short;
 * -ENOMEM. */
int pcapng_interface_describe(struct pcapng_interface *interface, enum byte_order order, struct cursor body);
void pcapng_interface_clear(struct pcapng_interface *interface);

/* The Unix time in nanoseconds of a packet's count. False: it is outside of 1970..2262. */
bool pcapng_interface_time(const struct pcapng_interface *interface, uint64_t count, int64_t *out);

/* Reads the options of an interface statistics block: by how much the drops grew since the last one. False: as 0 above;
 * nothing was changed. */
bool pcapng_interface_statistics(struct pcapng_interface *interface, enum byte_order order, struct cursor options,
				 uint64_t *grown);

/* Adds to what about.lost tells. */
void pcapng_interface_lose(struct pcapng_interface *interface, uint64_t lost);

#endif
