/* capture/filter.h - a pcap-filter(7) expression, compiled by libpcap for each link type it meets. */
#ifndef ENIFLOW_CAPTURE_FILTER_H
#define ENIFLOW_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

struct capture_filter;

/* Checks `expression` against Ethernet, so that a slip is told before any file is read. Returns 0 or -EINVAL with
 * libpcap's words. An expression that only another link type allows is accepted here and judged when that link type
 * comes. */
int capture_filter_new(struct capture_filter **out, const char *expression, struct error *err);
void capture_filter_free(struct capture_filter *filter);

/* libpcap's own words on its version; in static memory. */
const char *capture_filter_library(void);

/* 1: the frame passes. 0: it does not. -EINVAL: the expression cannot be compiled for this link type; the sentence
 * says so, once: further frames of it do not pass. -ENOMEM. */
int capture_filter_match(struct capture_filter *filter, uint32_t link_type, const uint8_t *bytes, uint32_t captured,
			 uint32_t original, struct error *err);

#endif
