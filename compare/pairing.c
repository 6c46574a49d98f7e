#include "compare/pairing.h"

#include <errno.h>
#include <stdlib.h>

/* An interface of the log and one of the capture, none of them paired yet. */
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

/* Numbers of the interfaces of a side that are free, as many as are counted. NULL: out of memory. */
static uint32_t *list_free(const struct compare_pairing *pairing, enum compare_side side,
			   const struct compare_ledger *ledger, size_t *count)
{
	uint32_t *list = calloc(ledger->interface_count + 1, sizeof(*list));

	*count = 0;
	for (uint32_t i = 0; list && i < ledger->interface_count; i++)
		if (is_free(pairing, side, i))
			list[(*count)++] = i;
	return list;
}

/* Adds the flows of the log to the couples of its interface; couples[column[log's interface] * columns + capture's]. */
static void count_shared(struct couple *couples, const uint32_t *rows, const uint32_t *columns, size_t column_count,
			 const struct compare_ledger *log, const struct compare_ledger *capture)
{
	for (size_t i = 0; i < log->flow_count; i++) {
		struct compare_key key = log->flows[i].key;
		uint32_t row = rows[key.interface];

		for (size_t j = 0; row != COMPARE_NONE && j < column_count; j++) {
			key.interface = columns[j];
			couples[row * column_count + j].shared += compare_ledger_find(capture, &key) != NULL;
		}
	}
}

/* Those that share most come first; then those of the same id; then in order of appearance. */
static int order_of_couples(const void *a, const void *b)
{
	const struct couple *left = a, *right = b;

	if (left->shared != right->shared)
		return left->shared < right->shared ? 1 : -1;
	if (left->has_same_id != right->has_same_id)
		return left->has_same_id ? -1 : 1;
	if (left->interfaces[COMPARE_LOG] != right->interfaces[COMPARE_LOG])
		return left->interfaces[COMPARE_LOG] < right->interfaces[COMPARE_LOG] ? -1 : 1;
	return left->interfaces[COMPARE_CAPTURE] < right->interfaces[COMPARE_CAPTURE] ? -1 : 1;
}

static void pair_couples(struct compare_pairing *pairing, struct couple *couples, size_t count)
{
	qsort(couples, count, sizeof(*couples), order_of_couples);
	for (size_t i = 0; i < count && couples[i].shared > 0; i++)
		if (is_free(pairing, COMPARE_LOG, couples[i].interfaces[COMPARE_LOG]) &&
		    is_free(pairing, COMPARE_CAPTURE, couples[i].interfaces[COMPARE_CAPTURE]))
			couple(pairing, couples[i].interfaces[COMPARE_LOG], couples[i].interfaces[COMPARE_CAPTURE]);
}

/* `lists` are of the free interfaces of each side; `rows` has room for a number for each interface of the log. */
static int pair_lists(struct compare_pairing *pairing, const struct compare_ledger *log,
		      const struct compare_ledger *capture, uint32_t *const lists[static COMPARE_SIDES],
		      const size_t counts[static COMPARE_SIDES], uint32_t *rows, struct error *err)
{
	size_t columns = counts[COMPARE_CAPTURE];
	struct couple *couples = calloc(counts[COMPARE_LOG] * columns + 1, sizeof(*couples));

	if (!couples)
		return fail_memory(err, "interfaces to compare");
	for (uint32_t i = 0; i < log->interface_count; i++)
		rows[i] = COMPARE_NONE;
	for (size_t i = 0; i < counts[COMPARE_LOG]; i++) {
		uint32_t row = lists[COMPARE_LOG][i];

		rows[row] = (uint32_t)i;
		for (size_t j = 0; j < columns; j++) {
			uint32_t column = lists[COMPARE_CAPTURE][j];

			couples[i * columns + j] = (struct couple){
				.has_same_id = is_same_id(&log->interfaces[row], &capture->interfaces[column]),
				.interfaces = { row, column },
			};
		}
	}
	count_shared(couples, rows, lists[COMPARE_CAPTURE], columns, log, capture);
	pair_couples(pairing, couples, counts[COMPARE_LOG] * columns);
	free(couples);
	return 0;
}

static int pair_by_flows(struct compare_pairing *pairing, const struct compare_ledger *log,
			 const struct compare_ledger *capture, struct error *err)
{
	size_t counts[COMPARE_SIDES];
	uint32_t *lists[COMPARE_SIDES] = {
		[COMPARE_LOG] = list_free(pairing, COMPARE_LOG, log, &counts[COMPARE_LOG]),
		[COMPARE_CAPTURE] = list_free(pairing, COMPARE_CAPTURE, capture, &counts[COMPARE_CAPTURE]),
	};
	uint32_t *rows = calloc(log->interface_count + 1, sizeof(*rows));
	int ret = 0;

	if (!lists[COMPARE_LOG] || !lists[COMPARE_CAPTURE] || !rows)
		ret = fail_memory(err, "interfaces to compare");
	else if (counts[COMPARE_LOG] > 0 && counts[COMPARE_CAPTURE] > 0)
		ret = pair_lists(pairing, log, capture, lists, counts, rows, err);
	free(lists[COMPARE_LOG]);
	free(lists[COMPARE_CAPTURE]);
	free(rows);
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

int compare_pairing_make(struct compare_pairing *out, const struct compare_ledger *log,
			 const struct compare_ledger *capture, struct error *err)
{
	out->pair_of[COMPARE_LOG] = new_numbers(log->interface_count);
	out->pair_of[COMPARE_CAPTURE] = new_numbers(capture->interface_count);
	out->partners = new_numbers(log->flow_count);
	out->has_partner = calloc(capture->flow_count + 1, sizeof(*out->has_partner));
	if (!out->pair_of[COMPARE_LOG] || !out->pair_of[COMPARE_CAPTURE] || !out->partners || !out->has_partner)
		return fail_memory(err, "interfaces to compare");
	if (log->interface_count == 1 && capture->interface_count == 1)
		couple(out, 0, 0);
	pair_by_id(out, log, capture, true);
	if (pair_by_flows(out, log, capture, err) < 0)
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
