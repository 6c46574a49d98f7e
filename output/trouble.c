#include "output/trouble.h"

#include <errno.h>
#include <inttypes.h>

bool output_trouble_may_pass(int code)
{
	return code != -EPIPE && code != -ENOMEM && code != -EBADF;
}

void output_trouble_begin(struct output_trouble *trouble, const char *why)
{
	trouble->errors++;
	trouble->is_on = true;
	if (!trouble->was_told)
		notify(trouble->notices, "%s; up to %zu bytes of records are kept in memory until it can be", why,
		       trouble->most);
	trouble->was_told = true;
}

void output_trouble_over(struct output_trouble *trouble)
{
	if (!trouble->was_told)
		return;
	trouble->was_told = false;
	if (trouble->dropped > 0)
		notify(trouble->notices,
		       "records can be written again; %" PRIu64
		       " were lost meanwhile, and SKIPDATA lines say of which interfaces and windows",
		       trouble->dropped);
	else
		notify(trouble->notices, "records can be written again; none were lost");
	trouble->dropped = 0;
}
