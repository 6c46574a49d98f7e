/* aws/interfaces.h - network interfaces, as describe-network-interfaces tells of them.
 *
 * interface-id, account-id, vpc-id and subnet-id as they stand there. region, az-id and the sublocation by the zone
 * (aws/zone.h). instance-id is that of the attachment, unless the interface is managed by a requester, or the instance
 * is somebody else's. interface-type where it is one of those that the field shows. Tags by the keys that were asked
 * for. Addresses: the primary one of a family before its others, and each address of delegated IPv4 prefixes (/28);
 * delegated IPv6 prefixes hold too many: the MAC tells whose those packets are. Public addresses never reach an
 * interface. */
#ifndef ENIFLOW_AWS_INTERFACES_H
#define ENIFLOW_AWS_INTERFACES_H

#include "aws/account.h"
#include "aws/value.h"

/* Moves what was read at `at` behind the others; gives it back if there was a fault. */
void aws_interfaces_keep(const struct aws_value *at, struct flow_interface **items, size_t *count,
			 struct flow_interface *item);

void aws_interfaces_read(const struct aws_value *root, struct aws_account *account);

#endif
