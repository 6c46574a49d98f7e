/* output/anonymizer.h - records with other addresses, so that a log can be shared.
 *
 * Each address is replaced by a keyed permutation that keeps prefixes: two addresses that share their first n bits
 * share the first n bits of what stands for them, and no more (Crypto-PAn: Xu, Fan, Ammar, Moon, ICNP 2002; AES-128
 * of OpenSSL). IPv4 and IPv6 are two permutations of one key. The same key gives the same addresses on every machine,
 * so logs that were made apart fit together. What else a record tells (ports, ids, services) stays. */
#ifndef ENIFLOW_OUTPUT_ANONYMIZER_H
#define ENIFLOW_OUTPUT_ANONYMIZER_H

#include "flow/record.h"

enum { OUTPUT_ANONYMIZER_KEY = 32 }; /* bytes: an AES key, and what the pad is made of */

struct output_anonymizer;

/* Reads a key from a file: 64 hexadecimal digits on one line, or exactly 32 bytes. Returns 0, or -errno: the file
 * cannot be read, or is no key. Other users being able to read it is a notice. */
int output_anonymizer_read_key(uint8_t key[static OUTPUT_ANONYMIZER_KEY], const char *path,
			       const struct notices *notices, struct error *err);

/* Returns 0, -ENOMEM, or -ENOTSUP where this build has no libcrypto. */
int output_anonymizer_new(struct output_anonymizer **out, const uint8_t key[static OUTPUT_ANONYMIZER_KEY],
			  struct error *err);

/* Forgets the key. Takes NULL. */
void output_anonymizer_free(struct output_anonymizer *anonymizer);

/* What stands for an address of that family. */
struct flow_address output_anonymizer_address(struct output_anonymizer *anonymizer, struct flow_address address,
					      bool is_ipv6);

/* A sink that hands records on to `next` with other addresses: srcaddr, dstaddr and the pkt-addresses that are there.
 * `next` is copied; the anonymizer must outlive the sink. */
struct flow_sink output_anonymizer_sink(struct output_anonymizer *anonymizer, const struct flow_sink *next);

#endif
