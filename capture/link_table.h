/* capture/link_table.h - the network devices of a host and their addresses, as rtnetlink's messages tell of them.
 *
 * Pure: it takes messages from wherever they come, and no byte of them is trusted. capture/links is what reads them
 * from the kernel. Sources: linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. */
#ifndef ENIFLOW_CAPTURE_LINK_TABLE_H
#define ENIFLOW_CAPTURE_LINK_TABLE_H

#include <net/if.h>

#include "flow/address.h"
#include "flow/error.h"

/* A network device. */
struct capture_link {
	uint32_t index; /* never 0; one that is made anew under the same name has another */
	char name[IF_NAMESIZE];
	uint16_t type;  /* ARPHRD_... of net/if_arp.h */
	bool up;        /* switched on (IFF_UP), with or without a carrier */
	bool loopback;  /* IFF_LOOPBACK */
	bool in_bridge; /* it is a port of a Linux bridge */
	bool has_mac;   /* `mac` is its own address: six octets that are not all 0 */
	uint8_t mac[6];
	/* Its own unicast addresses, the first of a family is its primary one. IPv4: those that are no secondary ones
	 * first, wider scopes before narrower ones, else in the kernel's order. IPv6: global ones before link-local ones,
	 * then those that are neither tentative nor deprecated, then those that are not temporary (privacy), then the
	 * lower one. Addresses that turned out to be another station's (DAD) are left out. */
	const struct flow_host *addresses;
	size_t address_count;
	uint64_t changes; /* grows whenever any of the above changes; no two links of a table ever have the same */
	uint64_t dropped; /* rx_dropped + rx_missed_errors when the counters came last; 0 until then */
};

/* Is it among those that the word `all` means: up, and neither loopback nor port of a bridge (whose packets the bridge
 * has, too)? */
bool capture_link_is_watched_by_all(const struct capture_link *link);

struct capture_link_table;

int capture_link_table_new(struct capture_link_table **out, struct error *err);
void capture_link_table_free(struct capture_link_table *table);

/* Takes in one datagram of netlink messages, aligned as a uint64_t is. What is cut off or contradicts itself is passed
 * over, as are messages of other kinds. 1: something changed (counters do not count), 0: nothing did; -ENOMEM. */
int capture_link_table_take(struct capture_link_table *table, const void *datagram, size_t length, struct error *err);

/* A whole telling (dump) of all devices and addresses begins; at its end those go that it did not name. The second
 * answers 1 if that took away anything, else 0. */
void capture_link_table_begin(struct capture_link_table *table);
int capture_link_table_end(struct capture_link_table *table);

/* Links stay valid until the table takes a message or ends a telling; NULL: there is none. */
const struct capture_link *capture_link_table_find(const struct capture_link_table *table, const char *name);
const struct capture_link *capture_link_table_by_index(const struct capture_link_table *table, uint32_t index);

/* All of them by rising index; NULL behind the last. */
const struct capture_link *capture_link_table_at(const struct capture_link_table *table, size_t i);

#endif
