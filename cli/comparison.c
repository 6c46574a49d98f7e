#include "cli/comparison.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/parse.h"

/* A hundred years: more is a slip, and sums of times stay far from overflowing. */
enum { PERCENT_DECIMALS_MOST = 6 };
#define OFFSET_MOST (UINT64_C(100) * 366 * 86400)

int comparison_put_offset(struct settings *settings, const char *what, const char *value, struct error *err)
{
	bool is_negative = value[0] == '-';
	uint64_t seconds;

	if (strcmp(value, "auto") == 0) {
		settings->comparison.has_offset = false;
		return 0;
	}
	if (parse_number(what, value + (is_negative || value[0] == '+'), 0, OFFSET_MOST, &seconds, NULL) < 0)
		return fail(err, EINVAL, "%s: '%s' is neither whole seconds, such as 3600 or -5, nor auto", what,
			    value);
	settings->comparison.has_offset = true;
	settings->comparison.offset = is_negative ? -(int64_t)seconds : (int64_t)seconds;
	return 0;
}

/* "0.5%", up to 100. By hand: what a decimal point is must not depend on the locale. */
static int parse_percent(const char *what, const char *text, double *out, struct error *err)
{
	size_t whole = strspn(text, "0123456789"), decimals = 0;
	double value = 0, unit = 1;

	if (whole > 0 && whole <= 3 && text[whole] == '.')
		decimals = strspn(text + whole + 1, "0123456789");
	if (whole == 0 || whole > 3 || decimals > PERCENT_DECIMALS_MOST ||
	    strcmp(text + whole + (decimals ? decimals + 1 : 0), "%") != 0)
		return fail(err, EINVAL, "%s: '%s' is not a percentage, such as 1%% or 0.5%%", what, text);
	for (size_t i = 0; i < whole; i++)
		value = 10 * value + (text[i] - '0');
	for (size_t i = 0; i < decimals; i++)
		value += (text[whole + 1 + i] - '0') * (unit /= 10);
	if (value > 100)
		return fail(err, EINVAL, "%s: '%s' is more than 100%%", what, text);
	*out = value;
	return 0;
}

static int put_one_tolerance(void *ctx, const char *what, const char *item, struct error *err)
{
	struct settings_comparison *comparison = ctx;
	static const char packets[] = "packets=", bytes[] = "bytes=";

	if (strncmp(item, packets, strlen(packets)) == 0)
		return parse_number(what, item + strlen(packets), 0, INT64_MAX, &comparison->packets_tolerance, err);
	if (strncmp(item, bytes, strlen(bytes)) == 0)
		return parse_percent(what, item + strlen(bytes), &comparison->bytes_tolerance, err);
	return fail(err, EINVAL, "%s: '%s' is neither packets=N nor bytes=N%%", what, item);
}

int comparison_put_tolerance(struct settings *settings, const char *what, const char *value, struct error *err)
{
	struct settings_comparison put = settings->comparison;
	int ret;

	put.packets_tolerance = 0;
	put.bytes_tolerance = 0;
	ret = parse_list(what, value, put_one_tolerance, &put, err);
	if (ret == 0)
		settings->comparison = put;
	return ret;
}

int comparison_put_html(struct settings *settings, const char *what, const char *value, struct error *err)
{
	char *path;

	if (!*value)
		return fail(err, EINVAL, "%s: the name of a file is missing", what);
	if (strcmp(value, "-") == 0)
		return fail(err, EINVAL, "%s: standard output is the other report's; name a file", what);
	path = strdup(value);
	if (!path)
		return fail_memory(err, what);
	free(settings->comparison.html);
	settings->comparison.html = path;
	return 0;
}

int comparison_put_limit(struct settings *settings, const char *what, const char *value, struct error *err)
{
	return parse_number(what, value, 0, INT64_MAX, &settings->comparison.limit, err);
}
