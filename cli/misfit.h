/* cli/misfit.h - what of a rule does not fit a packet, for people who expected another verdict.
 *
 * It says why; flow/policy.h judges. The two agree on what fits (tests hold them to it). */
#ifndef ENIFLOW_CLI_MISFIT_H
#define ENIFLOW_CLI_MISFIT_H

#include "cli/settings.h"

/* The less, the nearer: 0 fits. */
enum misfit {
	MISFIT_PORT = 1,     /* or the ICMP type or code */
	MISFIT_PEER = 2,     /* the address of the other side */
	MISFIT_PROTOCOL = 4, /* then no ports are compared */
};

/* The enum misfit, or-ed, of a rule of a list for that direction. */
unsigned misfit_of(const struct settings *settings, const struct flow_rule *rule, bool egress,
		   const struct flow_observation *packet);

/* In words: "port 22 is not 443, 203.0.113.9 is not in 10.0.0.0/8"; "" where all fits. Made in `out`, which is
 * returned. */
enum { MISFIT_SIZE = 400 };
const char *misfit_words(char out[static MISFIT_SIZE], const struct settings *settings, const struct flow_rule *rule,
			 bool egress, const struct flow_observation *packet);

#endif
