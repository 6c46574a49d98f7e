#include "daemon/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 4096, NUMBER_SIZE = 48 };

static const char *const types[] = { [DAEMON_METRICS_COUNTER] = "counter", [DAEMON_METRICS_GAUGE] = "gauge" };

/* ---- families ---- */

static bool is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return *name && !(*name >= '0' && *name <= '9') && name[strspn(name, allowed)] == '\0';
}

static bool is_total(const char *name)
{
	static const char total[] = "_total";
	size_t length = strlen(name);

	return length >= sizeof(total) && strcmp(name + length - (sizeof(total) - 1), total) == 0;
}

static int check_family(const struct daemon_metrics_family *family, struct error *err)
{
	if (!is_name(family->name))
		return fail(err, EINVAL, "%s: no name of a metric", family->name);
	if (is_total(family->name) != (family->type == DAEMON_METRICS_COUNTER))
		return fail(err, EINVAL, "%s: the name of a counter ends in _total, and no other", family->name);
	if (!family->help || !*family->help)
		return fail(err, EINVAL, "%s: there is no help", family->name);
	for (size_t i = 0; i < DAEMON_METRICS_LABELS_MOST && family->labels[i]; i++) {
		if (!is_name(family->labels[i]) || strncmp(family->labels[i], "__", 2) == 0)
			return fail(err, EINVAL, "%s: %s is no name of a label", family->name, family->labels[i]);
	}
	return 0;
}

int daemon_metrics_init(struct daemon_metrics *metrics, const struct daemon_metrics_family *families, size_t count,
			struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret = check_family(&families[i], err);

		if (ret < 0)
			return ret;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(families[i].name, families[j].name) == 0)
				return fail(err, EINVAL, "%s: is in the table twice", families[i].name);
		}
	}
	*metrics = (struct daemon_metrics){ .families = families, .count = count };
	return 0;
}

void daemon_metrics_free(struct daemon_metrics *metrics)
{
	free(metrics->bytes);
	*metrics = (struct daemon_metrics){ 0 };
}

void daemon_metrics_clear(struct daemon_metrics *metrics)
{
	metrics->length = 0;
	metrics->begun = 0;
	metrics->failed = 0;
}

/* ---- text ---- */

static bool has_room(struct daemon_metrics *metrics, size_t length)
{
	size_t size = metrics->size ? metrics->size : FIRST_SIZE;
	char *bytes;

	while (size - metrics->length < length)
		size *= 2;
	if (size == metrics->size)
		return true;
	bytes = realloc(metrics->bytes, size);
	if (!bytes)
		return false;
	metrics->bytes = bytes;
	metrics->size = size;
	return true;
}

static void append(struct daemon_metrics *metrics, const char *text, size_t length)
{
	if (metrics->failed)
		return;
	if (!has_room(metrics, length)) {
		metrics->failed = ENOMEM;
		return;
	}
	memcpy(metrics->bytes + metrics->length, text, length);
	metrics->length += length;
}

/* What the caller should not have done. */
static void slip(struct daemon_metrics *metrics)
{
	if (!metrics->failed)
		metrics->failed = EINVAL;
}

static void put(struct daemon_metrics *metrics, const char *text)
{
	append(metrics, text, strlen(text));
}

/* In help only the backslash and the newline have a meaning. */
static void put_help(struct daemon_metrics *metrics, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			put(metrics, "\\\\");
		else if (*text == '\n')
			put(metrics, "\\n");
		else
			append(metrics, text, 1);
	}
}

/* One octet that is not UTF-8 would cost the whole scrape, so what is not plain is written out; its backslash is escaped
 * as any other is. */
static void put_value(struct daemon_metrics *metrics, const char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (; *text; text++) {
		unsigned char octet = (unsigned char)*text;

		if (octet == '\\')
			put(metrics, "\\\\");
		else if (octet == '"')
			put(metrics, "\\\"");
		else if (octet >= ' ' && octet <= '~')
			append(metrics, text, 1);
		else
			append(metrics, (char[]){ '\\', '\\', 'x', digits[octet >> 4], digits[octet & 15] }, 5);
	}
}

void daemon_metrics_begin(struct daemon_metrics *metrics, size_t number)
{
	const struct daemon_metrics_family *family;

	if (number >= metrics->count || number < metrics->begun) {
		slip(metrics);
		return;
	}
	family = &metrics->families[number];
	metrics->begun = number + 1;
	put(metrics, "# HELP ");
	put(metrics, family->name);
	put(metrics, " ");
	put_help(metrics, family->help);
	put(metrics, "\n# TYPE ");
	put(metrics, family->name);
	put(metrics, " ");
	put(metrics, types[family->type]);
	put(metrics, "\n");
}

static void put_sample(struct daemon_metrics *metrics, const char *const *values, const char *number)
{
	const struct daemon_metrics_family *family = metrics->begun ? &metrics->families[metrics->begun - 1] : NULL;

	if (!family || !values != !family->labels[0]) {
		slip(metrics);
		return;
	}
	put(metrics, family->name);
	for (size_t i = 0; i < DAEMON_METRICS_LABELS_MOST && family->labels[i]; i++) {
		put(metrics, i == 0 ? "{" : ",");
		put(metrics, family->labels[i]);
		put(metrics, "=\"");
		put_value(metrics, values[i]);
		put(metrics, "\"");
	}
	put(metrics, values ? "} " : " ");
	put(metrics, number);
	put(metrics, "\n");
}

void daemon_metrics_count(struct daemon_metrics *metrics, const char *const *values, uint64_t value)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_sample(metrics, values, text);
}

void daemon_metrics_seconds(struct daemon_metrics *metrics, const char *const *values, int64_t nanoseconds)
{
	const uint64_t second = 1000000000;
	uint64_t size = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
	char text[NUMBER_SIZE];
	int length = snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64, nanoseconds < 0 ? "-" : "", size / second,
			      size % second);

	while (text[length - 1] == '0')
		length--;
	text[text[length - 1] == '.' ? length - 1 : length] = '\0';
	put_sample(metrics, values, text);
}

int daemon_metrics_end(struct daemon_metrics *metrics, struct error *err)
{
	int failed = metrics->failed;

	if (!failed)
		return 0;
	metrics->length = 0;
	return failed == ENOMEM ? fail_memory(err, "metrics")
				: fail(err, failed, "metrics: families or samples were written in a wrong order");
}
