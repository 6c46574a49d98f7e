#include "aws/scalar.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "flow/rule.h"

static const char letters_and_digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The string, or NULL for none and an empty one. */
static const char *text_of(struct aws_value value)
{
	const char *text = aws_value_text(value);

	return text && *text ? text : NULL;
}

/* A whole decimal number from 0 to `most`, without sign, blanks or zeros in front. */
static bool read_number(const char *text, unsigned most, unsigned *out)
{
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 3 || text[length] || (text[0] == '0' && length > 1))
		return false;
	*out = (unsigned)strtoul(text, NULL, 10);
	return *out <= most;
}

/* ---- addresses ---- */

static bool read_address(const char *text, struct flow_host *out)
{
	*out = (struct flow_host){ .family = strchr(text, ':') ? FLOW_IPV6 : FLOW_IPV4 };
	return inet_pton(out->family == FLOW_IPV6 ? AF_INET6 : AF_INET, text, out->address.octets) == 1;
}

bool aws_scalar_host(struct aws_value value, enum flow_family family, struct flow_host *out)
{
	const char *text = text_of(value);
	struct flow_host host;

	if (!text)
		return false;
	if (!read_address(text, &host) || host.family != family) {
		aws_value_wrong(&value, family == FLOW_IPV4 ? "an IPv4 address" : "an IPv6 address");
		return false;
	}
	*out = host;
	return true;
}

static bool read_prefix(const char *text, struct flow_prefix *out)
{
	char base[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : sizeof(base);
	struct flow_host host;
	unsigned bits;

	if (length >= sizeof(base))
		return false;
	memcpy(base, text, length);
	base[length] = '\0';
	if (!read_address(base, &host) || !read_number(slash + 1, host.family == FLOW_IPV4 ? 32 : 128, &bits))
		return false;
	*out = (struct flow_prefix){ host.family, (uint8_t)bits, host.address };
	for (unsigned bit = bits; bit < 8 * sizeof(out->base.octets); bit++)
		out->base.octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return true;
}

bool aws_scalar_prefix(struct aws_value value, int family, struct flow_prefix *out)
{
	static const char *const expected[] = {
		[0] = "a CIDR like 10.0.0.0/16",
		[FLOW_IPV4] = "an IPv4 CIDR like 10.0.0.0/16",
		[FLOW_IPV6] = "an IPv6 CIDR like 2001:db8::/56",
	};
	const char *text = aws_value_text(value);
	struct flow_prefix prefix;

	if (!text)
		return false;
	if (!read_prefix(text, &prefix) || (family && prefix.family != family)) {
		aws_value_wrong(&value, expected[family]);
		return false;
	}
	*out = prefix;
	return true;
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
	if (strlen(text) != sizeof("02:11:22:33:44:55") - 1)
		return false;
	for (size_t i = 0; i < 6; i++, text += 3) {
		int high = hex_digit(text[0]), low = hex_digit(text[1]);

		if (high < 0 || low < 0 || (i < 5 && text[2] != ':'))
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (out[0] & 1) == 0; /* no group address */
}

bool aws_scalar_mac(struct aws_value value, uint8_t out[static 6])
{
	const char *text = text_of(value);
	uint8_t mac[6];

	if (!text)
		return false;
	if (!read_mac(text, mac)) {
		aws_value_wrong(&value, "a MAC address like 02:11:22:33:44:55");
		return false;
	}
	memcpy(out, mac, sizeof(mac));
	return true;
}

/* ---- words ---- */

static bool is_word(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool aws_scalar_word(struct aws_value value, char **out)
{
	const char *text = text_of(value);
	char *copy;

	if (!text)
		return false;
	if (!is_word(text)) {
		aws_value_wrong(&value, "a word of printable ASCII without blanks");
		return false;
	}
	copy = strdup(text);
	if (!copy) {
		aws_value_memory(&value);
		return false;
	}
	*out = copy;
	return true;
}

bool aws_scalar_id(const struct aws_value *object, const char *name, char **out)
{
	struct aws_value member = aws_value_need(object, name);
	bool found = aws_scalar_word(member, out);

	if (!found)
		aws_value_wrong(&member, "an id"); /* it is empty, or there was a fault before */
	return found;
}

bool aws_scalar_protocol(struct aws_value value, int16_t *out)
{
	static const struct {
		const char *name;
		int16_t number;
	} names[] = { { "-1", FLOW_RULE_ANY }, { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "icmpv6", 58 } };
	const char *text = aws_value_text(value);
	unsigned number;

	if (!text)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(text, names[i].name) == 0) {
			*out = names[i].number;
			return true;
		}
	}
	if (!read_number(text, 255, &number)) {
		aws_value_wrong(&value, "a protocol (tcp, udp, icmp, icmpv6, 0 to 255, -1)");
		return false;
	}
	*out = (int16_t)number;
	return true;
}

bool aws_scalar_tag(struct aws_value value, char **out)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *text = text_of(value);
	bool dash = text && strcmp(text, "-") == 0;
	char *at;

	if (!text)
		return false;
	at = malloc(3 * strlen(text) + 1);
	if (!at) {
		aws_value_memory(&value);
		return false;
	}
	for (*out = at; *text; text++) {
		if (!dash && (strchr(letters_and_digits, *text) || strchr("-._~", *text))) {
			*at++ = *text;
		} else {
			*at++ = '%';
			*at++ = hex[(unsigned char)*text >> 4];
			*at++ = hex[*text & 0xf];
		}
	}
	*at = '\0';
	return true;
}
