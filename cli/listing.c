#include "cli/listing.h"

#include <string.h>

#include "output/addrtext.h"

enum { COLUMNS = 100 };
_Static_assert((int)LISTING_ADDRESS_SIZE > (int)OUTPUT_IPV6_ROOM, "an address and its end mark");

struct listing listing_begin(FILE *out, const char *head, const char *indent)
{
	fputs(head, out);
	return (struct listing){ .out = out, .indent = indent, .column = strlen(head) };
}

void listing_add(struct listing *listing, const char *format, ...)
{
	char text[256];
	size_t length;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = strlen(text);
	if (listing->begun && listing->column + strlen(", ,") + length > COLUMNS) {
		fprintf(listing->out, ",\n%s", listing->indent);
		listing->column = strlen(listing->indent);
	} else if (listing->begun) {
		fputs(", ", listing->out);
		listing->column += 2;
	}
	fputs(text, listing->out);
	listing->column += length;
	listing->begun = true;
}

const char *listing_address(char out[static LISTING_ADDRESS_SIZE], enum flow_family family,
			    const struct flow_address *address)
{
	char *end = family == FLOW_IPV4 ? output_addrtext_ipv4(out, address->octets)
					: output_addrtext_ipv6(out, address->octets);

	*end = '\0';
	return out;
}

void listing_add_address(struct listing *listing, enum flow_family family, const struct flow_address *address)
{
	char text[LISTING_ADDRESS_SIZE];

	listing_add(listing, "%s", listing_address(text, family, address));
}

void listing_end(struct listing *listing)
{
	fputc('\n', listing->out);
}

const char *listing_mac(char out[static LISTING_MAC_SIZE], const uint8_t mac[static 6])
{
	snprintf(out, LISTING_MAC_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	return out;
}
