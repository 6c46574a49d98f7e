#include "flow/classifier.h"

#include <stdlib.h>

#include "flow/bisect.h"
#include "flow/prefixes.h"

enum { PROTOCOLS = 256, PORTS = 65536, PROTOCOL_ICMP = 1, PROTOCOL_ICMPV6 = 58, WORD_BITS = 64 };

/* Bits of the rules that a protocol matches on each range of ports, up to the start of the next range. */
struct port_table {
	uint16_t *starts; /* the first is 0 */
	uint64_t *rows;   /* one for each range */
	size_t count;
};

struct icmp {
	int16_t type, code; /* or FLOW_RULE_ANY */
};

struct flow_classifier {
	size_t words;              /* in a row of bits; rules are bits in their order */
	struct port_table *tables; /* the first is for protocols that no rule names */
	size_t table_count;
	uint16_t table_of[PROTOCOLS]; /* numbers of tables */
	struct flow_prefixes *peers;  /* numbers of rows, from 1 */
	uint64_t *peer_rows;          /* the first is for addresses that no rule is about */
	struct icmp *icmp;            /* by rule */
};

static bool is_icmp(int protocol)
{
	return protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6;
}

static void set_bit(uint64_t *row, size_t bit)
{
	row[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
}

/* ---- ports ---- */

static int compare_ports(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* Do the rule's ports count for that protocol? -1: one that no rule names. */
static bool is_about_ports(const struct flow_rule *rule, int protocol)
{
	return !is_icmp(protocol) && (rule->protocol == FLOW_RULE_ANY || rule->protocol == protocol);
}

/* Where the ports of a rule begin or have ended, in order, each once, and 0. */
static size_t collect_starts(uint16_t *starts, int protocol, const struct flow_classified *items, size_t count)
{
	size_t all = 0, kept = 1;

	starts[all++] = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_about_ports(items[i].rule, protocol))
			continue;
		starts[all++] = items[i].rule->port_from;
		if (items[i].rule->port_to < PORTS - 1)
			starts[all++] = (uint16_t)(items[i].rule->port_to + 1);
	}
	qsort(starts, all, sizeof(*starts), compare_ports);
	for (size_t i = 1; i < all; i++)
		if (starts[i] != starts[kept - 1])
			starts[kept++] = starts[i];
	return kept;
}

static bool matches_port(const struct flow_rule *rule, int protocol, uint16_t port)
{
	if (rule->protocol != FLOW_RULE_ANY && rule->protocol != protocol)
		return false;
	return is_icmp(protocol) || (rule->port_from <= port && port <= rule->port_to);
}

static bool build_table(struct port_table *table, size_t words, int protocol, const struct flow_classified *items,
			size_t count)
{
	table->starts = calloc(2 * count + 1, sizeof(*table->starts));
	if (!table->starts)
		return false;
	table->count = collect_starts(table->starts, protocol, items, count);
	table->rows = calloc(table->count * words, sizeof(*table->rows));
	if (!table->rows)
		return false;
	for (size_t range = 0; range < table->count; range++)
		for (size_t i = 0; i < count; i++)
			if (matches_port(items[i].rule, protocol, table->starts[range]))
				set_bit(table->rows + range * words, i);
	return true;
}

/* Marks the protocols that have a table of their own, and counts them. */
static size_t name_protocols(bool *is_named, const struct flow_classified *items, size_t count)
{
	size_t named = 0;

	is_named[PROTOCOL_ICMP] = is_named[PROTOCOL_ICMPV6] = true; /* no rule looks at their ports */
	for (size_t i = 0; i < count; i++)
		if (items[i].rule->protocol != FLOW_RULE_ANY)
			is_named[(uint8_t)items[i].rule->protocol] = true;
	for (size_t protocol = 0; protocol < PROTOCOLS; protocol++)
		named += is_named[protocol];
	return named;
}

static bool build_tables(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	bool is_named[PROTOCOLS] = { false };

	classifier->tables = calloc(1 + name_protocols(is_named, items, count), sizeof(*classifier->tables));
	if (!classifier->tables)
		return false;
	for (int protocol = -1; protocol < PROTOCOLS; protocol++) {
		if (protocol >= 0 && !is_named[protocol])
			continue;
		if (protocol >= 0)
			classifier->table_of[protocol] = (uint16_t)classifier->table_count;
		if (!build_table(&classifier->tables[classifier->table_count++], classifier->words, protocol, items,
				 count))
			return false;
	}
	return true;
}

/* ---- peers ---- */

/* A rule is about a prefix. */
struct mention {
	struct flow_prefix prefix;
	size_t rule;
};

static int compare_mentions(const void *a, const void *b)
{
	return flow_prefix_compare(&((const struct mention *)a)->prefix, &((const struct mention *)b)->prefix);
}

static size_t collect_mentions(struct mention *mentions, const struct flow_classified *items, size_t count)
{
	size_t all = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t peer = 0; peer < items[i].peer_count; peer++)
			mentions[all++] = (struct mention){ items[i].peers[peer], i };
	qsort(mentions, all, sizeof(*mentions), compare_mentions);
	return all;
}

static bool holds(const struct flow_prefix *outer, const struct flow_prefix *inner)
{
	return outer->length <= inner->length && flow_prefix_contains(outer, inner->family, &inner->base);
}

/* Gives every prefix its row: what is said of it, and of all prefixes around it. `mentions` are in the order of
 * flow_prefix_compare(). How many prefixes there are; row 0 is not theirs. */
static size_t build_rows(struct flow_classifier *classifier, struct flow_prefix_value *prefixes,
			 const struct mention *mentions, size_t count)
{
	size_t around[129], depth = 0, last = 0; /* numbers of prefixes that lie in each other */

	for (size_t i = 0; i < count; i++) {
		const struct flow_prefix *prefix = &mentions[i].prefix;

		if (last == 0 || flow_prefix_compare(&prefixes[last - 1].prefix, prefix) != 0) {
			uint64_t *row = classifier->peer_rows + (last + 1) * classifier->words;

			while (depth > 0 && !holds(&prefixes[around[depth - 1]].prefix, prefix))
				depth--;
			if (depth > 0)
				memcpy(row, classifier->peer_rows + (around[depth - 1] + 1) * classifier->words,
				       classifier->words * sizeof(*row));
			around[depth++] = last;
			prefixes[last] = (struct flow_prefix_value){ *prefix, (uint32_t)last + 1 };
			last++;
		}
		set_bit(classifier->peer_rows + last * classifier->words, mentions[i].rule);
	}
	return last;
}

static bool build_peers(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	struct flow_prefix_value *prefixes;
	struct mention *mentions;
	size_t all = 0;
	bool built = false;

	for (size_t i = 0; i < count; i++)
		all += items[i].peer_count;
	mentions = calloc(all + 1, sizeof(*mentions)); /* room for one where there is none */
	prefixes = calloc(all + 1, sizeof(*prefixes));
	classifier->peer_rows = calloc((all + 1) * classifier->words, sizeof(*classifier->peer_rows));
	if (mentions && prefixes && classifier->peer_rows) {
		all = build_rows(classifier, prefixes, mentions, collect_mentions(mentions, items, count));
		built = flow_prefixes_new(&classifier->peers, prefixes, all, NULL) == 0;
	}
	free(mentions);
	free(prefixes);
	return built;
}

/* ---- all of it ---- */

static bool build_icmp(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	classifier->icmp = calloc(count + 1, sizeof(*classifier->icmp)); /* room for one where there is none */
	if (!classifier->icmp)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct flow_rule *rule = items[i].rule;

		classifier->icmp[i] = is_icmp(rule->protocol) ? (struct icmp){ rule->icmp_type, rule->icmp_code }
							      : (struct icmp){ FLOW_RULE_ANY, FLOW_RULE_ANY };
	}
	return true;
}

int flow_classifier_new(struct flow_classifier **out, const struct flow_classified *items, size_t count,
			struct error *err)
{
	struct flow_classifier *classifier = calloc(1, sizeof(*classifier));

	if (!classifier)
		return fail_memory(err, "rules");
	classifier->words = count ? (count - 1) / WORD_BITS + 1 : 1;
	if (!build_tables(classifier, items, count) || !build_peers(classifier, items, count) ||
	    !build_icmp(classifier, items, count)) {
		flow_classifier_free(classifier);
		return fail_memory(err, "rules");
	}
	*out = classifier;
	return 0;
}

void flow_classifier_free(struct flow_classifier *classifier)
{
	if (!classifier)
		return;
	for (size_t i = 0; i < classifier->table_count; i++) {
		free(classifier->tables[i].starts);
		free(classifier->tables[i].rows);
	}
	free(classifier->tables);
	flow_prefixes_free(classifier->peers);
	free(classifier->peer_rows);
	free(classifier->icmp);
	free(classifier);
}

/* ---- looking up ---- */

static bool matches_icmp(const struct icmp *icmp, const struct flow_observation *packet)
{
	if (icmp->type != FLOW_RULE_ANY && !(packet->has_icmp && icmp->type == packet->icmp_type))
		return false;
	return icmp->code == FLOW_RULE_ANY || (packet->has_icmp && icmp->code == packet->icmp_code);
}

ptrdiff_t flow_classifier_first(const struct flow_classifier *classifier, const struct flow_observation *packet,
				const struct flow_address *peer)
{
	const struct port_table *table = &classifier->tables[classifier->table_of[packet->protocol]];
	size_t words = classifier->words;
	size_t range = flow_bisect_16(table->starts, table->count, packet->destination_port);
	const uint64_t *by_port = table->rows + range * words;
	const uint64_t *by_peer = classifier->peer_rows +
				  flow_prefixes_find(classifier->peers, packet->family, peer) * words;

	for (size_t word = 0; word < words; word++) {
		for (uint64_t both = by_port[word] & by_peer[word]; both; both &= both - 1) {
			size_t rule = word * WORD_BITS + (size_t)__builtin_ctzll(both);

			if (!is_icmp(packet->protocol) || matches_icmp(&classifier->icmp[rule], packet))
				return (ptrdiff_t)rule;
		}
	}
	return -1;
}
