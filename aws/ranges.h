/* aws/ranges.h - the address ranges of AWS's services, as ip-ranges.json lists them. */
#ifndef ENIFLOW_AWS_RANGES_H
#define ENIFLOW_AWS_RANGES_H

#include "aws/account.h"
#include "aws/value.h"

void aws_ranges_read(const struct aws_value *root, struct aws_account *account);

#endif
