/* capture/fragments.h - what first fragments said, for the later ones: protocol and ports.
 *
 * One memory for the run, of CAPTURE_FRAGMENTS_MOST datagrams, the oldest out first. Sources: semantics section 2,
 * 6, section 13, 11. */
#ifndef ENIFLOW_CAPTURE_FRAGMENTS_H
#define ENIFLOW_CAPTURE_FRAGMENTS_H

#include "flow/error.h"
#include "flow/observation.h"

enum { CAPTURE_FRAGMENTS_MOST = 65536 };

/* No padding: compared as bytes. For IPv6 `protocol` is the fragment header's next header. */
struct capture_fragment_key {
	struct flow_address source, destination;
	uint32_t point;
	uint32_t identification;
	uint8_t family, protocol, zero[2];
};

/* What a first fragment tells: the protocol reached behind it (IPv6), its ports, an echo's identifier. */
struct capture_fragment {
	int64_t time_ns;
	uint16_t source_port, destination_port;
	uint16_t icmp_identifier; /* of an echo */
	uint8_t protocol;
	bool is_echo;
};

struct capture_fragments;

/* Takes all its memory here. `seed` is random. */
int capture_fragments_new(struct capture_fragments **out, uint64_t seed, struct error *err);
void capture_fragments_free(struct capture_fragments *fragments);

/* Remembers a first fragment; the same key again replaces it and is the newest. */
void capture_fragments_put(struct capture_fragments *fragments, const struct capture_fragment_key *key,
			   const struct capture_fragment *first);

/* The first fragment of that key, unless it is more than 30 s older than `time_ns`; NULL: not known. Valid until the
 * next put. */
const struct capture_fragment *capture_fragments_get(const struct capture_fragments *fragments,
						     const struct capture_fragment_key *key, int64_t time_ns);

#endif
