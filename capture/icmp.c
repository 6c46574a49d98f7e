#include "capture/icmp.h"

/* Message types. */
enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
	ICMPV6_ERROR_MOST = 127, /* errors are all up to it */
	ICMPV6_ECHO = 128,
	ICMPV6_ECHO_REPLY = 129,
};

static bool is_echo(uint8_t protocol, uint8_t type)
{
	if (protocol == CAPTURE_ICMPV6)
		return type == ICMPV6_ECHO || type == ICMPV6_ECHO_REPLY;
	return type == ICMP_ECHO || type == ICMP_ECHO_REPLY;
}

static bool is_error(uint8_t protocol, uint8_t type)
{
	if (protocol == CAPTURE_ICMPV6)
		return type <= ICMPV6_ERROR_MOST;
	switch (type) {
	case ICMP_UNREACHABLE:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		return true;
	default:
		return false;
	}
}

bool capture_icmp(const struct cursor *bytes, struct flow_observation *out)
{
	const uint8_t *message = bytes->at; /* type, code, checksum, identifier */
	size_t left = cursor_left(bytes);

	if (left < 2)
		return false;
	out->has_icmp = true;
	out->icmp_type = message[0];
	out->icmp_code = message[1];
	if (left >= 6 && is_echo(out->protocol, out->icmp_type)) {
		out->is_echo = true;
		out->icmp_identifier = load_be16(message + 4);
	}
	return left >= CAPTURE_ICMP_HEADER && is_error(out->protocol, out->icmp_type);
}
