/* cli/listing.h - lists for people and for configuration files: commas between, lines of up to 100 columns. */
#ifndef ENIFLOW_CLI_LISTING_H
#define ENIFLOW_CLI_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "flow/address.h"
#include "flow/error.h"

struct listing {
	FILE *out;
	const char *indent; /* what lines behind the first begin with */
	size_t column;
	bool begun; /* an item stands there */
};

/* Writes `head`, behind which the first item goes. */
struct listing listing_begin(FILE *out, const char *head, const char *indent);
void listing_add(struct listing *listing, const char *format, ...) ENIFLOW_PRINTF(2, 3);
void listing_add_address(struct listing *listing, enum flow_family family, const struct flow_address *address);

/* Ends the line. */
void listing_end(struct listing *listing);

/* An address and a MAC as text, in `out`, which is returned. */
enum { LISTING_ADDRESS_SIZE = 48, LISTING_MAC_SIZE = 18 };
const char *listing_address(char out[static LISTING_ADDRESS_SIZE], enum flow_family family,
			    const struct flow_address *address);
const char *listing_mac(char out[static LISTING_MAC_SIZE], const uint8_t mac[static 6]);

#endif
