#include "compare/pairing.h"

#include <errno.h>
#include <stdlib.h>

/* An interface of the log and one of the capture that have flows in common. */
struct couple {
	size_t shared; /* flows */
	bool has_same_id;
	uint32_t interfaces[COMPARE_SIDES];
};

static bool is_same_id(const struct compare_ledger_interface *log, const struct compare_ledger_interface *capture)
{
	return log->id && capture->id && strcmp(log->id, capture->id) == 0;
}

static void couple(struct compare_pairing *pairing, uint32_t log, uint32_t capture)
{
	/* Which pair it is comes later: they stand in the order of the log's interfaces. */
	pairing->pair_of[COMPARE_LOG][log] = capture;
	pairing->pair_of[COMPARE_CAPTURE][capture] = log;
}

static bool is_free(const struct compare_pairing *pairing, enum compare_side side, uint32_t interface)
{
	return pairing->pair_of[side][interface] == COMPARE_NONE;
}

/* The first of the interfaces with the id of the capture's. */
static void pair_by_id(struct compare_pairing *pairing, const struct compare_ledger *log,
		       const struct compare_ledger *capture, bool configured_alone)
{
	for (uint32_t i = 0; i < capture->interface_count; i++) {
		if (!is_free(pairing, COMPARE_CAPTURE, i) ||
		    (configured_alone && !capture->interfaces[i].is_configured))
			continue;
		for (uint32_t j = 0; j < log->interface_count; j++) {
			if (!is_free(pairing, COMPARE_LOG, j) ||
			    !is_same_id(&log->interfaces[j], &capture->interfaces[i]))
				continue;
			couple(pairing, j, i);
			break;
		}
	}
}

/* ---- by the flows that they share ---- */

/* Couples while they are found. As many interfaces as there may be: only those are there that share something. */
struct couples {
	struct couple *items;
	size_t count, room;
};

static int order_of_interfaces(const struct couple *a, const struct couple *b)
{
	for (size_t side = 0; side < COMPARE_SIDES; side++)
		if (a->interfaces[side] != b->interfaces[side])
			return a->interfaces[side] < b->interfaces[side] ? -1 : 1;
	return 0;
}

static int by_interfaces(const void *a, const void *b)
{
	return order_of_interfaces(a, b);
}

/* Those that share most come first; then those of the same id; then in order of appearance. */
static int by_flows(const void *a, const void *b)
{
	const struct couple *left = a, *right = b;

	if (left->shared != right->shared)
		return left->shared < right->shared ? 1 : -1;
	if (left->has_same_id != right->has_same_id)
		return left->has_same_id ? -1 : 1;
	return order_of_interfaces(left, right);
}

/* Makes one of those that are the same. */
static void merge(struct couples *couples)
{
	size_t kept = 0;

	if (couples->count == 0)
		return;
	qsort(couples->items, couples->count, sizeof(*couples->items), by_interfaces);
	for (size_t i = 1; i < couples->count; i++) {
		if (order_of_interfaces(&couples->items[kept], &couples->items[i]) == 0)
			couples->items[kept].shared += couples->items[i].shared;
		else
			couples->items[++kept] = couples->items[i];
	}
	couples->count = kept + 1;
}

/* There is none left: merging may make some. */
static int make_room(struct couples *couples, struct error *err)
{
	size_t room = couples->room ? couples->room * 2 : 64;
	struct couple *items;

	merge(couples);
	if (couples->count < couples->room / 2)
		return 0;
	items = realloc(couples->items, room * sizeof(*items));
	if (!items)
		return fail_memory(err, "interfaces to compare");
	couples->items = items;
	couples->room = room;
	return 0;
}

static int add_couple(struct couples *couples, const struct couple *new, struct error *err)
{
	struct couple *last = couples->count ? &couples->items[couples->count - 1] : NULL;

	if (last && order_of_interfaces(last, new) == 0) {
		last->shared += new->shared;
		return 0;
	}
	if (couples->count == couples->room && make_room(couples, err) < 0)
		return -ENOMEM;
	couples->items[couples->count++] = *new;
	return 0;
}

/* Couples the interface of a flow of the log with all of the capture that have this flow, too. */
static int couple_flow(struct couples *couples, const struct compare_pairing *pairing, struct compare_kindred *kindred,
		       const struct compare_ledger *const ledgers[static COMPARE_SIDES], const struct compare_key *key,
		       struct error *err)
{
	const struct compare_flow *flow;
	struct compare_kin kin;
	int ret = compare_kindred_find(kindred, COMPARE_CAPTURE, COMPARE_SAME_BUT_INTERFACE, key, &kin, err);

	while (ret == 0 && (flow = compare_kin_next(&kin))) {
		struct couple new = { .shared = 1, .interfaces = { key->interface, flow->key.interface } };

		if (!is_free(pairing, COMPARE_CAPTURE, flow->key.interface))
			continue;
		new.has_same_id = is_same_id(&ledgers[COMPARE_LOG]->interfaces[key->interface],
					     &ledgers[COMPARE_CAPTURE]->interfaces[flow->key.interface]);
		ret = add_couple(couples, &new, err);
	}
	return ret;
}

static bool has_free(const struct compare_pairing *pairing, enum compare_side side, const struct compare_ledger *ledger)
{
	for (uint32_t i = 0; i < ledger->interface_count; i++)
		if (is_free(pairing, side, i))
			return true;
	return false;
}

static int pair_by_flows(struct compare_pairing *pairing,
			 const struct compare_ledger *const ledgers[static COMPARE_SIDES],
			 struct compare_kindred *kindred, struct error *err)
{
	const struct compare_ledger *log = ledgers[COMPARE_LOG];
	struct couples couples = { 0 };
	int ret = 0;

	if (!has_free(pairing, COMPARE_LOG, log) || !has_free(pairing, COMPARE_CAPTURE, ledgers[COMPARE_CAPTURE]))
		return 0;
	for (size_t i = 0; ret == 0 && i < log->flow_count; i++)
		if (is_free(pairing, COMPARE_LOG, log->flows[i].key.interface))
			ret = couple_flow(&couples, pairing, kindred, ledgers, &log->flows[i].key, err);
	merge(&couples);
	if (couples.count > 0)
		qsort(couples.items, couples.count, sizeof(*couples.items), by_flows);
	for (size_t i = 0; ret == 0 && i < couples.count; i++) {
		const uint32_t *interfaces = couples.items[i].interfaces;

		if (is_free(pairing, COMPARE_LOG, interfaces[COMPARE_LOG]) &&
		    is_free(pairing, COMPARE_CAPTURE, interfaces[COMPARE_CAPTURE]))
			couple(pairing, interfaces[COMPARE_LOG], interfaces[COMPARE_CAPTURE]);
	}
	free(couples.items);
	return ret;
}

/* ---- pairs, and their flows ---- */

/* Room for so many numbers, all COMPARE_NONE. */
static uint32_t *new_numbers(size_t count)
{
	uint32_t *numbers = malloc((count + 1) * sizeof(*numbers));

	for (size_t i = 0; numbers && i < count; i++)
		numbers[i] = COMPARE_NONE;
	return numbers;
}

static int make_pairs(struct compare_pairing *pairing, const struct compare_ledger *log, struct error *err)
{
	pairing->pairs = calloc(log->interface_count + 1, sizeof(*pairing->pairs));
	if (!pairing->pairs)
		return fail_memory(err, "interfaces to compare");
	for (uint32_t i = 0; i < log->interface_count; i++) {
		uint32_t capture = pairing->pair_of[COMPARE_LOG][i];

		if (capture == COMPARE_NONE)
			continue;
		pairing->pairs[pairing->count] = (struct compare_pair){ .interfaces = { i, capture } };
		pairing->pair_of[COMPARE_LOG][i] = (uint32_t)pairing->count;
		pairing->pair_of[COMPARE_CAPTURE][capture] = (uint32_t)pairing->count++;
	}
	return 0;
}

static void pair_flows(struct compare_pairing *pairing, const struct compare_ledger *log,
		       const struct compare_ledger *capture)
{
	for (size_t i = 0; i < capture->flow_count; i++) {
		struct compare_key key = capture->flows[i].key;
		uint32_t number = pairing->pair_of[COMPARE_CAPTURE][key.interface];
		const struct compare_flow *flow;

		if (number == COMPARE_NONE)
			continue;
		key.interface = pairing->pairs[number].interfaces[COMPARE_LOG];
		flow = compare_ledger_find(log, &key);
		if (flow) {
			pairing->partners[flow - log->flows] = (uint32_t)i;
			pairing->has_partner[i] = true;
			pairing->pairs[number].shared++;
		} else {
			pairing->pairs[number].unshared++;
		}
	}
}

int compare_pairing_make(struct compare_pairing *out, const struct compare_ledger *const ledgers[static COMPARE_SIDES],
			 struct compare_kindred *kindred, struct error *err)
{
	const struct compare_ledger *log = ledgers[COMPARE_LOG], *capture = ledgers[COMPARE_CAPTURE];

	out->pair_of[COMPARE_LOG] = new_numbers(log->interface_count);
	out->pair_of[COMPARE_CAPTURE] = new_numbers(capture->interface_count);
	out->partners = new_numbers(log->flow_count);
	out->has_partner = calloc(capture->flow_count + 1, sizeof(*out->has_partner));
	if (!out->pair_of[COMPARE_LOG] || !out->pair_of[COMPARE_CAPTURE] || !out->partners || !out->has_partner)
		return fail_memory(err, "interfaces to compare");
	if (log->interface_count == 1 && capture->interface_count == 1)
		couple(out, 0, 0);
	pair_by_id(out, log, capture, true);
	if (pair_by_flows(out, ledgers, kindred, err) < 0)
		return -ENOMEM;
	pair_by_id(out, log, capture, false);
	if (make_pairs(out, log, err) < 0)
		return -ENOMEM;
	pair_flows(out, log, capture);
	return 0;
}

void compare_pairing_clear(struct compare_pairing *pairing)
{
	free(pairing->pairs);
	free(pairing->pair_of[COMPARE_LOG]);
	free(pairing->pair_of[COMPARE_CAPTURE]);
	free(pairing->partners);
	free(pairing->has_partner);
	*pairing = (struct compare_pairing){ 0 };
}
