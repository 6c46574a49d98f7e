/* Where the log goes: single values, and whether destination and type go together. */
#include "cli/delivery.h"

#include "config_text.h"

#include <errno.h>
#include <unistd.h>

static struct error err;

static int start(void **state)
{
	static struct settings settings;

	*state = &settings;
	return settings_init(&settings, &err);
}

static int end(void **state)
{
	settings_free(*state);
	return 0;
}

static void put(struct settings *s, enum settings_key key, const char *value)
{
	assert_int_equal(settings_put(s, key, "here", value, &err), 0);
}

static void assert_wrong(struct settings *s, enum settings_key key, const char *value, const char *sentence)
{
	assert_int_equal(settings_put(s, key, "here", value, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void values(void **state)
{
	struct settings *s = *state;

	assert_int_equal(s->codec, OUTPUT_CODEC_GZIP);
	assert_int_equal(s->layout, 0);
	assert_int_equal(s->file_size, 0);
	put(s, SETTING_COMPRESSION, "none");
	assert_int_equal(s->codec, OUTPUT_CODEC_NONE);
	put(s, SETTING_HIVE, "yes");
	put(s, SETTING_HOURLY, "on");
	assert_int_equal(s->layout, OUTPUT_LAYOUT_HIVE | OUTPUT_LAYOUT_HOURLY);
	put(s, SETTING_HIVE, "no");
	assert_int_equal(s->layout, OUTPUT_LAYOUT_HOURLY);
	put(s, SETTING_FILE_SIZE, "2M");
	assert_int_equal(s->file_size, 2 << 20);
	put(s, SETTING_ANONYMIZE, "a.key");
	assert_string_equal(s->anonymize, "a.key");
	assert_wrong(s, SETTING_ANONYMIZE, "", "here: no file with a key is named");
	assert_string_equal(s->anonymize, "a.key");
	put(s, SETTING_FLOW_LOG_ID, "fl-0123abcd");
	assert_string_equal(s->flow_log_id, "fl-0123abcd");
	assert_wrong(s, SETTING_FLOW_LOG_ID, "fl-0123ABCD",
		     "here: 'fl-0123ABCD' is not fl- and 8 or 17 lower-case hexadecimal digits");
	assert_string_equal(s->flow_log_id, "fl-0123abcd");
	assert_wrong(s, SETTING_COMPRESSION, "lz4", "here: 'lz4' is not one of gzip|zstd|snappy|none");
	assert_wrong(s, SETTING_FILE_SIZE, "1023K", "here: '1023K' is not a size from 1M to 16G");
	assert_wrong(s, SETTING_HIVE, "2", "here: '2' is not yes or no");
	assert_int_equal(s->file_size, 2 << 20);
}

static void suffixes(void **state)
{
	static const struct {
		const char *output;
		enum output_encoding encoding;
	} rows[] = {
		{ "-", OUTPUT_TEXT },
		{ "a.log", OUTPUT_TEXT },
		{ "a.json", OUTPUT_JSON },
		{ "a.json.gz", OUTPUT_JSON },
		{ "a.csv.zst", OUTPUT_CSV },
		{ "a.csv.gz.gz", OUTPUT_TEXT },
		{ ".json", OUTPUT_JSON },
		{ "json", OUTPUT_TEXT },
		{ "a.parquet", OUTPUT_PARQUET },
		{ "a.log.parquet", OUTPUT_PARQUET },
	};
	struct settings *s = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(s, SETTING_OUTPUT, rows[i].output);
		s->encoding_set = false;
		assert_int_equal(delivery_check(s, &err), 0);
		assert_int_equal(s->encoding, rows[i].encoding);
	}
	put(s, SETTING_TYPE, "text"); /* the word wins over the suffix */
	assert_int_equal(delivery_check(s, &err), 0);
	assert_int_equal(s->encoding, OUTPUT_TEXT);
}

static void assert_no_parquet(struct settings *s, const char *output, const char *sentence)
{
	put(s, SETTING_OUTPUT, output);
	put(s, SETTING_TYPE, "parquet");
	assert_int_equal(delivery_check(s, &err), -EINVAL);
	assert_string_equal(err.text, sentence);
}

static void misfits(void **state)
{
	struct settings *s = *state;

	assert_no_parquet(s, "a.parquet.gz",
			  "a.parquet.gz: Parquet is compressed by itself (--compression); its name ends in .parquet");
	assert_no_parquet(s, "a.zst",
			  "a.zst: Parquet is compressed by itself (--compression); its name ends in .parquet");
	put(s, SETTING_OUTPUT, "dir.gz/"); /* a directory's name says nothing */
	assert_int_equal(delivery_check(s, &err), 0);
}

#if ENIFLOW_HAVE_KAFKA
static void properties(void **state)
{
	struct settings *s = *state;

	assert_int_equal(delivery_put_kafka(s, "here", "client.id", "a", &err), 0);
	assert_int_equal(delivery_put_kafka(s, "here", "linger.ms", "5", &err), 0);
	assert_int_equal(delivery_put_kafka(s, "here", "client.id", "b", &err), 0);
	assert_int_equal(delivery_put_kafka(s, "here", "sasl.password", "hunter2", &err), -EINVAL);
	assert_null(strstr(err.text, "hunter2"));
	assert_int_equal(s->kafka_count, 2);
	assert_string_equal(s->kafka[0].name, "client.id");
	assert_string_equal(s->kafka[0].value, "b");
	assert_true(delivery_has_kafka(s, "linger.ms"));
	assert_false(delivery_has_kafka(s, "linger"));
	assert_int_equal(s->kafka_count, 2);
}

static void sections(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(config_text(&s, "[eniflow]\nkafka.linger.ms = 5\nkafka.client.id = a\n", &err), 0);
	assert_int_equal(s.kafka_count, 2);
	assert_string_equal(s.kafka[1].value, "a");
	settings_free(&s);
	assert_int_equal(config_text(&s, "[eniflow]\nkafka.client.id = a\nkafka.client.id = b\n", &err), -EINVAL);
	assert_string_equal(err.text, "x/y.ini:3: kafka.client.id: given twice");
	assert_int_equal(config_text(&s, "[eniflow]\nkafka.client.id = a\n  b\n", &err), -EINVAL);
	assert_string_equal(err.text, "x/y.ini:3: kafka.client.id: takes one line; this one is indented, which "
				      "continues the one before");
}
#endif

static void type_names(void **state)
{
	struct settings *s = *state;

	for (int encoding = OUTPUT_TEXT; encoding <= OUTPUT_PARQUET; encoding++) {
		put(s, SETTING_TYPE, delivery_type_name((enum output_encoding)encoding));
		assert_int_equal(s->encoding, encoding);
	}
}

static void count(void *ctx, const char *sentence)
{
	(void)sentence;
	++*(unsigned *)ctx;
}

static void remarks(void **state)
{
	struct settings *s = *state;
	unsigned told = 0;
	const struct notices notices = { count, &told };

	delivery_remarks(s, &notices);
	assert_int_equal(told, 0);
	put(s, SETTING_COMPRESSION, "none");
	delivery_remarks(s, &notices);
	assert_int_equal(told, 1);
	put(s, SETTING_TYPE, "parquet");
	delivery_remarks(s, &notices);
	assert_int_equal(told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values, start, end),
		cmocka_unit_test_setup_teardown(suffixes, start, end),
		cmocka_unit_test_setup_teardown(misfits, start, end),
#if ENIFLOW_HAVE_KAFKA
		cmocka_unit_test_setup_teardown(properties, start, end),
		cmocka_unit_test(sections),
#endif
		cmocka_unit_test_setup_teardown(type_names, start, end),
		cmocka_unit_test_setup_teardown(remarks, start, end),
	};

	return cmocka_run_group_tests_name("cli/delivery", tests, NULL, NULL);
}
