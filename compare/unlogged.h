/* compare/unlogged.h - traffic that AWS never logs, told by the flow alone: flow/exclusion.h, with a guess at what is
 * configured nowhere. */
#ifndef ENIFLOW_COMPARE_UNLOGGED_H
#define ENIFLOW_COMPARE_UNLOGGED_H

#include "compare/lack.h"

/* 1, with lack->detail written: the flow is in the capture alone and AWS does not log it; or it is in the log alone and
 * the capture was read without it. Else 0, also where the other side does have such traffic between the same addresses;
 * -ENOMEM.
 *
 * An address that ends in .2 and answers DNS is taken for the VPC's server, and one that ends in .1 in the sender's /24
 * for its router; both in private networks alone. */
int compare_unlogged(struct compare_lack *lack, struct error *err);

#endif
