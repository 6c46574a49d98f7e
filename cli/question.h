/* cli/question.h - the packet that `eniflow explain` is asked about, from its operands.
 *
 * INTERFACE is the name of a section or an interface-id. PROTOCOL is a name or number (output/protocol.h); ICMP and ICMPv6
 * may have /TYPE or /TYPE/CODE behind it, else it is an echo request. An endpoint is ADDRESS or ADDRESS:PORT; an IPv6
 * address with a port stands in brackets. The packet begins a connection: TCP has SYN. */
#ifndef ENIFLOW_CLI_QUESTION_H
#define ENIFLOW_CLI_QUESTION_H

#include "cli/settings.h"

enum question_operand {
	QUESTION_INTERFACE,
	QUESTION_DIRECTION,
	QUESTION_PROTOCOL,
	QUESTION_SOURCE,
	QUESTION_DESTINATION,
	QUESTION_OPERANDS
};

/* "INTERFACE". */
extern const char *const question_operands[QUESTION_OPERANDS];

/* What the source port is when none is given: in every system's ephemeral range. */
enum { QUESTION_SOURCE_PORT = 49152 };

struct question {
	size_t interface; /* its number among the settings' */
	enum flow_direction direction;
	struct flow_observation packet;
	bool chose_port; /* QUESTION_SOURCE_PORT stands in */
	bool chose_type; /* an echo request stands in */
};

/* Reads the operands. Returns 0, or -EINVAL with a sentence that begins with the one that is wrong. */
int question_parse(struct question *out, const struct settings *settings, const char *const operands[QUESTION_OPERANDS],
		   struct error *err);

/* The packet that would answer it, the other way; false: nothing answers it (most kinds of ICMP). */
bool question_answer(struct question *out, const struct question *asked);

/* The interface-id as records have it, set or derived; made in `out` if derived. */
const char *question_interface_id(const struct flow_interface *interface, char out[static FLOW_INTERFACE_ID_SIZE]);

#endif
