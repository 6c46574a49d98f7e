#include "output/dictionary.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static void numbers(void **state)
{
	struct output_dictionary dictionary = { .seed = 1 };

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int64_t i = 0; i < 10000; i++)
			assert_int_equal(output_dictionary_number(&dictionary, (i - 5000) * (1 << 20)), i);
	}
	assert_int_equal(dictionary.count, 10000);
	assert_int_equal(output_dictionary_number_at(&dictionary, 1), INT64_C(-4999) * (1 << 20));
	assert_int_equal(output_dictionary_number(&dictionary, INT64_MIN), 10000);
	assert_int_equal(output_dictionary_number(&dictionary, 0), 5000);
	output_dictionary_clear(&dictionary);
	assert_int_equal(dictionary.count, 0);
	assert_int_equal(output_dictionary_number(&dictionary, 9), 0);
	output_dictionary_clear(&dictionary);
}

static void texts(void **state)
{
	struct output_dictionary dictionary = { .seed = 2 };
	const char *value;
	char text[64];
	size_t length;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof(text), "%0*d", 1 + i % 40, i);
			assert_int_equal(output_dictionary_bytes(&dictionary, text, strlen(text)), i);
		}
	}
	value = output_dictionary_bytes_at(&dictionary, 12, &length);
	assert_int_equal(length, 13);
	assert_memory_equal(value, "0000000000012", length);
	output_dictionary_clear(&dictionary);
}

/* Bytes of 0 behind a value make another one. */
static void lengths(void **state)
{
	static const char zeros[40] = { 0 };
	struct output_dictionary dictionary = { .seed = 3 };

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(zeros); i++)
			assert_int_equal(output_dictionary_bytes(&dictionary, zeros, i), i);
	}
	output_dictionary_clear(&dictionary);
}

/* The codes are those of first appearance, whatever the seed. */
static void seeds(void **state)
{
	struct output_dictionary one = { .seed = 4 }, other = { .seed = UINT64_MAX };

	(void)state;
	for (int64_t i = 0; i < 3000; i++) {
		int64_t value = i * i % 1009;

		assert_int_equal(output_dictionary_number(&one, value), output_dictionary_number(&other, value));
	}
	output_dictionary_clear(&one);
	output_dictionary_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(numbers), TEST(texts), TEST(lengths), TEST(seeds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
