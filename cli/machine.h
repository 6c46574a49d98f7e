/* cli/machine.h - what this host is called in the interface ids that a sensor makes: the same for as long as it is
 * installed, and another one on every host. Source: interface.md, "interface-id"; machine-id(5). */
#ifndef ENIFLOW_CLI_MACHINE_H
#define ENIFLOW_CLI_MACHINE_H

#include "flow/error.h"

enum { MACHINE_ID_SIZE = 66 }; /* 32 hexadecimal digits, or a host name of up to 64 bytes, and the end mark */

/* The id in /etc/machine-id, else in /var/lib/dbus/machine-id: 32 hexadecimal digits, in lower case, not all of them 0.
 * Without one, the host's name, of which `notices` (may be NULL) hears. `root` stands before the paths; "" for this
 * host. */
void machine_id(char out[static MACHINE_ID_SIZE], const char *root, const struct notices *notices);

#endif
