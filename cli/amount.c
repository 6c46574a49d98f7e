#include "cli/amount.h"

#include <inttypes.h>

const char *amount_count(uint64_t number, char out[static AMOUNT_SIZE])
{
	char reversed[AMOUNT_SIZE];
	size_t length = 0;

	for (size_t digits = 0; digits == 0 || number > 0; digits++, number /= 10) {
		if (digits > 0 && digits % 3 == 0)
			reversed[length++] = ',';
		reversed[length++] = (char)('0' + number % 10);
	}
	for (size_t i = 0; i < length; i++)
		out[i] = reversed[length - 1 - i];
	out[length] = '\0';
	return out;
}

const char *amount_bytes(double bytes, char out[static AMOUNT_SIZE])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	size_t unit = 0;

	while (bytes >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1000;
		unit++;
	}
	snprintf(out, AMOUNT_SIZE, unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
	return out;
}

const char *amount_size(uint64_t bytes, char out[static AMOUNT_SIZE])
{
	static const char *const suffixes[] = { "", "K", "M", "G" };
	size_t suffix = 0;

	while (bytes > 0 && bytes % 1024 == 0 && suffix + 1 < sizeof(suffixes) / sizeof(suffixes[0])) {
		bytes /= 1024;
		suffix++;
	}
	snprintf(out, AMOUNT_SIZE, "%" PRIu64 "%s", bytes, suffixes[suffix]);
	return out;
}

const char *amount_span(double seconds, char out[static AMOUNT_SIZE])
{
	unsigned long whole = (unsigned long)(seconds + 0.5);

	if (seconds > 0 && seconds < 1e-6)
		snprintf(out, AMOUNT_SIZE, "%.0f ns", seconds * 1e9);
	else if (seconds > 0 && seconds < 0.1)
		snprintf(out, AMOUNT_SIZE, "%.3g ms", seconds * 1000);
	else if (seconds < 9.95)
		snprintf(out, AMOUNT_SIZE, seconds == (double)(unsigned long)seconds ? "%.0f s" : "%.1f s", seconds);
	else if (whole < 60)
		snprintf(out, AMOUNT_SIZE, "%lu s", whole);
	else if (whole < 3600)
		snprintf(out, AMOUNT_SIZE, "%lu min %lu s", whole / 60, whole % 60);
	else if (whole < 48UL * 3600)
		snprintf(out, AMOUNT_SIZE, "%lu h %lu min", whole / 3600, whole % 3600 / 60);
	else
		snprintf(out, AMOUNT_SIZE, "%lu days %lu h", whole / 86400, whole % 86400 / 3600);
	return out;
}

void amount_put(FILE *out, uint64_t number, const char *noun)
{
	char text[AMOUNT_SIZE];

	fprintf(out, "%s %s%s", amount_count(number, text), noun, number == 1 ? "" : "s");
}
