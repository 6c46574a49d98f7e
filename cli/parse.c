#include "cli/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "cli/amount.h"
#include "output/utf8.h"

static const char digits[] = "0123456789";

/* Digits only; false also for what is too long for any number that is asked for here. */
static bool read_number(const char *text, uint64_t *out)
{
	size_t length = strlen(text);

	if (length == 0 || length > 18 || strspn(text, digits) != length || (text[0] == '0' && length > 1))
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

int parse_number(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *out, struct error *err)
{
	uint64_t number;

	if (!read_number(text, &number) || number < least || number > most)
		return fail(err, EINVAL, "%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64, what, text,
			    least, most);
	*out = number;
	return 0;
}

/* By how many bits a suffix shifts; -1: there is none of that name. */
static int suffix_shift(const char *suffix)
{
	static const char *const suffixes[] = { "", "K", "KiB", "M", "MiB", "G", "GiB" };

	for (int i = 0; i < 7; i++)
		if (strcmp(suffix, suffixes[i]) == 0)
			return (i + 1) / 2 * 10;
	return -1;
}

static bool read_size(const char *text, uint64_t *out)
{
	char number[20];
	size_t length = strspn(text, digits);
	int shift = suffix_shift(text + length);

	if (shift < 0 || length >= sizeof(number))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	if (!read_number(number, out) || *out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

int parse_size(const char *what, const char *text, uint64_t least, uint64_t most, uint64_t *out, struct error *err)
{
	char from[AMOUNT_SIZE], to[AMOUNT_SIZE];
	uint64_t size;

	if (!read_size(text, &size) || size < least || size > most)
		return fail(err, EINVAL, "%s: '%s' is not a size from %s to %s", what, text, amount_size(least, from),
			    amount_size(most, to));
	*out = size;
	return 0;
}

int parse_switch(const char *what, const char *text, bool *out, struct error *err)
{
	static const char *const words[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int on = 0; on <= 1; on++) {
			if (strcasecmp(text, words[i][on]) == 0) {
				*out = on;
				return 0;
			}
		}
	}
	return fail(err, EINVAL, "%s: '%s' is not yes or no", what, text);
}

int parse_choice(const char *what, const char *text, const char *choices, struct error *err)
{
	const char *at = choices;

	for (int place = 0;; place++) {
		size_t length = strcspn(at, "|");

		if (strlen(text) == length && memcmp(text, at, length) == 0)
			return place;
		if (!at[length])
			return fail(err, EINVAL, "%s: '%s' is not one of %s", what, text, choices);
		at += length + 1;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_mac(const char *text, uint8_t out[static 6])
{
	enum { LENGTH = 6 * 3 - 1 };

	if (strlen(text) != LENGTH)
		return false;
	for (size_t i = 0; i < 6; i++, text += 3) {
		int high = hex_digit(text[0]), low = hex_digit(text[1]);

		if (high < 0 || low < 0 || (i < 5 && text[2] != ':' && text[2] != '-'))
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int parse_mac(const char *what, const char *text, uint8_t out[static 6], struct error *err)
{
	uint8_t mac[6];

	if (!read_mac(text, mac))
		return fail(err, EINVAL, "%s: '%s' is not a MAC address like 02:11:22:33:44:55", what, text);
	if (mac[0] & 1)
		return fail(err, EINVAL, "%s: %s is a group address, which no interface has", what, text);
	memcpy(out, mac, sizeof(mac));
	return 0;
}

static bool read_address(const char *text, struct flow_host *out)
{
	struct flow_host host = { .family = strchr(text, ':') ? FLOW_IPV6 : FLOW_IPV4 };

	if (inet_pton(host.family == FLOW_IPV6 ? AF_INET6 : AF_INET, text, host.address.octets) != 1)
		return false;
	*out = host;
	return true;
}

int parse_host(const char *what, const char *text, struct flow_host *out, struct error *err)
{
	const char *slash = strchr(text, '/');
	struct flow_host host;

	if (!read_address(text, &host))
		return fail(err, EINVAL, "%s: '%s' is not an IPv4 or IPv6 address%s%s", what, text,
			    slash ? "; leave out " : "", slash ? slash : "");
	if (flow_address_is_multicast(host.family, &host.address) ||
	    flow_address_is_broadcast(host.family, &host.address) || flow_address_is_unspecified(&host.address))
		return fail(err, EINVAL, "%s: no interface has the address %s", what, text);
	*out = host;
	return 0;
}

/* Clears the bits of the base behind the length. */
static void cut_base(struct flow_prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < 8 * sizeof(prefix->base.octets); bit++)
		prefix->base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

int parse_prefix(const char *what, const char *text, struct flow_prefix *out, struct error *err)
{
	char base[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : sizeof(base);
	struct flow_prefix prefix;
	struct flow_host host;
	uint64_t bits;

	if (length >= sizeof(base))
		return fail(err, EINVAL, "%s: '%s' is not a CIDR like 10.0.0.0/16", what, text);
	memcpy(base, text, length);
	base[length] = '\0';
	if (!read_address(base, &host) || !read_number(slash + 1, &bits) ||
	    bits > (host.family == FLOW_IPV4 ? 32 : 128))
		return fail(err, EINVAL, "%s: '%s' is not a CIDR like 10.0.0.0/16", what, text);
	prefix = (struct flow_prefix){ host.family, (uint8_t)bits, host.address };
	cut_base(&prefix);
	if (!flow_address_equal(&prefix.base, &host.address)) {
		inet_ntop(host.family == FLOW_IPV4 ? AF_INET : AF_INET6, prefix.base.octets, base, sizeof(base));
		return fail(err, EINVAL, "%s: %s has bits behind its length; write %s%s", what, text, base, slash);
	}
	*out = prefix;
	return 0;
}

/* What readers of flow logs take for the end of a field: control characters, and what Unicode calls white space. */
static bool ends_field(int32_t point)
{
	return point <= ' ' || (point >= 0x7f && point <= 0xa0) || point == 0x1680 ||
	       (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
	       point == 0x205f || point == 0x3000;
}

int parse_word(const char *what, const char *text, struct error *err)
{
	const char *at = text;

	while (*at) {
		size_t byte = (size_t)(at - text) + 1;
		int32_t point = output_utf8_next(&at);

		if (point < 0)
			return fail(err, EINVAL, "%s: byte %zu of the value is not UTF-8; percent-encode it", what,
				    byte);
		if (ends_field(point))
			return fail(err, EINVAL,
				    "%s: byte %zu of the value is white space or a control character; percent-encode "
				    "it (%%%02x)",
				    what, byte, text[byte - 1] & 0xffU);
	}
	return 0;
}

int parse_copy(char **slot, const char *what, const char *text, struct error *err)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return fail_memory(err, what);
	free(*slot);
	*slot = copy;
	return 0;
}

int parse_list(const char *what, const char *text, parse_item_fn *each, void *ctx, struct error *err)
{
	static const char between[] = " \t\r\n,";
	char *copy = strdup(text), *rest = NULL;
	int ret = 0;

	if (!copy)
		return fail_memory(err, what);
	for (char *item = strtok_r(copy, between, &rest); item && ret >= 0; item = strtok_r(NULL, between, &rest))
		ret = each(ctx, what, item, err);
	free(copy);
	return ret < 0 ? ret : 0;
}
