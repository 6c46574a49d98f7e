#include "output/nearest.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MOST = 63, CHOICES = 3 };

struct choice {
	const char *name;
	size_t distance;
};

static char plain(char c)
{
	if (c == '_')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many characters must be put in, left out or exchanged to make `name` out of `word`. */
static size_t edits(const char *word, size_t length, const char *name)
{
	size_t row[WORD_MOST + 1]; /* row[i]: from the first i characters of the word to what of the name was walked */

	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (; *name; name++) {
		size_t diagonal = row[0]++;

		for (size_t i = 1; i <= length; i++) {
			size_t exchanged = diagonal + (word[i - 1] != *name);

			diagonal = row[i];
			row[i] = least(exchanged, 1 + least(row[i], row[i - 1]));
		}
	}
	return row[length];
}

/* Keeps `choices` sorted; of equals the earlier stays first. */
static void offer(struct choice choices[CHOICES], struct choice offered)
{
	for (size_t i = 0; i < CHOICES; i++) {
		if (!choices[i].name || offered.distance < choices[i].distance) {
			struct choice pushed = choices[i];

			choices[i] = offered;
			offered = pushed;
		}
		if (!offered.name)
			return;
	}
}

static void join(const struct choice choices[CHOICES], size_t count, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && used < size; i++) {
		const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";

		used += (size_t)snprintf(out + used, size - used, "%s%s", before, choices[i].name);
	}
}

void output_nearest(const char *word, size_t length, const char *const *names, size_t count, char *out, size_t size)
{
	struct choice choices[CHOICES] = { 0 };
	char spelt[WORD_MOST + 1] = { 0 };
	size_t limit = 1 + length / 4, found = 0;

	if (size)
		out[0] = '\0';
	if (length < 2 || length > WORD_MOST)
		return;
	for (size_t i = 0; i < length; i++)
		spelt[i] = plain(word[i]);
	for (size_t i = 0; i < count; i++) {
		size_t distance = edits(spelt, length, names[i]);

		if (distance > limit) {
			if (!strstr(names[i], spelt))
				continue;
			distance = limit + 1;
		}
		offer(choices, (struct choice){ names[i], distance });
	}
	/* A near spelling makes guesses that are much further off unlikely. */
	while (found < CHOICES && choices[found].name && choices[found].distance <= choices[0].distance + 1)
		found++;
	join(choices, found, out, size);
}
