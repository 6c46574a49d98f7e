#include "cli/command.h"

#include <errno.h>
#include <string.h>

#include "output/nearest.h"

const struct command_row command_rows[COMMAND_END] = {
	[COMMAND_READ] = { "read", "[OPTION]... FILE...", "captures or flow logs in, flow log records out" },
	[COMMAND_CAPTURE] = { "capture", "[OPTION]... DEVICE...", "watch live devices until stopped" },
	[COMMAND_COMPARE] = { "compare", "[OPTION]... LOG... -- CAPTURE...",
			      "hold a flow log against captures of the same traffic" },
	[COMMAND_INSPECT] = { "inspect", "FILE...", "what a capture holds, and an [interface] section to start from" },
	[COMMAND_EXPLAIN] = { "explain",
			      "[OPTION]... INTERFACE ingress|egress PROTOCOL\n"
			      "                       SOURCE[:PORT] DESTINATION[:PORT]",
			      "the verdict on a packet, and the rule that gives it" },
	[COMMAND_FIELDS] = { "fields", "", "every field of a record: name, version, type, meaning" },
};

int command_find(const char *name, struct error *err)
{
	const char *names[COMMAND_END + 2];
	char nearest[64];

	for (int i = 0; i < COMMAND_END; i++) {
		names[i] = command_rows[i].name;
		if (strcmp(name, names[i]) == 0)
			return i;
	}
	names[COMMAND_END] = "--help";
	names[COMMAND_END + 1] = "--version";
	output_nearest(name, strlen(name), names, COMMAND_END + 2, nearest, sizeof(nearest));
	if (*nearest)
		return fail(err, EINVAL, "%s: there is no such command; the nearest: %s; see eniflow --help", name,
			    nearest);
	return fail(err, EINVAL,
		    "%s: there is no such command; this version has read, capture, compare, inspect, explain and "
		    "fields; see "
		    "eniflow --help",
		    name);
}
