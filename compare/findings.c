#include "compare/findings.h"

#include <errno.h>
#include <stdlib.h>

int compare_findings_add(struct compare_result *result, size_t *room, const struct compare_finding *finding,
			 struct error *err)
{
	if (result->finding_count == *room) {
		size_t more = *room ? *room * 2 : 16;
		struct compare_finding *findings = realloc(result->findings, more * sizeof(*findings));

		if (!findings)
			return fail_memory(err, "differences");
		result->findings = findings;
		*room = more;
	}
	result->findings[result->finding_count++] = *finding;
	return 0;
}

static int order_of_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint64_t bytes_apart(const struct compare_finding *finding)
{
	return compare_sums_apart(finding->held[COMPARE_LOG].bytes, finding->held[COMPARE_CAPTURE].bytes);
}

/* As numbers, not as bytes: the order is the same on every machine. */
static int order_of_keys(const struct compare_key *a, const struct compare_key *b)
{
	int order = order_of_numbers(a->family, b->family);

	if (order == 0)
		order = memcmp(&a->source, &b->source, sizeof(a->source));
	if (order == 0)
		order = memcmp(&a->destination, &b->destination, sizeof(a->destination));
	if (order == 0)
		order = order_of_numbers(a->protocol, b->protocol);
	if (order == 0)
		order = order_of_numbers(a->source_port, b->source_port);
	if (order == 0)
		order = order_of_numbers(a->destination_port, b->destination_port);
	return order ? order : order_of_numbers(a->direction, b->direction);
}

static int order_of_findings(const void *a, const void *b)
{
	const struct compare_finding *left = a, *right = b;
	int order = order_of_numbers(left->key.interface, right->key.interface);

	if (order == 0)
		order = order_of_numbers(left->verdict == COMPARE_UNSEEN, right->verdict == COMPARE_UNSEEN);
	if (order == 0)
		order = order_of_numbers(left->cause, right->cause);
	if (order == 0)
		order = order_of_numbers(bytes_apart(right), bytes_apart(left));
	return order ? order : order_of_keys(&left->key, &right->key);
}

void compare_findings_sort(struct compare_result *result)
{
	if (result->finding_count > 0)
		qsort(result->findings, result->finding_count, sizeof(*result->findings), order_of_findings);
}
