/* output/anonymizer.h - records with other addresses, so that a log can be shared.
 *
 * Each address is replaced by a keyed permutation that keeps prefixes: two addresses that share their first n bits
 * share the first n bits of what stands for them, and no more (Crypto-PAn: Xu, Fan, Ammar, Moon, ICNP 2002; AES-128
 * of OpenSSL). IPv4 and IPv6 are two permutations of one key: an IPv6 address is done as an IPv4 one, over 128 bits.
 * The same key gives the same addresses on every machine, so logs that were made apart fit together. What else a
 * record tells (ports, ids, services) stays. Not for two threads at once. */
#ifndef ENIFLOW_OUTPUT_ANONYMIZER_H
#define ENIFLOW_OUTPUT_ANONYMIZER_H

#include "flow/record.h"

enum { OUTPUT_ANONYMIZER_KEY = 32 }; /* bytes: an AES key, and what the pad is made of */

struct output_anonymizer;

/* Reads a key from a file: 64 hexadecimal digits on one line, or exactly 32 bytes. Returns 0, or -errno: the file
 * cannot be read, or is no key (-EINVAL), and then `key` is zeroed. Other users being able to read it is a notice. */
int output_anonymizer_read_key(uint8_t key[static OUTPUT_ANONYMIZER_KEY], const char *path,
			       const struct notices *notices, struct error *err);

/* Takes all memory it will have, some 2 MB: addresses that were done before are remembered up to a bound, newer ones in
 * place of older ones. Returns 0, -ENOMEM, -ENOTSUP where this build has no libcrypto, or -EIO: libcrypto refuses. */
int output_anonymizer_new(struct output_anonymizer **out, const uint8_t key[static OUTPUT_ANONYMIZER_KEY],
			  struct error *err);

/* Forgets the key and the addresses. Takes NULL. */
void output_anonymizer_free(struct output_anonymizer *anonymizer);

/* What stands for an address of that family. Zeros, should libcrypto fail: never the address itself. */
struct flow_address output_anonymizer_address(struct output_anonymizer *anonymizer, struct flow_address address,
					      bool is_ipv6);

/* A sink that hands records on to `next` with other addresses: srcaddr, dstaddr and the pkt-addresses that are there.
 * `next` is copied; the anonymizer, which has one such sink at a time, must outlive the sink. A record whose addresses
 * cannot be done is not handed on, and ends the run with -EIO. */
struct flow_sink output_anonymizer_sink(struct output_anonymizer *anonymizer, const struct flow_sink *next);

#endif
