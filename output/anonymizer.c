#include "output/anonymizer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEX_DIGITS = 2 * OUTPUT_ANONYMIZER_KEY, KEY_FILE_MOST = HEX_DIGITS + 2 /* and the line's end */ };

/* Up to `size` bytes of a file, which may come in pieces. Returns how many, or -errno. */
static ssize_t read_whole(int fd, uint8_t *out, size_t size)
{
	size_t length = 0;
	ssize_t more;

	do {
		more = read(fd, out + length, size - length);
		if (more > 0)
			length += (size_t)more;
	} while ((more > 0 && length < size) || (more < 0 && errno == EINTR));
	return more < 0 ? -errno : (ssize_t)length;
}

static int digit_of(uint8_t character)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = character ? strchr(digits, character) : NULL;

	if (!at)
		return -1;
	return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* 64 digits, and perhaps the end of a line, are so many bytes. */
static bool parse_hex(uint8_t key[static OUTPUT_ANONYMIZER_KEY], const uint8_t *text, size_t length)
{
	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length > 0 && text[length - 1] == '\r')
		length--;
	if (length != HEX_DIGITS)
		return false;
	for (size_t i = 0; i < OUTPUT_ANONYMIZER_KEY; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static int parse_key(uint8_t key[static OUTPUT_ANONYMIZER_KEY], const uint8_t *text, size_t length, const char *path,
		     struct error *err)
{
	if (length == OUTPUT_ANONYMIZER_KEY) {
		memcpy(key, text, length);
		return 0;
	}
	if (parse_hex(key, text, length))
		return 0;
	explicit_bzero(key, OUTPUT_ANONYMIZER_KEY);
	return fail(
		err, EINVAL,
		"%s: no key: it must hold %d hexadecimal digits on one line, as `openssl rand -hex %d` makes them, or "
		"exactly %d bytes",
		path, HEX_DIGITS, OUTPUT_ANONYMIZER_KEY, OUTPUT_ANONYMIZER_KEY);
}

static void warn_of_readers(int fd, const char *path, const struct notices *notices)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_mode & (S_IRGRP | S_IROTH))
		notify(notices,
		       "%s: other users can read this key, and with it undo what it anonymises; chmod 600 shuts them "
		       "out",
		       path);
}

int output_anonymizer_read_key(uint8_t key[static OUTPUT_ANONYMIZER_KEY], const char *path,
			       const struct notices *notices, struct error *err)
{
	uint8_t text[KEY_FILE_MOST + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	ssize_t length;

	explicit_bzero(key, OUTPUT_ANONYMIZER_KEY);
	if (fd < 0)
		return fail_errno(err, "open %s", path);
	length = read_whole(fd, text, sizeof(text));
	if (length < 0) {
		errno = (int)-length;
		ret = fail_errno(err, "read %s", path);
	} else {
		ret = parse_key(key, text, (size_t)length, path, err);
	}
	if (ret >= 0)
		warn_of_readers(fd, path, notices);
	explicit_bzero(text, sizeof(text));
	close(fd);
	return ret;
}

#if ENIFLOW_HAVE_CRYPTO

#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum { BLOCK = 16, MOST_BITS = 128, KNOWN_BITS = 15, UPPER_BITS = 12 };

/* An address as numbers: its first bit is the highest. */
struct words {
	uint64_t high, low;
};

/* What was done before stands where a hash says. Zeroed, an entry is of the address 0, which is right in its own place
 * (forget()) and asked for in no other. */
struct known {
	struct flow_address from, to;
};

/* Addresses near each other share the upper half of their bits, which all cost the same: what these become. */
struct upper {
	uint64_t from, flips;
};

/* What differs between the families. */
struct family {
	unsigned half; /* bits of the upper half */
	unsigned bits;
	struct known known[1 << KNOWN_BITS];
	struct upper upper[1 << UPPER_BITS];
};

struct output_anonymizer {
	EVP_CIPHER_CTX *aes;
	struct words pad;
	uint64_t seed; /* of the hash, so that nobody can choose addresses that meet in one place */
	bool failed;
	struct flow_sink next;
	struct family ipv4, ipv6;
};

static struct words words_of(const uint8_t octets[static BLOCK])
{
	struct words words;

	memcpy(&words, octets, sizeof(words));
	return (struct words){ be64toh(words.high), be64toh(words.low) };
}

static void put_words(uint8_t octets[static BLOCK], struct words words)
{
	words = (struct words){ htobe64(words.high), htobe64(words.low) };
	memcpy(octets, &words, sizeof(words));
}

/* Ones where the first `length` bits are; less than 128 of them. */
static struct words mask(unsigned length)
{
	if (length < 64)
		return (struct words){ ~(UINT64_MAX >> length), 0 };
	return (struct words){ UINT64_MAX, ~(UINT64_MAX >> (length - 64)) };
}

static bool encrypt(struct output_anonymizer *anonymizer, uint8_t *blocks, size_t size)
{
	int length = 0;

	return EVP_EncryptUpdate(anonymizer->aes, blocks, &length, blocks, (int)size) == 1 && (size_t)length == size;
}

/* Which of the bits from `first` to before `end` change: bit i does if the cipher of the address's first i bits, filled
 * up with the pad's, begins with a 1. */
static struct words flips_of(struct output_anonymizer *anonymizer, struct words address, unsigned first, unsigned end)
{
	uint8_t blocks[MOST_BITS * BLOCK];
	struct words pad = anonymizer->pad, flips = { 0, 0 };

	for (unsigned i = first; i < end; i++) {
		struct words ours = mask(i);

		put_words(blocks + (size_t)(i - first) * BLOCK,
			  (struct words){ (address.high & ours.high) | (pad.high & ~ours.high),
					  (address.low & ours.low) | (pad.low & ~ours.low) });
	}
	if (!encrypt(anonymizer, blocks, (size_t)(end - first) * BLOCK)) {
		anonymizer->failed = true;
		return flips;
	}
	for (unsigned i = first; i < end; i++) {
		uint64_t bit = blocks[(size_t)(i - first) * BLOCK] >> 7;

		if (i < 64)
			flips.high |= bit << (63 - i);
		else
			flips.low |= bit << (127 - i);
	}
	return flips;
}

static size_t place(const struct output_anonymizer *anonymizer, uint64_t value, unsigned bits)
{
	value = (value ^ anonymizer->seed) * UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ value >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return value >> (64 - bits);
}

static struct flow_address permute(struct output_anonymizer *anonymizer, struct family *family,
				   struct flow_address address)
{
	struct words words = words_of(address.octets), flips;
	uint64_t from = words.high & mask(family->half).high;
	struct upper *upper = &family->upper[place(anonymizer, from, UPPER_BITS)];
	bool is_known = upper->from == from;

	flips = flips_of(anonymizer, words, is_known ? family->half : 0, family->bits);
	if (anonymizer->failed)
		return (struct flow_address){ { 0 } };
	if (is_known)
		flips.high |= upper->flips;
	else
		*upper = (struct upper){ from, flips.high & mask(family->half).high };
	put_words(address.octets, (struct words){ words.high ^ flips.high, words.low ^ flips.low });
	return address;
}

struct flow_address output_anonymizer_address(struct output_anonymizer *anonymizer, struct flow_address address,
					      bool is_ipv6)
{
	struct family *family = is_ipv6 ? &anonymizer->ipv6 : &anonymizer->ipv4;
	struct words words = words_of(address.octets);
	struct known *known =
		&family->known[place(anonymizer, words.high ^ words.low * UINT64_C(0xff51afd7ed558ccd), KNOWN_BITS)];

	if (anonymizer->failed)
		return (struct flow_address){ { 0 } };
	if (!flow_address_equal(&known->from, &address))
		*known = (struct known){ address, permute(anonymizer, family, address) };
	return known->to;
}

/* Puts the address 0 into its places of a zeroed family. */
static void forget(struct output_anonymizer *anonymizer, struct family *family)
{
	static const struct flow_address zero;
	struct words flips = flips_of(anonymizer, (struct words){ 0, 0 }, 0, family->bits);
	struct known *known = &family->known[place(anonymizer, 0, KNOWN_BITS)];

	put_words(known->to.octets, flips);
	known->from = zero;
	family->upper[place(anonymizer, 0, UPPER_BITS)] = (struct upper){ 0, flips.high & mask(family->half).high };
}

/* The second half of the key, encrypted, is the pad. Returns false if libcrypto refuses. */
static bool set_key(struct output_anonymizer *anonymizer, const uint8_t key[static OUTPUT_ANONYMIZER_KEY])
{
	uint8_t blocks[2 * BLOCK];
	bool done;

	memcpy(blocks, key + BLOCK, BLOCK);
	memset(blocks + BLOCK, 0xff, BLOCK); /* any text of our own: its cipher is as good as random */
	done = EVP_EncryptInit_ex(anonymizer->aes, EVP_aes_128_ecb(), NULL, key, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(anonymizer->aes, 0) == 1 && encrypt(anonymizer, blocks, sizeof(blocks));
	if (done) {
		anonymizer->pad = words_of(blocks);
		anonymizer->seed = words_of(blocks + BLOCK).high;
		forget(anonymizer, &anonymizer->ipv4);
		forget(anonymizer, &anonymizer->ipv6);
	}
	OPENSSL_cleanse(blocks, sizeof(blocks));
	return done && !anonymizer->failed;
}

int output_anonymizer_new(struct output_anonymizer **out, const uint8_t key[static OUTPUT_ANONYMIZER_KEY],
			  struct error *err)
{
	struct output_anonymizer *anonymizer = calloc(1, sizeof(*anonymizer));

	if (anonymizer)
		anonymizer->aes = EVP_CIPHER_CTX_new();
	if (!anonymizer || !anonymizer->aes) {
		output_anonymizer_free(anonymizer);
		return fail_memory(err, "anonymising");
	}
	anonymizer->ipv4.half = 16;
	anonymizer->ipv4.bits = 32;
	anonymizer->ipv6.half = 64;
	anonymizer->ipv6.bits = MOST_BITS;
	if (!set_key(anonymizer, key)) {
		output_anonymizer_free(anonymizer);
		return fail(err, EIO, "anonymising: OpenSSL refuses AES-128");
	}
	*out = anonymizer;
	return 0;
}

void output_anonymizer_free(struct output_anonymizer *anonymizer)
{
	if (!anonymizer)
		return;
	EVP_CIPHER_CTX_free(anonymizer->aes); /* which wipes it */
	OPENSSL_cleanse(anonymizer, sizeof(*anonymizer));
	free(anonymizer);
}

static int hand_on(void *ctx, const struct flow_record *record, struct error *err)
{
	struct output_anonymizer *anonymizer = ctx;
	bool is_ipv6 = record->family == FLOW_IPV6;
	struct flow_record other = *record;

	if (record->status != FLOW_OK)
		return anonymizer->next.record(anonymizer->next.ctx, record, err);
	other.source = output_anonymizer_address(anonymizer, record->source, is_ipv6);
	other.destination = output_anonymizer_address(anonymizer, record->destination, is_ipv6);
	/* Of those that the key leaves out this makes something that nobody shows. */
	other.packet_source = output_anonymizer_address(anonymizer, record->packet_source, is_ipv6);
	other.packet_destination = output_anonymizer_address(anonymizer, record->packet_destination, is_ipv6);
	if (anonymizer->failed)
		return fail(err, EIO, "anonymising: AES-128 of OpenSSL failed");
	return anonymizer->next.record(anonymizer->next.ctx, &other, err);
}

static int hand_on_end(void *ctx, int64_t until, struct error *err)
{
	struct output_anonymizer *anonymizer = ctx;

	return anonymizer->next.window_end(anonymizer->next.ctx, until, err);
}

struct flow_sink output_anonymizer_sink(struct output_anonymizer *anonymizer, const struct flow_sink *next)
{
	anonymizer->next = *next;
	return (struct flow_sink){ hand_on, hand_on_end, anonymizer };
}

#else

static int refuse(struct error *err)
{
	return fail(err, ENOTSUP, "this build has no libcrypto, which anonymises; install libssl-dev and build again");
}

int output_anonymizer_new(struct output_anonymizer **out, const uint8_t key[static OUTPUT_ANONYMIZER_KEY],
			  struct error *err)
{
	(void)key;
	*out = NULL;
	return refuse(err);
}

/* None can be made, so the rest has nothing to free or to ask. */
void output_anonymizer_free(struct output_anonymizer *anonymizer)
{
	(void)anonymizer;
}

struct flow_address output_anonymizer_address(struct output_anonymizer *anonymizer, struct flow_address address,
					      bool is_ipv6)
{
	(void)anonymizer;
	(void)address;
	(void)is_ipv6;
	return (struct flow_address){ { 0 } };
}

static int refuse_record(void *ctx, const struct flow_record *record, struct error *err)
{
	(void)ctx;
	(void)record;
	return refuse(err);
}

static int refuse_end(void *ctx, int64_t until, struct error *err)
{
	(void)ctx;
	(void)until;
	return refuse(err);
}

struct flow_sink output_anonymizer_sink(struct output_anonymizer *anonymizer, const struct flow_sink *next)
{
	(void)next;
	return (struct flow_sink){ refuse_record, refuse_end, anonymizer };
}

#endif
