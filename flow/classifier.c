#include "flow/classifier.h"

#include <stdlib.h>

#include "flow/bisect.h"

enum { PROTOCOLS = 256, PORTS = 65536, PROTOCOL_ICMP = 1, PROTOCOL_ICMPV6 = 58, WORD_BITS = 64 };

struct flow_icmp_rule {
	int16_t type, code; /* or FLOW_RULE_ANY */
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

/* Makes the ranges of a protocol behind those that there are, and gives `ranges` their place. */
static bool add_ranges(struct flow_classifier *classifier, struct flow_port_ranges *ranges, size_t before, int protocol,
		       const struct flow_classified *items, size_t count)
{
	size_t words = classifier->words, most = before + 2 * count + 1;
	uint16_t *starts = realloc(classifier->port_starts, most * sizeof(*starts));
	uint64_t *rows;

	if (!starts)
		return false;
	classifier->port_starts = starts;
	ranges->first = (uint32_t)before;
	ranges->count = (uint32_t)collect_starts(starts + before, protocol, items, count);
	rows = realloc(classifier->port_rows, (before + ranges->count) * words * sizeof(*rows));
	if (!rows)
		return false;
	classifier->port_rows = rows;
	memset(rows + before * words, 0, ranges->count * words * sizeof(*rows));
	for (size_t range = before; range < before + ranges->count; range++)
		for (size_t i = 0; i < count; i++)
			if (matches_port(items[i].rule, protocol, starts[range]))
				set_bit(rows + range * words, i);
	return true;
}

/* Does any rule treat the protocol as others are not? None looks at ports of ICMP. */
static bool is_named(int protocol, const struct flow_classified *items, size_t count)
{
	bool named = is_icmp(protocol);

	for (size_t i = 0; !named && i < count; i++)
		named = items[i].rule->protocol == protocol;
	return named;
}

static bool build_ports(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	struct flow_port_ranges *ranges = classifier->by_protocol, others;
	size_t before;

	if (!add_ranges(classifier, &others, 0, -1, items, count))
		return false;
	before = others.count;
	for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
		ranges[protocol] = others;
		if (!is_named(protocol, items, count))
			continue;
		if (!add_ranges(classifier, &ranges[protocol], before, protocol, items, count))
			return false;
		before += ranges[protocol].count;
	}
	return true;
}

/* ---- peers ---- */

/* Many rules can be about one list of peers, the members of a group: it is looked at for the first of them alone. */
static int compare_lists(const void *a, const void *b)
{
	const struct flow_classified *one = *(const struct flow_classified *const *)a,
				     *other = *(const struct flow_classified *const *)b;

	if (one->peers != other->peers)
		return (uintptr_t)one->peers < (uintptr_t)other->peers ? -1 : 1;
	if (one->peer_count != other->peer_count)
		return one->peer_count < other->peer_count ? -1 : 1;
	return one < other ? -1 : one > other;
}

static bool shares_list(const struct flow_classified *one, const struct flow_classified *other)
{
	return one->peers == other->peers && one->peer_count == other->peer_count;
}

/* By rule: the first one with its list of peers. NULL: no memory. */
static size_t *find_firsts(const struct flow_classified *items, size_t count)
{
	const struct flow_classified **order = calloc(count + 1, sizeof(*order)); /* room for one where there is none */
	size_t *firsts = calloc(count + 1, sizeof(*firsts));

	for (size_t i = 0; order && i < count; i++)
		order[i] = &items[i];
	if (order)
		qsort(order, count, sizeof(*order), compare_lists);
	for (size_t i = 0; order && firsts && i < count; i++) {
		bool shares = i > 0 && shares_list(order[i - 1], order[i]);

		firsts[order[i] - items] = shares ? firsts[order[i - 1] - items] : (size_t)(order[i] - items);
	}
	if (!order) {
		free(firsts);
		firsts = NULL;
	}
	free(order);
	return firsts;
}

/* A rule is about a prefix. */
struct mention {
	struct flow_prefix prefix;
	size_t rule;
};

static int compare_mentions(const void *a, const void *b)
{
	return flow_prefix_compare(&((const struct mention *)a)->prefix, &((const struct mention *)b)->prefix);
}

/* Leaves out rules that share another's list of peers. */
static size_t collect_mentions(struct mention *mentions, const struct flow_classified *items, const size_t *firsts,
			       size_t count)
{
	size_t all = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t peer = 0; firsts[i] == i && peer < items[i].peer_count; peer++)
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

/* What is said of a list's first rule is said of all that share the list. */
static void spread_rows(struct draft *draft, size_t words, const size_t *firsts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (firsts[i] == i)
			continue;
		for (uint64_t *row = draft->rows; row <= draft->rows + draft->count * words; row += words)
			if (row[firsts[i] / WORD_BITS] >> firsts[i] % WORD_BITS & 1)
				set_bit(row, i);
	}
}

/* The same rows, now by range of addresses: one look less. */
static bool copy_rows(struct flow_classifier *classifier, const struct draft *draft)
{
	size_t words = classifier->words, count = flow_prefixes_range_count(&classifier->peers);

	classifier->peer_rows = calloc(count * words, sizeof(*classifier->peer_rows));
	for (size_t i = 0; classifier->peer_rows && i < count; i++)
		memcpy(classifier->peer_rows + i * words,
		       draft->rows + flow_prefixes_range_value(&classifier->peers, i) * words,
		       words * sizeof(*draft->rows));
	return classifier->peer_rows;
}

static size_t count_prefixes(const struct draft *draft)
{
	size_t count = 0;

	for (size_t i = 0; i < draft->mention_count; i++)
		count += i == 0 || compare_mentions(&draft->mentions[i - 1], &draft->mentions[i]) != 0;
	return count;
}

static bool make_draft(struct draft *draft, size_t words, const struct flow_classified *items, const size_t *firsts,
		       size_t count)
{
	size_t most = 1; /* room for one where there is none */

	for (size_t i = 0; i < count; i++)
		most += firsts[i] == i ? items[i].peer_count : 0;
	draft->mentions = calloc(most, sizeof(*draft->mentions));
	if (!draft->mentions)
		return false;
	draft->mention_count = collect_mentions(draft->mentions, items, firsts, count);
	most = 1 + count_prefixes(draft);
	draft->prefixes = calloc(most, sizeof(*draft->prefixes));
	draft->rows = calloc(most * words, sizeof(*draft->rows));
	if (!draft->prefixes || !draft->rows)
		return false;
	write_rows(draft, words);
	spread_rows(draft, words, firsts, count);
	return true;
}

static bool build_peers(struct flow_classifier *classifier, const struct flow_classified *items, size_t count)
{
	struct draft draft = { 0 };
	size_t *firsts = find_firsts(items, count);
	bool built = firsts && make_draft(&draft, classifier->words, items, firsts, count) &&
		     flow_prefixes_init(&classifier->peers, draft.prefixes, draft.count, NULL) == 0 &&
		     copy_rows(classifier, &draft);

	free(firsts);
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

		classifier->icmp[i] = is_icmp(rule->protocol)
					      ? (struct flow_icmp_rule){ rule->icmp_type, rule->icmp_code }
					      : (struct flow_icmp_rule){ FLOW_RULE_ANY, FLOW_RULE_ANY };
	}
	return true;
}

int flow_classifier_init(struct flow_classifier *classifier, const struct flow_classified *items, size_t count,
			 struct error *err)
{
	*classifier = (struct flow_classifier){ .words = count ? (count - 1) / WORD_BITS + 1 : 1 };
	if (build_ports(classifier, items, count) && build_peers(classifier, items, count) &&
	    build_icmp(classifier, items, count))
		return 0;
	flow_classifier_finish(classifier);
	return fail_memory(err, "rules");
}

void flow_classifier_finish(struct flow_classifier *classifier)
{
	free(classifier->port_starts);
	free(classifier->port_rows);
	free(classifier->peer_rows);
	free(classifier->icmp);
	flow_prefixes_finish(&classifier->peers);
	*classifier = (struct flow_classifier){ 0 };
}

/* ---- looking up ---- */

static bool matches_icmp(const struct flow_icmp_rule *icmp, const struct flow_observation *packet)
{
	if (icmp->type != FLOW_RULE_ANY && !(packet->has_icmp && icmp->type == packet->icmp_type))
		return false;
	return icmp->code == FLOW_RULE_ANY || (packet->has_icmp && icmp->code == packet->icmp_code);
}

/* Rules are often in no cache. What has to be looked at is asked for before any of it is waited for. */
ptrdiff_t flow_classifier_first(const struct flow_classifier *classifier, const struct flow_observation *packet,
				const struct flow_address *peer)
{
	const struct flow_port_ranges *ranges = &classifier->by_protocol[packet->protocol];
	const uint64_t *by_port, *by_peer;
	const uint16_t *starts;
	size_t words;

	__builtin_prefetch(ranges);
	__builtin_prefetch(&classifier->peers.ipv6_count);
	words = classifier->words;
	starts = classifier->port_starts + ranges->first;
	flow_bisect_prefetch(starts, ranges->count * sizeof(*starts));
	flow_prefixes_prefetch(&classifier->peers, packet->family);
	by_port = classifier->port_rows +
		  (ranges->first + flow_bisect_16(starts, ranges->count, packet->destination_port)) * words;
	__builtin_prefetch(by_port);
	by_peer = classifier->peer_rows + flow_prefixes_range(&classifier->peers, packet->family, peer) * words;
	for (size_t word = 0; word < words; word++) {
		for (uint64_t both = by_port[word] & by_peer[word]; both; both &= both - 1) {
			size_t rule = word * WORD_BITS + (size_t)__builtin_ctzll(both);

			if (!is_icmp(packet->protocol) || matches_icmp(&classifier->icmp[rule], packet))
				return (ptrdiff_t)rule;
		}
	}
	return -1;
}
