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
	struct port_table *tables; /* the last is for protocols that no rule names */
	size_t table_count;
	struct flow_prefixes *peers;
	uint64_t *peer_rows;         /* bits of the rules that are about a peer; one row for each range of `peers` */
	struct icmp *icmp;           /* by rule */
	uint8_t table_of[PROTOCOLS]; /* numbers of tables */
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
	size_t named = name_protocols(is_named, items, count);

	classifier->tables = calloc(named + 1, sizeof(*classifier->tables));
	if (!classifier->tables)
		return false;
	for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
		/* Where all are named nobody asks for the last table, whose number is then too large. */
		classifier->table_of[protocol] = (uint8_t)(is_named[protocol] ? classifier->table_count : named);
		if (is_named[protocol] && !build_table(&classifier->tables[classifier->table_count++],
						       classifier->words, protocol, items, count))
			return false;
	}
	return build_table(&classifier->tables[classifier->table_count++], classifier->words, -1, items, count);
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

/* What is said of peers: prefixes, whose values are numbers of rows from 1. */
struct draft {
	struct mention *mentions; /* in the order of flow_prefix_compare() */
	size_t mention_count;
	struct flow_prefix_value *prefixes;
	uint64_t *rows; /* the first is for addresses that no rule is about */
	size_t count;
};

/* Gives every prefix its row: what is said of it, and of all prefixes around it. */
static void write_rows(struct draft *draft, size_t words)
{
	size_t around[129], depth = 0; /* numbers of prefixes that lie in each other */

	for (size_t i = 0; i < draft->mention_count; i++) {
		const struct flow_prefix *prefix = &draft->mentions[i].prefix;
		uint64_t *row = draft->rows + draft->count * words;

		if (draft->count == 0 || flow_prefix_compare(&draft->prefixes[draft->count - 1].prefix, prefix) != 0) {
			row += words;
			while (depth > 0 && !holds(&draft->prefixes[around[depth - 1]].prefix, prefix))
				depth--;
			if (depth > 0)
				memcpy(row, draft->rows + (around[depth - 1] + 1) * words, words * sizeof(*row));
			around[depth++] = draft->count++;
			draft->prefixes[draft->count - 1] = (struct flow_prefix_value){ *prefix,
											(uint32_t)draft->count };
		}
		set_bit(row, draft->mentions[i].rule);
	}
}

/* The same rows, now by range of addresses: one look less. */
static bool copy_rows(struct flow_classifier *classifier, const struct draft *draft)
{
	size_t words = classifier->words, count = flow_prefixes_range_count(classifier->peers);

	classifier->peer_rows = calloc(count * words, sizeof(*classifier->peer_rows));
	for (size_t i = 0; classifier->peer_rows && i < count; i++)
		memcpy(classifier->peer_rows + i * words,
		       draft->rows + flow_prefixes_range_value(classifier->peers, i) * words,
		       words * sizeof(*draft->rows));
	return classifier->peer_rows;
}

static bool build_peers(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	struct draft draft = { 0 };
	size_t most = 1; /* room for one where there is none */
	bool built = false;

	for (size_t i = 0; i < count; i++)
		most += items[i].peer_count;
	draft.mentions = calloc(most, sizeof(*draft.mentions));
	draft.prefixes = calloc(most, sizeof(*draft.prefixes));
	draft.rows = calloc(most * classifier->words, sizeof(*draft.rows));
	if (draft.mentions && draft.prefixes && draft.rows) {
		draft.mention_count = collect_mentions(draft.mentions, items, count);
		write_rows(&draft, classifier->words);
		built = flow_prefixes_new(&classifier->peers, draft.prefixes, draft.count, NULL) == 0 &&
			copy_rows(classifier, &draft);
	}
	free(draft.mentions);
	free(draft.prefixes);
	free(draft.rows);
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
	const uint64_t *by_port, *by_peer;

	flow_bisect_prefetch(table->starts, table->count * sizeof(*table->starts));
	flow_prefixes_prefetch(classifier->peers, packet->family);
	by_port = table->rows + flow_bisect_16(table->starts, table->count, packet->destination_port) * words;
	by_peer = classifier->peer_rows + flow_prefixes_range(classifier->peers, packet->family, peer) * words;
	for (size_t word = 0; word < words; word++) {
		for (uint64_t both = by_port[word] & by_peer[word]; both; both &= both - 1) {
			size_t rule = word * WORD_BITS + (size_t)__builtin_ctzll(both);

			if (!is_icmp(packet->protocol) || matches_icmp(&classifier->icmp[rule], packet))
				return (ptrdiff_t)rule;
		}
	}
	return -1;
}
