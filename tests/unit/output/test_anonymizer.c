#include "output/anonymizer.h"

#include "folder.h"
#include "told.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>

/* The key of the sample trace that the authors of Crypto-PAn published, and addresses from it. */
static const uint8_t sample_key[OUTPUT_ANONYMIZER_KEY] = { 21,  34, 23,  141, 51, 164, 207, 128, 19,  10,  91,
							   22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
							   101, 39, 98,  87,  76, 45,  42,  132, 34,  2 };

static const char *const sample[][2] = {
	{ "128.11.68.132", "135.242.180.132" },   { "129.118.74.4", "134.136.186.123" },
	{ "130.132.252.244", "133.68.164.234" },  { "141.223.7.43", "141.167.8.160" },
	{ "141.233.145.108", "141.129.237.235" }, { "152.163.225.39", "151.140.114.167" },
	{ "156.29.3.236", "147.225.12.42" },      { "165.247.96.84", "162.9.99.234" },
	{ "166.107.77.190", "160.132.178.185" },  { "192.102.249.13", "252.138.62.131" },
	{ "192.215.32.125", "252.43.47.189" },    { "192.233.80.103", "252.25.108.8" },
	{ "192.41.57.43", "252.222.221.184" },    { "193.150.244.223", "253.169.52.216" },
};

static struct flow_address address(const char *text)
{
	struct flow_address out = { { 0 } };

	assert_int_equal(inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, out.octets), 1);
	return out;
}

static struct output_anonymizer *anonymizer_of(const void *key)
{
	struct output_anonymizer *anonymizer = NULL;
	struct error err;
	int ret = output_anonymizer_new(&anonymizer, key, &err);

	if (ret == -ENOTSUP) {
		assert_non_null(strstr(err.text, "libssl-dev"));
		skip();
	}
	assert_int_equal(ret, 0);
	return anonymizer;
}

static void check(struct output_anonymizer *anonymizer, const char *from, const char *want)
{
	bool is_ipv6 = strchr(from, ':');
	struct flow_address got = output_anonymizer_address(anonymizer, address(from), is_ipv6);
	char text[INET6_ADDRSTRLEN];

	assert_string_equal(inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, got.octets, text, sizeof(text)), want);
	for (size_t i = is_ipv6 ? 16 : 4; i < sizeof(got.octets); i++)
		assert_int_equal(got.octets[i], 0);
}

/* Twice: what is remembered is what was computed. */
static void test_published_addresses(void **state)
{
	struct output_anonymizer *anonymizer = anonymizer_of(sample_key);

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(sample) / sizeof(sample[0]); i++)
			check(anonymizer, sample[i][0], sample[i][1]);
	output_anonymizer_free(anonymizer);
}

/* What several other implementations agree on. */
static void test_other_keys_and_ipv6(void **state)
{
	struct output_anonymizer *anonymizer = anonymizer_of("32-char-str-for-AES-key-and-pad.");
	uint8_t counted[OUTPUT_ANONYMIZER_KEY];

	(void)state;
	check(anonymizer, "192.0.2.1", "192.0.125.244");
	check(anonymizer, "2001:db8::1", "27fe:8bc7:fee:1e:1e1f:f0fe:f0e1:83fd");
	output_anonymizer_free(anonymizer);

	for (size_t i = 0; i < sizeof(counted); i++)
		counted[i] = (uint8_t)i;
	anonymizer = anonymizer_of(counted);
	check(anonymizer, "192.0.2.1", "2.90.93.17");
	check(anonymizer, "2001:db8::1", "dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00");
	output_anonymizer_free(anonymizer);

	anonymizer = anonymizer_of(sample_key);
	check(anonymizer, "::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed");
	check(anonymizer, "::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef");
	check(anonymizer, "::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838");
	output_anonymizer_free(anonymizer);
}

static uint64_t next_random(void)
{
	static uint64_t seed = 11;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned common_bits(const struct flow_address *a, const struct flow_address *b)
{
	for (unsigned i = 0; i < 128; i++)
		if ((a->octets[i / 8] ^ b->octets[i / 8]) & 0x80 >> i % 8)
			return i;
	return 128;
}

static struct flow_address random_address(size_t length)
{
	struct flow_address out = { { 0 } };

	for (size_t i = 0; i < length; i++)
		out.octets[i] = (uint8_t)next_random();
	return out;
}

/* Pairs that share any number of bits go on sharing as many. */
static void check_prefixes(struct output_anonymizer *anonymizer, bool is_ipv6)
{
	size_t length = is_ipv6 ? 16 : 4;

	for (unsigned shared = 0; shared <= 8 * length; shared++) {
		struct flow_address one = random_address(length), two = random_address(length), got_one, got_two;

		for (unsigned i = 0; i <= shared && i < 8 * length; i++) {
			uint8_t bit = (uint8_t)(0x80 >> i % 8), *octet = &two.octets[i / 8];

			*octet = (uint8_t)((*octet & ~bit) | ((one.octets[i / 8] ^ (i == shared ? bit : 0)) & bit));
		}
		assert_int_equal(common_bits(&one, &two), shared == 8 * length ? 128 : shared);
		got_one = output_anonymizer_address(anonymizer, one, is_ipv6);
		got_two = output_anonymizer_address(anonymizer, two, is_ipv6);
		assert_int_equal(common_bits(&got_one, &got_two), common_bits(&one, &two));
	}
}

static void test_prefixes_are_kept(void **state)
{
	struct output_anonymizer *anonymizer = anonymizer_of(sample_key);

	(void)state;
	for (int round = 0; round < 20; round++) {
		check_prefixes(anonymizer, false);
		check_prefixes(anonymizer, true);
	}
	output_anonymizer_free(anonymizer);
}

/* More addresses than are remembered, against one that remembers nothing yet. */
static void check_memory(bool is_ipv6)
{
	struct output_anonymizer *anonymizer = anonymizer_of(sample_key);

	for (uint32_t n = 0; n < 120000; n++) {
		struct flow_address from = { { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };

		if (is_ipv6)
			memcpy(from.octets + 10, from.octets, 4);
		output_anonymizer_address(anonymizer, from, is_ipv6);
	}
	for (uint32_t n = 0; n < 120000; n += 9973) {
		struct flow_address from = { { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
		struct output_anonymizer *fresh = anonymizer_of(sample_key);
		struct flow_address want, got;

		if (is_ipv6)
			memcpy(from.octets + 10, from.octets, 4);
		want = output_anonymizer_address(fresh, from, is_ipv6);
		got = output_anonymizer_address(anonymizer, from, is_ipv6);
		assert_memory_equal(&got, &want, sizeof(got));
		output_anonymizer_free(fresh);
	}
	output_anonymizer_free(anonymizer);
}

static void test_memory_is_bounded_and_right(void **state)
{
	(void)state;
	check_memory(false);
	check_memory(true);
}

/* Bit for bit, and the address 0 among them: distinct ones stay distinct. */
static void test_first_bits_and_zero(void **state)
{
	struct output_anonymizer *anonymizer = anonymizer_of(sample_key);
	bool seen[256] = { false };

	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct flow_address from = { { 0, 0, 0, (uint8_t)n } }, first = { { 0 } }, got;

		first = output_anonymizer_address(anonymizer, first, false);
		got = output_anonymizer_address(anonymizer, from, false);
		assert_memory_equal(first.octets, got.octets, 3);
		assert_false(seen[got.octets[3]]);
		seen[got.octets[3]] = true;
		assert_int_equal(n == 0, flow_address_equal(&first, &got));
	}
	output_anonymizer_free(anonymizer);
}

/* ---- records ---- */

static struct flow_record taken;
static int64_t taken_until;
static int answer;

static int take(void *ctx, const struct flow_record *record, struct error *err)
{
	(void)ctx;
	(void)err;
	taken = *record;
	return answer;
}

static int take_end(void *ctx, int64_t until, struct error *err)
{
	(void)ctx;
	(void)err;
	taken_until = until;
	return answer;
}

static void test_records(void **state)
{
	struct output_anonymizer *anonymizer = anonymizer_of(sample_key);
	struct flow_sink sink = output_anonymizer_sink(anonymizer, &(struct flow_sink){ take, take_end, NULL });
	struct flow_record record = {
		.status = FLOW_OK,
		.family = FLOW_IPV4,
		.protocol = 17,
		.source_port = 53,
		.packets = 3,
		.bytes = 99,
		.source = address("128.11.68.132"),
		.destination = address("129.118.74.4"),
		.packet_source = address("130.132.252.244"),
		.packet_destination = address("141.223.7.43"),
		.packet_source_service = "S3",
	};
	struct flow_record want = record;

	(void)state;
	want.source = address("135.242.180.132");
	want.destination = address("134.136.186.123");
	want.packet_source = address("133.68.164.234");
	want.packet_destination = address("141.167.8.160");
	answer = 0;
	assert_int_equal(sink.record(sink.ctx, &record, NULL), 0);
	assert_memory_equal(&taken, &want, sizeof(want));
	record.status = FLOW_NODATA;
	assert_int_equal(sink.record(sink.ctx, &record, NULL), 0);
	assert_memory_equal(&taken, &record, sizeof(record));
	assert_int_equal(sink.window_end(sink.ctx, 77, NULL), 0);
	assert_int_equal(taken_until, 77);
	answer = -EIO;
	assert_int_equal(sink.record(sink.ctx, &record, NULL), -EIO);
	assert_int_equal(sink.window_end(sink.ctx, 78, NULL), -EIO);
	output_anonymizer_free(anonymizer);
}

/* ---- key files ---- */

/* The sample's key. */
static const char hex_key[] = "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202";

static int read_key(const char *text, size_t length, mode_t mode, uint8_t key[static OUTPUT_ANONYMIZER_KEY],
		    struct error *err)
{
	FILE *file = fopen(in_folder("key"), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
	assert_int_equal(chmod(in_folder("key"), mode), 0);
	told_clear();
	return output_anonymizer_read_key(key, in_folder("key"), &told_notices, err);
}

static void check_key(const char *text, size_t length, const void *want)
{
	uint8_t key[OUTPUT_ANONYMIZER_KEY];

	assert_int_equal(read_key(text, length, 0600, key, NULL), 0);
	assert_memory_equal(key, want, sizeof(key));
	assert_string_equal(told, "");
}

static void test_key_files(void **state)
{
	static const char bytes[] = "32-char-str-for-AES-key-and-pad.";
	char text[80];

	(void)state;
	check_key(hex_key, 64, sample_key);
	snprintf(text, sizeof(text), "%s\n", hex_key);
	check_key(text, 65, sample_key);
	for (char *at = text; *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'f' ? *at - 'a' + 'A' : *at);
	check_key(text, 65, sample_key);
	snprintf(text, sizeof(text), "%s\r\n", hex_key);
	check_key(text, 66, sample_key);
	check_key(bytes, 32, bytes);
	memset(text, 0, 32);
	check_key(text, 32, text);
}

static void check_no_key(const char *text, size_t length)
{
	static const uint8_t zeros[OUTPUT_ANONYMIZER_KEY];
	uint8_t key[OUTPUT_ANONYMIZER_KEY];
	struct error err;

	memset(key, 7, sizeof(key));
	assert_int_equal(read_key(text, length, 0644, key, &err), -EINVAL);
	assert_non_null(strstr(err.text, in_folder("key")));
	assert_non_null(strstr(err.text, "64 hexadecimal digits"));
	assert_null(strstr(err.text, "1522178d")); /* nothing of a key that is nearly one */
	assert_memory_equal(key, zeros, sizeof(key));
	assert_string_equal(told, "");
}

static void test_what_is_no_key(void **state)
{
	char text[200];

	(void)state;
	check_no_key("", 0);
	check_no_key("\n", 1);
	check_no_key(hex_key, 63);
	check_no_key(hex_key, 31);
	check_no_key(hex_key, 33);
	snprintf(text, sizeof(text), "%s\n\n", hex_key);
	check_no_key(text, 66);
	snprintf(text, sizeof(text), "%s\nmore", hex_key);
	check_no_key(text, strlen(text));
	snprintf(text, sizeof(text), " %s", hex_key);
	check_no_key(text, 65);
	snprintf(text, sizeof(text), "%.63sg", hex_key);
	check_no_key(text, 64);
	snprintf(text, sizeof(text), "%.63s", hex_key);
	check_no_key(text, 64); /* with the end mark */
	memset(text, 'a', sizeof(text));
	check_no_key(text, sizeof(text));
}

static void test_key_files_that_cannot_be_read(void **state)
{
	uint8_t key[OUTPUT_ANONYMIZER_KEY];
	struct error err;

	(void)state;
	assert_int_equal(output_anonymizer_read_key(key, in_folder("none"), NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "none"));
	assert_int_equal(output_anonymizer_read_key(key, folder, NULL, &err), -EISDIR);
}

static void test_other_readers_are_told(void **state)
{
	uint8_t key[OUTPUT_ANONYMIZER_KEY];

	(void)state;
	assert_int_equal(read_key(hex_key, 64, 0640, key, NULL), 0);
	assert_non_null(strstr(told, "other users can read this key"));
	assert_int_equal(read_key(hex_key, 64, 0604, key, NULL), 0);
	assert_non_null(strstr(told, "chmod 600"));
	assert_int_equal(read_key(hex_key, 64, 0400, key, NULL), 0);
	assert_string_equal(told, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_published_addresses),
		TEST(test_other_keys_and_ipv6),
		TEST(test_prefixes_are_kept),
		TEST(test_memory_is_bounded_and_right),
		TEST(test_first_bits_and_zero),
		TEST(test_records),
		IN_FOLDER(test_key_files),
		IN_FOLDER(test_what_is_no_key),
		IN_FOLDER(test_key_files_that_cannot_be_read),
		IN_FOLDER(test_other_readers_are_told),
	};

	return cmocka_run_group_tests_name("output/anonymizer", tests, NULL, NULL);
}
