/* capture/links.h - the network devices of this host and what changes about them, by rtnetlink.
 *
 * Of the network namespace in which it was opened. No privilege is needed. */
#ifndef ENIFLOW_CAPTURE_LINKS_H
#define ENIFLOW_CAPTURE_LINKS_H

#include "capture/link_table.h"

struct capture_links;

/* Subscribes to what changes, then asks for all devices and addresses. */
int capture_links_open(struct capture_links **out, struct error *err);
void capture_links_close(struct capture_links *links);

/* For poll(): readable when capture_links_read() has something to take in. */
int capture_links_fd(const struct capture_links *links);

/* Takes in what changed; never waits. 1: something did, 0: nothing. Where the kernel had to drop messages, asks for
 * everything anew; after a failure of that the next call does. */
int capture_links_read(struct capture_links *links, struct error *err);

/* Asks for the counters (`dropped`) of one link, or, with index 0, of all: one request and one answer, or an answer for
 * about 140 links, so that both are cheap enough for each second. Links stay valid. -ENODEV: that link is gone. */
int capture_links_count(struct capture_links *links, uint32_t index, struct error *err);

/* Links stay valid until the next capture_links_read(); NULL: there is none. */
const struct capture_link *capture_links_find(const struct capture_links *links, const char *name);
const struct capture_link *capture_links_by_index(const struct capture_links *links, uint32_t index);

/* All of them by rising index; NULL behind the last. */
const struct capture_link *capture_links_at(const struct capture_links *links, size_t i);

#endif
