/* capture/tally.h - how often each of many keys was seen, in bounded memory.
 *
 * Strangers choose the keys, so the hash is seeded, and when the room is full the half that was seen least is
 * forgotten: what is seen often stays, however many others come by once. What is forgotten is counted; it begins
 * anew if it comes back. Nothing that is told depends on the seed. */
#ifndef ENIFLOW_CAPTURE_TALLY_H
#define ENIFLOW_CAPTURE_TALLY_H

#include "flow/address.h"
#include "flow/error.h"

/* Compared as bytes: what is not part of a key is 0. */
struct capture_tally_key {
	uint32_t group; /* keys are told apart by group when they are handed out */
	uint16_t number;
	uint8_t family;
	uint8_t mac[6];
	uint8_t zero[3];
	struct flow_address address, other;
};

enum { CAPTURE_TALLY_COUNTS = 5 };

struct capture_tally_entry {
	struct capture_tally_key key;
	uint64_t counts[CAPTURE_TALLY_COUNTS]; /* of what, the holder knows; their sum is how often the key was seen */
};

struct capture_tally;

/* Room for `most` keys (2 or more); all memory is taken here. */
int capture_tally_new(struct capture_tally **out, size_t most, uint64_t seed, struct error *err);
void capture_tally_free(struct capture_tally *tally);

/* The counts of that key, all 0 if it is new; the caller adds to them at once. Valid until the next call on the
 * tally. */
uint64_t *capture_tally_at(struct capture_tally *tally, const struct capture_tally_key *key);

/* How many keys were forgotten; one that came back and went again counts twice. */
uint64_t capture_tally_forgotten(const struct capture_tally *tally);

/* Puts the entries in order: by group, in a group those seen most first. The tally is then only to be read. */
void capture_tally_sort(struct capture_tally *tally);

/* The entries of a group, after capture_tally_sort(). */
const struct capture_tally_entry *capture_tally_group(const struct capture_tally *tally, uint32_t group, size_t *count);

#endif
