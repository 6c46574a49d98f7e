#include "cli/delivery.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/parse.h"
#include "cli/stop.h"
#include "output/compressor.h"

/* Bytes. */
#define FILE_SIZE_LEAST (UINT64_C(1) << 20)
#define FILE_SIZE_MOST  (UINT64_C(16) << 30)

static const char types[] = "text|json|csv|parquet|ocsf";
static const enum output_encoding encodings[] = { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_CSV, OUTPUT_PARQUET, OUTPUT_OCSF };

static void free_kafka(struct settings *settings)
{
	for (size_t i = 0; i < settings->kafka_count; i++) {
		free(settings->kafka[i].name);
		free(settings->kafka[i].value);
	}
	free(settings->kafka);
}

void delivery_free(struct settings *settings)
{
	free(settings->output);
	free(settings->flow_log_id);
	free(settings->anonymize);
	explicit_bzero(settings->anonymize_key, sizeof(settings->anonymize_key));
	free_kafka(settings);
}

/* ---- single values ---- */

int delivery_put_output(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct error why;

	if (output_destination_check(value, &why) < 0)
		return fail(err, EINVAL, "%s: %s", what, why.text);
	return parse_copy(&settings->output, what, value, err);
}

int delivery_put_type(struct settings *settings, const char *what, const char *value, struct error *err)
{
	int choice = parse_choice(what, value, types, err);

	if (choice < 0)
		return choice;
	settings->encoding = encodings[choice];
	settings->encoding_set = true;
	return 0;
}

int delivery_put_compression(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct error why;
	int codec = parse_choice(what, value, "gzip|zstd|snappy|none", err);

	if (codec < 0)
		return codec;
	if (output_codec_check((enum output_codec)codec, &why) < 0)
		return fail(err, EINVAL, "%s: %s", what, why.text);
	settings->codec = (enum output_codec)codec;
	settings->codec_set = true;
	return 0;
}

static int put_layout(struct settings *settings, enum output_layout layout, const char *what, const char *value,
		      struct error *err)
{
	bool on;
	int ret = parse_switch(what, value, &on, err);

	if (ret == 0)
		settings->layout = on ? settings->layout | layout : settings->layout & ~(unsigned)layout;
	return ret;
}

int delivery_put_hive(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_layout(settings, OUTPUT_LAYOUT_HIVE, what, value, err);
}

int delivery_put_hourly(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return put_layout(settings, OUTPUT_LAYOUT_HOURLY, what, value, err);
}

int delivery_put_file_size(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_size(what, value, FILE_SIZE_LEAST, FILE_SIZE_MOST, &settings->file_size, err);
}

static int check_flow_log_id(const char *what, const char *value, struct error *err)
{
	size_t digits = strspn(value + (strncmp(value, "fl-", 3) == 0 ? 3 : strlen(value)), "0123456789abcdef");

	if ((digits == 8 || digits == 17) && strlen(value) == strlen("fl-") + digits)
		return 0;
	return fail(err, EINVAL, "%s: '%s' is not fl- and 8 or 17 lower-case hexadecimal digits", what, value);
}

int delivery_put_flow_log_id(struct settings *settings, const char *what, const char *value, struct error *err)
{
	int ret = *value ? check_flow_log_id(what, value, err) : 0;

	return ret < 0 ? ret : parse_copy(&settings->flow_log_id, what, *value ? value : NULL, err);
}

int delivery_put_anonymize(struct settings *settings, const char *what, const char *value, struct error *err)
{
	if (!*value) /* an empty variable of a shell must not make a log of real addresses */
		return fail(err, EINVAL, "%s: no file with a key is named", what);
	return parse_copy(&settings->anonymize, what, value, err);
}

static bool is_same_file(const struct settings *settings, const struct settings *before)
{
	return before && before->anonymize && strcmp(settings->anonymize, before->anonymize) == 0;
}

/* Reads it, and tries whether this build can do with it what it is for. */
static int read_key(struct settings *settings, struct error *err)
{
	struct output_anonymizer *anonymizer;
	int ret = output_anonymizer_read_key(settings->anonymize_key, settings->anonymize, &message_warnings, err);

	if (ret < 0)
		return ret;
	ret = output_anonymizer_new(&anonymizer, settings->anonymize_key, err);
	if (ret >= 0)
		output_anonymizer_free(anonymizer);
	return ret;
}

int delivery_read_key(struct settings *settings, const struct settings *before, struct error *err)
{
	struct error why;
	int ret = settings->anonymize ? read_key(settings, &why) : 0;

	if (ret >= 0)
		return 0;
	if (!is_same_file(settings, before))
		return fail(err, -ret, "anonymize: %s", why.text);
	memcpy(settings->anonymize_key, before->anonymize_key, sizeof(settings->anonymize_key));
	notify(&message_warnings, "anonymize: %s; the key that was read before stays in use", why.text);
	return 0;
}

bool delivery_is_same_key(const struct settings *a, const struct settings *b)
{
	return memcmp(a->anonymize_key, b->anonymize_key, sizeof(a->anonymize_key)) == 0;
}

/* ---- Kafka's properties ---- */

static struct output_kafka_property *find_property(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->kafka_count; i++)
		if (strcmp(settings->kafka[i].name, name) == 0)
			return &settings->kafka[i];
	return NULL;
}

bool delivery_has_kafka(const struct settings *settings, const char *name)
{
	return find_property(settings, name) != NULL;
}

static int add_property(struct settings *settings, const char *name, const char *value, struct error *err)
{
	struct output_kafka_property *grown = realloc(settings->kafka, (settings->kafka_count + 1) * sizeof(*grown));

	if (!grown)
		return fail_memory(err, name);
	settings->kafka = grown;
	grown += settings->kafka_count;
	*grown = (struct output_kafka_property){ strdup(name), strdup(value) };
	if (grown->name && grown->value) {
		settings->kafka_count++;
		return 0;
	}
	free(grown->name);
	free(grown->value);
	return fail_memory(err, name);
}

int delivery_put_kafka(struct settings *settings, const char *what, const char *name, const char *value,
		       struct error *err)
{
	struct output_kafka_property *property = find_property(settings, name);
	int ret = output_kafka_check_property(name, value, err);

	if (ret < 0)
		return ret;
	return property ? parse_copy(&property->value, what, value, err) : add_property(settings, name, value, err);
}

/* ---- the whole ---- */

const char *delivery_type_name(enum output_encoding encoding)
{
	static const char *const names[] = { [OUTPUT_TEXT] = "text",
					     [OUTPUT_JSON] = "json",
					     [OUTPUT_CSV] = "csv",
					     [OUTPUT_OCSF] = "ocsf",
					     [OUTPUT_PARQUET] = "parquet" };

	return names[encoding];
}

static bool has_suffix(const char *text, size_t length, const char *suffix)
{
	size_t wanted = strlen(suffix);

	return length >= wanted && memcmp(text + length - wanted, suffix, wanted) == 0;
}

static enum output_encoding encoding_of(const char *output, size_t length)
{
	if (has_suffix(output, length, ".json") || has_suffix(output, length, ".jsonl") ||
	    has_suffix(output, length, ".ndjson"))
		return OUTPUT_JSON;
	if (has_suffix(output, length, ".csv"))
		return OUTPUT_CSV;
	return has_suffix(output, length, ".parquet") ? OUTPUT_PARQUET : OUTPUT_TEXT;
}

static bool is_kafka(const char *output)
{
	return strncmp(output, "kafka:", strlen("kafka:")) == 0;
}

/* What has its end behind all of it can be neither in messages nor in another compression. */
static int check_parquet(const struct settings *settings, struct error *err)
{
	const char *output = settings->output;

	if (is_kafka(output))
		return fail(err, EINVAL, "%s: Parquet is for files; messages can be text, json, csv or ocsf", output);
	if (output_compression_of(output) != OUTPUT_PLAIN)
		return fail(err, EINVAL,
			    "%s: Parquet is compressed by itself (--compression); its name ends in .parquet", output);
	return output_codec_check(settings->codec, err);
}

/* Without --type the suffix decides, the one before .gz or .zst. */
int delivery_check(struct settings *settings, struct error *err)
{
	const char *output = settings->output;
	size_t length = strlen(output);

	if (has_suffix(output, length, ".gz"))
		length -= strlen(".gz");
	else if (has_suffix(output, length, ".zst"))
		length -= strlen(".zst");
	if (!settings->encoding_set && !is_kafka(output))
		settings->encoding = encoding_of(output, length);
	settings->encoding_set = true;
	return settings->encoding == OUTPUT_PARQUET ? check_parquet(settings, err) : 0;
}

void delivery_remarks(const struct settings *settings, const struct notices *notices)
{
	if (settings->codec_set && settings->encoding != OUTPUT_PARQUET)
		notify(notices, "compression: is for Parquet; other files are compressed by their names, .gz or .zst");
	if (settings->kafka_count > 0 && !is_kafka(settings->output))
		notify(notices, DELIVERY_KAFKA_KEY "%s: the output is not Kafka; it changes nothing",
		       settings->kafka[0].name);
}

static bool is_file(const char *path, const struct stat *wanted)
{
	struct stat found;

	return path && stat(path, &found) == 0 && found.st_dev == wanted->st_dev && found.st_ino == wanted->st_ino;
}

/* The log would take the place of what it is made by. */
static int spare_own_files(const struct settings *settings, struct error *err)
{
	struct stat output;

	if (strcmp(settings->output, "-") == 0 || stat(settings->output, &output) < 0 || !S_ISREG(output.st_mode))
		return 0;
	if (is_file(settings->anonymize, &output))
		return fail(err, EINVAL, "%s: is the key for addresses; name another file for the records",
			    settings->output);
	if (is_file(settings->config, &output))
		return fail(err, EINVAL, "%s: is the configuration; name another file for the records",
			    settings->output);
	return 0;
}

int delivery_open(struct output_writer **out, const struct settings *settings, bool live, bool flush_windows,
		  struct error *err)
{
	const struct output_writer_options options = {
		.format = &settings->format,
		.encoding = settings->encoding,
		.header = settings->header,
		.codec = settings->codec,
		.flush_windows = flush_windows,
		.live = live,
		.hold_size = settings->hold_size,
		.interval = settings->interval,
		.flow_log_id = settings->flow_log_id,
		.layout = settings->layout,
		.file_bytes = settings->file_size,
		.kafka = settings->kafka,
		.kafka_count = settings->kafka_count,
		.stop_asked = stop_asked,
		.notices = &message_warnings,
	};
	int ret;

	if (settings->encoding == OUTPUT_PARQUET && strcmp(settings->output, "-") == 0 && isatty(STDOUT_FILENO))
		return fail(err, EINVAL, "Parquet is not for a terminal; name a file with -o, or a pipe behind it");
	ret = spare_own_files(settings, err);
	return ret < 0 ? ret : output_writer_open(out, settings->output, &options, err);
}
