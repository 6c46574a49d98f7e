/* cli/accounts.h - one account of all the meters that a sensor had: it begins a new one with each configuration. */
#ifndef ENIFLOW_CLI_ACCOUNTS_H
#define ENIFLOW_CLI_ACCOUNTS_H

#include "flow/meter.h"

/* Adds `part` to `sum`, which is zeroed at first. */
void accounts_add(struct flow_account *sum, const struct flow_account *part);

#endif
