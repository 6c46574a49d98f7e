#include "cli/accounts.h"

static void add_all(uint64_t *sum, const uint64_t *part, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += part[i];
}

void accounts_add(struct flow_account *sum, const struct flow_account *part)
{
	if (part->frames > 0) {
		if (sum->frames == 0 || part->first_ns < sum->first_ns)
			sum->first_ns = part->first_ns;
		if (part->last_ns > sum->last_ns)
			sum->last_ns = part->last_ns;
	}
	sum->frames += part->frames;
	sum->counted += part->counted;
	sum->filtered += part->filtered;
	sum->excluded += part->excluded;
	sum->non_ip += part->non_ip;
	sum->truncated += part->truncated;
	sum->malformed += part->malformed;
	sum->unmatched += part->unmatched;
	sum->unsupported += part->unsupported;
	sum->skipped += part->skipped;
	add_all(sum->excluded_as, part->excluded_as, FLOW_EXCLUSION_END);
	add_all(sum->records, part->records, FLOW_SKIPDATA + 1);
	sum->windows += part->windows;
	sum->late += part->late;
	sum->lost += part->lost;
	sum->flushes += part->flushes;
}
