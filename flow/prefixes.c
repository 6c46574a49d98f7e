#include "flow/prefixes.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/bisect.h"

/* An address as a number: IPv4 in the low 32 bits. */
__extension__ typedef unsigned __int128 number;

enum { DEEPEST = 129 }; /* prefixes that lie in each other: lengths 0 to 128 */

int flow_prefix_compare(const struct flow_prefix *a, const struct flow_prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(&a->base, &b->base, sizeof(a->base));
	return order ? order : (int)a->length - (int)b->length;
}

static int compare_items(const void *a, const void *b)
{
	return flow_prefix_compare(&((const struct flow_prefix_value *)a)->prefix,
				   &((const struct flow_prefix_value *)b)->prefix);
}

static inline uint32_t ipv4_number(const struct flow_address *address)
{
	const uint8_t *o = address->octets;

	return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

/* Half of an IPv6 address. */
static inline uint64_t half_number(const uint8_t octets[static 8])
{
	uint64_t half = 0;

	for (int i = 0; i < 8; i++)
		half = half << 8 | octets[i];
	return half;
}

static inline number ipv6_number(const struct flow_address *address)
{
	return (number)half_number(address->octets) << 64 | half_number(address->octets + 8);
}

/* ---- building ---- */

struct range {
	number start;
	uint32_t value;
};

struct builder {
	struct range *ranges;
	size_t count;
};

/* From that address on it is this value, whatever has been said of it before. */
static void begin(struct builder *builder, number start, uint32_t value)
{
	if (builder->count > 0 && builder->ranges[builder->count - 1].start == start)
		builder->count--;
	if (builder->count > 0 && builder->ranges[builder->count - 1].value == value)
		return;
	builder->ranges[builder->count++] = (struct range){ start, value };
}

/* A prefix that the sweep is inside of. */
struct open {
	number end; /* its last address */
	uint32_t value;
};

/* The sweep leaves the innermost one: behind it, it is that of the one around it. */
static size_t leave(struct builder *builder, const struct open *open, size_t depth, number highest)
{
	if (open[depth - 1].end != highest)
		begin(builder, open[depth - 1].end + 1, depth > 1 ? open[depth - 2].value : 0);
	return depth - 1;
}

/* Sweeps over the prefixes of one family in the order of flow_prefix_compare(). */
static void sweep(struct builder *builder, enum flow_family family, const struct flow_prefix_value *items, size_t count)
{
	number highest = family == FLOW_IPV4 ? UINT32_MAX : ~(number)0;
	unsigned bits = family == FLOW_IPV4 ? 32 : 128;
	struct open open[DEEPEST];
	size_t depth = 0;

	builder->count = 0;
	begin(builder, 0, 0);
	for (size_t i = 0; i < count; i++) {
		const struct flow_prefix *prefix = &items[i].prefix;
		number start = family == FLOW_IPV4 ? ipv4_number(&prefix->base) : ipv6_number(&prefix->base);
		number end = prefix->length < bits ? start | highest >> prefix->length : start;

		while (depth > 0 && open[depth - 1].end < start)
			depth = leave(builder, open, depth, highest);
		begin(builder, start, items[i].value);
		open[depth++] = (struct open){ end, items[i].value };
	}
	while (depth > 0)
		depth = leave(builder, open, depth, highest);
}

/* Appends the values of the ranges to those that there are. */
static bool keep_values(struct flow_prefixes *prefixes, size_t before, const struct builder *builder)
{
	uint32_t *values = realloc(prefixes->values, (before + builder->count) * sizeof(*values));

	if (!values)
		return false;
	prefixes->values = values;
	for (size_t i = 0; i < builder->count; i++)
		values[before + i] = builder->ranges[i].value;
	return true;
}

static bool keep_ipv4(struct flow_prefixes *prefixes, const struct builder *builder)
{
	prefixes->ipv4_count = builder->count;
	prefixes->ipv4_starts = calloc(builder->count, sizeof(*prefixes->ipv4_starts));
	for (size_t i = 0; prefixes->ipv4_starts && i < builder->count; i++)
		prefixes->ipv4_starts[i] = (uint32_t)builder->ranges[i].start;
	return prefixes->ipv4_starts && keep_values(prefixes, 0, builder);
}

static bool keep_ipv6(struct flow_prefixes *prefixes, const struct builder *builder)
{
	prefixes->ipv6_count = builder->count;
	prefixes->ipv6_highs = calloc(builder->count, sizeof(*prefixes->ipv6_highs));
	prefixes->ipv6_lows = calloc(builder->count, sizeof(*prefixes->ipv6_lows));
	if (!prefixes->ipv6_highs || !prefixes->ipv6_lows)
		return false;
	for (size_t i = 0; i < builder->count; i++) {
		prefixes->ipv6_highs[i] = (uint64_t)(builder->ranges[i].start >> 64);
		prefixes->ipv6_lows[i] = (uint64_t)builder->ranges[i].start;
	}
	return keep_values(prefixes, prefixes->ipv4_count, builder);
}

/* Those of IPv4 are the first `ipv4_count` of the sorted items. */
static bool build(struct flow_prefixes *prefixes, const struct flow_prefix_value *items, size_t count,
		  size_t ipv4_count)
{
	struct builder builder = { calloc(2 * count + 1, sizeof(*builder.ranges)), 0 };
	bool built = builder.ranges;

	if (built) {
		sweep(&builder, FLOW_IPV4, items, ipv4_count);
		built = keep_ipv4(prefixes, &builder);
	}
	if (built) {
		sweep(&builder, FLOW_IPV6, items + ipv4_count, count - ipv4_count);
		built = keep_ipv6(prefixes, &builder);
	}
	free(builder.ranges);
	return built;
}

static int build_sorted(struct flow_prefixes *prefixes, const struct flow_prefix_value *items, size_t count,
			struct error *err)
{
	size_t ipv4_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && compare_items(&items[i - 1], &items[i]) == 0)
			return fail(err, EEXIST, "prefixes: one stands there twice");
		ipv4_count += items[i].prefix.family == FLOW_IPV4;
	}
	return build(prefixes, items, count, ipv4_count) ? 0 : fail_memory(err, "prefixes");
}

int flow_prefixes_init(struct flow_prefixes *prefixes, const struct flow_prefix_value *items, size_t count,
		       struct error *err)
{
	struct flow_prefix_value *sorted = calloc(count + 1, sizeof(*sorted)); /* room for one where there is none */
	int ret;

	*prefixes = (struct flow_prefixes){ 0 };
	if (!sorted)
		return fail_memory(err, "prefixes");
	for (size_t i = 0; i < count; i++)
		sorted[i] = items[i];
	qsort(sorted, count, sizeof(*sorted), compare_items);
	ret = build_sorted(prefixes, sorted, count, err);
	free(sorted);
	if (ret < 0)
		flow_prefixes_finish(prefixes);
	return ret;
}

void flow_prefixes_finish(struct flow_prefixes *prefixes)
{
	free(prefixes->ipv4_starts);
	free(prefixes->ipv6_highs);
	free(prefixes->ipv6_lows);
	free(prefixes->values);
	*prefixes = (struct flow_prefixes){ 0 };
}

/* ---- looking up ---- */

/* Few prefixes are longer than 64 bits: the high halves alone tell nearly all ranges. */
static size_t ipv6_range(const struct flow_prefixes *prefixes, uint64_t high, uint64_t low)
{
	size_t at = flow_bisect_64(prefixes->ipv6_highs, prefixes->ipv6_count, high);

	if (prefixes->ipv6_highs[at] == high && prefixes->ipv6_lows[at] > low) {
		size_t first = high ? flow_bisect_64(prefixes->ipv6_highs, prefixes->ipv6_count, high - 1) : 0;

		at = first + flow_bisect_64(prefixes->ipv6_lows + first, at - first, low);
	}
	return at;
}

size_t flow_prefixes_range(const struct flow_prefixes *prefixes, enum flow_family family,
			   const struct flow_address *address)
{
	if (family == FLOW_IPV4)
		return flow_bisect_32(prefixes->ipv4_starts, prefixes->ipv4_count, ipv4_number(address));
	return prefixes->ipv4_count +
	       ipv6_range(prefixes, half_number(address->octets), half_number(address->octets + 8));
}

uint32_t flow_prefixes_find(const struct flow_prefixes *prefixes, enum flow_family family,
			    const struct flow_address *address)
{
	return prefixes->values[flow_prefixes_range(prefixes, family, address)];
}

size_t flow_prefixes_range_count(const struct flow_prefixes *prefixes)
{
	return prefixes->ipv4_count + prefixes->ipv6_count;
}

uint32_t flow_prefixes_range_value(const struct flow_prefixes *prefixes, size_t range)
{
	return prefixes->values[range];
}

void flow_prefixes_prefetch(const struct flow_prefixes *prefixes, enum flow_family family)
{
	if (family == FLOW_IPV4)
		flow_bisect_prefetch(prefixes->ipv4_starts, prefixes->ipv4_count * sizeof(*prefixes->ipv4_starts));
	else
		flow_bisect_prefetch(prefixes->ipv6_highs, prefixes->ipv6_count * sizeof(*prefixes->ipv6_highs));
}
