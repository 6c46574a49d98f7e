#include "output/kafka_secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* To hide one of a letter or two would hide half of every sentence, and so tell it. */
enum { SHORTEST = 3 };

void output_kafka_secrets_clear(struct output_kafka_secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++) {
		explicit_bzero(secrets->values[i], strlen(secrets->values[i]));
		free(secrets->values[i]);
	}
	free(secrets->values);
	*secrets = (struct output_kafka_secrets){ 0 };
}

/* How many characters of a secret begin at `text`; of several the longest. */
static size_t secret_length(const struct output_kafka_secrets *secrets, const char *text)
{
	size_t longest = 0;

	for (size_t i = 0; i < secrets->count; i++) {
		size_t length = strlen(secrets->values[i]);

		if (length > longest && strncmp(text, secrets->values[i], length) == 0)
			longest = length;
	}
	return longest;
}

void output_kafka_secrets_hide(const struct output_kafka_secrets *secrets, const char *text, char *out, size_t size)
{
	size_t at = 0, hidden = 0; /* up to where a secret goes */

	for (; text[at] && at + 1 < size; at++) {
		size_t length = secret_length(secrets, text + at);

		if (at + length > hidden)
			hidden = at + length;
		out[at] = at < hidden ? '*' : text[at];
	}
	out[at] = '\0';
}

static bool is_known(const struct output_kafka_secrets *secrets, const char *value)
{
	for (size_t i = 0; i < secrets->count; i++)
		if (strcmp(secrets->values[i], value) == 0)
			return true;
	return false;
}

int output_kafka_secrets_add(struct output_kafka_secrets *secrets, const char *value, struct error *err)
{
	char **values;

	if (strlen(value) < SHORTEST || is_known(secrets, value))
		return 0;
	values = realloc(secrets->values, (secrets->count + 1) * sizeof(*values));
	if (!values)
		return fail_memory(err, "Kafka's properties");
	secrets->values = values;
	values[secrets->count] = strdup(value);
	if (!values[secrets->count])
		return fail_memory(err, "Kafka's properties");
	secrets->count++;
	return 0;
}
