/* capture/hosts.h - whose capture it is: the network interfaces that a capture point seems to stand at.
 *
 * Rules of thumb, for people to look over: a capture does not say it. The MAC that nearly every frame to one station
 * has at one of its ends is the interface's own; where two have it, the capture's own word on direction tells, else
 * what stands behind them, for a router has addresses of others behind it. Without MACs it is the same with
 * addresses. */
#ifndef ENIFLOW_CAPTURE_HOSTS_H
#define ENIFLOW_CAPTURE_HOSTS_H

#include "capture/survey.h"

enum { CAPTURE_HOSTS_MOST = 8, CAPTURE_HOST_ADDRESSES_MOST = 16, CAPTURE_HOST_OTHERS_MOST = 3 };

/* What tells. */
enum capture_hosts_by {
	HOSTS_UNKNOWN,          /* nothing does: no items */
	HOSTS_ONE_MAC,          /* one MAC is at an end of nearly all frames */
	HOSTS_MAC_BY_WORD,      /* two are, and the capture's word says which is at this end */
	HOSTS_MAC_BY_ADDRESSES, /* two are; addresses of others seem to stand behind the other one, which is items[1] */
	HOSTS_EITHER_MAC,       /* two are, and nothing tells them apart: two items, of which one is right */
	HOSTS_SEVERAL_MACS, /* none is, as at a switch or a bridge: each that addresses stand behind, the busiest first */
	HOSTS_ADDRESS_BY_WORD, /* no MACs: the addresses that the capture's word puts at this end */
	HOSTS_ONE_ADDRESS,     /* no MACs, no word: one address is at an end of nearly all packets */
	HOSTS_EITHER_ADDRESS,  /* two are: two items, of which one is right */
};

/* The addresses of one family. Entries are those of SURVEY_ADDRESSES and live as long as the survey. */
struct capture_host_family {
	bool claimed; /* by ARP or neighbour discovery; else they are what packets were sent from */
	const struct capture_tally_entry *own[CAPTURE_HOST_ADDRESSES_MOST]; /* the one most used both ways first */
	size_t own_count;
	size_t own_more; /* for which there was no room */
	/* Those that also stand behind the MAC, as behind a router: not claimed, or only sent to, or too many for a
	 * host. */
	const struct capture_tally_entry *some_others[CAPTURE_HOST_OTHERS_MOST];
	size_t others;
};

struct capture_host {
	bool has_mac;
	uint8_t mac[6];
	uint64_t frames; /* to one station, from or to this MAC; without MACs: packets */
	struct capture_host_family ipv4, ipv6;
};

struct capture_hosts {
	enum capture_hosts_by by;
	struct capture_host items[CAPTURE_HOSTS_MOST];
	size_t count;
	size_t more; /* HOSTS_SEVERAL_MACS: for which there was no room */
};

/* Judges one capture point of a finished survey. */
void capture_hosts_find(struct capture_hosts *hosts, const struct capture_survey *survey,
			const struct capture_survey_point *point);

#endif
